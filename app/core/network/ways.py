"""How many ways lead from cells to cells: sums of products of axes, and one layer's step on them. Knows no network.

A term counts ways as a product: one array for the channels and one per spatial axis. Where ways join, terms add up.
A plain field has 1 where at least one way leads, and 0 elsewhere. Where a sum of products grows long, it is written
out as an array of all cells.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..activations import ACTIVATIONS
from ..geometry import Geometry
from ..walk.walk import AxisWalk

Float64 = NDArray[np.float64]
Term = tuple[Float64, ...]  # of the channels, and of each axis

MOST_TERMS = 24  # a longer sum is written out
MOST_WAYS = 1e300  # more are counted as so many, since 0 times infinity is no number


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways to the cells of one tensor (channels, *sizes): a sum of terms, or an array with all cells.

    ``counts`` says whether ways are counted, or only whether there is one.
    """

    shape: tuple[int, ...]
    counts: bool
    terms: tuple[Term, ...] = ()
    written: Float64 | None = None

    @property
    def none(self) -> bool:
        """Whether no way leads to any cell."""
        return self.written is None and not self.terms

    def array(self) -> Float64:
        """The number of ways to each cell, in ``shape``."""
        if self.written is not None:
            return self.written
        total = np.zeros(self.shape)
        for term in self.terms:
            total += product_of(term)
        return self.bounded(total)

    def bounded(self, array: Float64) -> Float64:
        """The ways as they are kept: 1 where there is one, unless they are counted."""
        return np.minimum(array, MOST_WAYS if self.counts else 1.0)

    def of(self, shape: tuple[int, ...], terms: Sequence[Term]) -> Ways:
        """Other ways of the same kind; empty terms are left out, and a long sum is written out."""
        kept = []
        for term in terms:
            bounded = tuple(self.bounded(array) for array in term)
            if all(array.any() for array in bounded):
                kept.append(bounded)
        found = Ways(shape, self.counts, tuple(_merged(kept, self.counts)))
        return found if len(found.terms) <= MOST_TERMS else found.as_written()

    def as_written(self) -> Ways:
        """The same with all cells written out."""
        array = self.array()
        return Ways(self.shape, self.counts, written=array if array.any() else None)

    def filled(self, array: Float64) -> Ways:
        """Other ways of the same kind, written out."""
        return Ways(array.shape, self.counts, written=self.bounded(array) if array.any() else None)

    def plus(self, other: Ways) -> Ways:
        """All ways of both."""
        if other.none:
            return self
        if self.none:
            return other
        if self.written is not None or other.written is not None:
            return self.filled(self.array() + other.array())
        return self.of(self.shape, (*self.terms, *other.terms))


def product_of(term: Term) -> Float64:
    """The outer product of a term's axes, (channels, *sizes), at most MOST_WAYS a cell."""
    out = term[0]
    for array in term[1:]:
        out = np.minimum(np.multiply.outer(out, array), MOST_WAYS)
    return out


def _merged(terms: Sequence[Term], counts: bool) -> list[Term]:
    """Terms that differ on one axis at most are one term."""
    merged: list[Term] = []
    for term in terms:
        for at, known in enumerate(merged):
            apart = [
                place
                for place, (a, b) in enumerate(zip(term, known, strict=True))
                if a is not b and not np.array_equal(a, b)
            ]
            if not apart and not counts:
                break
            if len(apart) <= 1:
                place = apart[0] if apart else 0
                both = np.minimum(term[place] + known[place], MOST_WAYS if counts else 1.0)
                merged[at] = (*known[:place], both, *known[place + 1 :])
                break
            if not counts and (larger := _larger(term, known)) is not None:
                merged[at] = larger
                break
        else:
            merged.append(term)
    return merged


def _larger(one: Term, other: Term) -> Term | None:
    """The one of two boxes that holds the other, where there is one."""
    if all((a >= b).all() for a, b in zip(one, other, strict=True)):
        return one
    if all((a <= b).all() for a, b in zip(one, other, strict=True)):
        return other
    return None


@dataclass(frozen=True, slots=True)
class _Axis:
    """The cells that each step of an axis reads, as source indices (steps, taps), < 0 for no cell; and both lengths."""

    sources: NDArray[np.intp]
    size: int

    @classmethod
    def of(cls, axis: AxisWalk, steps: NDArray[np.intp] | None = None, tap: int | None = None) -> _Axis:
        """All steps or some, all taps or one."""
        wanted = np.arange(axis.steps) if steps is None else steps
        coordinates = axis.reads.coordinates(wanted)
        if tap is not None:
            coordinates = coordinates[:, tap : tap + 1]
        return cls(axis.source.resolve(coordinates), axis.source.size)

    def reads(self, ways: Float64) -> Float64:
        """Ways to cells from ways to the steps that read them (steps, others)."""
        others = math.prod(ways.shape[1:])
        flat = ways.reshape(len(ways), 1, others)
        places = np.maximum(self.sources, 0)[:, :, None] * others + np.arange(others)
        weights = np.broadcast_to(flat, places.shape) * (self.sources >= 0)[:, :, None]
        counted = np.bincount(places.reshape(-1), weights.reshape(-1), self.size * others)
        return np.minimum(counted, MOST_WAYS).reshape(self.size, *ways.shape[1:])

    def writes(self, ways: Float64) -> Float64:
        """Ways to steps from ways to the cells that they read (cells, others)."""
        found = ways[np.maximum(self.sources, 0)]  # (steps, taps, *others)
        there = (self.sources >= 0).reshape(*self.sources.shape, *(1,) * (ways.ndim - 1))
        total: Float64 = np.minimum((found * there).sum(axis=1), MOST_WAYS)
        return total


