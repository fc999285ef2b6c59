"""Where work runs: small pieces inline, the rest in a bounded set of threads. Knows no operation and no route."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from ...core.errors import Busy
from .admission import ALLOWANCE
from .metrics import Metrics

T = TypeVar("T")

# Elementary operations of a piece that takes well below a millisecond wherever this runs; a hand-over to a
# thread costs more than that.
INLINE_WORK = 1_000_000
# The same of JSON, in bytes.
INLINE_BYTES = 64_000


class Compute:
    """Limiters of one process, so that none starves another: computing, training, decoding, loading, reading, probing.

    A thread is never abandoned: cancelling a request waits for its current piece, which is short.
    """

    def __init__(self, metrics: Metrics, threads: int = 0, queue: int = 256) -> None:
        self._most_waiting = queue
        self._metrics = metrics
        self._inline_seconds = metrics.compute_seconds.labels("inline")
        count = threads or os.cpu_count() or 1
        self._computing = anyio.CapacityLimiter(count)
        # Training never ends by itself: one processor is left to those who wait for an answer.
        self._training = anyio.CapacityLimiter(max(1, count - 1))
        # These threads wait for processes that decode. One picture that takes long leaves room for another.
        self._decoding = anyio.CapacityLimiter(max(2, count // 2))
        self._loading = anyio.CapacityLimiter(max(2, count // 2))
        # Reading JSON holds the interpreter for long stretches: two at once would only stretch them for others.
        self._reading = anyio.CapacityLimiter(1)
        self._asking = anyio.CapacityLimiter(1)

    def admit(self) -> None:
        """Turn away a new request while too much waits already; what has begun goes on."""
        limiters = (self._computing, self._training, self._decoding, self._loading)
        waiting = sum(limiter.statistics().tasks_waiting for limiter in limiters)
        if waiting >= self._most_waiting:
            raise Busy("as much work waits as this server lets wait", 2)

    async def run(self, work: int, piece: Callable[[], T]) -> T:
        """Run ``piece`` inline when ``work`` is small, otherwise in a computing thread.

        Raises the refusal of a request that has computed as long as it may: between pieces, never within one.
        """
        allowance = ALLOWANCE.get()
        if allowance is not None:
            allowance.check()
        if work > INLINE_WORK:
            return await self._in_thread("computing", piece, self._computing)
        begun = time.perf_counter()
        try:
            return piece()
        finally:
            took = time.perf_counter() - begun
            self._inline_seconds.inc(took)
            if allowance is not None:
                allowance.spend(took)

    async def train(self, piece: Callable[[], T]) -> T:
        """Run ``piece`` of training in a thread, after those of others; raises the same refusal as ``run``."""
        if (allowance := ALLOWANCE.get()) is not None:
            allowance.check()
        return await self._in_thread("training", piece, self._training)

    async def decode(self, piece: Callable[[], T]) -> T:
        """Run ``piece``, which has a picture decoded, in a thread that waits for it."""
        return await self._in_thread("decoding", piece, self._decoding)

    async def load(self, piece: Callable[[], T]) -> T:
        """Run ``piece``, which makes an input or asks the upload store, in a loading thread."""
        return await self._in_thread("loading", piece, self._loading)

    async def read(self, size: int, piece: Callable[[], T]) -> T:
        """Run ``piece``, which reads or writes JSON of so many bytes: inline, or a large one in a thread."""
        if size <= INLINE_BYTES:
            return piece()
        return await self._in_thread("reading", piece, self._reading)

    async def ask(self, question: Callable[[], T]) -> T:
        """Run ``question``, a probe, in a thread of its own, so that no slow picture delays it."""
        return await anyio.to_thread.run_sync(question, limiter=self._asking)

    async def _in_thread(self, pool: str, piece: Callable[[], T], limiter: anyio.CapacityLimiter) -> T:
        waiting, busy = self._metrics.queue.labels(pool), self._metrics.busy.labels(pool)
        begun = 0.0

        def watched() -> T:
            nonlocal begun
            waiting.dec()
            busy.inc()
            begun = time.perf_counter()
            return piece()

        waiting.inc()
        try:
            return await anyio.to_thread.run_sync(watched, limiter=limiter)
        finally:
            if begun:
                busy.dec()
                took = time.perf_counter() - begun
                self._metrics.compute_seconds.labels(pool).inc(took)
                if (allowance := ALLOWANCE.get()) is not None:
                    allowance.spend(took)
            else:  # given up while it waited
                waiting.dec()
