"""A small memory of arrays already made, bounded by bytes. Knows nothing of what they show."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


class ArrayCache:
    """The most recently used arrays, up to ``max_bytes`` together; safe to share between threads."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.bytes = 0
        self._arrays: OrderedDict[Hashable, Array] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Array]) -> Array:
        """The array of ``key``, read-only; made outside the lock: a slow picture delays no other."""
        with self._lock:
            if key in self._arrays:
                self._arrays.move_to_end(key)
                return self._arrays[key]
        array = make()
        array.setflags(write=False)
        with self._lock:
            if key not in self._arrays and array.nbytes <= self.max_bytes:
                self._arrays[key] = array
                self.bytes += array.nbytes
                while self.bytes > self.max_bytes:
                    _, oldest = self._arrays.popitem(last=False)
                    self.bytes -= oldest.nbytes
        return array

    def drop(self, unwanted: Callable[[Hashable], bool]) -> None:
        """Forget the arrays whose keys are unwanted."""
        with self._lock:
            for key in [key for key in self._arrays if unwanted(key)]:
                self.bytes -= self._arrays.pop(key).nbytes

    def __len__(self) -> int:
        return len(self._arrays)
