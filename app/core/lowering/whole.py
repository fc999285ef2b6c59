"""The lowering of an output of a few cells: everything at once, by an index that is made once. Knows walks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..walk import Walk
from .part import Array

SMALL_BYTES = 1 << 13  # a geometry may keep this much


@dataclass(frozen=True, slots=True)
class _Buffers:
    inside: Array  # where the input goes in
    source: Array  # the input's cells in a row, and after them the fill value; and
    columns: Array  # (groups, depth, steps), or
    matrix: Array | None  # (depth, steps) where there is one group, and dot takes neither factor for a scalar


@dataclass(frozen=True, slots=True)
class Whole:
    """Which cell of the input, or the fill value, each place of the columns holds.

    Threads that run at the same time each take a set of buffers.
    """

    walk: Walk
    index: NDArray[np.intp]  # (groups, depth, steps)
    unit: int
    _free: list[_Buffers] = field(default_factory=list)

    @classmethod
    def of(cls, walk: Walk) -> Whole:
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
        return cls(walk, index.reshape(walk.groups, -1, walk.steps), walk.step_shape[0])

    @staticmethod
    def fits(walk: Walk, itemsize: int) -> bool:
        """Whether all that is kept is small."""
        return walk.channels * walk.taps * walk.steps * (8 + itemsize) <= SMALL_BYTES

    def run(self, x: Array, weight: Array, bias: Array | None, out: Array, rows: slice) -> None:
        """Compute one image (channels, *sizes) into ``out`` (lanes, *steps); ``rows`` is all of them."""
        walk = self.walk
        try:
            buffers = self._free.pop()
        except IndexError:
            buffers = self._made(x.dtype)
        buffers.inside[...] = x
        # Every index fits, and to clip is the one way to write straight into the buffer.
        buffers.source.take(self.index, out=buffers.columns, mode="clip")
        if buffers.matrix is not None:  # dot has less to look at than matmul
            lanes = len(out)
            np.dot(weight.reshape(lanes, -1), buffers.matrix, out=out.reshape(lanes, -1))
        else:
            np.matmul(
                weight.reshape(walk.groups, walk.lanes_per_group, -1),
                buffers.columns,
                out=out.reshape(walk.groups, walk.lanes_per_group, -1),
            )
        if bias is not None:
            flat = out.reshape(walk.lanes, -1)
            flat += bias[:, None]
        self._free.append(buffers)

    def _made(self, dtype: np.dtype[np.floating]) -> _Buffers:
        walk = self.walk
        source = np.full(int(np.prod(walk.input_shape)) + 1, walk.fill, dtype)
        columns = np.empty(self.index.shape, dtype)
        inside = source[:-1].reshape(walk.input_shape)
        # Of a scalar 0 dot makes 0, whatever it is multiplied by.
        plain = walk.groups == 1 and columns.shape[1] > 1
        return _Buffers(inside, source, columns, columns[0] if plain else None)
