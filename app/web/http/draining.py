"""How a server stops: sockets are told to reconnect, jobs end or go on elsewhere. Knows sessions only as leaving."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import signal
import threading
from collections.abc import AsyncIterator, Callable
from types import FrameType
from typing import Any, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...core.errors import Problem
from ..server.metrics import Metrics
from . import problems

log = logging.getLogger("convscope")

SIGNALS = (signal.SIGTERM, signal.SIGINT)
RESTARTING = 1012  # the close code that tells a page to connect again
AGAIN_S = 2  # after which another server, or this one again, answers
CUT = "http.response.cut"  # ends an answer that has begun where it is: the connection breaks, and the client knows
LAST_S = 0.5  # for the farewells of jobs that took too long


class Leaving(Protocol):
    """A socket that can be told that this server stops."""

    def leave(self, *, now: bool) -> None:
        """Close after the running job; with ``now`` within it: the page goes on elsewhere from the step it has."""


class Drain:
    """The work of a server between the signal to stop and its end.

    First nothing but /readyz changes, for ``notice_s``, so that whoever spreads the load looks elsewhere. Then
    idle sockets close, and those with a job when it ends or ``jobs_s`` later. Then the server that runs the
    application gets the signal: it stops listening, and waits for requests that are being answered.
    """

    def __init__(self, metrics: Metrics, notice_s: float, jobs_s: float) -> None:
        self.draining = False
        self._stopping = False
        self._sessions: set[Leaving] = set()
        self._one_went = asyncio.Event()
        self._metrics = metrics
        self._notice_s = notice_s
        self._jobs_s = jobs_s

    def joined(self, session: Leaving) -> None:
        """A socket opened."""
        self._sessions.add(session)
        if self._stopping:
            session.leave(now=False)

    def left(self, session: Leaving) -> None:
        """A socket closed."""
        self._sessions.discard(session)
        self._one_went.set()

    async def run(self) -> None:
        """Everything up to the moment when the server may close what is still open."""
        self.draining = True
        self._metrics.draining.set(1)
        log.info("told to stop with %d sockets open", len(self._sessions))
        await asyncio.sleep(self._notice_s)
        self._stopping = True
        await self._empty(self._jobs_s, now=False)
        await self._empty(LAST_S, now=True)

    async def _empty(self, patience_s: float, *, now: bool) -> None:
        """Tell all sockets to close, and wait until they have, or for ``patience_s``."""
        for session in tuple(self._sessions):
            session.leave(now=now)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while self._sessions:
                    self._one_went.clear()
                    await self._one_went.wait()

    @contextlib.asynccontextmanager
    async def on_signals(self) -> AsyncIterator[None]:
        """Put the drain before what the server does at SIGTERM and SIGINT; a second SIGINT waits for nothing."""
        if threading.current_thread() is not threading.main_thread():
            yield  # an application inside a test: no signal comes here
            return
        loop = asyncio.get_running_loop()
        drains: list[asyncio.Task[None]] = []
        before: dict[signal.Signals, Any] = {}

        async def drain(pass_on: Callable[[], object]) -> None:
            try:
                await self.run()
            finally:
                pass_on()

        def handle(number: int, frame: FrameType | None) -> None:
            def pass_on() -> None:
                before[signal.Signals(number)](number, frame)

            def begin() -> None:
                if not drains:
                    drains.append(loop.create_task(drain(pass_on)))
                elif number == signal.SIGINT:
                    drains[0].cancel()
                    pass_on()

            # In a context of its own: a signal comes in the middle of somebody's request.
            loop.call_soon_threadsafe(begin, context=contextvars.Context())

        for known in SIGNALS:
            if callable(signal.getsignal(known)):
                before[known] = signal.signal(known, handle)
        try:
            yield
        finally:
            for known, handler in before.items():
                signal.signal(known, handler)


class Stopping:
    """ASGI middleware: what the server's end cuts short is refused with a time to wait, and is no defect.

    The server cancels what is still running when its time to stop is over, and nothing else ever cancels a request.
    """

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self.app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request or socket on, and say what became of it when it is cancelled."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] != "websocket.close"
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except asyncio.CancelledError:
            if not self._drain.draining or scope["type"] not in ("http", "websocket"):
                raise
            if not begun:
                await problems.response(_stopped())(scope, receive, send)
            elif scope["type"] == "http":
                await send({"type": CUT})


def _stopped() -> Problem:
    return Problem(
        code="stopping",
        status=503,
        title="This server stops",
        reason="it was told to stop before this was done",
        remedy=f"Try again in {AGAIN_S} s.",
        retry_after_s=AGAIN_S,
    )
