"""The walk: which cells each step reads and writes, per axis. Knows geometry only, neither numbers nor names."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..padding import (
    BEYOND,
    FILL,
    FILLED,
    PADDING_MODES,
    IntArray,
)

Int32 = NDArray[np.int32]
Float64 = NDArray[np.float64]

# The coordinate of a tap that a step does not have: beyond the edge of any axis, and whole in JavaScript too.
NOWHERE = 2**31 - 1

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

    def cells(self, steps: int) -> int:
        """Cells read over that many steps, each as often as it is read."""
        return steps * self.taps

    @property
    def weights(self) -> None:
        """All taps of an affine footprint count alike."""
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One axis of a footprint whose windows are not evenly spaced: step s reads ``counts[s]`` cells from ``starts[s]``.

    ``weights`` (steps, taps), where there are any, holds one factor per step and tap. A step with fewer taps
    than the largest has none there: its coordinate is NOWHERE and its weight 0. The arrays are compact, since
    caches keep many, and read-only.
    """

    starts: Int32
    counts: Int32
    weights: Float64 | None = None

    def __post_init__(self) -> None:
        for array in (self.starts, self.counts, self.weights):
            if array is not None:
                array.setflags(write=False)

    @property
    def taps(self) -> int:
        """Taps of the largest window."""
        return int(self.counts.max())

    def coordinates(self, steps: IntArray) -> IntArray:
        """The cells of ``steps`` (any shape) as an array of that shape with the taps as its last axis."""
        taps = np.arange(self.taps)
        there = taps < self.counts[steps][..., None]
        return np.where(there, self.starts[steps][..., None] + taps, NOWHERE).astype(np.intp)

    def factors(self, steps: IntArray) -> Float64:
        """The weights of ``steps`` (any shape) with the taps as one more axis, the last; 0 where a step has no tap."""
        assert self.weights is not None, "this table has no weights"
        return self.weights[steps]

    def cells(self, steps: int) -> int:
        """Cells read over the first ``steps`` steps, each as often as it is read."""
        return int(self.counts[:steps].sum())


Footprint = Affine | Table


