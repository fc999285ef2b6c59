"""Forecasts and memory: what a network is asked with, what the naive ones say, and how far back its output depends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Unfit
from app.core.learning.forecasts import apparent_of, forecast_of, honest_on, naive_of
from app.core.learning.loop import How, Training
from app.core.learning.memory import lags_of, memory_of
from app.core.learning.optimisers import settings_of
from app.core.learning.sequences import Series, examples_of, one_step, period_of, rolled
from app.core.learning.starts import start_row
from app.data.series import BurstsData, SeasonsData, drawn

from ..network.nets import shapes

Layers = list[dict[str, Any]]


def stack(padding: str, dilations: tuple[int, ...] = (1, 2, 4), kernel: int = 2) -> Layers:
    """A stack of dilated convolutions with a value a step."""
    layers: Layers = [
        {
            "operation": "convolution",
            "kernel": kernel,
            "dilation": dilation,
            "filters": 4,
            "padding": padding,
            "bias": True,
            "activation": "relu",
        }
        for dilation in dilations
    ]
    return [*layers, {"operation": "convolution", "kernel": 1, "filters": 1, "bias": True}]


def ramp(length: int = 60, held: int = 12, window: int = 10, ahead: int = 1) -> Series:
    """A series that is its step."""
    ones = np.ones(length)
    return Series("ramp", np.arange(length, dtype=np.float64), ones > 0, ones, held, window, ahead)


def following(series: Series) -> Any:
    """A network that says: the last value, and what a step adds for each step that it is asked ahead."""
    return lambda windows: windows[:, 0].T + series.ahead / series.scale


@given(st.integers(1, 6), st.integers(1, 48))
def test_a_network_that_knows_the_step_follows_a_ramp_for_ever(ahead: int, horizon: int) -> None:
    series = ramp(ahead=ahead)
    found = forecast_of(following(series), series, horizon)
    np.testing.assert_allclose(found.one_step, np.arange(48, 60))
    np.testing.assert_allclose(found.rolled, np.arange(48, 48 + min(12, horizon)))
    np.testing.assert_allclose(found.beyond, np.arange(60, 60 + horizon))
    assert found.one_step_error == pytest.approx(0, abs=1e-18)


def test_no_forecast_has_seen_what_comes_after_it() -> None:
    series = drawn(SeasonsData(kind="seasons", length=100, held=20, window=30), 0)
    seen: list[Any] = []

    def ask(windows: Any) -> Any:
        seen.append(series.restored(windows[:, 0]))
        return windows[:, 0].T

    one_step(ask, series, 80, 100)
    for place, window in enumerate(seen[0]):
        np.testing.assert_allclose(window, series.values[50 + place : 80 + place])
    seen.clear()
    rolled(ask, series, 80, 5)
    np.testing.assert_allclose(seen[0][0], series.values[50:80])
    np.testing.assert_allclose(seen[3][0], [*series.values[53:80], *[series.values[79]] * 3])


def test_the_naive_ones_repeat_the_last_value_and_the_last_season() -> None:
    series = ramp()
    last = naive_of(series, 24)
    np.testing.assert_array_equal(last.one_step, np.arange(47, 59))
    np.testing.assert_array_equal(last.rolled, [47] * 12)
    np.testing.assert_array_equal(last.beyond, [59] * 24)
    assert last.one_step_error == 1
    season = naive_of(series, 24, 5)
    np.testing.assert_array_equal(season.one_step, np.arange(43, 55))
    np.testing.assert_array_equal(season.rolled, [*range(43, 48), *range(43, 48), 43, 44])
    assert season.one_step_error == 25


@pytest.mark.parametrize("period", [5, 7, 12, 24, 52])
def test_the_season_of_a_series_is_found(period: int) -> None:
    steps = np.arange(8 * period, dtype=np.float64)
    rng = np.random.default_rng(period)
    sine = 0.05 * steps + np.sin(2 * np.pi * steps / period) + rng.normal(0, 0.2, len(steps))
    peaks = np.where(steps % period < max(1, period // 4), 3.0, 0.0)
    peaks += rng.normal(0, 0.2, len(steps))
    assert period_of(sine) == period
    assert period_of(peaks) == period
    assert period_of(0.5 * steps) == 1


MEMORIES = [
    (stack("causal", (1, 2, 4, 8, 16, 32)), 64, 63, 0, 63, 7),
    (stack("same", (1, 2, 4, 8, 16, 32)), 64, 31, 32, 31, 7),
    (stack("valid"), 8, 7, 0, 0, 4),
    (stack("same", (1, 2), kernel=3), 7, 3, 3, 3, 3),
]


@pytest.mark.parametrize(("layers", "size", "past", "future", "padded", "depth"), MEMORIES)
def test_a_network_sees_so_many_steps_of_past_and_future(
    layers: Layers, size: int, past: int, future: int, padded: int, depth: int
) -> None:
    found = memory_of(shapes(layers, (1, 100)))
    assert (found.size, found.past, found.future) == (size, past, future)
    assert (found.padded, found.depth) == (padded, depth)


def test_blocks_of_two_convolutions_with_a_skip_see_631_steps() -> None:
    """r = 1 + 2 (k − 1) Σd over all stacks: keras-tcn's kernel 6, dilations 1 to 32, one stack."""
    layers: Layers = []
    before = "input"
    for dilation in (1, 2, 4, 8, 16, 32):
        block = [
            {
                "operation": "convolution",
                "name": f"conv{dilation}{part}",
                "inputs": [before if part == "a" else f"conv{dilation}a"],
                "kernel": 6,
                "dilation": dilation,
                "filters": 1,
                "padding": "causal",
            }
            for part in "ab"
        ]
        layers += [
            *block,
            {"operation": "add", "name": f"skip{dilation}", "inputs": [before, f"conv{dilation}b"]},
        ]
        before = f"skip{dilation}"
    found = memory_of(shapes(layers, (1, 800)))
    assert (found.size, found.past, found.future) == (631, 630, 0)
    assert found.verdict(24, 800) == "enough"
    assert found.verdict(24, 400) == "beyond"
    assert found.verdict(700, 800) == "short"


