"""A progress bar on a terminal. Knows a stream to write to, and nothing of what takes so long."""

from __future__ import annotations

import sys
from threading import Lock
from types import TracebackType
from typing import TextIO

WIDTH = 30  # characters
WORTH = 3  # what is done sooner than this many pieces needs no bar


class Bar:
    """How far a long work is, in one line of standard error; nothing where that is no terminal, or was not asked for.

    Its line ends with the block that it is made for, so that what is printed next, or a shell's prompt after
    Ctrl-C, has a line of its own. A thread that has not heard yet that the work is given up tells on; it is not shown.
    """

    def __init__(self, *, shown: bool, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._shown = shown and self._stream.isatty()
        self._begun = False
        self._ended = False
        self._lock = Lock()

    def __enter__(self) -> Bar:
        """Nothing yet: the work may be short."""
        return self

    def tell(self, done: int, of: int) -> None:
        """So many of so many are done."""
        with self._lock:
            if not self._shown or self._ended or (not self._begun and WORTH * done > of):
                return
            self._begun = True
            full = WIDTH * done // of
            print(
                f"\r{'█' * full}{'░' * (WIDTH - full)} {done} of {of}", end="", file=self._stream, flush=True
            )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the line."""
        with self._lock:
            self._ended = True
            if self._begun:
                print(file=self._stream, flush=True)
