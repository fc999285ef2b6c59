"""Markdown as trees of plain JSON with computed values, by markdown-it. Refuses raw HTML; knows no lesson.

A code span ``= expression`` becomes its value, ``output = expression`` the value in the colour of a role, and
``input: words`` words in that colour. A number that is typed between them is refused.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ..core.errors import Position, Problem, Unreadable
from ..link.fragment import read_link
from .expression import Faulty, Names, read_expression
from .functions import text_of
from .lesson import Blocks, Inline, Json

ROLES = ("input", "kernel", "output", "padding")
_VALUE = re.compile(rf"(?:({'|'.join(ROLES)})\s*)?=\s*(.+)", re.DOTALL)
_ROLE = re.compile(rf"({'|'.join(ROLES)}):\s*(.+)", re.DOTALL)
# 0, 1 and 2 count, name a first row and stand in formulas; more than that is a fact about the state.
_TYPED = re.compile(r"(?<![\w.,])(?![012](?![\d.,]*\d))\d+(?:[.,]\d+)*")
_KINDS = {"strong": "strong", "em": "emphasis"}
PAGES = ("handbook",)  # of this server, to which prose may lead


@functools.cache
def parser() -> MarkdownIt:
    """CommonMark; raw HTML is found so that it can be refused."""
    return MarkdownIt("commonmark", {"html": True})


def refusal(text: str, reason: str, remedy: str, line: int, column: int = 1) -> Unreadable:
    """A fault in a lesson, at a line from 1."""
    return Unreadable(text.strip()[:80], reason, remedy, Position(line, column, 0, 0))


class Prose:
    """Turns tokens into trees; ``names`` is what the expressions of the prose read.

    Where numbers may be ``typed``, the prose speaks of no state.
    """

    def __init__(self, names: Names, *, typed: bool = False) -> None:
        self._names, self._typed = names, typed

    def blocks(self, tokens: Sequence[Token], line: int = 0) -> Blocks:
        """Paragraphs and lists; ``line`` is that of the first line of their text, from 0."""
        found: Blocks = []
        index = 0
        while index < len(tokens):
            token = tokens[index]
            end = _closing(tokens, index)
            if token.type == "paragraph_open":
                found.append({"kind": "paragraph", "content": self.inline(tokens[index + 1], line)})
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                found.append(self._list(tokens[index : end + 1], line))
            else:
                at = line + (token.map or [0])[0] + 1
                reason = f"a {token.type.removesuffix('_open').replace('_', ' ')} has no place in prose"
                remedy = "Use paragraphs, lists, emphasis, links and code spans; HTML is not taken."
                raise refusal(token.content or token.markup, reason, remedy, at)
            index = end + 1
        return found

    def _list(self, tokens: Sequence[Token], line: int) -> Json:
        items = [self.inline(token, line) for token in tokens if token.type == "inline"]
        for token in tokens[1:-1]:
            if token.type not in LISTED:
                at = line + (token.map or [0])[0] + 1
                raise refusal(token.content, "an item of a list is one paragraph", "Make the list flat.", at)
        return {"kind": "list", "ordered": tokens[0].type.startswith("ordered"), "items": items}

    def text(self, text: str, line: int) -> Inline:
        """Inline prose of a text that stands on one line, from 1."""
        tokens = parser().parseInline(text)
        return self.inline(tokens[0], line - 1)

    def inline(self, token: Token, line: int) -> Inline:
        """The nodes of a paragraph."""
        line += (token.map or [0])[0] + 1
        stack: list[tuple[Json | None, Inline]] = [(None, [])]
        for child in token.children or []:
            content = stack[-1][1]
            if child.type == "text":
                self._check(child.content, line)
                _append(content, child.content)
            elif child.type == "softbreak":
                line += 1
                _append(content, " ")
            elif child.type == "code_inline":
                content.append(self._code(child.content, line))
            elif child.type == "link_open":
                stack.append(({"kind": "link", **_target(str(child.attrs["href"]), line)}, []))
            elif child.type.removesuffix("_open") in _KINDS:
                stack.append(({"kind": _KINDS[child.type.removesuffix("_open")]}, []))
            elif child.type.endswith("_close"):
                node, inner = stack.pop()
                assert node is not None, "the parser closes what it has opened"
                stack[-1][1].append({**node, "content": inner})
            else:
                reason = f"{child.type.replace('_', ' ')} has no place in prose"
                raise refusal(
                    child.content, reason, "Use plain words; HTML and pictures are not taken.", line
                )
        return stack[0][1]

    def _check(self, text: str, line: int) -> None:
        found = None if self._typed else _TYPED.search(text)
        if found:
            remedy = (
                f"Write `= …`: a part of the state, or a name that the stage block gives: many = {found[0]}."
            )
            raise refusal(found[0], "a number in prose is computed and not typed", remedy, line)

    def _code(self, text: str, line: int) -> Json:
        if found := _VALUE.fullmatch(text):
            role, written = found.groups()
            value = self.computed(written, line)
            return {"kind": "value", "text": value, **({"role": role} if role else {})}
        if found := _ROLE.fullmatch(text):
            return {"kind": "role", "role": found[1], "text": found[2]}
        return {"kind": "code", "text": text}

    def computed(self, written: str, line: int) -> str:
        """The value of an expression as text; raises Unreadable at its line."""
        try:
            return text_of(read_expression(written).value(self._names))
        except Faulty as fault:
            raise refusal(written, fault.reason, fault.remedy, line, fault.column + 1) from None
        except Problem as problem:
            raise refusal(written, problem.reason, problem.remedy, line) from None
        except ValueError as error:
            remedy = "Use round(…), one cell, or a shape."
            raise refusal(written, f"this cannot be written in prose: {error}", remedy, line) from None


LISTED = frozenset(
    ("list_item_open", "list_item_close", "paragraph_open", "paragraph_close", "inline", "bullet_list_close")
)


def _closing(tokens: Sequence[Token], index: int) -> int:
    """Where what a token opens is closed."""
    depth = 0
    for at in range(index, len(tokens)):
        depth += tokens[at].nesting
        if depth == 0:
            return at
    return len(tokens) - 1


def _append(content: Inline, text: str) -> None:
    if content and isinstance(content[-1], str):
        content[-1] += text
    elif text:
        content.append(text)


def _target(href: str, line: int) -> Json:
    """Where a link leads: to a state, or to a page of this server."""
    if href.startswith("#v"):
        try:
            read_link(href)
        except Problem as problem:
            raise refusal(href, problem.reason, problem.remedy, line) from None
        return {"fragment": href}
    if href.partition("#")[0] in PAGES:
        return {"page": href}
    remedy = f"Lead to a state, #v1&…, or to {', '.join(PAGES)}."
    raise refusal(href, "a lesson leads to no other place", remedy, line)


def plain_text(content: Inline) -> str:
    """Inline prose as text alone."""
    return "".join(
        one if isinstance(one, str) else one.get("text") or plain_text(one.get("content", []))
        for one in content
    )
