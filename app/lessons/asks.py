"""The question of an ask block: its key, the wrong answers that have a reason, and what is said of each.

Computes them from the step's state; knows no step and no lesson.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from markdown_it.token import Token

from ..core.errors import Problem, counted
from .expression import Faulty, read_expression
from .functions import Place, text_of
from .lesson import Answer, Ask, AskKind, Blocks, Hides, Inline, digest
from .prose import Prose, refusal
from .state import Other, State

KEYS = ("key", "wrong", "option", "then", "hint", "explain", "within", "grid", "hides")
_LINE = re.compile(rf"({'|'.join(KEYS)}):\s*(.*)")
GRIDS = ("input", "output")
ARROW = "=>"
# These parts of a plan tell the size of an output: a stage that shows the output would give their key away.
SIZES = frozenset(("output_shape", "padded_shape", "steps", "unread", "unread_cells", "begin", "end"))
HIDES: tuple[Hides, ...] = ("nothing", "value", "output", "shape")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of a block, with what goes on on the lines after it."""

    line: int
    key: str
    text: str

    def split(self, least: int, most: int) -> list[str]:
        """In parts at the arrows."""
        parts = [part.strip() for part in self.text.split(ARROW, most - 1)]
        if len(parts) < least:
            shape = "expression => why" if self.key == "wrong" else "words => condition => why"
            raise refusal(self.text, "this says too little", f"Write {self.key}: {shape}.", self.line)
        return parts


class _Reader:
    """Reads one block against one state."""

    def __init__(self, token: Token, kind: str, state: State, seed: str, *, lenient: bool) -> None:
        self.kind, self.state, self.seed, self.lenient = kind, state, seed, lenient
        self.prose = Prose(state, typed=lenient)
        self.first = (token.map or [0])[0] + 1
        self.prompt: list[tuple[int, str]] = []
        self.entries: list[_Entry] = []
        for number, line in enumerate(token.content.split("\n"), start=self.first + 1):
            if found := _LINE.match(line):
                self.entries.append(_Entry(number, found[1], found[2].strip()))
            elif not line.strip():
                continue
            elif not self.entries:
                self.prompt.append((number, line.strip()))
            elif line[:1].isspace():
                last = self.entries[-1]
                self.entries[-1] = _Entry(last.line, last.key, f"{last.text} {line.strip()}".strip())
            else:
                remedy = f"Begin with {', '.join(KEYS)}, or indent what goes on."
                raise refusal(line, "this line says nothing", remedy, number)

    def value(self, text: str, line: int) -> Any:
        """The value of an expression."""
        try:
            return read_expression(text).value(self.state)
        except Faulty as fault:
            raise refusal(text, fault.reason, fault.remedy, line, fault.column + 1) from None
        except Problem as problem:
            raise refusal(text, problem.reason, problem.remedy, line) from None

    def one(self, key: str) -> _Entry | None:
        """The line of a key that is given once at most."""
        found = [entry for entry in self.entries if entry.key == key]
        if len(found) > 1:
            raise refusal(found[1].text, f"{key} is given twice", "Leave one out.", found[1].line)
        return found[0] if found else None

    def needed(self, key: str) -> _Entry:
        """The line of a key that must be given."""
        found = self.one(key)
        if found is None or not found.text:
            raise refusal(self.kind, f"the question has no {key}", f"Add {key}: …", self.first)
        return found

    def inline(self, key: str) -> Inline | None:
        """The prose of a key."""
        found = self.one(key)
        return None if found is None else self.prose.text(found.text, found.line)

    def answer(
        self, value: Any, content: Inline, why: Inline | None, *, right: bool, mark: str = ""
    ) -> Answer:
        """An answer; its id says nothing about it."""
        return Answer(digest(f"{self.seed}/{mark or value}"), content, value, why, right)


