"""Pictures for tests, as files: drawn by Pillow, or put together byte by byte where Pillow writes no such thing."""

from __future__ import annotations

import functools
import io
import struct
import zlib
from typing import Any, Literal

import numpy as np
from PIL import Image

from app.images.samples.samples import SAMPLES


def photograph(mode: str = "RGB", size: int = 48) -> Image.Image:
    """The rendered scene, not square, so that turns can be told apart."""
    return _scene(size).convert(mode, palette=Image.Palette.ADAPTIVE)


@functools.cache
def _scene(size: int) -> Image.Image:
    pixels = np.rint(SAMPLES["scene"].draw(size) * 255).astype(np.uint8)[:, : size // 2]
    return Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0)))


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def with_alpha() -> Image.Image:
    picture = photograph("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return picture


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *more: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + body


def png16(pixels: np.ndarray, *more: bytes) -> bytes:
    """A PNG of 16 bits a channel: (rows, cols, channels), of which there are 1 to 4."""
    rows, cols, channels = pixels.shape
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in pixels)
    return png(cols, rows, 16, {1: 0, 2: 4, 3: 2, 4: 6}[channels], lines, *more)


def tiff(
    pixels: np.ndarray,
    *,
    order: Literal["<", ">"] = "<",
    packed: bool = False,
    tags: dict[int, int | bytes] | None = None,
) -> bytes:
    """A TIFF with one strip of the numbers (rows, cols, channels) as they are, any type; or with one a row."""
    rows, cols, channels = pixels.shape
    pixels = pixels.astype(pixels.dtype.newbyteorder(order))
    strips = [line.tobytes() for line in pixels] if packed else [pixels.tobytes()]
    strips = [zlib.compress(strip) for strip in strips] if packed else strips
    kind = {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    numbers: dict[int, tuple[str, list[int]] | bytes] = {
        256: ("I", [cols]),
        257: ("I", [rows]),
        258: ("H", [8 * pixels.dtype.itemsize] * channels),
        259: ("H", [8 if packed else 1]),
        262: ("H", [2 if channels > 2 else 1]),
        277: ("H", [channels]),
        278: ("I", [1 if packed else rows]),
        339: ("H", [kind] * channels),
    }
    if channels == 4:
        numbers[338] = ("H", [2])
    for tag, value in (tags or {}).items():
        numbers[tag] = value if isinstance(value, bytes) else ("H", [value])
    at, body = 8, b""
    offsets = []
    for strip in strips:
        offsets.append(at + len(body))
        body += strip + b"\0" * (len(strip) % 2)
    numbers[273], numbers[279] = ("I", offsets), ("I", [len(strip) for strip in strips])
    entries = []
    for tag, entry in sorted(numbers.items()):
        code, count, data = (
            (7, len(entry), entry)
            if isinstance(entry, bytes)
            else (
                3 if entry[0] == "H" else 4,
                len(entry[1]),
                struct.pack(f"{order}{len(entry[1])}{entry[0]}", *entry[1]),
            )
        )
        if len(data) > 4:
            place = at + len(body)
            body += data + b"\0" * (len(data) % 2)
            data = struct.pack(f"{order}I", place)
        entries.append(struct.pack(f"{order}HHI", tag, code, count) + data.ljust(4, b"\0"))
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}I", at + len(body))
    directory = struct.pack(f"{order}H", len(entries)) + b"".join(entries) + bytes(4)
    return head + body + directory
