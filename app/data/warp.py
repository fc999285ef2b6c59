"""Pictures moved, turned and sized: each output cell takes the input where it came from. Knows arrays only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Float64 = NDArray[np.float64]


def warped(x: Array, angle: Float64, scale: Float64, shift: Float64) -> Array:
    """Each picture of ``x`` (count, channels, rows, cols) turned, sized about its middle and then shifted.

    ``angle`` (count,) is in radians, clockwise as rows go down, ``scale`` (count,) a factor, ``shift`` (count, 2)
    in rows and cols. A cell weighs the four about the place that it comes from; outside, the edge goes on.
    """
    count, channels, rows, cols = x.shape
    down = np.arange(rows)[:, None] - (rows - 1) / 2 - shift[:, 0, None, None]
    across = np.arange(cols) - (cols - 1) / 2 - shift[:, 1, None, None]
    cosine, sine = (one(angle)[:, None, None] / scale[:, None, None] for one in (np.cos, np.sin))
    row = np.clip(cosine * down - sine * across + (rows - 1) / 2, 0, rows - 1)
    col = np.clip(sine * down + cosine * across + (cols - 1) / 2, 0, cols - 1)
    top, left = row.astype(np.intp), col.astype(np.intp)
    below, right = np.minimum(top + 1, rows - 1), np.minimum(left + 1, cols - 1)
    up, over = (row - top).astype(x.dtype), (col - left).astype(x.dtype)
    flat = x.reshape(count, channels, -1)

    def cells(r: NDArray[np.intp], c: NDArray[np.intp]) -> Array:
        place = (r * cols + c).reshape(count, 1, -1)
        found: Array = np.take_along_axis(flat, place, axis=2)
        return found.reshape(x.shape)

    up, over = up[:, None], over[:, None]
    upper = cells(top, left) * (1 - over) + cells(top, right) * over
    lower = cells(below, left) * (1 - over) + cells(below, right) * over
    result: Array = upper * (1 - up) + lower * up
    return result
