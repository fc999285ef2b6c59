"""Memory that is used again, because the pages of fresh memory cost more than the arithmetic. Knows bytes only."""

from __future__ import annotations

import math
import threading

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

# What a lowering works on at a time, its input cells and all that it writes out from them: it lives in a core's
# second-level cache. A thread keeps that much memory, a little under 1 MiB with what Python adds, and it is all that
# a run costs beside its result, unless a single row needs more.
BAND_BYTES = 26 << 15
KEPT_BYTES = 28 << 15
ALIGNMENT = 64  # a cache line, and a vector of AVX-512


class _Kept(threading.local):
    """One piece of memory per thread: a kernel runs to its end in the thread that it began in."""

    def __init__(self) -> None:
        raw = np.empty(KEPT_BYTES + ALIGNMENT, np.uint8)
        start = -raw.ctypes.data % ALIGNMENT
        self.memory = raw[start : start + KEPT_BYTES].data


_kept = _Kept()


class Room:
    """The working memory of one band: arrays taken from it are valid until the next ``Room`` of this thread."""

    __slots__ = ("_memory", "_used")

    def __init__(self) -> None:
        self._memory = _kept.memory
        self._used = 0

    def take(self, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> Array:
        """An array of ``shape`` with whatever was there."""
        nbytes = math.prod(shape) * dtype.itemsize
        start = self._used
        if start + nbytes > KEPT_BYTES:
            return np.empty(shape, dtype)
        self._used = start + -(-nbytes // ALIGNMENT) * ALIGNMENT
        return np.ndarray(shape, dtype, self._memory, start)
