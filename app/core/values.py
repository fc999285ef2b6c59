"""Nested lists ↔ arrays: strict about shape and type, exact about position. Knows no source, no files."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from itertools import chain
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from .errors import TooLarge, Unfit, counted, malformed

Array = NDArray[np.float32]
Float64 = NDArray[np.float64]
Nested = list[Any]

NON_FINITE = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}  # how JSON can carry them
FLOAT32_MAX = float(np.finfo(np.float32).max)
MOST_NUMBERS = 16_777_216  # what a schema lets through at all; a server's own limits are narrower
MOST_RANK = 5  # a weight with three spatial axes: filters, channels of a group, depth, row, col

_WORDS = '"NaN", "Infinity" or "-Infinity"'
_NUMBERS = {int, float}
_LISTS = {list, tuple}


def array_from_nested(
    values: object, field: str = "values", max_numbers: int = MOST_NUMBERS, max_rank: int = MOST_RANK
) -> Float64:
    """Nested lists of numbers as a read-only float64 array, or a refusal that names the entry at fault.

    Every list of a level has the same length and holds only lists or only numbers. true, null and "3" are no
    numbers; "NaN", "Infinity" and "-Infinity" are. The lists are flattened one level at a time, so that each
    check is a few calls on the whole level, and no recursion can be exhausted.
    """
    if type(values) not in _LISTS:
        raise Unfit(
            field, _brief(values), f"{_kind(values)} is no list", "Use nested lists such as [[0, 1], [1, 0]]."
        )
    level: Sequence[Any] = [values]
    shape: list[int] = []
    while True:
        length = len(level[0])
        if length == 0:
            raise Unfit(
                field, _brief(values), f"{_at(shape, 0)} is empty", "Give at least one number in each list."
            )
        if len(shape) == max_rank:
            raise Unfit(
                field,
                _brief(values),
                f"the lists are nested deeper than {max_rank}",
                f"Use at most {max_rank} levels of lists.",
            )
        lengths = set(map(len, level))
        if len(lengths) > 1:
            index = next(i for i, item in enumerate(level) if len(item) != length)
            reason = f"{_at(shape, index)} has {_count(len(level[index]))}, and {_at(shape, 0)} has {length}"
            raise Unfit(field, _brief(values), reason, f"Give each list of this level {_count(length)}.")
        shape.append(length)
        if len(level) * length > max_numbers:
            raise TooLarge(
                field,
                "×".join(map(str, shape)),
                f"these are more than {counted(max_numbers, 'number')}",
                f"Give at most {max_numbers:,}.",
            )
        entries = list(chain.from_iterable(level))
        kinds = set(map(type, entries))
        if kinds <= _LISTS:
            level = entries
            continue
        if not kinds <= _NUMBERS:
            entries = _numbers(entries, shape, field, _brief(values))
        return _array(entries, shape, field, _brief(values))


def _numbers(entries: list[Any], shape: list[int], field: str, value: str) -> list[float]:
    """The entries of the innermost lists with words put in; the first that is no number is refused."""
    first_is_list = type(entries[0]) in _LISTS
    numbers: list[float] = []
    for index, entry in enumerate(entries):
        if type(entry) in _NUMBERS and not first_is_list:
            numbers.append(entry)
        elif isinstance(entry, str) and entry in NON_FINITE and not first_is_list:
            numbers.append(NON_FINITE[entry])
        elif type(entry) not in _LISTS or not first_is_list:
            raise _no_number(entry, _at(shape, index), first_is_list, field, value)
    return numbers


def _no_number(entry: object, place: str, list_expected: bool, field: str, value: str) -> Unfit:
    reason = f"{place} is {_kind(entry)}"
    if list_expected or type(entry) in _LISTS:
        neighbours = "lists" if list_expected else "numbers"
        reason = f"{reason} where its neighbours are {neighbours}"
        return Unfit(field, value, reason, "Nest all entries equally deep.")
    if isinstance(entry, str):
        return Unfit(field, value, f"{reason}, and text is no number", f"Use a plain number, {_WORDS}.")
    return Unfit(field, value, f"{reason}, which is no number", f"Use a number, {_WORDS}.")


def _array(entries: list[float], shape: list[int], field: str, value: str) -> Float64:
    """The entries as float64; a finite number that float32 cannot hold is refused, whatever is computed with."""
    try:
        array = np.array(entries, dtype=np.float64)
    except OverflowError:  # an integer beyond float64
        index = next(i for i, entry in enumerate(entries) if isinstance(entry, int) and _is_beyond(entry))
        raise _beyond(_at(shape, index), field, value) from None
    if not np.abs(array).max() <= FLOAT32_MAX:  # so for NaN and infinities too
        lost = np.isinf(narrowed(array)) != np.isinf(array)
        if lost.any():
            raise _beyond(_at(shape, int(lost.argmax())), field, value)
    array = array.reshape(shape)
    array.setflags(write=False)
    return array


def narrowed(array: NDArray[np.floating[Any]]) -> Array:
    """float32 of an array; what float32 cannot hold becomes infinite, quietly."""
    with np.errstate(over="ignore", under="ignore"):
        return array.astype(np.float32)


def _is_beyond(number: int) -> bool:
    try:
        float(number)
    except OverflowError:
        return True
    return False


def _beyond(place: str, field: str, value: str) -> Unfit:
    return Unfit(field, value, f"{place} is larger than float32 can hold", "Use numbers within ±3.4e38.")


def _at(shape: Sequence[int], index: int) -> str:
    """Where an entry is, by its flat index: ``entry [2][0]``; the outermost list itself is ``the list``."""
    places: list[str] = []
    for length in reversed(shape):
        index, place = divmod(index, length)
        places.append(f"[{place}]")
    return "entry " + "".join(reversed(places)) if places else "the list"


def _count(length: int) -> str:
    return counted(length, "entry")


def _brief(values: object) -> str:
    """Nested lists in a word: they may be as deep and as long as a request can be."""
    return f"a list of {_count(len(values))}" if isinstance(values, (list, tuple)) else _kind(values)


def _kind(value: object) -> str:
    """The kind of an entry, in the words of JSON."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 20 else f'"{value[:20]}…"'
    if isinstance(value, (list, tuple)):
        return "a list"
    return "an object" if isinstance(value, dict) else str(value)[:40]


