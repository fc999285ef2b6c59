"""How large answers go out: in slices as they are read, counted while they are held. Knows bytes, no route."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from contextvars import ContextVar

from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...core.errors import Problem
from ..server.admission import CLIENT, Admission, Room
from ..server.exchange import ended_with
from .draining import CUT

SLICE_BYTES = 1 << 18  # what is handed on at once: the next slice waits until nearly all of this one was read
UNREAD_S = 60.0  # an answer that takes room, and of which no slice is read for so long, is given up

# The room that the answer to the current request takes.
ROOM: ContextVar[Room | None] = ContextVar("room", default=None)


def hold(size: int) -> None:
    """Count bytes that the answer to the current request takes; raises Busy or TooMany when there is no room."""
    if (room := ROOM.get()) is not None:
        room.take(size)


@contextlib.contextmanager
def room_of(admission: Admission) -> Iterator[None]:
    """Room for what is held while something is made that is no HTTP answer."""
    with admission.answer(CLIENT.get()) as room:
        token = ROOM.set(room)
        try:
            yield
        finally:
            ROOM.reset(token)


class Answers:
    """ASGI middleware: an answer is sent no faster than it is read, and what it takes is counted until it has left.

    Handed over whole, an answer lies in memory for as long as its reader likes.
    """

    def __init__(self, app: ASGIApp, admission: Admission) -> None:
        self.app = app
        self._admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with room for its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with self._admission.answer(CLIENT.get()) as room:

            async def sliced(message: Message) -> None:
                body = message.get("body", b"")
                if len(body) <= SLICE_BYTES:
                    await _read(send, message, room)
                    return
                room.note(len(body))
                view = memoryview(body)
                for start in range(0, len(view), SLICE_BYTES):
                    part = view[start : start + SLICE_BYTES]
                    more = start + len(part) < len(view) or message.get("more_body", False)
                    await _read(send, {**message, "body": part, "more_body": more}, room)
                room.give(len(body))

            token = ROOM.set(room)
            try:
                await self.app(scope, receive, sliced)
            finally:
                ROOM.reset(token)


async def _read(send: Send, message: Message, room: Room) -> None:
    """Send a message as soon as those before it were read; break off an answer that takes room and is not read."""
    while True:
        try:
            async with asyncio.timeout(UNREAD_S):
                await send(message)
                return
        except TimeoutError:  # nothing of the message has left
            if room.taken:
                await send({"type": CUT})
                return


AS_IT_COMES = {"X-Accel-Buffering": "no"}  # nginx passes such an answer on piece by piece


class Piecewise(StreamingResponse):
    """An answer that is made while it is sent. A refusal on the way breaks it off: nobody takes it for whole."""

    def __init__(
        self, parts: AsyncIterator[bytes | memoryview], media_type: str, size: int | None = None
    ) -> None:
        headers = dict(AS_IT_COMES) if size is None else {"Content-Length": str(size)}
        super().__init__(parts, headers=headers, media_type=media_type)

    async def stream_response(self, send: Send) -> None:
        """Send all parts; whatever makes them is closed before this returns."""
        try:
            async with aclosing(self.body_iterator):  # type: ignore[type-var]
                await super().stream_response(send)
        except Problem as problem:
            ended_with(problem.code)
            await send({"type": CUT})
