"""One step of a layer, by replaying its walk: cells, windows, terms, values so far. Draws nothing.

Everything is settled here once, in float64 and by the definition; the scene only places it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...core.activations import ACTIVATIONS
from ...core.engine.stamps import scatter_of
from ...core.engine.trace import (
    Layer,
    factors_of,
    read,
    replay,
)
from ...core.padding import BEYOND, FILL, IntArray
from ...core.walk.unread import unread
from ...core.walk.walk import NOWHERE, AxisWalk, Walk

Float64 = NDArray[np.float64]
Cell = tuple[int, int, int]  # depth, row, col; 0 on an axis that a layer has not
Kind = Literal["cell", "padding", "inserted", "beyond"]


@dataclass(frozen=True, slots=True)
class Span:
    """One axis of a drawn grid: the first coordinate and how many cells."""

    first: int
    count: int

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.first + self.count))


@dataclass(frozen=True, slots=True)
class Term:
    """One cell of a window: where it is read, what it holds, what it is multiplied with."""

    channel: int
    cell: Cell
    value: float
    kind: Kind
    weight: float | None


@dataclass(frozen=True, slots=True)
class Window:
    """The window of a gathering step over the group's channels; a tap lies on the same cell in each of them."""

    channels: range
    cells: tuple[Cell, ...]  # per tap
    kinds: tuple[Kind, ...]
    values: Float64  # (channels, taps)
    weights: Float64 | None  # (channels, taps): the kernel's, or the footprint's own

    def __len__(self) -> int:
        return self.values.size

    def terms(self, most: int) -> Iterator[Term]:
        """The first terms, channel by channel."""
        for number in range(min(most, len(self))):
            channel, tap = divmod(number, len(self.cells))
            weight = None if self.weights is None else float(self.weights[channel, tap])
            value = float(self.values[channel, tap])
            yield Term(self.channels[channel], self.cells[tap], value, self.kinds[tap], weight)

    def count(self, *kinds: Kind) -> int:
        """How many taps of one channel are of some kinds."""
        return sum(kind in kinds for kind in self.kinds)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A scattering step: the values that it reads, the cells that it writes, how many taps are cropped."""

    channels: range
    read: Float64  # (channels)
    cells: tuple[Cell, ...]
    cropped: int


@dataclass(frozen=True, eq=False)
class Shown:
    """One step (or the final state, where ``step`` is None) of one lane and one input channel."""

    layer: Layer
    walk: Walk  # the one that is watched
    scattering: bool
    lane: int
    channel: int
    step: int | None
    position: Cell | None  # of the output cell, or of the input cell that a scattering step reads
    input_spans: tuple[Span, Span, Span]
    output_spans: tuple[Span, Span, Span]
    values: Float64  # (depth, row, col) of the output so far; no number where no step has been
    done: NDArray[np.bool_]
    noise: NDArray[np.bool_]  # values that are nothing but the rounding of the sums that made them
    bias: float | None
    window: Window | None  # of a gathering step
    stamp: Stamp | None  # of a scattering step

    @property
    def taps(self) -> tuple[Cell, ...]:
        """The cells of the input that the step reads, gaps left out."""
        if self.window is not None:
            return self.window.cells
        return () if self.position is None else (self.position,)

    @property
    def written(self) -> tuple[Cell, ...]:
        """The cells of the output that the step writes."""
        if self.stamp is not None:
            return self.stamp.cells
        return () if self.position is None else (self.position,)

    @property
    def axes(self) -> tuple[AxisWalk, ...]:
        """The axes of the watched walk."""
        return self.walk.axes

    @property
    def group(self) -> int:
        """The group of the lane."""
        return self.lane // self.walk.lanes_per_group

    def input_cell(self, cell: Cell) -> tuple[Kind, float]:
        """The value at a coordinate of the padded input."""
        return cell_of(self.walk, self.layer.x[self.channel], cell[3 - len(self.axes) :])

    def input_cells(self, cell: Cell) -> list[float]:
        """The same of every channel, values alone."""
        place = cell[3 - len(self.axes) :]
        return [cell_of(self.walk, plane, place)[1] for plane in self.layer.x]

    def kernel(self, channel: int) -> Float64 | None:
        """The kernel's slice (depth, row, col) for an input channel, as the watched walk lays it on."""
        if self.layer.weight is None:
            return None
        built = self.layer.geometry
        weight = built.as_written(self.layer.weight) if self.scattering else built.as_read(self.layer.weight)
        slice_ = weight[self.lane, channel - self.group * self.walk.channels_per_group]
        return three_axes(slice_.astype(np.float64))

    def unread(self) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
        """Input cells per axis that no step reads."""
        found = [
            frozenset(
                cell
                for first, last in unread(axis, axis.source.size).ranges
                for cell in range(first, last + 1)
            )
            for axis in self.axes
        ]
        none: list[frozenset[int]] = [frozenset()] * (3 - len(found))
        depth, row, col = none + found
        return depth, row, col


