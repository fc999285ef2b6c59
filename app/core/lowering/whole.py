"""The lowering of an output of a few cells: everything at once, in buffers that are made once. Knows walks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from ..walk import Walk
from .cells import windows
from .part import Array, whole

SMALL_BYTES = 1 << 13  # a geometry may keep this much


@dataclass(frozen=True, slots=True)
class _Buffers:
    inside: Array  # where the input goes in a padded array
    view: Array  # the windows of that
    lowered: Array  # where they are written out, and the same as
    columns: Array  # (groups, depth, steps)


@dataclass(frozen=True, slots=True)
class Whole:
    """One padded array and one matrix of columns; threads that run at the same time each take a set."""

    walk: Walk
    dtype: np.dtype[np.floating]
    unit: int
    _free: list[_Buffers] = field(default_factory=list)

    @classmethod
    def of(cls, walk: Walk, dtype: np.dtype[np.floating]) -> Whole:
        """The unit is all of the output."""
        return cls(walk, dtype, walk.step_shape[0])

    @staticmethod
    def fits(walk: Walk, itemsize: int) -> bool:
        """Whether the buffers are small, and the padding a frame that is filled once."""
        cells = walk.channels * (walk.taps * walk.steps + math.prod(walk.padded_sizes))
        return walk.fills and cells * itemsize <= SMALL_BYTES

    def run(self, x: Array, weight: Array, bias: Array | None, out: Array, rows: slice) -> None:
        """Compute one image (channels, *sizes) into ``out`` (lanes, *steps); ``rows`` is all of them."""
        walk = self.walk
        try:
            buffers = self._free.pop()
        except IndexError:
            buffers = self._made()
        buffers.inside[...] = x
        np.copyto(buffers.lowered, buffers.view)
        if walk.groups == 1:  # dot has less to look at than matmul
            np.dot(weight.reshape(walk.lanes, -1), buffers.columns[0], out=out.reshape(walk.lanes, -1))
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

    def _made(self) -> _Buffers:
        walk = self.walk
        padded = np.full((1, walk.channels, *walk.padded_sizes), walk.fill, self.dtype)
        view = windows(walk, padded, whole(walk, slice(0, walk.step_shape[0])))[0]
        columns = np.empty((walk.groups, walk.channels_per_group * walk.taps, walk.steps), self.dtype)
        return _Buffers(padded[walk.inside][0], view, columns.reshape(view.shape), columns)
