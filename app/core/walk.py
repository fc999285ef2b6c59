"""The walk: which cells each step reads and writes, per axis. Knows geometry only, neither numbers nor names."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .padding import BEYOND, PADDING_MODES, IntArray

AXIS_NAMES = {1: ("col",), 2: ("row", "col"), 3: ("depth", "row", "col")}


@dataclass(frozen=True, slots=True)
class Affine:
    """One axis of a footprint: ``cell = start + step · stride + tap · gap``, cell 0 being the first real cell."""

    start: int
    stride: int
    taps: int
    gap: int

    def coordinates(self, steps: IntArray) -> IntArray:
        """The cells of ``steps`` (any shape) as an array of that shape with the taps as its last axis."""
        return self.start + steps[..., None] * self.stride + np.arange(self.taps) * self.gap

    def last(self, steps: int) -> int:
        """The largest cell of a walk with that many steps."""
        return self.start + (steps - 1) * self.stride + (self.taps - 1) * self.gap


@dataclass(frozen=True, slots=True)
class AxisMap:
    """One axis of the input as a walk sees it: a coordinate is a source index, the fill value, or beyond the edge."""

    size: int
    begin: int = 0
    end: int = 0
    overhang: int = 0  # cells that windows read past the end padding
    mode: str = "zeros"

    @property
    def padded_size(self) -> int:
        """Cells with the padding, without the overhang."""
        return self.size + self.begin + self.end

    def resolve(self, coordinates: IntArray) -> IntArray:
        """Source indices; FILL in constant padding, BEYOND outside the padding."""
        outside = (coordinates < -self.begin) | (coordinates >= self.size + self.end)
        inside = np.clip(coordinates, -self.begin, self.size + self.end - 1)
        return np.where(outside, BEYOND, PADDING_MODES[self.mode](inside, self.size))

    def layout(self) -> IntArray:
        """What each cell of the padded axis, overhang included, holds; read-only."""
        return _layout(self)


@functools.lru_cache(maxsize=1024)
def _layout(axis: AxisMap) -> IntArray:
    cells = axis.resolve(np.arange(-axis.begin, axis.size + axis.end + axis.overhang))
    cells.setflags(write=False)
    return cells


@dataclass(frozen=True, slots=True)
class AxisWalk:
    """One axis of a walk: its steps, what they read through which map, and what they write."""

    name: str
    steps: int
    reads: Affine
    source: AxisMap
    writes: Affine
    output: int

    def unread(self) -> IntArray:
        """Indices of the input cells that no step reads, ascending."""
        seen = np.zeros(self.source.size, dtype=bool)
        cells = self.source.resolve(self.reads.coordinates(np.arange(self.steps)).ravel())
        seen[cells[cells >= 0]] = True
        return np.flatnonzero(~seen)


@dataclass(frozen=True)
class Walk:
    """A whole walk: one AxisWalk per spatial axis and the channel rule.

    Output channel (lane) ``o`` reads the ``channels_per_group`` input channels of group
    ``o // lanes_per_group``; groups are contiguous, as in every framework. A step is one spatial position,
    in row-major order; the lanes belong to the step.
    """

    axes: tuple[AxisWalk, ...]
    groups: int
    channels_per_group: int
    lanes_per_group: int
    fill: float

    @functools.cached_property
    def prepared(self) -> dict[Any, Any]:
        """Where an engine keeps what it worked out about this walk; no part of its value."""
        return {}

    @functools.cached_property
    def step_shape(self) -> tuple[int, ...]:
        """Steps per axis."""
        return tuple(axis.steps for axis in self.axes)

    @functools.cached_property
    def steps(self) -> int:
        """All steps."""
        return math.prod(self.step_shape)

    @functools.cached_property
    def tap_shape(self) -> tuple[int, ...]:
        """Taps per axis."""
        return tuple(axis.reads.taps for axis in self.axes)

    @functools.cached_property
    def taps(self) -> int:
        """Taps of one channel of a window."""
        return math.prod(self.tap_shape)

    @functools.cached_property
    def lanes(self) -> int:
        """Output channels."""
        return self.groups * self.lanes_per_group

    @functools.cached_property
    def channels(self) -> int:
        """Input channels."""
        return self.groups * self.channels_per_group

    @functools.cached_property
    def input_shape(self) -> tuple[int, ...]:
        """(channels, *sizes)"""
        return (self.channels, *(axis.source.size for axis in self.axes))

    @functools.cached_property
    def output_shape(self) -> tuple[int, ...]:
        """(lanes, *sizes)"""
        return (self.lanes, *(axis.output for axis in self.axes))

    @functools.cached_property
    def weight_shape(self) -> tuple[int, ...]:
        """(lanes, channels of a group, *taps): the weight tensor where the combine has one."""
        return (self.lanes, self.channels_per_group, *self.tap_shape)

    @functools.cached_property
    def padded_sizes(self) -> tuple[int, ...]:
        """Cells per axis with padding and overhang."""
        return tuple(
            axis.source.begin + axis.source.size + axis.source.end + axis.source.overhang
            for axis in self.axes
        )

    @functools.cached_property
    def inside(self) -> tuple[slice, ...]:
        """Where the input lies in the padded array (batch, channels, *padded sizes)."""
        places = (slice(axis.source.begin, axis.source.begin + axis.source.size) for axis in self.axes)
        return (slice(None), slice(None), *places)

    @functools.cached_property
    def fills(self) -> bool:
        """Whether all padding holds the fill value, so that the padded array is a frame around the input."""
        return all(axis.source.mode == "zeros" for axis in self.axes)

    def positions(self, first: int, count: int) -> tuple[IntArray, ...]:
        """Per axis the positions of ``count`` steps from ``first`` on, row-major."""
        return np.unravel_index(np.arange(first, first + count), self.step_shape)

    def narrowed(self, lanes: tuple[int, ...]) -> Iterator[tuple[Walk, slice, tuple[int, ...]]]:
        """Walks that compute only ``lanes``: each with its input channels and its lanes, in ascending order."""
        for group in sorted({lane // self.lanes_per_group for lane in lanes}):
            mine = tuple(lane for lane in sorted(lanes) if lane // self.lanes_per_group == group)
            channels = slice(group * self.channels_per_group, (group + 1) * self.channels_per_group)
            yield Walk(self.axes, 1, self.channels_per_group, len(mine), self.fill), channels, mine


@dataclass(frozen=True, slots=True)
class Block:
    """A box of steps that follow each other in row-major order: what one frame carries."""

    first: int
    count: int
    box: tuple[slice, ...]  # per axis, in steps


def blocks(step_shape: tuple[int, ...], first: int, last: int, most: int) -> Iterator[Block]:
    """Cut the steps ``first`` to ``last`` (exclusive) into boxes of at most ``most`` steps.

    A box is whole rows where rows fit and part of one row where they do not, so that it is both a run of
    steps and a rectangle, and a plane of it is one strided copy.
    """
    width = step_shape[-1]
    rows = step_shape[-2] if len(step_shape) > 1 else 1
    step = first
    while step < last:
        *lead, row, col = np.unravel_index(step, (1, *step_shape)[-max(2, len(step_shape)) :])
        left = min(last - step, most)
        if col or left < width:
            count = min(width - int(col), left)
            across, down = slice(int(col), int(col) + count), slice(int(row), int(row) + 1)
        else:
            tall = min(rows - int(row), left // width)
            count = tall * width
            across, down = slice(0, width), slice(int(row), int(row) + tall)
        planes = tuple(slice(int(index), int(index) + 1) for index in lead)
        yield Block(step, count, (*planes, down, across)[-len(step_shape) :])
        step += count
