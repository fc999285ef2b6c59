"""The arguments of one call against one declaration: which is which, what is missing, what nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...core.errors import Unreadable, counted
from ...core.frameworks.writing import Argument, Writing
from .known import Known
from .scan import unreadable
from .values import (
    Given,
    Opaque,
    Value,
    whole_numbers,
)

# Arguments that a node or a layer takes besides, and that change nothing.
ANYWHERE = {"name", "doc_string", "domain", "inputs", "outputs", "overload"}


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it was found: what it may be, its arguments, and the places of its name and of the whole."""

    name: str
    known: tuple[Known, ...]
    given: tuple[Given, ...]
    start: int
    name_end: int
    end: int
    after: int  # the index of the token behind it
    index: int = 0  # of the token that is its name
    guessed: bool = False  # no operator was named, and this is the likeliest


class Elsewhere(Exception):
    """The call is another operation's: an argument has not the value that this one needs."""

    def __init__(self, argument: Argument, given: Given | None) -> None:
        self.argument = argument
        self.given = given
        super().__init__(argument.name)


def bound(text: str, call: Call, writing: Writing) -> dict[str, Given]:
    """Arguments by name; raises Unreadable for one too many, twice or unknown, Elsewhere for another operation."""
    ordered = [argument for argument in writing.arguments if not argument.keyword and argument.is_written]
    by_name = _by_name(writing)
    found: dict[str, Given] = {}
    for index, given in enumerate(call.given):
        if given.name is None:
            if index >= len(ordered):
                many = f"{call.name} takes {counted(len(ordered), 'value')} by position"
                raise unreadable(text, given.start, given.end, many, "Leave this one out, or give its name.")
            name = ordered[index].name
        elif given.name in by_name:
            name = by_name[given.name].name
        elif given.name in ANYWHERE:
            continue
        else:
            raise _unknown(text, call, given, [name for name in by_name if by_name[name].is_written])
        if name in found:
            raise unreadable(text, given.start, given.end, f"{name} is given twice", "Leave one of them out.")
        found[name] = given
    for argument in writing.arguments:
        if argument.only and not _is_one_of(argument, found.get(argument.name)):
            raise Elsewhere(argument, found.get(argument.name))
    return found


def _by_name(writing: Writing) -> dict[str, Argument]:
    return {name: argument for argument in writing.arguments for name in (argument.name, *argument.also)}


def _unknown(text: str, call: Call, given: Given, names: list[str]) -> Unreadable:
    assert given.name is not None
    end = given.start + len(given.name)
    close = difflib.get_close_matches(given.name, names, 1)
    remedy = f"Use {close[0]}, if that is what is meant." if close else f"Use one of {', '.join(names)}."
    return unreadable(text, given.start, end, f"{call.name} has no argument of this name", remedy)


def _is_one_of(argument: Argument, given: Given | None) -> bool:
    plain = argument.default if given is None else plainly(given.value)
    return any(plain == value for value in argument.only)


def plainly(value: Value) -> object:
    """A value to be compared: names as text, (1, 1) as 1."""
    if isinstance(value.what, Opaque):
        return value.what.name
    numbers = whole_numbers(value)
    if numbers and len(set(numbers)) == 1:
        return numbers[0]
    return value.what.lower() if isinstance(value.what, str) else value.what


def chosen(text: str, call: Call) -> tuple[Known, Mapping[str, Given]]:
    """Which of the operations of this name is meant, and its arguments; raises Unreadable where none is."""
    problems: list[tuple[int, Unreadable]] = []
    others: list[Elsewhere] = []
    for known in call.known:
        try:
            return known, bound(text, call, known.writing)
        except Unreadable as problem:
            problems.append((_strange(call, known.writing), problem))
        except Elsewhere as elsewhere:
            others.append(elsewhere)
    if not others:
        raise min(problems, key=lambda one: one[0])[1]
    raise _elsewhere(text, call, others)


def _strange(call: Call, writing: Writing) -> int:
    """How many names of arguments a writing does not have: the fewer, the likelier it is what is meant."""
    known = _by_name(writing)
    return sum(given.name is not None and given.name not in known for given in call.given)


def _elsewhere(text: str, call: Call, others: Sequence[Elsewhere]) -> Unreadable:
    first = next((one for one in others if one.argument.is_written), others[0])
    name = first.argument.name
    allowed = [value for one in others if one.argument.name == name for value in one.argument.only]
    words = ", ".join(dict.fromkeys(f"{value}" for value in allowed))
    if first.given is None:
        reason = f"{name} is left out, and {call.name}'s default for it is not computed here"
        return unreadable(text, call.start, call.name_end, reason, f"Give {name} as one of {words}.")
    return unreadable(
        text,
        first.given.value.start,
        first.given.value.end,
        f"this {name} is not computed here",
        f"Use one of {words}.",
    )
