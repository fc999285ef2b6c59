"""The language of comments, docstrings and strings: a rule takes programs and returns its offences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tests.house.rooms import Program

# At the beginning of a line, of a comment, of a string, or behind the end of a sentence.
BEGINNING = re.compile(r"(?:^[ \t]*|[\"'`#/*][ \t]*|[.:] )What [a-z]", re.MULTILINE)
END = re.compile(r"[.?!]")


def sentences_that_begin_with_what(programs: Iterable[Program]) -> list[str]:
    """A sentence says who does what: "What the page shows" is a riddle, "The page shows" is not. Questions are."""
    return [f"{path}:{line}: {words}" for path, text in programs for line, words in _offences(text)]


def _offences(text: str) -> Iterator[tuple[int, str]]:
    for found in BEGINNING.finditer(text):
        end = END.search(text, found.end())
        if end is None or end.group() != "?":
            start = found.end() - len("What x")
            yield text.count("\n", 0, start) + 1, text[start : start + 50].split("\n", maxsplit=1)[0]