def backward(built: Geometry, ways: Ways, *, apart: bool) -> Ways:
    """Ways from the output of a layer to its input; ``apart`` keeps channels apart, else they are one."""
    walk = built.walk
    shape = (walk.channels if apart else 1, *walk.input_shape[1:])
    if built.result == "shape":
        return _reshaped(built, _mixed(built, ways) if apart else ways, apart=apart, back=True)
    ways = _as_steps(built, ways, apart=apart)
    if apart:
        ways = _mixed(built, ways)
    if apart and built.combination.reduce == "pick" and walk.lanes_per_group > 1:
        return _sum(ways, shape, [_tapped(built, ways, tap, back=True) for tap in range(walk.taps)])
    if apart and walk.phased:
        phases = range(walk.channels_per_group)
        return _sum(ways, shape, [_phased(built, ways, phase, back=True) for phase in phases])
    if apart:
        ways = _channelwise(ways, lambda lanes: _spread(_grouped(lanes, walk.lanes_per_group), built))
    for place, axis in enumerate(walk.axes):
        ways = _along(ways, place + 1, functools.partial(_back, axis), axis.source.size)
    return ways


def forward(built: Geometry, ways: Ways, *, apart: bool) -> Ways:
    """Ways from the input of a layer to its output."""
    walk = built.walk
    shape = (walk.lanes if apart else 1, *walk.step_shape)
    if built.result == "shape":
        ways = _reshaped(built, ways, apart=apart, back=False)
        return _mixed(built, ways) if apart else ways
    if apart and built.combination.reduce == "pick" and walk.lanes_per_group > 1:
        ways = _sum(ways, shape, [_tapped(built, ways, tap, back=False) for tap in range(walk.taps)])
    elif apart and walk.phased:
        phases = range(walk.channels_per_group)
        ways = _sum(ways, shape, [_phased(built, ways, phase, back=False) for phase in phases])
    else:
        if apart:
            ways = _channelwise(
                ways, lambda cells: np.repeat(_gathered(cells, built), walk.lanes_per_group, 0)
            )
        for place, axis in enumerate(walk.axes):
            ways = _along(ways, place + 1, _Axis.of(axis).writes, axis.steps)
    if apart:
        ways = _mixed(built, ways)
    return _as_output(built, ways, apart=apart)


def _mixed(built: Geometry, ways: Ways) -> Ways:
    """The ways through an activation that looks at all channels, or the same where it looks at one."""
    if ACTIVATIONS[built.activation].across != "channels":
        return ways
    return _channelwise(ways, lambda lanes: np.broadcast_to(lanes.sum(0, keepdims=True), lanes.shape))


def _back(axis: AxisWalk, array: Float64) -> Float64:
    """One axis backward, for the steps alone that any way leads to."""
    used = np.flatnonzero(array.reshape(len(array), -1).any(axis=1))
    return _Axis.of(axis, used).reads(array[used])


def _along(ways: Ways, place: int, step: Callable[[Float64], Float64], size: int) -> Ways:
    """One axis replaced."""
    shape = (*ways.shape[:place], size, *ways.shape[place + 1 :])
    if ways.written is not None:
        moved = np.moveaxis(ways.written, place, 0)
        return ways.filled(np.ascontiguousarray(np.moveaxis(step(moved), 0, place)))
    terms = [(*term[:place], step(term[place]), *term[place + 1 :]) for term in ways.terms]
    return ways.of(shape, terms)


def _channelwise(ways: Ways, step: Callable[[Float64], Float64]) -> Ways:
    """The axis of channels replaced."""
    if ways.written is not None:
        return ways.filled(np.ascontiguousarray(step(ways.written)))
    terms = [(np.ascontiguousarray(step(term[0])), *term[1:]) for term in ways.terms]
    return ways.of((len(terms[0][0]) if terms else 1, *ways.shape[1:]), terms)


def _grouped(lanes: Float64, each: int) -> Float64:
    """The ways of each group's lanes together: (groups, …)."""
    total: Float64 = lanes.reshape(-1, each, *lanes.shape[1:]).sum(axis=1)
    return total


def _spread(groups: Float64, built: Geometry) -> Float64:
    """The ways of groups as those of the channels that each of them reads."""
    walk = built.walk
    if walk.across:
        return np.concatenate([groups] * walk.channels_per_group)
    return np.repeat(groups, walk.channels_per_group, axis=0)


