"""From a spec and an input shape to a walk, its formulas and its costs. Knows no array and no operation's name.

``static/js/layer/geometry.js`` is the mirror of this module, of ``shapes``, ``padding`` and ``walk``: the golden files
in ``tests/golden`` hold the two together, refusals included.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .activations import ACTIVATIONS
from .combines import COMBINES
from .combines.combine import Combine, Constants
from .constants import check_numbers, constants_of
from .errors import Unfit, counted
from .frameworks.framework import check_rules, quoted
from .operation import Operation, fill_json
from .shapes import extent
from .spec import LayerSpec
from .walk.border import border
from .walk.effort import run_work
from .walk.resampling import (
    adaptive,
    linear,
    nearest,
    zero_insertion,
)
from .walk.rule import Formula, SizeRule
from .walk.shuffling import blocks, phases
from .walk.transposed import transposed
from .walk.unread import Unread, unread
from .walk.walk import (
    Affine,
    AxisWalk,
    Footprint,
    Walk,
)
from .walk.windows import pointwise, sliding_window, whole_input

UNREAD_RANGES = 64
MOST_LISTED = 12  # values that a refusal lists


Array = NDArray[np.floating]


@dataclass(frozen=True)
class Geometry:
    """A layer's geometry: the walk, one worked formula per axis, and what follows from both.

    ``scatter`` is the second walk of an operation that has two: the same sums, written the other way round.
    """

    walk: Walk
    formulas: tuple[Formula, ...]
    combine: str
    weighted: bool
    biased: bool
    activation: str
    constants: Constants
    scatter: Walk | None = None
    weight_layout: str = "filters"
    flipped: bool = False
    result: str = "grid"
    shape: tuple[int, ...] = ()  # of a result that is a shape
    own: tuple[str, ...] = ()  # tensors that weight and bias are made of, one number per channel each

    @property
    def combination(self) -> Combine:
        """The combine's record."""
        return COMBINES[self.combine]

    @functools.cached_property
    def weight_shape(self) -> tuple[int, ...] | None:
        """The weight as it is given, or None for an operation without weights.

        (out_channels, in_channels / groups, *kernel), or (in_channels, out_channels / groups, *kernel) where
        the layout begins with the channels.
        """
        if not self.weighted:
            return None
        walk = self.walk
        if self.weight_layout == "channels":
            return (walk.channels, walk.lanes_per_group, *walk.tap_shape)
        return walk.weight_shape

    @functools.cached_property
    def bias_shape(self) -> tuple[int, ...] | None:
        """(out_channels,) where there is a bias."""
        return (self.walk.lanes,) if self.biased else None

    def as_read(self, weight: Array) -> Array:
        """A weight as the walk reads it: (lanes, channels of a group, *taps), tap t lying on cell t of a window."""
        laned = self._laned(weight)
        return np.flip(laned, self._tap_axes) if self.flipped else laned

    def as_unread(self, weight: Array) -> Array:
        """The weight in ``weight_shape``, from one as the walk reads it: undoes ``as_read``."""
        return self.as_given(np.flip(weight, self._tap_axes) if self.flipped else weight)

    def as_unwritten(self, weight: Array) -> Array:
        """The same from one as the scattering walk writes it: undoes ``as_written``."""
        return self.as_given(weight if self.flipped else np.flip(weight, self._tap_axes))

    def as_written(self, weight: Array) -> Array:
        """A weight as the scattering walk writes it: (lanes, channels of a group, *taps), the kernel as it is."""
        laned = self._laned(weight)
        return laned if self.flipped else np.flip(laned, self._tap_axes)

    @property
    def _tap_axes(self) -> tuple[int, ...]:
        return tuple(range(2, 2 + len(self.walk.axes)))

    def _laned(self, weight: Array) -> Array:
        if self.weight_layout == "filters":
            return weight
        walk = self.walk
        each = (walk.groups, walk.channels_per_group, walk.lanes_per_group, *walk.tap_shape)
        return weight.reshape(each).swapaxes(1, 2).reshape(walk.weight_shape)

    def as_given(self, laned: Array) -> Array:
        """A weight (lanes, channels of a group, *taps) in ``weight_shape``; the kernel is not turned."""
        if self.weight_layout == "filters":
            return laned
        walk = self.walk
        assert self.weight_shape is not None
        each = (walk.groups, walk.lanes_per_group, walk.channels_per_group, *walk.tap_shape)
        return laned.reshape(each).swapaxes(1, 2).reshape(self.weight_shape)

    @functools.cached_property
    def output_shape(self) -> tuple[int, ...]:
        """(out_channels, *sizes); (lanes, steps) for a matrix with a column per step; (lanes,) for a vector.

        A result that is a shape has the lanes in it, row-major.
        """
        walk = self.walk
        if self.result == "shape":
            return self.shape
        shapes = {"grid": walk.output_shape, "columns": (walk.lanes, walk.steps), "vector": (walk.lanes,)}
        return shapes[self.result]

    @functools.cached_property
    def multiply_adds(self) -> int:
        """Products that are added: ``lanes · channels of a group · reads``; for stamps those of the scattering walk.

        Zeros that are only inserted are not counted, since no implementation multiplies them. 0 for a combine
        without factors.
        """
        walk = self.walk
        if self.combination.cost != "multiply_adds":
            return 0
        if self.combination.reduce == "product":
            return self._joins
        if not self.weighted:
            return walk.lanes * walk.reads
        reads = walk.reads if self.scatter is None else self.scatter.steps * walk.taps
        return walk.lanes * walk.channels_per_group * reads

    @functools.cached_property
    def comparisons(self) -> int:
        """``lanes · (reads − steps)`` where cells are compared, else 0: a window of n cells takes n − 1."""
        walk = self.walk
        return walk.lanes * (walk.reads - walk.steps) if self.combination.cost == "comparisons" else 0

    @functools.cached_property
    def additions(self) -> int:
        """``lanes · (channels of a group · reads − steps)`` where cells are added, else 0: n cells take n − 1."""
        return self._joins if self.combination.cost == "additions" else 0

    @property
    def _joins(self) -> int:
        """How often two cells are made one, where a lane reads all channels of its group."""
        walk = self.walk
        return walk.lanes * (walk.channels_per_group * walk.reads - walk.steps)

    @functools.cached_property
    def operations(self) -> int:
        """The number that limits a run: products, comparisons or additions, or cells where those are more."""
        return max(self.multiply_adds, self.comparisons, self.additions, self.walk.lanes * self.walk.steps)

    @property
    def _activation_work(self) -> int:
        return int(ACTIVATIONS[self.activation].effort * self.walk.lanes * self.walk.steps)

    @functools.cached_property
    def work(self) -> int:
        """Elementary operations that one run takes, the measure that prices and scheduling use."""
        return (
            run_work(self.walk, self.combination, self.constants, self.multiply_adds) + self._activation_work
        )

    @functools.cached_property
    def padded_shape(self) -> tuple[int, ...]:
        """(channels, *sizes with padding and inserted zeros), without the overhang of ceil_mode."""
        return (self.walk.channels, *(axis.source.padded_size for axis in self.walk.axes))

    def to_json(self) -> dict[str, Any]:
        """The geometry as the API and the golden files carry it."""
        walk = self.walk
        weight = math.prod(self.weight_shape or (0,))
        bias = walk.lanes if self.biased else 0
        left = [unread(axis, UNREAD_RANGES) for axis in walk.axes]
        read = math.prod(axis.source.size - cells.count for axis, cells in zip(walk.axes, left, strict=True))
        fields = [_receptive_field(axis) for axis in walk.axes]
        return {
            "input_shape": list(walk.input_shape),
            "padded_shape": list(self.padded_shape),
            "output_shape": list(self.output_shape),
            "weight_shape": list(self.weight_shape) if self.weight_shape else None,
            "weight_layout": self.weight_layout,
            "flipped": self.flipped,
            "bias_shape": list(self.bias_shape) if self.bias_shape else None,
            **({"tensors": {name: [walk.lanes] for name in self.own}} if self.own else {}),
            "groups": walk.groups,
            "channels_per_group": walk.channels_per_group,
            "lanes": walk.lanes,
            "lanes_per_group": walk.lanes_per_group,
            "across": walk.across,
            "steps": walk.steps,
            "step_shape": list(walk.step_shape),
            "taps": walk.taps,
            "kernel_shape": list(walk.tap_shape),
            "combine": self.combine,
            "result": self.result,
            "fill": fill_json(walk.fill),
            "activation": self.activation,
            "divisor": self.constants.divisor,
            "p": self.constants.p,
            "axes": [
                axis_json(axis, formula, cells)
                for axis, formula, cells in zip(walk.axes, self.formulas, left, strict=True)
            ],
            "scatter": self.scatter
            and {
                "steps": self.scatter.steps,
                "step_shape": list(self.scatter.step_shape),
                "writes": [footprint_json(axis.writes) for axis in self.scatter.axes],
            },
            "unread_cells": math.prod(walk.input_shape) - walk.channels * read,
            "parameters": {"weight": weight, "bias": bias, "total": weight + bias},
            "multiply_adds": self.multiply_adds,
            "comparisons": self.comparisons,
            "additions": self.additions,
            "receptive_field": {
                "size": [size for size, _, _ in fields],
                "jump": [jump for _, jump, _ in fields],
                "start": [start for _, _, start in fields],
            },
        }


