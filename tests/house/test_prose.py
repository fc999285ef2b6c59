"""Comments, docstrings and words are sentences that say who does what."""

from __future__ import annotations

import pytest

from tests.house.files import ROOT, programs
from tests.house.prose import sentences_that_begin_with_what

FOLDERS = ("app", "static/js", "static/css", "templates", "tests", "docs", "tools", "benchmarks")
ENDINGS = (".py", ".js", ".ts", ".css", ".html", ".md")
# The rule itself and its examples; titles of lessons are questions cut short.
NOT_READ = ("tests/house/prose.py", "tests/house/test_prose.py", "app/lessons/texts/")
TITLES = [
    path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
    for path in (ROOT / "app/lessons/texts").glob("*.md")
]


def texts() -> list[tuple[str, str]]:
    """Every file that a person reads, without the titles of lessons."""
    pages = [(path.name, path.read_text(encoding="utf-8")) for path in ROOT.glob("*.md")]
    found = [one for one in (*programs(*FOLDERS, endings=ENDINGS), *pages) if not one[0].startswith(NOT_READ)]
    for title in TITLES:
        found = [(path, text.replace(title, "")) for path, text in found]
    return found


def test_no_sentence_begins_with_what_as_a_noun() -> None:
    found = texts()
    assert {path.partition("/")[0] for path, _ in found} > {
        "app",
        "static",
        "docs",
        "README.md",
        "CONTRIBUTING.md",
    }
    assert sentences_that_begin_with_what(found) == []


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
