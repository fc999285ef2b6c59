"""Losses and optimisers against what PyTorch computed, and against differences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.core.learning.examples import targets
from app.core.learning.losses import LOSSES
from app.core.learning.optimisers import OPTIMISERS, Settings, State, clipped, update

from ...frameworks.learning import FILE, LABELS, START, gradient, outputs

Json = dict[str, Any]
RECORDED: Json = json.loads(Path(FILE).read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", RECORDED["optimisers"], ids=lambda case: json.dumps(case["settings"]))
def test_an_optimiser_goes_where_pytorch_goes(case: Json) -> None:
    row, state, how = np.array(START), State(), Settings(**case["settings"])
    for step, expected in enumerate(case["rows"]):
        update(row, gradient(step), state, how)
        np.testing.assert_allclose(row, expected, rtol=1e-9, atol=1e-12)


def test_every_optimiser_was_asked_about() -> None:
    assert {case["settings"]["kind"] for case in RECORDED["optimisers"]} == set(OPTIMISERS)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_a_loss_and_its_gradient_are_those_of_pytorch(name: str) -> None:
    loss, output = LOSSES[name], outputs()
    value, back = loss.of(output.copy(), targets(loss, np.array(LABELS), 3, 3, "float64"))
    assert value == pytest.approx(RECORDED["losses"][name]["value"], rel=1e-9)
    np.testing.assert_allclose(back, RECORDED["losses"][name]["gradient"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_the_gradient_of_a_loss_is_what_differences_say(name: str) -> None:
    loss = LOSSES[name]
    rng = np.random.default_rng(0)
    output, target = rng.normal(size=(3, 5)), targets(loss, rng.integers(0, 3, 5), 3, 3, "float64")
    _, back = loss.of(output.copy(), target)
    for place in np.ndindex(output.shape):
        ahead, behind = output.copy(), output.copy()
        ahead[place] += 1e-6
        behind[place] -= 1e-6
        change = (loss.of(ahead, target)[0] - loss.of(behind, target)[0]) / 2e-6
        assert back[place] == pytest.approx(change, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_huge_outputs_leave_a_loss_finite(name: str) -> None:
    loss = LOSSES[name]
    output = np.array([[1e4, -1e4], [-1e4, 1e4]], np.float32)
    value, back = loss.of(output, targets(loss, np.array([1, 1]), 2, 2, "float32"))
    assert np.isfinite(value)
    assert np.isfinite(back).all()


def test_clipping_keeps_the_direction_and_bounds_the_norm() -> None:
    row = np.array([3.0, 4.0])
    assert clipped(row, None) == 5
    assert clipped(row, 10) == 5
    np.testing.assert_array_equal(row, [3, 4])
    assert clipped(row, 1) == 5
    np.testing.assert_allclose(row, [0.6, 0.8], rtol=1e-5)


def test_a_copy_of_a_state_is_not_changed_by_later_steps() -> None:
    row, state, how = np.ones(3), State(), Settings("adam", 0.1)
    update(row, np.ones(3), state, how)
    kept, at = state.copy(), row.copy()
    update(row, np.ones(3), state, how)
    ahead = row.copy()
    row[...] = at
    update(row, np.ones(3), kept, how)
    np.testing.assert_array_equal(row, ahead)
