"""The socket: one job at a time per page, credits, supersede, seek by a new start. Knows frames only as bytes."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import anyio
from fastapi import APIRouter, WebSocket
from pydantic import ValidationError
from starlette.websockets import WebSocketDisconnect

from ..core.errors import Problem
from . import problems
from .jobs import Frames, Services, text
from .protocol import SUBPROTOCOL
from .requests import MESSAGE, CancelMessage, CreditMessage, StartMessage

log = logging.getLogger("convscope")
router = APIRouter()

# A send that never waits would starve other requests: after so many frames the loop gets a turn.
FRAMES_A_TURN = 4
REFUSED = 1008  # policy violation
MALFORMED = 1003


class Session:
    """One connection: ``listen`` takes messages and ``work`` sends the newest job; they share a few fields.

    Nothing outlives the connection, so any replica can serve any page.
    """

    def __init__(self, socket: WebSocket, services: Services) -> None:
        self.socket = socket
        self.services = services
        self.next: StartMessage | None = None
        self.running: int | None = None
        self.cancelled = False
        self.credits = 0
        self._changed = anyio.Event()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    async def listen(self) -> None:
        """Take messages until the client goes."""
        while True:
            message = await self.socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            data = message.get("text")
            if data is None:
                await self._send_problem(None, _binary_message())
                continue
            try:
                await self.take(data)
            except ValidationError as error:
                await self._send_problem(None, _message_problem(error))

    async def take(self, data: str) -> None:
        """One message; raises ValidationError for what is none."""
        message = MESSAGE.validate_json(data)
        if isinstance(message, StartMessage):
            if self.next is not None:  # never begun
                await self._send({"type": "superseded", "job": self.next.job})
            self.next = message
        elif isinstance(message, CreditMessage):
            if message.job == self.running:
                self.credits += message.n
            elif self.next is not None and message.job == self.next.job:
                self.next = self.next.model_copy(update={"credits": self.next.credits + message.n})
        elif isinstance(message, CancelMessage):
            if message.job == self.running:
                self.cancelled = True
            elif self.next is not None and message.job == self.next.job:
                self.next = None
        self._notify()

    async def work(self) -> None:
        """Run the newest job, for ever."""
        while True:
            while self.next is None:
                await self._changed.wait()
            start, self.next = self.next, None
            self.running, self.credits, self.cancelled = start.job, start.credits, False
            try:
                await self._run(start)
            except Problem as problem:
                await self._send_problem(start.job, problem)
            except (WebSocketDisconnect, anyio.get_cancelled_exc_class()):
                raise
            except Exception:
                log.exception("defect in a job")
                await self._send_problem(start.job, problems.unexpected())
            self.running = None

    async def _run(self, start: StartMessage) -> None:
        layer = await self.services.layer_of(start)
        frames = await self.services.compute.run(layer.x.size, lambda: Frames(layer, start, start.job))
        if self._stopped():
            await self._send_stopped(start.job)
            return
        await self._send(frames.plan())
        for number, piece in enumerate(frames.pieces()):
            while self.credits == 0 and not self._stopped():
                await self._changed.wait()
            if not self._stopped():
                frame = await self.services.compute.run(piece.work, piece.make)
            if self._stopped():
                await self._send_stopped(start.job)
                return
            self.credits -= 1
            await self.socket.send_bytes(frame)
            if number % FRAMES_A_TURN == 0:
                await anyio.lowlevel.checkpoint()
        await self._send(frames.end())

    def _stopped(self) -> bool:
        return self.cancelled or self.next is not None

    async def _send_stopped(self, job: int) -> None:
        if not self.cancelled:
            await self._send({"type": "superseded", "job": job})

    async def _send(self, message: dict[str, object]) -> None:
        await self.socket.send_text(text(message))

    async def _send_problem(self, job: int | None, problem: Problem) -> None:
        await self._send({"type": "error", "job": job, "problem": problem.to_json()})


def _message_problem(error: ValidationError) -> Problem:
    """A message that does not fit, without the message's own type in the path."""
    found = [dict(item) for item in error.errors()]
    for item in found:
        location = item["loc"]
        assert isinstance(location, tuple)
        item["loc"] = location[1:] if location[:1] in (("start",), ("credit",), ("cancel",)) else location
    return problems.from_validation(found)


def _binary_message() -> Problem:
    return Problem(
        code="malformed",
        status=422,
        title="The message does not fit the protocol",
        field="message",
        value="binary",
        reason="clients send JSON text",
        remedy="Send start, credit or cancel as text.",
    )


def same_origin(socket: WebSocket) -> bool:
    """Whether a page of this host opened the socket; programs send no Origin and are welcome."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


@router.websocket("/api/v1/stream")
async def stream(socket: WebSocket) -> None:
    """One connection of a page."""
    if not same_origin(socket):
        await socket.close(REFUSED, "this socket is for pages of this host")
        return
    if SUBPROTOCOL not in socket.scope.get("subprotocols", []):
        await socket.close(MALFORMED, f"ask for the subprotocol {SUBPROTOCOL}")
        return
    await socket.accept(SUBPROTOCOL)
    session = Session(socket, socket.app.state.services)
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(session.work)
            await session.listen()
            group.cancel_scope.cancel()
    except* (WebSocketDisconnect, RuntimeError) as gone:
        log.debug("a socket closed while sending: %s", gone.exceptions[0])
