"""Pictures that were drawn, kept in memory up to a bound of bytes. Knows no link and no figure."""

from __future__ import annotations

from collections import OrderedDict


class Pictures:
    """The most recently shown files by key; used by one event loop alone."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.bytes = 0
        self._files: OrderedDict[str, bytes] = OrderedDict()

    def get(self, key: str) -> bytes | None:
        """A file, which thereby becomes the youngest."""
        if key in self._files:
            self._files.move_to_end(key)
        return self._files.get(key)

    def put(self, key: str, file: bytes) -> None:
        """Keep a file; the oldest make room, but not for one that is larger than all may be."""
        if len(file) > self.max_bytes:
            return
        self.bytes += len(file) - len(self._files.pop(key, b""))
        self._files[key] = file
        while self.bytes > self.max_bytes:
            _, oldest = self._files.popitem(last=False)
            self.bytes -= len(oldest)
