"""Probes of a supervisor: does the process answer, can it work, what has it counted. Knows no page."""

from __future__ import annotations

import asyncio
import time

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from ..stream.jobs import Services

router = APIRouter(include_in_schema=False)

FRESH = {"Cache-Control": "no-store"}
KNOWN_S = 1.0  # for which an answer of the store is told again: whoever asks more often costs it nothing


def _said(status: str, code: int = 200) -> Response:
    return Response(to_json({"status": status}), code, headers=FRESH, media_type="application/json")


class Readiness:
    """The last answer of the upload store about itself. Requests at the same time wait for one answer."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._ready = False
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def ready(self) -> bool:
        """Whether the store takes uploads."""
        async with self._asking:
            if time.monotonic() >= self._until:
                self._ready = await self._services.compute.ask(self._services.store.ready)
                self._until = time.monotonic() + KNOWN_S
        return self._ready


@router.get("/healthz")
async def healthz() -> Response:
    """The process answers."""
    return _said("ok")


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """The process can take work: it was not told to stop, and its upload store takes uploads."""
    services: Services = request.app.state.services
    if services.drain.draining:
        return _said("stopping: its jobs end, others go elsewhere", 503)
    readiness: Readiness = request.app.state.readiness
    ready = await readiness.ready()
    return _said("ready") if ready else _said("the upload store cannot be reached, or takes no more", 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """The counts of all workers as Prometheus text. For the inside of a network: a proxy keeps it from others."""
    services: Services = request.app.state.services
    body, kind = services.metrics.text(request.headers.get("accept", ""))
    return Response(body, headers={**FRESH, "Content-Type": kind})
