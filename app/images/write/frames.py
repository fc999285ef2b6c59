"""Single frames of animations as the compressed blocks of GIF, PNG and WebP. Knows Pillow, no container.

A container is put together elsewhere, frame by frame, so that a long animation is many short pieces of work.
"""

from __future__ import annotations

import io
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]  # (rows, cols, 3), or 4 with opacity
Indices = NDArray[np.uint8]  # (rows, cols): places in a palette
COLOURS = 256  # entries of a palette


def gif_block(indices: Indices, palette: bytes) -> bytes:
    """The data of one frame: the code size and the compressed sub-blocks, as an image descriptor precedes them."""
    out = io.BytesIO()
    _paletted(indices, palette).save(out, format="GIF", optimize=False, interlace=False)
    file = out.getvalue()
    size = 3 * 2 ** ((file[10] & 7) + 1)
    assert file[13 : 13 + size] == palette[:size], "the palette was changed"
    at = 13 + size
    while file[at] == 0x21:  # extensions
        at += 2
        while file[at]:
            at += file[at] + 1
        at += 1
    assert file[at] == 0x2C, "an image descriptor comes here"
    assert not file[at + 9] & 0x80, "a frame has no palette of its own"
    return file[at + 10 : -1]


def png_chunks(indices: Indices, palette: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of one frame as a PNG, by kind and data."""
    out = io.BytesIO()
    _paletted(indices, palette).save(out, format="PNG", bits=8, compress_level=6)
    return _chunks(out.getvalue())


def clear_png_chunks(pixels: Pixels) -> list[tuple[bytes, bytes]]:
    """The chunks of one frame with opacity as a PNG, which needs no palette."""
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, format="PNG", compress_level=6)
    return _chunks(out.getvalue())


def _chunks(file: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(file):
        length, kind = struct.unpack_from(">L4s", file, at)
        found.append((kind, file[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def webp_chunk(pixels: Pixels) -> bytes:
    """The ``VP8L`` chunk of one frame, without loss, header included."""
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(
        out, format="WEBP", lossless=True, exact=True, quality=40, method=3
    )
    file = out.getvalue()
    at = 12
    while at < len(file):
        kind, length = struct.unpack_from("<4sL", file, at)
        padded = length + length % 2
        if kind == b"VP8L":
            return file[at : at + 8 + padded]
        at += 8 + padded
    raise AssertionError("a picture without loss has a VP8L chunk")


def _paletted(indices: Indices, palette: bytes) -> Image.Image:
    image = Image.frombytes(
        "P", (indices.shape[1], indices.shape[0]), np.ascontiguousarray(indices).tobytes()
    )
    image.putpalette(palette)
    return image
