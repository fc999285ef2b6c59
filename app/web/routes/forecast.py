"""The route of forecasts: a network trained on a series, what it forecasts, and how good that is. Knows requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import anyio
from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from ...core.errors import Problem
from ...core.learning.loop import Snapshot
from ..http.answering import Piecewise
from ..http.clients import client_of
from ..http.training import ForecastRequest
from ..server.admission import ALLOWANCE, Allowance
from ..server.compute import INLINE_WORK
from ..server.progress import tell
from ..stream.forecasting import Race, race_of
from ..stream.jobs import Services
from ..stream.learning import burst, kept, parameters_bundle
from .api import JSON, LINES, accepted, answers, json_answer, read, services, takes

router = APIRouter(prefix="/api/v1")

Json = dict[str, Any]


@router.post(
    "/forecast",
    tags=["learning"],
    openapi_extra=takes(ForecastRequest),
    summary="A network trained on a series, and what it forecasts",
    responses=answers(
        400,
        404,
        406,
        413,
        422,
        media={JSON: {"schema": {"type": "object"}}, LINES: {"schema": {"type": "string"}}},
    ),
)
async def forecast(request: Request) -> Response:
    """Forecasts one step on, rolled, and beyond the end, beside the naive and the seasonal-naive, with all errors.

    Also told: what the network sees of past and future, its error on the sequence it was trained on beside that of
    honest questions, and the gradient at each lag. With ``recurrent`` a recurrent layer is trained on the same data. As
    JSON lines, by Accept, each report comes with the forecast of its training step, and the answer last.
    """
    served = services(request)
    body = await read(ForecastRequest, request, served)
    form = accepted(request, (JSON, LINES))
    race = await race_of(served, body)
    messages = _messages(race, client_of(request), served)
    if form == LINES:
        return Piecewise(_lines(messages), form)
    last: Json = {}
    async for one in messages:
        last = one
    return json_answer(last)


async def _lines(messages: AsyncIterator[Json]) -> AsyncIterator[bytes]:
    """A line each; what goes wrong on the way is the last one."""
    try:
        async for one in messages:
            yield to_json(one, inf_nan_mode="strings") + b"\n"
    except Problem as problem:
        yield to_json({"type": "error", "problem": problem.to_json()}) + b"\n"


async def _messages(race: Race, client: str, served: Services) -> AsyncIterator[Json]:
    """Everything that is told: reports with their forecasts, and the answer."""
    most = float(served.settings.train_s)
    ALLOWANCE.set(Allowance(most, most))
    pieces = race.run()
    more = True
    while more:
        found, more = await burst(served, pieces)
        tell(race.training.step, max(1, race.request.steps))
        for one in found:
            if not isinstance(one, Snapshot):
                yield one
        await anyio.lowlevel.checkpoint()
    answer = await served.compute.run(INLINE_WORK + 1, race.answer)
    answer["parameters"] = await kept(served, parameters_bundle(race.training), client)
    yield answer