def rounding(layer: Layer, sizes: Float64) -> Float64:
    """The largest error of sums, from the sizes of their terms: each is rounded once, and so is the sum so far.

    It is ``sizes · max(2, √terms) · unit`` with half a unit in the last place of the layer's numbers.
    """
    unit = float(np.finfo(layer.x.dtype).eps) / 2
    terms = layer.geometry.walk.taps * layer.geometry.walk.channels_per_group
    return sizes * max(2.0, math.sqrt(terms)) * unit


# The activation that changes nothing.
IDENTITY = next(one.name for one in ACTIVATIONS.values() if one.formula == "x")


def before_activation(layer: Layer) -> Layer:
    """The layer without its activation."""
    return dataclasses.replace(layer, geometry=dataclasses.replace(layer.geometry, activation=IDENTITY))


def of_sizes(layer: Layer) -> Layer:
    """The layer with all numbers taken without their signs: its values are the sizes of the terms, added up."""
    built = before_activation(layer).geometry
    plain = dataclasses.replace(built, walk=dataclasses.replace(built.walk, fill=abs(built.walk.fill)))
    weight, bias = (None if one is None else np.abs(one) for one in (layer.weight, layer.bias))
    return Layer(layer.operation, plain, np.abs(layer.x), weight, bias)


def three_axes(array: Float64) -> Float64:
    """An array of 1 to 3 axes as (depth, row, col)."""
    return array.reshape((1,) * (3 - array.ndim) + array.shape)


def padded(cell: tuple[int, ...]) -> Cell:
    """A position of 1 to 3 axes as (depth, row, col)."""
    depth, row, col = (0,) * (3 - len(cell)) + cell
    return depth, row, col


def cell_of(walk: Walk, plane: NDArray[np.floating], cell: tuple[int, ...]) -> tuple[Kind, float]:
    """Kind and value of a coordinate of a padded plane."""
    sources = [axis.source for axis in walk.axes]
    codes = [int(source.layout()[at + source.begin]) for source, at in zip(sources, cell, strict=True)]
    within = all(0 <= at < source.length for source, at in zip(sources, cell, strict=True))
    lowest = min(codes)
    if lowest <= BEYOND:
        return "beyond", walk.fill
    value = walk.fill if lowest == FILL else float(plane[tuple(codes)])
    if not within:
        return "padding", value
    return ("inserted" if lowest == FILL else "cell"), value


def input_spans(walk: Walk) -> tuple[Span, Span, Span]:
    """The padded input's axes, overhang included."""
    spans = [Span(-axis.source.begin, axis.source.padded_size + axis.source.overhang) for axis in walk.axes]
    depth, row, col = [Span(0, 1)] * (3 - len(spans)) + spans
    return depth, row, col


def output_spans(walk: Walk) -> tuple[Span, Span, Span]:
    """The output's axes."""
    spans = [Span(0, axis.output) for axis in walk.axes]
    depth, row, col = [Span(0, 1)] * (3 - len(spans)) + spans
    return depth, row, col


