"""What one step of a layer shows, by replaying its walk: cells, windows, terms, values so far. Draws nothing.

Everything is settled here once, in float64 and by the definition; the scene only places it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..core.combine import activate
from ..core.padding import BEYOND, FILL
from ..core.stamps import scatter_of
from ..core.trace import Layer, factors_of, read, replay
from ..core.walk import NOWHERE, AxisWalk, Walk

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
    tap: int
    cell: Cell
    value: float
    kind: Kind
    weight: float | None


@dataclass(frozen=True, slots=True)
class Stamp:
    """One cell that a scattering step writes: where, and what it adds; cropped cells are not there."""

    cell: Cell
    tap: int
    added: float


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
    terms: tuple[Term, ...]  # of a gathering step, channel by channel
    stamps: tuple[Stamp, ...]  # of a scattering step
    taps: tuple[Cell, ...]  # the cells of the window in the channel's plane, gaps left out
    bias: float | None

    @property
    def axes(self) -> tuple[AxisWalk, ...]:
        """The axes of the watched walk."""
        return self.walk.axes

    @property
    def group(self) -> int:
        """The group of the lane."""
        return self.lane // self.walk.lanes_per_group

    def input_cell(self, cell: Cell) -> tuple[Kind, float]:
        """What a coordinate of the padded input holds."""
        return cell_of(self.walk, self.layer.x[self.channel], cell[3 - len(self.axes) :])

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
        found = [frozenset(axis.unread().tolist()) for axis in self.axes]
        none: list[frozenset[int]] = [frozenset()] * (3 - len(found))
        depth, row, col = none + found
        return depth, row, col


def three_axes(array: Float64) -> Float64:
    """An array of 1 to 3 axes as (depth, row, col)."""
    return array.reshape((1,) * (3 - array.ndim) + array.shape)


def padded(cell: tuple[int, ...]) -> Cell:
    """A position of 1 to 3 axes as (depth, row, col)."""
    depth, row, col = (0,) * (3 - len(cell)) + cell
    return depth, row, col


def cell_of(walk: Walk, plane: NDArray[np.floating], cell: tuple[int, ...]) -> tuple[Kind, float]:
    """What a coordinate of a padded plane is and holds."""
    sources = [axis.source for axis in walk.axes]
    codes = [int(source.layout()[at + source.begin]) for source, at in zip(sources, cell, strict=True)]
    inside = all(0 <= at < source.length for source, at in zip(sources, cell, strict=True))
    lowest = min(codes)
    if lowest <= BEYOND:
        return "beyond", walk.fill
    value = walk.fill if lowest == FILL else float(plane[tuple(codes)])
    if not inside:
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
        # The final output: the stamps sum to the same.
        alone, index = one_lane(layer, lane)
        self._final = three_axes(replay(alone)[index].reshape(layer.geometry.walk.step_shape))
        self._partial: tuple[int, Float64] | None = None

    def at(self, step: int | None) -> Shown:
        """One step, or the final state."""
        walk, axes = self.walk, len(self.walk.axes)
        values, done = self._so_far(step)
        position = None if step is None else tuple(int(at[0]) for at in walk.positions(step, 1))
        terms: tuple[Term, ...] = ()
        stamps: tuple[Stamp, ...] = ()
        taps: tuple[Cell, ...] = ()
        if step is not None and self.scattering:
            assert position is not None
            stamps = tuple(self._stamps(position))
            terms = tuple(self._stamped(position))
            taps = (padded(position),)
        elif step is not None:
            terms = tuple(self._terms(step))
            taps = tuple(dict.fromkeys(term.cell for term in terms if term.channel == self.channel))
        return Shown(
            self.layer,
            walk,
            self.scattering,
            self.lane,
            self.channel,
            step,
            None if position is None else padded(position[-axes:]),
            input_spans(walk),
            output_spans(walk),
            values,
            done,
            terms,
            stamps,
            taps,
            self.bias,
        )

    def _so_far(self, step: int | None) -> tuple[Float64, NDArray[np.bool_]]:
        if self.scattering and step is not None:
            return self._stamped_so_far(step), np.ones(self._final.shape, dtype=bool)
        last = self._final.size if step is None else step + 1
        done = (np.arange(self._final.size) < last).reshape(self._final.shape)
        return np.where(done, self._final, np.nan), done

    def _stamped_so_far(self, step: int) -> Float64:
        """The output after a scattering step, from the bias on; continued from the last one asked for."""
        if self._partial is not None and self._partial[0] <= step:
            first, total = self._partial[0] + 1, self._partial[1].copy()
        else:
            first, total = 0, np.full(self._final.shape, self.bias or 0.0)
        for one in range(first, step + 1):
            position = tuple(int(at[0]) for at in self.walk.positions(one, 1))
            for stamp in self._stamps(position):
                total[stamp.cell] += stamp.added
        self._partial = (step, total)
        shown = total.copy()
        if step == self.walk.steps - 1:
            activate(shown, self.layer.geometry.activation)
        return shown

    def _channels(self) -> range:
        group = self.lane // self.walk.lanes_per_group
        return range(group * self.walk.channels_per_group, (group + 1) * self.walk.channels_per_group)

    def _weight(self) -> Float64 | None:
        """The lane's weight (channels of the group, taps) as the watched walk lays it on."""
        if self.layer.weight is None:
            return None
        built = self.layer.geometry
        weight = built.as_written(self.layer.weight) if self.scattering else built.as_read(self.layer.weight)
        found: Float64 = weight[self.lane].astype(np.float64).reshape(self.walk.channels_per_group, -1)
        return found

    def _terms(self, step: int) -> Iterator[Term]:
        walk, weight = self.walk, self._weight()
        window, _ = read(walk, self.layer.x, step, 1)
        factors = factors_of(walk, step, 1)
        positions = walk.positions(step, 1)
        places = [axis.reads.coordinates(at)[0] for axis, at in zip(walk.axes, positions, strict=True)]
        for within, channel in enumerate(self._channels()):
            for tap, index in enumerate(np.ndindex(*walk.tap_shape)):
                cell = tuple(int(place[at]) for place, at in zip(places, index, strict=True))
                if NOWHERE in cell:
                    continue
                kind, _ = cell_of(walk, self.layer.x[channel], cell)
                factor = None if weight is None else float(weight[within, tap])
                if factors is not None:
                    factor = float(factors[0, tap])
                value = float(window[0, channel // walk.channels_per_group, within, tap])
                yield Term(channel, tap, padded(cell), value, kind, factor)

    def _stamped(self, position: tuple[int, ...]) -> Iterator[Term]:
        """What a scattering step reads: one cell of each channel of the group."""
        for channel in self._channels():
            value = float(self.layer.x[(channel, *position)])
            yield Term(channel, 0, padded(position), value, "cell", None)

    def _stamps(self, position: tuple[int, ...]) -> Iterator[Stamp]:
        weight = self._weight()
        assert weight is not None, "a stamp needs a weight"
        cells = np.array([self.layer.x[(channel, *position)] for channel in self._channels()], np.float64)
        with np.errstate(all="ignore"):
            added = cells @ weight
        taps = np.ndindex(*(axis.writes.taps for axis in self.walk.axes))
        for number, tap in enumerate(taps):
            cell = tuple(
                axis.writes.start + at * axis.writes.stride + one * axis.writes.gap
                for axis, at, one in zip(self.walk.axes, position, tap, strict=True)
            )
            if all(0 <= at < axis.output for axis, at in zip(self.walk.axes, cell, strict=True)):
                yield Stamp(padded(cell), number, float(added[number]))


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
