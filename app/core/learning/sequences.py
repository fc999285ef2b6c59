"""A series as a network learns it: windows with the next values as targets, forecasts, and the naive ones beside them.

Split in time: the last values are held back, and nothing of them says how numbers are standardised. Knows arrays and a
function that answers windows; knows neither where a series comes from nor what a layer is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import Unfit, counted
from .examples import Examples, Part

Array = NDArray[np.floating]
Float64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Windows (count, 1, steps) to a network's outputs (outputs, count); the last output is for the value that comes next.
Ask = Callable[[Array], Array]

MOST_PERIOD = 1000
LEAST_STEPS = 16
PEAK = 0.5  # of the power of the strongest season
FINER = 8  # than a spectrum without zeros behind it


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Values step by step, the last ``held`` of them held back.

    ``known`` says which were measured and not filled in. With ``quiet`` a value of at most that size is silence, and
    0 stays 0 when numbers are standardised. ``weights`` is how much each value counts when it is asked for in
    training. An example has ``window`` steps and is asked for values ``ahead`` steps on.
    """

    name: str
    values: Float64
    known: Mask
    weights: Float64
    held: int
    window: int
    ahead: int = 1
    stride: int = 1
    skip: int = 0
    quiet: float | None = None

    @property
    def now(self) -> int:
        """The first step that is held back."""
        return len(self.values) - self.held

    @property
    def silent(self) -> Mask:
        """Which steps are silence; none where silence has no meaning."""
        if self.quiet is None:
            return np.zeros(len(self.values), bool)
        found: Mask = np.abs(self.values) <= self.quiet
        return found

    @property
    def centre(self) -> float:
        """Subtracted from each value before it is learned: the mean of the training part, or 0 with silence."""
        return 0.0 if self.quiet is not None else float(self.values[: self.now].mean())

    @property
    def scale(self) -> float:
        """Divides each value: the deviation from there in the training part; 1 where that is 0."""
        found = float(np.sqrt(np.mean((self.values[: self.now] - self.centre) ** 2)))
        return found if found > 0 else 1.0

    def standardised(self, values: Float64) -> Float64:
        """``(x − centre) / scale``."""
        return (values - self.centre) / self.scale

    def restored(self, values: Array) -> Float64:
        """``x · scale + centre``: undoes ``standardised``."""
        return values.astype(np.float64) * self.scale + self.centre


def check_series(series: Series) -> None:
    """Raise Unfit for a series that leaves nothing to learn from."""
    steps, window, ahead = series.now, series.window, series.ahead
    if len(series.values) < LEAST_STEPS:
        raise _unfit(
            "length",
            len(series.values),
            f"a series to learn from has at least {LEAST_STEPS} steps",
            "Give a longer one.",
        )
    if steps < window + ahead:
        most = steps - ahead
        remedy = (
            f"Use a window of at most {most}, or hold back fewer." if most > 1 else "Hold back fewer values."
        )
        reason = f"{counted(steps, 'step')} are left to train on, and a window with its targets takes {window + ahead}"
        raise _unfit("window", window, reason, remedy)
    if not np.isfinite(series.values).all():
        place = int(np.argmax(~np.isfinite(series.values)))
        raise _unfit(
            "data", series.name, f"step {place} is not a finite number", "Replace NaN and infinities."
        )
    if not (series.weights[: series.now] > 0).any():
        raise _unfit(
            "silence",
            series.name,
            "no step to train on counts in the loss: all of them are silence or filled in",
            "Count silence too, or use another column.",
        )


def _unfit(field: str, value: object, reason: str, remedy: str) -> Unfit:
    return Unfit(field, value, reason, remedy, pointer="/data" if field == "data" else f"/data/{field}")