def _gathered(cells: Float64, built: Geometry) -> Float64:
    """The ways of each group's channels together: (groups, …)."""
    walk = built.walk
    if walk.across:
        total: Float64 = cells.reshape(walk.channels_per_group, walk.groups, *cells.shape[1:]).sum(axis=0)
        return total
    return _grouped(cells, walk.channels_per_group)


def _tapped(built: Geometry, ways: Ways, tap: int, *, back: bool) -> Ways:
    """One tap of a layer whose lanes are taps: lane l of a channel takes tap l."""
    walk = built.walk
    places = np.unravel_index(tap, walk.tap_shape)
    if back:
        ways = _channelwise(ways, lambda lanes: lanes[tap :: walk.taps])
    for index, (axis, place) in enumerate(zip(walk.axes, places, strict=True)):
        one = _Axis.of(axis, tap=int(place))
        step, size = (one.reads, axis.source.size) if back else (one.writes, axis.steps)
        ways = _along(ways, index + 1, step, size)
    if not back:

        def laid(cells: Float64) -> Float64:
            lanes = np.zeros((walk.lanes, *cells.shape[1:]))
            lanes[tap :: walk.taps] = cells
            return lanes

        ways = _channelwise(ways, laid)
    return ways


def _phased(built: Geometry, ways: Ways, phase: int, *, back: bool) -> Ways:
    """The steps of one phase of a layer whose steps say which channel of a group they take."""
    walk = built.walk
    every = walk.channels_per_group
    if back:
        ways = _channelwise(ways, lambda lanes: _laid_out(lanes, walk.channels, phase, every))
    else:
        ways = _channelwise(ways, lambda cells: cells[phase::every])
    places = np.unravel_index(phase, walk.phases)
    for index, (axis, place) in enumerate(zip(walk.axes, places, strict=True)):
        step = functools.partial(_phase_read if back else _phase_written, axis, int(place))
        ways = _along(ways, index + 1, step, axis.source.size if back else axis.steps)
    return ways


def _phase_read(axis: AxisWalk, phase: int, array: Float64) -> Float64:
    """One axis backward, for the steps of one phase."""
    steps = np.arange(phase, axis.steps, axis.phases)
    return _Axis.of(axis, steps).reads(array[phase :: axis.phases])


def _phase_written(axis: AxisWalk, phase: int, array: Float64) -> Float64:
    """One axis forward, to the steps of one phase."""
    steps = np.arange(phase, axis.steps, axis.phases)
    return _laid_out(_Axis.of(axis, steps).writes(array), axis.steps, phase, axis.phases)


def _laid_out(few: Float64, count: int, first: int, apart: int) -> Float64:
    """Some entries at their places among ``count``, zeros elsewhere."""
    laid = np.zeros((count, *few.shape[1:]))
    laid[first::apart] = few
    return laid


def _reshaped(built: Geometry, ways: Ways, *, apart: bool, back: bool) -> Ways:
    """Ways through a layer that keeps the order of all numbers and changes their shape alone.

    Where channels are one, a way leads from a cell to each cell that any of its channels comes to. Number n lies in
    cell n modulo the cells of a channel on either side, and the pairs of cells repeat after as many numbers as the
    least common multiple of both.
    """
    output, source = _between(built.output_shape), built.walk.input_shape
    before, after = (output, source) if back else (source, output)
    shape = (after[0] if apart else 1, *after[1:])
    if ways.none:
        return Ways(shape, ways.counts)
    if apart:
        return ways.filled(ways.array().reshape(shape))
    one, other = math.prod(before[1:]), math.prod(after[1:])
    numbers = np.arange(min(math.prod(before), math.lcm(one, other)))
    led: Float64 = np.bincount(numbers % other, ways.array().reshape(-1)[numbers % one], other).astype(
        np.float64
    )
    return ways.filled(led.reshape(shape))


def _between(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A vector as others read it: (channels, 1)."""
    return shape if len(shape) > 1 else (*shape, 1)


def _sum(kind: Ways, shape: tuple[int, ...], parts: Sequence[Ways]) -> Ways:
    total = Ways(shape, kind.counts)
    for part in parts:
        total = total.plus(part)
    return total


def _as_steps(built: Geometry, ways: Ways, *, apart: bool) -> Ways:
    """Ways to an output as others read it, as ways to the steps (lanes, *steps)."""
    walk = built.walk
    shape = (walk.lanes if apart else 1, *walk.step_shape)
    if built.result == "grid" or len(walk.axes) == 1:
        return ways
    if built.result == "vector":
        if ways.written is not None:
            return ways.filled(ways.written.reshape(shape))
        ones = (np.ones(1),) * (len(walk.axes) - 1)
        return ways.of(shape, [(*term, *ones) for term in ways.terms])
    return Ways(shape, ways.counts) if ways.none else ways.filled(ways.array().reshape(shape))


def _as_output(built: Geometry, ways: Ways, *, apart: bool) -> Ways:
    """The way back."""
    walk = built.walk
    if built.result == "grid" or len(walk.axes) == 1:
        return ways
    lanes = walk.lanes if apart else 1
    if ways.none:
        return Ways((lanes, walk.steps), ways.counts)
    return ways.filled(ways.array().reshape(lanes, walk.steps))
