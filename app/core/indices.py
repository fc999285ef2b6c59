"""Where the maxima of a pool lie, as an index into the channel's plane. Knows walks and arrays, no operation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .walk import Walk

Indices = NDArray[np.int64]

NO_CELL = -1  # a window that reads no input cell


def indices(walk: Walk, x: NDArray[np.floating]) -> Indices:
    """Per output cell the row-major index of its maximum in the channel's input plane: (channels, *steps).

    ``x`` is (channels, *sizes). The first of equals counts, as in PyTorch and ONNX; the last NaN, as in
    PyTorch, whose comparison lets each NaN replace what came before.
    """
    return _band(walk, x.reshape(len(x), -1), slice(0, walk.step_shape[0]))


def index_bands(walk: Walk, x: NDArray[np.floating], rows: int) -> Iterator[Indices]:
    """The same, ``rows`` rows of the first axis at a time."""
    flat = x.reshape(len(x), -1)
    for top in range(0, walk.step_shape[0], rows):
        yield _band(walk, flat, slice(top, min(top + rows, walk.step_shape[0])))


def _band(walk: Walk, flat: NDArray[np.floating], rows: slice) -> Indices:
    cuts = (rows, *(slice(0, count) for count in walk.step_shape[1:]))
    sources = [
        axis.source.resolve(axis.reads.coordinates(np.arange(cut.start, cut.stop)))
        for axis, cut in zip(walk.axes, cuts, strict=True)
    ]  # per axis (steps, taps)
    shape = tuple(len(source) for source in sources)
    best = np.full((len(flat), *shape), -np.inf, flat.dtype)
    found = np.full(best.shape, NO_CELL, np.int64)
    for tap in np.ndindex(*walk.tap_shape):
        place = np.zeros((1,) * len(shape), np.int64)
        inside = np.ones((1,) * len(shape), dtype=bool)
        for index, (axis, source, one) in enumerate(zip(walk.axes, sources, tap, strict=True)):
            column = source[:, one].reshape([-1 if at == index else 1 for at in range(len(shape))])
            place = place * axis.source.size + np.maximum(column, 0)
            inside = inside & (column >= 0)
        values = flat[:, place]
        with np.errstate(invalid="ignore"):
            wins = inside & ((values > best) | np.isnan(values) | (found == NO_CELL))
        np.copyto(best, values, where=wins)
        np.copyto(found, np.broadcast_to(place, found.shape), where=wins)
    return found
