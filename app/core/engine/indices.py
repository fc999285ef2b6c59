"""Where the maxima of a pool lie, as an index into the channel's plane. Knows walks and arrays, no operation.

A window is a product of axes, and so the first of its largest cells is found axis by axis, the last axis first: of
each row the first largest cell, and then the first row that has the largest of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..walk.walk import AxisWalk, Table, Walk

Indices = NDArray[np.int64]
Array = NDArray[np.floating]

READ_WORK, WRITE_WORK = 80, 250  # elementary operations that a read and a found cell are worth
NO_CELL = -1  # a window that reads no input cell


def indices(walk: Walk, x: Array) -> Indices:
    """Per output cell the row-major index of its maximum in the channel's input plane: (channels, *steps).

    ``x`` is (channels, *sizes). The first of equals counts, as in PyTorch and ONNX; the last NaN, as in
    PyTorch, whose comparison lets each NaN replace what came before.
    """
    return _band(walk, x, slice(0, walk.step_shape[0]))


def index_bands(walk: Walk, x: Array, rows: int) -> Iterator[Indices]:
    """The same, ``rows`` rows of the first axis at a time."""
    for top in range(0, walk.step_shape[0], rows):
        yield _band(walk, x, slice(top, min(top + rows, walk.step_shape[0])))


def index_work(walk: Walk) -> int:
    """Elementary operations of all of them: each axis' windows, over the steps of the axes after it.

    What an axis gives costs more than what it reads: its maxima are written under a mask, with their indices.
    """
    cells = [axis.source.size for axis in walk.axes]
    work = 0
    for place in reversed(range(len(cells))):
        axis = walk.axes[place]
        others = math.prod(cells) // cells[place]
        work += others * (READ_WORK * axis.reads.cells(axis.steps) + WRITE_WORK * axis.steps)
        cells[place] = axis.steps
    return walk.channels * work


def _band(walk: Walk, x: Array, rows: slice) -> Indices:
    cuts = [rows, *(slice(0, axis.steps) for axis in walk.axes[1:])]
    spans = [_spans(axis, cut) for axis, cut in zip(walk.axes, cuts, strict=True)]
    top, bottom = int(spans[0][0].min()), int(spans[0][1].max())
    values: Array = x[:, top:bottom]
    found: Indices = np.zeros((1,) * x.ndim, np.int64)
    with_nan = bool(np.isnan(values).any())
    inner = 1  # cells of the axes that are done
    for place in range(len(walk.axes), 0, -1):
        axis, cut, span = walk.axes[place - 1], cuts[place - 1], spans[place - 1]
        offset = top if place == 1 else 0
        shape = (*values.shape[:place], cut.stop - cut.start, *values.shape[place + 1 :])
        best, index = np.full(shape, -np.inf, values.dtype), np.zeros(shape, np.int64)
        held = np.broadcast_to(found, values.shape)
        find = _by_steps if isinstance(axis.reads, Table) or axis.steps <= axis.reads.taps else _by_taps
        arrays = (np.moveaxis(values, place, 0), np.moveaxis(held, place, 0))
        places = (np.moveaxis(best, place, 0), np.moveaxis(index, place, 0))
        find(_Pass(axis, cut, span, offset, inner, with_nan, *arrays, *places))
        values, found = best, index
        inner *= axis.source.size
    for place, (low, high) in enumerate(spans, start=1):
        empty = np.flatnonzero(low >= high)
        if len(empty):
            found[(slice(None),) * place + (empty,)] = NO_CELL
    return found


def _spans(axis: AxisWalk, cut: slice) -> tuple[Indices, Indices]:
    """From the first tap of each step's window that finds a cell to behind its last cell; nothing where none does."""
    reads, size, steps = axis.reads, axis.source.size, np.arange(cut.start, cut.stop)
    if isinstance(reads, Table):
        starts = reads.starts[steps].astype(np.int64)
        return starts, starts + reads.counts[steps]
    starts = reads.start + steps * reads.stride
    low = starts + np.maximum(0, -(starts // reads.gap)) * reads.gap
    return low, np.maximum(low, np.minimum(size, starts + (reads.taps - 1) * reads.gap + 1))


@dataclass(frozen=True, slots=True)
class _Pass:
    """One axis of a band, which lies first in all arrays: what is read, and where the largest go."""

    axis: AxisWalk
    cut: slice  # steps of it
    span: tuple[Indices, Indices]  # of their windows
    offset: int  # of the axis' cells, at which ``values`` begin
    inner: int  # cells of the axes after it
    with_nan: bool
    values: Array
    before: Indices  # of the values, within the inner cells
    best: Array
    found: Indices


def _by_steps(work: _Pass) -> None:
    """Window by window: for windows that are few, or uneven."""
    gap = 1 if isinstance(work.axis.reads, Table) else work.axis.reads.gap
    for at, (low, high) in enumerate(zip(*(ends.tolist() for ends in work.span), strict=True)):
        if low >= high:
            continue
        read = slice(low - work.offset, high - work.offset, gap)
        cells = work.values[read]
        tap = np.moveaxis(cells, 0, -1).argmax(axis=-1)  # the last axis lies in memory so
        if work.with_nan:
            isnan = np.isnan(cells)
            tap = np.where(isnan.any(axis=0), len(cells) - 1 - isnan[::-1].argmax(axis=0), tap)
        work.best[at] = np.take_along_axis(cells, tap[None], axis=0)[0]
        within = np.take_along_axis(work.before[read], tap[None], axis=0)[0]
        work.found[at] = (low + tap * gap) * work.inner + within


def _by_taps(work: _Pass) -> None:
    """Tap by tap, for windows that are many and evenly spaced: each tap is one strided view for all steps.

    Taps lie ascending, so that the steps which have read a cell are a range that grows at its beginning.
    """
    reads, size, steps = work.axis.affine, work.axis.source.size, work.cut.stop - work.cut.start
    covered = steps  # from here on a cell has been read
    for tap in range(reads.taps):
        start = reads.start + work.cut.start * reads.stride + tap * reads.gap
        low = min(steps, max(0, -(start // reads.stride)))
        high = max(low, min(steps, -((start - size) // reads.stride)))
        for begin, end in ((low, min(covered, high)), (max(low, covered), high)):
            if begin >= end:
                continue
            first, last = start + begin * reads.stride, start + (end - 1) * reads.stride
            read = slice(first - work.offset, last - work.offset + 1, reads.stride)
            place = np.arange(first, last + 1, reads.stride, dtype=np.int64) * work.inner
            index = place.reshape(-1, *(1,) * (work.values.ndim - 1)) + work.before[read]
            cells, held = work.values[read], work.best[begin:end]
            wins: Any = True
            if begin >= covered:
                wins = (cells > held) | np.isnan(cells) if work.with_nan else cells > held
            np.copyto(held, cells, where=wins)
            np.copyto(work.found[begin:end], index, where=wins)
        if low < high:
            covered = min(covered, low)
