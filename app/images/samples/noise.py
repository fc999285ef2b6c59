"""Smooth random fields by position, the same at every size: value noise and its sums. Knows only NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating[Any]]

_LATTICE = np.random.default_rng(20).random((64, 64), dtype=np.float32).ravel()


def noise(x: Values, y: Values) -> Values:
    """Value noise in 0–1: random numbers at whole positions, blended without a kink; repeats every 64."""
    column, row = np.floor(x), np.floor(y)
    right, down = x - column, y - row
    right, down = right * right * (3 - 2 * right), down * down * (3 - 2 * down)
    i, j = row.astype(np.int64) & 63, column.astype(np.int64) & 63
    beside, i, below = (j + 1) & 63, i << 6, ((i + 1) & 63) << 6
    upper, lower = _LATTICE.take(i + j), _LATTICE.take(below + j)
    upper += (_LATTICE.take(i + beside) - upper) * right
    lower += (_LATTICE.take(below + beside) - lower) * right
    return np.asarray(upper + (lower - upper) * down, dtype=np.float32)


def line(x: Values, row: int) -> Values:
    """Value noise along one row of the lattice."""
    column = np.floor(x)
    right = x - column
    j = column.astype(np.int64) & 63
    here = _LATTICE.take((row << 6) + j)
    there = _LATTICE.take((row << 6) + ((j + 1) & 63))
    return np.asarray(here + (there - here) * (right * right * (3 - 2 * right)), dtype=np.float32)


def fractal(x: Values, y: Values, octaves: int) -> Values:
    """Noise upon finer, fainter noise, in 0–1: what clouds and crags look like."""
    total = np.zeros(x.size, np.float32)
    for octave in range(octaves):
        scale = 2.03**octave
        total += noise(x * scale + 17.3 * octave, y * scale + 9.1 * octave) * 0.5**octave
    return total / np.float32(2 - 0.5 ** (octaves - 1))


def fractal_line(x: Values, row: int, octaves: int) -> Values:
    """The same along a line."""
    total = np.zeros(x.size, np.float32)
    for octave in range(octaves):
        total += line(x * 2.03**octave + 17.3 * octave, (row + 5 * octave) & 63) * 0.5**octave
    return total / np.float32(2 - 0.5 ** (octaves - 1))
