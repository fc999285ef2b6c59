"""Names of files, functions and variables say what they hold; and the rule notices those that do not."""

from __future__ import annotations

import pytest

from tests.house.files import programs
from tests.house.names import vague_names

PYTHON = list(programs("app", "tests", "tools", "benchmarks", endings=(".py",)))
PAGE = list(programs("static/js", "tests/js", endings=(".js", ".ts")))


def test_names_say_what_they_hold() -> None:
    assert PYTHON
    assert PAGE
    assert vague_names(PYTHON + PAGE) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/a.py", "told = answer.json()"),
        ("app/a.py", "def told() -> None: ..."),
        ("app/a.py", "def send(told: str) -> None: ..."),
        ("app/a.py", "print(bundle.told)"),
        ("app/a.py", "from .a import b as told"),
        ("static/js/door.js", "export const a = 1;"),
        ("tests/python/test_looked.py", "a = 1"),
        ("static/js/a.js", "const told = await answer.json();"),
        ("static/js/a.js", "page.doors.take(files);"),
    ],
)
def test_a_name_that_says_nothing_is_noticed(path: str, text: str) -> None:
    assert len(vague_names([(path, text)])) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "app/a.py",
            'def test_a_refusal_is_told() -> None:\n    """It is told."""\n    words = "told"  # as told',
        ),
        ("static/js/a.js", '// It is told.\nconst words = { "told": `told ${1}` };'),
    ],
)
def test_words_of_a_sentence_are_none(path: str, text: str) -> None:
    assert vague_names([(path, text)]) == []
