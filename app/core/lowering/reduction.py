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
from ..walk import Affine, Walk
from .cells import Fetch, View, reach
from .part import Array, Part, whole
from .scratch import BAND_BYTES, Room
from .tiles import boxes

KEPT_BANDS = 1024
RUN = 1 << 13  # cells that are added in a row before their sums are

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
    """A reduction over each window by ufuncs: (batch, lanes, rows, …).

    The walk's fill is the reduction's neutral element. ``prepare`` maps the cells before they are reduced,
    ``finish`` the values afterwards, in place; both see a band while it is in the cache.
    """
    walk, x = part.walk, part.x
    bands: Bands | None = walk.prepared.get(("bands", x.dtype.char))
    if bands is None:
        bands = walk.prepared["bands", x.dtype.char] = Bands.of(walk, x.dtype.itemsize)
    out = np.empty((*x.shape[:2], rows.stop - rows.start, *walk.step_shape[1:]), x.dtype)
    for image in range(len(x)):
        bands.run(x[image], reduce, prepare, finish, out[image], rows)
    return out


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands of at most ``most`` steps of one channel, or of several channels where those have fewer steps."""

    walk: Walk
    most: int
    total: bool  # one window reads every cell once
    _plans: dict[tuple[int, ...], tuple[Fetch, View]] = field(default_factory=dict)

    @classmethod
    def of(cls, walk: Walk, itemsize: int, band_bytes: int = BAND_BYTES) -> Bands:
        """Bands whose cells, padded, mapped and half reduced, stay in the second-level cache."""
        cells = math.prod(
            min(axis.reads.stride, axis.source.size) if axis.steps > 1 else axis.source.size
            for axis in walk.axes
        )
        total = all(
            axis.steps == 1
            and axis.reads.gap == 1
            and axis.reads.start == 0
            and axis.reads.taps == axis.source.size
            for axis in walk.axes
        )
        return cls(walk, max(1, band_bytes // (3 * cells * itemsize)), total)

    def run(
        self,
        x: Array,
        reduce: np.ufunc,
        prepare: Prepare | None,
        finish: Finish | None,
        out: Array,
        rows: slice,
    ) -> None:
        """Compute the steps of ``rows`` of one image (channels, *sizes) into ``out`` (channels, rows, *others)."""
        shape = out.shape[1:]
        together = max(1, min(len(x), self.most // math.prod(shape)))
        for box in boxes(shape, self.most):
            own = (slice(box[0].start + rows.start, box[0].stop + rows.start), *box[1:])
            for channel in range(0, len(x), together):
                some = slice(channel, channel + together)
                result = out[(some, *box)]
                if self.total and prepare is None:
                    _total(x[some].reshape(len(result), -1), reduce, result.reshape(-1))
                else:
                    self._reduce(x[some], own, reduce, prepare, result)
                if finish is not None:
                    finish(result, own)

    def _reduce(
        self, x: Array, box: tuple[slice, ...], reduce: np.ufunc, prepare: Prepare | None, out: Array
    ) -> None:
        key = (len(x), *(edge for cut in box for edge in (cut.start, cut.stop)))
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= KEPT_BANDS:
                self._plans.clear()
            plan = self._plans[key] = self._plan(len(x), box, x.itemsize)
        fetch, view = plan
        room = Room()
        band = view.into(fetch.bring(x, room))
        if prepare is not None:
            mapped = room.take(band.shape, band.dtype)
            prepare(band, mapped)
            band = mapped
        last = len(box) - 1
        for index, axis in enumerate(self.walk.axes):
            place, steps = index + 1, out.shape[index + 1]
            if axis.reads.taps == 1:
                band = _tap(axis.reads, band, place, 0, steps)
                if index == last:
                    np.copyto(out, band)
                continue
            shape = (*band.shape[:place], steps, *band.shape[place + 1 :])
            target = out if index == last else room.take(shape, out.dtype)
            _reduced(axis.reads, band, place, steps, reduce, target)
            band = target

    def _plan(self, channels: int, box: tuple[slice, ...], itemsize: int) -> tuple[Fetch, View]:
        reaches = tuple(map(reach, self.walk.axes, box))
        fetch = Fetch.of(self.walk, channels, reaches)
        ways = ((index, 1, one.count) for index, one in enumerate(reaches))
        return fetch, fetch.view(reaches, itemsize, (-1, 1, channels), *ways)


def _total(x: Array, reduce: np.ufunc, out: Array) -> None:
    """Every row of ``x`` (channels, cells) reduced to one value."""
    if reduce is not np.add:
        reduce.reduce(x, axis=1, out=out)
        return
    # einsum adds faster than add.reduce, which is slower than memory; in short runs it is as exact.
    runs = x.shape[1] // RUN
    long = x[:, : runs * RUN].reshape(len(x), runs, RUN)
    np.add.reduce(np.einsum("crx->cr", long), axis=1, out=out)
    if runs * RUN < x.shape[1]:
        out += np.add.reduce(x[:, runs * RUN :], axis=1)


def _tap(reads: Affine, band: Array, place: int, number: int, steps: int) -> Array:
    """What one tap reads along an axis at ``steps`` steps."""
    start = number * reads.gap
    return band[
        (slice(None),) * place + (slice(start, start + (steps - 1) * reads.stride + 1, reads.stride),)
    ]


def _reduced(reads: Affine, band: Array, place: int, steps: int, reduce: np.ufunc, out: Array) -> None:
    """One axis of a band reduced, its first step beginning at 0."""
    if steps == 1 and reads.gap == 1:
        piece = band[(slice(None),) * place + (slice(0, reads.taps),)]
        reduce.reduce(piece, axis=place, keepdims=True, out=out)
        return
    reduce(_tap(reads, band, place, 0, steps), _tap(reads, band, place, 1, steps), out=out)
    for number in range(2, reads.taps):
        reduce(out, _tap(reads, band, place, number, steps), out=out)


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
