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

# Elementary operations that a read and a found cell are worth, for windows of taps and for windows one by one.
TAP_READ, TAP_WRITE = 30, 140
STEP_READ, STEP_WRITE = 12, 400
NO_CELL = -1  # a window that reads no input cell


def indices(walk: Walk, x: Array) -> Indices:
    """Per output cell the row-major index of its maximum in the channel's input plane: (channels, *steps).

    ``x`` is (channels, *sizes). The first of equals counts, as in PyTorch and ONNX; the last NaN, as in
    PyTorch, whose comparison lets each NaN replace what came before.
    """
    return next(index_bands(walk, x, walk.step_shape[0]))


def index_bands(walk: Walk, x: Array, rows: int) -> Iterator[Indices]:
    """The same in bands (channels, rows, *other steps), ``rows`` rows of the first axis at a time.

    Windows of two bands overlap: of the rows that the next band reads again, the maxima along the other axes are kept.
    """
    begin, values, found = 0, x[:, :0], np.zeros((1,) * x.ndim, np.int64)[:, :0]
    for top in range(0, walk.step_shape[0], rows):
        cut = slice(top, min(top + rows, walk.step_shape[0]))
        span = _spans(walk.axes[0], cut)
        start, end = int(span[0].min()), int(span[1].max())
        done = begin + values.shape[1]
        more, where = _along_rows(walk, x[:, max(start, done) : max(start, done, end)])
        if start < done:
            values = np.concatenate([values[:, start - begin :], more], axis=1)
            found = np.concatenate([found[:, start - begin :], where], axis=1)
        else:
            values, found = more, where
        begin = start
        yield _across_rows(walk, values, found, cut, start)


def index_work(walk: Walk) -> int:
    """Elementary operations of all of them: each axis' windows, over the steps of the axes after it.

    Writing costs more than reading: the maxima of an axis are written under a mask, with their indices.
    """
    cells = [axis.source.size for axis in walk.axes]
    work = 0
    for place in reversed(range(len(cells))):
        axis = walk.axes[place]
        others = math.prod(cells) // cells[place]
        read, write = (STEP_READ, STEP_WRITE) if _is_stepped(axis) else (TAP_READ, TAP_WRITE)
        work += others * (read * axis.reads.cells(axis.steps) + write * axis.steps)
        cells[place] = axis.steps
    return walk.channels * work


def _along_rows(walk: Walk, x: Array) -> tuple[Array, Indices]:
    """Of rows of the first axis the maxima over the windows of all others, and where in their row they lie."""
    values, found, inner = x, np.zeros(x.shape, np.int64), 1
    for place in range(len(walk.axes), 1, -1):
        axis = walk.axes[place - 1]
        values, found = _maxima(axis, place, slice(0, axis.steps), 0, inner, values, found)
        inner *= axis.source.size
    return values, found


def _across_rows(walk: Walk, values: Array, found: Indices, cut: slice, start: int) -> Indices:
    """The maxima over the windows of the first axis, out of what was found in the rows from ``start`` on."""
    inner = math.prod(axis.source.size for axis in walk.axes[1:])
    _, index = _maxima(walk.axes[0], 1, cut, start, inner, values, found)
    cuts = [cut, *(slice(0, axis.steps) for axis in walk.axes[1:])]
    for place, (axis, part) in enumerate(zip(walk.axes, cuts, strict=True), start=1):
        low, high = _spans(axis, part)
        empty = np.flatnonzero(low >= high)
        if len(empty):
            index[(slice(None),) * place + (empty,)] = NO_CELL
    return index


def _maxima(
    axis: AxisWalk, place: int, cut: slice, offset: int, inner: int, values: Array, found: Indices
) -> tuple[Array, Indices]:
    """The maxima over the windows of one axis, and where they lie among the inner cells."""
    shape = (*values.shape[:place], cut.stop - cut.start, *values.shape[place + 1 :])
    best, index = np.full(shape, -np.inf, values.dtype), np.zeros(shape, np.int64)
    given = np.moveaxis(values, place, 0), np.moveaxis(found, place, 0)
    made = np.moveaxis(best, place, 0), np.moveaxis(index, place, 0)
    find = _by_steps if _is_stepped(axis) else _by_taps
    find(_Pass(axis, cut, _spans(axis, cut), offset, inner, bool(np.isnan(values).any()), *given, *made))
    return best, index


def _is_stepped(axis: AxisWalk) -> bool:
    """Whether windows are found one by one: they are uneven, or fewer than their taps."""
    return isinstance(axis.reads, Table) or axis.steps <= axis.reads.taps


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
