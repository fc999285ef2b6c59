"""From arrays to the bytes of a PNG. Knows no HTTP and no store."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

Array = NDArray[Any]

AT_ONCE = 1 << 20  # cells that are scaled at once
GAP = 1  # white cells between the tiles of a sheet
# zlib's fastest level that still filters: numbers hardly shrink further, and a sheet can be large.
COMPRESSION = 3


def png_bytes(array: Array) -> bytes:
    """An array (channels, *spatial) as a PNG.

    A picture of whole numbers keeps them (16-bit grey too; 16-bit RGB is brought to 8). Other values go from
    the smallest finite one, black, to the largest, white; NaN is black. Three channels of two axes are
    red, green and blue; any other number of planes is laid out as a sheet, near-square, row by row.
    """
    if array.dtype == np.uint16 and array.shape[0] == 1 and array.ndim == 3:
        return _png(Image.fromarray(np.ascontiguousarray(array[0])))
    values = _eight_bit(array)
    if values.ndim == 3 and values.shape[0] == 3:
        return _png(Image.fromarray(np.ascontiguousarray(values.transpose(1, 2, 0))))
    return _png(Image.fromarray(_sheet(values)))


def _eight_bit(array: Array) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.uint16:
        return ((array.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    finite = np.isfinite(array)
    low = float(array.min(where=finite, initial=np.inf))
    high = float(array.max(where=finite, initial=-np.inf))
    if not high > low:  # one value only, or none
        low, high = (low - 0.5, low + 0.5) if math.isfinite(low) else (0.0, 1.0)
    # A scale of its own for numbers so large, or so close together, that their difference leaves the type.
    unit = max(abs(low), abs(high))
    flat = array.reshape(-1)
    made = np.empty(flat.shape, np.uint8)
    for start in range(
        0, len(flat), AT_ONCE
    ):  # each step is a copy, and an output may have a quarter of a gigabyte
        cells = slice(start, start + AT_ONCE)
        with np.errstate(all="ignore"):
            part = (flat[cells] / unit - low / unit) / (high / unit - low / unit)
        part = np.nan_to_num(part, nan=0.0, posinf=1.0, neginf=0.0)
        made[cells] = np.rint(np.clip(part, 0, 1) * 255)
    return made.reshape(array.shape)


def _sheet(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """All planes on one sheet. A series is a row of cells, its channels one below the other."""
    if values.ndim < 3:
        return np.ascontiguousarray(np.atleast_2d(values))
    rows, cols = values.shape[-2:]
    planes = values.reshape(-1, rows, cols)
    across = min(len(planes), max(1, round(math.sqrt(len(planes) * rows / cols))))
    down = -(-len(planes) // across)
    sheet = np.full((down * (rows + GAP) - GAP, across * (cols + GAP) - GAP), 255, np.uint8)
    for index, plane in enumerate(planes):
        top, left = (index // across) * (rows + GAP), (index % across) * (cols + GAP)
        sheet[top : top + rows, left : left + cols] = plane
    return sheet


def picture_png(pixels: NDArray[np.uint8], dpi: float, words: Mapping[str, str]) -> bytes:
    """Red, green, blue (rows, cols, 3), and opacity as a fourth, as a PNG with its resolution and texts by keyword."""
    chunks = PngInfo()
    for keyword, text in words.items():
        chunks.add_itxt(keyword, text)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format="PNG", dpi=(dpi, dpi), pnginfo=chunks, compress_level=6)
    return out.getvalue()


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, format="PNG", compress_level=COMPRESSION)
    return out.getvalue()
