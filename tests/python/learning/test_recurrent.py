"""The recurrent layer: PyTorch's numbers, differences, its start, and gradients that fade or grow with the lag."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.learning.loop import How
from app.core.learning.optimisers import settings_of
from app.core.learning.recurrent import Recurrence, RecurrentTraining, Tensors, backward, forward, started
from app.core.learning.sequences import examples_of
from app.data.series import SeasonsData, drawn
from tests.frameworks import recurrent as recording

HOW = Recurrence(recording.HIDDEN)


def test_outputs_and_gradients_are_those_of_pytorch() -> None:
    answer: dict[str, Any] = json.loads(recording.FILE.read_text())
    row, x = recording.row(), recording.inputs()
    output, states = forward(row, HOW, x)
    np.testing.assert_allclose(output, answer["output"], atol=1e-12)
    gradient, to_input = backward(row, HOW, x, states, recording.upstream())
    np.testing.assert_allclose(gradient, answer["gradient"], atol=1e-12)
    np.testing.assert_allclose(to_input, answer["input"], atol=1e-12)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 6), st.integers(1, 3), st.booleans())
def test_gradients_are_differences(seed: int, hidden: int, steps: int, count: int, linear: bool) -> None:
    rng = np.random.default_rng(seed)
    how = Recurrence(hidden, 0.9, linear)
    row, x = started(how, seed, "float64"), rng.normal(size=(steps, count))
    upstream = rng.normal(size=(steps, count))
    _, states = forward(row, how, x)
    found = np.concatenate([one.ravel() for one in backward(row, how, x, states, upstream)])
    both = np.concatenate([row, x.ravel()])

    def value(given: Any) -> float:
        return float(
            (forward(given[: how.size], how, given[how.size :].reshape(x.shape))[0] * upstream).sum()
        )

    small = 1e-6
    ways = np.eye(len(both)) * small
    differences = [(value(both + way) - value(both - way)) / (2 * small) for way in ways]
    np.testing.assert_allclose(found, differences, rtol=1e-5, atol=1e-6)


@given(st.integers(0, 2**32 - 1), st.integers(1, 32), st.floats(0, 2))
def test_the_matrix_starts_with_the_spectral_radius_that_is_asked_for(
    seed: int, hidden: int, radius: float
) -> None:
    matrix = Tensors.of(started(Recurrence(hidden, radius), seed, "float64"), hidden).hidden
    assert np.abs(np.linalg.eigvals(matrix)).max() == pytest.approx(radius, abs=1e-9)


def lone(radius: float, *, linear: bool) -> Any:
    """The gradient at each lag of a layer that has just started."""
    series = drawn(SeasonsData(kind="seasons", length=220, held=20), 0)
    settings = Recurrence(16, radius, linear)
    training = RecurrentTraining(examples_of(series), settings, How("mean_squared_error"), "float64")
    return training.lags(training.examples.validation.x)


def test_without_tanh_the_gradient_is_at_most_a_power_of_the_radius_and_grows_as_it_does() -> None:
    """|v Wⁿ u| ≤ |v| |u| radiusⁿ, since W is a rotation times the radius."""
    for radius in (0.8, 1.0, 1.2):
        found = lone(radius, linear=True)
        steps = np.arange(len(found))
        own = Tensors.of(started(Recurrence(16, radius, linear=True), 0, "float64"), 16)
        most = np.linalg.norm(own.out) * np.linalg.norm(own.into)
        assert (found <= most * radius**steps * (1 + 1e-9)).all()
        peak = (found / radius**steps)[-40:].max()
        assert peak > 0.05 * most, "its size follows the power, however far back"


def test_tanh_makes_the_gradient_fade() -> None:
    fading, at_one = lone(0.8, linear=False), lone(1.0, linear=False)
    assert fading[64] < 1e-6 * fading[0]
    assert at_one[64] < at_one[0]


def test_it_learns_and_clipping_bounds_its_steps() -> None:
    series = drawn(SeasonsData(kind="seasons", length=120, held=20), 0)
    how = How("mean_squared_error", settings_of("adam", 0.02, clip=1.0), 16, 0)
    one = RecurrentTraining(examples_of(series), Recurrence(8), how)
    first = one.train()
    for _ in range(40):
        last = one.train()
    assert last < 0.5 * first
    assert one.step == 41
    assert one.outputs(one.examples.validation.x).shape == (series.window, 20)


def test_the_same_seed_gives_the_same_numbers() -> None:
    series = drawn(SeasonsData(kind="seasons", length=100, held=20), 0)
    rows = []
    for seed in (1, 1, 2):
        how = How("mean_squared_error", settings_of("adam", 0.01), 8, seed)
        one = RecurrentTraining(examples_of(series), Recurrence(4), how)
        one.train()
        rows.append(one.row)
    np.testing.assert_array_equal(rows[0], rows[1])
    assert (rows[0] != rows[2]).any()