def nested_from_array(array: NDArray[Any]) -> Nested:
    """An array as nested lists that strict JSON can carry: numbers that are not finite become words."""
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return array.tolist()  # type: ignore[no-any-return]
    entries = array.astype(object)
    for word, number in NON_FINITE.items():
        entries[np.isnan(array) if word == "NaN" else array == number] = word
    return entries.tolist()  # type: ignore[no-any-return]


class FrozenArray:
    """A read-only float64 array that can be compared and hashed, so that a frozen model can hold it."""

    __slots__ = ("_key", "array")

    def __init__(self, array: NDArray[np.floating[Any]]) -> None:
        held: Float64 = np.ascontiguousarray(array, dtype=np.float64)
        if held.flags.writeable:
            if held is array:
                held = held.copy()
            held.setflags(write=False)
        self.array = held
        self._key: tuple[tuple[int, ...], bytes] | None = None

    @property
    def key(self) -> tuple[tuple[int, ...], bytes]:
        """The content by which two arrays are the same: the shape and every bit."""
        if self._key is None:
            self._key = (self.array.shape, self.array.tobytes())
        return self._key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FrozenArray) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"FrozenArray({'×'.join(map(str, self.array.shape))})"


def _validated(value: object, max_rank: int) -> FrozenArray:
    """Nested lists of a request, as pydantic calls it."""
    if isinstance(value, FrozenArray):
        return value
    try:
        return FrozenArray(array_from_nested(value, max_rank=max_rank))
    except (Unfit, TooLarge) as problem:
        raise malformed(problem.reason, problem.remedy) from None


def _schema(max_rank: int) -> dict[str, Any]:
    """The JSON schema of nested lists of 1 to ``max_rank`` levels."""
    number: dict[str, Any] = {"anyOf": [{"type": "number"}, {"enum": list(NON_FINITE)}]}
    levels: list[dict[str, Any]] = []
    for _ in range(max_rank):
        inner = levels[-1] if levels else number
        levels.append({"type": "array", "items": inner, "minItems": 1})
    return {"anyOf": levels}


def nested_array(max_rank: int) -> Any:
    """The annotations of a model's field that takes nested lists of at most ``max_rank`` levels."""
    return (
        PlainValidator(functools.partial(_validated, max_rank=max_rank)),
        PlainSerializer(lambda frozen: nested_from_array(frozen.array), return_type=Nested),
        WithJsonSchema(_schema(max_rank)),
    )


NestedArray = Annotated[FrozenArray, *nested_array(MOST_RANK)]
