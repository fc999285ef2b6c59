"""The fast engine that kernels share: a padded copy, strided window views, one matrix product a band.

Knows walks and arrays, and no operation. Every function here takes a batch: (batch, channels, *sizes).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .combine import Finish
from .padding import BEYOND
from .walk import Affine, Walk

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Part:
    """What a kernel works on: a walk with its tensors, whole or narrowed to some lanes."""

    walk: Walk
    padded: Array  # (batch, channels, *padded sizes), as ``pad`` gives it
    weight: Array | None  # (lanes, channels of a group, *taps)
    bias: Array | None  # (lanes,)
    finish: Finish


# Column buffers stay below this, so that they live in a core's second-level cache.
COLUMN_BYTES = 1 << 20


def pad(walk: Walk, x: Array) -> Array:
    """The input as the walk sees it, overhang included: (batch, channels, *padded sizes), read-only use.

    Axes are padded independently of each other, which is what every framework does.
    """
    if walk.padded_sizes == x.shape[2:]:
        return np.ascontiguousarray(x)
    if walk.fills:
        padded = np.full(x.shape[:2] + walk.padded_sizes, walk.fill, x.dtype)
        padded[walk.inside] = x
        return padded
    for index, axis in enumerate(walk.axes):
        if axis.source.begin or axis.source.end:
            x = np.take(x, axis.source.layout(), axis=index + 2)
    return np.ascontiguousarray(x)


def windows(walk: Walk, padded: Array, box: tuple[slice, ...]) -> Array:
    """A view of all windows of a box of steps: (batch, groups, channels of a group, *taps, *box), no copy.

    ``padded`` is C-contiguous, as ``pad`` gives it. The windows overlap: the view is for reading.
    """
    if not walk.affine:
        return _gathered(walk, padded, box)
    offset = 0
    tap_strides, step_strides, counts = [], [], []
    batch, channel, *widths = padded.strides
    for axis, cut, width in zip(walk.axes, box, widths, strict=True):
        reads = axis.affine
        offset += (reads.start + axis.source.begin + cut.start * reads.stride) * width
        tap_strides.append(reads.gap * width)
        step_strides.append(reads.stride * width)
        counts.append(cut.stop - cut.start)
    shape = (len(padded), walk.groups, walk.channels_per_group, *walk.tap_shape, *counts)
    strides = (batch, walk.channels_per_group * channel, channel, *tap_strides, *step_strides)
    # What as_strided makes, in a tenth of its time; the constructor refuses strides that leave the buffer.
    return np.ndarray(shape, padded.dtype, padded.data, offset, strides)


def _gathered(walk: Walk, padded: Array, box: tuple[slice, ...]) -> Array:
    """The windows of a walk whose axes are tables, by index; what a step does not have holds the fill value."""
    axes = len(walk.axes)
    cells: list[Any] = []
    absent = np.zeros((1,) * (2 * axes), dtype=bool)
    for index, (axis, cut) in enumerate(zip(walk.axes, box, strict=True)):
        found = axis.reads.coordinates(np.arange(cut.start, cut.stop)).T + axis.source.begin  # (taps, steps)
        shape = [1] * (2 * axes)
        shape[index], shape[axes + index] = found.shape
        there = found < padded.shape[index + 2]
        absent = absent | ~there.reshape(shape)
        cells.append(np.where(there, found, 0).reshape(shape))
    grouped = padded.reshape(len(padded), walk.groups, walk.channels_per_group, *padded.shape[2:])
    windows: Array = grouped[(slice(None), slice(None), slice(None), *cells)]
    windows[:, :, :, absent] = walk.fill
    return windows


def copied(part: Part, rows: slice) -> Array:
    """Each lane takes one tap of its channel's window: (batch, lanes, rows, *other steps), a copy."""
    view = windows(part.walk, part.padded, whole(part.walk, rows))
    steps = view.shape[-len(part.walk.axes) :]
    return np.array(view).reshape(len(view), part.walk.lanes, *steps)


def whole(walk: Walk, rows: slice) -> tuple[slice, ...]:
    """The box of all steps whose first axis lies in ``rows``."""
    return (rows, *[slice(0, count) for count in walk.step_shape[1:]])


