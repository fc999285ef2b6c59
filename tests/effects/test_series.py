"""Effects on series that are claimed hold for nine of ten seeds: ``pytest -m effects``. See docs/measured.md."""

from __future__ import annotations

import numpy as np
import pytest

from .series import COMMON, EARLY, RARE, forecasts, naive, recurrent_lags, silence, stack_lags

pytestmark = [pytest.mark.effects, pytest.mark.timeout(1200)]
NINE = 9


def seeds(which: list[bool]) -> int:
    """For how many of the ten."""
    assert len(which) == 10
    return sum(which)


def test_same_padding_looks_best_where_it_was_trained_and_fails_when_it_is_asked_honestly() -> None:
    same, causal = forecasts("same"), forecasts("causal")
    assert seeds([one.honest >= 5 * one.apparent for one in same]) >= NINE
    assert seeds([a.apparent < b.apparent for a, b in zip(same, causal, strict=True)]) >= 8
    assert np.mean([one.apparent for one in same]) < np.mean([one.apparent for one in causal])


def test_causal_layers_halve_the_error_of_the_naive_forecast() -> None:
    pairs = zip(forecasts("causal"), naive(), strict=True)
    assert seeds([2 * one.honest <= other.honest for one, other in pairs]) >= NINE


def test_causal_layers_halve_the_error_of_the_last_season_when_they_roll() -> None:
    pairs = zip(forecasts("causal"), naive(24), strict=True)
    assert seeds([2 * one.rolled <= other.rolled for one, other in pairs]) >= NINE


def test_no_seed_fails_to_learn_with_the_default_start() -> None:
    pairs = zip(forecasts("causal"), naive(), strict=True)
    assert all(one.honest < other.honest for one, other in pairs)


def test_the_stack_reaches_to_its_field_and_is_blind_beyond() -> None:
    for lags in stack_lags():
        assert all(lag > 0 for lag in lags[:64])
        assert all(lag == 0 for lag in lags[64:])


def test_a_recurrent_gradient_fades_below_radius_1_and_explodes_above_without_tanh() -> None:
    fading = recurrent_lags(0.8, linear=False)
    exploding = recurrent_lags(1.2, linear=True)
    assert seeds([lags[64] < 1e-4 * lags[0] for lags in fading]) >= NINE
    assert seeds([lags[64] > 1e3 * lags[0] for lags in exploding]) >= NINE


def test_a_masked_loss_lowers_the_error_on_sound_early_where_sound_is_rare() -> None:
    masked, counted = silence(RARE, "masked", EARLY), silence(RARE, "counted", EARLY)
    assert seeds([one[1] < other[1] for one, other in zip(masked, counted, strict=True)]) >= NINE
    assert seeds([one[2] > other[2] for one, other in zip(masked, counted, strict=True)]) >= NINE


def test_the_gain_of_a_masked_loss_is_gone_early_where_sound_is_not_rare() -> None:
    masked, counted = silence(COMMON, "masked", EARLY), silence(COMMON, "counted", EARLY)
    gains = [other[1] / one[1] for one, other in zip(masked, counted, strict=True)]
    assert np.median(gains) < 1.1
    assert seeds([gain > 1 for gain in gains]) < NINE


def test_a_weighted_loss_lowers_the_error_on_sound_and_costs_less_of_silence_than_a_masked_one() -> None:
    weighted, counted = silence(RARE, "weighted", EARLY), silence(RARE, "counted", EARLY)
    masked = silence(RARE, "masked", EARLY)
    assert seeds([one[1] < other[1] for one, other in zip(weighted, counted, strict=True)]) >= NINE
    assert seeds([one[2] < other[2] for one, other in zip(weighted, masked, strict=True)]) >= NINE
