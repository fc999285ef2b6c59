"""Where work runs: small pieces inline, the rest in a bounded set of threads. Knows no operation and no route."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

T = TypeVar("T")

# Elementary operations of a piece that takes well below a millisecond wherever this runs; a hand-over to a
# thread costs more than that.
INLINE_WORK = 1_000_000


class Compute:
    """Two limiters of one process: computing, and decoding pictures, so that neither starves the other.

    A thread is never abandoned: cancelling a request waits for its current piece, which is short.
    """

    def __init__(self, threads: int = 0) -> None:
        count = threads or os.cpu_count() or 1
        self._computing = anyio.CapacityLimiter(count)
        self._decoding = anyio.CapacityLimiter(max(1, count // 2))

    async def run(self, work: int, piece: Callable[[], T]) -> T:
        """Run ``piece`` inline when ``work`` is small, otherwise in a computing thread."""
        if work <= INLINE_WORK:
            return piece()
        return await anyio.to_thread.run_sync(piece, limiter=self._computing)

    async def decode(self, piece: Callable[[], T]) -> T:
        """Run ``piece``, which reads or decodes an upload, in a decoding thread."""
        return await anyio.to_thread.run_sync(piece, limiter=self._decoding)
