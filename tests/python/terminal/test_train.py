"""Training from the command line and in a notebook: what is printed, what is written, what is refused."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import app
from app.core.errors import Problem
from app.data.bundle import safetensors_bytes
from app.data.own import bundled
from app.figures.drawing.marks import Lines, Text, flat
from app.figures.drawing.themes import THEMES
from app.figures.layout.curve import curve, round_steps
from app.terminal.cli import main
from app.web.http.training import EXAMPLE_TRAIN


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CONVSCOPE_UPLOADS", str(tmp_path / "uploads"))
    return tmp_path


def experiment(folder: Path, **changes: Any) -> str:
    file = folder / "experiment.json"
    file.write_text(json.dumps({**EXAMPLE_TRAIN, **changes}), encoding="utf-8")
    return str(file)


def test_an_experiment_writes_parameters_curve_and_all_that_was_told(
    uploads: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["p.npz", "p.safetensors", "curve.svg", "curve.png", "told.json"]
    outputs = [part for name in names for part in ("-o", str(uploads / name))]
    assert main(["train", experiment(uploads, steps=40), *outputs]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("40 training steps, seed 0. 100.0% of 100 examples trained on are right")
    assert "Best at training step" in printed
    with np.load(uploads / "p.npz", allow_pickle=False) as arrays:
        assert arrays["conv1.weight"].shape == (4, 1, 3, 3)
    assert (uploads / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert "validation" in (uploads / "curve.svg").read_text(encoding="utf-8")
    answer = json.loads((uploads / "told.json").read_text(encoding="utf-8"))
    assert answer[-1]["type"] == "end"


def test_every_message_is_printed_as_a_line_where_that_is_asked_for(
    uploads: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", experiment(uploads), "--json"]) == 0
    answer = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["type"] for one in answer] == ["step", "step", "step", "end"]


def test_a_file_of_the_page_brings_the_own_examples_that_it_names(
    uploads: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawings = [np.full((1, 5, 5), 0.2 * at % 1, np.float32) + np.eye(5, dtype=np.float32) for at in range(8)]
    held = safetensors_bytes(bundled(drawings, ["X", "O"] * 4))
    changes = {"data": {"kind": "stored", "id": "e" * 64}, "bundles": {"e" * 64: b64encode(held).decode()}}
    layers = [{"operation": "dense", "filters": 2, "bias": True, "name": "votes"}]
    assert main(["train", experiment(uploads, **changes, layers=layers), "--json"]) == 0
    messages = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert messages[-1]["classes"] == ["X", "O"]
    changes["bundles"] = {}
    assert main(["train", experiment(uploads, **changes, layers=layers)]) == 1
    assert "does not have this bundle" in capsys.readouterr().err


def test_a_refusal_is_one_line_and_a_misspelt_ending_is_told_before_any_work(
    uploads: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", experiment(uploads, steps=-1)]) == 1
    assert capsys.readouterr().err.startswith("convscope: steps = -1: ")
    assert main(["train", experiment(uploads), "-o", "out.gif"]) == 2
    assert "train writes .npz, .safetensors, .svg" in capsys.readouterr().err
    assert main(["train", str(uploads / "nothing.json")]) == 1


def test_a_notebook_trains_and_shows_the_curve(uploads: Path) -> None:
    trained = app.train({**EXAMPLE_TRAIN, "steps": 30})
    assert trained.parameters["votes.bias"].shape == (2,)
    assert trained.reports[-1]["step"] == 30
    shown = trained._repr_html_()
    assert "<svg" in shown
    assert "30 training steps" in shown
    with pytest.raises(Problem, match="the loss reads 2 outputs"):
        app.train({**EXAMPLE_TRAIN, "layers": EXAMPLE_TRAIN["layers"][:1]})


def test_a_curve_has_a_line_for_each_loss_and_leaves_out_what_is_not_finite() -> None:
    reports: list[dict[str, float | None]] = [
        {"step": 0, "loss": None, "training_loss": 2.0, "validation_loss": 2.5},
        {"step": 10, "loss": 1.5, "training_loss": 1.0, "validation_loss": 1.5},
        {"step": 20, "loss": float("nan"), "training_loss": 0.5, "validation_loss": 1.0},
    ]
    figure = curve(reports, THEMES["light"])
    texts = [mark.text for mark in flat(figure.marks) if isinstance(mark, Text)]
    assert {"training", "validation", "loss", "training step"} <= set(texts)
    assert "as trained" not in texts  # one point is no line
    for mark in flat(figure.marks):
        if isinstance(mark, Lines):
            for segment in mark.segments:
                for x, y in segment:
                    assert 0 <= x <= figure.width
                    assert 0 <= y <= figure.height


@pytest.mark.parametrize(
    ("most", "expected"),
    [(0.0, [0, 1]), (1.0, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (7, [0, 2, 4, 6, 8]), (300, [0, 100, 200, 300])],
)
def test_ticks_are_round_numbers(most: float, expected: list[float]) -> None:
    assert round_steps(most) == pytest.approx(expected)
