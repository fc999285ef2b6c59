"""Forecasts for the command line and for notebooks: POST forecast in this process, its figures and its words.

A file of the person's own (CSV) is sent first. Knows files and what the API tells.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from ..core.errors import counted
from ..figures.content.about import About
from ..figures.drawing.marks import Figure
from ..figures.drawing.numbers import number
from ..figures.drawing.themes import THEMES
from ..figures.layout.forecast import Plot, Way, forecast
from ..figures.layout.lags import Lag, lag_chart
from ..figures.writers.still import WRITERS
from .bar import Bar
from .endings import failed, guarded
from .train import DPI, FIGURES, JSON, problem_of

Json = dict[str, Any]
CSV = "text/csv"
# Six causal convolutions of two taps, each seeing twice as far as the one before: 64 steps.
STACK: list[Json] = [
    *(
        {
            "operation": "convolution",
            "kernel": 2,
            "dilation": 2**power,
            "filters": 8,
            "padding": "causal",
            "bias": True,
            "activation": "relu",
        }
        for power in range(6)
    ),
    {"operation": "convolution", "kernel": 1, "filters": 1, "bias": True},
]
USUAL: Json = {"layers": STACK, "data": {"kind": "seasons"}, "steps": 300, "optimiser": {"rate": 0.01}}


def add_forecast(commands: Any) -> None:
    """Put the command beside the others."""
    command = commands.add_parser("forecast", help="train a network on a series and forecast it")
    command.add_argument(
        "series",
        metavar="FILE",
        help="a table (.csv, .tsv, .txt), or an experiment as POST forecast takes it",
    )
    command.add_argument("--column", help="the column of the table; left out, the first of numbers")
    command.add_argument(
        "--held", type=int, help="values at the end that are held back (48, or a fifth of few)"
    )
    command.add_argument("--horizon", type=int, default=24, help="values that are forecast, 1 to 48")
    command.add_argument("--recurrent", action="store_true", help="train a recurrent layer beside it")
    command.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="FILE",
        help="write the forecast (.svg, .pdf, .png, .tex) or all that was told (.json); may be given again",
    )
    command.add_argument("--lags", metavar="FILE", help="write the lag chart (.svg, .pdf, .png, .tex)")
    command.add_argument("--json", action="store_true", help="print what the API answers")
    command.add_argument("-q", "--quiet", action="store_true", help="show no progress")
    command.set_defaults(run=_forecast)


@guarded
def _forecast(options: argparse.Namespace) -> int:
    for name in [*options.output, *([options.lags] if options.lags else [])]:
        if Path(name).suffix.lower() not in (*FIGURES, ".json"):
            raise argparse.ArgumentTypeError(f"{name}: forecast writes {', '.join([*FIGURES, '.json'])}")
    given = Path(options.series).read_bytes()
    table = Path(options.series).suffix.lower() != ".json"
    try:
        experiment: Json = {**USUAL} if table else json.loads(given)
    except json.JSONDecodeError as error:
        return failed(f"{options.series}: {error}")
    if options.recurrent:
        experiment.setdefault("recurrent", {})
    experiment.setdefault("horizon", options.horizon)
    with Bar(shown=not (options.json or options.quiet)) as bar:
        found = run(experiment, given if table else None, options.column, options.held, bar)
    if options.json:
        print(json.dumps(found.answer, ensure_ascii=False))
    else:
        print(found.words())
    for name in options.output:
        Path(name).write_bytes(found.file(Path(name).suffix.lower()))
    if options.lags:
        Path(options.lags).write_bytes(found.file(Path(options.lags).suffix.lower(), lags=True))
    return 0


def run(experiment: Json, table: bytes | None, column: str | None, held: int | None, bar: Bar) -> Forecasted:
    """Forecast as a body says, on a table if there is one; raises Problem where it is refused."""
    import anyio

    from ..main import create_app
    from ..web.server.progress import PROGRESS
    from .in_process import ask

    async def asked() -> Json:
        app = create_app()
        body = dict(experiment)
        if table is not None:
            kept = await ask(app, "POST", "/api/v1/data", table, media=CSV, accept=JSON)
            record = _answer(kept.status, kept.body)
            back = held if held is not None else min(48, record["count"] // 5)
            body["data"] = {"kind": "recorded", "id": record["id"], "column": column, "held": back}
        found = await ask(app, "POST", "/api/v1/forecast", json.dumps(body).encode(), media=JSON, accept=JSON)
        return _answer(found.status, found.body)

    progress_token = PROGRESS.set(bar.tell)
    try:
        return Forecasted(anyio.run(asked), json.dumps(experiment))
    finally:
        PROGRESS.reset(progress_token)


def _answer(status: int, body: bytes) -> Json:
    answer: Json = json.loads(body)
    if status >= 400:
        raise problem_of(answer)
    return answer


def forecasted(
    series: str | Path | Mapping[str, Any] | None = None, column: str | None = None, **experiment: Any
) -> Forecasted:
    """A forecast for notebooks and scripts: ``forecast("sales.csv", column="sales", horizon=24)``.

    ``series`` is a table's file, or ``data`` as ``POST forecast`` takes it; all else goes to that route.
    """
    body = {**USUAL, **experiment}
    table = None
    if isinstance(series, Mapping):
        body["data"] = dict(series)
    elif series is not None:
        table = Path(series).read_bytes()
    with Bar(shown=True) as bar:
        return run(body, table, column, None, bar)


@dataclass(frozen=True)
class Forecasted:
    """A forecast: ``answer`` is what ``POST forecast`` answered; it shows itself as a figure."""

    answer: Json
    experiment: str

    @property
    def values(self) -> list[float]:
        """The values beyond the end of the series."""
        found: list[float] = self.answer["network"]["beyond"]
        return found

    def figure(self, theme: str = "light") -> Figure:
        """The forecast of what was held back, beside the naive ones."""
        answer = self.answer
        series, period = answer["series"], answer["seasonal_naive"]["period"]
        ways = [
            Way(
                "naive",
                answer["naive"]["rolled"]["values"],
                answer["naive"]["rolled"]["error"],
                "muted",
                (1, 2),
            ),
            Way(
                f"{counted(period, 'step')} before",
                answer["seasonal_naive"]["rolled"]["values"],
                answer["seasonal_naive"]["rolled"]["error"],
                "muted",
                (4, 2),
            ),
        ]
        if answer["recurrent"] is not None:
            rolled = answer["recurrent"]["rolled"]
            ways.append(Way("recurrent", rolled["values"], rolled["error"], "kernel"))
        rolled = answer["network"]["rolled"]
        ways.append(Way("network", rolled["values"], rolled["error"], "output"))
        padded = answer["network"]["memory"]["padded"] + series["ahead"]
        plot = Plot(series["values"], series["now"] - series["first"], max(0, padded - series["first"]), ways)
        return forecast(plot, THEMES[theme])

    def lags(self, theme: str = "light") -> Figure:
        """The gradient of the last output at each lag."""
        answer = self.answer
        lags = [Lag("network", answer["network"]["lags"]["trained"], "output")]
        if answer["recurrent"] is not None:
            lags.append(Lag("recurrent", answer["recurrent"]["lags"]["trained"], "kernel"))
        return lag_chart(lags, THEMES[theme])

    def words(self) -> str:
        """How good it is, in a few sentences."""
        answer, network = self.answer, self.answer["network"]
        memory, series = network["memory"], answer["series"]
        period = answer["seasonal_naive"]["period"]
        rows = [
            ("network", network),
            ("naive", answer["naive"]),
            (f"{counted(period, 'step')} before", answer["seasonal_naive"]),
        ]
        if answer["recurrent"] is not None:
            rows.insert(1, ("recurrent layer", answer["recurrent"]))
        count = len(network["rolled"]["values"])
        parts = [
            f"{series['name']}: {counted(series['count'], 'step')}, the last {series['held']} held back. "
            f"The network has {counted(network['parameters'], 'parameter')} and sees "
            f"{counted(memory['past'] + 1, 'step')} up to now"
            + (f" and {counted(memory['future'], 'step')} of the future." if memory["future"] else "."),
            f"Mean squared error of {counted(count, 'value')}, each from the one before: "
            + ", ".join(f"{name} {_number(one['rolled']['error'])}" for name, one in rows)
            + ".",
            "One step on: "
            + ", ".join(f"{name} {_number(one['one_step']['error'])}" for name, one in rows)
            + ".",
            f"On the sequence it was trained on: {_number(network['apparent'])}.",
        ]
        return " ".join(parts)

    def about(self, *, lags: bool = False) -> About:
        """The words of a figure."""
        title = "The gradient of the last output at each lag" if lags else "A forecast"
        return About(title, self.words(), self.words(), "", self.experiment)

    def file(self, ending: str, *, lags: bool = False) -> bytes:
        """The file of an ending: a figure, or everything that was told."""
        if ending == ".json":
            return json.dumps(self.answer, ensure_ascii=False, indent=1).encode()
        figure = self.lags() if lags else self.figure()
        return WRITERS[FIGURES[ending]](figure, self.about(lags=lags), DPI)

    def _repr_html_(self) -> str:
        """The forecast with its words."""
        drawn = self.file(".svg").decode().partition("?>")[2]
        return f'<figure style="margin:0">{drawn}<figcaption>{escape(self.words())}</figcaption></figure>'


def _number(value: float | str | None) -> str:
    return number(value, 3) if isinstance(value, (int, float)) else "not known"
