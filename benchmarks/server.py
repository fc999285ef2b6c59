"""The server that is measured, started as a person starts it, and what it costs in memory and processor time."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


class Server:
    """The application as ``./run`` starts it, from this checkout or from another."""

    def __init__(
        self, workers: int = 1, environment: Mapping[str, str] | None = None, root: Path = ROOT
    ) -> None:
        self._uploads = tempfile.TemporaryDirectory()
        known = {**os.environ, "CONVSCOPE_UPLOADS": self._uploads.name, **(environment or {})}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", "0", "--workers", str(workers)],
            cwd=root,
            stdout=subprocess.PIPE,
            text=True,
            env=known,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().rpartition(" ")[2].strip()
        self.host, _, port = self.url.removeprefix("http://").rpartition(":")
        self.port = int(port)
        while True:
            try:
                if self.metric("convscope_info") == workers:
                    return
            except OSError:
                pass
            time.sleep(0.05)

    def ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse().read()
        connection.close()
        return answer

    def metric(self, name: str) -> float:
        """The sum of a metric's samples over its labels."""
        lines = self.ask("GET", "/metrics").decode().splitlines()
        return sum(
            float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{"))
        )

    def workers(self) -> list[int]:
        """The processes that serve."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        serving = [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        return serving or [self.process.pid]

    def resident_kib(self) -> int:
        """Resident memory of all processes that serve."""
        return sum(_status(pid, "VmRSS:") for pid in self.workers())

    def cpu_s(self) -> float:
        """Processor time of all processes that serve."""
        total = 0.0
        for pid in self.workers():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) * TICK_S
        return total

    def stop(self) -> None:
        """End it as a terminal would."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._uploads.cleanup()


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise RuntimeError(f"no {name}")
