"""The fast engine that kernels share: a padded copy, strided window views, one matrix product a band.

Knows walks and arrays, and no operation. Every function here takes a batch: (batch, channels, *sizes).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .walk import Walk

Array = NDArray[np.floating]

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
    offset = 0
    tap_strides, step_strides, counts = [], [], []
    batch, channel, *widths = padded.strides
    for axis, cut, width in zip(walk.axes, box, widths, strict=True):
        reads = axis.reads
        offset += (reads.start + axis.source.begin + cut.start * reads.stride) * width
        tap_strides.append(reads.gap * width)
        step_strides.append(reads.stride * width)
        counts.append(cut.stop - cut.start)
    shape = (len(padded), walk.groups, walk.channels_per_group, *walk.tap_shape, *counts)
    strides = (batch, walk.channels_per_group * channel, channel, *tap_strides, *step_strides)
    # What as_strided makes, in a tenth of its time; the constructor refuses strides that leave the buffer.
    return np.ndarray(shape, padded.dtype, padded.data, offset, strides)


def whole(walk: Walk, rows: slice) -> tuple[slice, ...]:
    """The box of all steps whose first axis lies in ``rows``."""
    return (rows, *[slice(0, count) for count in walk.step_shape[1:]])


def correlate(walk: Walk, padded: Array, weight: Array | None, bias: Array | None, rows: slice) -> Array:
    """Cross-correlation by bands: the windows of a few rows as columns, then one matrix product per group.

    ``padded`` (batch, channels, *padded sizes), ``weight`` (lanes, channels of a group, *taps), ``bias``
    (lanes,); gives (batch, lanes, rows, *other steps). Each output cell touches its own window alone, so a
    NaN or an infinity goes where the definition sends it.
    """
    assert weight is not None, "a correlation needs a weight"
    depth = walk.channels_per_group * walk.taps
    matrix = np.ascontiguousarray(weight, dtype=padded.dtype).reshape(
        walk.groups, walk.lanes_per_group, depth
    )
    across = math.prod(walk.step_shape[1:])
    tall = max(1, COLUMN_BYTES // max(1, padded.itemsize * depth * walk.groups * across))
    total = rows.stop - rows.start
    out = np.empty((len(padded), walk.groups, walk.lanes_per_group, total * across), padded.dtype)
    for image in range(len(padded)):
        one = padded[image : image + 1]
        for top in range(rows.start, rows.stop, tall):
            bottom = min(top + tall, rows.stop)
            view = windows(walk, one, whole(walk, slice(top, bottom)))
            columns = view.reshape(walk.groups, depth, -1)  # the one copy
            place = slice((top - rows.start) * across, (bottom - rows.start) * across)
            np.matmul(matrix, columns, out=out[image, :, :, place])
    result = out.reshape(len(padded), walk.lanes, total, *walk.step_shape[1:])
    if bias is not None:
        result += np.asarray(bias, padded.dtype).reshape(1, -1, *(1,) * len(walk.axes))
    return result


def largest(walk: Walk, padded: Array, weight: Array | None, bias: Array | None, rows: slice) -> Array:
    """The maximum of each window, tap by tap over whole bands; NaN wins. Shapes as for ``correlate``."""
    view = windows(walk, padded, whole(walk, rows))[:, :, 0]
    taps = np.ndindex(walk.tap_shape)
    result = view[(slice(None), slice(None), *next(taps))].copy()
    for tap in taps:
        np.maximum(result, view[(slice(None), slice(None), *tap)], out=result)
    return result
