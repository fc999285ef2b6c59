"""The windows of a batch: cells are read tap by tap, and on the way back gradients are added to where they lay.

A batch is one more axis with one tap, the last one: cells of all examples that are read alike lie side by side, and
one copy moves them all. Knows walks and arrays, and no combine.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math

import numpy as np
from numpy.typing import NDArray

from ..padding import BEYOND
from ..walk.walk import Affine, AxisMap, AxisWalk, Walk
from .cells import pad, windows

Array = NDArray[np.floating]


def batched(walk: Walk, count: int) -> Walk:
    """A walk over ``count`` inputs at once, (channels, *sizes, count)."""
    one = Affine(0, 1, 1, 1)
    axis = AxisWalk("example", count, one, AxisMap(count), one, count)
    return dataclasses.replace(walk, axes=(*walk.axes, axis))


def counted_cells(walk: Walk, *, padding: bool) -> NDArray[np.float64]:
    """How many input cells each window reads, (*steps), or with the padding that is no overhang."""
    counts = []
    for axis in walk.axes:
        codes = axis.source.resolve(axis.reads.coordinates(np.arange(axis.steps)))
        counts.append(((codes > BEYOND) if padding else (codes >= 0)).sum(axis=-1).astype(np.float64))
    return np.asarray(functools.reduce(np.multiply.outer, counts), np.float64)


class Windows:
    """The windows of a batched walk, and the way back.

    Arrays that it hands out are its own and hold until it is used again.
    """

    def __init__(self, walk: Walk, dtype: np.dtype[np.floating]) -> None:
        self.walk = walk
        self.bare = walk.padded_sizes == walk.input_shape[1:]
        self._shape = (walk.channels, *walk.padded_sizes)
        self._padded = np.full(self._shape, walk.fill, dtype) if walk.fills and not self.bare else None
        self._view: Array | None = None
        self._taps: list[Array] | None = None
        self._back = np.zeros(self._shape, dtype)
        self._box = tuple(slice(0, count) for count in walk.step_shape)
        self._cuts = self._cuts_of_taps() if walk.affine else []
        # Windows that do not meet write each cell once at most, and cells that none reads stay 0.
        self.apart = walk.affine and all(
            axis.affine.taps == 1 or axis.affine.stride >= axis.affine.taps * axis.affine.gap
            for axis in walk.axes
        )

    def _cuts_of_taps(self) -> list[tuple[slice, ...]]:
        ways = []
        for axis in self.walk.axes:
            reads, begin = axis.affine, axis.source.begin
            firsts = [reads.start + begin + tap * reads.gap for tap in range(reads.taps)]
            ways.append(
                [slice(one, one + (axis.steps - 1) * reads.stride + 1, reads.stride) for one in firsts]
            )
        return [(slice(None), *cuts) for cuts in itertools.product(*ways)]

    def bring(self, x: Array) -> Array:
        """The input with its padding: (channels, *padded sizes)."""
        if self.bare:
            return x if x.flags.c_contiguous else np.ascontiguousarray(x)
        if self._padded is None:
            return pad(self.walk, x)
        self._padded[self.walk.input_box] = x
        return self._padded

    def view(self, padded: Array) -> Array:
        """All windows, (groups, channels of a group, *taps, *steps)."""
        if padded is not self._padded or not self.walk.affine:
            return windows(self.walk, padded, self._box)
        if self._view is None:  # of the buffer that every input is padded in
            self._view = windows(self.walk, padded, self._box)
        return self._view

    def taps(self, padded: Array) -> list[Array]:
        """The cells that each tap reads, in row-major order: (channels, *steps)."""
        if self.walk.affine:
            if padded is not self._padded:
                return [padded[cut] for cut in self._cuts]
            if self._taps is None:
                self._taps = [padded[cut] for cut in self._cuts]
            return self._taps
        found = self.view(padded)
        flat = found.reshape(self.walk.channels, self.walk.taps, *self.walk.step_shape)
        return list(flat.swapaxes(0, 1))

    def add_taps(self, gradients: list[Array] | Array) -> Array:
        """The gradient of the input, out of that of each tap's cells: each (channels, *steps)."""
        if not self.walk.affine:
            return self._add_by_table(np.stack(list(gradients), axis=1))
        back = self._back
        if not self.apart:
            back[...] = 0
            for cut, gradient in zip(self._cuts, gradients, strict=True):
                here = back[cut]
                here += gradient
        else:
            for cut, gradient in zip(self._cuts, gradients, strict=True):
                back[cut] = gradient
        return self._fold(back)

    def _add_by_table(self, gradient: Array) -> Array:
        """The same where cells come from tables: (channels, taps, *steps)."""
        walk = self.walk
        axes = len(walk.axes)
        flat = np.arange(walk.channels).reshape(-1, *(1,) * 2 * axes)
        there = np.ones((1,) * (2 * axes + 1), bool)
        for index, axis in enumerate(walk.axes):
            cells = axis.source.resolve(axis.reads.coordinates(np.arange(axis.steps))).T  # (taps, steps)
            shape = [1] * (2 * axes + 1)
            shape[1 + index], shape[1 + axes + index] = cells.shape
            cells = cells.reshape(shape)
            there = there & (cells >= 0)
            flat = flat * axis.source.size + np.maximum(cells, 0)
        passed = gradient.reshape(flat.shape)[np.broadcast_to(there, flat.shape)]
        flat = flat[np.broadcast_to(there, flat.shape)]
        found = np.bincount(flat, passed, math.prod(walk.input_shape))
        return found.reshape(walk.input_shape).astype(gradient.dtype)

    def _fold(self, back: Array) -> Array:
        """The gradient of the input out of that of the padded one: what a padded cell shows takes its part."""
        if self.bare:
            return back
        if self.walk.fills:
            return back[self.walk.input_box]
        for place, axis in enumerate(self.walk.axes, 1):
            source = axis.source
            if not source.begin and not source.end:
                continue
            lying = np.moveaxis(back, place, 0)
            folded = lying[source.begin : source.begin + source.size].copy()
            layout = source.layout().tolist()
            for at in (*range(source.begin), *range(source.begin + source.size, len(layout))):
                if layout[at] >= 0:
                    folded[layout[at]] += lying[at]
            back = np.moveaxis(folded, 0, place)
        return back
