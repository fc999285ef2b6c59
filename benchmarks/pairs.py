"""Whether a change made anything slower: this checkout and another, measured in turn, for kernels and page.

``python -m benchmarks.pairs /path/to/other/checkout`` prints, for each kernel and each figure of the page, the medians
of both and the median of the ratios of neighbouring turns, so that a change of the machine's clock meets both. The
other checkout must have this project's ``benchmarks`` and, where it builds a page, a built one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from statistics import geometric_mean
from types import TracebackType

from . import chromium as browsers
from .layers import ROWS, Row
from .machine import describe, median
from .page import FAST, SIZES, SLIDE, SLOW, VIEW, opened
from .server import ROOT, Server

SECONDS = 2.0  # for the turns of one kernel
TURNS = range(9, 300)
OPENINGS: dict[str, tuple[Mapping[str, float], int]] = {
    "on loopback": (FAST, 15),
    "at 1.6 Mbit/s and 150 ms": (SLOW, 5),
}
SLIDES = 3  # rounds of moves, for each size and side

# Runs in each checkout: makes the layers of a row, then times one call for each line that it reads.
WORKER = """
import json, sys, time
from benchmarks.layers import Row
from benchmarks.peers import Work, convscope
for line in sys.stdin:
    given = json.loads(line)
    if given:
        call = convscope(Work.of(Row(**{**given, "shape": tuple(given["shape"])})))
    begun = time.perf_counter()
    call()
    print(time.perf_counter() - begun, flush=True)
"""


class Worker:
    """A process of one checkout that computes kernels when asked, on one thread."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=root,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, row: Row | None = None) -> float:
        """Seconds of one call of the row that was given last."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(
            json.dumps(row and {one.name: getattr(row, one.name) for one in fields(row) if one.init}),
            file=self.process.stdin,
            flush=True,
        )
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit("a worker ended: its reason is above")
        return float(answer)

    def __enter__(self) -> Worker:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the process: it stops where its input does."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)


def line(title: str, before: Sequence[float], now: Sequence[float]) -> tuple[str, float]:
    """One row of the table, in milliseconds, and its ratio: the median of now through before, pair by pair."""
    ratio = median([mine / theirs for theirs, mine in zip(before, now, strict=True)])
    text = f"| {title} | {1000 * median(before):.3g} ms | {1000 * median(now):.3g} ms | {ratio:.2f} |"
    return text, ratio


def kernels(other: Path) -> None:
    """Every row of the table of kernels."""
    ratios = []
    with Worker(other) as theirs, Worker(ROOT) as ours:
        for row in ROWS:
            theirs.ask(row), ours.ask(row)
            before: list[float] = []
            now: list[float] = []
            begun = time.perf_counter()
            while len(now) < TURNS.start or (len(now) < TURNS.stop and time.perf_counter() - begun < SECONDS):
                before.append(theirs.ask())
                now.append(ours.ask())
            text, ratio = line(row.title, before, now)
            ratios.append(ratio)
            print(text, flush=True)
    print(f"| geometric mean | | | {geometric_mean(ratios):.2f} |", flush=True)


def page(other: Path, executable: str) -> None:
    """Start, bytes and answers of the page."""
    servers = [Server(root=other), Server(root=ROOT, environment={"CONVSCOPE_PAGE": "built"})]
    try:
        with browsers.Chromium(executable) as browser:
            browser.call("Emulation.setDeviceMetricsOverride", **VIEW)
            browser.call("Network.enable")
            browser.call("Network.setCacheDisabled", cacheDisabled=True)
            for server in servers:
                opened(browser, f"{server.url}/")
                print(server.url, "first view:", _first_view(browser))
            for name, (connection, rounds) in OPENINGS.items():
                browser.call("Network.emulateNetworkConditions", offline=False, **connection)
                turns = [[opened(browser, f"{one.url}/") for one in servers] for _ in range(rounds)]
                print(line(f"ready {name}", *zip(*turns, strict=True))[0], flush=True)
            browser.call("Network.emulateNetworkConditions", offline=False, **FAST)
            for name, source, rounds, *_ in SIZES:
                _slide(browser, servers, name, source, rounds)
    finally:
        for server in servers:
            server.stop()


def _first_view(browser: browsers.Chromium) -> str:
    sizes = browser.evaluate(
        """() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
          .map((one) => one.encodedBodySize)"""
    )
    return f"{sum(sizes) / 1000:.1f} KB in {len(sizes)} requests"


def _slide(browser: browsers.Chromium, servers: list[Server], name: str, source: str, rounds: int) -> None:
    """The slider, moved in turn on both pages, each opened anew."""
    painted: list[list[float]] = [[], []]
    exact: list[list[float]] = [[], []]
    for _ in range(SLIDES):
        for side, server in enumerate(servers):
            opened(browser, f"{server.url}/#v1&op=convolution&padding=same&source={source}")
            time.sleep(1.5)
            grid, numbers = browser.evaluate(SLIDE, [rounds, name == SIZES[0][0]])
            painted[side] += [one / 1000 for one in grid]
            exact[side] += [one / 1000 for one in numbers]
    print(line(f"slider to painted grid, {name}", *painted)[0], flush=True)
    if exact[0]:
        print(line(f"slider to exact numbers, {name}", *exact)[0], flush=True)


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pairs", description=__doc__)
    parser.add_argument("other", type=Path, help="a checkout of the commit to compare with")
    parser.add_argument("--only", choices=("kernels", "page"), help="one of the two tables")
    options = parser.parse_args()
    executable = browsers.find()
    print(describe())
    print("| | before | now | now ÷ before |\n|---|---|---|---|")
    if options.only != "page":
        kernels(options.other.resolve())
    if options.only != "kernels":
        if executable is None:
            raise SystemExit("no Chromium was found; set CONVSCOPE_CHROMIUM")
        page(options.other.resolve(), executable)


if __name__ == "__main__":
    main()