def read_ask(token: Token, kinds: list[str], state: State, seed: str, *, lenient: bool = False) -> Ask:
    """The question of a block whose info says its kind; raises Unreadable at the line at fault.

    Where it is ``lenient``, wrong answers that are no answers, or that others are already, are left out.
    """
    line = (token.map or [0])[0] + 1
    if len(kinds) != 1 or kinds[0] not in READERS:
        raise refusal(" ".join(kinds), "no question has this kind", f"Use {', '.join(READERS)}.", line)
    reader = _Reader(token, kinds[0], state, seed, lenient=lenient)
    if not reader.prompt:
        raise refusal(token.info, "the question asks nothing", "Write it on the first lines.", line)
    answers = READERS[kinds[0]](reader)
    key = next(one for one in answers if one.right)
    prompt: Blocks = [{"kind": "paragraph", "content": _prompt(reader)}]
    explanation = reader.inline("explain")
    if explanation is None:
        explanation = reader.prose.text(reader.needed("explain").text, line)
    about, then = _about(reader), _then(reader)
    return Ask(
        kind=cast(AskKind, kinds[0]),
        prompt=prompt,
        answers=tuple(answers),
        explanation=explanation,
        tolerance=_tolerance(reader, key.value),
        grid=_grid(reader),
        about=about,
        then=then,
        hint=reader.inline("hint"),
        hides=_hides(reader, about, then),
    )


def _prompt(reader: _Reader) -> Inline:
    text = " ".join(text for _, text in reader.prompt)
    return reader.prose.text(text, reader.prompt[0][0])


def _tolerance(reader: _Reader, value: Any) -> float:
    entry = reader.one("within")
    if reader.kind != "number":
        if entry is not None:
            raise refusal(entry.text, "only a number may be nearly right", "Leave within out.", entry.line)
        return 0.0
    if entry is not None:
        within = reader.value(entry.text, entry.line)
        if not isinstance(within, (int, float)) or within < 0:
            raise refusal(entry.text, "this is no number of 0 or more", "Use one such as 0.05.", entry.line)
        return float(within)
    return 0.0 if float(value).is_integer() else 0.005 + 0.01 * abs(value)


def _grid(reader: _Reader) -> str | None:
    entry = reader.one("grid")
    if entry is not None and entry.text not in GRIDS:
        raise refusal(
            entry.text, "cells of this grid cannot be clicked", f"Use {', '.join(GRIDS)}.", entry.line
        )
    if reader.kind != "cell":
        return None
    return GRIDS[-1] if entry is None else entry.text


def _about(reader: _Reader) -> dict[str, Any] | None:
    """The cell whose number is asked for, which the page hides until it is answered."""
    key = reader.one("key")
    asked = None if key is None or reader.kind == "choice" else read_expression(key.text).asked
    if asked is None or asked[0] not in GRIDS:
        return None
    lane, *place = asked[1]
    return {"grid": asked[0], "lane": lane, "cell": place} if place else None  # a vector has no cells


def _hides(reader: _Reader, about: dict[str, Any] | None, then: str | None) -> Hides:
    """The part that the stage would give away: none where it shows another state than the one asked about."""
    entry = reader.one("hides")
    if entry is not None:
        if entry.text not in HIDES:
            raise refusal(
                entry.text, "nothing of the stage is called so", f"Use {', '.join(HIDES)}.", entry.line
            )
        return entry.text
    if reader.kind == "cell":
        return "nothing"
    if about is not None:
        return "value" if about["grid"] == "output" else "nothing"
    if then is not None and _differs(reader.state, State.of(then)):
        return "nothing"
    keys = [one for one in reader.entries if one.key in ("key", "option")]
    texts = [one.text if one.key == "key" else one.split(2, 3)[1] for one in keys]
    sized = any(read_expression(text).words & SIZES for text in texts)
    return "shape" if sized or reader.kind == "shape" else "output"


def _differs(one: State, other: State) -> bool:
    """Whether two states have other layers or another source, and not only another view of them."""
    return (one.link.layers, one.link.source) != (other.link.layers, other.link.source)


def _then(reader: _Reader) -> str | None:
    """The state after the answer: a fragment, or an expression that changes the step's."""
    entry = reader.one("then")
    if entry is None:
        return None
    if entry.text.startswith("#"):
        try:
            State.of(entry.text)
        except Problem as problem:
            raise refusal(entry.text, problem.reason, problem.remedy, entry.line) from None
        return entry.text
    value = reader.value(entry.text, entry.line)
    if not isinstance(value, Other):
        raise refusal(entry.text, "this is no state", "Use changed(padding=1), or #v1&….", entry.line)
    return value.state.fragment


# ------------------------------------------------------------------------------------- kinds


