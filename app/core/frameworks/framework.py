"""The settings that a framework refuses, as data: a closed set of checks that operations name. Knows no operation.

``static/js/layer/framework.js`` is its twin: both read the same checks from the registry, and the golden files hold
them together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..errors import Unfit, shown
from ..spec import LayerSpec
from .catalog import TITLES
from .writing import Writing

if TYPE_CHECKING:
    from ..operation import Operation

AXES_WORDS = {1: "one spatial axis", 2: "two spatial axes", 3: "three spatial axes"}
BARE = {"stride": 1, "dilation": 1, "groups": 1}  # the numbers that change nothing; 0 for every other field


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a framework refuses.

    ``kind`` names a rule of CHECKS, ``field`` the setting that is refused. ``words`` are the framework's own,
    with settings put in for ``{name}``; without words it simply has no such argument. ``axes`` limits the
    check to some numbers of spatial axes; ``unless`` names a setting that, when given, makes it void.
    """

    kind: str
    field: str
    remedy: str
    words: str | None = None
    values: tuple[Any, ...] = ()
    others: tuple[str, ...] = ()
    axes: tuple[int, ...] = (1, 2, 3)
    unless: str | None = None

    def over(self, *axes: int) -> Check:
        """The same check for some numbers of spatial axes."""
        return replace(self, axes=axes)

    def to_json(self) -> dict[str, Any]:
        """The check as the page reads it."""
        return {
            "kind": self.kind,
            "field": self.field,
            "remedy": self.remedy,
            "words": self.words,
            "values": list(self.values),
            "others": list(self.others),
            "axes": list(self.axes),
            "unless": self.unless,
        }


@dataclass(frozen=True, slots=True)
class Framework:
    """How one framework has an operation: its layer's name by number of spatial axes, and what it refuses.

    ``words`` are what it says of a setting that nobody takes, by ``field:case`` as an Unfit names them.
    ``result`` is the shape of what it gives, where that is not the operation's own. ``scales_clipped`` says that
    a norm over a window that ceil mode clips is scaled up to the whole window. ``writings`` are the ways
    to write it: code out takes the first, code in reads them all. A framework without ``layers`` has writings
    alone: its code is read, and it has no rules of its own. ``called`` are layers, or functions, that have
    a name and no arguments of their own to write; without checks they take whatever the operation takes.
    """

    layers: Mapping[int, str] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    result: str | None = None
    scales_clipped: bool = False
    writings: tuple[Writing, ...] = ()
    called: Mapping[int, str] = field(default_factory=dict)

    @property
    def names(self) -> dict[int, str]:
        """Its names of the operation, by number of spatial axes."""
        return {**self.called, **self.layers}

    def to_json(self) -> dict[str, Any]:
        """The framework's part of an operation's description."""
        return {
            "layers": {str(axes): name for axes, name in self.names.items()},
            "checks": [check.to_json() for check in self.checks],
            "words": dict(self.words),
            "result": self.result,
            "scales_clipped": self.scales_clipped,
        }


def layers(pattern: str, axes: tuple[int, ...] = (1, 2, 3)) -> dict[int, str]:
    """``torch.nn.Conv{}d`` for each number of axes."""
    return {count: pattern.format(count) for count in axes}


def named(**names: str) -> dict[str, Framework]:
    """The names of an operation of which no framework refuses anything; ``{}`` is the number of axes."""
    return {name: Framework(called=layers(pattern)) for name, pattern in names.items()}


Settings = Callable[[str], Any]


def entries(value: Any, axes: int) -> list[Any]:
    """One entry per axis; a single value or a list of one stands for all."""
    if isinstance(value, (tuple, list)):
        return list(value) * axes if len(value) == 1 else list(value)
    return [value] * axes


def _pairs(value: Any, axes: int) -> list[tuple[int, int]]:
    return [
        tuple(entry) if isinstance(entry, (tuple, list)) else (entry, entry) for entry in entries(value, axes)
    ]


def _numbers(value: Any, axes: int) -> list[Any]:
    return [number for pair in _pairs(value, axes) for number in pair]


def _is_active(name: str, check: Check, settings: Settings, axes: int) -> bool:
    """Whether a setting does something: a name among the check's values, or a number that is not bare."""
    value = settings(name)
    if value is None or isinstance(value, str) or (name == "padding" and check.values):
        return value in check.values
    return any(number > BARE.get(name, 0) for number in _numbers(value, axes))


def _names(check: Check, settings: Settings, axes: int) -> bool:
    value = settings(check.field)
    return isinstance(value, str) and value not in check.values


def _only_names(check: Check, settings: Settings, axes: int) -> bool:
    value = settings(check.field)
    return not isinstance(value, str) and any(_numbers(value, axes))


