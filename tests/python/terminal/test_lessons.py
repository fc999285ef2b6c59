"""Lessons on the command line: the checker tells the line at fault, and a handout is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.lessons.library import OWN
from app.terminal.cli import main

FIRST = next(OWN.glob("01-*.md"))


def test_the_checker_counts_steps_and_tells_the_line_at_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lessons", "check", "--keys", str(FIRST)]) == 0
    printed = capsys.readouterr().out
    assert "7 steps, 4 questions" in printed
    assert "4: right" in printed
    text = FIRST.read_text(encoding="utf-8").replace("key: output[0, 0, 1]", "key: output[0, 0, 7]")
    broken = tmp_path / "broken.md"
    broken.write_text(text, encoding="utf-8")
    assert main(["lessons", "check", str(FIRST), str(broken)]) == 1
    line = text.split("\n").index("key: output[0, 0, 7]") + 1
    assert f"{broken}:{line}:" in capsys.readouterr().err


def test_a_handout_is_written(tmp_path: Path) -> None:
    assert main(["lessons", "handout", str(FIRST), "-o", str(tmp_path / "one.pdf")]) == 0
    assert (tmp_path / "one.pdf").read_bytes().startswith(b"%PDF")
    assert main(["lessons", "handout", str(tmp_path / "none.md"), "-o", str(tmp_path / "two.pdf")]) == 1
