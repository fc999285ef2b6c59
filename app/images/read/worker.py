"""The process that decodes pictures: from requests on standard input to answers on standard output. Knows no store.

Started by ``pool`` as ``python -m``. A request is two lengths, its head as JSON and the bytes of a picture; an answer
is a length, its head as JSON and the numbers. It ends when its input does, or when a picture takes too much time.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ...core.errors import Problem
from .decode import decode
from .limits import Limits

REQUEST = struct.Struct("<II")  # bytes of the head, bytes of the picture
ANSWER = struct.Struct("<I")  # bytes of the head; the numbers' bytes follow from their shape
READY = b"\n"
_LATE_S = 2  # after its deadline a process ends by itself, should nobody be left to end it
_STATM = Path("/proc/self/statm")
_GENEROUS = (
    2_000_000_000  # bytes of address space of a process that holds no picture, where they are not told
)


def main() -> None:
    """Answer requests until there are no more."""
    # Whoever stops a server stops its processes too: this one ends when its server has let go of it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "wb") as nowhere:  # what a library prints is no answer
        os.dup2(nowhere.fileno(), 1)
    with suppress(OSError):  # the first to go where memory runs out, before the server
        Path("/proc/self/oom_score_adj").write_text("1000")
    empty = _address_space()
    _bound_files()
    sink.write(READY)
    sink.flush()
    while True:
        lengths = source.read(REQUEST.size)
        if len(lengths) < REQUEST.size:
            return
        head_bytes, data_bytes = REQUEST.unpack(lengths)
        head = json.loads(source.read(head_bytes))
        limits = Limits(**head["limits"])
        _bound_memory(empty + limits.decode_bytes)
        _bound_time(limits.decode_s + _LATE_S)
        if head.get("module"):
            _answer_bytes(sink, source.read(data_bytes), head["module"], head["function"])
        else:
            _answer(sink, source.read(data_bytes), head["declared"], limits)
        _bound_time(0)


def _answer(sink: BinaryIO, data: bytes, declared: str | None, limits: Limits) -> None:
    try:
        picture = decode(data, declared, limits)
    except Problem as problem:
        _send(sink, {"problem": _problem_json(problem)}, b"")
        return
    pixels = np.ascontiguousarray(picture.pixels)
    head = {
        "shape": pixels.shape,
        "dtype": pixels.dtype.name,
        "mode": picture.mode,
        "notes": picture.notes,
    }
    _send(sink, head, memoryview(pixels.reshape(-1).view(np.uint8)))  # type: ignore[arg-type]


def _answer_bytes(sink: BinaryIO, data: bytes, module: str, function: str) -> None:
    """Run a function of this package on the bytes; the server names it, and no request does."""
    try:
        answer = getattr(importlib.import_module(module), function)(data)
    except Problem as problem:
        _send(sink, {"problem": _problem_json(problem)}, b"")
        return
    _send(sink, {"bytes": len(answer)}, answer)


def _send(sink: BinaryIO, head: dict[str, Any], numbers: bytes | memoryview) -> None:
    words = json.dumps(head).encode()
    sink.write(ANSWER.pack(len(words)) + words)
    sink.write(numbers)
    sink.flush()


def _problem_json(problem: Problem) -> dict[str, Any]:
    """The parts that make the same problem again."""
    names = ("code", "status", "reason", "remedy", "field", "value", "excess")
    return {"title": problem.heading, **{name: getattr(problem, name) for name in names}}


def _address_space() -> int:
    """Bytes of address space that this process has before it holds any picture."""
    try:
        return int(_STATM.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return _GENEROUS


def _bound_files() -> None:
    """Write no file, and leave no memory of a picture behind in one."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - Windows has none

        for kind in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
            resource.setrlimit(kind, (0, 0))


def _bound_memory(most: int) -> None:
    with suppress(ImportError, ValueError, OSError, AttributeError):
        import resource  # noqa: PLC0415 - Windows has none

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _bound_time(seconds: int) -> None:
    """End this process after so many seconds; 0 lifts the bound."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


if __name__ == "__main__":
    main()
