"""How fast the page answers a hand, and what it costs to load, to play and to stand still.

``python -m benchmarks.page`` drives Chromium; ``--minutes 10`` plays that long for the heap. The page is the one that
is shipped, as ``node tools/build.js`` builds it; of the page as it is written only the start is measured.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import re
import time
from typing import Any

from . import chromium as browsers
from .machine import (
    describe,
    median,
    quantile,
    row,
)
from .server import Server

# (name, source of the link, rounds, aims in ms for the median and the 95th percentile)
SIZES = (
    ("9×9", "sample:cross", 60, 16.0, 32.0),
    ("64×64", "sample:scene;size=64", 40, 33.0, None),
    ("200×200×3", "sample:scene;size=200", 30, 50.0, None),
    ("1024×1024×3", "sample:scene;size=1024", 12, 100.0, None),
)
# The view of a small laptop. By itself Chromium's would be as low as a phone's on its side, which opens with a lens.
VIEW = {"width": 1280, "height": 720, "deviceScaleFactor": 1, "mobile": False}
# Of playing, until code that is compiled anew, and caches of what was seen, have settled.
WARM_UP_S = 120
# Font, icon, pictures and the first numbers, as tests/browser/test_first_view.py leaves them out.
BESIDE = re.compile(r"/frames$|\.(woff2|png|svg|webp)$")
SLOW = {"latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
FAST = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}

# Moves the kernel's slider to and fro: from the event to the frame that shows it, and to the numbers of the setting.
SLIDE = """
async ([rounds, numbers]) => {
  const slider = document.querySelector("[data-parameter=kernel] input[type=range]");
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now());
    channel.port2.postMessage(0);
  }));
  const painted = [], exact = [];
  for (let round = 0; round < rounds; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 30 + Math.random() * 40));
    slider.value = String(round % 2 ? 3 : 5);
    const begun = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    painted.push((await frame()) - begun);
    if (!numbers) continue;
    while (!document.querySelector(".sum-body .result")) await frame();
    exact.push(performance.now() - begun);
  }
  return [painted, exact];
}
"""

PLAY = """
async (seconds) => {
  const buttons = [...document.querySelectorAll("#transport button")];
  buttons.find((one) => /^play/i.test(one.getAttribute("aria-label"))).click();
  const times = [];
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end)
    times.push(await new Promise((resolve) => requestAnimationFrame(resolve)));
  return times;
}
"""


PLAYS = """() => [...document.querySelectorAll("#transport button")]
  .some((one) => /^pause/i.test(one.getAttribute("aria-label") ?? ""))"""


def opened(browser: browsers.Chromium, url: str) -> float:
    """Go to a page; the seconds until it is ready, by its own clock."""
    browser.call("Page.navigate", url="about:blank")
    browser.call("Page.navigate", url=url)
    while not browser.evaluate("() => document.documentElement?.dataset.ready === 'true'"):
        time.sleep(0.02)
    ready: float = browser.evaluate(
        "() => performance.getEntriesByType('mark').find((one) => one.name === 'ready')?.startTime ?? performance.now()"
    )
    return ready / 1000


def slide(browser: browsers.Chromium, url: str) -> list[tuple[str, str, str, bool]]:
    """The slider at each size."""
    rows = []
    for name, source, rounds, aim, tail in SIZES:
        opened(browser, f"{url}/#v1&op=convolution&padding=same&source={source}")
        time.sleep(1.5)
        painted, exact = browser.evaluate(SLIDE, [rounds, name == "9×9"])
        middle, late = median(painted), quantile(painted, 0.95)
        rows.append(
            (f"slider to painted grid, {name}, median", f"{middle:.1f} ms", f"≤ {aim:.0f} ms", middle <= aim)
        )
        if tail:
            rows.append(
                (f"slider to painted grid, {name}, p95", f"{late:.1f} ms", f"≤ {tail:.0f} ms", late <= tail)
            )
        if exact:
            late = quantile(exact, 0.95)
            rows.append((f"slider to exact numbers, {name}, p95", f"{late:.1f} ms", "≤ 50 ms", late <= 50))
    return rows


def first_ready(browser: browsers.Chromium, url: str) -> float:
    """Seconds until the page is ready with nothing in the browser's cache: the median of several."""
    browser.call("Network.enable")
    browser.call("Network.setCacheDisabled", cacheDisabled=True)
    return median([opened(browser, f"{url}/") for _ in range(7)])


def load_as_written(browser: browsers.Chromium, url: str) -> list[tuple[str, str, str, bool]]:
    """Time of a first view of the modules as they are."""
    ready = first_ready(browser, url)
    return [("ready on loopback, modules as written", f"{ready:.2f} s", "≤ 0.6 s", ready <= 0.6)]


