"""The functions of the closed language, values with parts, and values as text. Knows no lesson and no state."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

MOST_WRITTEN = 16  # numbers of an array that prose prints
SIGNIFICANT = 4
CANCELLED = 1e-12
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Place(tuple[int, ...]):
    """The place of a cell, which prose names by its axes."""

    __slots__ = ()


class Parts:
    """A value with parts, such as a plan: ``plan.output_shape``."""

    def __init__(self, part: Callable[[str], Any], names: Sequence[str]) -> None:
        self._part, self._names = part, list(names)

    def part(self, name: str) -> Any:
        """One of them; raises KeyError."""
        if name not in self._names:
            raise KeyError(name)
        return self._part(name)

    def parts(self) -> list[str]:
        """Their names."""
        return self._names


def _sum(values: Any) -> Any:
    return np.sum(values)


def _most(*values: Any) -> Any:
    return np.max(values[0]) if len(values) == 1 else max(values)


def _least(*values: Any) -> Any:
    return np.min(values[0]) if len(values) == 1 else min(values)


def _round(value: Any, digits: int = 0) -> Any:
    """Rounded half away from zero, as people do by hand."""
    scale = 10**digits
    found = np.sign(value) * np.floor(np.abs(value) * scale + 0.5) / scale
    return found if isinstance(found, np.ndarray) else float(found)


def _place_of_most(values: Any) -> Place:
    """The place of the largest, the first of equals."""
    array = np.asarray(values)
    return Place(int(at) for at in np.unravel_index(int(np.argmax(array)), array.shape))


def _first(mask: Any) -> int:
    """The first place on the last axis where something is true."""
    return int(np.flatnonzero(np.asarray(mask).reshape(-1, np.shape(mask)[-1]).any(axis=0))[0])


def _last(mask: Any) -> int:
    """The last such place."""
    return int(np.flatnonzero(np.asarray(mask).reshape(-1, np.shape(mask)[-1]).any(axis=0))[-1])


def _flipped(values: Any) -> Any:
    """Turned by half a turn on the last two axes."""
    return np.asarray(values)[..., ::-1, ::-1]


def _softmax(values: Any) -> Any:
    array = np.asarray(values, np.float64)
    raised = np.exp(array - array.max())
    return raised / raised.sum()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": _sum,
    "max": _most,
    "min": _least,
    "mean": np.mean,
    "prod": lambda values: math.prod(values) if isinstance(values, tuple) else np.prod(values),
    "abs": np.abs,
    "round": _round,
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": math.sqrt,
    "count": lambda values: int(np.count_nonzero(values)),
    "len": len,
    "all": lambda values: bool(np.all(values)),
    "argmax": _place_of_most,
    "first": _first,
    "last": _last,
    "cell": lambda *place: Place(place),
    "sizes": lambda shape: tuple(shape[1:]),
    "flipped": _flipped,
    "softmax": _softmax,
}


def text_of(value: Any) -> str:
    """A value as people write it: −4, 1,792, 3×3, row 1, column 2."""
    if isinstance(value, Place):
        names = {1: ("place",), 2: ("row", "column"), 3: ("depth", "row", "column")}[len(value)]
        return ", ".join(f"{name} {at}" for name, at in zip(names, value, strict=True))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "×".join(text_of(one) for one in value)
    if isinstance(value, np.ndarray):
        return _array_text(value)
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, str):
        return value
    raise ValueError("this is no number, shape or word")


def number_text(value: float) -> str:
    """A number with a true minus sign; whole where it is one, else with four significant digits.

    A very small one is written as people write it: 1.5·10⁻⁶.
    """
    if math.isnan(value) or math.isinf(value):
        return "no number" if math.isnan(value) else "∞" if value > 0 else "−∞"
    near = round(value)
    # A sum that cancels leaves a little beside 0; another very small number is one.
    if abs(value - near) < (1e-9 * max(1.0, abs(value)) if near else CANCELLED):
        return f"{near:,}".replace("-", "−")
    if abs(value) >= 1000:
        return f"{value:,.1f}".replace("-", "−")
    text = f"{value:.{SIGNIFICANT}g}"
    number, _, power = text.partition("e")
    if power:
        text = f"{number}·10{str(int(power)).translate(RAISED)}"
    return text.replace("-", "−")


def _array_text(array: np.ndarray[Any, Any]) -> str:
    if array.size > MOST_WRITTEN or array.ndim > 2:
        raise ValueError(f"an array of {'×'.join(map(str, array.shape))} is too much to print")
    rows = array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)
    return "; ".join(", ".join(number_text(float(one)) for one in row) for row in rows)
