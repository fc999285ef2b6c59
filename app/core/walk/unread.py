"""The input cells of an axis that no step reads: how many there are, and the first ranges of them.

Evenly spaced windows read runs of cells that lie ``stride`` apart, at most one a tap or one a step. So what is left
is counted by arithmetic on runs, whatever the axis' length; cells are looked at in pieces, and only until enough
ranges are found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .walk import AxisMap, AxisWalk, Table

Int64 = NDArray[np.int64]

PIECE = 1 << 16  # cells that are looked at in one go


@dataclass(frozen=True, slots=True)
class Unread:
    """How many cells no step reads, and the first inclusive ranges of them, ascending."""

    count: int
    ranges: list[list[int]]


@dataclass(frozen=True, slots=True)
class _Runs:
    """Cells ``first + k · stride`` for k below ``count``, run by run."""

    first: Int64
    count: Int64
    stride: int

    def within(self, start: int, stop: int) -> _Runs:
        """The part from ``start`` up to ``stop``, which is left out."""
        low = np.maximum(0, -((self.first - start) // self.stride))
        high = np.minimum(self.count, -((self.first - stop) // self.stride))
        kept = high > low
        return _Runs((self.first + low * self.stride)[kept], (high - low)[kept], self.stride)

    def moved(self, offset: int) -> _Runs:
        """All cells that much further on."""
        return _Runs(self.first + offset, self.count, self.stride)

    def mirrored(self, around: int) -> _Runs:
        """Each cell c as ``around − c``."""
        return _Runs(around - self.first - (self.count - 1) * self.stride, self.count, self.stride)

    def disjoint(self, size: int) -> _Runs:
        """The same cells, each in one run only; all of them lie from 0 up to ``size``.

        Cells with the same remainder stand side by side on a line that has room for all of a remainder and one
        more, so that runs of different remainders never touch.
        """
        room = size // self.stride + 2
        low = self.first % self.stride * room + self.first // self.stride
        order = np.argsort(low, kind="stable")
        low, high = low[order], np.maximum.accumulate((low + self.count)[order])
        begins = np.flatnonzero(np.concatenate([[True], low[1:] > high[:-1]])[: len(low)])
        ends = np.concatenate([begins[1:], [len(low)]])[: len(begins)] - 1
        first = low[begins] % room * self.stride + low[begins] // room
        return _Runs(first, high[ends] - low[begins], self.stride)

    def cells(self) -> Int64:
        """Every cell, in no order."""
        before = np.cumsum(self.count) - self.count
        place = np.arange(int(self.count.sum())) - np.repeat(before, self.count)
        found: Int64 = np.repeat(self.first, self.count) + place * self.stride
        return found


def unread(axis: AxisWalk, most: int) -> Unread:
    """The cells that no step reads, with the first ``most`` ranges."""
    size = axis.source.size
    runs = _read(axis).disjoint(size)
    count = size - int(runs.count.sum())
    return Unread(count, _gaps(runs, size, most) if count else [])


def _read(axis: AxisWalk) -> _Runs:
    """The input's own cells that the steps read, padding that copies them included."""
    source, reads = axis.source, axis.reads
    if isinstance(reads, Table):
        return _Runs(reads.starts.astype(np.int64), reads.counts.astype(np.int64), 1)
    stride, steps, gap, taps = reads.stride, axis.steps, reads.gap, reads.taps
    if steps < taps and source.spread == 1:  # a run is the taps of a step then, and not the steps of a tap
        stride, steps, gap, taps = gap, taps, stride, steps
    # Taps whose distance is a multiple of the stride read the same remainder: ``alike`` taps apart, ``skipped`` steps.
    common = math.gcd(stride, gap)
    alike, skipped = stride // common, gap // common
    tap = np.arange(taps, dtype=np.int64)
    count = np.full(taps, steps, np.int64)
    if skipped <= steps:  # they join into one run
        tap = tap[:alike]
        count = (-(-(taps - tap) // alike) - 1) * skipped + steps
    runs = _Runs(reads.start + tap * gap, count, stride)
    own = runs.within(0, source.length)
    if source.spread > 1:
        assert stride == 1, "cells that were set apart are read one by one"
        first = -(-own.first // source.spread)
        last = (own.first + own.count - 1) // source.spread
        return _Runs(first[last >= first], (last - first + 1)[last >= first], 1)
    every = [own, *_copies(runs, source)]
    return _Runs(
        np.concatenate([one.first for one in every]),
        np.concatenate([one.count for one in every]),
        stride,
    )


def _copies(runs: _Runs, source: AxisMap) -> list[_Runs]:
    """The cells that are read where padding shows them; see ``PADDING_MODES``."""
    size = source.size
    before, after = runs.within(-source.begin, 0), runs.within(size, size + source.end)
    if source.mode == "circular":
        return [before.moved(size), after.moved(-size)]
    if source.mode == "reflect":
        return [before.mirrored(0), after.mirrored(2 * (size - 1))]
    if source.mode == "symmetric":
        return [before.mirrored(-1), after.mirrored(2 * size - 1)]
    if source.mode == "replicate":
        edges = [cell for cell, there in ((0, before), (size - 1, after)) if len(there.first)]
        return [_Runs(np.array(edges, np.int64), np.ones(len(edges), np.int64), runs.stride)]
    return []


def _gaps(runs: _Runs, size: int, most: int) -> list[list[int]]:
    """The first ``most`` ranges of cells that are in none of the disjoint ``runs``."""
    found: list[list[int]] = []
    for start in range(0, size, PIECE):
        stop = min(size, start + PIECE)
        here = runs.within(start, stop)
        read = int(here.count.sum())
        if read == stop - start:
            continue
        mask = np.zeros(stop - start + 2, np.int8)  # a read cell on either side
        mask[1:-1] = 1
        mask[here.cells() - start + 1] = 0
        edges = np.diff(mask)
        begins = (np.flatnonzero(edges > 0) + start).tolist()
        ends = (np.flatnonzero(edges < 0) + start - 1).tolist()
        for first, last in zip(begins, ends, strict=True):
            if found and found[-1][1] == first - 1:
                found[-1][1] = last
            elif len(found) == most:
                return found
            else:
                found.append([first, last])
    return found
