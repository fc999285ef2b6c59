"""create_app(): wiring and nothing else."""

from __future__ import annotations

import contextlib
import gc
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.types import ASGIApp

from . import __version__
from .images.read import pool
from .settings import Settings
from .web.assets.assets import assets_of
from .web.http import problems
from .web.http.answering import Answers
from .web.http.cors import ApiCors, FrameCors
from .web.http.draining import Stopping
from .web.http.forwarded import Forwarded
from .web.http.gate import Gate
from .web.http.results import Results
from .web.http.security import SecurityHeaders
from .web.http.targets import Heads, Targets
from .web.routes import (
    api,
    code,
    day_token,
    embed,
    figures,
    forecast,
    frames,
    handbook,
    learning,
    lessons,
    links,
    models,
    pages,
    plans,
    probes,
    sets,
    uploads,
)
from .web.routes.readable import Readable
from .web.server import logs
from .web.server.watching import Watched
from .web.stream import stream
from .web.stream.jobs import Services

# How long a thread that trains keeps the interpreter from the loop that answers: for each request it is asked for it
# several times, and Python's own 5 ms add up.
SWITCH_S = 0.001

DESCRIPTION = (
    "Shows a convolution layer step by step, with the real numbers. Arrays are channels first, "
    "(channels, [depth,] [row,] col), float32. Non-finite numbers travel as NaN, Infinity and -Infinity in "
    "quotes. Every refusal is application/problem+json with field, value, reason and remedy."
)
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457: what cannot be done, why, and what would work.",
    "required": ["type", "title", "status", "code", "detail", "reason", "remedy"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "field": {"type": "string"},
        "value": {},
        "reason": {"type": "string"},
        "remedy": {"type": "string"},
        "pointer": {"type": "string"},
        "retry_after_s": {
            "type": "integer",
            "description": "Nothing is wrong with the request: after so many seconds it may be done.",
        },
        "excess": {
            "type": "number",
            "description": "How many times as much as may be done was asked for.",
        },
        "position": {
            "type": "object",
            "description": "Where in a text that was read: line and column from 1, characters from 0.",
            "required": ["line", "column", "start", "end"],
            "properties": {name: {"type": "integer"} for name in ("line", "column", "start", "end")},
        },
    },
}


class _Application(FastAPI):
    """FastAPI with what every answer passes through, that of its own last resort included."""

    def build_middleware_stack(self) -> ASGIApp:
        ancestors = self.state.services.settings.embed_ancestors
        inner = Readable(super().build_middleware_stack(), self.state.pages.refusal)
        return SecurityHeaders(Targets(inner), ancestors)


def create_app(settings: Settings | None = None) -> FastAPI:
    """One server: its limits, its store, its threads, its routes."""
    settings = settings or Settings.from_environment()
    app = _Application(
        title="Convscope",
        version=__version__,
        description=DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # both load scripts from another host
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        # On by default, and they double the cost of a small request.
        telemetry={
            "auto_configure": False,
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
        },
    )
    assets = assets_of(settings.page, pages.made_files())
    app.state.services = Services.of(settings)
    app.state.readiness = probes.Readiness(app.state.services)
    app.state.pages = pages.Pages(settings, assets)
    app.include_router(api.router)
    app.include_router(plans.router)
    app.include_router(frames.router)
    app.include_router(learning.router)
    app.include_router(forecast.router)
    app.include_router(sets.router)
    app.include_router(lessons.router)
    app.include_router(uploads.router)
    app.include_router(code.router)
    app.include_router(models.router)
    app.include_router(figures.router)
    app.include_router(day_token.router)
    app.include_router(stream.router)
    app.include_router(pages.router)
    app.include_router(embed.router)
    app.include_router(links.router)
    app.include_router(links.pages)
    app.include_router(handbook.router)
    app.include_router(probes.router)
    app.mount("/static", assets)
    app.add_middleware(Heads)
    app.add_middleware(Answers, admission=app.state.services.admission)
    app.add_middleware(Gate, admission=app.state.services.admission)
    app.add_middleware(Forwarded, proxies=settings.proxies)
    app.add_middleware(Results)
    if settings.cors_origins:
        app.add_middleware(ApiCors, origins=settings.cors_origins)
    app.add_middleware(FrameCors, keys=app.state.services.frame_keys)
    app.add_middleware(Stopping, drain=app.state.services.drain)
    app.add_middleware(Watched, metrics=app.state.services.metrics)
    problems.install(app)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """A server's life: how it logs, and how it stops."""
    services: Services = app.state.services
    logs.install(services.settings.log)
    if threading.current_thread() is threading.main_thread():  # a server, not an application in a test
        # Objects that exist now stay for as long as the server: the collector need not visit them again and again,
        # which holds up everybody for fifty milliseconds.
        app.state.pages.api(app.openapi())  # once, and before anybody waits for it
        handbook.rendered(app.state.pages)
        gc.collect()
        gc.freeze()
        sys.setswitchinterval(SWITCH_S)
    try:
        async with services.drain.on_signals():
            yield
    finally:
        pool.close()


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document with the one error shape in it."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            servers=[{"url": "../.."}],  # relative to the document: the server may lie below a path
        )
        _, bodies = models_json_schema(
            [(model, "validation") for model in sorted(api.BODIES, key=str)],
            ref_template="#/components/schemas/{model}",
        )
        components = document.setdefault("components", {})
        components["schemas"] = {**bodies["$defs"], "Problem": PROBLEM_SCHEMA}
        app.openapi_schema = document
    return app.openapi_schema
