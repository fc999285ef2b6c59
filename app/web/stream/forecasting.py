"""A forecast from a request: a network is trained on a series, a recurrent layer beside it, and all ways are judged.

Works in short pieces, as training does. Knows no socket and no route.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import TooLarge, Unfit, counted
from ...core.learning.forecasts import Forecast, apparent_of, forecast_of, honest_on, naive_of
from ...core.learning.loop import Checkpoint, Training
from ...core.learning.memory import Memory, lags_of, memory_of
from ...core.learning.recurrent import RecurrentTraining
from ...core.learning.sequences import Ask, Series, period_of, training_starts
from ...data.bundle import Bundle
from ...data.series import DrawnSeries, RecordedData
from ..http.training import ForecastRequest
from .learning import Course, Message, go_on, parameters_bundle, prepare, series_for
from .training_costs import STEP_WORK

if TYPE_CHECKING:
    from .jobs import Services

Array = NDArray[np.floating]
Json = dict[str, Any]

ANSWERED_STEPS = 1000  # of the series that an answer holds, up to its end
ANSWERED_LAGS = 256
LAG_EXAMPLES = 16
STATE_WORK = 400  # elementary operations that a step of a recurrent layer is worth beside its products


@dataclass
class Race:
    """A network and, if it is asked for, a recurrent layer, both trained on one series."""

    request: ForecastRequest
    series: Series
    course: Course
    memory: Memory
    period: int
    recurrent: RecurrentTraining | None
    start: Array  # the network's parameters before any training step
    start_lags: NDArray[np.float64] | None = field(init=False, default=None)
    took_ms: dict[str, float] = field(init=False, default_factory=dict)
    kept: list[Checkpoint] = field(init=False)
    stopped: str | None = None

    def __post_init__(self) -> None:
        self.kept = self.course.kept
        if self.recurrent is not None:
            self.start_lags = self.recurrent.lags(self._lag_inputs)

    @property
    def training(self) -> Training:
        """The network's."""
        return self.course.training

    @property
    def _lag_inputs(self) -> Array:
        return self.training.examples.validation.x[:LAG_EXAMPLES]

    def run(self) -> Iterator[Message | None]:
        """Train both; a report of the network is told with its forecast."""
        for message in self._timed("network", self.course.run()):
            if isinstance(message, dict) and message["type"] == "step":
                yield {**message, "forecast": self._forecast(self.training.outputs).to_json()}
            else:
                yield message
        yield from self._timed("recurrent", self._recur())

    def _recur(self) -> Iterator[None]:
        one = self.recurrent
        while one is not None and one.step < self.request.steps:
            one.train()
            yield None

    def _timed(self, name: str, pieces: Iterator[Message | None]) -> Iterator[Message | None]:
        """The same pieces; how long they took is kept."""
        self.took_ms[name] = 0.0
        while True:
            begun = time.perf_counter()
            try:
                found = next(pieces)
            except StopIteration:
                return
            finally:
                self.took_ms[name] += 1000 * (time.perf_counter() - begun)
            yield found

    def bundles(self) -> dict[str, Bundle]:
        """The bundles that are kept at the end."""
        return {"parameters": parameters_bundle(self.training)}

    def _forecast(self, ask: Ask) -> Forecast:
        return forecast_of(ask, self.series, self.request.horizon)

    def begin(self) -> Json:
        """Everything that is known before it is trained: the series, and what the network sees of it."""
        return {"version": 1, "type": "series", "series": self._series(), "memory": self._memory()}

    def _series(self) -> Json:
        series, shown = self.series, self.series.values[-ANSWERED_STEPS:]
        return {
            "name": series.name,
            "count": len(series.values),
            "first": len(series.values) - len(shown),
            "values": shown.tolist(),
            "now": series.now,
            "held": series.held,
            "filled": int((~series.known).sum()),
            "window": series.window,
            "ahead": series.ahead,
            "stride": series.stride,
            "examples": len(training_starts(series)),
            "period": self.period,
            "centre": series.centre,
            "scale": series.scale,
        }

    def _memory(self) -> Json:
        memory = self.memory
        return {
            "size": memory.size,
            "past": memory.past,
            "future": memory.future,
            "padded": memory.padded,
            "verdict": memory.verdict(self.period, self.series.window),
        }

    def end(self) -> Json:
        """Everything that is told at the end."""
        series = self.series
        training, x = self.training, self._lag_inputs
        network = self._judged("network", training.outputs, training.row.size, self.memory.depth)
        network["memory"] = self._memory()
        start = lags_of(training.shapes, self.start, x)
        trained = lags_of(training.shapes, training.row, x, training.statistics)
        network["lags"] = {"start": _lags(start), "trained": _lags(trained)}
        seasonal = naive_of(series, self.request.horizon, self.period)
        recurrent = None
        if self.recurrent is not None:
            one = self.recurrent
            recurrent = self._judged("recurrent", one.outputs, one.row.size, series.window)
            assert self.start_lags is not None
            recurrent["lags"] = {"start": _lags(self.start_lags), "trained": _lags(one.lags(x))}
        return {
            "version": 1,
            "type": "forecast",
            "steps": training.step,
            "seed": self.request.seed,
            "horizon": self.request.horizon,
            "series": self._series(),
            "network": network,
            "naive": naive_of(series, self.request.horizon).to_json(),
            "seasonal_naive": {**seasonal.to_json(), "period": self.period},
            "recurrent": recurrent,
        }

    def _judged(self, name: str, ask: Ask, parameters: int, depth: int) -> Json:
        series = self.series
        found, apparent = self._forecast(ask), apparent_of(ask, series)
        answer: Json = {
            "parameters": parameters,
            "depth": depth,
            "elapsed_ms": round(self.took_ms.get(name, 0.0), 1),
            "apparent": apparent.error,
            "honest": found.one_step_error,
            "by_step": apparent.by_step[-ANSWERED_STEPS:].tolist(),
            **found.to_json(),
        }
        if series.quiet is not None:
            answer["sound"] = {
                "apparent": apparent.sound,
                "honest": honest_on(found.one_step, series, silent=False),
            }
            answer["silence"] = {
                "apparent": apparent.silence,
                "honest": honest_on(found.one_step, series, silent=True),
            }
        return answer


