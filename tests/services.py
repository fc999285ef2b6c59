"""Services that the tests start beside Convscope, from the system's packages: a Redis and an nginx on loopback."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

START_DEADLINE_S = 60.0
STOP_DEADLINE_S = 60.0


def lacking(reason: str) -> None:
    """Skips the test; where nothing may be skipped, fails it."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} With CI=true no test may be skipped.", pytrace=False)
    pytest.skip(reason)


def program(name: str) -> str:
    """The path of a program, which Debian keeps from users in /usr/sbin, or no test."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        lacking(f"{name} is not here (on Debian or Ubuntu: sudo apt install {name}).")
        raise AssertionError
    return found


def free_port() -> int:
    """A port that nobody listens on now.

    None of those that the system gives to connections going out: it would give one away before it is listened on,
    or while a server that was killed comes back.
    """
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as taken, contextlib.suppress(OSError):
            taken.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


@dataclass
class Service:
    """A program that listens on a port of loopback, and can be stopped and started again."""

    command: Sequence[str]
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        until = time.monotonic() + START_DEADLINE_S
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        self.stop()
        raise AssertionError(f"{self.command[0]} does not listen:\n{self.log.read_text(errors='replace')}")

    def stop(self) -> None:
        """Kill it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(STOP_DEADLINE_S)
            self.process = None


@contextlib.contextmanager
def _running(command: Callable[[int], Sequence[str]], log: Path) -> Iterator[Service]:
    port = free_port()
    service = Service(command(port), port, log)
    service.start()
    try:
        yield service
    finally:
        service.stop()


@contextlib.contextmanager
def running_redis(folder: Path) -> Iterator[Service]:
    """A real redis-server that keeps nothing on disk: when it is stopped, all is lost."""
    server = program("redis-server")
    folder.mkdir(parents=True, exist_ok=True)

    def command(port: int) -> list[str]:
        words = f"--port {port} --bind 127.0.0.1 --appendonly no --daemonize no --dir {folder}".split()
        return [server, *words, "--save", ""]

    with _running(command, folder / "redis.log") as service:
        yield service


@contextlib.contextmanager
def running_nginx(folder: Path, configuration: str, replicas: Sequence[int]) -> Iterator[Service]:
    """A real nginx with our own configuration, its replicas and its port put on loopback."""
    server = program("nginx")
    folder.mkdir(parents=True, exist_ok=True)
    for number, port in enumerate(replicas, start=1):
        assert f"replica-{number}:8000" in configuration
        configuration = configuration.replace(f"replica-{number}:8000", f"127.0.0.1:{port}")
    configuration = configuration.replace("/tmp/nginx", f"{folder}/nginx")

    def command(port: int) -> list[str]:
        file = folder / "nginx.conf"
        file.write_text(configuration.replace("listen 8080", f"listen 127.0.0.1:{port}"))
        return [server, "-c", str(file), "-e", "stderr", "-g", "daemon off; master_process off;"]

    with _running(command, folder / "nginx.log") as service:
        yield service
