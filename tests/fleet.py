"""Three replicas behind a real nginx, sharing a real Redis: the whole of compose.yaml on loopback."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from .services import (
    Service,
    free_port,
    running_nginx,
    running_redis,
)
from .serving import Server, running_server

ROOT = Path(__file__).resolve().parents[1]
REPLICAS = 3
HOLDER_DEADLINE_S = 90.0  # a page whose server was slow asks by POST, and for a socket half a minute later


@dataclass
class Fleet:
    """The proxy's address, and every part that a test may stop and start again."""

    url: str
    redis: Service
    nginx: Service
    folder: Path
    ports: list[int]
    replicas: dict[int, Server] = field(default_factory=dict)  # by number, those that run
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def proxy(self) -> Server:
        """The fleet as one server, for whoever asks it."""
        assert self.nginx.process is not None
        return Server(self.url, self.nginx.log, self.nginx.process)

    def environment(self) -> dict[str, str]:
        """The environment that compose.yaml sets."""
        return {
            **os.environ,
            "CONVSCOPE_UPLOADS": f"redis://127.0.0.1:{self.redis.port}/0",
            "CONVSCOPE_LOG": "json",
            "CONVSCOPE_DRAIN_S": "4",
            "CONVSCOPE_PROXIES": "127.0.0.1",
        }

    def start(self, number: int, **settings: str) -> Server:
        """Start replica ``number`` on its port, with settings of its own, such as ``CONVSCOPE_QUEUE``."""
        command = [sys.executable, "-m", "app", "serve", "--port", str(self.ports[number])]
        log = self.folder / f"replica-{number}-{time.monotonic_ns()}.log"
        running = running_server(command, cwd=ROOT, log=log, env=self.environment() | settings)
        self.replicas[number] = self._stack.enter_context(running)
        return self.replicas[number]

    def serving(self) -> dict[int, float]:
        """How many sockets each running replica has."""
        return self._measured("convscope_sockets")

    def trained(self) -> dict[int, float]:
        """How many seconds each running replica has trained."""
        return self._measured('convscope_compute_seconds_total{pool="training"}')

    def _measured(self, name: str) -> dict[int, float]:
        """A number that each running replica tells in /metrics; 0 where it has not told any yet."""
        found = {}
        for number, replica in self.replicas.items():
            if replica.process.poll() is None:
                lines = replica.fetch("/metrics")[1].decode().splitlines()
                values = (float(line.split()[1]) for line in lines if line.startswith(f"{name} "))
                found[number] = next(values, 0.0)
        return found

    def holder(self) -> int:
        """The replica that has the one socket there is: one that closed is counted a little longer, one may be late."""
        until = time.monotonic() + HOLDER_DEADLINE_S
        while sum((found := self.serving()).values()) != 1:
            assert time.monotonic() < until, found
            time.sleep(0.05)
        return next(number for number, sockets in found.items() if sockets)


@contextlib.contextmanager
def running_fleet(folder: Path) -> Iterator[Fleet]:
    """Everything, until the block ends."""
    ports = [free_port() for _ in range(REPLICAS)]
    configuration = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    with (
        running_redis(folder / "redis") as redis,
        running_nginx(folder / "nginx", configuration, ports) as nginx,
        contextlib.ExitStack() as stack,
    ):
        fleet = Fleet(f"http://127.0.0.1:{nginx.port}", redis, nginx, folder, ports, _stack=stack)
        with ThreadPoolExecutor(REPLICAS) as pool:
            list(pool.map(fleet.start, range(REPLICAS)))
        yield fleet
