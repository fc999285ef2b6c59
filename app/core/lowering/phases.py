"""The lowering of a walk over spread cells, which is how a transposed convolution gathers. Knows walks.

Where zeros stand between the cells of an axis, ``spread`` steps in a row read different taps, and every
``spread``-th step the same ones. So the output is as many interleaved phases, each an ordinary correlation with a
part of the kernel, and no zero is multiplied (sub-pixel convolution, arXiv:1609.05158).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..walk import Affine, AxisMap, AxisWalk, Walk
from .part import Array

PIECE_BYTES = 1 << 20  # of a phase, before it is put in its places


class Lowering(Protocol):
    """What a phase needs of the lowering that computes it."""

    @property
    def unit(self) -> int:
        """Rows of the first axis that are computed together."""

    def run(self, x: Array, weight: Array, bias: Array | None, out: Array, rows: slice) -> None:
        """Compute some rows of one image."""


@dataclass(frozen=True, slots=True)
class _Phase:
    """Every ``spread``-th step on each axis, and the taps that meet cells there."""

    places: tuple[slice, ...]
    taps: tuple[slice, ...]
    walk: Walk
    lowering: Lowering | None  # None where no tap meets a cell


@dataclass(frozen=True, slots=True)
class Phases:
    """All phases of a walk."""

    walk: Walk
    phases: tuple[_Phase, ...]
    # Zeros around the input, put there once for all phases where it is small.
    margins: tuple[tuple[int, int], ...]
    unit: int = 1

    @classmethod
    def of(cls, walk: Walk, pick: Callable[[Walk], Lowering], itemsize: int) -> Phases:
        """The phases of ``walk``, each with the lowering that ``pick`` gives it."""
        margins = tuple(map(_margin, walk.axes))
        sizes = (axis.source.size + sum(ends) for axis, ends in zip(walk.axes, margins, strict=True))
        if walk.channels * math.prod(sizes) * itemsize > PIECE_BYTES:
            margins = ((0, 0),) * len(walk.axes)
        per_axis = [
            [_phase(axis, phase, ends) for phase in range(min(axis.source.spread, axis.steps))]
            for axis, ends in zip(walk.axes, margins, strict=True)
        ]
        phases = []
        for found in itertools.product(*per_axis):
            places, taps = tuple(place for place, _, _ in found), tuple(tap for _, tap, _ in found)
            axes = tuple(axis for _, _, axis in found)
            part = Walk(axes, walk.groups, walk.channels_per_group, walk.lanes_per_group, walk.fill)
            phases.append(_Phase(places, taps, part, pick(part) if all(part.tap_shape) else None))
        return cls(walk, tuple(phases), margins)

    @np.errstate(all="ignore")
    def run(self, x: Array, weight: Array, bias: Array | None, out: Array, rows: slice) -> None:
        """Compute the steps of ``rows`` of one image (channels, *sizes) into ``out`` (lanes, rows, *others)."""
        spread = self.walk.axes[0].source.spread
        if any(map(any, self.margins)):
            sizes = [size + sum(ends) for size, ends in zip(x.shape[1:], self.margins, strict=True)]
            inside = (
                slice(begin, size - end) for size, (begin, end) in zip(sizes, self.margins, strict=True)
            )
            padded = np.zeros((len(x), *sizes), x.dtype)
            padded[(slice(None), *inside)] = x
            x = padded
        for phase in self.phases:
            first = phase.places[0].start
            begin, end = (max(0, -((first - edge) // spread)) for edge in (rows.start, rows.stop))
            places = (
                slice(None),
                slice(first + begin * spread - rows.start, None, spread),
                *phase.places[1:],
            )
            target = out[places][:, : end - begin]
            if phase.lowering is None:
                target[...] = 0 if bias is None else bias.reshape(-1, *(1,) * len(phase.places))
                continue
            kernel = np.ascontiguousarray(weight[(slice(None), slice(None), *phase.taps)])
            unit, others = phase.lowering.unit, target.shape[2:]
            row_bytes = len(out) * math.prod(others) * out.itemsize
            tall = max(1, PIECE_BYTES // (row_bytes * unit)) * unit
            for top in range(begin - begin % unit, end, tall):
                piece = slice(top, min(phase.walk.step_shape[0], top + tall))
                values = np.empty((len(out), piece.stop - top, *others), out.dtype)
                phase.lowering.run(x, kernel, bias, values, piece)
                low, high = max(begin, top), min(end, piece.stop)
                target[:, low - begin : high - begin] = values[:, low - top : high - top]


def splits(walk: Walk) -> bool:
    """Whether a walk has spread cells and comes apart: what stands between them is 0, and it moves by one there."""
    spread = [axis for axis in walk.axes if axis.source.spread > 1]
    return walk.fill == 0 and walk.fills and all(axis.affine.stride == 1 for axis in spread) and bool(spread)


def _margin(axis: AxisWalk) -> tuple[int, int]:
    """Zeros that the phases of an axis read before and after its cells."""
    if axis.source.spread == 1:
        return 0, 0
    reads, source = axis.affine, axis.source
    past = reads.last(axis.steps) // source.spread - (source.size - 1)
    return max(0, -(reads.start // source.spread)), max(0, past)


def _phase(axis: AxisWalk, phase: int, margin: tuple[int, int]) -> tuple[slice, slice, AxisWalk]:
    """The steps ``phase``, ``phase + spread``, … of one axis: their places, their taps and their walk.

    ``margin`` zeros lie around the input already.
    """
    reads, source, spread = axis.affine, axis.source, axis.source.spread
    if spread == 1:
        return slice(0, None), slice(0, None), axis
    steps = len(range(phase, axis.steps, spread))
    meeting = [tap for tap in range(reads.taps) if (reads.start + phase + tap * reads.gap) % spread == 0]
    if not meeting:
        nothing = AxisWalk(axis.name, steps, Affine(0, 1, 0, 1), source, axis.writes, steps)
        return slice(phase, None, spread), slice(0, 0), nothing
    apart = meeting[1] - meeting[0] if len(meeting) > 1 else spread
    size = source.size + sum(margin)
    first = (reads.start + phase + meeting[0] * reads.gap) // spread + margin[0]
    among = Affine(first, 1, len(meeting), apart * reads.gap // spread)
    cells = AxisMap(size, max(0, -first), max(0, among.last(steps) - (size - 1)))
    taps = slice(meeting[0], meeting[-1] + 1, apart)
    return slice(phase, None, spread), taps, AxisWalk(axis.name, steps, among, cells, axis.writes, steps)
