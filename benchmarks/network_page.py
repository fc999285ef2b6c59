"""How fast the page follows a hand in a network, and how many bytes the room of networks takes.

``python -m benchmarks.network_page`` drives Chromium on the page that ``node tools/build.js`` builds. A time
is that of the handler and of the next frame with layout and painting, without the wait for that frame.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from . import chromium as browsers
from .machine import describe, median, quantile, row
from .server import Server

VIEW = {"width": 1440, "height": 900, "deviceScaleFactor": 1, "mobile": False}
CONV = "op=convolution&kernel=3&filters=16&padding=same&activation=relu"
POINT_MS = EDIT_MS = 16.0
ROOM_KB = 40
ROUNDS = 60

READY = "() => document.documentElement.dataset.ready === 'true'"
WHOLE = """async () => { await new Promise((resolve) => setTimeout(resolve, 4000)); return true; }"""
# Both take the time of a handler and, from the first callback of the next frame until a message behind it is
# heard, of what the page does in it, of layout and of painting.
TIMED = """
const timed = (act) => new Promise((resolve) => {
  let from = 0;
  requestAnimationFrame(() => { from = performance.now(); });
  const begun = performance.now();
  act();
  const handled = performance.now() - begun;
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(handled + performance.now() - from);
    port2.postMessage(0);
  });
});
"""
POINT = (
    "async (rounds) => {"
    + TIMED
    + """
  const canvas = document.querySelector(".net-picture canvas");
  const row = document.querySelector(".net-row");
  row.scrollLeft = row.scrollWidth / 3;
  const times = [];
  const box = row.getBoundingClientRect();
  for (let turn = 0; times.length < rounds && turn < 4000; turn += 1) {
    const clientX = box.left + ((turn * 37) % box.width);
    const clientY = box.top + 110 + ((turn * 53) % (box.height - 120));
    const before = document.querySelector(".net-cell").textContent;
    const time = await timed(() =>
      canvas.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY, bubbles: true })));
    if (document.querySelector(".net-cell").textContent !== before) times.push(time);
  }
  return times;
}
"""
)
EDIT = (
    "async (rounds) => {"
    + TIMED
    + """
  const slider = document.querySelector("[data-parameter=kernel] input[type=range]");
  const times = [];
  for (let turn = 0; turn < rounds; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 120));
    slider.value = String(turn % 2 ? 3 : 5);
    times.push(await timed(() => slider.dispatchEvent(new Event("input", { bubbles: true }))));
  }
  return times;
}
"""
)
TAKEN = """() => performance.getEntriesByType("resource")
  .filter((one) => /\\.(js|css)$/.test(new URL(one.name).pathname))
  .reduce((bytes, one) => bytes + one.encodedBodySize, 0)"""


def link(layers: int, more: str = "") -> str:
    """A network of equal layers on a picture of 64×64."""
    further = "".join(f"&layer={quote(CONV, safe='')}" for _ in range(layers - 1))
    return f"/#v1&{CONV}&source=sample:scene;size=64{further}&chosen=2{more}"


def opened(browser: Any, url: str) -> None:
    """A page with all its numbers."""
    browser.open("about:blank")
    browser.open(url)
    while not browser.evaluate(READY):
        pass
    browser.evaluate(WHOLE)


def main() -> None:
    """All of it, as a table."""
    executable = browsers.find()
    if executable is None:
        raise SystemExit("no Chromium was found; set CONVSCOPE_CHROMIUM")
    print(describe())
    server = Server(environment={"CONVSCOPE_PAGE": "built"})
    try:
        with browsers.Chromium(executable) as browser:
            browser.call("Emulation.setDeviceMetricsOverride", **VIEW)
            opened(browser, server.url + link(12, "&views=network"))
            _print("pointing at a cell of 12 layers at 64×64", browser.evaluate(POINT, ROUNDS), POINT_MS)
            opened(browser, server.url + link(5))
            _print("an edit of a network of five layers", browser.evaluate(EDIT, ROUNDS), EDIT_MS)
            opened(browser, server.url + f"/#v1&{CONV}&source=sample:scene;size=64&step=70")
            alone = browser.evaluate(TAKEN)
            opened(browser, server.url + link(2, "&views=network"))
            room = (browser.evaluate(TAKEN) - alone) / 1000
            print(
                row("the room of networks, compressed", f"{room:.1f} KB", f"≤ {ROOM_KB} KB", room <= ROOM_KB)
            )
    finally:
        server.stop()


def _print(name: str, times: list[float], most: float) -> None:
    middle = median(times)
    text = f"{middle:.1f} ms, 95 % within {quantile(times, 0.95):.1f} ms"
    print(row(name, text, f"≤ {most:.0f} ms", middle <= most), flush=True)


if __name__ == "__main__":
    main()
