"""The cost of large JSON to others: ``python -m benchmarks.bodies``. Loopback, one process.

One client posts bodies of nearly 4 MB one after another, good and bad; another asks /healthz all the while.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from typing import Any

from .machine import describe, quantile
from .server import Server

LAYER = {"operation": "convolution", "kernel": 3}
PAUSE_S = 0.02


def bodies() -> dict[str, bytes]:
    """The bodies by what is in them, each just below the default limit."""

    def of(values: list[Any], **others: Any) -> bytes:
        source = {"kind": "values", "values": values}
        return json.dumps({"layers": [LAYER], "source": source, **others}, separators=(",", ":")).encode()

    return {
        "1,900,000 small numbers": of([[1] * 1000] * 1900),
        "600,000 long numbers": of([[0.0625 * (i % 9) + 0.001 for i in range(1000)]] * 600),
        "600,000 words for numbers": of([["NaN"] * 1000] * 600),
        "a row too short at the end": of([[1] * 1000] * 1899 + [[1] * 999]),
        "950,000 faults": of([[1]], include=["x"] * 950_000),
    }


def healthz_ms(server: Server, body: bytes | None, seconds: float) -> tuple[list[float], int]:
    """Milliseconds of /healthz while bodies come, and how many came."""
    waits, sent, until = [], 0, time.monotonic() + seconds

    def post() -> None:
        nonlocal sent
        while body is not None and time.monotonic() < until:
            server.ask("POST", "/api/v1/run", body)
            sent += 1

    poster = threading.Thread(target=post)
    poster.start()
    while time.monotonic() < until:
        begun = time.perf_counter()
        server.ask("GET", "/healthz")
        waits.append((time.perf_counter() - begun) * 1000)
        time.sleep(PAUSE_S)
    poster.join()
    return waits, sent


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bodies", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    options = parser.parse_args()
    server = Server(environment={"CONVSCOPE_CLIENT_RATE": "10000000", "CONVSCOPE_CLIENT_BURST": "100000000"})
    try:
        found = {
            name: healthz_ms(server, body, options.seconds)
            for name, body in {"nothing": None, **bodies()}.items()
        }
    finally:
        server.stop()
    print(describe())
    print(f"{'/healthz beside':30} {'bodies':>7} {'p50':>8} {'p99':>8} {'slowest':>8}")
    for name, (waits, sent) in found.items():
        p50, p99, most = quantile(waits, 0.5), quantile(waits, 0.99), max(waits)
        print(f"{name:30} {sent:7} {p50:5.1f} ms {p99:5.0f} ms {most:5.0f} ms")


if __name__ == "__main__":
    main()
