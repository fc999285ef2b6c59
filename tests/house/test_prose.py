"""Comments, docstrings and words are sentences that say who does what, in each room that is clean."""

from __future__ import annotations

import pytest

from tests.house.files import ROOT
from tests.house.prose import CLEAN, sentences_that_begin_with_what


def programs() -> list[tuple[str, str]]:
    found = [
        path
        for room in CLEAN
        for ending in ("*.py", "*.js", "*.d.ts")
        for path in (ROOT / room).rglob(ending)
    ]
    return [(path.relative_to(ROOT).as_posix(), path.read_text()) for path in sorted(set(found))]


def test_clean_rooms_stay_clean() -> None:
    assert {room for room in CLEAN if any(path.startswith(room) for path, _ in programs())} == set(CLEAN)
    assert sentences_that_begin_with_what(programs()) == []


@pytest.mark.parametrize(
    "text",
    [
        '"""What the page shows: a layer."""',
        "// What a person chose, as text.",
        "/** What is wrong. @returns {Problem} */",
        " * What follows\n * from this.",
        'Field(description="What changes there.")',
        "# It is kept. What was there before goes.",
    ],
)
def test_a_sentence_that_begins_with_what_is_noticed(text: str) -> None:
    assert len(sentences_that_begin_with_what([("a.py", text)])) == 1


@pytest.mark.parametrize(
    "text", ["// What is it? A layer.", "// It says what it does.", 'ask("What does a\n  step read?")']
)
def test_questions_and_other_sentences_are_none(text: str) -> None:
    assert sentences_that_begin_with_what([("a.py", text)]) == []
