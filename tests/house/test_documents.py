"""Documents name tests, files and pages that exist, and number what they say they number."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.house.files import ROOT

REGRESSIONS = ROOT / "tests" / "regressions.md"
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), REGRESSIONS, ROOT / "benchmarks" / "README.md"]
)
NAMED_TEST = re.compile(r"`(tests/[\w/.]+)::([^`]+)`")
NAMED_FILE = re.compile(r"`((?:app|static|templates|tests|tools|deploy|benchmarks|docs)/[\w./-]*\w)`")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[\w-]*)?\)")


def names_of_tests(path: Path) -> set[str]:
    """The names of the tests of a Python or a Node file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
    return set(re.findall(r'^\s*test\(\s*"([^"]+)"', text, re.MULTILINE))


def missing_tests(text: str, root: Path = ROOT) -> list[str]:
    """The tests that a document names and that do not exist."""
    return [
        f"{path} has no test {name}"
        for path, name in NAMED_TEST.findall(text)
        if not (root / path).is_file() or name not in names_of_tests(root / path)
    ]


def missing_files(text: str, root: Path = ROOT) -> list[str]:
    """The files and folders that a document names and that do not exist."""
    return [f"{path} does not exist" for path in NAMED_FILE.findall(text) if not (root / path).exists()]


def broken_links(path: Path, text: str) -> list[str]:
    """The relative links of a document that lead nowhere."""
    return [f"{path.name} links to {to}" for to in LINK.findall(text) if not (path.parent / to).exists()]


def rows(text: str, heads: Iterable[str] = ("kind of fault", "---")) -> list[list[str]]:
    """The cells of every row of every table, heads left out."""
    found = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [row for row in found if row[0].strip() not in heads]


def test_each_regression_has_a_kind_a_source_and_a_test() -> None:
    found = rows(REGRESSIONS.read_text(encoding="utf-8"))
    assert len(found) > 50
    for row in found:
        assert len(row) == 3, row
        assert all(cell.strip() for cell in row), row
        assert NAMED_TEST.search(row[2]), row


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_names_only_what_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert missing_tests(text) == []
    assert missing_files(text) == []
    assert broken_links(path, text) == []


def test_a_name_of_nothing_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_a.py").write_text("def test_one() -> None: ...\n")
    (tmp_path / "tests/a.test.js").write_text('test("one thing holds", () => {});\n')
    good = "`tests/test_a.py::test_one`, `tests/a.test.js::one thing holds`, `tests/test_a.py`, `app/core/<name>.py`"
    assert missing_tests(good, tmp_path) == missing_files(good, tmp_path) == []
    assert missing_tests("`tests/test_a.py::test_two` `tests/b.py::test_one`", tmp_path) == [
        "tests/test_a.py has no test test_two",
        "tests/b.py has no test test_one",
    ]
    assert missing_files("see `app/gone.py`", tmp_path) == ["app/gone.py does not exist"]
    page = tmp_path / "a.md"
    assert broken_links(page, "[one](tests/test_a.py), [two](tests#top), [x](https://a.b)") == []
    assert broken_links(page, "[three](gone.md)") == ["a.md links to gone.md"]


DECISION = re.compile(r"^- \*\*(\d+) · (\d{4}-\d\d-\d\d)\b", re.MULTILINE)


def misnumbered(texts: Iterable[str]) -> list[str]:
    """Entries without number and date, and numbers that two decisions have or none."""
    found = list(texts)
    numbers = sorted(int(number) for text in found for number, _ in DECISION.findall(text))
    entries = sum(len(re.findall(r"^- \*\*", text, re.MULTILINE)) for text in found)
    offences = (
        [] if entries == len(numbers) else [f"{entries - len(numbers)} decisions have no number and date"]
    )
    twice = {number for number, after in itertools.pairwise(numbers) if number == after}
    return offences + [f"two decisions have the number {number}" for number in sorted(twice)]


def test_each_decision_has_a_number_of_its_own_and_a_date() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "decisions").glob("*.md")]
    assert sum(len(DECISION.findall(text)) for text in texts) > 150
    assert misnumbered(texts) == []


def test_a_decision_without_a_number_is_noticed() -> None:
    one = "- **1 · 2026-11-23 · It is so.** Because.\n"
    assert misnumbered([one, "- **2 · 2026-11-23 · And so.**\n"]) == []
    assert misnumbered([one, one]) == ["two decisions have the number 1"]
    assert misnumbered([one, "- **It is so.** Because.\n"]) == ["1 decisions have no number and date"]