def correlate(part: Part, rows: slice) -> Array:
    """Cross-correlation by bands: the windows of a few rows as columns, then one matrix product per group.

    Gives (batch, lanes, rows, *other steps). Each output cell touches its own window alone, so a NaN or an
    infinity goes where the definition sends it.
    """
    walk, padded, weight, bias = part.walk, part.padded, part.weight, part.bias
    assert weight is not None, "a correlation needs a weight"
    depth = walk.channels_per_group * walk.taps
    matrix = np.ascontiguousarray(weight, dtype=padded.dtype).reshape(
        walk.groups, walk.lanes_per_group, depth
    )
    across = math.prod(walk.step_shape[1:])
    tall = max(1, COLUMN_BYTES // max(1, padded.itemsize * depth * walk.groups * across))
    total = rows.stop - rows.start
    if len(padded) == 1 and total <= tall:
        columns = windows(walk, padded, whole(walk, rows)).reshape(walk.groups, depth, -1)
        return _biased(np.matmul(matrix, columns), walk, total, bias)
    out = np.empty((len(padded), walk.groups, walk.lanes_per_group, total * across), padded.dtype)
    for image in range(len(padded)):
        one = padded[image : image + 1]
        for top in range(rows.start, rows.stop, tall):
            bottom = min(top + tall, rows.stop)
            view = windows(walk, one, whole(walk, slice(top, bottom)))
            columns = view.reshape(walk.groups, depth, -1)  # the one copy
            place = slice((top - rows.start) * across, (bottom - rows.start) * across)
            np.matmul(matrix, columns, out=out[image, :, :, place])
    return _biased(out, walk, total, bias)


def _biased(out: Array, walk: Walk, rows: int, bias: Array | None) -> Array:
    """Products as (batch, lanes, rows, *other steps), the bias added in place."""
    result = out.reshape(-1, walk.lanes, rows, *walk.step_shape[1:])
    if bias is not None:
        result += np.asarray(bias, out.dtype).reshape(1, -1, *(1,) * len(walk.axes))
    return result


def separable(
    walk: Walk, padded: Array, rows: slice, reduce: np.ufunc, prepare: Callable[[Array], Array] | None = None
) -> Array:
    """A reduction over each window, one axis after the other, by whole-array ufuncs: (batch, lanes, rows, …).

    ``padded`` holds the reduction's neutral element where there is no cell. The first axis is reduced on
    contiguous rows, a band that stays in the cache at a time; no window is ever copied. ``prepare`` is applied
    to the cells of a band before they are reduced.
    """
    out = np.empty((*padded.shape[:2], rows.stop - rows.start, *walk.step_shape[1:]), padded.dtype)
    reads = walk.axes[0].affine
    for channel in range(padded.shape[1]):
        plane = padded[:, channel : channel + 1]
        row_bytes = max(1, plane[:, :, :1].nbytes * reads.stride)
        tall = max(1, COLUMN_BYTES // 2 // row_bytes)
        for top in range(rows.start, rows.stop, tall):
            band = slice(top, min(top + tall, rows.stop))
            first = _first(walk, 0, band)
            last = first + (band.stop - band.start - 1) * reads.stride + (reads.taps - 1) * reads.gap
            part = plane[:, :, first : last + 1]
            if prepare is not None:
                part = prepare(part)
            for index, cut in enumerate(whole(walk, band)):
                begin = _first(walk, index, cut) if index else 0  # the band begins at its first row
                part = _reduced(walk.axes[index].affine, part, index + 2, begin, cut, reduce)
            out[:, channel : channel + 1, band.start - rows.start : band.stop - rows.start] = part
    return out


def _first(walk: Walk, index: int, cut: slice) -> int:
    """Where the first tap of the first step of ``cut`` lies on a padded axis."""
    axis = walk.axes[index]
    return axis.affine.start + axis.source.begin + int(cut.start) * axis.affine.stride


def _reduced(reads: Affine, x: Array, place: int, first: int, cut: slice, reduce: np.ufunc) -> Array:
    """One axis (of the array) reduced for the steps of ``cut``, the first of which begins at ``first``."""
    if cut.stop - cut.start == 1 and reads.gap == 1:
        piece = x[(slice(None),) * place + (slice(first, first + reads.taps),)]
        result: Array = reduce.reduce(piece, axis=place, keepdims=True)
        return result
    length = (cut.stop - cut.start - 1) * reads.stride + 1

    def tap(number: int) -> Array:
        start = first + number * reads.gap
        return x[(slice(None),) * place + (slice(start, start + length, reads.stride),)]

    if reads.taps == 1:
        return tap(0)
    out: Array = reduce(tap(0), tap(1))
    for number in range(2, reads.taps):
        reduce(out, tap(number), out=out)
    return out


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
