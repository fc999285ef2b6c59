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
    shaped = array if array.ndim > 1 else np.atleast_2d(array)
    sheet = Sheet(shaped.shape, span_of(shaped))
    sheet.put(shaped)
    return sheet.png()


Span = tuple[float, float]  # the smallest and the largest finite value; inf and -inf of none


def span_of(array: Array) -> Span:
    """The values that are black and white."""
    if array.dtype in (np.uint8, np.uint16):
        return 0, np.iinfo(array.dtype).max
    finite = np.isfinite(array)
    low = float(array.min(where=finite, initial=np.inf))
    return low, float(array.max(where=finite, initial=-np.inf))


class Sheet:
    """A picture of an array (channels, *spatial) that comes in bands: what is held is a byte a cell.

    A series is a row of cells, its channels one below the other.
    """

    def __init__(self, shape: tuple[int, ...], span: Span) -> None:
        self._shape, self._span = shape, span
        self._colour = len(shape) == 3 and shape[0] == 3
        if self._colour or len(shape) < 3:
            self._cells = np.empty((*shape[1:], 3) if self._colour else shape, np.uint8)
            return
        rows, cols = shape[-2:]
        planes = math.prod(shape[:-2])
        self._across = min(planes, max(1, round(math.sqrt(planes * rows / cols))))
        down = -(-planes // self._across)
        size = down * (rows + GAP) - GAP, self._across * (cols + GAP) - GAP
        self._cells = np.full(size, 255, np.uint8)

    def put(self, band: Array, first: int = 0) -> None:
        """Draw what (channels, positions, *others) holds: positions of the first axis, from ``first`` on."""
        count, cells = band.shape[1], self._cells
        if self._colour:
            cells[first : first + count] = _eight_bit(band, self._span).transpose(1, 2, 0)
        elif len(self._shape) < 3:
            cells[:, first : first + count] = _eight_bit(band, self._span)
        elif len(self._shape) == 3:
            for index, plane in enumerate(band):
                self._place(index)[first : first + count] = _eight_bit(plane, self._span)
        else:
            each = math.prod(self._shape[1:-2])  # planes of a channel
            inner = each // self._shape[1]
            for channel, volume in enumerate(band):
                for index, plane in enumerate(volume.reshape(-1, *self._shape[-2:])):
                    self._place(channel * each + first * inner + index)[:] = _eight_bit(plane, self._span)

    def _place(self, index: int) -> NDArray[np.uint8]:
        rows, cols = self._shape[-2:]
        top, left = (index // self._across) * (rows + GAP), (index % self._across) * (cols + GAP)
        return self._cells[top : top + rows, left : left + cols]

    def png(self) -> bytes:
        """The file."""
        return _png(Image.fromarray(self._cells))


def _eight_bit(array: Array, span: Span) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.uint16:
        return ((array.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    low, high = span
    if not high > low:  # one value only, or none
        low, high = (low - 0.5, low + 0.5) if math.isfinite(low) else (0.0, 1.0)
    # A scale of its own for numbers so large, or so close together, that their difference leaves the type.
    unit = max(abs(low), abs(high))
    flat = array.reshape(-1)
    made = np.empty(flat.shape, np.uint8)
    for start in range(0, len(flat), AT_ONCE):  # each step is a copy
        cells = slice(start, start + AT_ONCE)
        with np.errstate(all="ignore"):
            part = (flat[cells] / unit - low / unit) / (high / unit - low / unit)
        part = np.nan_to_num(part, nan=0.0, posinf=1.0, neginf=0.0)
        made[cells] = np.rint(np.clip(part, 0, 1) * 255)
    return made.reshape(array.shape)


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
