"""trace() streams what every step reads and gives; replay() walks step by step and is the oracle of the kernels.

Knows operations as records and arrays as they come; knows nothing of frames, sockets or pictures.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..activations import ACTIVATIONS
from ..activations.activation import Activation
from ..combines.combine import Reading
from ..geometry import Geometry
from ..lowering.cells import windows
from ..lowering.part import Part
from ..lowering.quiet import quiet
from ..operation import Operation
from ..walk.walk import Block, Walk, blocks

Array = NDArray[np.floating]

# One uninterrupted piece of work stays below this many elementary operations: about 20 ms on a slow core.
PIECE_WORK = 40_000_000
# The output that a trace holds between two blocks: a reader that stops leaves it there.
HELD_BYTES = 1 << 20
# Of an output that is scaled and activated at a time.
BLOCK_BYTES = 1 << 18
# Numbers of an output for each of the weight, from which on it is cheaper to scale the weight.
CHEAPER = 2


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """A layer that scales each channel of the one before, which has no activation."""

    factor: Array  # (lanes,), and so is
    summand: Array
    activation: str


@dataclass(slots=True, eq=False)  # not frozen: that would double what making one costs
class Layer:
    """One layer ready to run: the operation, its geometry, and tensors that fit it.

    The lowering of a geometry is kept with it, so that ``Layer(…).run()`` is as fast for a new layer of
    the same geometry as for the same one. Threads may run a layer at the same time.
    """

    operation: Operation
    geometry: Geometry
    x: Array  # (channels, *sizes)
    weight: Array | None  # as it is given: of ``geometry.weight_shape``
    bias: Array | None  # (lanes,)
    own: Mapping[str, Array] | None = None  # the operation's own tensors, which weight and bias were made of
    scaled: Scaled | None = None  # a layer that follows at once, and is run with this one

    @property
    def read_weight(self) -> Array | None:
        """The weight as the walk reads it: (lanes, channels of a group, *taps)."""
        return None if self.weight is None else self.geometry.as_read(self.weight)

    def run(self) -> Array:
        """The output, (lanes, *sizes), in one go."""
        geometry = self.geometry
        walk = geometry.walk
        weight, bias, scaled = self.read_weight, self.bias, self.scaled
        activation = ACTIVATIONS[geometry.activation if scaled is None else scaled.activation]
        if scaled is not None and weight is not None and weight.size * CHEAPER <= walk.lanes * walk.steps:
            weight, bias = quiet.call(_scaled, weight, bias, scaled)
            scaled = None
        part = Part(walk, np.ascontiguousarray(self.x), weight, bias, geometry.constants)
        values = computed(self.operation, part, slice(0, walk.step_shape[0]))
        if scaled is None:
            quiet.call(activation.apply, values, 0)
        else:
            quiet.call(_scale, values, activation, scaled)
        return values

    def result(self, output: Array) -> Array:
        """An output (lanes, *sizes) in the shape that the operation gives: the same, or (lanes, steps)."""
        return output.reshape(self.geometry.output_shape)

    def bands(self) -> Iterator[Array]:
        """The output band by band, each (lanes, rows, *other axes) and a bounded piece of work."""
        trace = Trace(self, None, window=False)
        rows = self.geometry.walk.step_shape[0]
        for top in range(0, rows, trace.rows_per_piece):
            yield trace.values(slice(top, min(rows, top + trace.rows_per_piece)))


def _range(walk: Walk, group: int) -> tuple[int, int, int]:
    return walk.channels_of(group).indices(walk.channels)


def _scaled(weight: Array, bias: Array | None, scaled: Scaled) -> tuple[Array, Array]:
    """The weight (lanes, …) and the bias of a layer that scales its sums by itself."""
    factor = scaled.factor.astype(weight.dtype)
    bias = scaled.summand if bias is None else scaled.summand + bias * scaled.factor
    return weight * factor.reshape(-1, *(1,) * (weight.ndim - 1)), bias


def _scale(values: Array, activation: Activation, scaled: Scaled) -> None:
    """Scale (lanes, *sizes) in place and activate them, some lanes at a time: each step finds them in the cache."""
    each = (-1, *(1,) * (values.ndim - 1))
    factor, summand = (one.reshape(each).astype(values.dtype) for one in (scaled.factor, scaled.summand))
    together = activation.across == "channels"
    some = len(values) if together else max(1, BLOCK_BYTES // max(1, values[:1].nbytes))
    for first in range(0, len(values), some):
        these = slice(first, first + some)
        block = values[these]
        block *= factor[these]
        block += summand[these]
        activation.apply(block, 0)


def computed(operation: Operation, part: Part, rows: slice) -> Array:
    """A kernel's values (lanes, rows, *other axes); infinities and NaN are values here, and no reason to warn."""
    return quiet.call(operation.kernel, part, rows)