def test_layers_that_skip_steps_are_refused() -> None:
    strided = [{"operation": "convolution", "kernel": 3, "stride": 2, "filters": 1}]
    with pytest.raises(Unfit, match="strides of 1"):
        memory_of(shapes(strided, (1, 50)))


@given(st.sampled_from(["causal", "same", "valid"]), st.integers(0, 1000))
def test_the_gradient_is_exactly_0_beyond_the_field(padding: str, seed: int) -> None:
    net = shapes(stack(padding), (1, 40))
    memory = memory_of(net)
    x = np.random.default_rng(seed).normal(size=(3, 1, 40)).astype(np.float32)
    found = lags_of(net, start_row(net, "pytorch", seed), x)
    assert (found[memory.past + 1 :] == 0).all()


def test_the_gradient_at_a_lag_is_a_difference() -> None:
    net = shapes(stack("causal"), (1, 20))
    rng = np.random.default_rng(2)
    x, row = rng.normal(size=(1, 1, 20)), start_row(net, "pytorch", 3, "float64")
    series = ramp(60, 12, 20)
    one = Training(net, examples_of(series), row, How("mean_squared_error"))
    found = lags_of(net, row, x)
    for lag in (0, 1, 5, 8):
        moved = [x.copy(), x.copy()]
        for place, sign in enumerate((1, -1)):
            moved[place][0, 0, 19 - lag] += sign * 1e-6
        high, low = (one.outputs(given)[-1, 0] for given in moved)
        assert found[lag] == pytest.approx(abs(high - low) / 2e-6, abs=1e-6)


def trained(padding: str, series: Series, steps: int = 60) -> Training:
    examples = examples_of(series)
    net = shapes(stack(padding), examples.shape)
    how = How("mean_squared_error", settings_of("adam", 0.02), 16, 0)
    one = Training(net, examples, start_row(net, "pytorch", 0), how)
    for _ in range(steps):
        one.train()
    return one


def test_the_validation_loss_is_the_honest_error_and_the_training_loss_the_apparent_one() -> None:
    series = drawn(SeasonsData(kind="seasons", length=148, held=20), 0)
    one = trained("same", series)
    report = [found for found in one.report([], every_example=True) if found is not None][-1]
    honest = forecast_of(one.outputs, series, 1).one_step_error
    assert report.validation is not None
    assert honest == pytest.approx(report.validation.loss * series.scale**2, rel=1e-4)
    assert apparent_of(one.outputs, series).error == pytest.approx(
        report.training.loss * series.scale**2, rel=1e-4
    )


def test_errors_on_sound_and_on_silence_add_up_to_the_error() -> None:
    series = drawn(BurstsData(kind="bursts", length=600, sound=10, every=60, held=120), 0)
    one = trained("causal", series, 20)
    found = apparent_of(one.outputs, series)
    share = (~series.silent[series.now - series.window : series.now]).mean()
    assert found.error is not None
    assert found.sound is not None
    assert found.silence is not None
    assert found.error == pytest.approx(share * found.sound + (1 - share) * found.silence)
    assert found.by_step.mean() == pytest.approx(found.error)
    forecast = forecast_of(one.outputs, series, 8)
    sound = honest_on(forecast.one_step, series, silent=False)
    assert sound is not None
    assert forecast.one_step_error is not None
    assert sound > forecast.one_step_error


def test_a_gap_as_long_as_the_field_hides_all_that_came_before() -> None:
    net = shapes(stack("causal"), (1, 30))
    memory = memory_of(net)
    row = start_row(net, "pytorch", 1)
    rng = np.random.default_rng(0)
    x = np.zeros((1, 1, 30), np.float32)
    gap = memory.size
    x[0, 0, : 30 - gap] = rng.normal(size=30 - gap)
    found = lags_of(net, row, x)
    assert found[:gap].any()
    assert (found[gap:] == 0).all()
    silent = Training(net, examples_of(ramp(60, 12, 30)), row, How("mean_squared_error"))
    assert silent.outputs(x)[-1] == silent.outputs(np.zeros_like(x))[-1]


def test_a_masked_step_pulls_at_no_parameter() -> None:
    data = BurstsData(kind="bursts", length=300, sound=6, every=60, held=60, silence="masked")
    masked = drawn(data, 0)
    one = trained("causal", masked, 1)
    gradient = one.gradient.copy()
    part = one.examples.training
    assert part.counts is not None
    assert part.values is not None
    part.values[part.counts == 0] = 1e3  # whatever is asked for where nothing counts
    again = Training(one.shapes, one.examples, start_row(one.shapes, "pytorch", 0), one.how)
    again.train()
    np.testing.assert_array_equal(again.gradient, gradient)
    other = drawn(data.model_copy(update={"silence": "counted"}), 0)
    assert (trained("causal", other, 1).gradient != gradient).any()


def test_a_series_without_a_step_that_counts_is_refused() -> None:
    silent = ramp()
    with pytest.raises(Unfit, match="no step to train on counts"):
        examples_of(Series("none", silent.values, silent.known, silent.weights * 0, 12, 10))
