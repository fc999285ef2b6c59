"""The scattering walk of a layer: what each input cell stamps onto the output, step by step, and the sum so far.

Knows arrays and geometry; knows nothing of frames, sockets or pictures.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import Unfit
from ..walk.walk import AxisWalk, Block, Walk
from .trace import (
    PIECE_WORK,
    Columns,
    Layer,
    Trace,
)

Array = NDArray[np.floating]

BEFORE_BYTES = 4 << 20  # of the output before a step that are worked out in one go
ADD_WORK = 24  # elementary operations that adding one number to the output is worth


def scatter_of(layer: Layer) -> Walk:
    """The layer's scattering walk; raises Unfit for an operation that only gathers."""
    if layer.geometry.scatter is None:
        raise Unfit(
            "walk",
            "scatter",
            f"{layer.operation.title.lower()} has no walk that scatters",
            "Use gather.",
            pointer="/walk",
        )
    return layer.geometry.scatter


class Stamps:
    """The steps of a scattering walk: per step the stamp of each lane asked for, tap by tap.

    A stamp is ``Σ over the channels of the lane's group of x[c, step] · w[c, o, tap]``. A step writes its taps
    where ``writes`` says and what falls outside the output is cropped; output cells begin at the bias.
    """

    def __init__(self, layer: Layer, lanes: tuple[int, ...] | None, *, window: bool) -> None:
        self.layer = layer
        self.walk = walk = scatter_of(layer)
        self.lanes = tuple(range(walk.lanes)) if lanes is None else lanes
        self.groups = sorted({lane // walk.lanes_per_group for lane in self.lanes})
        self.taps = math.prod(axis.writes.taps for axis in walk.axes)
        assert layer.weight is not None, "a stamp needs a weight"
        weight = layer.geometry.as_written(layer.weight)  # (lanes, channels of a group, *taps)
        flat = weight.reshape(walk.lanes, walk.channels_per_group, self.taps)
        self._weight = np.ascontiguousarray(flat.swapaxes(1, 2))  # (lanes, taps, channels of a group)
        self._x = layer.x.reshape(walk.groups, walk.channels_per_group, -1)  # (groups, channels, steps)
        self.window_planes = len(self.groups) * walk.channels_per_group if window else 0
        self.value_planes = len(self.lanes) * self.taps
        self.planes = self.value_planes + self.window_planes

    def columns(self, block: Block, out: Array | None = None) -> Columns:
        """Stamps, one plane per lane and tap, then what the steps read, one plane per group and channel."""
        if out is None:
            out = np.empty((self.planes, block.count), self.layer.x.dtype)
        here = slice(block.first, block.first + block.count)
        with np.errstate(all="ignore"):  # infinities are values here
            for index, lane in enumerate(self.lanes):
                mine = out[index * self.taps : (index + 1) * self.taps]
                np.matmul(self._weight[lane], self._x[lane // self.walk.lanes_per_group][:, here], out=mine)
        values, sums = out[: self.value_planes], out[self.value_planes :]
        if not self.window_planes:
            return Columns(block, values, None)
        np.copyto(sums, self._x[self.groups][:, :, here].reshape(sums.shape))
        return Columns(block, values, sums)

    def pending_work(self, block: Block) -> int:
        """Elementary operations that ``columns(block)`` will do."""
        return block.count * (self.value_planes * self.walk.channels_per_group + self.window_planes)

    def weight_by_tap(self, lanes: NDArray[np.intp]) -> Array:
        """The weight of some lanes of a group: (taps, lanes, channels of the group)."""
        weight: Array = np.ascontiguousarray(self._weight[lanes].swapaxes(0, 1))
        return weight

    def rows_of(self, group: int, rows: slice) -> Array:
        """The cells that the steps of some rows of the first axis read: (channels of the group, steps)."""
        each = self.walk.steps // self.walk.step_shape[0]
        read: Array = self._x[group][:, rows.start * each : rows.stop * each]
        return read

    def before(self, first: int) -> Before:
        """The output of the lanes asked for before step ``first``."""
        return Before(self, first)

    def taps_of(self) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...]]]:
        """For each tap, row-major: where it lands inside the output, and the steps whose taps those are."""
        for tap in np.ndindex(*(axis.writes.taps for axis in self.walk.axes)):
            pairs = [landing(axis, one) for axis, one in zip(self.walk.axes, tap, strict=True)]
            yield tuple(write for write, _ in pairs), tuple(read for _, read in pairs)

    def add(self, total: Array, stamps: Array) -> None:
        """Add the stamps (lanes, taps, *all steps) of a walk onto an output (lanes, *sizes), one tap at a time."""
        with np.errstate(all="ignore"):
            for number, (place, steps) in enumerate(self.taps_of()):
                own: tuple[Any, ...] = (slice(None), number, *steps)
                total[:, *place] += stamps[own]


class Before:
    """The output before a step of a scattering walk, from the bias on: rows of the first axis, as many as are wanted.

    It is what the layer gives of an input whose later cells are 0. Where a weight is no finite number 0 would not
    be nothing: there it is stamped, tap by tap, by all lanes of a group at once.
    """

    def __init__(self, stamps: Stamps, first: int) -> None:
        self._stamps, self._first = stamps, first
        walk, layer = stamps.walk, stamps.layer
        self.shape = tuple(axis.output for axis in walk.axes)
        self._row_steps = walk.steps // walk.step_shape[0]
        lanes = np.array(stamps.lanes)
        mine = {group: np.flatnonzero(lanes // walk.lanes_per_group == group) for group in stamps.groups}
        self._mine = {group: (own, stamps.weight_by_tap(lanes[own])) for group, own in mine.items()}
        self._bias = None if layer.bias is None else layer.bias[lanes].reshape(-1, *(1,) * len(self.shape))
        self._trace: Trace | None = None
        if np.isfinite(layer.weight).all():  # type: ignore[arg-type]
            x = layer.x.copy()
            x.reshape(len(x), -1)[:, first:] = 0
            bare = dataclasses.replace(layer.geometry, activation="none")
            self._trace = Trace(dataclasses.replace(layer, x=x, geometry=bare), stamps.lanes, window=False)
            self._row_work = PIECE_WORK // self._trace.rows_per_piece
        else:
            work = stamps.taps * first * len(lanes) * (walk.channels_per_group + ADD_WORK)
            self._row_work = 1 + work // self.shape[0]
        row_bytes = len(lanes) * math.prod(self.shape[1:]) * layer.x.itemsize
        self.rows_per_piece = max(1, min(PIECE_WORK // self._row_work, BEFORE_BYTES // row_bytes))

    def work(self, rows: slice) -> int:
        """Elementary operations that ``values`` does."""
        return self._row_work * int(rows.stop - rows.start)

    def bands(self) -> Iterator[slice]:
        """All rows, as many at a time as one piece of work has."""
        for top in range(0, self.shape[0], self.rows_per_piece):
            yield slice(top, min(self.shape[0], top + self.rows_per_piece))

    def values(self, rows: slice) -> Array:
        """Values of whole rows of the first axis: (lanes, rows, *other axes)."""
        if self._trace is not None:
            return self._trace.values(rows)
        stamps = self._stamps
        out = np.zeros((len(stamps.lanes), rows.stop - rows.start, *self.shape[1:]), stamps.layer.x.dtype)
        if self._bias is not None:
            out += self._bias
        reached = -(-self._first // self._row_steps)  # rows of steps, the last of them perhaps in part
        with np.errstate(all="ignore"):  # infinities are values here
            for number, (place, steps) in enumerate(stamps.taps_of()):
                write, read = _within(place[0], steps[0], rows, reached)
                if read.start >= read.stop:
                    continue
                for group, (own, weight) in self._mine.items():
                    stamp = weight[number] @ stamps.rows_of(group, read)
                    stamp[:, max(0, self._first - read.start * self._row_steps) :] = (
                        0  # what is not stamped yet
                    )
                    stamp = stamp.reshape(len(own), read.stop - read.start, *stamps.walk.step_shape[1:])
                    target = out if len(own) == len(out) else out[own]
                    target[(slice(None), write, *place[1:])] += stamp[(slice(None), slice(None), *steps[1:])]
                    if target is not out:
                        out[own] = target
        return out


def _within(place: slice, steps: slice, rows: slice, reached: int) -> tuple[slice, slice]:
    """The writes of a tap that fall into some rows, counted from the first row, and the steps before ``reached``."""
    stride = place.step or 1
    low = max(0, -((place.start - rows.start) // stride))
    high = min(steps.stop - steps.start, -((place.start - rows.stop) // stride), reached - steps.start)
    if high <= low:
        return slice(0, 0), slice(0, 0)
    first = place.start + low * stride - rows.start
    write = slice(first, first + (high - low - 1) * stride + 1, stride)
    return write, slice(steps.start + low, steps.start + high)


def landing(axis: AxisWalk, tap: int) -> tuple[slice, slice]:
    """Where one tap of all steps lands inside the output, and which steps those are."""
    writes = axis.writes
    start = writes.start + tap * writes.gap
    first = max(0, -(start // writes.stride))
    last = min(axis.steps, (axis.output - 1 - start) // writes.stride + 1)
    if last <= first:
        return slice(0, 0), slice(0, 0)
    begin = start + first * writes.stride
    return slice(begin, begin + (last - first - 1) * writes.stride + 1, writes.stride), slice(first, last)


def replay_stamps(layer: Layer) -> NDArray[np.float64]:
    """The output by stamping, step by step and tap by tap, in float64: (lanes, *sizes), before the activation.

    It follows the definition and shares no code with ``Stamps`` or the kernels.
    """
    walk = scatter_of(layer)
    assert layer.weight is not None, "a stamp needs a weight"
    weight = layer.geometry.as_written(layer.weight).astype(np.float64)
    output = np.zeros(walk.output_shape)
    if layer.bias is not None:
        output += layer.bias.astype(np.float64).reshape(-1, *(1,) * len(walk.axes))
    each = walk.lanes_per_group
    for position in np.ndindex(walk.step_shape):
        for tap in np.ndindex(*(axis.writes.taps for axis in walk.axes)):
            cell = tuple(
                axis.writes.start + at * axis.writes.stride + one * axis.writes.gap
                for axis, at, one in zip(walk.axes, position, tap, strict=True)
            )
            if not all(0 <= at < axis.output for axis, at in zip(walk.axes, cell, strict=True)):
                continue
            for lane in range(walk.lanes):
                first = lane // each * walk.channels_per_group
                read = layer.x[(slice(first, first + walk.channels_per_group), *position)]
                output[(lane, *cell)] += float(read.astype(np.float64) @ weight[(lane, slice(None), *tap)])
    return output
