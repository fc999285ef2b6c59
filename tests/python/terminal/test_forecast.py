"""Forecasts on the command line and in notebooks: a table in, words and figures out, refusals in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import app as convscope
from app.terminal.cli import main

ROWS = "".join(f"2024-01-{day:02d},{10 + day % 7}\n" for day in range(1, 32))


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CONVSCOPE_UPLOADS", str(tmp_path / "kept"))
    file = tmp_path / "sales.csv"
    file.write_text(f"day,sales\n{ROWS}", encoding="utf-8")
    return file


def test_a_table_is_forecast_and_drawn(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = table.parent
    outputs = [f for name in ("f.svg", "f.json", "f.png") for f in ("-o", str(folder / name))]
    status = main(["forecast", str(table), "--horizon", "7", "-q", "--lags", str(folder / "l.svg"), *outputs])
    printed = capsys.readouterr().out
    assert status == 0
    assert (
        "sales: 31 steps, the last 6 held back. The network has 713 parameters and sees 64 steps" in printed
    )
    assert "7 steps before 0" in printed
    drawn = (folder / "f.svg").read_text(encoding="utf-8")
    for word in ("now", "network", "naive", "7 steps before"):
        assert word in drawn
    assert "steps back" in (folder / "l.svg").read_text(encoding="utf-8")
    assert (folder / "f.png").read_bytes().startswith(b"\x89PNG")
    answer = json.loads((folder / "f.json").read_text(encoding="utf-8"))
    assert len(answer["network"]["beyond"]) == 7


def test_what_cannot_be_forecast_is_refused_in_one_line(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["forecast", str(table), "--column", "wind", "-q"]) == 1
    assert "the table has no such column" in capsys.readouterr().err
    table.write_text("day,sales\n1,2\n2,x\n3,4\n", encoding="utf-8")
    assert main(["forecast", str(table), "-q"]) == 1
    assert "line 3, column sales" in capsys.readouterr().err
    assert main(["forecast", str(table), "-o", "x.gif"]) == 2


def test_a_notebook_shows_a_forecast(table: Path) -> None:
    found = convscope.forecast(table, horizon=5, steps=5, recurrent={"hidden": 3})
    assert len(found.values) == 5
    shown = found._repr_html_()
    assert "<svg" in shown
    assert "recurrent layer" in found.words()
    drawn = convscope.forecast({"kind": "seasons", "length": 100, "held": 20}, steps=3)
    assert drawn.answer["series"]["count"] == 100
