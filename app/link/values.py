"""The parts of a link as text and back: parameters, sources, weights, numbers. Knows no link, key or version.

The page's ``values.js`` in Python. Shapes and settings are checked by the models that take what is read here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..core.errors import counted

Json = Any

_WHOLE = re.compile(r"-?[0-9]{1,10}\Z")
_NUMBER = re.compile(r"(-?[0-9]+(\.[0-9]+)?(e-?[0-9]{1,3})?|nan|-?infinity)\Z", re.IGNORECASE)
_SPECIAL = {"nan": "NaN", "infinity": "Infinity", "-infinity": "-Infinity"}
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_NAME = re.compile(r"[\w.-]{1,80}\Z", re.ASCII)
_LESSON = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(/[1-9][0-9]{0,2})?\Z")
_LAYER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,63}\Z")
MOST_AXES = 3
MOST_CELLS = 2**24


class Unreadable(ValueError):
    """A part of a link that cannot be read; becomes a problem at the one place that knows its key."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


# ------------------------------------------------------------------------------------- out


def parameter_text(value: Json) -> str:
    """``3``, ``3,5``, ``1:2,0``, ``same``, ``true``, ``null``"""
    if isinstance(value, list):
        return ",".join(
            ":".join(map(str, entry)) if isinstance(entry, list) else str(entry) for entry in value
        )
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, (int, float)) else str(value)


def source_text(source: Mapping[str, Json]) -> str:
    """``sample:cross;size=64;channels=grey``"""
    kind = str(source["kind"])
    head = {
        "sample": lambda: str(source["name"]),
        "image": lambda: str(source["id"]),
        "noise": lambda: "x".join(map(str, source["shape"])),
        "values": lambda: _nested_text(source["values"]),
    }[kind]()
    return _with_options(f"{kind}:{head}", source, SOURCES[kind])


def weights_text(weights: Mapping[str, Json]) -> str:
    """``preset:mixed;seed=3;edits=4:1.5,5:-2;bias=0,0.5``"""
    kind = str(weights["kind"])
    head = {
        "preset": lambda: str(weights["name"]),
        "values": lambda: _nested_text(weights["values"]),
        "stored": lambda: str(weights["id"]),
    }[kind]()
    return _with_options(f"{kind}:{head}", weights, WEIGHTS[kind])


def _with_options(head: str, record: Mapping[str, Json], names: Mapping[str, object]) -> str:
    given = [f"{name}={_option_text(name, record[name])}" for name in names if name in record]
    return ";".join([head, *given])


def _option_text(name: str, value: Json) -> str:
    if name == "edits":
        return ",".join(f"{index}:{number_text(number)}" for index, number in value)
    if isinstance(value, list):
        return ",".join(map(number_text, value))
    return str(value)


def _nested_text(nested: Json) -> str:
    """``2x3:1,2,3,4,5,6``: the shape and the numbers in row-major order."""
    shape, level = [], nested
    while isinstance(level, list):
        shape.append(len(level))
        level = level[0]
    flat = [nested]
    for _ in shape:
        flat = [one for part in flat for one in part]
    return f"{'x'.join(map(str, shape))}:{','.join(map(number_text, flat))}"


