"""Names that say nothing of what they hold: a rule takes programs and returns its offences."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from tests.house.files import without_comments
from tests.house.python_rules import tree_of
from tests.house.rooms import Program

# Each of these stood for answers, messages, problems, buttons and counts alike.
VAGUE = frozenset(("told", "looked", "door", "doors", "telling", "spelling", "settling", "sofar"))
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`')
WORD = re.compile(r"(?<![\w$])(?:" + "|".join(sorted(VAGUE)) + r")(?![\w$])")


def vague_names(programs: Iterable[Program]) -> list[str]:
    """A name says what it holds, in files, functions, attributes and variables: answer, message, problem, button."""
    offences = []
    for path, text in programs:
        if (stem := PurePath(path).name.partition(".")[0].removeprefix("test_")) in VAGUE:
            offences.append(f"{path}: {stem} says nothing of what it holds")
        if not WORD.search(text):
            continue
        found = _in_python(text) if path.endswith(".py") else _in_page(text)
        offences += [f"{path}:{line}: {name} says nothing of what it holds" for line, name in found]
    return offences


def _in_python(text: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree_of(text)):
        for name in (getattr(node, field, None) for field in ("id", "arg", "attr", "name", "asname")):
            if isinstance(name, str) and name in VAGUE:
                yield getattr(node, "lineno", 1), name


def _in_page(text: str) -> Iterator[tuple[int, str]]:
    bare = STRING.sub(lambda found: '""' + "\n" * found[0].count("\n"), without_comments(text))
    for found in WORD.finditer(bare):
        yield bare.count("\n", 0, found.start()) + 1, found[0]