@dataclass(frozen=True, slots=True)
class AxisMap:
    """One axis of the input as a walk sees it: a coordinate is a source index, the fill value, or beyond the edge.

    ``spread`` sets the cells that far apart: ``spread − 1`` cells with the fill value stand between neighbours
    (zero insertion), and the axis is ``(size − 1) · spread + 1`` long.
    """

    size: int
    begin: int = 0
    end: int = 0
    overhang: int = 0  # cells that windows read past the end padding
    mode: str = "zeros"
    spread: int = 1

    @property
    def length(self) -> int:
        """Cells with what is inserted between them, without padding."""
        return (self.size - 1) * self.spread + 1

    @property
    def padded_size(self) -> int:
        """Cells with the padding, without the overhang."""
        return self.length + self.begin + self.end

    def resolve(self, coordinates: IntArray) -> IntArray:
        """Source indices, in the shape given; FILL in constant padding and between spread cells, BEYOND past both."""
        outside = (coordinates < -self.begin) | (coordinates >= self.length + self.end)
        clipped = np.clip(coordinates, -self.begin, self.length + self.end - 1)
        cells = PADDING_MODES[self.mode](clipped, self.length)
        if self.spread > 1:
            cells = np.where((cells >= 0) & (cells % self.spread == 0), cells // self.spread, FILL)
        return np.where(outside, BEYOND, cells)

    def layout(self) -> IntArray:
        """Source index or code of each cell of the padded axis, (padded size + overhang,), read-only."""
        return _layout(self)


@functools.lru_cache(maxsize=1024)
def _layout(axis: AxisMap) -> IntArray:
    cells = axis.resolve(np.arange(-axis.begin, axis.length + axis.end + axis.overhang))
    cells.setflags(write=False)
    return cells


@dataclass(frozen=True, slots=True)
class AxisWalk:
    """One axis of a walk: its steps, what they read through which map, and what they write.

    A write outside ``0 ≤ cell < output`` is cropped. Step s is of phase ``s mod phases``.
    """

    name: str
    steps: int
    reads: Footprint
    source: AxisMap
    writes: Affine
    output: int
    phases: int = 1

    @property
    def affine(self) -> Affine:
        """The cells that the steps read, where they are evenly spaced."""
        assert isinstance(self.reads, Affine), f"axis {self.name} reads by a table"
        return self.reads

    @property
    def table(self) -> Table:
        """The cells that the steps read, where a table says them."""
        assert isinstance(self.reads, Table), f"axis {self.name} is evenly spaced"
        return self.reads


@dataclass(frozen=True)
class Walk:
    """A whole walk: one AxisWalk per spatial axis and the channel rule.

    Output channel (lane) ``o`` reads the ``channels_per_group`` input channels of group
    ``o // lanes_per_group``; groups are contiguous, as in every framework, unless they lie ``across``: then channel
    ``k`` of group ``g`` is ``k · groups + g``, cell g of input k where several inputs stand one after another. A step
    is one spatial position, in row-major order; the lanes belong to the step. Where steps have phases, a step takes
    that channel of each group whose number is its phase, counted row-major over the axes.
    """

    axes: tuple[AxisWalk, ...]
    groups: int
    channels_per_group: int
    lanes_per_group: int
    fill: float
    across: bool = False

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
    def reads(self) -> int:
        """Cells that all steps read of one channel, each as often as it is read; padding counts."""
        return math.prod(axis.reads.cells(axis.steps) for axis in self.axes)

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
        return tuple(axis.source.padded_size + axis.source.overhang for axis in self.axes)

    @functools.cached_property
    def input_box(self) -> tuple[slice, ...]:
        """Where the input lies in the padded array (channels, *padded sizes)."""
        places = (
            slice(axis.source.begin, axis.source.begin + axis.source.length, axis.source.spread)
            for axis in self.axes
        )
        return (slice(None), *places)

    @functools.cached_property
    def fills(self) -> bool:
        """Whether all padding holds the fill value, so that the padded array is a frame around the input."""
        return all(axis.source.mode in FILLED for axis in self.axes)

    @functools.cached_property
    def affine(self) -> bool:
        """Whether the windows of every axis are evenly spaced."""
        return all(isinstance(axis.reads, Affine) for axis in self.axes)

    @functools.cached_property
    def phases(self) -> tuple[int, ...]:
        """Phases of steps per axis."""
        return tuple(axis.phases for axis in self.axes)

    @functools.cached_property
    def phased(self) -> bool:
        """Whether the phase of a step says which channel of a group it takes."""
        return any(count > 1 for count in self.phases)

    def picks(self, first: int, count: int) -> IntArray | None:
        """The channel of a group that each step from ``first`` on takes, (count,); None where lanes say it."""
        if not self.phased:
            return None
        places = [
            steps % phases for steps, phases in zip(self.positions(first, count), self.phases, strict=True)
        ]
        return np.ravel_multi_index(places, self.phases)

    def positions(self, first: int, count: int) -> tuple[IntArray, ...]:
        """Per axis the positions (count,) of ``count`` steps from ``first`` on, row-major."""
        return np.unravel_index(np.arange(first, first + count), self.step_shape)

    def narrowed(
        self, lanes: tuple[int, ...], *, whole_groups: bool = False
    ) -> Iterator[tuple[Walk, slice, tuple[int, ...]]]:
        """Walks that compute only ``lanes``: each with its input channels and its lanes, in ascending order.

        ``whole_groups`` keeps all lanes of a group that has one of them: without weights, which lane of its
        group it is decides what a lane does.
        """
        each = self.lanes_per_group
        for group in sorted({lane // each for lane in lanes}):
            if whole_groups:
                mine = tuple(range(group * each, (group + 1) * each))
            else:
                mine = tuple(lane for lane in sorted(lanes) if lane // each == group)
            yield (
                Walk(self.axes, 1, self.channels_per_group, len(mine), self.fill),
                self.channels_of(group),
                mine,
            )

    def channels_of(self, group: int) -> slice:
        """The input channels of a group."""
        if self.across:
            return slice(group, self.channels, self.groups)
        return slice(group * self.channels_per_group, (group + 1) * self.channels_per_group)


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
