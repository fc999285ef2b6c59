"""Decoding in other processes, which can be ended: a picture costs its own process, never the server.

The processes of this one are started when they are needed, kept for the next picture, and ended when a picture takes
too long, when they fail, or by ``close``. A server that is killed closes their input, at which they end by themselves.
They know no setting and no secret of the server; what they answer is checked.
"""

from __future__ import annotations

import atexit
import dataclasses
import json
import logging
import math
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...core.errors import (
    Busy,
    Problem,
    TooLarge,
    Unfit,
    counted,
)
from .decode import Picture
from .formats import declared_note
from .limits import DEFAULT_LIMITS, Limits
from .npy import MAGIC, read_npy
from .worker import ANSWER, READY, REQUEST

T = TypeVar("T")
log = logging.getLogger("convscope")

START_S = 60  # for a process to import what it needs, on the slowest machine
MOST_HEAD = 100_000  # bytes of an answer's head
DTYPES = {"uint8", "uint16", "float32", "float64"}
_ROOT = Path(__file__).parents[3]
# Variables that a process may know: where Python and its libraries are, nothing of this server.
_PASSED = {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "VIRTUAL_ENV"}
_PASSED_PREFIXES = ("PYTHON", "LD_", "DYLD_", "LC_")


def needs_decoding(data: bytes) -> bool:
    """Whether an upload is anything but an array, which is read without a process."""
    return not data.startswith(MAGIC)