def _numbers(reader: _Reader) -> list[Answer]:
    def number(value: Any, text: str, line: int) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
            raise refusal(text, "this is no number", "Ask for one cell, size or count.", line)
        return value

    return _computed(reader, number)


def _shapes(reader: _Reader) -> list[Answer]:
    def shape(value: Any, text: str, line: int) -> list[int]:
        if not isinstance(value, tuple) or not all(isinstance(one, int) and one > 0 for one in value):
            raise refusal(text, "this is no shape", "Use plan.output_shape, or (64, 3, 3).", line)
        return list(value)

    return _computed(reader, shape)


def _computed(reader: _Reader, checked: Callable[[Any, str, int], Any]) -> list[Answer]:
    """The right answer and the wrong ones, each an expression."""
    entry = reader.needed("key")
    value = reader.value(entry.text, entry.line)
    key = checked(value, entry.text, entry.line)
    found = [reader.answer(key, [text_of(value)], None, right=True)]
    for wrong in (one for one in reader.entries if one.key == "wrong"):
        text, why = wrong.split(2, 2)
        try:
            value = reader.value(text, wrong.line)
            given = checked(value, text, wrong.line)
        except Problem:
            if reader.lenient:
                continue
            raise
        if any(given == other.value for other in found):
            if reader.lenient:
                continue
            reason = f"{text_of(value)} is the right answer, or is already among the wrong ones"
            raise refusal(text, reason, "Change the state, or leave it out.", wrong.line)
        found.append(reader.answer(given, [text_of(value)], reader.prose.text(why, wrong.line), right=False))
    if len(found) < 2:
        remedy = "Add wrong: expression => why a person comes to it."
        raise refusal(reader.kind, "no wrong answer is explained", remedy, reader.first)
    return found


def _choices(reader: _Reader) -> list[Answer]:
    found = []
    for option in (one for one in reader.entries if one.key == "option"):
        words, condition, *why = option.split(2, 3)
        right = bool(np.all(reader.value(condition, option.line)))
        if not right and not why:
            remedy = "Write option: words => condition => why a person takes it."
            raise refusal(words, "nothing is said to whoever takes this", remedy, option.line)
        content = reader.prose.text(words, option.line)
        why_wrong = None if right else reader.prose.text(why[0], option.line)
        found.append(reader.answer(words, content, why_wrong, right=right, mark=words))
    count = sum(one.right for one in found)
    if count != 1 or len(found) < 2:
        reason = f"{count} of {len(found)} options are right, and one of at least two must be"
        raise refusal(reader.kind, reason, "Mend the conditions.", reader.first)
    # An option is chosen by its id; its words are no value.
    return [Answer(one.id, one.content, None, one.explanation, one.right) for one in found]


def _cells(reader: _Reader) -> list[Answer]:
    def cells(text: str, line: int) -> list[list[int]]:
        value = reader.value(text, line)
        if isinstance(value, np.ndarray) and value.dtype == bool and value.ndim:
            places = np.argwhere(value).tolist()
        elif isinstance(value, (Place, tuple)) and value and all(isinstance(one, int) for one in value):
            places = [list(value)]
        else:
            raise refusal(
                text, "this is no cell", "Use cell(1, 2), argmax(output[0]) or output[0] > 3.", line
            )
        if not places:
            raise refusal(text, "no cell is meant", "Change the state or the condition.", line)
        return places

    entry = reader.needed("key")
    key = cells(entry.text, entry.line)
    found = [reader.answer(key, [_cells_text(key)], None, right=True)]
    for wrong in (one for one in reader.entries if one.key == "wrong"):
        text, why = wrong.split(2, 2)
        given = cells(text, wrong.line)
        if any(one in key for one in given):
            raise refusal(text, "a right cell is among these", "Leave it out.", wrong.line)
        found.append(
            reader.answer(given, [_cells_text(given)], reader.prose.text(why, wrong.line), right=False)
        )
    return found


def _cells_text(cells: list[list[int]]) -> str:
    if len(cells) > 3:
        return counted(len(cells), "cell")
    return "; ".join(text_of(Place(one)) for one in cells)


READERS: dict[str, Callable[[_Reader], list[Answer]]] = {
    "number": _numbers,
    "shape": _shapes,
    "choice": _choices,
    "cell": _cells,
}
