"""What a supervisor asks: does the process answer, can it work, what has it counted. Knows no page."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from .jobs import Services

router = APIRouter(include_in_schema=False)

FRESH = {"Cache-Control": "no-store"}


def _said(status: str, code: int = 200) -> Response:
    return Response(to_json({"status": status}), code, headers=FRESH, media_type="application/json")


@router.get("/healthz")
async def healthz() -> Response:
    """The process answers."""
    return _said("ok")


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """The process can take work: it was not told to stop, and its upload store is reachable."""
    services: Services = request.app.state.services
    if services.drain.draining:
        return _said("stopping: its jobs end, others go elsewhere", 503)
    ready = await services.compute.ask(services.store.ready)
    return _said("ready") if ready else _said("the upload store cannot be reached", 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """The counts of all workers as Prometheus text. For the inside of a network: a proxy keeps it from others."""
    services: Services = request.app.state.services
    body, kind = services.metrics.text(request.headers.get("accept", ""))
    return Response(body, headers={**FRESH, "Content-Type": kind})