def _symmetric(check: Check, settings: Settings, axes: int) -> bool:
    value = settings(check.field)
    return not isinstance(value, str) and any(begin != end for begin, end in _pairs(value, axes))


def _only(check: Check, settings: Settings, axes: int) -> bool:
    return any(number not in check.values for number in _numbers(settings(check.field), axes))


def _alike(check: Check, settings: Settings, axes: int) -> bool:
    return len(set(entries(settings(check.field), axes))) > 1


def _negative(check: Check, settings: Settings, axes: int) -> bool:
    return any(number < 0 for number in _numbers(settings(check.field), axes))


def _mixed(check: Check, settings: Settings, axes: int) -> bool:
    sides = _pairs(settings(check.field), axes)
    return settings(check.others[0]) in check.values and any(min(pair) < 0 < max(pair) for pair in sides)


def _whole(check: Check, settings: Settings, axes: int) -> bool:
    return bool(settings(check.field) % 1)


def _together(check: Check, settings: Settings, axes: int) -> bool:
    return all(_is_active(name, check, settings, axes) for name in (check.field, *check.others))


def _at_most_half(check: Check, settings: Settings, axes: int) -> bool:
    value = settings(check.field)
    if isinstance(value, str):
        return False
    kernel = entries(settings("kernel"), axes)
    return any(max(pair) > taps // 2 for pair, taps in zip(_pairs(value, axes), kernel, strict=True))


def _below(check: Check, settings: Settings, axes: int) -> bool:
    limits = zip(*(entries(settings(name), axes) for name in check.others), strict=True)
    given = entries(settings(check.field), axes)
    return any(value is not None and value >= max(limit) for value, limit in zip(given, limits, strict=True))


def _within_input(check: Check, settings: Settings, axes: int) -> bool:
    kernel = entries(settings(check.field), axes)
    return any(taps > size for taps, size in zip(kernel, settings("input"), strict=True))


# Each says whether a setting is refused.
CHECKS: dict[str, Callable[[Check, Settings, int], bool]] = {
    "names": _names,  # a name that is none of the values
    "only_names": _only_names,  # numbers where the framework takes names; zeros are no padding
    "symmetric": _symmetric,  # begin and end differ
    "only": _only,  # anything but the values
    "alike": _alike,  # a number that is not the same on every axis
    "negative": _negative,  # a number below 0
    "mixed": _mixed,  # an axis with a side that crops and one that adds, in a mode among the values
    "whole": _whole,  # a number that is not whole
    "together": _together,  # the field and the others, all in use
    "at_most_half": _at_most_half,  # padding above half the kernel
    "below": _below,  # not below the largest of the others
    "within_input": _within_input,  # larger than the input without its padding
}

# Of a layer that has the argument and the word for it, and does something else.
REASONS = {"mixed": "crops first, and takes the border from what is left"}


def quoted(problem: Unfit, frameworks: Mapping[str, Framework], rules: str, axes: int) -> Unfit:
    """A refusal that holds anywhere, with the words that the framework of ``rules`` has for it."""
    framework = frameworks.get(rules)
    words = framework and framework.words.get(f"{problem.field}:{problem.case}")
    if not words or axes not in framework.layers:  # type: ignore[union-attr]
        return problem
    reason = f"{problem.reason}; {TITLES[rules]} says “{words}”"
    return Unfit(problem.field or "", problem.value, reason, problem.remedy)


def check_rules(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> None:
    """Raise Unfit for the first setting that the framework of ``spec.rules`` refuses on an input of ``sizes``."""
    rules, axes = spec.rules, len(sizes)
    if rules == "any":
        return
    framework = operation.frameworks.get(rules, Framework())
    layer = framework.names.get(axes)
    if layer is None:
        raise Unfit(
            "rules",
            rules,
            f"{TITLES[rules]} has no layer for {operation.title.lower()} over {AXES_WORDS[axes]}",
            "Use other rules, or any.",
        )

    def settings(name: str) -> Any:
        return sizes if name == "input" else getattr(spec, name)

    for check in framework.checks:
        if check.unless is not None and settings(check.unless) is not None:
            continue
        if axes in check.axes and CHECKS[check.kind](check, settings, axes):
            raise Unfit(
                check.field, settings(check.field), _reason(check, rules, layer, settings), check.remedy
            )


def _reason(check: Check, rules: str, layer: str, settings: Settings) -> str:
    if check.words is None:
        return f"{layer} {REASONS.get(check.kind, 'has no such argument')}"
    words = check.words
    for name in (check.field, *check.others, "kernel"):
        if f"{{{name}}}" in words:
            words = words.replace(f"{{{name}}}", shown(settings(name)))
    return f"{TITLES[rules]} says “{words}”"
