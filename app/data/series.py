"""Series to forecast, as closed models: drawn by code from a seed, or a column of a person's own table.

Trend, seasons and noise; bursts of sound in silence; values that come back after a gap. Knows no network, no store.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ..core.errors import Unfit, counted
from ..core.learning.sequences import Series
from ..core.learning.streams import stream
from .table import Table

Float64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

MOST_STEPS = 100_000
MOST_WINDOW = 4096
MOST_HELD = 512
MOST_CELLS = 4_000_000  # of all windows together
WINDOWS = 256  # of the training part, unless a stride is given
WHOLE = 512  # steps of a training part that is one example, unless a window is given
USUAL_WINDOW = 128
Silence = Literal["counted", "masked", "weighted", "trimmed"]


class _Sequence(BaseModel):
    """The parameters of all series: how windows are cut, and which steps count in the loss."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    held: Annotated[int, Field(ge=1, le=MOST_HELD)] = Field(
        48, description="Values at the end that are held back: never trained on, and judged by."
    )
    window: Annotated[int, Field(ge=2, le=MOST_WINDOW)] | None = Field(
        None,
        description="Steps of one example; left out, the whole training part up to 512 steps, and 128 of a longer one.",
    )
    stride: Annotated[int, Field(ge=1, le=MOST_STEPS)] | None = Field(
        None, description="Steps from one example to the next; left out, so that there are at most 256."
    )
    ahead: Annotated[int, Field(ge=1, le=48)] = Field(
        1, description="How many steps after the last one it has a value lies that is asked for."
    )
    skip: Annotated[int, Field(ge=0, le=MOST_WINDOW)] = Field(
        0, description="The first steps of each example that the loss leaves out, since they read padding."
    )
    quiet: Annotated[float, Field(ge=0)] | None = Field(
        None, description="Values of at most this size are silence; left out, nothing is."
    )
    silence: Silence = Field(
        "counted",
        description="Silence in training: counted as any value, masked (not counted), weighted (sound and silence "
        "count alike), or trimmed (cut down to `keep` steps).",
    )
    keep: Annotated[int, Field(ge=0, le=MOST_WINDOW)] = Field(
        16, description="Steps that stay of a longer silence where it is trimmed."
    )


class Season(BaseModel):
    """One season: a sine."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    period: Annotated[float, Field(ge=2, le=MOST_STEPS)] = Field(description="Steps of one turn.")
    amplitude: Annotated[float, Field(ge=0, le=1e6)] = Field(1.0, description="From the middle to the top.")
    phase: Annotated[float, Field(ge=-100, le=100)] = Field(0.0, description="Where it begins, in radians.")


class SeasonsData(_Sequence):
    """Trend, seasons and noise: ``trend · t + Σ amplitude · sin(2π t / period + phase) + noise``."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "seasons", "length": 448}]})

    kind: Literal["seasons"] = Field(description="A series of trend, seasons and noise.")
    length: Annotated[int, Field(ge=16, le=MOST_STEPS)] = Field(448, description="Steps in all.")
    trend: Annotated[float, Field(ge=-1e6, le=1e6)] = Field(
        0.002, description="The change from one step to the next."
    )
    seasons: Annotated[list[Season], Field(max_length=8)] = Field(
        [Season(period=24), Season(period=7, amplitude=0.4, phase=1.0)],
        description="Sines that are added up.",
    )
    noise: Annotated[float, Field(ge=0, le=1e6)] = Field(0.1, description="Its deviation.")


class BurstsData(_Sequence):
    """Bursts of a sine in silence, one in each stretch of ``every`` steps, where in it is drawn."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "bursts", "length": 2448}]})

    kind: Literal["bursts"] = Field(description="Bursts of sound in silence.")
    length: Annotated[int, Field(ge=16, le=MOST_STEPS)] = Field(2448, description="Steps in all.")
    sound: Annotated[int, Field(ge=1, le=MOST_STEPS)] = Field(10, description="Steps of a burst.")
    every: Annotated[int, Field(ge=1, le=MOST_STEPS)] = Field(400, description="Steps to each burst.")
    period: Annotated[float, Field(ge=2, le=MOST_STEPS)] = Field(8.0, description="Steps of one turn.")
    quiet: Annotated[float, Field(ge=0)] | None = Field(
        0.0, description="Values of at most this size are silence."
    )


class CopyData(_Sequence):
    """Values of 1 or −1 that come back once after a gap of silence: only what sees beyond the gap can know them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "copy", "gap": 20}]})

    kind: Literal["copy"] = Field(description="Values that come back after a gap.")
    length: Annotated[int, Field(ge=16, le=MOST_STEPS)] = Field(2048, description="Steps in all.")
    gap: Annotated[int, Field(ge=1, le=2048)] = Field(20, description="Silent steps before it comes back.")
    quiet: Annotated[float, Field(ge=0)] | None = Field(
        0.0, description="Values of at most this size are silence."
    )


