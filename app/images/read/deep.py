"""Pictures of more than 8 bits: 16-bit grey and colour whole, floating point and 32-bit integers as they are.

Pillow holds 16 bits for one channel only and reads the others by their high bytes. Told that the bytes lie the
other way round it reads the low ones: two readings make the whole number.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

_SWAPPED = {"L": "B", "B": "L", "N": "B" if sys.byteorder == "little" else "L"}
_NATIVE = {"F;32BF": "F;32NF", "I;16BS": "I;16NS", "I;32BS": "I;32NS"}
_WHOLE = ("RGB;16", "RGBA;16")  # without premultiplied alpha and without anything beside
PHOTOMETRIC, BITS, SAMPLE_FORMAT, PLANAR = 262, 258, 339, 284  # tags of TIFF
WHITE_IS_ZERO, UNSIGNED, SEPARATE = 0, 1, 2
BAND_PIXELS = 500_000  # held in wider numbers at a time
WHITE = 65535


def rawmodes(picture: ImageFile.ImageFile) -> list[str]:
    """How the bytes of a picture that is not loaded yet stand for its channels, by Pillow's words."""
    return [_rawmode(tile.args) for tile in picture.tile if tile.args]


def is_deep(picture: ImageFile.ImageFile) -> bool:
    """Whether the channels of a picture that is not loaded yet have more than 8 bits."""
    return any(";16" in mode for mode in rawmodes(picture))


def keeps_depth(picture: ImageFile.ImageFile) -> bool:
    """Whether red, green and blue of 16 bits can be read whole."""
    modes = rawmodes(picture)
    return bool(modes) and all(mode[:-1] in _WHOLE for mode in modes)


def is_misread(picture: ImageFile.ImageFile) -> bool:
    """Whether Pillow takes channels of more than 8 bits that lie one after another for 8 bits."""
    tags = getattr(picture, "tag_v2", {})
    return tags.get(PLANAR) == SEPARATE and max(tags.get(BITS, (1,))) > 8


def read_low_bytes(picture: ImageFile.ImageFile) -> None:
    """Let a picture that is not loaded yet be read by the low bytes of its numbers."""
    picture.tile = [tile._replace(args=_with_swapped_bytes(tile.args)) for tile in picture.tile]


def read_as_unpacked(picture: ImageFile.ImageFile) -> None:
    """Let a packed TIFF of the other byte order be read as libtiff unpacks it, which Pillow does for some only."""
    picture.tile = [
        tile._replace(args=(_NATIVE.get(tile.args[0], tile.args[0]), *tile.args[1:]))
        if tile.codec_name == "libtiff" and isinstance(tile.args, tuple)
        else tile
        for tile in picture.tile
    ]


def whole_numbers(high: Image.Image, low: Image.Image, planes: NDArray[np.uint16]) -> bool:
    """Fill ``planes`` (3, row, col) from both readings; whether transparent parts were laid over white."""
    laid = False
    clear = high.info.get("transparency")
    for first, last in bands(high.size):
        box = (0, first, high.width, last)
        numbers = np.asarray(high.crop(box)).astype(np.uint16) << 8
        numbers |= np.asarray(low.crop(box))
        colour = numbers[..., :3]
        if numbers.shape[-1] == 4:
            alpha = numbers[..., 3:].astype(np.uint32)
            if alpha.min() < WHITE:
                laid = True
                mixed = (colour * alpha + WHITE * (WHITE - alpha) + WHITE // 2) // WHITE
                colour = mixed.astype(np.uint16)
        elif isinstance(clear, tuple) and len(clear) == 3:
            seen_through = (colour == np.array(clear, np.uint16)).all(axis=-1)
            if seen_through.any():
                laid = True
                colour[seen_through] = WHITE
        planes[:, first:last] = colour.transpose(2, 0, 1)
    return laid


def one_channel(picture: Image.Image) -> tuple[NDArray[Any], str]:
    """A picture of mode I;16, I or F as (row, col), and what it holds: uint16, or float32 as it is."""
    tags = getattr(picture, "tag_v2", {})
    if picture.mode.startswith("I;16"):
        grey = np.array(picture, dtype=np.uint16)
        bits = tags.get(BITS, (16,))[0]
        if bits < 16:
            grey = ((grey.astype(np.uint32) * WHITE) // ((1 << bits) - 1)).astype(np.uint16)
        if tags and tags.get(PHOTOMETRIC) == WHITE_IS_ZERO:
            np.subtract(WHITE, grey, out=grey)
        return grey, f"{bits}-bit grey"
    values = np.asarray(picture)
    if picture.mode == "I":
        if values.min() < 0 and tags.get(SAMPLE_FORMAT, (UNSIGNED,))[0] == UNSIGNED:
            values = values.view(np.uint32)
        return values.astype(np.float32), "whole numbers"
    return values.astype(np.float32), "float32"


def bands(size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The rows of a picture, some at a time."""
    width, height = size
    rows = max(1, BAND_PIXELS // width)
    for first in range(0, height, rows):
        yield first, min(height, first + rows)


def _rawmode(args: Any) -> str:
    return str(args[0] if isinstance(args, tuple) else args)


def _with_swapped_bytes(args: Any) -> Any:
    mode = _rawmode(args)
    swapped = mode[:-1] + _SWAPPED[mode[-1]]
    return (swapped, *args[1:]) if isinstance(args, tuple) else swapped
