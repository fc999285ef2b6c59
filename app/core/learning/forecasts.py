"""Forecasts of a network, and of the naive ones: one step on, rolled, beyond the end, with the errors of all.

Two errors are told apart: that on the sequence it was trained on, and that of values asked for honestly, each with only
what was there before it. Knows a series and functions that answer windows, no layer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .sequences import (
    Ask,
    Float64,
    Series,
    mean_square,
    naive_one_step,
    naive_rolled,
    one_step,
    rolled,
    training_starts,
)

Mask = NDArray[np.bool_]
AT_ONCE = 32  # windows that are asked about together


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """One way to forecast: every value that is held back, ``horizon`` of them from the past alone, and beyond the end.

    Errors are mean squares in the series' own unit; None where no value was measured.
    """

    one_step: Float64
    rolled: Float64
    beyond: Float64
    one_step_error: float | None
    rolled_error: float | None

    def to_json(self) -> dict[str, object]:
        """As an answer tells it."""
        return {
            "one_step": {"values": self.one_step.tolist(), "error": self.one_step_error},
            "rolled": {"values": self.rolled.tolist(), "error": self.rolled_error},
            "beyond": self.beyond.tolist(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Apparent:
    """The error on the sequence it was trained on: in all, on sound, on silence, and at each output step."""

    error: float | None
    sound: float | None
    silence: float | None
    by_step: Float64


def forecast_of(ask: Ask, series: Series, horizon: int) -> Forecast:
    """The forecasts of a network."""
    now, end = series.now, len(series.values)
    return _judged(
        series,
        one_step(ask, series, now, end),
        rolled(ask, series, now, min(horizon, series.held)),
        rolled(ask, series, end, horizon),
    )


def naive_of(series: Series, horizon: int, period: int = 1) -> Forecast:
    """The last value over and over; with a period, the last season over and over."""
    now, end = series.now, len(series.values)
    return _judged(
        series,
        naive_one_step(series, now, end, 0 if period == 1 else period),
        naive_rolled(series, now, min(horizon, series.held), period),
        naive_rolled(series, end, horizon, period),
    )


def _judged(series: Series, single: Float64, roll: Float64, beyond: Float64) -> Forecast:
    now = series.now
    wanted, known = series.values[now:], series.known[now:]
    some = slice(len(roll))
    return Forecast(
        single,
        roll,
        beyond,
        mean_square(single, wanted, known),
        mean_square(roll, wanted[some], known[some]),
    )


def honest_on(found: Float64, series: Series, silent: bool) -> float | None:
    """The mean square error of forecasts ``found`` (steps,), where the value wanted is silence, or sound; else None."""
    now = series.now
    which = series.silent[now:] == silent
    return mean_square(found, series.values[now:], which & series.known[now:])


def apparent_of(ask: Ask, series: Series) -> Apparent:
    """How well a network says the values that it was trained on, all at once as training asks for them."""
    errors: list[Float64] = []
    wanted: list[Float64] = []
    starts = training_starts(series)
    for first in range(0, len(starts), AT_ONCE):
        some = starts[first : first + AT_ONCE, None] + np.arange(series.window)
        output = ask(series.standardised(series.values[some])[:, None])
        targets = (some + series.ahead).T[series.window - len(output) :]
        square = (series.restored(output) - series.values[targets]) ** 2
        square[~series.known[targets]] = np.nan
        errors.append(square)
        wanted.append(series.values[targets])
    error = np.concatenate(errors, axis=1)
    known = np.isfinite(error)
    quiet = -1.0 if series.quiet is None else series.quiet
    silent = np.abs(np.concatenate(wanted, axis=1)) <= quiet

    def mean(which: Mask) -> float | None:
        return float(error[which & known].mean()) if (which & known).any() else None

    sums = np.where(known, error, 0).sum(axis=1)
    by_step = sums / np.maximum(1, known.sum(axis=1))
    return Apparent(mean(known), mean(~silent), mean(silent), by_step)