def examples_of(series: Series) -> Examples:
    """Windows of the training part with the value ``ahead`` steps on as target of each step, and those to judge by.

    A value that is held back is asked for with only what was there before: its window ends ``ahead`` steps before it,
    and of its outputs the last alone counts.
    """
    check_series(series)
    x = series.standardised(series.values).astype(np.float32)
    starts = training_starts(series)
    weights = series.weights * series.known
    counts = _cut(weights, starts + series.ahead, series.window).astype(np.float32)
    counts[:, : series.skip] = 0
    training = _part(series, x, starts, counts)
    judged = np.arange(series.now, len(series.values)) - series.ahead - series.window + 1
    only = np.zeros((len(judged), series.window), np.float32)
    only[:, -1] = series.known[series.now :]
    mean, deviation = np.array([[series.centre]]), np.array([[series.scale]])
    return Examples(training, _part(series, x, judged, only), (), mean, deviation)


def training_starts(series: Series) -> NDArray[np.integer]:
    """The first steps of the windows of the training part, (windows,), ascending: the last window ends with it."""
    last = series.now - series.window - series.ahead
    return np.unique([*range(last, -1, -series.stride), 0])


def _part(series: Series, x: Array, starts: NDArray[np.integer], counts: Array) -> Part:
    windows = _cut(x, starts, series.window)
    values = _cut(x, starts + series.ahead, series.window)
    return Part(windows[:, None], np.zeros(len(starts), np.intp), values, counts)


def _cut(values: Array, starts: NDArray[np.integer], steps: int) -> Array:
    """Windows (count, steps) that begin where it is said."""
    found: Array = values[starts[:, None] + np.arange(steps)]
    return found


# --- Forecasts ------------------------------------------------------------------------------------------------


def one_step(ask: Ask, series: Series, first: int, last: int) -> Float64:
    """Forecasts (last − first,) of the values from ``first`` on, each from those known ``ahead`` steps before it."""
    starts = np.arange(first, last) - series.ahead - series.window + 1
    windows = _cut(series.standardised(series.values), starts, series.window)
    return series.restored(ask(windows[:, None])[-1])


def rolled(ask: Ask, series: Series, now: int, horizon: int) -> Float64:
    """Forecasts (horizon,) from ``now`` on; values that are not known then are taken from the forecast itself."""
    known = list(series.standardised(series.values[:now])[-series.window - series.ahead :])
    for _ in range(horizon):
        end = len(known) + 1 - series.ahead
        window = np.asarray(known[end - series.window : end])
        known.append(float(ask(window[None, None])[-1, 0]))
    return series.restored(np.asarray(known[len(known) - horizon :]))


def naive_one_step(series: Series, first: int, last: int, period: int = 0) -> Float64:
    """The naive forecasts (last − first,): the last known value, or the last known a whole number of periods before."""
    back = series.ahead if period == 0 else period * -(-series.ahead // period)
    found: Float64 = series.values[np.arange(first, last) - back]
    return found


def naive_rolled(series: Series, now: int, horizon: int, period: int = 1) -> Float64:
    """The naive forecasts (horizon,) from ``now`` on: the last ``period`` values over and over."""
    found: Float64 = series.values[now - period + np.arange(horizon) % period]
    return found


def period_of(values: Float64, most: int = MOST_PERIOD) -> int:
    """The longest season that is about as strong as any: a peak of the spectrum of the series without its trend.

    In steps, at most a third of the series; 1 where there is none. A shape that is no sine has as many peaks
    as harmonics, of which the longest is the season.
    """
    count = len(values)
    steps = np.arange(count)
    residual = values - np.polyval(np.polyfit(steps, values, 1), steps)
    size = FINER * count
    power = np.abs(np.fft.rfft(residual * np.hanning(count), size)) ** 2
    first = max(2, -(-size // min(most, max(2, count // 3))))  # of the frequencies: the longest period
    peaks = [
        place for place in range(first, size // 2) if power[place - 1] < power[place] >= power[place + 1]
    ]
    strongest = max((power[place] for place in peaks), default=0.0)
    if strongest <= 1e-12 * max(1.0, float(np.vdot(values, values))):
        return 1
    return round(size / next(place for place in peaks if power[place] >= PEAK * strongest))


def mean_square(found: Float64, wanted: Float64, counts: Mask | None = None) -> float | None:
    """``mean (y − t)²`` over what counts; None where nothing does."""
    error = (found - wanted) ** 2
    if counts is not None:
        error = error[counts]
    return float(error.mean()) if len(error) else None
