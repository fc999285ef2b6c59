"""The threat model names a test for each of its lines, and each of those tests is there."""

from __future__ import annotations

import ast
import re

from .files import ROOT

DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def lines() -> list[list[str]]:
    """The cells of every line of every table, heads left out."""
    rows = [line.strip("|").split("|") for line in DOCUMENT.splitlines() if line.startswith("|")]
    return [row for row in rows if row[0].strip() not in ("danger", "---")]


def test_each_danger_has_a_measure_and_a_test() -> None:
    assert len(lines()) > 30
    for row in lines():
        assert len(row) == 3, row
        assert all(cell.strip() for cell in row), row
        assert NAMED.search(row[2]), row


def test_each_test_that_is_named_is_there() -> None:
    for path, name in NAMED.findall(DOCUMENT):
        defined = {
            node.name
            for node in ast.walk(ast.parse((ROOT / path).read_text()))
            if isinstance(node, ast.FunctionDef)
        }
        assert name in defined, f"{path} has no {name}"
