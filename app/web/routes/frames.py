"""The route of frames over HTTP: what the socket sends, as one answer. Knows requests and answers, no socket."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import anyio
import numpy as np
from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from ...core.errors import Problem
from ..http.answering import Piecewise
from ..http.requests import FramesRequest
from ..stream import costs, jobs, protocol
from ..stream.jobs import Frames, Services
from ..stream.resting import Resting
from .api import (
    BINARY,
    FILE,
    LINES,
    accepted,
    answers,
    read,
    services,
    takes,
)

router = APIRouter(prefix="/api/v1")

Json = dict[str, Any]


@router.post(
    "/frames",
    tags=["compute"],
    openapi_extra=takes(FramesRequest),
    summary="The steps of a layer, streamed",
    responses=answers(400, 404, 406, 413, 422, media={BINARY: FILE, LINES: {"schema": {"type": "string"}}}),
)
async def frames(request: Request) -> Response:
    """The frames of the socket, each behind its length as a little-endian u32, or as JSON lines by Accept."""
    served = services(request)
    body = await read(FramesRequest, request, served)
    form = accepted(request, (BINARY, LINES))
    job, plan, end = await _job(body, served, costs.AS_LINES if form == LINES else costs.AS_FRAMES)
    return Piecewise(_stream(job, plan, end, served, lines=form == LINES), form)


async def _job(body: FramesRequest, served: Services, number: int) -> tuple[Resting, Json, Json]:
    """The frames that are asked for, and the messages before and after them. The job alone holds the tensors."""
    layer = await served.layer_of(body, lambda built: costs.frames_work(body, built, number))
    made = await served.compute.run(layer.x.size, lambda: Frames(layer, body))

    async def again() -> Frames:
        return Frames(await served.layer_of(body, begun=True), body)

    return Resting(made, again, served.compute, served.settings.rest_s), made.plan(), made.end()


async def _stream(
    job: Resting, plan: Json, end: Json, served: Services, *, lines: bool
) -> AsyncIterator[bytes]:
    def item(data: bytes) -> bytes:
        return data + b"\n" if lines else struct.pack("<I", len(data)) + data

    outcome = "lost"
    with served.metrics.jobs_running.track_inprogress():
        try:
            yield item(jobs.text(plan).encode())
            while job.more:
                data = await job.frame()
                if lines:
                    yield item(await served.compute.read(len(data), partial(_line, data)))
                else:
                    yield item(data)
                served.metrics.sent("http", len(data))
                if job.made % 8 == 0:
                    await anyio.lowlevel.checkpoint()
            yield item(jobs.text(end).encode())
            outcome = "done"
        except Problem as problem:  # the answer has begun: what stops it is told within it
            outcome = "refused"
            message = {"type": "error", "job": plan["job"], "problem": problem.to_json()}
            yield item(jobs.text(message).encode())
        finally:
            job.close()
            served.metrics.jobs.labels("http", outcome).inc()


def _line(frame: bytes) -> bytes:
    """A binary frame as one line of JSON."""
    header = protocol.Header.unpack(frame)
    dtype = np.dtype("<f4" if header.dtype is protocol.Dtype.FLOAT32 else "<f8")
    planes = np.frombuffer(frame, dtype, offset=protocol.HEADER.size).reshape(-1, header.count)
    message: dict[str, Any] = {
        "type": header.kind.name.lower(),
        "first": header.first,
        "count": header.count,
        "values": planes[: header.lanes].tolist(),
    }
    if header.windows:
        message["windows"] = planes[header.lanes :].tolist()
    return to_json(message, inf_nan_mode="strings")