def read_upload(data: bytes, declared: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """The picture or array in ``data``, by its content; waits for a process that decodes it, or reads it here."""
    if not needs_decoding(data):
        array = read_npy(data, limits)
        return Picture(array, array.dtype.name, declared_note(".npy", declared))
    return decode_apart(data, declared, limits)


def done_apart(job: Job, data: bytes, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Run a job on bytes in another process; a Problem when that takes too long or fails."""
    process = _pool.take()
    try:
        return process.do(job, data, limits)
    finally:
        _pool.give_back(process)


def decode_apart(data: bytes, declared: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """What ``decode`` gives, from another process; a Problem when that takes too long or fails."""
    process = _pool.take()
    try:
        return process.decode(data, declared, limits)
    finally:
        _pool.give_back(process)


def close() -> None:
    """End the processes of this one, those that decode too; the next picture starts another."""
    _pool.close()


def environment_of(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that decodes."""
    passed = {
        name: value
        for name, value in environment.items()
        if name in _PASSED or name.startswith(_PASSED_PREFIXES)
    }
    paths = [str(_ROOT), *filter(None, [passed.get("PYTHONPATH")])]
    # One thread, and one arena of memory: what a picture needed goes back at once.
    return passed | {
        "PYTHONPATH": os.pathsep.join(paths),
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
    }


@dataclasses.dataclass(frozen=True)
class Job:
    """One kind of work that is done apart, and the words of its refusals.

    ``function`` of ``module`` takes bytes and gives bytes, or raises a Problem; nothing names it for pictures.
    """

    name: str
    field: str
    doing: str
    when_slow: str
    failing: str
    when_failing: str
    module: str = ""
    function: str = ""


PICTURE = Job(
    "picture",
    "image",
    "decoding",
    "Open it and save it again, or scale it down.",
    "its decoder fails on it",
    "Open it and save it again, as PNG.",
)


class _Pool:
    """The processes that wait for a picture, and those that decode one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Process] = []
        self._busy: set[Process] = set()

    def take(self) -> Process:
        """A process that waits, or a new one."""
        process = self._waiting()
        if process is None:
            process = Process()
            with self._lock:
                self._busy.add(process)
        return process

    def _waiting(self) -> Process | None:
        # One step decides that a process lives and that it is busy. ``close`` therefore ends it before, and nobody
        # gets it, or after, and who got it is told; nobody then starts another in its place.
        over: list[Process] = []
        try:
            with self._lock:
                while self._idle:
                    process = self._idle.pop()
                    if process.lives():
                        self._busy.add(process)
                        return process
                    over.append(process)
            return None
        finally:
            for process in over:
                process.end()

    def give_back(self, process: Process) -> None:
        """Keep a process for the next picture, or be rid of one that is over."""
        with self._lock:
            self._busy.discard(process)
            if process.lives():
                self._idle.append(process)
                return
        process.end()

    def close(self) -> None:
        """End all."""
        with self._lock:
            idle, busy = self._idle, list(self._busy)
            self._idle = []
        for process in busy:
            process.stop()
        for process in idle:
            process.end()

    def processes(self) -> list[int]:
        """Their numbers, for who watches them."""
        with self._lock:
            return [process.pid for process in (*self._idle, *self._busy)]


class Process:
    """One process that decodes, one picture after another."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-m", f"{__package__}.worker"]
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment_of(os.environ),
                start_new_session=True,  # Ctrl-C is for the server, which ends it
            )
        except OSError as error:
            log.error("no process that decodes pictures can be started: %s", error.strerror)
            raise Busy("it cannot start another process now", 5) from None
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._input, self._output = self._popen.stdin, self._popen.stdout
        self._over = False  # it was ended, or failed
        self._stopped = False  # by a server that stops
        with _Deadline(self, START_S):
            ready = self._output.read(len(READY))
        if ready != READY:
            self.end()
            log.error("the process that decodes pictures does not start: %s", " ".join(command))
            raise Busy("the process that decodes pictures does not start", 5)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._popen.pid

    def lives(self) -> bool:
        """Whether it can take a picture."""
        return not self._over and self._popen.poll() is None

    def decode(self, data: bytes, declared: str | None, limits: Limits) -> Picture:
        """What ``decode`` gives there."""
        return self._asked(PICTURE, {"declared": declared}, data, limits, lambda: self._answer(limits))

    def do(self, job: Job, data: bytes, limits: Limits) -> bytes:
        """Run the function of a job there, and return its bytes."""
        head = {"module": job.module, "function": job.function}
        return self._asked(job, head, data, limits, lambda: self._bytes(limits))

    def _asked(
        self, job: Job, call: dict[str, Any], data: bytes, limits: Limits, answer: Callable[[], T]
    ) -> T:
        """Ask for one job, and take the answer; the process is ended where it is not done in time."""
        head = json.dumps({**call, "limits": dataclasses.asdict(limits)}).encode()
        deadline = _Deadline(self, limits.decode_s)
        try:
            with deadline:
                self._input.write(REQUEST.pack(len(head), len(data)) + head)
                self._input.write(data)
                self._input.flush()
                return answer()
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            self._over = True
            if self._stopped:
                raise Busy(f"it stops, and did not come to the end of the {job.name}") from None
            if deadline.passed:
                log.warning("a %s was not read within %d s: its process was ended", job.name, limits.decode_s)
                raise TooLarge(
                    job.field,
                    counted(len(data), "byte"),
                    f"{job.doing} it takes longer than the {limits.decode_s} s that this server gives to a {job.name}",
                    job.when_slow,
                ) from None
            log.warning("a process that decodes pictures failed: %s", error)
            raise Unfit(job.field, counted(len(data), "byte"), job.failing, job.when_failing) from None

    def end(self) -> None:
        """End it and wait for that; it is idle, or over."""
        self._over = True
        with suppress(OSError):
            self._popen.kill()
        with suppress(OSError):
            self._input.close()
        self._output.close()
        self._popen.wait()

    def stop(self) -> None:
        """End it in the middle of a picture; who waits for that is told."""
        self._stopped = True
        self.kill()

    def kill(self) -> None:
        """End it; whoever reads from it comes to an end."""
        with suppress(OSError):
            self._popen.kill()

    def _head(self) -> dict[str, Any]:
        """The head of an answer; raises the Problem that it tells."""
        (length,) = ANSWER.unpack(self._exactly(ANSWER.size))
        if length > MOST_HEAD:
            raise ValueError("its answer has no sense")
        head: dict[str, Any] = json.loads(self._exactly(length))
        if "problem" in head:
            raise Problem(**head["problem"])
        return head

    def _answer(self, limits: Limits) -> Picture:
        head = self._head()
        shape, dtype = tuple(map(int, head["shape"])), str(head["dtype"])
        if dtype not in DTYPES or len(shape) != 3 or min(shape) < 1:
            raise ValueError("its answer is no picture")
        if math.prod(shape) * np.dtype(dtype).itemsize > limits.decode_bytes:
            raise ValueError("its answer is larger than what it may hold")
        pixels: NDArray[Any] = np.empty(shape, dtype)
        into = memoryview(pixels.reshape(-1).view(np.uint8))  # type: ignore[arg-type]
        while into.nbytes:
            read = self._output.readinto(into)  # type: ignore[attr-defined]
            if not read:
                raise EOFError("it ended within its answer")
            into = into[read:]
        return Picture(pixels, str(head["mode"]), tuple(map(str, head["notes"])))

    def _bytes(self, limits: Limits) -> bytes:
        """An answer that is bytes."""
        size = int(self._head()["bytes"])
        if not 0 <= size <= limits.decode_bytes:
            raise ValueError("its answer is larger than what it may hold")
        return self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        found = self._output.read(size)
        if len(found) < size:
            raise EOFError("it ended without an answer")
        return found


class _Deadline:
    """Ends a process that is not done in time."""

    def __init__(self, process: Process, seconds: float) -> None:
        self.passed = False
        self._process = process
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()

    def _pass(self) -> None:
        self.passed = True
        self._process.kill()


_pool = _Pool()
atexit.register(close)