@dataclass(frozen=True, slots=True)
class Columns:
    """The numbers of a block of steps, plane-major: values (lanes, steps), windows (planes, steps) or None."""

    block: Block
    values: Array
    windows: Array | None


class Trace:
    """The steps of a layer in order, for the lanes asked for, from any step on.

    Values come from the fast kernel, band by band; windows are one strided copy per plane, ordered by group,
    channel of the group and tap. The caller decides where each ``next`` runs: ``pending_work`` tells how
    much the next block will cost.
    """

    def __init__(self, layer: Layer, lanes: tuple[int, ...] | None, *, window: bool) -> None:
        self.walk = walk = layer.geometry.walk
        everything = tuple(range(walk.lanes))
        self.layer = layer
        self.lanes = lanes = everything if lanes is None else lanes
        self.window = window
        x = np.ascontiguousarray(layer.x)
        constants = layer.geometry.constants
        complete = Part(walk, x, layer.read_weight, layer.bias, constants)
        self._parts = [complete]  # what values come from
        self._watched = self._parts  # what windows come from
        if walk.across and window:  # whose planes are ordered by group
            planes = [channel for group in range(walk.groups) for channel in range(*_range(walk, group))]
            self._watched = [Part(dataclasses.replace(walk, across=False), x[planes], None, None, constants)]
        self._picked: list[int] | None = None  # where each lane asked for lies in what the parts compute
        self._activation = ACTIVATIONS[layer.geometry.activation]
        lane_count = walk.lanes
        if lanes != everything:
            order: list[int] = []
            self._watched = []
            for part, channels, mine in walk.narrowed(lanes, whole_groups=not layer.geometry.weighted):
                chosen = list(mine)
                weight = None if layer.read_weight is None else layer.read_weight[chosen]
                bias = None if layer.bias is None else layer.bias[chosen]
                self._watched.append(Part(part, x[channels], weight, bias, constants))
                order += chosen
            if self._activation.across == "channels":
                order = list(everything)
            else:
                self._parts = self._watched
            lane_count = len(order)
            if order != list(lanes):
                self._picked = [order.index(lane) for lane in lanes]
        self._band = slice(0, 0)
        self._band_values: Array | None = None
        self._row_work = max(
            1, layer.geometry.work * (x.itemsize // 4) * lane_count // (walk.lanes * walk.step_shape[0])
        )
        self.rows_per_piece = max(1, PIECE_WORK // self._row_work)
        row_bytes = lane_count * (walk.steps // walk.step_shape[0]) * x.itemsize
        self._rows_held = min(self.rows_per_piece, max(1, HELD_BYTES // row_bytes))

    @property
    def value_planes(self) -> int:
        """Planes of values: one a lane."""
        return len(self.lanes)

    @property
    def planes(self) -> int:
        """All planes of a block: one a lane, and those of the window when it is asked for."""
        return self.value_planes + self.window_planes

    @property
    def window_planes(self) -> int:
        """Planes of a window: groups asked for × channels of a group × taps; 0 when it is not asked for."""
        if not self.window:
            return 0
        walk = self.layer.geometry.walk
        return sum(part.walk.groups for part in self._watched) * walk.channels_per_group * walk.taps

    def values(self, rows: slice) -> Array:
        """Values of whole rows of the first axis: (lanes, rows, *other axes), after bias and activation."""
        outs = [computed(self.layer.operation, part, rows) for part in self._parts]
        out = outs[0] if len(outs) == 1 else np.concatenate(outs)
        quiet.call(self._activation.apply, out, 0)
        return out if self._picked is None else out[self._picked]

    def columns(self, block: Block, out: Array | None = None) -> Columns:
        """The columns of one block, written into ``out`` (planes, steps) when given: values first, then windows."""
        if out is None:
            out = np.empty((self.planes, block.count), self.layer.x.dtype)
        values, others = out[: len(self.lanes)], out[len(self.lanes) :]
        band = self._band_for(block)
        cut = (
            slice(block.box[0].start - self._band.start, block.box[0].stop - self._band.start),
            *block.box[1:],
        )
        shape = tuple(box.stop - box.start for box in block.box)
        np.copyto(values.reshape(-1, *shape), band[(slice(None), *cut)])
        if not self.window:
            return Columns(block, values, None)
        start = 0
        for part in self._watched:
            view = windows(part.walk, part.padded, block.box)
            count = part.walk.channels * part.walk.taps
            np.copyto(others[start : start + count].reshape(view.shape), view)
            start += count
        return Columns(block, values, others)

    def pending_work(self, block: Block) -> int:
        """Elementary operations that ``columns(block)`` will do: a new band where one is due, and the copying."""
        rows = self._rows_due(block)
        return int(rows.stop - rows.start) * self._row_work + self.planes * block.count

    def _rows_due(self, block: Block) -> slice:
        need = block.box[0]
        if self._band.start <= need.start and need.stop <= self._band.stop:
            return slice(0, 0)
        last = self.layer.geometry.walk.step_shape[0]
        # The first band is as small as its block, so that the first frame leaves at once.
        tall = need.stop - need.start
        if self._band_values is not None:
            tall = max(tall, self._rows_held)
        return slice(need.start, min(last, need.start + tall))

    def _band_for(self, block: Block) -> Array:
        rows = self._rows_due(block)
        if rows.stop > rows.start:
            self._band_values = self.values(rows)
            self._band = rows
        assert self._band_values is not None
        return self._band_values


def trace(
    layer: Layer, lanes: tuple[int, ...] | None = None, *, first: int = 0, most: int = 1024
) -> Iterator[Columns]:
    """All steps from ``first`` on, with their windows, in blocks of at most ``most`` steps."""
    walk = layer.geometry.walk
    tracer = Trace(layer, lanes, window=True)
    for block in blocks(walk.step_shape, first, walk.steps, most):
        yield tracer.columns(block)


def replay(layer: Layer, *, first: int = 0, count: int | None = None) -> NDArray[np.float64]:
    """Walk ``count`` steps from ``first`` on by the definition, in float64: (lanes, steps).

    It resolves every coordinate through the index maps and shares no code with the kernels.
    """
    return np.concatenate([values for _, values in replay_windows(layer, first=first, count=count)]).T


def replay_windows(
    layer: Layer, *, first: int = 0, count: int | None = None, chunk: int = 256
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The replay with what it reads: windows (steps, groups, channels, taps) and values (steps, lanes)."""
    walk = layer.geometry.walk
    apply, constants = layer.operation.combination.apply, layer.geometry.constants
    last = walk.steps if count is None else first + count
    weight = None if layer.weight is None else layer.geometry.as_read(layer.weight).astype(np.float64)
    bias = None if layer.bias is None else layer.bias.astype(np.float64)
    for start in range(first, last, chunk):
        count = min(chunk, last - start)
        window, codes = read(walk, layer.x, start, count)
        factors, picks = factors_of(walk, start, count), walk.picks(start, count)
        values = np.empty((len(window), walk.lanes))
        with np.errstate(all="ignore"):
            for group in range(walk.groups):
                mine = slice(group * walk.lanes_per_group, (group + 1) * walk.lanes_per_group)
                kernels = (
                    None if weight is None else weight[mine].reshape(walk.lanes_per_group, -1, walk.taps)
                )
                reading = Reading(window[:, group], codes, factors, picks)
                values[:, mine] = apply(reading, kernels, None if bias is None else bias[mine], constants)
            ACTIVATIONS[layer.geometry.activation].apply(values, 1)
        yield window, values


def factors_of(walk: Walk, first: int, count: int) -> NDArray[np.float64] | None:
    """The footprints' own weights of ``count`` steps, (steps, taps): a product of axes; None where there are none."""
    if any(axis.reads.weights is None for axis in walk.axes):
        return None
    tables = [axis.table for axis in walk.axes]
    factors = np.ones((count, 1))
    for table, steps in zip(tables, walk.positions(first, count), strict=True):
        factors = (factors[:, :, None] * table.factors(steps)[:, None, :]).reshape(count, -1)
    return factors


def read(walk: Walk, x: Array, first: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """What ``count`` steps read, cell by cell through the index maps: (steps, groups, channels, taps).

    With it a code per step and tap: 0 for an input cell, below 0 what ``AxisMap.resolve`` says of the others;
    where axes differ, beyond the edge outweighs padding.
    """
    cells, codes = places(walk, first, count)
    window = x[(slice(None), *cells)].astype(np.float64)  # (channels, steps, *taps)
    window[:, codes < 0] = walk.fill
    if walk.across:
        window = window.reshape(walk.channels_per_group, walk.groups, count, walk.taps).swapaxes(0, 1)
    else:
        window = window.reshape(walk.groups, walk.channels_per_group, count, walk.taps)
    return np.moveaxis(window, 2, 0), codes.reshape(count, walk.taps)


def places(walk: Walk, first: int, count: int) -> tuple[list[Any], NDArray[np.intp]]:
    """Which input cells ``count`` steps read, as an index array per axis, and the codes (steps, *taps) of ``read``.

    A tap that reads no input cell has a code below 0, and its index stands for nothing.
    """
    axes = len(walk.axes)
    cells: list[Any] = []
    codes = np.zeros((count, *walk.tap_shape), dtype=np.intp)
    for index, (axis, steps) in enumerate(zip(walk.axes, walk.positions(first, count), strict=True)):
        sources = axis.source.resolve(axis.reads.coordinates(steps))  # (steps, taps of this axis)
        spread = sources.reshape(count, *(-1 if place == index else 1 for place in range(axes)))
        codes = np.minimum(codes, spread)
        cells.append(np.maximum(spread, 0))
    return cells, codes
