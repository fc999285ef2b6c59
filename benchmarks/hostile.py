"""Ten thousand hostile requests against a real server, and what became of it: ``python -m benchmarks.hostile``."""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from .attacks import (
    ATTACKS,
    SHAKE,
    SLOW,
    Attack,
)
from .machine import describe, quantile, row
from .server import Server

TOTAL = 10_000
SLOW_EACH = 60  # of each slow kind, all at once
PATIENCE_S = 60.0  # for the answer to anything
AT_ONCE = 64  # many of them wait for a deadline
MUTE_S = 1.0  # after so long without a word a socket's client says that it will send no more
SEED = 20
SHED = (429, 503)


@dataclass
class Outcome:
    """The answers, and how long they took."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    hung: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, status: int | None, took_s: float) -> None:
        """One answer; a status of None never came, 0 is a connection closed without one."""
        with self.lock:
            if status is None:
                self.hung.append(kind)
            else:
                self.statuses[kind, status] += 1
            self.seconds.setdefault(kind, []).append(took_s)

    def defects(self) -> dict[str, int]:
        """Answers that own to a defect of the server: 5xx, unless it sheds load."""
        return {
            f"{kind}: {status}": count
            for (kind, status), count in self.statuses.items()
            if status >= 500 and status not in SHED
        }

    def shed(self) -> int:
        """Requests that were turned away for the moment."""
        return sum(count for (_, status), count in self.statuses.items() if status in SHED)

    @property
    def count(self) -> int:
        """All answers."""
        return sum(self.statuses.values()) + len(self.hung)


def ask(address: tuple[str, int], data: bytes) -> int | None:
    """Send bytes and read to the end: the status, 0 for a connection closed without, None for no end."""
    answer = b""
    try:
        with socket.create_connection(address, timeout=PATIENCE_S) as connection:
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                connection.sendall(data)
            if data.startswith(SHAKE):  # where no frame ends, only pings would tell that nobody is there
                connection.settimeout(MUTE_S)
                with contextlib.suppress(TimeoutError):
                    while part := connection.recv(65536):
                        answer = (answer + part)[:64]
                connection.settimeout(PATIENCE_S)
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                answer = (answer + part)[:64]
    except TimeoutError:
        return None
    except OSError:
        pass
    return _status(answer)


def _status(answer: bytes) -> int:
    words = answer.split(b" ", 2)
    return int(words[1]) if answer.startswith(b"HTTP/1.1 ") and words[1].isdigit() else 0


def dribble(address: tuple[str, int], begun: bytes, piece: bytes) -> int | None:
    """Send a piece every quarter of a second until the server hangs up."""
    answer, until = b"", time.monotonic() + PATIENCE_S
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        with socket.create_connection(address, timeout=0.25) as connection:
            connection.sendall(begun)
            while time.monotonic() < until:
                try:
                    connection.sendall(piece)
                    part = connection.recv(65536)
                except TimeoutError:
                    continue
                if not part:
                    return _status(answer[:64])
                answer += part[:64]
        return None
    return _status(answer[:64])


def attacks(share: float, seed: int) -> Iterator[tuple[str, Attack, random.Random]]:
    """The attacks of a share of the whole, mixed, each with a generator of its own."""
    draw = random.Random(seed)
    chosen = [
        (kind, attack)
        for kind, (attack, count) in ATTACKS.items()
        for _ in range(max(1, round(count * share)))
    ]
    draw.shuffle(chosen)
    for kind, attack in chosen:
        yield kind, attack, random.Random(draw.getrandbits(64))


def fire(address: tuple[str, int], share: float, seed: int, outcome: Outcome) -> None:
    """Everything that is sent at once, a few at a time."""

    def one(attack: tuple[str, Attack, random.Random]) -> None:
        kind, make, draw = attack
        data = make(draw)
        begun = time.monotonic()
        outcome.note(kind, ask(address, data), time.monotonic() - begun)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, attacks(share, seed)))


def crawl(
    address: tuple[str, int],
    each: int,
    outcome: Outcome,
    kinds: Mapping[str, tuple[bytes, bytes]] = SLOW,
) -> None:
    """Everything that is slow, all of it together."""

    def one(kind: str) -> None:
        begun = time.monotonic()
        outcome.note(kind, dribble(address, *kinds[kind]), time.monotonic() - begun)

    several = [kind for kind in kinds for _ in range(each)]
    with ThreadPoolExecutor(len(several)) as pool:
        list(pool.map(one, several))


def drawn(url: str, count: int, outcome: Outcome) -> None:
    """Requests drawn from the server's own description, good and bad ones, for every route."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis import strategies as st
    from schemathesis import GenerationMode

    document = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")
    found: Any = document.get_all_operations()
    operations = [one.ok() for one in found]
    each = -(-count // (2 * len(operations)))
    for operation in operations:
        for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
            _draw(operation, mode, each, outcome, (given, seed, settings, st, HealthCheck, Phase))


def _draw(operation: Any, mode: Any, count: int, outcome: Outcome, hypothesis: tuple[Any, ...]) -> None:
    given, seed, settings, st, health, phase = hypothesis
    left = count
    kind = "drawn by schemathesis"

    @seed(SEED)  # type: ignore[untyped-decorator]
    @settings(  # type: ignore[untyped-decorator]
        max_examples=count,
        database=None,
        deadline=None,
        phases=[phase.generate],
        suppress_health_check=list(health),
    )
    @given(st.data())  # type: ignore[untyped-decorator]
    def sent(data: Any) -> None:
        nonlocal left
        if left <= 0:
            return
        case = data.draw(operation.as_strategy(generation_mode=mode))
        left -= 1
        begun = time.monotonic()
        try:
            status: int | None = case.call(timeout=PATIENCE_S).status_code
        except Exception as error:  # whatever the client makes of it
            status = None if "timed out" in str(error).lower() else 0
        outcome.note(kind, status, time.monotonic() - begun)

    with contextlib.suppress(Exception):  # a strategy that can make nothing bad of a route without a body
        sent()


@contextlib.contextmanager
def probing(server: Server) -> Iterator[list[float]]:
    """How long /healthz takes meanwhile, asked ten times a second."""
    took: list[float] = []
    over = threading.Event()

    def ask_again() -> None:
        while not over.wait(0.1):
            begun = time.monotonic()
            server.ask("GET", "/healthz")
            took.append(time.monotonic() - begun)

    thread = threading.Thread(target=ask_again)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()


def open_files(server: Server) -> int:
    """Files and connections that the server holds."""
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in server.workers())