def axis_json(axis: AxisWalk, formula: Formula, left: Unread) -> dict[str, Any]:
    """One axis of a geometry as the API carries it."""
    return {
        "name": axis.name,
        "size": axis.source.size,
        "spread": axis.source.spread,
        "begin": axis.source.begin,
        "end": axis.source.end,
        "overhang": axis.source.overhang,
        "mode": axis.source.mode,
        "output": axis.output,
        "reads": footprint_json(axis.reads),
        "writes": footprint_json(axis.writes),
        "formula": [{"text": text, "from": role} if role else {"text": text} for text, role in formula],
        "unread": left.ranges,
        "unread_count": left.count,
        **({"phases": axis.phases} if axis.phases > 1 else {}),
    }


def footprint_json(footprint: Footprint) -> dict[str, Any]:
    """One axis of a footprint as the API carries it."""
    if isinstance(footprint, Affine):
        return {
            "kind": "affine",
            "start": footprint.start,
            "stride": footprint.stride,
            "taps": footprint.taps,
            "gap": footprint.gap,
        }
    counts, weights = footprint.counts.tolist(), footprint.weights
    rows = None if weights is None else weights.tolist()
    return {
        "kind": "table",
        "starts": footprint.starts.tolist(),
        "counts": counts,
        "taps": footprint.taps,
        "weights": rows and [row[:count] for row, count in zip(rows, counts, strict=True)],
    }


