"""Networks in a terminal and in a notebook."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import app as convscope
from app.core.errors import Problem
from app.terminal.cli import main

LAYERS = [
    {"operation": "convolution", "kernel": 3, "filters": 8, "padding": "same", "activation": "relu"},
    {"operation": "max_pooling", "kernel": 2, "name": "pool"},
    {"operation": "convolution", "kernel": 3, "filters": 4, "padding": [[2, 0], [1, 1]], "name": "low"},
    {"operation": "convolution", "kernel": 1, "inputs": ["pool", "low"], "name": "both"},
]


def test_a_networks_plan_is_a_table_with_receptive_fields(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "network.json"
    for content in ({"layers": LAYERS, "weights": {"*": {"kind": "preset"}}}, LAYERS):
        file.write_text(json.dumps(content), encoding="utf-8")
        assert main(["plan", str(file), "--input", "3x224x224"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].split() == "layer operation reads output parameters multiply-adds sees jump".split()
        assert lines[1].split() == "conv1 convolution input 8×224×224 216 10,838,016 3×3 1×1".split()
        assert lines[3].split()[:4] == ["low", "convolution", "pool", "4×112×112"]
        assert lines[6].startswith("516 parameters, ")
        assert lines[7] == "both: pool and low see cells that lie -2×0 apart."


def test_a_network_in_a_notebook_plans_runs_and_shows_itself() -> None:
    net = convscope.network([convscope.layer(kernel=2), LAYERS[1]])
    plan = net.plan((1, 5, 5))
    assert plan.output_shape == (1, 2, 2)
    assert "pool" in str(plan)
    assert "<table" in plan._repr_html_()
    assert "pool" in net._repr_html_()
    x = np.arange(25.0).reshape(5, 5)
    first = net(x, "box", layer="conv1").output
    np.testing.assert_allclose(first[0, 0], [3, 4, 5, 6])
    np.testing.assert_allclose(net(x, {"*": "box"}).output, first.reshape(1, 2, 2, 2, 2).max(axis=(2, 4)))
    np.testing.assert_allclose(net(x, {"conv1": np.ones((1, 1, 2, 2))}).output, 4 * net(x, "box").output)


def test_what_is_no_network_is_refused_in_a_notebook() -> None:
    for wrong in ([], [{"operation": "none"}], [{"operation": "dense", "inputs": ["a"]}]):
        with pytest.raises(Problem):
            convscope.network(wrong)
    with pytest.raises(Problem, match="no layer has this name"):
        convscope.network(LAYERS)(np.ones((3, 8, 8)), {"nobody": "box"})
