"""Text to tokens with their places. Knows the lexical rules of Python that matter here; runs nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ...core.errors import Position, TooLarge, Unreadable, counted

MOST_TEXT = 400_000  # characters; as much as a snippet with its tensors has
SHOWN = 60

Kind = Literal["name", "number", "string", "sign", "end"]

# Each alternative is decided by its first characters, so that a text is gone through once.
_TOKEN = re.compile(
    r"""
    (?P<space>(?:[\s\\]|\#[^\n]*)+)
    |(?P<quote>[rRbBuU]{0,2}(?:\"\"\"|\'\'\'|["']))
    |(?P<number>\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<name>[^\W\d]\w*)
    |(?P<sign>\*\*|//|==|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_REST = {quote: re.compile(rf"(?:[^{quote}\\\n]|\\.)*{quote}", re.DOTALL) for quote in ("'", '"')}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text and its place; ``string`` tokens hold what is between the quotes."""

    kind: Kind
    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """All tokens of a text without blanks and comments, and one at its end."""
    if len(text) > MOST_TEXT:
        raise TooLarge(
            "text",
            counted(len(text), "character"),
            f"a text may have {MOST_TEXT:,} characters",
            "Paste the layer alone.",
        )
    found: list[Token] = []
    index = 0
    open_until = dict.fromkeys(("'", '"', "'''", '"""'), 0)  # where a quote is known to have no other end
    while index < len(text):
        match = _TOKEN.match(text, index)
        assert match is not None, "any character is a sign"
        kind, index = match.lastgroup, match.end()
        if kind == "quote":
            quote = match.group().lstrip("rRbBuU")
            end = -1 if match.start() < open_until[quote] else _closed(text, quote, index)
            if end >= 0:
                content = text[index : end - len(quote)]
                found.append(Token("string", content, match.start(), end))
                index = end
                continue
            # An apostrophe, or a string that never ends: a sign, and so is every other of its kind on the line.
            line = text.find("\n", index) if len(quote) == 1 else -1
            open_until[quote] = max(open_until[quote], len(text) if line < 0 else line)
            kind, index = "sign", match.start() + 1
        if kind != "space":
            found.append(Token(kind, text[match.start() : index], match.start(), index))  # type: ignore[arg-type]
    found.append(Token("end", "", len(text), len(text)))
    return found


def _closed(text: str, quote: str, index: int) -> int:
    """Where a string that began before ``index`` ends, or −1."""
    if len(quote) == 3:
        end = text.find(quote, index)
        return end + 3 if end >= 0 else -1
    match = _REST[quote].match(text, index)
    return match.end() if match else -1


def position(text: str, start: int, end: int) -> Position:
    """Line and column of a range of characters."""
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    return Position(line, column, start, end)


def unreadable(text: str, start: int, end: int, reason: str, remedy: str) -> Unreadable:
    """A refusal that points at characters."""
    piece = text[start:end]
    shown = piece if len(piece) <= SHOWN else piece[: SHOWN - 1] + "…"
    return Unreadable(shown or None, reason, remedy, position(text, start, end))
