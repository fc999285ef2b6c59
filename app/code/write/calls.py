"""A call in a framework's words, from an operation's declaration and our settings. Knows no framework by name."""

from __future__ import annotations

from typing import Any

from ...core.frameworks.writing import REQUIRED, Argument, Writing
from .snippet import tupled

# Inputs of a node; padding that is written as numbers; an activation, which has a line of its own.
UNWRITTEN = ("tensor", "presence", "scales", "sizes", "auto_pad", "activation")
SPOKEN = ("kernel",)  # written even where it is the framework's default


def call(writing: Writing, name: str, settings: dict[str, Any], axes: int) -> str:
    """The call with the arguments that differ from the framework's defaults; required ones first, by position."""
    given = [*_positions(writing, settings, axes), *_keywords(writing, settings, axes)]
    return f"{name}({', '.join(given)})"


def attributes(writing: Writing, settings: dict[str, Any], axes: int) -> list[str]:
    """The arguments that an ONNX node has by name: ``kernel_shape=[3, 3]``."""
    return _keywords(writing, settings, axes)


def _positions(writing: Writing, settings: dict[str, Any], axes: int) -> list[str]:
    """The leading arguments that the framework has no default for."""
    found = []
    for argument in writing.arguments:
        if argument.default is not REQUIRED or argument.keyword:
            break
        found.append(_text(argument, settings, axes))
    return found


def _keywords(writing: Writing, settings: dict[str, Any], axes: int) -> list[str]:
    leading = len(_positions(writing, settings, axes))
    found = []
    for argument in writing.arguments[leading:]:
        if argument.form in UNWRITTEN:
            continue
        if argument.field is None and not argument.only:
            continue
        value = _value(argument, settings, axes)
        if argument.field not in SPOKEN and _is_default(argument, value, settings, axes):
            continue
        found.append(f"{argument.name}={_text(argument, settings, axes)}")
    return found


def _value(argument: Argument, settings: dict[str, Any], axes: int) -> Any:
    """The value of ours, or the one that the argument must have."""
    if argument.field is not None:
        return settings.get(argument.field)
    return argument.only[axes - 1 if len(argument.only) == 3 else 0]


def _is_default(argument: Argument, value: Any, settings: dict[str, Any], axes: int) -> bool:
    default = argument.default
    if default is None and argument.like is not None:
        return value is None or value == settings.get(argument.like)
    if isinstance(value, tuple) and isinstance(default, int):
        return value == (default,) * axes
    return value is None or bool(value == default)


def _text(argument: Argument, settings: dict[str, Any], axes: int) -> str:
    value = _value(argument, settings, axes)
    if argument.form == "pads":
        begins, ends = zip(*value, strict=True)
        return str([*begins, *ends])
    if argument.form == "list":
        return str(list(value))
    if argument.form == "bit":
        return str(int(value))
    if isinstance(value, tuple):
        return str(value[0]) if len(set(value)) == 1 else tupled(value)
    return f'"{value}"' if isinstance(value, str) else str(value)
