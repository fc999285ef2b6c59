"""Middleware that gives every request its id, counts it and logs how it ended. Knows no route by name but probes."""

from __future__ import annotations

import logging
import time
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .exchange import CURRENT, Exchange
from .logs import ACCESS
from .metrics import Metrics

log = logging.getLogger(ACCESS)

REQUEST_ID = "X-Request-ID"
PROBES = ("/healthz", "/readyz", "/metrics")  # asked every few seconds for ever: counted, not logged
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class Watched:
    """ASGI middleware: the outermost, so that what others refuse is seen too."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request or socket on, and note how it ended."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        exchange = Exchange.begin(Headers(scope=scope).get(REQUEST_ID))
        token = CURRENT.set(exchange)
        begun = time.perf_counter()
        try:
            if scope["type"] == "http":
                await self._request(scope, receive, send, exchange, begun)
            else:
                await self.app(scope, receive, send)
                if exchange.code is not None:  # refused before it opened
                    self.metrics.refusals.labels(exchange.code).inc()
                self._tell(scope, exchange, begun, "SOCKET", None)
        finally:
            CURRENT.reset(token)

    async def _request(
        self, scope: Scope, receive: Receive, send: Send, exchange: Exchange, begun: float
    ) -> None:
        status: int | str = "gone"

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                named = (REQUEST_ID.lower().encode(), exchange.id.encode())
                message["headers"] = [*message.get("headers", ()), named]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception:
            # The server's own last resort answers it, outside of every middleware.
            status = 500 if status == "gone" else status
            raise
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            self.metrics.requests.labels(_route(scope), method, str(status)).inc()
            self.metrics.request_seconds.labels(_route(scope)).observe(time.perf_counter() - begun)
            if exchange.code is not None:
                self.metrics.refusals.labels(exchange.code).inc()
            self._tell(scope, exchange, begun, method, status)

    @staticmethod
    def _tell(scope: Scope, exchange: Exchange, begun: float, method: str, status: int | str | None) -> None:
        if not log.isEnabledFor(logging.INFO) or scope["path"] in PROBES:
            return
        known: dict[str, Any] = {
            "method": method,
            "route": _route(scope),
            "status": status,
            "duration_ms": round((time.perf_counter() - begun) * 1000, 2),
            "code": exchange.code,
        }
        if exchange.jobs:
            known.update(jobs=exchange.jobs, frames=exchange.frames, bytes=exchange.bytes)
        log.info("%s %s", method, known["route"], extra=known)


def _route(scope: Scope) -> str:
    """The route's own path, with names where the request has values; paths that are no route share one word."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    if path:
        return str(path)
    return "/static" if scope["path"].startswith("/static/") else "none"
