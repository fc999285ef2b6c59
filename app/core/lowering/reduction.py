"""Reductions over windows, one axis after the other. Knows walks and arrays, and no operation.

A window is a product of axes, and so is its largest value or its sum. Bands are reduced by whole rows first, which
lie contiguous, and only what is left of them column by column; no window is ever written out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..padding import BEYOND
from ..walk import AxisWalk, Walk
from .kept import kept
from .part import Array, Part, whole
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
class _Span:
    """What one tap reads along an axis of a band: ``first + step · stride``, for the steps that find a cell there."""

    first: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis of a box of steps: the input cells that it reads, and its taps, the most complete ones first."""

    cells: slice
    steps: int
    stride: int
    gap: int
    spans: tuple[_Span, ...]
    plain: bool  # every tap of every step finds a cell

    @classmethod
    def of(cls, axis: AxisWalk, cut: slice) -> _Axis:
        """The steps of ``cut``."""
        reads, steps = axis.affine, int(cut.stop) - int(cut.start)
        first = reads.start + int(cut.start) * reads.stride
        past = first + (steps - 1) * reads.stride + (reads.taps - 1) * reads.gap + 1
        cells = slice(min(axis.source.size, max(0, first)), max(0, min(axis.source.size, past)))
        size = max(0, cells.stop - cells.start)
        spans = []
        for tap in range(reads.taps):
            at = first + tap * reads.gap - cells.start
            low = min(steps, max(0, -(at // reads.stride)))
            high = max(low, min(steps, -((at - size) // reads.stride)))
            spans.append(_Span(at, low, high))
        spans.sort(key=lambda span: span.low - span.high)
        plain = all(span.low == 0 and span.high == steps for span in spans)
        return cls(cells, steps, reads.stride, reads.gap, tuple(spans), plain)

    def read(self, band: Array, place: int, span: _Span, low: int, high: int) -> Array:
        """What a tap reads at the steps from ``low`` to ``high``, as a view."""
        start = span.first + low * self.stride
        cut = slice(start, start + (high - low - 1) * self.stride + 1, self.stride)
        return band[(slice(None),) * place + (cut,)]

    def reduce(self, band: Array, place: int, ufunc: np.ufunc, fill: float, out: Array) -> None:
        """Reduce one axis of a band into ``out``, which has the steps in its place; edges hold the fill value."""
        steps = (slice(None),) * place
        if self.steps == 1 and self.gap == 1:
            ufunc.reduce(band, axis=place, keepdims=True, initial=fill, out=out)
            return
        first, second, *others = self.spans if len(self.spans) > 1 else self.spans * 2
        low, high = max(first.low, second.low), min(first.high, second.high)
        if low < high:
            here = out[(*steps, slice(low, high))]
            ufunc(
                self.read(band, place, first, low, high), self.read(band, place, second, low, high), out=here
            )
        else:
            low = high = 0
        for begin, end in ((0, low), (high, self.steps)):
            if begin < end:
                out[(*steps, slice(begin, end))] = fill
                for span in (first, second):
                    self._add(band, place, ufunc, span, max(begin, span.low), min(end, span.high), out)
        for span in others:
            self._add(band, place, ufunc, span, span.low, span.high, out)

    def _add(
        self, band: Array, place: int, ufunc: np.ufunc, span: _Span, low: int, high: int, out: Array
    ) -> None:
        if low < high:
            here = out[(*(slice(None),) * place, slice(low, high))]
            ufunc(here, self.read(band, place, span, low, high), out=here)


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands of at most ``most`` steps of one channel, or of several channels where those have fewer steps."""

    walk: Walk
    most: int
    total: bool  # one window reads every cell once
    _plans: dict[tuple[int, ...], tuple[_Axis, ...]] = field(default_factory=dict)

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
        rest = walk.steps // walk.step_shape[0]
        most = max(1, band_bytes // ((cells + _left(moves)) * itemsize))
        if streams and len(moves) > 1:
            rows = walk.axes[0].affine
            overlap = max(0, (rows.taps - 1) * rows.gap + 1 - moves[0]) * rest  # rows that two bands read
            left, room = _left(moves[::-1]), band_bytes // itemsize
            together = room // (walk.steps * left + overlap)  # whole channels, each with its overlap
            most = max(most, together * walk.steps if together else (room - overlap) // left)
        if rest <= most < walk.steps:  # bands of about the same height
            count = -(-walk.steps // (most // rest * rest))
            most = -(-walk.step_shape[0] // count) * rest
        return cls(walk, most, total)

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
        for box in boxes(shape, self.most):
            own = (slice(box[0].start + rows.start, box[0].stop + rows.start), *box[1:])
            axes = self._axes(own)
            cells = tuple(axis.cells for axis in axes)
            for channel in range(0, len(x), together):
                some = slice(channel, channel + together)
                result = out[(some, *box)]
                band = x[(some, *cells)]
                self._reduce(axes, band, ufunc, prepare, result)
                if finish is not None:
                    finish(result, own)

    def _reduce(
        self, axes: tuple[_Axis, ...], band: Array, ufunc: np.ufunc, prepare: Prepare | None, out: Array
    ) -> None:
        room = Room()
        order = tuple(enumerate(axes))
        if prepare is not None:
            mapped = room.take(band.shape, band.dtype)
            prepare(band, mapped)
            band = mapped
        elif ufunc is np.add:
            # NumPy adds cells that lie apart by vectors, and compares them one by one. Sums begin along the rows
            # therefore, in one pass over memory.
            order = order[::-1]
        else:
            _read_ahead(band)
        for number, (index, axis) in enumerate(order):
            last = number == len(order) - 1
            if len(axis.spans) == 1 and axis.plain and not last:
                band = axis.read(band, index + 1, axis.spans[0], 0, axis.steps)
                continue
            target = out
            if not last:
                target = room.take(
                    (*band.shape[: index + 1], axis.steps, *band.shape[index + 2 :]), out.dtype
                )
            if len(axis.spans) == 1:
                span = axis.spans[0]
                target[...] = self.walk.fill
                inside = (slice(None),) * (index + 1) + (slice(span.low, span.high),)
                target[inside] = axis.read(band, index + 1, span, span.low, span.high)
            else:
                axis.reduce(band, index + 1, ufunc, self.walk.fill, target)
            band = target

    def _axes(self, box: tuple[slice, ...]) -> tuple[_Axis, ...]:
        key = tuple(edge for cut in box for edge in (cut.start, cut.stop))
        axes = self._plans.get(key)
        if axes is None:
            if len(self._plans) >= KEPT_BANDS:
                self._plans.clear()
            axes = self._plans[key] = tuple(map(_Axis.of, self.walk.axes, box))
        return axes


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
    """How many cells the windows of some rows read, per axis: a window is a product of axes, and so is its count.

    Padding counts when asked for; what lies beyond it never does.
    """
    counts: list[Array] = []
    for axis, cut in zip(walk.axes, whole(walk, rows), strict=True):
        codes = axis.source.resolve(axis.reads.coordinates(np.arange(cut.start, cut.stop)))
        counts.append((codes > BEYOND if padding else codes >= 0).sum(axis=-1).astype(np.float64))
    return counts


def divided_by(divisor: int) -> Finish:
    """A mean's last step where every window has the same divisor."""
    # A power of two has an exact reciprocal, and to multiply is faster.
    exact = math.frexp(divisor)[0] == 0.5

    def finish(values: Array, box: tuple[slice, ...]) -> None:
        if exact:
            np.multiply(values, 1 / divisor, out=values)
        else:
            np.divide(values, divisor, out=values)

    return finish