def number_text(value: Json) -> str:
    """A number in digits that every reader takes: no plus sign, no leading zeros of an exponent."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return "-0" if math.copysign(1, value) < 0 and not value else str(int(value))
    return re.sub(r"e(-?)\+?0*(\d)", r"e\1\2", repr(value))


# ------------------------------------------------------------------------------------- in


def parameter_value(parameter: Mapping[str, Json], text: str) -> Json:
    """A parameter by its description in the registry."""
    kind, choices = parameter["kind"], parameter["choices"] or []
    if text == "null" and parameter["nullable"]:
        return None
    if kind == "boolean":
        return boolean(text)
    if kind == "choice":
        return one_of(text, choices)
    if kind == "number":
        return plain_number(text)
    if kind == "padding" and text[:1].isalpha():
        return one_of(text, choices)
    if kind == "integer" or not set(text) & set(",:"):
        return whole_number(text)
    entries = text.split(",")
    if len(entries) > MOST_AXES:
        raise Unreadable("a list holds one entry per axis", f"Give 1 to {MOST_AXES} entries.")
    return [
        [whole_number(part) for part in two(entry, ":")] if ":" in entry else whole_number(entry)
        for entry in entries
    ]


Reader = Callable[[str], Json]


def source_value(text: str) -> dict[str, Json]:
    """``kind:head;name=value;…`` as the source that the API takes."""
    return _read(text, SOURCES, _SOURCE_HEADS, "no source has this kind")


def weights_value(text: str) -> dict[str, Json]:
    """The same of weights."""
    return _read(text, WEIGHTS, _WEIGHT_HEADS, "no weights have this kind")


def _read(
    text: str,
    kinds: Mapping[str, Mapping[str, Reader]],
    heads: Mapping[str, tuple[str, Reader]],
    unknown: str,
) -> dict[str, Json]:
    first, *options = text.split(";")
    kind, head = two(first, ":")
    kind = kind.strip().lower()
    if kind not in kinds:
        raise Unreadable(unknown, f"Use {', '.join(f'{one}:' for one in kinds)}.")
    name, read = heads[kind]
    found: dict[str, Json] = {"kind": kind, name: read(head)}
    for option in filter(None, options):
        key, value = two(option, "=")
        key = key.strip().lower()
        if key not in kinds[kind]:
            raise Unreadable("there is no such option", f"Use {', '.join(kinds[kind])}.")
        found[key] = forgiving(kinds[kind][key], value)
    return found


def forgiving(read: Reader, text: str) -> Json:
    """A value as it stands, or without the blanks and capitals that a text processor put there."""
    try:
        return read(text)
    except Unreadable:
        plain = text.strip().lower()
        if plain == text:
            raise
        return read(plain)


def _nested(text: str) -> Json:
    sizes, numbers = two(text, ":")
    shape = _shape(sizes, 1, 5)
    level: list[Json] = _numbers(numbers)
    if len(level) != math.prod(shape):
        reason = f"{counted(len(level), 'value does', 'values do')} not fill {'×'.join(map(str, shape))}"
        raise Unreadable(reason, "Copy the whole link again.")
    for size in reversed(shape[1:]):
        level = [level[at : at + size] for at in range(0, len(level), size)]
    return level


def _shape(text: str, least: int, most: int) -> list[int]:
    sizes = text.split("x")
    if not least <= len(sizes) <= most:
        raise Unreadable("this is no shape of an input", "Use channels and sizes, such as 3x28x28.")
    shape = [whole_number(size, 1) for size in sizes]
    if math.prod(shape) > MOST_CELLS:
        raise Unreadable("this is no shape of an input", "Use channels and sizes, such as 3x28x28.")
    return shape


def _edits(text: str) -> Json:
    edits = [two(edit, ":") for edit in text.split(",")]
    return [[whole_number(index, 0), json_number(number)] for index, number in edits]


def json_number(text: str) -> Json:
    """A number; what JSON cannot hold as the word that stands for it."""
    if not _NUMBER.match(text):
        raise Unreadable(f"{text[:40] or 'nothing'} is no number", "Use numbers such as 0.5 or -2.")
    special = _SPECIAL.get(text.lower())
    if special:
        return special
    if "." in text or "e" in text.lower():
        return _finite(float(text))
    return -0.0 if text == "-0" else _finite(int(text))


def _finite(value: float) -> float:
    try:
        if math.isfinite(value):
            return value
    except OverflowError:  # a whole number of hundreds of digits
        pass
    raise Unreadable("this is beyond every number that is computed with", "Use a number such as 1e30.")


def plain_number(text: str) -> float:
    """A number that is one."""
    value = json_number(text)
    if isinstance(value, str):
        raise Unreadable("this must be a number", "Use a number such as 0.5.")
    return float(value)


def whole_number(text: str, least: int | None = None) -> int:
    """A whole number."""
    if not _WHOLE.match(text):
        raise Unreadable("this must be a whole number", "Use a whole number such as 3.")
    if least is not None and int(text) < least:
        raise Unreadable(f"this must be {least} or more", f"Use {least} or more.")
    return int(text)


def boolean(text: str) -> bool:
    """``true`` or ``false``."""
    return one_of(text, ("true", "false")) == "true"


def one_of(text: str, choices: Sequence[str]) -> str:
    """One of some words."""
    if text not in choices:
        raise Unreadable("this is not one of the choices", f"Use one of {', '.join(choices)}.")
    return text


def layer_name(text: str) -> str:
    """The name of a layer."""
    return _matching(
        text, _LAYER_NAME, "this is no name of a layer", "Begin with a letter; use letters, digits, _ ."
    )


def lesson_place(text: str) -> str:
    """A lesson, and its step counted from 1: ``shapes/3``."""
    remedy = "Use the name of a lesson and a step from 1, such as shapes/3."
    return _matching(text.strip().lower(), _LESSON, "this is no step of a lesson", remedy)


def two(text: str, mark: str) -> tuple[str, str]:
    """In two at the first mark."""
    first, _, rest = text.partition(mark)
    return first, rest


def _registered(text: str) -> str:
    return _matching(text.strip(), _NAME, "this is no name", "Use letters, digits, - and _.").lower()


def _content_id(text: str) -> str:
    return _matching(text, _SHA256, "an id is 64 hexadecimal digits", "Copy the whole link again.")


def _matching(text: str, pattern: re.Pattern[str], reason: str, remedy: str) -> str:
    if not pattern.match(text):
        raise Unreadable(reason, remedy)
    return text


def _numbers(text: str) -> list[Json]:
    return [json_number(part) for part in text.split(",")]


def _plain_numbers(text: str) -> list[float]:
    return [plain_number(part) for part in text.split(",")]


def _choice(*choices: str) -> Reader:
    return lambda text: one_of(text, choices)


def _at_least(least: int) -> Reader:
    return lambda text: whole_number(text, least)


_PICTURE: dict[str, Reader] = {
    "size": _at_least(1),
    "channels": _choice("own", "grey", "rgb"),
    "scale": _choice("0-1", "0-255", "mean_std", "own"),
}
_AXES: dict[str, Reader] = {"axes": _at_least(1)}
_BIAS: dict[str, Reader] = {"bias": _numbers}
SOURCES: dict[str, dict[str, Reader]] = {
    "sample": _PICTURE,
    "image": {**_PICTURE, "mean": _plain_numbers, "std": _plain_numbers, **_AXES},
    "values": _AXES,
    "noise": {"seed": _at_least(0), "distribution": _choice("normal", "uniform")},
}
WEIGHTS: dict[str, dict[str, Reader]] = {
    "preset": {"seed": _at_least(0), "edits": _edits, **_BIAS},
    "values": _BIAS,
    "stored": {"layer": layer_name, **_BIAS},
}
_SOURCE_HEADS: dict[str, tuple[str, Reader]] = {
    "sample": ("name", _registered),
    "image": ("id", _content_id),
    "values": ("values", _nested),
    "noise": ("shape", lambda text: _shape(text, 2, 4)),
}
_WEIGHT_HEADS: dict[str, tuple[str, Reader]] = {
    "preset": ("name", _registered),
    "values": ("values", _nested),
    "stored": ("id", _content_id),
}
