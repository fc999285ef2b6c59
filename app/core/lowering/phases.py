"""The lowering of a walk over spread cells, which is how a transposed convolution gathers. Knows walks.

Where zeros stand between the cells of an axis, ``spread`` steps in a row read different taps, and every
``spread``-th step the same ones. So the output is as many interleaved phases, each an ordinary correlation with a
part of the kernel, and no zero is multiplied (sub-pixel convolution, arXiv:1609.05158). Phases with windows of one
shape are filters of one correlation, and the windows are laid out once for all of them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ..walk.walk import (
    Affine,
    AxisMap,
    AxisWalk,
    Walk,
)
from .part import Array
from .scratch import PIECE_BYTES, PieceRoom

FILTERS = 128  # of a correlation: more gain little, and a row of them takes memory


class Lowering(Protocol):
    """The methods that a phase calls of the lowering that computes it."""

    @property
    def unit(self) -> int:
        """Rows of the first axis that are computed together."""

    def arranged(self, weight: Array) -> Any:
        """A weight (lanes, channels of a group, *taps) as it is multiplied."""

    def run(self, x: Array, matrix: Any, bias: Array | None, out: Array, rows: slice) -> None:
        """Compute some rows of an input."""


@dataclass(frozen=True, slots=True)
class _Phase:
    """Every ``spread``-th step on each axis, and the taps that meet cells there; ``axes`` walk over the cells."""

    places: tuple[slice, ...]
    taps: tuple[slice, ...]
    axes: tuple[AxisWalk, ...]

    @property
    def alike(self) -> Hashable:
        """The key of phases that are computed together: the shape of their windows, and nearly where they begin."""
        *others, last = [axis.affine for axis in self.axes]
        # Along a row they begin at the same cell: joined, rows would be a column longer than whole vectors.
        return last, tuple((one.taps, one.gap, one.start if one.gap > 1 else None) for one in others)


@dataclass(frozen=True, slots=True)
class _Together:
    """Phases with windows of one shape: one walk over the steps of all, in which each begins at its corner."""

    phases: tuple[_Phase, ...]
    corners: tuple[tuple[int, ...], ...]
    walk: Walk
    lowering: Lowering | None  # None where no tap meets a cell

    @classmethod
    def of(cls, walk: Walk, phases: tuple[_Phase, ...], pick: Callable[[Walk], Lowering]) -> _Together:
        """Some phases of ``walk``."""
        axes = tuple(map(_joined, zip(*(phase.axes for phase in phases), strict=True)))
        corners = tuple(
            tuple(one.affine.start - axis.affine.start for one, axis in zip(phase.axes, axes, strict=True))
            for phase in phases
        )
        lanes = len(phases) * walk.lanes_per_group
        joined = Walk(axes, walk.groups, walk.channels_per_group, lanes, walk.fill)
        return cls(phases, corners, joined, pick(joined) if all(joined.tap_shape) else None)

    def run(self, x: Array, matrix: Any, bias: Array | None, targets: list[tuple[int, Array]]) -> None:
        """Compute what each phase has in its target (groups, lanes, rows, *others), from so many of its rows on."""
        lowering, shape = self.lowering, self.walk.step_shape
        assert lowering is not None, "some tap meets a cell"
        bias = None if bias is None else self.lanes(bias)
        begins = [first + corner[0] for (first, _), corner in zip(targets, self.corners, strict=True)]
        last = max(begin + target.shape[2] for begin, (_, target) in zip(begins, targets, strict=True))
        unit = lowering.unit
        start, stop = min(begins) - min(begins) % unit, min(shape[0], last + -last % unit)
        if stop <= start:
            return  # these rows have no step of these phases
        row_bytes = self.walk.lanes * math.prod(shape[1:]) * x.itemsize
        units, most = -(-(stop - start) // unit), max(1, PIECE_BYTES // (row_bytes * unit))
        tall = -(-units // -(-units // most)) * unit  # pieces of about the same height
        for top in range(start, stop, tall):
            piece = slice(top, min(stop, top + tall))
            values = PieceRoom().take((self.walk.lanes, piece.stop - top, *shape[1:]), x.dtype)
            lowering.run(x, matrix, bias, values, piece)
            by_phase = values.reshape(self.walk.groups, len(targets), -1, *values.shape[1:])
            for index, (_, target) in enumerate(targets):
                corner = (begins[index] - top, *self.corners[index][1:])
                _put(by_phase[:, index], corner, target)

    def lanes(self, given: Array) -> Array:
        """A weight (lanes, channels, *taps) or a bias (lanes) by group, phase and filter, as the walk has its lanes."""
        parts = [
            given[(slice(None), slice(None), *phase.taps)] if given.ndim > 1 else given
            for phase in self.phases
        ]
        grouped = [part.reshape(self.walk.groups, -1, *part.shape[1:]) for part in parts]
        return np.concatenate(grouped, axis=1).reshape(self.walk.lanes, *parts[0].shape[1:])


@dataclass(frozen=True, slots=True)
class Phases:
    """All phases of a walk."""

    walk: Walk
    parts: tuple[_Together, ...]
    unit: int = 1

    @classmethod
    def of(cls, walk: Walk, pick: Callable[[Walk], Lowering]) -> Phases:
        """The phases of ``walk``, which are computed by the lowerings that ``pick`` gives."""
        per_axis = [
            [_phase(axis, phase) for phase in range(min(axis.source.spread, axis.steps))]
            for axis in walk.axes
        ]
        alike: dict[Hashable, list[_Phase]] = {}
        for found in itertools.product(*per_axis):
            phase = _Phase(*zip(*found, strict=True))
            alike.setdefault(phase.alike, []).append(phase)
        most = max(1, FILTERS // walk.lanes_per_group)
        parts = tuple(
            _Together.of(walk, tuple(phases[first : first + most]), pick)
            for phases in alike.values()
            for first in range(0, len(phases), most)
        )
        return cls(walk, parts)

    def arranged(self, weight: Array) -> Any:
        """The weights of each part."""
        # Phases are made of whole taps, so taps are brought together first: (*taps, filters, channels) in memory.
        axes = weight.ndim - 2
        weight = np.ascontiguousarray(weight.transpose(*range(2, axes + 2), 0, 1))
        weight = weight.transpose(axes, axes + 1, *range(axes))
        return [
            None if part.lowering is None else part.lowering.arranged(part.lanes(weight))
            for part in self.parts
        ]

    def run(self, x: Array, matrix: Any, bias: Array | None, out: Array, rows: slice) -> None:
        """Compute the steps of ``rows`` of an input (channels, *sizes) into ``out`` (lanes, rows, *others)."""
        walk = self.walk
        grouped = out.reshape(walk.groups, walk.lanes_per_group, *out.shape[1:])
        for part, own in zip(self.parts, matrix, strict=True):
            targets = [self._target(phase, grouped, rows) for phase in part.phases]
            if part.lowering is not None:
                part.run(x, own, bias, targets)
                continue
            for _, target in targets:
                one = (1,) * len(walk.axes)
                target[...] = 0 if bias is None else bias.reshape(*grouped.shape[:2], *one)

    def _target(self, phase: _Phase, out: Array, rows: slice) -> tuple[int, Array]:
        """Where the values of a phase go in ``out`` (groups, lanes, rows, *others), and which row is its first."""
        first, spread = phase.places[0].start, self.walk.axes[0].source.spread
        begin, end = (max(0, -((first - edge) // spread)) for edge in (rows.start, rows.stop))
        place = slice(first + begin * spread - rows.start, None, spread)
        return begin, out[(slice(None), slice(None), place, *phase.places[1:])][:, :, : end - begin]


def _put(values: Array, corner: tuple[int, ...], target: Array) -> None:
    """Copy what ``target`` (groups, lanes, *counts) holds of ``values``, where it begins at ``corner`` or before."""
    source, place = [slice(None)] * 2, [slice(None)] * 2
    for begin, count, size in zip(corner, target.shape[2:], values.shape[2:], strict=True):
        low, high = max(0, begin), max(0, begin, min(size, begin + count))
        source.append(slice(low, high))
        place.append(slice(low - begin, high - begin))
    target[tuple(place)] = values[tuple(source)]


def splits(walk: Walk) -> bool:
    """Whether a walk has spread cells and comes apart: what stands between them is 0, and it moves by one there."""
    spread = [axis for axis in walk.axes if axis.source.spread > 1]
    return walk.fill == 0 and walk.fills and all(axis.affine.stride == 1 for axis in spread) and bool(spread)


def _phase(axis: AxisWalk, phase: int) -> tuple[slice, slice, AxisWalk]:
    """The steps ``phase``, ``phase + spread``, … of one axis: their places, their taps and their walk."""
    reads, source, spread = axis.affine, axis.source, axis.source.spread
    if spread == 1:
        return slice(0, None), slice(0, None), axis
    steps = len(range(phase, axis.steps, spread))
    meeting = [tap for tap in range(reads.taps) if (reads.start + phase + tap * reads.gap) % spread == 0]
    if not meeting:
        nothing = AxisWalk(axis.name, steps, Affine(0, 1, 0, 1), source, axis.writes, steps)
        return slice(phase, None, spread), slice(0, 0), nothing
    apart = meeting[1] - meeting[0] if len(meeting) > 1 else spread
    first = (reads.start + phase + meeting[0] * reads.gap) // spread
    taps = slice(meeting[0], meeting[-1] + 1, apart)
    walk = _over_cells(axis, Affine(first, 1, len(meeting), apart * reads.gap // spread), steps)
    return slice(phase, None, spread), taps, walk


def _over_cells(axis: AxisWalk, reads: Affine, steps: int) -> AxisWalk:
    """A walk over the cells of an axis with spread ones, without the zeros between them."""
    size = axis.source.size
    cells = AxisMap(size, max(0, -reads.start), max(0, reads.last(steps) - (size - 1)))
    return AxisWalk(axis.name, steps, reads, cells, axis.writes, steps)


def _joined(axes: tuple[AxisWalk, ...]) -> AxisWalk:
    """All steps of some phases of one axis, which differ in where they begin and end."""
    one = axes[0]
    if all(axis == one for axis in axes) or one.affine.taps == 0:
        return one
    first = min(axis.affine.start for axis in axes)
    last = max(axis.affine.start + axis.steps for axis in axes)
    reads = Affine(first, 1, one.affine.taps, one.affine.gap)
    return _over_cells(one, reads, last - first)
