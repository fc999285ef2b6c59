"""A class that trains: ``python -m benchmarks.classroom``. Twenty pages at once, each with an experiment of its own.

Each page is a socket that asks as the page does, with a report every four training steps and every snapshot. Beside
them another client asks for a small layer ten times a second. Then all pages open one and the same experiment, which is
computed once. The server is one process; the clients run beside it on the same cores.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from .machine import describe, quantile, row
from .server import Server
from .sockets import BINARY, PlainSocket

Json = dict[str, Any]

PAGES = 20
SAME_PAGES = 500
CREDITS = 256
RATE_AIM, P99_AIM_MS, MEMORY_AIM_MB = 2.0, 50.0, 32.0
EVERY_S = 0.1
LAYERS: list[Json] = [
    {
        "operation": "convolution",
        "name": "conv1",
        "kernel": 3,
        "filters": 4,
        "bias": True,
        "activation": "relu",
    },
    {"operation": "max_pooling", "kernel": 2},
    {"operation": "dense", "name": "votes", "filters": 2, "bias": True},
]
RUN = json.dumps(
    {
        "layers": [{"operation": "convolution", "kernel": 3, "filters": 2}],
        "source": {"kind": "sample", "name": "cross"},
        "weights": {"kind": "preset", "name": "random", "seed": 1},
    }
).encode()


def experiment(seed: int, steps: int) -> Json:
    return {
        "layers": LAYERS,
        "data": {"kind": "strokes", "size": 12, "count": 60, "validation": 400, "shift": 2, "noise": 0.2},
        "optimiser": {"kind": "adam", "rate": 0.01},
        "batch": 20,
        "steps": steps,
        "seed": seed,
        "report": 4,
        "snapshots": 1,
        "checkpoints": 50,
    }


@dataclass
class Page:
    """One page: counts the reports that it is told, and grants credits as the page does."""

    server: Server
    seed: int
    steps: int
    reports: int = 0
    problem: str = ""
    ended: bool = False

    def follow(self, until: float) -> None:
        """Train until it ends, or the time is over."""
        socket = PlainSocket(self.server.host, self.server.port)
        socket.send({"type": "train", "job": 1, "credits": CREDITS, **experiment(self.seed, self.steps)})
        left = CREDITS
        while time.perf_counter() < until and not self.ended:
            kind, payload = socket.receive()
            if kind == BINARY:
                left -= 1
            else:
                message = json.loads(bytes(payload))
                left -= message["type"] == "step"
                self.reports += message["type"] == "step"
                self.ended = message["type"] in ("end", "error")
                if message["type"] == "error":
                    self.problem = message["problem"]["detail"]
            if left < CREDITS * 3 // 4:
                socket.send({"type": "credit", "job": 1, "n": CREDITS - left})
                left = CREDITS
        socket.close()


def ask(host: str, port: int, seconds: float) -> list[float]:
    """Ask for a small layer ten times a second, and note the milliseconds of each answer."""
    took_ms: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        begun = time.perf_counter()
        connection = http.client.HTTPConnection(host, port, timeout=20)
        connection.request("POST", "/api/v1/run", RUN, {"Content-Type": "application/json"})
        answer = connection.getresponse().read()
        connection.close()
        took_ms.append(1000 * (time.perf_counter() - begun))
        assert b"output" in answer, answer
        time.sleep(EVERY_S)
    return took_ms


def together(pages: list[Page], seconds: float) -> None:
    """All pages at once."""
    until = time.perf_counter() + seconds
    threads = [threading.Thread(target=page.follow, args=(until,)) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def own_experiments(server: Server, seconds: float) -> bool:
    """Twenty pages, each with an experiment of its own."""
    place = (server.host, server.port)
    with ProcessPoolExecutor(1) as other:  # a process of its own: threads of the pages would hold it up
        idle = other.submit(ask, *place, seconds / 4).result()
        before = server.resident_kib()
        pages = [Page(server, seed, 100_000) for seed in range(PAGES)]
        asking = other.submit(ask, *place, seconds)
        begun = time.perf_counter()
        together(pages, seconds)
        took = time.perf_counter() - begun
        beside = asking.result()
    grown = (server.resident_kib() - before) / 1024 / PAGES
    for page in pages:
        assert not page.problem, page.problem
    slowest = min(page.reports for page in pages) / took
    p99 = quantile(beside, 0.99)
    print(f"other requests without them: p50 {quantile(idle, 0.5):.1f} ms, p99 {quantile(idle, 0.99):.1f} ms")
    print(
        f"beside {PAGES} pages: p50 {quantile(beside, 0.5):.1f} ms, slowest {max(beside):.0f} ms, {len(beside)} asked"
    )
    print(f"all pages together: {sum(page.reports for page in pages) / took:.0f} updates a second")
    for line in (
        (
            f"updates a second of the slowest of {PAGES} pages",
            f"{slowest:.1f}",
            f">= {RATE_AIM:.0f}",
            slowest >= RATE_AIM,
        ),
        ("other requests' p99 beside them", f"{p99:.1f} ms", f"<= {P99_AIM_MS:.0f} ms", p99 <= P99_AIM_MS),
        ("memory an experiment", f"{grown:.1f} MiB", f"<= {MEMORY_AIM_MB:.0f} MB", grown <= MEMORY_AIM_MB),
    ):
        print(row(*line))
    return slowest >= RATE_AIM and p99 <= P99_AIM_MS and grown <= MEMORY_AIM_MB


def same_experiment(server: Server, count: int, steps: int) -> bool:
    """One page alone, then many at once: the computing time of both."""
    spent = []
    for seed, pages in ((1000, 1), (1001, count)):
        before = server.metric("convscope_compute_seconds_total")
        readers = [Page(server, seed, steps) for _ in range(pages)]
        begun = time.perf_counter()
        together(readers, 120)
        for page in readers:
            assert page.ended, page.problem
            assert not page.problem, page.problem
        spent.append((server.metric("convscope_compute_seconds_total") - before, time.perf_counter() - begun))
    (alone, _), (all_of_them, took) = spent
    print(
        f"{steps} training steps: computed in {alone:.2f} s for one page, in {all_of_them:.2f} s for {count} pages"
    )
    print(f"all {count} had the end within {took:.1f} s")
    return True


def main() -> None:
    """Both, with the machine's load before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--same", type=int, default=SAME_PAGES, help="pages that open the same experiment")
    options = parser.parse_args()
    print(describe())
    print("load before: " + ", ".join(f"{one:.1f}" for one in os.getloadavg()))
    server = Server()
    try:
        reached = own_experiments(server, options.seconds)
        same_experiment(server, options.same, 600)
    finally:
        server.stop()
    raise SystemExit(not reached)


if __name__ == "__main__":
    main()
