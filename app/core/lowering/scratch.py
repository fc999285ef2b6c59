"""Memory that is used again, because the pages of fresh memory cost more than the arithmetic. Knows bytes only."""

from __future__ import annotations

import math
import threading

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

# The memory of one piece of work, its input cells and all that is written out from them: it lives in a core's
# second-level cache. A thread keeps that much memory, a little under 1 MiB with what Python adds, and it is all that
# a run costs beside its result, unless a single row needs more, or the weights of a layer take more: then the columns
# of a tile take as much as they do.
BAND_BYTES = 26 << 15
KEPT_BYTES = 28 << 15
PIECE_BYTES = 5 << 17  # of an output computed apart from its places; a thread that does so keeps it, too
ALIGNMENT = 64  # a cache line, and a vector of AVX-512


class _Kept(threading.local):
    """One piece of memory per thread: a kernel runs to its end in the thread that it began in."""

    def __init__(self, nbytes: int) -> None:
        raw = np.empty(nbytes + ALIGNMENT, np.uint8)
        start = -raw.ctypes.data % ALIGNMENT
        self.memory = raw[start : start + nbytes].data


_bands = _Kept(KEPT_BYTES)
_pieces = _Kept(PIECE_BYTES)


class Room:
    """The working memory of one band: arrays taken from it are valid until the next ``Room`` of this thread."""

    __slots__ = ("_memory", "_used")

    def __init__(self) -> None:
        self._memory = _bands.memory
        self._used = 0

    def take(self, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> Array:
        """An array of ``shape`` with whatever was there."""
        nbytes = math.prod(shape) * dtype.itemsize
        start = self._used
        if start + nbytes > len(self._memory):
            return np.empty(shape, dtype)
        self._used = start + -(-nbytes // ALIGNMENT) * ALIGNMENT
        return np.ndarray(shape, dtype, self._memory, start)


class PieceRoom(Room):
    """The same for one piece of output, which lasts while its bands come and go."""

    __slots__ = ()

    def __init__(self) -> None:
        self._memory = _pieces.memory
        self._used = 0
