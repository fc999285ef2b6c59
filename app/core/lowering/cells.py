"""The input as a walk sees it, whole or a band at a time, and views into it. Knows walks and no arithmetic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..padding import FILLED
from ..walk.walk import AxisMap, AxisWalk, Walk
from .scratch import Room

Array = NDArray[np.floating]


def pad(walk: Walk, x: Array) -> Array:
    """The whole input with padding and overhang: (channels, *padded sizes), read-only use.

    Axes are padded independently of each other, which is what every framework does.
    """
    if walk.padded_sizes == x.shape[1:]:
        return np.ascontiguousarray(x)
    if walk.fills:
        padded = np.full((len(x), *walk.padded_sizes), walk.fill, x.dtype)
        padded[walk.input_box] = x
        return padded
    for index, axis in enumerate(walk.axes):
        if axis.source.begin or axis.source.end:
            x = np.take(x, axis.source.layout(), axis=index + 1)
    return np.ascontiguousarray(x)


def windows(walk: Walk, padded: Array, box: tuple[slice, ...]) -> Array:
    """A view of all windows of a box of steps: (groups, channels of a group, *taps, *box), no copy.

    ``padded`` is C-contiguous, as ``pad`` gives it. The windows overlap: the view is for reading.
    """
    if not walk.affine:
        return _gathered(walk, padded, box)
    offset = 0
    tap_strides, step_strides, counts = [], [], []
    channel, *widths = padded.strides
    for axis, cut, width in zip(walk.axes, box, widths, strict=True):
        reads = axis.affine
        offset += (reads.start + axis.source.begin + cut.start * reads.stride) * width
        tap_strides.append(reads.gap * width)
        step_strides.append(reads.stride * width)
        counts.append(cut.stop - cut.start)
    shape = (walk.groups, walk.channels_per_group, *walk.tap_shape, *counts)
    strides = (walk.channels_per_group * channel, channel, *tap_strides, *step_strides)
    # The view that as_strided makes, in a tenth of its time; the constructor refuses strides that leave the buffer.
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
        there = found < padded.shape[index + 1]
        absent = absent | ~there.reshape(shape)
        cells.append(np.where(there, found, 0).reshape(shape))
    grouped = padded.reshape(walk.groups, walk.channels_per_group, *padded.shape[1:])
    windows: Array = grouped[(slice(None), slice(None), *cells)]
    windows[:, :, absent] = walk.fill
    return windows


@dataclass(frozen=True, slots=True)
class Reach:
    """The cells of one padded axis that some steps read: ``count`` of them from ``first`` on, ``step`` apart."""

    first: int
    count: int
    step: int = 1


def reach(axis: AxisWalk, cut: slice) -> Reach:
    """All cells from the first that the steps of ``cut`` read to the last."""
    reads = axis.affine
    first = reads.start + axis.source.begin + int(cut.start) * reads.stride
    return Reach(
        first, (int(cut.stop) - int(cut.start) - 1) * reads.stride + (reads.taps - 1) * reads.gap + 1
    )


@dataclass(frozen=True, slots=True)
class Fetch:
    """How a box of padded cells comes out of an input (channels, *sizes): worked out once, done for each input.

    The box is a buffer that is filled, or the input itself where it needs no padding (``shape`` is None).
    ``origins`` and ``steps`` say per axis which padded cell lies at index 0 and how far apart the cells lie.
    """

    shape: tuple[int, ...] | None
    fill: float
    borders: tuple[Any, ...]  # where the fill value goes
    place: tuple[Any, ...]  # where input cells go,
    source: tuple[Any, ...]  # and which they are: a slice or indices per axis
    slices: tuple[slice, ...]  # the slices among those
    origins: tuple[int, ...]
    steps: tuple[int, ...]
    sizes: tuple[int, ...]  # of the array that holds the box: (channels, *sizes)

    @classmethod
    def of(cls, walk: Walk, channels: int, reaches: Sequence[Reach], *, copied: bool = False) -> Fetch:
        """The cells of ``reaches`` in so many channels; ``copied`` also where they need no padding."""
        maps = [axis.source for axis in walk.axes]
        runs = [_run(source, reach) for source, reach in zip(maps, reaches, strict=True)]
        if not copied and all(run.complete for run in runs):
            sizes = (channels, *(source.size for source in maps))
            origins = tuple(source.begin for source in maps)
            return cls(None, walk.fill, (), (), (), (), origins, (1,) * len(maps), sizes)
        shape = (channels, *(reach.count for reach in reaches))
        everything = slice(None)
        borders = tuple(
            (*(everything,) * (index + 1), border) for index, run in enumerate(runs) for border in run.borders
        )
        source = (everything, *(run.source for run in runs))
        slices = tuple(one if isinstance(one, slice) else everything for one in source)
        place = (everything, *(run.place for run in runs))
        origins, steps = tuple(one.first for one in reaches), tuple(one.step for one in reaches)
        return cls(shape, walk.fill, borders, place, source, slices, origins, steps, shape)

    def fill_in(self, x: Array, out: Array, room: Room) -> None:
        """Fill a box: ``out`` has its shape, in whatever layout."""
        for axis, one in enumerate(self.source):
            if not isinstance(one, slice):
                taken = room.take((*x.shape[:axis], len(one), *x.shape[axis + 1 :]), x.dtype)
                x = x.take(one, axis, out=taken, mode="clip")
        out[self.place] = x[self.slices]
        for border in self.borders:
            out[border] = self.fill

    def bring(self, x: Array, room: Room) -> Array:
        """The array that holds the box, C-contiguous: ``x``, which is so too, or a filled buffer."""
        if self.shape is None:
            return x
        out = room.take(self.shape, x.dtype)
        self.fill_in(x, out, room)
        return out

    def view(self, reaches: Sequence[Reach], itemsize: int, *ways: tuple[int, int, int]) -> View:
        """A view into the box: each way is (axis, increment in padded cells, count); axis −1 is the channels."""
        strides = [math.prod(self.sizes[index + 1 :]) * itemsize for index in range(len(self.sizes))]
        offset = sum(
            (one.first - origin) // step * width
            for one, origin, step, width in zip(reaches, self.origins, self.steps, strides[1:], strict=True)
        )
        return View(
            tuple(count for _, _, count in ways),
            offset,
            tuple(
                strides[axis + 1] * (increment if axis < 0 else increment // self.steps[axis])
                for axis, increment, _ in ways
            ),
        )


@dataclass(frozen=True, slots=True)
class View:
    """A strided view into an array that lies C-contiguous in its memory."""

    shape: tuple[int, ...]
    offset: int
    strides: tuple[int, ...]

    def into(self, array: Array) -> Array:
        """The view of ``array``, in ``shape``; raises ValueError for one that leaves the array."""
        return np.ndarray(self.shape, array.dtype, array.data, self.offset, self.strides)


@dataclass(frozen=True, slots=True)
class _Run:
    """Where the cells of one axis lie in a buffer, and where they come from; all others hold the fill value."""

    place: slice
    source: slice | NDArray[np.intp]
    borders: tuple[Any, ...]
    complete: bool  # no padding, and every cell from the first to the last


def _run(axis: AxisMap, reach: Reach) -> _Run:
    if (
        axis.mode not in FILLED or axis.spread > 1
    ):  # by index: padding comes from the input, or zeros stand between
        codes = axis.layout()[reach.first : reach.first + (reach.count - 1) * reach.step + 1 : reach.step]
        outside = np.flatnonzero(codes < 0)
        return _Run(slice(None), np.maximum(codes, 0), (outside,) if len(outside) else (), False)
    first, count, step = reach.first - axis.begin, reach.count, reach.step
    low = min(count, max(0, -(first // step)))
    high = max(low, min(count, -((first - axis.size) // step)))
    borders = tuple(border for border in (slice(0, low), slice(high, count)) if border.start < border.stop)
    start = first + low * step if high > low else 0
    source = slice(start, start + (high - low - 1) * step + 1 if high > low else 0, step)
    return _Run(slice(low, high), source, borders, not borders)
