"""How fast the training room shows what is learned: the first changed filter, a moved playhead, and its bytes.

``python -m benchmarks.train_page`` drives Chromium on the page that ``node tools/build.js`` builds. The first changed
filter is timed from the click on Train to the end of the frame that paints it, by the clock; a moved playhead by the
handler and the next frame with layout and painting, without the wait for that frame.
"""

from __future__ import annotations

import time
from typing import Any

from .built_page import built_page
from .machine import print_times, row
from .network_page import READY, TAKEN, TIMED, VIEW, WHOLE

FILTER_MS, SEEK_MS, ROOM_KB = 200.0, 50.0, 40
ROUNDS, SEEKS = 7, 60

STAGE, ROOM = "/#v1&op=convolution", "/#v1&op=convolution&views=train"
STARTED = """() => document.querySelectorAll(".tr-filter.now").length > 0
  && document.querySelector(".tr-votes .output") !== null"""
ENDED = """() => document.querySelector(".tr-transport .place b")?.textContent === "600"
  && document.querySelector(".tr-table button") !== null"""
# Another seed for each turn: an experiment that has been trained already is not computed again.
SEED = """
(seed) => new Promise((resolve) => {
  const now = () => document.querySelector(".tr-filter.now").toDataURL();
  const before = now();
  const field = document.querySelector(".tr-settings input[aria-label=Seed]");
  field.value = String(seed);
  field.dispatchEvent(new Event("change", { bubbles: true }));
  const look = () => (now() === before ? requestAnimationFrame(look) : setTimeout(() => resolve(true), 1000));
  requestAnimationFrame(look);
})
"""
FIRST = """
() => new Promise((resolve) => {
  const now = () => [...document.querySelectorAll(".tr-filter.now")].map((one) => one.toDataURL()).join();
  const before = now();
  const begun = performance.now();
  document.querySelector(".primary.tr-train").click();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => resolve(performance.now() - begun);
  const look = () => (now() === before ? requestAnimationFrame(look) : port2.postMessage(0));
  requestAnimationFrame(look);
})
"""
SEEK = (
    "async (rounds) => {"
    + TIMED
    + """
  const scrub = document.querySelector(".tr-transport .scrub");
  const shown = () => document.querySelector(".tr-transport .place b").textContent;
  const times = [];
  for (let turn = 0; turn < rounds; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 120));
    scrub.value = String((turn * 227) % 600);
    times.push(await timed(() => scrub.dispatchEvent(new Event("input", { bubbles: true }))));
    if (shown() !== scrub.value) throw new Error(`${shown()} is on view, not ${scrub.value}`);
  }
  return times;
}
"""
)


def opened(browser: Any, url: str, ready: str) -> None:
    """A page on which a condition holds."""
    browser.open("about:blank")
    browser.open(url)
    wait(browser, ready)


def wait(browser: Any, condition: str) -> None:
    """Until a condition of the page holds, for a minute at most."""
    for _ in range(1200):
        if browser.evaluate(condition):
            return
        time.sleep(0.05)
    raise SystemExit(f"the page did not come to it: {condition}")


def main() -> None:
    """All of it, as a table."""
    with built_page(VIEW) as (server, browser):
        opened(browser, server.url + STAGE, READY)
        browser.evaluate(WHOLE)
        alone = browser.evaluate(TAKEN)
        first = []
        for turn in range(ROUNDS):
            opened(browser, server.url + ROOM, STARTED)
            browser.evaluate(SEED, 100 + turn)
            first.append(browser.evaluate(FIRST))
        print_times("Train to the first changed filter", first, FILTER_MS, 0.95)
        wait(browser, ENDED)
        browser.evaluate(WHOLE)
        print_times("the playhead moved to a kept snapshot", browser.evaluate(SEEK, SEEKS), SEEK_MS, 0.95)
        room = (browser.evaluate(TAKEN) - alone) / 1000
        words = f"{room:.1f} KB"
        print(row("the training room, compressed", words, f"≤ {ROOM_KB} KB", room <= ROOM_KB))


if __name__ == "__main__":
    main()
