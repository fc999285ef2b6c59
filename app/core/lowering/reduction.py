"""Reductions over windows, one axis after the other. Knows walks and arrays, and no operation.

A window is a product of axes, and so is its largest value or its sum. Bands are reduced by whole rows first, which
lie contiguous, and only what is left of them column by column; no window is ever written out.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..padding import BEYOND
from ..walk.walk import AxisWalk, Walk
from .kept import kept
from .part import Array, Part, step_box
from .scratch import BAND_BYTES, Room
from .tiles import boxes

KEPT_BANDS = 256
RUN = 1 << 12  # cells that are added in a row before their sums are

AHEAD = 1 << 13  # cells that are worth reading ahead

# Called with the cells of a band and where their replacement goes; with values and the box of their steps.
Prepare = Callable[[Array, Array], object]
Finish = Callable[[Array, tuple[slice, ...]], object]


def separable(
    part: Part,
    rows: slice,
    reduce: np.ufunc,
    prepare: Prepare | None = None,
    finish: Finish | None = None,
) -> Array:
    """A reduction over each window by ufuncs: (lanes, rows, …).

    The walk's fill is the reduction's neutral element. ``prepare`` maps the cells before they are reduced,
    ``finish`` the values afterwards, in place; both see a band while it is in the cache.
    """
    walk, x = part.walk, part.x
    streams = reduce is np.add and prepare is None
    bands = kept(
        walk, ("bands", x.dtype.char, streams), lambda: Bands.of(walk, x.dtype.itemsize, streams=streams)
    )
    out = np.empty((len(x), rows.stop - rows.start, *walk.step_shape[1:]), x.dtype)
    bands.run(x, reduce, prepare, finish, out, rows)
    return out


@dataclass(frozen=True, slots=True)
class _Tap:
    """Cells that a tap reads along an axis of a band, ``first + step · stride``, for the steps that find one there."""

    first: int
    stride: int
    low: int
    high: int

    def cells(self, low: int, high: int) -> slice:
        """The cells that the steps from ``low`` to ``high`` read."""
        start = self.first + low * self.stride
        return slice(start, start + (high - low - 1) * self.stride + 1, self.stride)


# One call of the ufunc: the steps that it is for, a tap's cells, and those of a tap before it; None stands for what
# the steps hold already.
Move = tuple[slice, slice, slice | None]


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis of a box of steps. Its moves are worked out once: Python between two ufuncs is time for every band."""

    place: int  # in a band (channels, …)
    cells: slice  # of the input, which it reads
    steps: int
    window: bool  # one step, which reads all of these cells
    edges: tuple[slice, ...]  # steps that begin with the fill value
    moves: tuple[Move, ...]
    alone: tuple[slice, slice] | None  # of the only tap: the steps that find a cell, and these

    @classmethod
    def of(cls, axis: AxisWalk, cut: slice, place: int) -> _Axis:
        """The steps of ``cut``."""
        reads, steps = axis.affine, int(cut.stop) - int(cut.start)
        first = reads.start + int(cut.start) * reads.stride
        past = first + (steps - 1) * reads.stride + (reads.taps - 1) * reads.gap + 1
        cells = slice(min(axis.source.size, max(0, first)), max(0, min(axis.source.size, past)))
        size = max(0, cells.stop - cells.start)
        taps = []
        for tap in range(reads.taps):
            start = first + tap * reads.gap - cells.start
            low = min(steps, max(0, -(start // reads.stride)))
            high = max(low, min(steps, -((start - size) // reads.stride)))
            taps.append(_Tap(start, reads.stride, low, high))
        window = steps == 1 and reads.gap == 1 and len(taps) > 1
        edges, moves, alone = _moves(sorted(taps, key=lambda tap: tap.low - tap.high), steps)
        return cls(place, cells, steps, window, edges, moves, alone)

    @property
    def bare(self) -> bool:
        """Whether its one tap finds a cell at every step, so that there is nothing to do but to read."""
        return self.alone is not None and not self.edges

    def read(self, band: Array) -> Array:
        """The cells that the only tap reads, as a view."""
        assert self.alone is not None, "an axis with one tap"
        return band[(slice(None),) * self.place + (self.alone[1],)]

    def reduce(self, band: Array, ufunc: np.ufunc, fill: float, out: Array) -> None:
        """Reduce this axis of a band into ``out``, which has the steps in its place; edges hold the fill value."""
        if self.window:
            ufunc.reduce(band, axis=self.place, keepdims=True, initial=fill, out=out)
            return
        band, out = band.swapaxes(0, self.place), out.swapaxes(0, self.place)
        for edge in self.edges:
            out[edge] = fill
        if self.alone is not None:
            steps, cells = self.alone
            out[steps] = band[cells]
        for steps, cells, others in self.moves:
            here = out[steps]
            ufunc(here if others is None else band[others], band[cells], out=here)


def _moves(
    taps: list[_Tap], steps: int
) -> tuple[tuple[slice, ...], tuple[Move, ...], tuple[slice, slice] | None]:
    """The edges and moves of an axis, or its edges and only tap: taps that find the most cells come first."""
    at = functools.cache(
        slice
    )  # most taps find cells for the same steps, and of a large window there are many
    low, high = max(tap.low for tap in taps[:2]), min(tap.high for tap in taps[:2])
    if low >= high:
        low = high = 0
    ends = [end for end in ((0, low), (high, steps)) if end[0] < end[1]]
    edges = tuple(at(*end) for end in ends)
    first = taps[0].cells(low, high)
    if len(taps) == 1:
        return edges, (), (at(low, high), first) if low < high else None
    moves: list[Move] = []
    if low < high:
        moves.append((at(low, high), taps[1].cells(low, high), first))
    # Between the ends the first two have met; all others join along their whole span.
    joining = [(tap, ends) for tap in taps[:2]] + [(tap, [(0, steps)]) for tap in taps[2:]]
    for tap, begin, end in ((tap, *span) for tap, spans in joining for span in spans):
        low, high = max(begin, tap.low), min(end, tap.high)
        if low < high:
            moves.append((at(low, high), tap.cells(low, high), None))
    return edges, tuple(moves), None


@dataclass(frozen=True, slots=True)
class _Box:
    """All axes of a box of steps in the order they are reduced, and what is left of a channel after each."""

    cells: tuple[slice, ...]
    shape: tuple[int, ...]  # of these cells
    before: tuple[tuple[_Axis, tuple[int, ...]], ...]
    last: _Axis

    @classmethod
    def of(cls, axes: list[_Axis], *, rows_first: bool) -> _Box:
        """NumPy adds cells that lie apart by vectors, and compares them one by one.

        Sums begin along the rows therefore, in one pass over memory.
        """
        cells = tuple(axis.cells for axis in axes)
        shape = tuple(max(0, cut.stop - cut.start) for cut in cells)
        left = list(shape)
        *others, last = reversed(axes) if rows_first else axes
        before = []
        for axis in others:
            left[axis.place - 1] = axis.steps
            before.append((axis, tuple(left)))
        return cls(cells, shape, tuple(before), last)


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands of at most ``most`` steps of one channel, or of several channels where those have fewer steps."""

    walk: Walk
    most: int
    total: bool  # one window reads every cell once
    streams: bool  # cells are added along the rows first, in the order they lie in
    _plans: dict[tuple[int, ...], _Box] = field(default_factory=dict)
    _axes: dict[tuple[int, int, int], _Axis] = field(default_factory=dict)

    @classmethod
    def of(cls, walk: Walk, itemsize: int, *, streams: bool = False, band_bytes: int = BAND_BYTES) -> Bands:
        """Bands that stay in the second-level cache: what is left of their cells after each axis but the last.

        So do the cells, unless they are added along the rows first, which takes them in the order they lie in.
        """
        moves = [
            min(axis.affine.stride, axis.source.size) if axis.steps > 1 else axis.source.size
            for axis in walk.axes
        ]
        cells = math.prod(moves)
        total = all(
            axis.steps == 1
            and axis.affine.gap == 1
            and axis.affine.start == 0
            and axis.affine.taps == axis.source.size
            for axis in walk.axes
        )
        per_row = walk.steps // walk.step_shape[0]
        most = max(1, band_bytes // ((cells + _left(moves)) * itemsize))
        if streams and len(moves) > 1:
            rows = walk.axes[0].affine
            overlap = max(0, (rows.taps - 1) * rows.gap + 1 - moves[0]) * per_row  # rows that two bands read
            left, room = _left(moves[::-1]), band_bytes // itemsize
            together = room // (walk.steps * left + overlap)  # whole channels, each with its overlap
            most = max(most, together * walk.steps if together else (room - overlap) // left)
        if per_row <= most < walk.steps:  # bands of about the same height
            count = -(-walk.steps // (most // per_row * per_row))
            most = -(-walk.step_shape[0] // count) * per_row
        return cls(walk, most, total, streams)

    def run(
        self,
        x: Array,
        ufunc: np.ufunc,
        prepare: Prepare | None,
        finish: Finish | None,
        out: Array,
        rows: slice,
    ) -> None:
        """Compute the steps of ``rows`` of one image (channels, *sizes) into ``out`` (channels, rows, *others)."""
        if self.total and prepare is None:
            _total(x.reshape(len(x), -1), ufunc, out.reshape(-1))
            if finish is not None:
                finish(out, (rows, *(slice(0, 1) for _ in self.walk.axes[1:])))
            return
        shape = out.shape[1:]
        together = max(1, min(len(x), self.most // math.prod(shape)))
        for box in _boxes(shape, self.most):
            own = (slice(box[0].start + rows.start, box[0].stop + rows.start), *box[1:])
            plan = self._plan(own)
            room = Room()  # for all bands of the box
            mapped = None if prepare is None else room.take((together, *plan.shape), out.dtype)
            left = [
                None if axis.bare else room.take((together, *shape), out.dtype) for axis, shape in plan.before
            ]
            cells, steps = x[(slice(None), *plan.cells)], out[(slice(None), *box)]
            for channel in range(0, len(x), together):
                some = slice(channel, channel + together)
                band, result = cells[some], steps[some]
                if mapped is not None and prepare is not None:
                    prepare(band, mapped[: len(band)])
                    band = mapped[: len(band)]
                elif not self.streams:
                    _read_ahead(band)
                self._reduce(plan, band, ufunc, left, result)
                if finish is not None:
                    finish(result, own)

    def _reduce(self, plan: _Box, band: Array, ufunc: np.ufunc, left: list[Array | None], out: Array) -> None:
        count, fill = len(band), self.walk.fill
        for (axis, _), target in zip(plan.before, left, strict=True):
            if target is None:
                band = axis.read(band)
                continue
            here = target[:count]
            axis.reduce(band, ufunc, fill, here)
            band = here
        plan.last.reduce(band, ufunc, fill, out)

    def _plan(self, box: tuple[slice, ...]) -> _Box:
        key = tuple(edge for cut in box for edge in (cut.start, cut.stop))
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= KEPT_BANDS:
                self._plans.clear()
                self._axes.clear()
            axes = [self._axis(place, cut) for place, cut in enumerate(box, 1)]
            plan = self._plans[key] = _Box.of(axes, rows_first=self.streams)
        return plan

    def _axis(self, place: int, cut: slice) -> _Axis:
        """One axis of a box: boxes share those that they have in common, which are all but one."""
        key = (place, cut.start, cut.stop)
        axis = self._axes.get(key)
        if axis is None:
            axis = self._axes[key] = _Axis.of(self.walk.axes[place - 1], cut, place)
        return axis


@functools.lru_cache(maxsize=256)
def _boxes(shape: tuple[int, ...], most: int) -> tuple[tuple[slice, ...], ...]:
    """The boxes of all steps, worked out once."""
    return tuple(boxes(shape, most))


def _left(moves: list[int]) -> int:
    """Cells a step that are left after each axis but the last, when axes are reduced in this order."""
    return sum(math.prod(moves[index:]) for index in range(1, len(moves)))


def _read_ahead(band: Array) -> None:
    """Bring cells (channels, rows, …) into the cache by reading them in order.

    Rows are reduced in pieces that are too short for the processor to see the order by itself.
    """
    if band[0].flags.c_contiguous and band[0].size >= AHEAD:
        np.einsum("cx->c", band.reshape(len(band), -1))


def _total(x: Array, reduce: np.ufunc, out: Array) -> None:
    """Every row of ``x`` (channels, cells) reduced to one value."""
    if reduce is not np.add:
        reduce.reduce(x, axis=1, out=out)
        return
    # einsum adds as fast as memory is read, add.reduce does not; in short runs it is as exact.
    channels, cells = x.shape
    full = cells // RUN * RUN
    if full == cells:
        sums = np.einsum("rx->r", x.reshape(-1, RUN)).reshape(channels, -1)
    else:
        sums = np.einsum("crx->cr", x[:, :full].reshape(channels, -1, RUN))
    np.add.reduce(sums, axis=1, out=out)
    if full < cells:
        out += np.add.reduce(x[:, full:], axis=1)


def window_counts(walk: Walk, rows: slice, *, padding: bool) -> list[Array]:
    """How many cells windows of some rows read, (steps,) per axis: a window is a product of axes, and so its count.

    Padding counts when asked for; what lies beyond it never does.
    """
    counts: list[Array] = []
    for axis, cut in zip(walk.axes, step_box(walk, rows), strict=True):
        codes = axis.source.resolve(axis.reads.coordinates(np.arange(cut.start, cut.stop)))
        counts.append((codes > BEYOND if padding else codes >= 0).sum(axis=-1).astype(np.float64))
    return counts


def counts_of(counts: list[Array], rows: slice, box: tuple[slice, ...]) -> Array:
    """The counts of one box of steps, in the box's shape, from those per axis of ``rows``: their product."""
    per_axis = [
        count[cut.start - first : cut.stop - first]
        for count, cut, first in zip(counts, box, (rows.start, 0, 0), strict=False)
    ]
    product: Array = functools.reduce(np.multiply.outer, per_axis)
    return product


@functools.lru_cache(maxsize=64)
def divided_by(divisor: int) -> Finish:
    """A mean's last step where every window has the same divisor."""
    # A power of two has an exact reciprocal, and to multiply is faster.
    exact = math.frexp(divisor)[0] == 0.5
    by, last = (np.multiply, 1 / divisor) if exact else (np.divide, divisor)

    def finish(values: Array, box: tuple[slice, ...]) -> None:
        by(values, last, out=values)

    return finish
