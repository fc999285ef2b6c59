"""Kernels of walks whose windows come from a table: reductions and weighted sums, one axis after the other.

Knows walks and arrays, and no operation. A table's windows are few or narrow, so a pass per axis over whole
arrays is quick; evenly spaced windows are ``lowering``'s.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from ..walk.walk import Walk
from .part import Part, step_box

Array = NDArray[np.floating]


def reduced(part: Part, rows: slice, reduce: np.ufunc) -> Array:
    """A reduction over each window: (lanes, rows, *other steps)."""
    x = part.padded
    for index, (axis, cut) in enumerate(zip(part.walk.axes, step_box(part.walk, rows), strict=True)):
        place, table = index + 1, axis.table
        out = np.empty((*x.shape[:place], cut.stop - cut.start, *x.shape[place + 1 :]), x.dtype)
        before = (slice(None),) * place
        for step in range(cut.start, cut.stop):
            start = int(table.starts[step])
            cells = x[(*before, slice(start, start + table.counts[step]))]
            reduce.reduce(cells, axis=place, out=out[(*before, step - cut.start)])
        x = out
    return x


def table_counts(walk: Walk, rows: slice) -> Array:
    """How many cells each window of some rows reads: (rows, *other steps), a product of axes."""
    counts = [
        axis.table.counts[cut.start : cut.stop].astype(np.float64)
        for axis, cut in zip(walk.axes, step_box(walk, rows), strict=True)
    ]
    return functools.reduce(np.multiply.outer, counts)


def interpolated(part: Part, rows: slice) -> Array:
    """The weighted sum of one or two neighbours on each axis: (lanes, rows, *other steps).

    A neighbour that a step does not read is not touched, so that no infinity comes in with a weight of 0.
    """
    x = part.padded
    for index, (axis, cut) in enumerate(zip(part.walk.axes, step_box(part.walk, rows), strict=True)):
        place, table = index + 1, axis.table
        steps = np.arange(cut.start, cut.stop)
        starts = table.starts[steps]
        factors = table.factors(steps).astype(x.dtype)
        spread = (slice(None), *(None,) * (x.ndim - place - 1))
        out = np.take(x, starts, axis=place) * factors[:, 0][spread]
        both = np.flatnonzero(table.counts[steps] == 2)
        if both.size:
            second = np.take(x, starts[both] + 1, axis=place) * factors[both, 1][spread]
            out[(slice(None),) * place + (both,)] += second
        x = out
    return x