class RecordedData(_Sequence):
    """A column of a table that the person sent."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "recorded", "id": "0" * 64}]})

    kind: Literal["recorded"] = Field(description="A column of your own table.")
    id: str = Field(description="The id that POST data answered to the table.", pattern="^[0-9a-f]{64}$")
    column: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="Its name; left out, the first column of numbers."
    )


DrawnSeries = SeasonsData | BurstsData | CopyData
SeriesData = DrawnSeries | RecordedData


def seasons(data: SeasonsData, rng: np.random.Generator) -> Float64:
    """``trend · t + Σ amplitude · sin(2π t / period + phase) + noise``."""
    steps = np.arange(data.length, dtype=np.float64)
    values = data.trend * steps
    for one in data.seasons:
        values += one.amplitude * np.sin(2 * np.pi * steps / one.period + one.phase)
    return values + rng.normal(0, data.noise, data.length)


def bursts(data: BurstsData, rng: np.random.Generator) -> Float64:
    """Sines of a drawn phase, each in its stretch of ``every`` steps; 0 elsewhere."""
    values = np.zeros(data.length)
    sound = min(data.sound, data.every)
    for start in range(0, data.length, data.every):
        first = start + int(rng.integers(0, data.every - sound + 1))
        phase = rng.uniform(0, 2 * np.pi)
        sine = np.sin(2 * np.pi * np.arange(sound) / data.period + phase)
        part = values[first : first + sound]
        part[...] = sine[: len(part)]
    return values


def copies(data: CopyData, rng: np.random.Generator) -> Float64:
    """1 or −1, ``gap`` zeros, the same value, and a pause of one to two gaps, over and over."""
    values = np.zeros(data.length)
    place = int(rng.integers(0, data.gap + 1))
    while place < data.length:
        bit = float(rng.integers(0, 2) * 2 - 1)
        values[place] = bit
        back = place + data.gap + 1
        if back < data.length:
            values[back] = bit
        place = back + data.gap + 1 + int(rng.integers(0, data.gap + 1))
    return values


def drawn(data: DrawnSeries, seed: int) -> Series:
    """The series that code draws for a model and a seed."""
    rng = stream(seed, "data")
    if isinstance(data, SeasonsData):
        return _series(data, "series", seasons(data, stream(seed, "noise")))
    values = bursts(data, rng) if isinstance(data, BurstsData) else copies(data, rng)
    return _series(data, "series", values)


def recorded(data: RecordedData, table: Table) -> Series:
    """A column of a table: gaps are filled by straight lines, which no loss counts; gaps at the ends are cut off."""
    column = table.column(data.column)
    values = column.values[-MOST_STEPS:]
    known = np.isfinite(values)
    places = np.flatnonzero(known)
    if not len(places):
        raise Unfit("column", column.name, "it has no numbers", "Use another column.", pointer="/data/column")
    some = slice(places[0], places[-1] + 1)
    values, known = values[some], known[some]
    steps = np.arange(len(values))
    filled = np.interp(steps, steps[known], values[known])
    return _series(data, column.name, filled, known)


def _series(data: SeriesData, name: str, values: Float64, known: Mask | None = None) -> Series:
    """The series with its windows and weights."""
    known = np.ones(len(values), bool) if known is None else known
    if data.held >= len(values):
        raise Unfit(
            "held",
            data.held,
            f"the series has {counted(len(values), 'step')}, and none would be left to train on",
            f"Hold back at most {max(1, len(values) // 4)}.",
            pointer="/data/held",
        )
    if data.silence == "trimmed" and data.quiet is not None:
        values, known = _trimmed(values, known, data)
    now = len(values) - data.held
    length = now - data.ahead
    window = data.window if data.window is not None else length if length <= WHOLE else USUAL_WINDOW
    stride = data.stride if data.stride is not None else max(1, -(-(now - window) // WINDOWS))
    cells = max(0, now - window) // stride * window
    if cells > MOST_CELLS:
        raise Unfit(
            "stride",
            stride,
            f"the windows would have {counted(cells, 'step')} together, and may have {MOST_CELLS:,}",
            f"Use a stride of at least {-(-cells * stride // MOST_CELLS)}, or a smaller window.",
            pointer="/data/stride",
        )
    return Series(
        name,
        values,
        known,
        _weights(values, now, data),
        data.held,
        window,
        data.ahead,
        stride,
        data.skip,
        data.quiet,
    )


def _weights(values: Float64, now: int, data: SeriesData) -> Float64:
    """How much each value counts in training."""
    weights = np.ones(len(values))
    if data.quiet is None or data.silence in ("counted", "trimmed"):
        return weights
    silent = np.abs(values) <= data.quiet
    share = float(silent[:now].mean())
    if data.silence == "masked":
        weights[silent] = 0
    elif 0 < share < 1:
        weights = np.where(silent, 0.5 / share, 0.5 / (1 - share))
    return weights


def _trimmed(values: Float64, known: Mask, data: SeriesData) -> tuple[Float64, Mask]:
    """The series with at most ``keep`` steps of each silence of the training part."""
    assert data.quiet is not None
    now = len(values) - data.held
    silent = np.abs(values) <= data.quiet
    steps = np.arange(len(values))
    last_sound = np.maximum.accumulate(np.where(silent, -1, steps))
    stays = (steps - last_sound <= data.keep) | (steps >= now)
    return values[stays], known[stays]