def fill(server: Server) -> None:
    """Fill the memory that the server keeps of inputs, 128 MB at most: filling it later would look like a leak."""
    for side in range(1000, 1024):
        source = {"kind": "sample", "name": "scene", "size": side}
        layer = {"operation": "max_pooling", "kernel": 32}
        server.ask("POST", "/api/v1/run", json.dumps({"layers": [layer], "source": source}).encode())


def main() -> None:
    """Run everything and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--total", type=int, default=TOTAL, help="requests in all (default: %(default)s)")
    total = parser.parse_args().total
    slow = SLOW_EACH * len(SLOW)
    at_once = sum(count for _, count in ATTACKS.values())
    by_schema = TOTAL - at_once - slow
    share = total / TOTAL
    print(f"{total:,} hostile requests, {AT_ONCE} at once, on {describe()}")
    server = Server()
    address = (server.host, server.port)
    try:
        _rounds(server, address, share, by_schema, slow)
    finally:
        server.stop()


def _rounds(server: Server, address: tuple[str, int], share: float, by_schema: int, slow: int) -> None:
    warm = Outcome()
    fire(address, share / 2, SEED - 1, warm)
    drawn(server.url, round(by_schema * share / 8), warm)
    fill(server)
    time.sleep(2)
    files = open_files(server)
    memory = [server.resident_kib() // 1024]
    outcome = Outcome()
    slow_each = max(1, round(slow * share / len(SLOW)))
    begun = time.monotonic()
    steps: list[Callable[[], None]] = [
        *(functools.partial(fire, address, share / 4, SEED + turn, outcome) for turn in range(4)),
        lambda: drawn(server.url, round(by_schema * share), outcome),
        # Of some routes the description allows too few different requests: others take their place.
        lambda: fire(address, _missing(outcome, share, slow_each), SEED + 9, outcome),
        lambda: crawl(address, slow_each, outcome),
    ]
    with probing(server) as probes:
        for step in steps:
            step()
            memory.append(server.resident_kib() // 1024)
    took_s = time.monotonic() - begun
    time.sleep(3)
    files_after = open_files(server)
    memory.append(server.resident_kib() // 1024)
    _print_kinds(outcome)
    defects, hung = outcome.defects(), Counter(outcome.hung)
    growth = memory[-1] / memory[1] - 1
    alive = server.ask("GET", "/healthz") == b'{"status":"ok"}' and server.process.poll() is None
    print()
    print(row("requests", f"{outcome.count:,}", "", True), f"in {took_s:.0f} s")
    print(
        row("answers that own to a defect (5xx)", f"{sum(defects.values())}", "0", not defects), defects or ""
    )
    print(row("turned away for the moment (429, 503)", f"{outcome.shed()}", "", True))
    print(
        row(f"no answer and no end within {PATIENCE_S:.0f} s", f"{len(outcome.hung)}", "0", not hung),
        dict(hung) or "",
    )
    print(row("/healthz meanwhile, p50", f"{quantile(probes, 0.5) * 1000:.1f} ms", "", True))
    print(row("/healthz meanwhile, p99", f"{quantile(probes, 0.99) * 1000:.0f} ms", "", True))
    print(row("/healthz meanwhile, slowest", f"{max(probes) * 1000:.0f} ms", "", True))
    print(row("memory after the warm-up and each round", "", "", True), " → ".join(map(str, memory)), "MiB")
    print(row("growth from the first round to the end", f"{growth:+.1%}", "≤ +2 %", growth <= 0.02))
    print(row("open files before and after", f"{files} → {files_after}", "the same", files_after <= files))
    print(row("the server lives", str(alive), "True", alive))


def _missing(outcome: Outcome, share: float, slow_each: int) -> float:
    """The requests still to be sent, as a share of all that are sent at once."""
    left = round(TOTAL * share) - slow_each * len(SLOW) - outcome.count
    return max(0, left) / sum(count for _, count in ATTACKS.values())


def _print_kinds(outcome: Outcome) -> None:
    print(f"\n{'kind':<24}{'sent':>7}  {'p50':>8}  {'slowest':>8}   answers")
    for kind in dict.fromkeys(kind for kind, _ in outcome.statuses):
        seconds = outcome.seconds[kind]
        counts = sorted((status, count) for (of, status), count in outcome.statuses.items() if of == kind)
        answers = ", ".join(f"{count}× {status or 'closed'}" for status, count in counts)
        p50, worst = quantile(seconds, 0.5) * 1000, max(seconds) * 1000
        print(f"{kind:<24}{len(seconds):>7}  {p50:>6.0f} ms  {worst:>5.0f} ms   {answers}")


if __name__ == "__main__":
    main()
