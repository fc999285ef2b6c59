"""The lowering of an output of a few cells: everything at once, by an index that is made once. Knows walks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..walk.walk import Walk
from .part import Array

SMALL_BYTES = 1 << 13  # a geometry may keep this much


@dataclass(frozen=True, slots=True)
class _Buffers:
    input: Array  # where the input goes in
    source: Array  # the input's cells in a row, and after them the fill value; and
    columns: Array  # (groups, depth, steps),
    multiplied: Array  # which dot takes as (depth, steps)


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Which cell of the input, or the fill value, each place of the columns holds.

    Threads that run at the same time each take a set of buffers.
    """

    walk: Walk
    index: NDArray[np.intp]  # (groups, depth, steps)
    unit: int
    # Dot has less to look at than matmul; but 0 as a 1×1 matrix makes 0 there, even of an infinity.
    dots: bool
    _free: list[_Buffers] = field(default_factory=list)

    @classmethod
    def of(cls, walk: Walk) -> AtOnce:
        """The unit is all of the output."""
        axes = len(walk.axes)
        index = np.arange(walk.channels).reshape(walk.groups, -1, *(1,) * 2 * axes)
        outside = np.zeros((1,) * 2 * axes, bool)
        for place, axis in enumerate(walk.axes):
            cells = axis.source.resolve(axis.reads.coordinates(np.arange(axis.steps))).T  # (taps, steps)
            shape = [1] * 2 * axes
            shape[place], shape[axes + place] = cells.shape
            cells = cells.reshape(shape)
            index = index * axis.source.size + np.maximum(cells, 0)
            outside = outside | (cells < 0)
        index[np.broadcast_to(outside, index.shape)] = np.prod(walk.input_shape)
        index = index.reshape(walk.groups, -1, walk.steps)
        return cls(walk, index, walk.step_shape[0], walk.groups == 1 and index.shape[1] > 1)

    @staticmethod
    def fits(walk: Walk, itemsize: int) -> bool:
        """Whether all that is kept is small."""
        return walk.channels * walk.taps * walk.steps * (8 + itemsize) <= SMALL_BYTES

    def arranged(self, weight: Array) -> Array:
        """The weights as matrices (groups, filters, depth), or as one where dot multiplies it."""
        walk, weight = self.walk, np.ascontiguousarray(weight)
        return (
            weight.reshape(walk.lanes, -1)
            if self.dots
            else weight.reshape(walk.groups, walk.lanes_per_group, -1)
        )

    def run(self, x: Array, matrix: Array, bias: Array | None, out: Array, rows: slice) -> None:
        """Compute an input (channels, *sizes) into ``out`` (lanes, *steps); ``rows`` is all of them."""
        walk = self.walk
        try:
            buffers = self._free.pop()
        except IndexError:
            buffers = self._made(x.dtype)
        buffers.input[...] = x
        # Every index fits, and to clip is the one way to write straight into the buffer.
        buffers.source.take(self.index, out=buffers.columns, mode="clip")
        if self.dots:
            np.dot(matrix, buffers.multiplied, out=out.reshape(walk.lanes, -1))
        else:
            np.matmul(matrix, buffers.multiplied, out=out.reshape(walk.groups, walk.lanes_per_group, -1))
        if bias is not None:
            flat = out.reshape(walk.lanes, -1)
            flat += bias[:, None]
        self._free.append(buffers)

    def _made(self, dtype: np.dtype[np.floating]) -> _Buffers:
        walk = self.walk
        source = np.full(int(np.prod(walk.input_shape)) + 1, walk.fill, dtype)
        columns = np.empty(self.index.shape, dtype)
        view = source[:-1].reshape(walk.input_shape)
        return _Buffers(view, source, columns, columns[0] if self.dots else columns)
