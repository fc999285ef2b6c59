"""Animations frame by frame: GIF, APNG and animated WebP put together from single frames. Knows bytes, no figure.

Each frame but the first holds only the rectangle that changed.
"""

from __future__ import annotations

import struct
import zlib
from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from ...images.write.frames import (
    clear_png_chunks,
    gif_block,
    png_chunks,
    webp_chunk,
)
from ..content.about import About
from .palette import CLEAR, Palette

Pixels = NDArray[np.uint8]  # (rows, cols, 3), or 4 of a clear figure
Box = tuple[int, int, int, int]  # left, top, width, height


def changed(before: Pixels | None, now: Pixels, even: int = 1) -> Box:
    """The rectangle of a frame that differs from the one before; its corner is a multiple of ``even``."""
    rows, cols = now.shape[:2]
    if before is None:
        return 0, 0, cols, rows
    differs = (before != now).any(axis=-1) if now.ndim == 3 else before != now
    down, across = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not down.size:
        return 0, 0, 1, 1
    left, top = int(across[0]) // even * even, int(down[0]) // even * even
    return left, top, int(across[-1]) + 1 - left, int(down[-1]) + 1 - top


class Animation(ABC):
    """A file that grows frame by frame; all frames are of one size and every one is shown ``seconds``.

    It plays ``plays`` times, or for ever with 0.
    """

    def __init__(self, palette: Palette, about: About, frames: int, plays: int = 0) -> None:
        self.palette, self.about, self.frames, self.plays = palette, about, frames, plays
        self.width = self.height = 0
        self._before: Pixels | None = None
        self._parts: list[bytes] = []

    def add(self, pixels: Pixels, seconds: float) -> None:
        """One more frame."""
        self.height, self.width = pixels.shape[:2]
        self._frame(pixels, seconds)

    @abstractmethod
    def _frame(self, pixels: Pixels, seconds: float) -> None:
        """Write one frame."""

    @abstractmethod
    def file(self) -> bytes:
        """The whole file."""

    def _indices(self, pixels: Pixels) -> tuple[NDArray[np.uint8], Box]:
        """The changed part of a frame in the palette, and where it lies."""
        indices = self.palette.indices(pixels)
        left, top, width, height = box = changed(self._before, indices)
        self._before = indices
        return indices[top : top + height, left : left + width], box


class Gif(Animation):
    """GIF with one palette for all frames.

    A clear frame is whole and taken away again: what it leaves clear would else show the frame before it.
    """

    def _frame(self, pixels: Pixels, seconds: float) -> None:
        if self.palette.clear:
            self._before = None
        part, (left, top, width, height) = self._indices(pixels)
        delay = max(2, min(65535, round(seconds * 100)))
        how = 2 << 2 | 1 if self.palette.clear else 1 << 2  # taken away again, with a clear entry; or left
        control = struct.pack("<BBBBHBB", 0x21, 0xF9, 4, how, delay, CLEAR if self.palette.clear else 0, 0)
        descriptor = struct.pack("<BHHHHB", 0x2C, left, top, width, height, 0)
        self._parts.append(control + descriptor + gif_block(part, self.palette.data))

    def file(self) -> bytes:
        """Header, palette, repetition, the words as a comment, frames."""
        header = struct.pack("<6sHHBBB", b"GIF89a", self.width, self.height, 0xF7, 0, 0)
        words = "\n".join(f"{name}: {text}" for name, text in self.about.keywords().items()).encode()
        comment = b"\x21\xfe" + _sub_blocks(words)
        # The format counts repetitions; without the block a file plays once.
        again = b"\x21\xff\x0bNETSCAPE2.0" + struct.pack("<BBHB", 3, 1, max(0, self.plays - 1), 0)
        again = b"" if self.plays == 1 else again
        return b"".join([header, self.palette.data, again, comment, *self._parts, b";"])


def _sub_blocks(data: bytes) -> bytes:
    cut = [data[start : start + 255] for start in range(0, len(data), 255)]
    return b"".join(bytes([len(part)]) + part for part in cut) + b"\0"


class Apng(Animation):
    """APNG in the same palette, in true colours where it is clear; programs that know only PNG show the first frame."""

    def __init__(self, palette: Palette, about: About, frames: int, plays: int = 0) -> None:
        super().__init__(palette, about, frames, plays)
        self._sequence = 0

    def _frame(self, pixels: Pixels, seconds: float) -> None:
        clear = pixels.shape[-1] > 3
        if clear:
            left, top, width, height = changed(self._before, pixels)
            self._before = pixels
            chunks = clear_png_chunks(pixels[top : top + height, left : left + width])
        else:
            part, (left, top, width, height) = self._indices(pixels)
            chunks = png_chunks(part, self.palette.data)
        delay = max(1, min(65535, round(seconds * 1000)))
        place = struct.pack(">LLLLL", self._next(), width, height, left, top)
        first = not self._parts
        self._parts.append(_chunk(b"fcTL", place + struct.pack(">HHBB", delay, 1000, 0, 0)))
        for kind, data in chunks:
            if kind == b"IDAT":
                control = (
                    _chunk(kind, data) if first else _chunk(b"fdAT", struct.pack(">L", self._next()) + data)
                )
                self._parts.append(control)

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence - 1

    def file(self) -> bytes:
        """Header, animation, palette, words, frames."""
        clear = self.palette.clear
        size = struct.pack(">LLBBBBB", self.width, self.height, 8, 6 if clear else 3, 0, 0, 0)
        words = [
            _chunk(b"iTXt", keyword.encode() + b"\0\0\0\0\0" + text.encode())
            for keyword, text in self.about.keywords().items()
        ]
        return b"".join(
            [
                b"\x89PNG\r\n\x1a\n",
                _chunk(b"IHDR", size),
                _chunk(b"acTL", struct.pack(">LL", self.frames, self.plays)),
                b"" if clear else _chunk(b"PLTE", self.palette.data),
                *words,
                *self._parts,
                _chunk(b"IEND", b""),
            ]
        )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


class WebP(Animation):
    """Animated WebP without loss."""

    def _frame(self, pixels: Pixels, seconds: float) -> None:
        left, top, width, height = changed(self._before, pixels, even=2)  # the format counts in twos
        self._before = pixels
        milliseconds = max(1, min(2**24 - 1, round(seconds * 1000)))
        numbers = (left // 2, top // 2, width - 1, height - 1, milliseconds)
        place = b"".join(number.to_bytes(3, "little") for number in numbers) + b"\x02"  # drawn over the last
        self._parts.append(
            _riff(b"ANMF", place + webp_chunk(pixels[top : top + height, left : left + width]))
        )

    def file(self) -> bytes:
        """Header, animation, frames, the words as XMP."""
        size = (self.width - 1).to_bytes(3, "little") + (self.height - 1).to_bytes(3, "little")
        has = 1 << 1 | 1 << 2 | (1 << 4 if self.palette.clear else 0)  # animated, with XMP, with opacity
        body = b"".join(
            [
                b"WEBP",
                _riff(b"VP8X", struct.pack("<L", has) + size),
                _riff(b"ANIM", struct.pack("<LH", 0 if self.palette.clear else 0xFFFFFFFF, self.plays)),
                *self._parts,
                _riff(b"XMP ", self.about.xmp()),
            ]
        )
        return struct.pack("<4sL", b"RIFF", len(body)) + body


def _riff(kind: bytes, data: bytes) -> bytes:
    return struct.pack("<4sL", kind, len(data)) + data + b"\0" * (len(data) % 2)


ANIMATIONS: dict[str, type[Animation]] = {"gif": Gif, "apng": Apng, "webp": WebP}
