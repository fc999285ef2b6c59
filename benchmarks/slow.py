"""Who does not read costs no more than its credits: ``python -m benchmarks.slow``. Loopback, one process.

Pages ask for large streams with the credits of a real page and then stop reading, or read a kilobyte a second;
others grant credits without end and never read, or each ask for an input of their own. The growth of the
server, at most and at the end, when it has freed what nobody takes, is compared with its bound.
"""

from __future__ import annotations

import argparse
import time

from .machine import describe, quantile, row
from .server import Server
from .sockets import PlainSocket, start

FRAME_KIB = 256  # the largest frame
CREDITS = 24
SIZE = 1024


def pages(server: Server, count: int, credits: int, *, own: bool) -> list[PlainSocket]:
    """So many pages with a large stream each, and the smallest buffer that the system gives a reader.

    They ask for the same input, or each for its ``own``.
    """
    made = []
    for number in range(count):
        page = PlainSocket(server.host, server.port)
        page.shrink()
        page.send(start(number + 1, SIZE, credits=credits, seed=number + 1 if own else 0))
        made.append(page)
    return made


def growth_mib(
    server: Server, count: int, credits: int, *, seconds: float, trickle: bool = False, own: bool = False
) -> tuple[float, float, list[float]]:
    """MiB by which the server grows at most and in the end, and milliseconds of other requests meanwhile."""
    before = server.resident_kib()
    held = pages(server, count, credits, own=own)
    most, now, waits = 0, 0, []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        begun = time.perf_counter()
        server.ask("GET", "/healthz")
        waits.append((time.perf_counter() - begun) * 1000)
        now = server.resident_kib() - before
        most = max(most, now)
        if trickle:
            for page in held:
                page.sip(1024)
        time.sleep(0.5)
    for page in held:
        page.close()
    time.sleep(1)
    return most / 1024, now / 1024, waits


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.slow", description=__doc__)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    server = Server()
    try:
        # Memory that the process itself needs for such jobs is there before it is measured.
        growth_mib(server, 16, CREDITS, seconds=9, own=True)
        rows = []
        for name, credits, how in (
            ("pages that stop reading", CREDITS, {}),
            ("pages that read 2 KB a second", CREDITS, {"trickle": True}),
            ("as the first, with endless credits", 1_000_000, {}),
            ("as the first, each with its own input", CREDITS, {"own": True}),
        ):
            rows.append((name, *growth_mib(server, options.pages, credits, seconds=options.seconds, **how)))
    finally:
        server.stop()
    print(describe())
    print(f"{options.pages} pages, {SIZE}×{SIZE} with windows, {options.seconds:g} s each\n")
    aim = options.pages * CREDITS * FRAME_KIB / 1024
    for name, most, end, waits in rows:
        print(row(f"growth in the end, {name}", f"{end:.0f} MiB", f"≤ {aim:.0f} MiB", end <= aim))
        p95 = quantile(waits, 0.95)
        print(f"    {most:.0f} MiB at most; another request meanwhile, p95 {p95:.0f} ms")


if __name__ == "__main__":
    main()
