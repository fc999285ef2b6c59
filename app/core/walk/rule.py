"""The result of a size rule for one axis, and the checks and words that size rules share. Knows one axis at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import Unfit, counted
from ..padding import PADDING_RULES
from ..spec import (
    LayerSpec,
    PaddingValue,
    PerAxisValue,
    per_axis,
)
from .walk import AXIS_NAMES, Affine, AxisWalk

if TYPE_CHECKING:
    from ..operation import Operation

Token = tuple[str, str | None]  # a piece of a formula, and the thing that the number in it came from
Formula = tuple[Token, ...]

ONE_WRITE = Affine(0, 1, 1, 1)  # a step writes the output cell of its own position


@dataclass(frozen=True, slots=True)
class AxisRule:
    """One axis of a layer: its walk, its worked size formula, and the walk that scatters where there is one."""

    walk: AxisWalk
    formula: Formula
    scatter: AxisWalk | None = None


# Turns (operation, spec, sizes) into axes; raises Unfit for the first setting that has no meaning there.
SizeRule = Callable[["Operation", LayerSpec, tuple[int, ...]], list[AxisRule]]


def named_axes(sizes: tuple[int, ...]) -> Iterator[tuple[int, str, int]]:
    """(index, name, size) of each axis."""
    for index, (name, size) in enumerate(zip(AXIS_NAMES[len(sizes)], sizes, strict=True)):
        yield index, name, size


def check_lengths(given: Mapping[str, Any], axes: int) -> None:
    """Refuse a list with neither one entry nor one per axis."""
    for name, value in given.items():
        if isinstance(value, tuple) and len(value) not in (1, axes):
            many = f"{counted(len(value), 'value')} for {counted(axes, 'axis')}"
            raise Unfit(name, value, many, "Give one value." if axes == 1 else f"Give one value, or {axes}.")


def at_least(field: str, given: PerAxisValue | None, value: int, least: int, reason: str) -> None:
    """Refuse one axis' value below ``least``."""
    if value < least:
        raise Unfit(field, given, reason, f"Use {least} or more.", case="least")


MEANING = {
    "kernel": "a window needs at least one cell",
    "stride": "a window must move",
    "dilation": "taps must lie at least one cell apart",
}


def window_settings(given: Mapping[str, Any], index: int, axes: int) -> tuple[int, int, int]:
    """Kernel, stride and dilation of one axis, each at least 1; a stride left out is the kernel."""
    kernel = per_axis(given["kernel"], axes)
    stride = kernel if given["stride"] is None else per_axis(given["stride"], axes)
    found = (kernel[index], stride[index], per_axis(given["dilation"], axes)[index])
    for (field, reason), value in zip(MEANING.items(), found, strict=True):
        at_least(field, given[field], value, 1, reason)
    return found


def sides(padding: PaddingValue, index: int, size: int, span: int, stride: int) -> tuple[int, int]:
    """Padding as (begin, end) on one axis: by rule, by one number, or by one entry per axis; never negative."""
    if isinstance(padding, str):
        return PADDING_RULES[padding](size, span, stride)
    begin, end = both_sides(padding, index)
    if begin < 0 or end < 0:
        raise Unfit(
            "padding", padding, "padding adds cells and cannot remove any", "Use 0 or more.", case="least"
        )
    return begin, end


def both_sides(padding: PaddingValue, index: int) -> tuple[int, int]:
    """Padding in numbers as (begin, end) on one axis."""
    assert not isinstance(padding, str), "a rule's numbers follow from the window"
    entry = padding if isinstance(padding, int) else padding[0 if len(padding) == 1 else index]
    return (entry, entry) if isinstance(entry, int) else entry


def formula(*tokens: Token | str | None) -> Formula:
    """Tokens with neighbouring plain text joined; a bare string is plain text, None is left out."""
    merged: list[Token] = []
    for token in tokens:
        if token is None:
            continue
        text, role = (token, None) if isinstance(token, str) else token
        if merged and role is None and merged[-1][1] is None:
            merged[-1] = (merged[-1][0] + text, None)
        else:
            merged.append((text, role))
    return tuple(merged)
