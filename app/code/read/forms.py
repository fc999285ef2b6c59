"""From a framework's values to ours, by the form of the argument. Knows no framework and no operation.

The other direction is ``calls.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...core.activations import ACTIVATIONS
from ...core.errors import Unreadable, counted
from ...core.frameworks.writing import Argument, Form
from .activating import BY_NAME, Output, difference
from .scan import unreadable
from .values import (
    Opaque,
    Shape,
    Value,
    shape_of,
    whole_numbers,
)

AUTO_PAD = {"NOTSET": None, "VALID": "valid", "SAME_UPPER": "same", "SAME_LOWER": "same_lower"}


@dataclass(frozen=True, slots=True)
class Place:
    """The input of a form: the whole text, the argument, and its value."""

    text: str
    argument: Argument
    value: Value

    def refused(self, reason: str, remedy: str) -> Unreadable:
        """A refusal that points at the value."""
        return unreadable(self.text, self.value.start, self.value.end, reason, remedy)

    def unknown(self, wanted: str) -> Unreadable:
        """The refusal of a value that cannot be evaluated, or is of another kind."""
        if isinstance(self.value.what, Opaque):
            reason = f"{self.argument.name} is not written out here, and nothing is executed"
            return self.refused(reason, f"Write {wanted} in its place.")
        return self.refused(f"{self.argument.name} must be {wanted}", f"Use {wanted}.")


def _whole(what: object) -> int | None:
    if isinstance(what, bool):
        return None
    if isinstance(what, float) and what.is_integer() and abs(what) < 2**31:
        return int(what)
    return what if isinstance(what, int) else None


def _per_axis(place: Place) -> Any:
    """A whole number, or one for each axis; a scale factor may be written as 2.0."""
    what = place.value.what
    if (number := _whole(what)) is not None:
        return number
    if not isinstance(what, tuple):
        raise place.unknown("a whole number or one per axis")
    if not 1 <= len(what) <= 3:
        raise place.refused(f"{counted(len(what), 'number')} for 1 to 3 axes", "Give one number per axis.")
    for entry in what:
        if _whole(entry.what) is None:
            raise Place(place.text, place.argument, entry).unknown("a whole number")
    return tuple(_whole(entry.what) for entry in what)


def _padding(place: Place) -> Any:
    if isinstance(place.value.what, str):
        return place.value.what.lower()
    return _per_axis(place)


def _name(place: Place) -> Any:
    if not isinstance(place.value.what, str):
        raise place.unknown("a name in quotes such as same")
    return place.value.what.lower()


def _pads(place: Place) -> Any:
    numbers = whole_numbers(place.value)
    if numbers is None:
        raise place.unknown("a list of whole numbers")
    if len(numbers) not in (2, 4, 6):
        raise place.refused(
            f"{counted(len(numbers), 'number')}, and each axis has a begin and an end",
            "Give all begins, then all ends.",
        )
    half = len(numbers) // 2
    return tuple(zip(numbers[:half], numbers[half:], strict=True))


def _auto_pad(place: Place) -> Any:
    word = place.value.what.name if isinstance(place.value.what, Opaque) else place.value.what
    if not isinstance(word, str) or word not in AUTO_PAD:
        raise place.refused("no rule of ONNX has this name", f"Use one of {', '.join(AUTO_PAD)}.")
    return AUTO_PAD[word]


def _count(place: Place) -> Any:
    number = _whole(place.value.what)
    if number is None:
        raise place.unknown("a whole number")
    return number


def _number(place: Place) -> Any:
    what = place.value.what
    if isinstance(what, bool) or not isinstance(what, (int, float)) or not math.isfinite(what):
        raise place.unknown("a number")
    return what


def _flag(place: Place) -> Any:
    if place.value.what not in (True, False) or isinstance(place.value.what, float):
        raise place.unknown("True or False")
    return bool(place.value.what)


def _word(place: Place) -> Any:
    if not isinstance(place.value.what, str):
        raise place.unknown("a name in quotes")
    return place.value.what.lower()


def _activation(place: Place) -> Any:
    what = place.value.what
    word = what.name if isinstance(what, Opaque) else what
    names = [one.name for one in ACTIVATIONS.values() if one.name not in ("none", "leaky_relu")]
    remedy = f"Use one of {', '.join(names)}, or None."
    if not isinstance(word, str) or word.lower() not in BY_NAME:
        raise place.refused("this activation is not computed here", remedy)
    # Keras alone has this argument, and computes it by a function of its own.
    reason = difference((word.lower(),), (), Output("keras", (-1,), default_channels=True))
    if reason is not None:
        raise place.refused(reason, remedy)
    return BY_NAME[word.lower()]


def _presence(place: Place) -> Any:
    return place.value.what is not None and place.value.what is not False and place.value.what != ""


def _tensor(place: Place) -> Any:
    """The shape of a weight where it is known, else None."""
    what, sizes = place.value.what, shape_of(place.value)
    if isinstance(what, (int, float, str)):
        raise place.unknown("a tensor")
    if isinstance(what, Shape) or (isinstance(what, Opaque) and what.turned):
        return what if isinstance(what, Shape) else Shape((), turned=True)
    return None if sizes is None else Shape(sizes)


def _behind_two(place: Place) -> Any:
    """The entries behind batch and channels, where they are written out."""
    what = place.value.what
    if not isinstance(what, tuple):
        return None
    if not 3 <= len(what) <= 5:
        raise place.refused("batch and channels come first", "Give one number for each, then one per axis.")
    axes = Value(what[2:], place.value.start, place.value.end)
    return _per_axis(Place(place.text, place.argument, axes))


def _sides(place: Place) -> Any:
    """A name, a number for all sides, or a number or (begin, end) for each axis."""
    what, words = place.value.what, place.argument.words
    if isinstance(what, str):
        if what.lower() not in words:
            named = " or ".join(word.upper() for word in words)
            raise place.refused(
                "this framework has no padding of this name here", f"Use {named}, or numbers."
            )
        return what.lower()
    if _whole(what) is not None:
        return _whole(what)
    if not isinstance(what, tuple):
        raise place.unknown("SAME, VALID, a whole number or (begin, end) per axis")
    if not 1 <= len(what) <= 3:
        raise place.refused(f"{counted(len(what), 'entry')} for 1 to 3 axes", "Give one entry per axis.")
    found = []
    for entry in what:
        pair = (_whole(entry.what),) * 2 if _whole(entry.what) is not None else whole_numbers(entry)
        if pair is None or len(pair) != 2:
            raise Place(place.text, place.argument, entry).unknown("a whole number or (begin, end)")
        found.append(pair)
    return tuple(found)


def _layout(place: Place) -> Any:
    """Where the channels stand, as letters; what else it may be is told apart where it matters."""
    return place.value.what if isinstance(place.value.what, str) else None


def _numbers(place: Place) -> Any:
    """A shape as far as it is written out: None where it is not."""
    return whole_numbers(place.value)


def _made(place: Place) -> Any:
    """The output's shape with batch and channels; a batch that is not written out does not matter."""
    what = place.value.what
    if not isinstance(what, tuple):
        return None
    if not 3 <= len(what) <= 5:
        raise place.refused("an output has batch, channels and 1 to 3 axes", "Give one number for each.")
    numbers = whole_numbers(Value(what[1:], place.value.start, place.value.end))
    return None if numbers is None else (1, *numbers)


FORMS: dict[Form, Callable[[Place], Any]] = {
    "per_axis": _per_axis,
    "list": _per_axis,
    "padding": _padding,
    "name": _name,
    "pads": _pads,
    "auto_pad": _auto_pad,
    "count": _count,
    "number": _number,
    "flag": _flag,
    "bit": _flag,
    "word": _word,
    "activation": _activation,
    "presence": _presence,
    "tensor": _tensor,
    "scales": _behind_two,
    "sizes": _behind_two,
    "dims": _per_axis,
    "rank": _per_axis,
    "sides": _sides,
    "layout": _layout,
    "made": _made,
    "shape": _numbers,
}
