"""Layers that JAX has no call for, by the lines that are usual for them: means over axes, repeated and stretched cells.

Each idiom is a pattern over the tokens of a text, which tells the numbers of a layer of ours. Executes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ...core.frameworks.writing import (
    Argument,
    Writing,
    flag,
    over,
)
from ...operations import registry
from .bind import Call
from .known import Known
from .scan import Token
from .values import (
    Given,
    Reader,
    Value,
    whole_numbers,
)

MODULES = {"jnp", "lax", "jax"}
UNKNOWN = re.compile(r"conv|pool|resize", re.IGNORECASE)
FRAMEWORK = "jax"

SIZE, FACTOR = over("size", "size", None), over("factor", "factor", None)
CORNERS = flag("align_corners", "align_corners", False)

# Tokens stand a blank apart; each pattern begins with words of its own, so that a text is gone through once.
NEAREST = re.compile(
    r"take \( \w{1,40} , \w{2,3} \. arange \( (\d{1,6}) \) \* (\d{1,6}) // \1 , axis = \d \)"
)
HALVES = (
    r"\w{2,3} \. maximum \( \( \w{2,3} \. arange \( (\d{1,6}) \) \+ 0\.5 \) \* \d{1,6} / \1 - 0\.5 , 0 \)"
)
ENDS = r"\w{2,3} \. arange \( (\d{1,6}) \) \* \d{1,6} / \d{1,6}|\w{2,3} \. zeros \( (1) \)"
LINEAR = re.compile(rf"place = (?:{HALVES}|{ENDS})")
SHARED = re.compile(
    r"i \* (\d{1,6}) // (\d{1,6}) : - \( - \( i \+ 1 \) \* \1 // \2 \) \] \. (max|mean) \( axis = \d \)"
)
WHOLE = re.compile(
    r"\. (max|mean) \( (?:\w{1,40} , )?axis = \( (\d(?: , \d){0,2})(?: ,)? \)(?: , keepdims = \w{4,5})? \)"
)
PRODUCT = re.compile(r"\. reshape \( (\d{1,6}) , - 1 \) @")
PADDED = re.compile(r"lax \. pad \(")


@dataclass(frozen=True, slots=True)
class Found:
    """An operation with its settings, the number of axes, and the characters of the joined tokens."""

    operation: str
    settings: dict[str, object]
    axes: int | None
    start: int
    end: int


def call(found: list[Token], reader: Reader) -> Call | None:
    """A layer that is said by an idiom, as a call; None where there is none, or where an unknown layer is called."""
    if not any(token.text in MODULES for token in found):
        return None
    if any(token.kind == "name" and UNKNOWN.search(token.text) for token in found):
        return None
    joined = " ".join(token.text for token in found)
    for idiom in IDIOMS:
        if (one := idiom(joined, found, reader)) is not None:
            return _call(one, found)
    return None


def _call(one: Found, found: list[Token]) -> Call | None:
    first, last = _token(found, one.start), _token(found, one.end)
    start, end = found[first].start, found[last].end
    known = Known(
        (), registry()[one.operation], FRAMEWORK, WRITINGS.get(one.operation, Writing(())), one.axes
    )
    given = tuple(
        Given(name, Value(_valued(what, start, end), start, end), start, end)
        for name, what in one.settings.items()
    )
    return Call(
        one.operation.replace("_", " "), (known,), given, start, found[first].end, end, last + 1, first
    )


def _valued(what: object, start: int, end: int) -> object:
    return tuple(Value(entry, start, end) for entry in what) if isinstance(what, tuple) else what


def _token(found: list[Token], place: int) -> int:
    """The index of the token that holds a character of the joined text."""
    for index, token in enumerate(found):
        place -= len(token.text) + 1
        if place < 0:
            return min(index, len(found) - 2)
    return len(found) - 2


def _nearest(joined: str, found: list[Token], reader: Reader) -> Found | None:
    matches = list(NEAREST.finditer(joined))[:3]
    if not matches:
        return None
    pairs = [(int(one[1]), int(one[2])) for one in matches]
    exact = all(size and not count % size for count, size in pairs)
    settings: dict[str, object] = {"size": tuple(count for count, _ in pairs)}
    if exact:
        settings = {"factor": tuple(count // size for count, size in pairs)}
    return Found("nearest_upsampling", settings, len(pairs), matches[0].start(), matches[-1].end() - 1)


def _linear(joined: str, found: list[Token], reader: Reader) -> Found | None:
    matches = list(LINEAR.finditer(joined))[:3]
    if not matches:
        return None
    counts = tuple(int(one[1] or one[2] or one[3]) for one in matches)
    settings = {"size": counts, "align_corners": not any(one[1] for one in matches)}
    return Found("bilinear_upsampling", settings, len(counts), matches[0].start(), matches[-1].end() - 1)


def _adaptive(joined: str, found: list[Token], reader: Reader) -> Found | None:
    matches = list(SHARED.finditer(joined))[:3]
    if not matches:
        return None
    kind = "max" if matches[0][3] == "max" else "average"
    settings: dict[str, object] = {"size": tuple(int(one[2]) for one in matches)}
    return Found(
        f"adaptive_{kind}_pooling", settings, len(matches), matches[0].start(), matches[-1].end() - 1
    )


def _global(joined: str, found: list[Token], reader: Reader) -> Found | None:
    one = WHOLE.search(joined)
    if one is None:
        return None
    kind = "max" if one[1] == "max" else "average"
    return Found(f"global_{kind}_pooling", {}, one[2].count(",") + 1, one.start(), one.end() - 1)


def _dense(joined: str, found: list[Token], reader: Reader) -> Found | None:
    one = PRODUCT.search(joined)
    return None if one is None else Found("dense", {"filters": int(one[1])}, None, one.start(), one.end() - 1)


def _zeros_between(joined: str, found: list[Token], reader: Reader) -> Found | None:
    """``lax.pad(x, 0, [(begin, end, between), …])``, channels first, without anything but what is between."""
    one = PADDED.search(joined)
    if one is None:
        return None
    given, _ = reader.arguments(_token(found, one.end() - 1))
    config = [whole_numbers(entry) for entry in given[2].value.what] if _is_list(given) else []
    triples = [entry for entry in config if entry is not None and len(entry) == 3]
    if not 2 <= len(triples) <= 4 or len(triples) != len(config) or triples[0] != (0, 0, 0):
        return None
    if any(begin or end or between < 0 for begin, end, between in triples):
        return None
    factors = tuple(between + 1 for _, _, between in triples[1:])
    return Found("zero_insertion", {"factor": factors}, len(factors), one.start(), one.end() - 1)


def _is_list(given: list[Given]) -> bool:
    return len(given) == 3 and isinstance(given[2].value.what, tuple)


Idiom = Callable[[str, list[Token], Reader], Found | None]
IDIOMS: tuple[Idiom, ...] = (_nearest, _linear, _adaptive, _global, _dense, _zeros_between)
WRITINGS = {
    "nearest_upsampling": Writing((), (SIZE, FACTOR)),
    "bilinear_upsampling": Writing((), (SIZE, FACTOR, CORNERS)),
    "adaptive_max_pooling": Writing((), (SIZE,)),
    "adaptive_average_pooling": Writing((), (SIZE,)),
    "zero_insertion": Writing((), (FACTOR,)),
    "dense": Writing((), (Argument("filters", "filters", form="count"),)),
}
