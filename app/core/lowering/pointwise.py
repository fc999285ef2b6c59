"""The lowering of kernels of one cell: the input as it lies is the matrix, and nothing is written out. Knows walks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..walk.walk import Walk
from .part import Array
from .product import multiply
from .tiles import height

COLUMNS = 1 << 12  # of one product: enough for BLAS, and few enough that the bias finds them in the cache


@dataclass(frozen=True, slots=True)
class Pointwise:
    """Products of ``unit`` rows at a time, so that a band holds the very bits of the whole run."""

    walk: Walk
    unit: int

    @classmethod
    def of(cls, walk: Walk) -> Pointwise:
        """Rows of about ``COLUMNS`` cells."""
        return cls(walk, height(walk.step_shape, 0, COLUMNS))

    @staticmethod
    def fits(walk: Walk) -> bool:
        """Whether each step reads the one cell that lies at its place."""
        return walk.affine and all(
            (reads.start, reads.stride, reads.taps) == (0, 1, 1)
            and axis.source.spread == 1
            and axis.steps == axis.source.size == axis.source.padded_size
            for axis in walk.axes
            for reads in [axis.affine]
        )

    def arranged(self, weight: Array) -> Array:
        """The weights as matrices: (groups, filters, channels of a group)."""
        return weight.reshape(self.walk.groups, self.walk.lanes_per_group, -1)

    def run(self, x: Array, matrix: Array, bias: Array | None, out: Array, rows: slice) -> None:
        """Compute the steps of ``rows`` of an input (channels, *sizes) into ``out`` (lanes, rows, *others)."""
        walk = self.walk
        for top in range(rows.start, rows.stop, self.unit):
            bottom = min(rows.stop, top + self.unit)
            columns = x[:, top:bottom].reshape(walk.groups, walk.channels_per_group, -1)
            result = out[:, top - rows.start : bottom - rows.start].reshape(
                walk.groups, walk.lanes_per_group, -1
            )
            if walk.channels_per_group == 1:  # one product a cell, of which BLAS makes hard work
                np.multiply(matrix, columns, out=result)
            else:
                multiply(matrix, columns, result)
            if bias is not None:
                result += bias.reshape(walk.groups, -1, 1)
