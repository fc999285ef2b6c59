"""A full lecture hall: ``python -m benchmarks.load``. Many pages from one address, a slider each, for minutes.

Each page is a socket that keeps to the page's own protocol: a new start every two seconds with the credits that
the page gives, the numbers of 64 filters over 6×6×3 coming back. The generator is one process beside the server.
With ``--slow`` other pages join that read little or nothing of large streams, to see what they cost.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import random
import struct
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .machine import describe, quantile, row
from .server import Server

CREDITS = 24  # what the page grants a job
EVERY_S = 2.0
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


@dataclass
class Tally:
    """The counts of all pages together."""

    first_ms: list[float] = field(default_factory=list)
    whole_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    frames: int = 0
    bytes: int = 0
    superseded: int = 0


def setting(page: int, move: int) -> dict[str, Any]:
    """A slider position: kernel, stride and padding wander over what fits 6×6."""
    chance = random.Random(page * 1000 + move)
    layer = {
        "operation": "convolution",
        "kernel": chance.randint(1, 5),
        "stride": chance.randint(1, 3),
        "padding": chance.randint(0, 2),
        "filters": 64,
    }
    return {
        "type": "start",
        "job": move + 1,
        "layers": [layer],
        "source": {"kind": "noise", "shape": [3, 6, 6], "seed": page},
        "window": False,
        "input": move == 0,
        "weight": True,
        "credits": CREDITS,
    }


class Page(asyncio.Protocol):
    """One connection: as little work per message as Python allows, so that the server is measured."""

    def __init__(self, number: int, tally: Tally) -> None:
        self.number = number
        self.tally = tally
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None
        self.moves = 0
        self.job = 0
        self.sent = 0.0
        self.waiting = False
        self._buffer = bytearray()
        self._upgraded = False
        self.leaving = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        host, port = transport.get_extra_info("peername")[:2]
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /api/v1/stream HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
            f"Origin: http://{host}:{port}\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: convscope.v1\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(str(exc)))
        elif not self.leaving:
            self.tally.errors.append(f"connection lost: {exc}")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            head, found, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.opened.set_exception(ConnectionError(head.decode(errors="replace")))
                return
            self._upgraded = True
            self._buffer[:] = rest
            self.opened.set_result(None)
        while self._message():
            pass

    def _message(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        size, at = buffer[1] & 127, 2
        if size == 126:
            size, at = int.from_bytes(buffer[2:4]), 4
        elif size == 127:
            size, at = int.from_bytes(buffer[2:10]), 10
        if len(buffer) < at + size:
            return False
        kind = buffer[0] & 15
        if kind == BINARY:
            self._frame(buffer, at, size)
        elif kind == TEXT:
            self._text(bytes(buffer[at : at + size]))
        elif kind == PING:
            self._write(PONG, bytes(buffer[at : at + size]))
        elif kind == CLOSE:
            self.tally.errors.append(f"closed: {int.from_bytes(buffer[at : at + 2])}")
        del buffer[: at + size]
        return True

    def _frame(self, buffer: bytearray, at: int, size: int) -> None:
        job = int.from_bytes(buffer[at + 8 : at + 12], "little")
        self.tally.frames += 1
        self.tally.bytes += size
        if self.waiting and job == self.job:
            self.waiting = False
            self.tally.first_ms.append((time.perf_counter() - self.sent) * 1000)

    def _text(self, data: bytes) -> None:
        if b'"type":"end"' in data:
            self.tally.whole_ms.append((time.perf_counter() - self.sent) * 1000)
        elif b'"type":"superseded"' in data:
            self.tally.superseded += 1
        elif b'"type":"error"' in data:
            self.tally.errors.append(data.decode()[:300])

    def move(self) -> None:
        """The slider moves."""
        if self.transport is None or self.transport.is_closing():
            return
        message = setting(self.number, self.moves)
        self.moves += 1
        self.job, self.waiting = message["job"], True
        data = json.dumps(message).encode()
        self.sent = time.perf_counter()
        self._write(TEXT, data)

    def _write(self, kind: int, data: bytes) -> None:
        assert self.transport is not None
        head = struct.pack("!BB", 0x80 | kind, 0x80 | min(126, len(data)))
        if len(data) >= 126:
            head += struct.pack("!H", len(data))
        self.transport.write(head + b"\0\0\0\0" + data)  # a mask of zeros is a mask

    def close(self) -> None:
        """Hang up."""
        self.leaving = True
        if self.transport is not None:
            self.transport.close()


async def sliding(page: Page, until: float) -> None:
    """A person at a slider: a move every two seconds, each page at its own moment."""
    loop = asyncio.get_running_loop()
    due = loop.time() + EVERY_S * random.random()
    while due < until:
        await asyncio.sleep(max(0.0, due - loop.time()))
        page.move()
        due += EVERY_S


async def connected(server: Server, count: int, tally: Tally) -> list[Page]:
    """So many open pages, a few at a time, as a hall fills."""
    loop = asyncio.get_running_loop()
    pages: list[Page] = []
    for number in range(count):
        _, page = await loop.create_connection(lambda n=number: Page(n, tally), server.host, server.port)  # type: ignore[misc]
        pages.append(page)
        if number % 10 == 9:
            await asyncio.gather(*(one.opened for one in pages[-10:]))
    await asyncio.gather(*(page.opened for page in pages))
    return pages


async def lecture(server: Server, options: argparse.Namespace) -> dict[str, Any]:
    """The whole hall, from opening the pages to the last answer."""
    loop = asyncio.get_running_loop()
    tally = Tally()
    warm = await connected(server, 4, Tally())  # what a process loads at its first job is nobody's connection
    for _ in range(3):
        for page in warm:
            page.move()
        await asyncio.sleep(0.5)
    for page in warm:
        page.close()
    await asyncio.sleep(0.5)
    empty_kib = server.resident_kib()
    pages = await connected(server, options.pages, tally)
    await asyncio.sleep(1)
    open_kib = server.resident_kib()
    begun, cpu = loop.time(), server.cpu_s()
    until = begun + options.seconds
    tasks = [asyncio.create_task(sliding(page, until)) for page in pages]
    warm_s = min(60.0, options.seconds / 3)
    await asyncio.sleep(warm_s)
    warm_kib = server.resident_kib()
    samples = [warm_kib]
    while loop.time() < until:
        await asyncio.sleep(min(5.0, max(0.05, until - loop.time())))
        samples.append(server.resident_kib())
    await asyncio.gather(*tasks)
    took, cpu = loop.time() - begun, server.cpu_s() - cpu
    await asyncio.sleep(1)
    for page in pages:
        page.close()
    await asyncio.sleep(0.2)
    return {
        "tally": tally,
        "took_s": took,
        "cpu_s": cpu,
        "connection_kib": (open_kib - empty_kib) / options.pages,
        "used_kib": (max(samples) - empty_kib) / options.pages,
        "warm_kib": warm_kib,
        "growth": max(samples) / warm_kib - 1,
    }


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    server = Server(options.workers)
    try:
        found = asyncio.run(lecture(server, options))
    finally:
        server.stop()
    tally: Tally = found["tally"]
    for error, times in Counter(tally.errors).most_common(5):
        print(f"{times} ×: {error}")
    jobs, took, cpu = len(tally.whole_ms), found["took_s"], found["cpu_s"]
    if not jobs:
        raise SystemExit("no job came to its end")
    rate = jobs / took
    p50, p95, p99 = (quantile(tally.first_ms, share) for share in (0.5, 0.95, 0.99))
    print(describe())
    print(f"{options.pages} pages, a move every {EVERY_S:g} s each, {took:.0f} s, {options.workers} workers")
    print(
        f"{jobs:,} jobs, {tally.frames:,} frames, {tally.bytes / 2**20:,.0f} MiB; p99 of the first frame {p99:.0f} ms"
    )
    print(f"the server took {cpu / took:.2f} of a core, {cpu / jobs * 1000:.2f} ms a job\n")
    wanted = 215 * options.pages / 500
    print(row("jobs a second", f"{rate:.0f}", f"≥ {wanted:.0f}", rate >= wanted))
    print(row("first frame, p50", f"{p50:.1f} ms", "≤ 10 ms", p50 <= 10))
    print(row("first frame, p95", f"{p95:.1f} ms", "≤ 200 ms", p95 <= 200))
    kib = found["connection_kib"]
    print(row("memory of an open connection", f"{kib:.1f} KiB", "≤ 64 KB", kib <= 62.5))
    kib = found["used_kib"]
    print(row("memory of a connection in use, at most", f"{kib:.1f} KiB", "≤ 64 KB", kib <= 62.5))
    growth = found["growth"]
    print(row("growth after the first minute", f"{growth:.2%}", "≤ 2%", growth <= 0.02))
    print(row("errors", f"{len(tally.errors)}", "0", not tally.errors))


if __name__ == "__main__":
    main()
