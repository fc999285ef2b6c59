"""The plan backwards: which settings turn an input of one size into an output of another. Knows no operation.

It tries every setting within stated ranges with the check that guards a run, so that it is complete there and
has no formula of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from .errors import Unfit
from .geometry import Geometry, geometry
from .operation import Operation
from .spec import LayerSpec

# What is tried of each parameter that is left free, the usual first.
RANGES: Mapping[str, tuple[Any, ...]] = {
    "kernel": (3, 1, 5, 7, 2, 4, 9, 11, 6, 8, 10),
    "stride": (1, 2, 3, 4, 5, 6, 7, 8),
    "padding": (0, 1, 2, 3, 4, 5, 6),
    "dilation": (1, 2, 3, 4),
    "output_padding": (0, 1, 2, 3),
    "ceil_mode": (False, True),
    "factor": (2, 1, 3, 4, 5, 6, 7, 8),
}
RULES = ("same", "same_lower", "full", "causal")  # tried where no number pads alike
TRIES_A_PIECE = 40  # combinations before a pause: some milliseconds


@dataclass(frozen=True, slots=True)
class Solution:
    """One setting that does it: the free parameters as they were set, and the names that pad alike."""

    settings: Mapping[str, Any]
    also: tuple[str, ...]
    geometry: Geometry

    def to_json(self) -> dict[str, Any]:
        """The solution as the API carries it."""
        built = self.geometry
        return {
            "settings": dict(self.settings),
            "also": list(self.also),
            "output_shape": list(built.output_shape),
            "multiply_adds": built.multiply_adds,
            "formula": ["".join(text for text, _ in formula) for formula in built.formulas],
        }


def ranges(operation: Operation, given: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """What will be tried of each parameter that the operation has and ``given`` leaves free."""
    names = operation.spec.model_fields
    return {name: tried for name, tried in RANGES.items() if name in names and name not in given}


def search(
    operation: Operation, given: Mapping[str, Any], input_shape: tuple[int, ...], sizes: tuple[int, ...]
) -> Iterator[list[Solution]]:
    """All settings that give ``sizes``, a bounded piece of the search at a time; none is met twice.

    ``given`` are the parameters that stay, ``operation`` among them. One value stands for all axes.
    """
    free = ranges(operation, given)
    padded = free.pop("padding", None) is not None
    found: list[Solution] = []
    for tried, values in enumerate(itertools.product(*free.values()), start=1):
        chosen = dict(zip(free, values, strict=True))
        if padded:
            found += _padded(operation, given, chosen, input_shape, sizes)
        elif built := _fitting(operation, {**given, **chosen}, input_shape, sizes):
            found.append(Solution(chosen, (), built))
        if tried % TRIES_A_PIECE == 0:
            yield found
            found = []
    yield found


def _padded(
    operation: Operation,
    given: Mapping[str, Any],
    chosen: Mapping[str, Any],
    input_shape: tuple[int, ...],
    sizes: tuple[int, ...],
) -> list[Solution]:
    """The paddings that give ``sizes``: a number where one does it, with the rules that come to the same."""
    by_sides: dict[Any, tuple[dict[str, Any], list[str], Geometry]] = {}
    for padding in (*RANGES["padding"], *RULES):
        settings = {**chosen, "padding": padding}
        built = _fitting(operation, {**given, **settings}, input_shape, sizes)
        if built is None:
            continue
        sides = tuple((axis.reads, axis.source) for axis in built.walk.axes)
        if sides in by_sides:
            by_sides[sides][1].append(str(padding))
        else:
            by_sides[sides] = (settings, [], built)
    return [Solution(settings, tuple(also), built) for settings, also, built in by_sides.values()]


def _fitting(
    operation: Operation, layer: Mapping[str, Any], input_shape: tuple[int, ...], sizes: tuple[int, ...]
) -> Geometry | None:
    try:
        spec: LayerSpec = operation.spec.model_validate(dict(layer))
        built: Geometry = geometry.__wrapped__(operation, spec, input_shape)
    except (Unfit, ValidationError):
        return None
    return built if tuple(axis.output for axis in built.walk.axes) == sizes else None


def simplicity(solution: Solution) -> tuple[int, ...]:
    """How much a setting asks of a reader: fewer departures from the usual first, then smaller numbers."""
    settings = solution.settings
    places = {name: RANGES[name].index(value) for name, value in settings.items() if value in RANGES[name]}
    rule = isinstance(settings.get("padding"), str)
    unusual = sum(bool(places.get(name)) for name in ("dilation", "output_padding", "ceil_mode")) + rule
    return (unusual, sum(places.values()), places.get("kernel", 0), solution.geometry.multiply_adds)
