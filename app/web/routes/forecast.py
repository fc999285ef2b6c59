"""The route of forecasts: a network trained on a series, what it forecasts, and how good that is. Knows requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from ...core.errors import Problem
from ...core.learning.loop import Checkpoint
from ..http.answering import Piecewise
from ..http.clients import client_of
from ..http.training import ForecastRequest
from ..server.admission import ALLOWANCE
from ..stream.forecasting import Race, race_of
from ..stream.jobs import Services
from ..stream.learning import bundle_of_checkpoint, kept
from ..stream.shared import SMALL_BYTES, Reader, Shared, items_of, key_of, shared_of
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
    JSON lines, by Accept, the series comes first, each report with the forecast of its training step, the answer last.
    Checkpoints, where they are asked for, are kept as bundles: after a break the same request with ``checkpoint`` goes
    on from there, on any server with the same store, with the numbers that it would have had.
    """
    served = services(request)
    body = await read(ForecastRequest, request, served)
    form = accepted(request, (JSON, LINES))
    key = await served.compute.load(lambda: key_of(body))
    reader = await served.experiments.join(key, lambda: _shared_race(served, body))
    messages = _messages(reader, client_of(request), served, checkpoints=form == LINES)
    if form == LINES:
        return Piecewise(_lines(messages), form)
    last: Json | bytes = {}
    async for one in messages:
        last = one
    return json_answer(last)


async def _shared_race(served: Services, body: ForecastRequest) -> Shared:
    return shared_of(served, await race_of(served, body), body, body.checkpoints)


async def _lines(messages: AsyncIterator[Json | bytes]) -> AsyncIterator[bytes]:
    """A line each; what goes wrong on the way is the last one."""
    try:
        async for one in messages:
            yield one if isinstance(one, bytes) else to_json(one, inf_nan_mode="strings") + b"\n"
    except Problem as problem:
        yield to_json({"type": "error", "problem": problem.to_json()}) + b"\n"


async def _messages(
    reader: Reader, client: str, served: Services, *, checkpoints: bool
) -> AsyncIterator[Json | bytes]:
    """Everything that is told: the series, reports with their forecasts, each a line, checkpoints, and the answer."""
    ALLOWANCE.set(None)
    try:
        race = reader.shared.source
        assert isinstance(race, Race)
        yield race.begin()
        async for one in items_of(served, reader):
            if one.kind == "step":
                yield one.text.encode() + b"\n"
            elif checkpoints and isinstance(one.rows, Checkpoint) and one.nbytes <= SMALL_BYTES:
                bundle = bundle_of_checkpoint(one.rows)
                yield {"type": one.kind, "step": one.step, "checkpoint": await kept(served, bundle, client)}
        if reader.shared.source.stopped == "time":
            reader.shared.allowance.check()
        yield await reader.shared.end(served, client)
    finally:
        reader.close()