def _lags(found: NDArray[np.float64]) -> list[float]:
    lags: list[float] = found[:ANSWERED_LAGS].tolist()
    return lags


async def race_of(served: Services, request: ForecastRequest) -> Race:
    """Both ready to be trained; every refusal comes from here."""
    data = request.data
    if not isinstance(data, (DrawnSeries, RecordedData)):
        raise Unfit(
            "data",
            data.kind,
            "these are no series, and have no next value",
            "Use seasons, bursts, copy or recorded.",
            pointer="/data/kind",
        )
    training = await prepare(served, request.model_copy(update={"checkpoint": None}))
    start = training.row.copy()
    await go_on(served, training, request.checkpoint)
    memory = memory_of(training.shapes)
    series = await series_for(served, data, request.seed)
    period = request.period
    if period is None:
        period = await served.compute.load(lambda: period_of(series.values[: series.now]))
    if period >= series.now - series.ahead:
        raise Unfit(
            "period",
            period,
            f"{counted(series.now, 'step')} are there before now, and a season is to be one of them",
            f"Use at most {series.now - series.ahead - 1}.",
            pointer="/period",
        )
    recurrent = None
    if request.recurrent is not None:
        settings = request.recurrent.settings()
        count = min(request.batch, len(training.examples.training))
        work = 6 * series.window * (count * settings.hidden * (settings.hidden + 2) + STATE_WORK)
        if work > STEP_WORK:
            raise TooLarge(
                "batch",
                request.batch,
                f"a training step of the recurrent layer would take {counted(work, 'elementary operation')}, "
                f"and may take {STEP_WORK:,}",
                "Use a smaller batch, a smaller window or fewer units.",
                work / STEP_WORK,
                pointer="/batch",
            )
        how = training.how
        if request.recurrent.clip is not None:
            how = request.recurrent.how(how)
        recurrent = RecurrentTraining(training.examples, settings, how, request.dtype)
    return Race(request, series, Course(training, request), memory, period, recurrent, start)
