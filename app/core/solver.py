"""The plan backwards: which settings turn an input of one size into an output of another. Knows no operation.

It tries every setting within stated ranges with the check that guards a run, so that it is complete there and
has no formula of its own. Where no value for all axes does it, axes may differ in as few parameters as need be.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from .errors import Unfit
from .geometry import SIZE_RULES, Geometry, geometry
from .operation import Operation
from .spec import LARGEST, LayerSpec

# The values that are tried of each parameter that is left free, the usual first.
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
ENDS = ("padding", "output_padding")
VARYING = (*ENDS, "kernel", "dilation", "stride", "factor")  # what axes may differ in
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


def ranges(
    operation: Operation,
    given: Mapping[str, Any],
    input_shape: tuple[int, ...] = (),
    sizes: tuple[int, ...] = (),
) -> dict[str, tuple[Any, ...]]:
    """The values to try of each parameter that the operation has and ``given`` leaves free.

    Where the sizes are further apart than any stride tried, their ratio is tried too, with windows to match.
    """
    names = operation.spec.model_fields
    found = {name: tried for name, tried in RANGES.items() if name in names and name not in given}
    pairs = zip(input_shape[1:], sizes, strict=False)
    for ratio in sorted({round(max(pair) / min(pair)) for pair in pairs}):
        for name, values in (("stride", (ratio,)), ("factor", (ratio,)), ("kernel", (ratio, 2 * ratio))):
            if name in found and max(RANGES["stride"]) < ratio and max(values) <= LARGEST:
                found[name] += tuple(value for value in values if value not in found[name])
    return found


def tries(
    operation: Operation, given: Mapping[str, Any], input_shape: tuple[int, ...], sizes: tuple[int, ...]
) -> int:
    """How many settings a search tries that finds one for all axes."""
    found = ranges(operation, given, input_shape, sizes)
    return math.prod(len(values) for values in found.values()) if found else 0


def search(
    operation: Operation, given: Mapping[str, Any], input_shape: tuple[int, ...], sizes: tuple[int, ...]
) -> Iterator[list[Solution]]:
    """All settings that give ``sizes``, a bounded piece of the search at a time; none is met twice.

    ``given`` are the parameters that stay, ``operation`` among them. One value stands for all axes; only where
    that gives nothing, values per axis are tried: of those that share all else, the simplest.
    """
    try:
        base = operation.spec.model_validate(dict(given))
    except ValidationError:
        return
    question = _Question(operation, base, input_shape, sizes)
    count = 0
    for found in _alike(question, ranges(operation, given, input_shape, sizes)):
        count += len(found)
        yield found
    if not count and len(sizes) > 1:
        yield from _apart(question, ranges(operation, given, input_shape, sizes))
    if "size" in operation.spec.model_fields and "size" not in given:
        settings = {"size": sizes[0] if len(set(sizes)) == 1 else list(sizes)}
        if built := question.fitting(settings):
            yield [Solution(settings, (), built)]


@dataclass(frozen=True, slots=True)
class _Question:
    operation: Operation
    base: LayerSpec
    input_shape: tuple[int, ...]
    sizes: tuple[int, ...]

    def fitting(self, settings: Mapping[str, Any]) -> Geometry | None:
        """The geometry with these settings, where it has the sizes asked for."""
        frozen = {
            name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()
        }
        spec = self.base.model_copy(update=frozen)
        try:
            axes = SIZE_RULES[self.operation.geometry](self.operation, spec, self.input_shape[1:])
            if tuple(axis.walk.output for axis in axes) != self.sizes:
                return None
            built: Geometry = geometry.__wrapped__(self.operation, spec, self.input_shape)
        except Unfit:
            return None
        return built

    def reaches(self, axis: int, settings: Mapping[str, Any]) -> bool:
        """Whether one axis, by itself, has its size with these settings."""
        given = {name: getattr(self.base, name) for name in RANGES if name in type(self.base).model_fields}
        own = {
            name: (value[axis],)
            for name, value in given.items()
            if isinstance(value, tuple) and len(value) == len(self.sizes)
        }
        spec = self.base.model_copy(update={**own, **settings})
        try:
            [found] = SIZE_RULES[self.operation.geometry](self.operation, spec, (self.input_shape[1 + axis],))
        except Unfit:
            return False
        return found.walk.output == self.sizes[axis]


def _alike(question: _Question, free: dict[str, tuple[Any, ...]]) -> Iterator[list[Solution]]:
    """The settings that are the same for all axes."""
    padded = free.pop("padding", None) is not None
    found: list[Solution] = []
    if not free and not padded:
        return
    for tried, values in enumerate(itertools.product(*free.values()), start=1):
        chosen = dict(zip(free, values, strict=True))
        if padded:
            found += _padded(question, chosen)
        elif built := question.fitting(chosen):
            found.append(Solution(chosen, (), built))
        if tried % TRIES_A_PIECE == 0:
            yield found
            found = []
    yield found


def _apart(question: _Question, free: dict[str, tuple[Any, ...]]) -> Iterator[list[Solution]]:
    """Settings whose axes differ in as few parameters as need be; of those that share the others, the simplest."""
    reached: list[list[tuple[Any, ...]]] = []
    for axis in range(len(question.sizes)):
        reached.append([])
        for tried, values in enumerate(itertools.product(*free.values()), start=1):
            if question.reaches(axis, dict(zip(free, values, strict=True))):
                reached[-1].append(values)
            if tried % (TRIES_A_PIECE * len(RULES)) == 0:
                yield []
    names = list(free)
    varying = [name for name in VARYING if name in names]
    every_set = [
        vary for count in range(1, len(varying) + 1) for vary in itertools.combinations(varying, count)
    ]
    for _, some in itertools.groupby(sorted(every_set, key=_departure), key=_departure):
        found: list[Solution] = []
        for vary in some:
            shared = [place for place, name in enumerate(names) if name not in vary]
            best: list[dict[tuple[Any, ...], tuple[Any, ...]]] = []
            for every in reached:
                best.append({})
                for values in sorted(every, key=lambda values: _rank(names, values)):
                    best[-1].setdefault(tuple(values[place] for place in shared), values)
            for key in set(best[0]).intersection(*best[1:]):
                per_axis = list(zip(*(one[key] for one in best), strict=True))
                settings = {
                    name: values[0] if len(set(values)) == 1 else list(values)
                    for name, values in zip(names, per_axis, strict=True)
                }
                if built := question.fitting(settings):
                    found.append(Solution(settings, (), built))
            yield []
        if found:
            yield found
            return


def _departure(vary: tuple[str, ...]) -> tuple[int, int]:
    """How odd it is that axes differ in these: windows that differ are, ends that differ are not."""
    return len(set(vary) - set(ENDS)), len(vary)


def _rank(names: list[str], values: tuple[Any, ...]) -> int:
    return sum(_place(name, value) for name, value in zip(names, values, strict=True))


def _place(name: str, value: Any) -> int:
    """How far down in its range a value is; one beyond it was tried since it matches the sizes, and comes first."""
    return RANGES[name].index(value) if value in RANGES[name] else 0


def _padded(question: _Question, chosen: Mapping[str, Any]) -> list[Solution]:
    """The paddings that give the sizes: a number where one does it, with the rules that come to the same."""
    by_sides: dict[Any, tuple[dict[str, Any], list[str], Geometry]] = {}
    rules = [rule for rule in RULES if rule in question.operation.padding_rules]
    for padding in (*RANGES["padding"], *rules):
        settings = {**chosen, "padding": padding}
        built = question.fitting(settings)
        if built is None:
            continue
        sides = tuple((axis.reads, axis.source) for axis in built.walk.axes)
        if sides in by_sides:
            by_sides[sides][1].append(str(padding))
        else:
            by_sides[sides] = (settings, [], built)
    return [Solution(settings, tuple(also), built) for settings, also, built in by_sides.values()]


def simplicity(solution: Solution) -> tuple[int, ...]:
    """How much a setting asks of a reader: fewer departures from the usual first, then smaller numbers."""
    settings = solution.settings
    places = {
        name: max(_place(name, one) for one in (value if isinstance(value, list) else [value]))
        for name, value in settings.items()
        if name in RANGES and not isinstance(value, str)
    }
    rule = isinstance(settings.get("padding"), str)
    apart = sum(isinstance(value, list) for value in settings.values())
    unusual = sum(bool(places.get(name)) for name in ("dilation", "output_padding", "ceil_mode")) + rule
    return (apart, unusual, sum(places.values()), places.get("kernel", 0), solution.geometry.multiply_adds)
