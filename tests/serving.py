"""Starts a Convscope server as a person would, finds its address in what it prints, and stops it again."""

from __future__ import annotations

import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_DEADLINE_S = 90.0
STOP_DEADLINE_S = 60.0
ADDRESS = re.compile(r"https?://[\w.\-\[\]:]+:\d+")

# Requests to a server on this machine never go through a proxy.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, and the file that it writes to."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End the server as a power cut would."""
        self.process.kill()
        self.process.wait(STOP_DEADLINE_S)

    def printed(self, start: int = 0) -> str:
        """The server's printed text from byte ``start`` on."""
        with self.log.open("rb") as file:
            file.seek(start)
            return file.read().decode(errors="replace")

    def fetch(
        self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, Mapping[str, str]]:
        """Status, body and headers, their names in lower case; a refusal raises ``urllib.error.HTTPError``."""
        request = urllib.request.Request(self.url + path, data=body, headers=dict(headers or {}))
        with _direct.open(request, timeout=60) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return response.status, response.read(), headers

    def answer(
        self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body, whatever the status."""
        try:
            return self.fetch(path, body, headers)[:2]
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()


@contextmanager
def running_server(
    command: Sequence[str], *, cwd: Path, log: Path, env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Runs ``command`` until the block ends; it must print its address and answer ``/healthz``.

    ``env`` is the whole environment of the server; left out, that of the test.
    """
    environment = {**(os.environ if env is None else env), "PYTHONUNBUFFERED": "1"}
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        ) as process,
    ):
        try:
            yield _wait_until_healthy(process, log)
        finally:
            process.terminate()
            try:
                process.wait(STOP_DEADLINE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise AssertionError(
                    f"the server did not stop within {STOP_DEADLINE_S} s of SIGTERM"
                ) from None


def _wait_until_healthy(process: subprocess.Popen[bytes], log: Path) -> Server:
    deadline = time.monotonic() + START_DEADLINE_S
    last: Exception | None = None
    while time.monotonic() < deadline:
        printed = log.read_text(errors="replace")
        if process.poll() is not None:
            raise AssertionError(f"the server ended with {process.returncode}:\n{printed}")
        if address := ADDRESS.search(printed):
            server = Server(address[0], log, process)
            try:
                server.fetch("/healthz")
            except OSError as error:
                last = error
            else:
                return server
        time.sleep(0.05)
    raise AssertionError(
        f"no healthy server after {START_DEADLINE_S} s ({last}):\n{log.read_text(errors='replace')}"
    )
