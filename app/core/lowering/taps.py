"""The lowering of depthwise kernels: one pass for each tap, which multiplies and adds at once. Knows walks and arrays.

A matrix product has nothing to share where each filter reads one channel, and BLAS makes hard work of it. ``einsum``
adds a number times a row of cells to a row in a single pass, which no ufunc does. The cells that one tap along a row
reads are written out side by side, so that taps down the rows are views and a pass runs over many rows at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..walk.walk import Walk
from .cells import Fetch, Reach, reach
from .part import Array
from .scratch import BAND_BYTES, Room

KEPT_PIECES = 256
FEWEST_CHANNELS, MOST_TAPS = 4, 9  # where this is the fastest, measured: one channel shares more by rows
SHORT = 96  # cells of a pass below which all channels take one tap, then the next


@dataclass(frozen=True, slots=True)
class Taps:
    """Pieces of ``tall`` rows and ``channels`` channels."""

    walk: Walk
    tall: int
    channels: int
    unit: int = 1
    _fetches: dict[tuple[int, int, int], list[Fetch]] = field(default_factory=dict)

    @staticmethod
    def fits(walk: Walk) -> bool:
        """Whether every filter has a channel of its own, and moves row by row."""
        return (
            walk.channels_per_group == walk.lanes_per_group == 1
            and len(walk.axes) == 2
            and walk.affine
            and walk.axes[0].affine.stride == walk.axes[0].source.spread == 1
            and walk.step_shape[1] > 1
        )

    @staticmethod
    def suits(walk: Walk) -> bool:
        """Whether it is the fastest: many channels, and few taps."""
        return walk.groups >= FEWEST_CHANNELS and walk.taps <= MOST_TAPS

    @classmethod
    def of(cls, walk: Walk, itemsize: int, band_bytes: int = BAND_BYTES) -> Taps:
        """Pieces that stay in the second-level cache with their outputs."""
        down, across = (axis.affine for axis in walk.axes)
        rows, wide = walk.step_shape
        copies, extra = across.taps + 1, across.taps * (down.taps - 1) * down.gap
        each = wide * itemsize
        tall = max(1, min(rows, (band_bytes // each - extra) // copies))
        channels = max(1, band_bytes // ((copies * tall + extra) * each))
        return cls(walk, tall, min(walk.groups, channels))

    def arranged(self, weight: Array) -> Array:
        """The weights as (taps down, taps across, channels)."""
        shaped = weight.reshape(self.walk.groups, *self.walk.tap_shape)
        return np.ascontiguousarray(shaped.transpose(1, 2, 0))

    def run(self, x: Array, matrix: Array, bias: Array | None, out: Array, rows: slice) -> None:
        """Compute the steps of ``rows`` of an input (channels, *sizes) into ``out`` (lanes, rows, columns)."""
        for top in range(rows.start, rows.stop, self.tall):
            below = min(rows.stop, top + self.tall)
            for channel in range(0, self.walk.groups, self.channels):
                some = slice(channel, min(self.walk.groups, channel + self.channels))
                piece = out[some, top - rows.start : below - rows.start]
                self._compute(x[some], top, matrix[:, :, some], piece)
                if bias is not None:
                    piece += bias[some, None, None]

    def _compute(self, x: Array, top: int, matrix: Array, out: Array) -> None:
        """One piece into ``out`` (channels, rows, columns)."""
        channels, tall, wide = out.shape
        down, across, _ = matrix.shape
        gap, cells, item = self.walk.axes[0].affine.gap, tall * wide, x.itemsize
        height = tall + (down - 1) * gap
        room = Room()
        written = room.take((channels, across, height, wide), x.dtype)
        for tap, fetch in enumerate(self._fetched(channels, top, tall)):
            fetch.fill_in(x, written[:, tap], room)
        row, plane = wide * item, height * wide * item
        strides = (gap * row, plane, across * plane, item)
        view = np.ndarray((down, across, channels, cells), x.dtype, written.data, 0, strides)
        sums = out.reshape(channels, cells)
        # Decided by the largest piece: another order of adding would give a piece of few rows other bits.
        if self.tall * wide < SHORT:
            np.einsum("ijc,ijcn->nc", matrix, view, out=sums.T, order="F")
        else:
            np.einsum("ijc,ijcn->cn", matrix, view, out=sums)

    def _fetched(self, channels: int, top: int, tall: int) -> list[Fetch]:
        """How the cells of a piece are written out, for each tap along a row: worked out once."""
        key = (channels, top, tall)
        found = self._fetches.get(key)
        if found is None:
            if len(self._fetches) >= KEPT_PIECES:
                self._fetches.clear()
            down, across = self.walk.axes
            rows = reach(down, slice(top, top + tall))
            left = reach(across, slice(0, 1)).first
            wide, reads = self.walk.step_shape[1], across.affine
            firsts = (left + tap * reads.gap for tap in range(reads.taps))
            found = self._fetches[key] = [
                Fetch.of(self.walk, channels, (rows, Reach(first, wide, reads.stride)), copied=True)
                for first in firsts
            ]
        return found