def _receptive_field(axis: AxisWalk) -> tuple[int, float | None, float | None]:
    """How many input cells an output cell sees at most, how far apart neighbours see, and where the first begins.

    In input cells; a table's windows have no common distance.
    """
    reads, spread = axis.reads, axis.source.spread
    if not isinstance(reads, Affine):
        return reads.taps, None, None
    return (extent(reads.taps, reads.gap) - 1) // spread + 1, reads.stride / spread, reads.start / spread


def as_ranges(values: list[int]) -> list[list[int]]:
    """Ascending integers as inclusive ranges."""
    ranges: list[list[int]] = []
    for value in values:
        if ranges and ranges[-1][1] == value - 1:
            ranges[-1][1] = value
        else:
            ranges.append([value, value])
    return ranges


SIZE_RULES: dict[str, SizeRule] = {
    "sliding_window": sliding_window,
    "whole_input": whole_input,
    "pointwise": pointwise,
    "border": border,
    "blocks": blocks,
    "phases": phases,
    "transposed": transposed,
    "adaptive": adaptive,
    "nearest": nearest,
    "linear": linear,
    "zero_insertion": zero_insertion,
}


@functools.lru_cache(maxsize=256)
def geometry(operation: Operation, spec: LayerSpec, input_shape: tuple[int, ...]) -> Geometry:
    """The geometry of ``spec`` on an input ``(channels, *sizes)``; raises Unfit where there is none."""
    channels, *sizes = input_shape
    combine = operation.combination
    try:
        axes = SIZE_RULES[operation.geometry](operation, spec, tuple(sizes))
        groups, lanes = _channels(operation, spec, channels, [axis.walk for axis in axes])
        constants = constants_of(operation, spec)
        check_numbers(spec)
        shape = _shape(spec, channels, sizes) if operation.result == "shape" else ()
    except Unfit as problem:
        raise quoted(problem, operation.frameworks, spec.rules, len(sizes)) from None
    check_rules(operation, spec, tuple(sizes))
    fill = spec.padding_value if getattr(spec, "padding_mode", None) == "constant" else combine.fill  # type: ignore[attr-defined]
    channel_rule = (groups, channels // groups, lanes // groups, fill, operation.channels == "inputs")
    scatters = tuple(axis.scatter for axis in axes if axis.scatter is not None)
    return Geometry(
        walk=Walk(tuple(axis.walk for axis in axes), *channel_rule),
        formulas=tuple(axis.formula for axis in axes),
        combine=combine.name,
        weighted=combine.weighted,
        biased=combine.weighted and (operation.own is not None or bool(getattr(spec, "bias", False))),
        activation=spec.activation,
        constants=constants,
        scatter=Walk(scatters, *channel_rule) if scatters else None,
        weight_layout=operation.weight_layout,
        flipped=operation.flipped != getattr(spec, "flip", False),
        result=_result(operation, spec),
        shape=shape,
        own=operation.own.names if operation.own else (),
    )


def _result(operation: Operation, spec: LayerSpec) -> str:
    framework = operation.frameworks.get(spec.rules)
    return (framework and framework.result) or operation.result


def _channels(operation: Operation, spec: LayerSpec, channels: int, axes: list[AxisWalk]) -> tuple[int, int]:
    """Groups and lanes by the operation's channel rule."""
    if operation.channels == "each":
        return channels, channels
    if operation.channels == "taps":
        return channels, channels * math.prod(axis.reads.taps for axis in axes)
    if operation.channels == "phases":
        every = math.prod(axis.phases for axis in axes)
        if channels % every:
            reason = f"{counted(channels, 'input channel does', 'input channels do')} not split into groups of {every}"
            remedy = f"Use a smaller factor, or give the layer before filters in multiples of {every}."
            raise Unfit("factor", spec.factor, reason, remedy, case="split")  # type: ignore[attr-defined]
        return channels // every, channels // every
    if operation.channels == "inputs":
        parts: int = spec.parts  # type: ignore[attr-defined]
        _check_parts(channels, parts)
        return channels // parts, channels // parts
    groups, filters = getattr(spec, "groups", 1), spec.filters  # type: ignore[attr-defined]
    _check_channels(channels, groups, filters)
    return groups, filters


def _shape(spec: LayerSpec, channels: int, sizes: list[int]) -> tuple[int, ...]:
    """The shape asked for, −1 worked out."""
    given: tuple[int, ...] = spec.shape  # type: ignore[attr-defined]
    cells = channels * math.prod(sizes)
    known = math.prod(size for size in given if size != -1)
    if cells % known or (-1 not in given and cells != known):
        shape = "×".join(map(str, (channels, *sizes)))
        reason = f"the input is {shape}, which is {counted(cells, 'number')}"
        asked = (
            f"sizes whose product divides {cells} beside -1"
            if -1 in given
            else f"sizes whose product is {cells}"
        )
        raise Unfit("shape", given, reason, f"Use {asked}, or [-1] to flatten.", case="fit")
    return tuple(cells // known if size == -1 else size for size in given)


def _check_parts(channels: int, parts: int) -> None:
    if parts < 1:
        raise Unfit("parts", parts, "there must be at least one part", "Use 1 or more.", case="least")
    if channels % parts:
        raise Unfit(
            "parts",
            parts,
            _unsplit(channels, "input channel", parts, "part"),
            f"Use {_divisors(channels, parts)}.",
            case="split",
        )


def _unsplit(count: int, one: str, into: int, part: str) -> str:
    dividing = counted(count, f"{one} does", f"{one}s do")
    return f"{dividing} not split into {counted(into, f'equal {part}')}"


def _check_channels(channels: int, groups: int, filters: int) -> None:
    if groups < 1:
        raise Unfit("groups", groups, "there must be at least one group", "Use 1 or more.", case="least")
    if channels % groups:
        raise Unfit(
            "groups",
            groups,
            _unsplit(channels, "input channel", groups, "group"),
            f"Use {_divisors(channels, groups)}.",
            case="split",
        )
    if filters < 1:
        raise Unfit("filters", filters, "there must be at least one filter", "Use 1 or more.", case="least")
    if filters % groups:
        raise Unfit(
            "filters",
            filters,
            _unsplit(filters, "filter", groups, "group"),
            f"Use a multiple of {groups}.",
            case="split",
        )


def _divisors(number: int, near: int) -> str:
    """The divisors of a number in words, ascending: all of a few, or the ``MOST_LISTED`` that come nearest."""
    below = [part for part in range(1, math.isqrt(number) + 1) if number % part == 0]
    every = sorted({*below, *(number // part for part in below)})
    nearest = sorted(sorted(every, key=lambda part: abs(part - near))[:MOST_LISTED])
    listed = [str(part) for part in nearest]
    if len(every) > MOST_LISTED:
        listed.append(f"another divisor of {number}")
    return listed[0] if len(listed) == 1 else ", ".join(listed[:-1]) + " or " + listed[-1]