class Replay:
    """All steps of one lane, replayed once, from which any step can be shown."""

    def __init__(self, layer: Layer, lane: int, channel: int, *, scattering: bool) -> None:
        self.layer, self.lane, self.channel = layer, lane, channel
        self.scattering = scattering
        self.walk = scatter_of(layer) if scattering else layer.geometry.walk
        self.bias = None if layer.bias is None else float(layer.bias[lane])
        self._alone, index = one_lane(layer, lane)
        # The final output: the stamps sum to the same.
        across = ACTIVATIONS[layer.geometry.activation].across == "channels"
        final = replay(layer)[lane] if across else replay(self._alone)[index]
        self._final = three_axes(final.reshape(layer.geometry.walk.step_shape))
        self._partial: tuple[int, Float64] | None = None
        group = lane // self.walk.lanes_per_group
        each = self.walk.channels_per_group
        self._channels = range(*self.walk.channels_of(group).indices(self.walk.channels))
        # Made when a value is so small that it may be rounding: the sizes of the terms, the sums before an activation.
        self._sizes: Replay | None = None
        self._sums: Replay | None = None
        self._weight: Float64 | None = None  # (channels of the group, taps) as the watched walk lays it on
        if layer.weight is not None:
            laid = layer.geometry.as_written if scattering else layer.geometry.as_read
            self._weight = laid(layer.weight)[lane].astype(np.float64).reshape(each, -1)
        self._faint = float(rounding(layer, np.array(self._largest_sizes())))

    def _largest_sizes(self) -> float:
        """A bound for the sizes of the terms of any sum, added up."""
        walk, weight = self.walk, self._weight
        terms = walk.channels_per_group * self.layer.geometry.walk.taps
        x = self.layer.x[self._channels.start : self._channels.stop]
        largest = max(float(np.abs(x).max(initial=0)), abs(walk.fill) if math.isfinite(walk.fill) else 0.0)
        most = largest * (1.0 if weight is None else float(np.abs(weight).max(initial=0)))
        return terms * most + abs(self.bias or 0.0)

    def at(self, step: int | None) -> Shown:
        """One step, or the final state."""
        walk = self.walk
        values, done = self._so_far(step)
        position = None if step is None else self._position(step)
        gathers = step is not None and not self.scattering
        return Shown(
            self.layer,
            walk,
            self.scattering,
            self.lane,
            self.channel,
            step,
            None if position is None else padded(position),
            input_spans(walk),
            output_spans(walk),
            values,
            done,
            self._noise(step, values),
            self.bias,
            self._window(step) if gathers and step is not None else None,
            self._stamp(position) if self.scattering and position is not None else None,
        )

    def _noise(self, step: int | None, values: Float64) -> NDArray[np.bool_]:
        """Which values lie below the rounding of their own terms; what is selected is copied and rounds nothing.

        A value that an activation makes small is no rounding: the sum before it must be.
        """
        if self.layer.geometry.combination.reduce in ("largest", "smallest"):
            return np.zeros(values.shape, dtype=bool)
        candidates: NDArray[np.bool_] = (values != 0) & (np.abs(values) <= self._faint)
        if not candidates.any():
            return candidates
        if self._sizes is None:
            self._sizes = Replay(of_sizes(self.layer), self.lane, self.channel, scattering=self.scattering)
        sizes, _ = self._sizes._so_far(step)
        allowed = rounding(self.layer, sizes)
        found: NDArray[np.bool_] = candidates & (np.abs(values) <= allowed)
        if self.layer.geometry.activation != IDENTITY and found.any():
            if self._sums is None:
                plain = before_activation(self.layer)
                self._sums = Replay(plain, self.lane, self.channel, scattering=self.scattering)
            found &= np.abs(self._sums._so_far(step)[0]) <= allowed
        return found

    def _position(self, step: int) -> tuple[int, ...]:
        return tuple(int(at[0]) for at in self.walk.positions(step, 1))

    def _so_far(self, step: int | None) -> tuple[Float64, NDArray[np.bool_]]:
        if self.scattering and step is not None:
            return self._stamped_so_far(step), np.ones(self._final.shape, dtype=bool)
        last = self._final.size if step is None else step + 1
        done = (np.arange(self._final.size) < last).reshape(self._final.shape)
        return np.where(done, self._final, np.nan), done

    def _window(self, step: int) -> Window:
        """The window of a gathering step, by the walk of the lane's group alone."""
        walk = self._alone.geometry.walk
        values, _ = read(walk, self._alone.x, step, 1)
        factors = factors_of(walk, step, 1)
        places = [
            axis.reads.coordinates(at)[0] for axis, at in zip(walk.axes, walk.positions(step, 1), strict=True)
        ]
        there, cells, kinds = [], [], []
        plane = self._alone.x[0]
        for tap, index in enumerate(np.ndindex(*walk.tap_shape)):
            cell = tuple(int(place[at]) for place, at in zip(places, index, strict=True))
            if NOWHERE not in cell:  # a table's step may have fewer taps than the largest
                there.append(tap)
                cells.append(padded(cell))
                kinds.append(cell_of(walk, plane, cell)[0])
        within = values[0].reshape(-1, walk.channels_per_group, walk.taps)
        group = within[self.lane // self.walk.lanes_per_group if len(within) > 1 else 0]
        weights = self._weight
        if factors is not None:
            weights = np.broadcast_to(factors, group.shape)
        laid = None if weights is None else weights[:, there]
        return Window(self._channels, tuple(cells), tuple(kinds), group[:, there], laid)

    def _stamped_so_far(self, step: int) -> Float64:
        """The output after a scattering step, from the bias on; continued from the last one asked for."""
        if self._partial is not None and self._partial[0] <= step:
            first, total = self._partial[0] + 1, self._partial[1].copy()
        else:
            first, total = 0, np.full(self._final.shape, self.bias or 0.0)
        with np.errstate(all="ignore"):
            for one in range(first, step + 1):
                position = self._position(one)
                taps, cells = self._landing(position)
                added = three_axes((self._read(position) @ self._taps()).reshape(self._tap_shape()))
                total[np.ix_(*cells)] += added[np.ix_(*taps)]
        self._partial = (step, total)
        return self._final if step == self.walk.steps - 1 else total.copy()

    def _read(self, position: tuple[int, ...]) -> Float64:
        """The cells that a scattering step reads: one of each channel of the group."""
        x = self.layer.x[self._channels.start : self._channels.stop]
        place: tuple[Any, ...] = (slice(None), *position)
        cells: Float64 = x[place].astype(np.float64)
        return cells

    def _taps(self) -> Float64:
        assert self._weight is not None, "a stamp needs a weight"
        return self._weight

    def _tap_shape(self) -> tuple[int, ...]:
        return tuple(axis.writes.taps for axis in self.walk.axes)

    def _landing(self, position: tuple[int, ...]) -> tuple[list[IntArray], list[IntArray]]:
        """Per axis (depth, row, col) the taps that land inside the output, and the cells that they land on."""
        taps = [np.zeros(1, np.intp)] * (3 - len(position))
        cells = list(taps)
        for axis, at in zip(self.walk.axes, position, strict=True):
            tap = np.arange(axis.writes.taps)
            cell = axis.writes.start + at * axis.writes.stride + tap * axis.writes.gap
            within = (cell >= 0) & (cell < axis.output)
            taps.append(tap[within])
            cells.append(cell[within])
        return taps, cells

    def _stamp(self, position: tuple[int, ...]) -> Stamp:
        _, cells = self._landing(position)
        written = [
            (int(depth), int(row), int(col)) for depth in cells[0] for row in cells[1] for col in cells[2]
        ]
        cropped = math.prod(self._tap_shape()) - len(written)
        return Stamp(self._channels, self._read(position), tuple(written), cropped)


def one_lane(layer: Layer, lane: int) -> tuple[Layer, int]:
    """The layer with the lane's group alone, and where in it the lane lies: no more is replayed than is shown."""
    built = layer.geometry
    walk, channels, lanes = next(built.walk.narrowed((lane,), whole_groups=not built.weighted))
    if layer.weight is None:
        return dataclasses.replace(
            layer, geometry=dataclasses.replace(built, walk=walk), x=layer.x[channels]
        ), (lanes.index(lane))
    narrowed = dataclasses.replace(built, walk=walk, weight_layout="filters", flipped=False)
    weight = built.as_read(layer.weight)[lane : lane + 1]
    bias = None if layer.bias is None else layer.bias[lane : lane + 1]
    return Layer(layer.operation, narrowed, layer.x[channels], weight, bias), 0
