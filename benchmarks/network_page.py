"""How fast the page follows a hand in a network, and how many bytes the room of networks takes.

``python -m benchmarks.network_page`` drives Chromium on the page that ``node tools/build.js`` builds. A time
is that of the handler and of the next frame with layout and painting, without the wait for that frame.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from .built_page import built_page
from .machine import print_times, row

VIEW = {"width": 1440, "height": 900, "deviceScaleFactor": 1, "mobile": False}
CONV = "op=convolution&kernel=3&filters=16&padding=same&activation=relu"
POINT_MS = EDIT_MS = 16.0
CHAIN_MS = 33.0
EXACT_MS = 100.0
ROOM_KB = 40
ROUNDS = 60
EXACT_ROUNDS = 48

READY = "() => document.documentElement.dataset.ready === 'true'"
WHOLE = """async () => { await new Promise((resolve) => setTimeout(resolve, 4000)); return true; }"""
# All take the time of a handler and, in each of so many frames, from its first callback until a message behind it
# is heard, of what the page does in it, of layout and of painting.
TIMED = """
const worked = () => new Promise((resolve) => {
  let from = 0;
  requestAnimationFrame(() => { from = performance.now(); });
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(performance.now() - from);
    port2.postMessage(0);
  });
});
const timed = async (act, frames = 1) => {
  const first = worked();
  const begun = performance.now();
  act();
  let total = performance.now() - begun + (await first);
  for (let frame = 1; frame < frames; frame += 1) total += await worked();
  return total;
};
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
# An edit shows the chosen layer in the next frame, and the chain in the one after it.
EDIT = (
    "async ([rounds, frames]) => {"
    + TIMED
    + """
  const slider = document.querySelector("[data-parameter=kernel] input[type=range]");
  const times = [];
  for (let turn = 0; turn < rounds; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 120));
    slider.value = String(turn % 2 ? 3 : 5);
    times.push(await timed(() => slider.dispatchEvent(new Event("input", { bubbles: true })), frames));
  }
  return times;
}
"""
)
# From an edit to the numbers of the chosen layer on view, and to the last answer with those of the layers behind it.
# Each edit is a setting that was not there before, of about 16 filters: nothing of it is kept anywhere.
EXACT = """
async (rounds) => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const answers = () => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/run"));
  const set = (name, value) => {
    const slider = document.querySelector(`[data-parameter=${name}] input[type=range]`);
    slider.value = String(value);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const chosen = [], all = [];
  for (let turn = 0; turn < rounds; turn += 1) {
    if (turn % 16 === 0) set("kernel", 3 + 2 * (turn / 16));
    await new Promise((resolve) => setTimeout(resolve, 500));
    performance.clearResourceTimings();
    const begun = performance.now();
    set("filters", turn % 16 < 8 ? 8 + (turn % 16) : 9 + (turn % 16));
    await frame();
    while (!document.querySelector(".sum-body .result")) await frame();
    chosen.push(performance.now() - begun);
    for (let met = -1; met !== answers().length; ) {
      met = answers().length;
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    const last = answers().filter(({ startTime }) => startTime >= begun).map(({ responseEnd }) => responseEnd);
    all.push(Math.max(chosen.at(-1), ...last.map((end) => end - begun)));
  }
  return [chosen, all];
}
"""
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
    with built_page(VIEW) as (server, browser):
        opened(browser, server.url + link(12, "&views=network"))
        print_times("pointing at a cell of 12 layers at 64×64", browser.evaluate(POINT, ROUNDS), POINT_MS)
        opened(browser, server.url + link(5))
        print_times("an edit of a network of five layers", browser.evaluate(EDIT, [ROUNDS, 1]), EDIT_MS)
        print_times("the same to the whole chain", browser.evaluate(EDIT, [ROUNDS, 2]), CHAIN_MS)
        chosen, changed = browser.evaluate(EXACT, EXACT_ROUNDS)
        print_times("an edit to exact numbers, chosen layer", chosen, EXACT_MS, 0.95)
        print_times("an edit to exact numbers, all changed", changed, EXACT_MS, 0.95)
        opened(browser, server.url + f"/#v1&{CONV}&source=sample:scene;size=64&step=70")
        alone = browser.evaluate(TAKEN)
        opened(browser, server.url + link(2, "&views=network"))
        room = (browser.evaluate(TAKEN) - alone) / 1000
        print(row("the room of networks, compressed", f"{room:.1f} KB", f"≤ {ROOM_KB} KB", room <= ROOM_KB))


if __name__ == "__main__":
    main()
