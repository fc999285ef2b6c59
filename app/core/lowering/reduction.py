"""Reductions over windows, one axis after the other. Knows walks and arrays, and no operation.

A window is a product of axes, and so is its largest value or its sum. Bands are reduced by whole rows first, which
lie contiguous, and only what is left of them column by column; no window is ever written out.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..padding import BEYOND
from ..walk import Affine, Walk
from .cells import Fetch, reach
from .part import Array, Part, whole
from .scratch import BAND_BYTES, Room
from .tiles import boxes


def separable(
    part: Part, rows: slice, reduce: np.ufunc, prepare: Callable[[Array, Array], object] | None = None
) -> Array:
    """A reduction over each window by ufuncs: (batch, lanes, rows, …), which the caller may overwrite.

    The walk's fill is the reduction's neutral element. ``prepare(cells, out)`` is applied to the cells of a band
    before they are reduced.
    """
    walk, x = part.walk, part.x
    shape = (rows.stop - rows.start, *walk.step_shape[1:])
    out = np.empty((*x.shape[:2], *shape), x.dtype)
    if all(axis.steps == 1 for axis in walk.axes) and prepare is None and _covers(walk):
        reduce.reduce(x.reshape(*x.shape[:2], -1), axis=-1, out=out.reshape(x.shape[:2]))
        return out
    # Input bytes that one step brings in anew, over all of its taps when it is the only one.
    step = x.itemsize * math.prod(
        min(axis.reads.stride, axis.source.size) if axis.steps > 1 else axis.source.size for axis in walk.axes
    )
    most = max(1, BAND_BYTES // step)
    together = max(1, min(len(x[0]), most // math.prod(shape)))
    for image, result in zip(x, out, strict=True):
        for channel in range(0, len(image), together):
            some = slice(channel, channel + together)
            for box in boxes(shape, most):
                own = (slice(box[0].start + rows.start, box[0].stop + rows.start), *box[1:])
                _reduce_box(walk, image[some], own, reduce, prepare, result[(some, *box)])
    return out


def _covers(walk: Walk) -> bool:
    """Whether the first step reads all cells of the input and nothing else."""
    return all(
        axis.reads.gap == 1 and axis.reads.start == 0 and axis.reads.taps == axis.source.size
        for axis in walk.axes
    )


def _reduce_box(
    walk: Walk,
    x: Array,
    box: tuple[slice, ...],
    reduce: np.ufunc,
    prepare: Callable[[Array, Array], object] | None,
    out: Array,
) -> None:
    """The steps of a box into ``out`` (channels, *box)."""
    room = Room()
    reaches = tuple(map(reach, walk.axes, box))
    fetch = Fetch.of(walk, len(x), reaches)
    ways = ((index, 1, one.count) for index, one in enumerate(reaches))
    band = fetch.view(reaches, x.itemsize, (-1, 1, len(x)), *ways).into(fetch.bring(x, room))
    if prepare is not None:
        prepared = room.take(band.shape, band.dtype)
        prepare(band, prepared)
        band = prepared
    last = len(walk.axes) - 1
    for index, (axis, steps) in enumerate(zip(walk.axes, out.shape[1:], strict=True)):
        place = index + 1
        if axis.reads.taps == 1:
            band = _tap(axis.reads, band, place, 0, steps)
            if index == last:
                np.copyto(out, band)
            continue
        target = (
            out
            if index == last
            else room.take((*band.shape[:place], steps, *band.shape[place + 1 :]), out.dtype)
        )
        _reduced(axis.reads, band, place, steps, reduce, target)
        band = target


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


def window_counts(walk: Walk, rows: slice, *, padding: bool) -> Array:
    """How many cells each window of some rows reads: (rows, *other steps); padding counts when asked for.

    A window is a product of axes, and so is its count.
    """
    counts = []
    for axis, cut in zip(walk.axes, whole(walk, rows), strict=True):
        codes = axis.source.resolve(axis.reads.coordinates(np.arange(cut.start, cut.stop)))
        counts.append((codes > BEYOND if padding else codes >= 0).sum(axis=-1))
    total = counts[0]
    for count in counts[1:]:
        total = np.multiply.outer(total, count)
    counted: Array = total.astype(np.float64)
    return counted