def load(browser: browsers.Chromium, url: str) -> list[tuple[str, str, str, bool]]:
    """Bytes, requests and time of a first view, on loopback and on a slow line."""
    ready = first_ready(browser, url)
    sizes = browser.evaluate(
        """() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
          .map((one) => [one.name, one.encodedBodySize])"""
    )
    # The budget is that of markup, styles and scripts: nobody waits for the font and the pictures.
    awaited = [bytes_ for name, bytes_ in sizes if not BESIDE.search(name)]
    size, beside = sum(awaited), sum(bytes_ for _, bytes_ in sizes) - sum(awaited)
    foreign = [name for name, _ in sizes if not name.startswith(url)]
    browser.call("Network.emulateNetworkConditions", offline=False, **SLOW)
    slow = median([opened(browser, f"{url}/") for _ in range(3)])
    browser.call(
        "Network.emulateNetworkConditions",
        offline=False,
        latency=0,
        downloadThroughput=-1,
        uploadThroughput=-1,
    )
    return [
        ("first load, compressed", f"{size / 1000:.1f} KB", "≤ 60 KB", size <= 60_000),
        ("font and pictures beside it", f"{beside / 1000:.1f} KB", "≤ 175 KB", beside <= 175_000),
        ("first load, requests", str(len(sizes)), "≤ 16", len(sizes) <= 16),
        ("first load, requests to others", str(len(foreign)), "0", not foreign),
        ("ready on loopback", f"{ready:.2f} s", "≤ 0.3 s", ready <= 0.3),
        ("ready at 1.6 Mbit/s and 150 ms", f"{slow:.2f} s", "≤ 1.0 s", slow <= 1.0),
    ]


def task_seconds(browser: browsers.Chromium) -> float:
    """Seconds that the main thread has worked."""
    metrics = browser.call("Performance.getMetrics")["metrics"]
    seconds: float = next(one["value"] for one in metrics if one["name"] == "TaskDuration")
    return seconds


def heap(browser: browsers.Chromium) -> float:
    """Bytes of JavaScript objects: the median of several moments, since code and frames under way come and go."""
    used = []
    for _ in range(9):
        time.sleep(1)
        browser.call("HeapProfiler.collectGarbage")
        used.append(float(browser.call("Runtime.getHeapUsage")["usedSize"]))
    return median(used)


def stand_and_play(browser: browsers.Chromium, url: str, minutes: float) -> list[tuple[str, str, str, bool]]:
    """The cost of standing still, how evenly it plays, and whether playing keeps memory."""
    browser.call("Performance.enable")
    opened(browser, f"{url}/#v1&op=convolution&padding=1&source=sample:scene;size=64&speed=60&loop=0,4095")
    time.sleep(2)
    before = task_seconds(browser)
    time.sleep(10)
    idle = (task_seconds(browser) - before) / 10
    times: list[float] = browser.evaluate(PLAY, 5)
    gaps = [later - earlier for earlier, later in itertools.pairwise(times[30:])]
    rate = 1000 / (sum(gaps) / len(gaps))
    time.sleep(WARM_UP_S)
    first = heap(browser)
    time.sleep(60 * minutes)
    growth = heap(browser) / first - 1
    if not browser.evaluate(PLAYS):
        raise SystemExit("it no longer plays, so the heap means nothing")
    return [
        ("main thread while nothing moves, 10 s", f"{100 * idle:.2f} %", "≤ 0.5 %", idle <= 0.005),
        ("frames a second while playing", f"{rate:.1f}", "60", rate >= 59),
        (
            f"heap after {minutes:g} minutes of playing",
            f"{100 * growth:+.1f} %",
            "within 2 %",
            abs(growth) <= 0.02,
        ),
    ]


def main() -> None:
    """All of it, as a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1, help="how long to play for the heap")
    minutes: float = parser.parse_args().minutes
    executable = browsers.find()
    if executable is None:
        raise SystemExit("no Chromium was found; set CONVSCOPE_CHROMIUM")
    print(describe())
    forms: dict[str, list[Any]] = {
        "written": [load_as_written],
        "built": [load, slide, functools.partial(stand_and_play, minutes=minutes)],
    }
    for form, parts in forms.items():
        server = Server(environment={"CONVSCOPE_PAGE": form})
        try:
            with browsers.Chromium(executable) as browser:
                browser.call("Emulation.setDeviceMetricsOverride", **VIEW)
                for part in parts:
                    for one in part(browser, server.url):
                        print(row(*one), flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
