"""The scattering walk of a layer: what each input cell stamps onto the output, step by step, and the sum so far.

Knows arrays and geometry; knows nothing of frames, sockets or pictures.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import Unfit
from .trace import Columns, Layer
from .walk import AxisWalk, Block, Walk

Array = NDArray[np.floating]


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
        values, rest = out[: self.value_planes], out[self.value_planes :]
        if not self.window_planes:
            return Columns(block, values, None)
        np.copyto(rest, self._x[self.groups][:, :, here].reshape(rest.shape))
        return Columns(block, values, rest)

    def pending_work(self, block: Block) -> int:
        """Elementary operations that ``columns(block)`` will do."""
        return block.count * (self.value_planes * self.walk.channels_per_group + self.window_planes)

    def partial(self, first: int) -> Array:
        """The output of the lanes asked for before step ``first``: (lanes, *sizes), from the bias on."""
        return np.stack([self.lane_partial(index, first) for index in range(len(self.lanes))])

    def lane_partial(self, index: int, first: int) -> Array:
        """The same of one of the lanes asked for, by its place among them; memory for one tap at a time."""
        lane, walk = self.lanes[index], self.walk
        bias = 0 if self.layer.bias is None else self.layer.bias[lane]
        total = np.full(tuple(axis.output for axis in walk.axes), bias, self.layer.x.dtype)
        read = self._x[lane // walk.lanes_per_group][:, :first]
        stamp = np.zeros(walk.steps, total.dtype)  # of one tap; steps from the first on add nothing
        with np.errstate(all="ignore"):
            for number, (place, steps) in enumerate(self._taps()):
                np.matmul(self._weight[lane, number], read, out=stamp[:first])
                total[place] += stamp.reshape(walk.step_shape)[steps]
        return total

    def lane_work(self, first: int) -> int:
        """Elementary operations that ``lane_partial`` does."""
        return self.taps * (first * self.walk.channels_per_group + self.walk.steps)

    def _taps(self) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...]]]:
        """For each tap, row-major: where it lands inside the output, and the steps whose taps those are."""
        for tap in np.ndindex(*(axis.writes.taps for axis in self.walk.axes)):
            pairs = [_where(axis, one) for axis, one in zip(self.walk.axes, tap, strict=True)]
            yield tuple(write for write, _ in pairs), tuple(read for _, read in pairs)

    def add(self, total: Array, stamps: Array) -> None:
        """Add the stamps (lanes, taps, *all steps) of a walk onto an output (lanes, *sizes), one tap at a time."""
        with np.errstate(all="ignore"):
            for number, (place, steps) in enumerate(self._taps()):
                own: tuple[Any, ...] = (slice(None), number, *steps)
                total[:, *place] += stamps[own]


def _where(axis: AxisWalk, tap: int) -> tuple[slice, slice]:
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
