"""The experiments on series behind effects that are claimed, and their tables: ``python -m tests.effects.series``.

Each is trained for ten seeds, which draw noise, start and order anew. Errors are mean squares in the series' own unit.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from app.core.learning.forecasts import apparent_of, forecast_of, naive_of
from app.core.learning.loop import How, Training
from app.core.learning.memory import lags_of
from app.core.learning.optimisers import settings_of
from app.core.learning.recurrent import Recurrence, RecurrentTraining
from app.core.learning.sequences import Series, examples_of
from app.core.learning.starts import start_row
from app.core.network.graph import network_of
from app.core.network.shapes import Shapes, shapes_of
from app.data.series import BurstsData, SeasonsData, Silence, drawn
from app.operations import registry

Json = dict[str, Any]
SEEDS = range(10)
HORIZON = 24
STEPS = 300
DATA = SeasonsData(
    kind="seasons"
)  # 0.002 t + sin(2πt/24) + 0.4 sin(2πt/7 + 1), noise 0.1; 400 steps and 48 held back
RARE, COMMON = 10, 40  # steps of sound in each 400
EARLY, LATE = 40, 120  # training steps


def stack(padding: str) -> list[Json]:
    """Six layers of two taps, dilations 1 to 32, eight channels: 64 steps, 713 parameters."""
    one = {
        "operation": "convolution",
        "kernel": 2,
        "filters": 8,
        "padding": padding,
        "bias": True,
        "activation": "relu",
    }
    layers = [{**one, "dilation": 2**power} for power in range(6)]
    return [*layers, {"operation": "convolution", "kernel": 1, "filters": 1, "bias": True}]


def shapes_for(padding: str, series: Series) -> Shapes:
    specs = [registry()[layer["operation"]].spec.model_validate(layer) for layer in stack(padding)]
    return shapes_of(network_of(specs, registry()), (1, series.window))


def network(padding: str, series: Series, seed: int, batch: int = 32) -> Training:
    """The stack, ready to be trained."""
    shapes = shapes_for(padding, series)
    how = How("mean_squared_error", settings_of("adam", 0.01), batch, seed)
    return Training(shapes, examples_of(series), start_row(shapes, "pytorch", seed), how)


def trained(one: Training | RecurrentTraining, steps: int) -> None:
    while one.step < steps:
        one.train()


class Errors(NamedTuple):
    """Of one seed: as trained, asked honestly, rolled."""

    apparent: float
    honest: float
    rolled: float


def _errors(ask: Any, series: Series) -> Errors:
    found, apparent = forecast_of(ask, series, HORIZON), apparent_of(ask, series).error
    assert apparent is not None
    assert found.one_step_error is not None
    assert found.rolled_error is not None
    return Errors(apparent, found.one_step_error, found.rolled_error)


@functools.cache
def forecasts(padding: str) -> tuple[Errors, ...]:
    """The stack with a padding, seed by seed."""
    return tuple(forecast_errors(padding, seed) for seed in SEEDS)


def forecast_errors(padding: str, seed: int) -> Errors:
    """The stack with a padding, trained with one seed."""
    series = drawn(DATA, seed)
    one = network(padding, series, seed)
    trained(one, STEPS)
    return _errors(one.outputs, series)


@functools.cache
def recurrences() -> tuple[Errors, ...]:
    """A recurrent layer of 16 units with clipping, seed by seed."""
    found = []
    for seed in SEEDS:
        series = drawn(DATA, seed)
        how = How("mean_squared_error", settings_of("adam", 0.01, clip=1.0), 32, seed)
        one = RecurrentTraining(examples_of(series), Recurrence(16), how)
        trained(one, STEPS)
        found.append(_errors(one.outputs, series))
    return tuple(found)


@functools.cache
def naive(period: int = 1) -> tuple[Errors, ...]:
    """The last value, or the last season; neither is trained."""
    found = []
    for seed in SEEDS:
        one = naive_of(drawn(DATA, seed), HORIZON, period)
        assert one.one_step_error is not None
        assert one.rolled_error is not None
        found.append(Errors(float("nan"), one.one_step_error, one.rolled_error))
    return tuple(found)


@functools.cache
def silence(sound: int, how: Silence, steps: int) -> tuple[tuple[float, float, float], ...]:
    """Errors on all steps, on sound and on silence after so many training steps, seed by seed."""
    data = BurstsData(kind="bursts", sound=sound, window=400, stride=400, silence=how)
    found = []
    for seed in SEEDS:
        series = drawn(data, seed)
        one = network("causal", series, seed, batch=6)
        trained(one, steps)
        apparent = apparent_of(one.outputs, series)
        assert apparent.error is not None
        assert apparent.sound is not None
        assert apparent.silence is not None
        found.append((apparent.error, apparent.sound, apparent.silence))
    return tuple(found)


@functools.cache
def stack_lags() -> tuple[tuple[float, ...], ...]:
    """The gradient at each lag of the stack as it starts, seed by seed."""
    return tuple(stack_lags_of(seed) for seed in SEEDS)


def stack_lags_of(seed: int) -> tuple[float, ...]:
    """The gradient at each lag of one start."""
    series = drawn(DATA, seed)
    shapes = shapes_for("causal", series)
    x = examples_of(series).validation.x[:16]
    return tuple(lags_of(shapes, start_row(shapes, "pytorch", seed), x))


@functools.cache
def recurrent_lags(radius: float, linear: bool) -> tuple[tuple[float, ...], ...]:
    """The same of a recurrent layer that starts with a spectral radius."""
    found = []
    for seed in SEEDS:
        examples = examples_of(drawn(DATA, seed))
        how = How("mean_squared_error", seed=seed)
        one = RecurrentTraining(examples, Recurrence(16, radius, linear), how, "float64")
        found.append(tuple(one.lags(examples.validation.x[:16])))
    return tuple(found)


def _row(name: str, values: Sequence[Sequence[float]]) -> str:
    """A line of a table: for each column mean, and from least to most."""
    cells = [
        f"{np.mean(column):.3g} ({min(column):.3g} to {max(column):.3g})" if np.isfinite(column).all() else ""
        for column in zip(*values, strict=True)
    ]
    return f"| {name} | {' | '.join(cells)} |"


def main(report: Callable[[str], None] = print) -> None:
    """The tables of docs/measured.md."""
    report("| forecast | apparent | honest, one step on | rolled, 24 steps |\n|---|---|---|---|")
    rows = (
        ("six causal layers", forecasts("causal")),
        ("the same with `same` padding", forecasts("same")),
        ("recurrent layer of 16 units, clipped", recurrences()),
        ("naive", naive()),
        ("seasonal-naive (24)", naive(24)),
    )
    for name, values in rows:
        report(_row(name, values))
    report("\n| lag | 0 | 8 | 32 | 63 | 64 |\n|---|---|---|---|---|---|")
    lags = {"six causal layers": stack_lags()}
    for radius, linear in ((0.8, False), (1.0, False), (1.2, False), (1.2, True)):
        name = f"recurrent, radius {radius}{', without tanh' if linear else ''}"
        lags[name] = recurrent_lags(radius, linear)
    for name, one in lags.items():
        report(_row(name, [[values[lag] for lag in (0, 8, 32, 63, 64)] for values in one]))
    report("\n| silence | all steps | on sound | on silence |\n|---|---|---|---|")
    for sound in (RARE, COMMON):
        for steps in (EARLY, LATE):
            for how in ("counted", "masked", "weighted"):
                report(
                    _row(
                        f"sound in {sound} of 400, {steps} training steps, {how}", silence(sound, how, steps)
                    )
                )


if __name__ == "__main__":
    main()
