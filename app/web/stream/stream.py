"""The socket: one job at a time per page, credits, supersede, seek by a new start. Knows frames only as bytes."""

from __future__ import annotations

import logging
import time
from functools import partial

import anyio
from fastapi import APIRouter, WebSocket
from pydantic import ValidationError
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from ...core.engine.trace import Layer
from ...core.errors import Problem, TooMany
from ..http import problems
from ..http.answering import room_of
from ..http.bodies import check_json
from ..http.draining import RESTARTING
from ..http.messages import (
    MESSAGE,
    CancelMessage,
    ChangeMessage,
    CreditMessage,
    Job,
    StartMessage,
    TrainMessage,
)
from ..http.messages import Message as ClientMessage
from ..server.admission import (
    ALLOWANCE,
    CLIENT,
    REQUEST_COST,
    Pace,
)
from ..server.exchange import CURRENT, Exchange
from . import costs
from .courses import run_course
from .jobs import Frames, Services, text
from .protocol import SUBPROTOCOL
from .resting import Resting

log = logging.getLogger("convscope")
router = APIRouter()

# A send that never waits would starve other requests: after so many frames the loop gets a turn.
FRAMES_A_TURN = 4
MALFORMED = 1003
TYPES = (
    ("start",),
    ("train",),
    ("credit",),
    ("change",),
    ("cancel",),
)  # that the path of a fault begins with
RESTING = 4000  # of a socket that nothing was asked of for long: the page opens another when it needs one
PATIENCE_S = 1.0  # a job that is within its client's limits so soon is not refused but waits


class Session:
    """One connection: ``listen`` takes messages and ``work`` sends the newest job; they share a few fields.

    Nothing outlives the connection, so any replica can serve any page.
    """

    def __init__(self, socket: WebSocket, services: Services) -> None:
        self.socket = socket
        self.services = services
        self.next: Job | None = None
        self.changes: list[ChangeMessage] = []
        self.running: int | None = None
        self.cancelled = False
        self.credits = 0
        self._leaving = self._leaving_now = False
        self._began = 0.0
        self._exchange = CURRENT.get() or Exchange.begin(None)
        self._changed = anyio.Event()
        rate = services.settings.socket_rate
        self._pace = Pace(rate, 4 * rate)

    def leave(self, *, now: bool) -> None:
        """Close for the page to connect elsewhere: after the running job, or now, within it."""
        if now > self._leaving_now or not self._leaving:
            self._leaving, self._leaving_now = True, now
            self._notify()

    async def changed(self) -> None:
        """Wait until a message was taken, or this server stops."""
        await self._changed.wait()

    async def may_go_on(self) -> bool:
        """Wait for a credit; whether the job goes on, and is neither stopped nor moved to another server."""
        while self.credits == 0 and not self.stopped() and not self._leaving:
            await self.changed()
        return not self.stopped() and not self._leaving

    @property
    def leaving(self) -> bool:
        """Whether this server stops."""
        return self._leaving

    def _notify(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    async def listen(self) -> None:
        """Take messages until the client goes."""
        while (message := await self._next_message()) is not None:
            if message["type"] == "websocket.disconnect":
                return
            data = message.get("text")
            if data is None:
                await self.send_problem(None, _binary_message())
                continue
            try:
                await self.take(data)
            except ValidationError as error:
                await self.send_problem(None, _message_problem(error))
            except Problem as problem:
                await self.send_problem(None, problem)

    async def _next_message(self) -> Message | None:
        """The next message, no sooner than the socket's pace allows; None after a long time without one or a job."""
        if (wait_s := self._pace.wait_s()) > 0:
            await anyio.sleep(wait_s)
        while True:
            with anyio.move_on_after(self.services.settings.idle_s):
                return await self.socket.receive()
            if self.running is None and self.next is None:
                await self.socket.close(RESTING, "nothing was asked for; connect again when something is")
                return None

    async def take(self, data: str) -> None:
        """One message; raises ValidationError for what is none, and Problem for what is no message of a page."""
        message = await self.services.compute.read(len(data), lambda: _parsed(data))
        if isinstance(message, (StartMessage, TrainMessage)):
            if self.next is not None:  # never begun
                self._count("superseded")
                await self.send({"type": "superseded", "job": self.next.job})
            self.next = message
            self._began = time.perf_counter()
        elif isinstance(message, CreditMessage):
            if message.job == self.running:
                self.credits += message.n
            elif self.next is not None and message.job == self.next.job:
                self.next = self.next.model_copy(update={"credits": self.next.credits + message.n})
        elif isinstance(message, ChangeMessage):
            if message.job == self.running:
                self.changes.append(message)
        elif isinstance(message, CancelMessage):
            if message.job == self.running:
                self.cancelled = True
            elif self.next is not None and message.job == self.next.job:
                self.next = None
        self._notify()

    async def work(self) -> None:
        """Run the newest job, until this server stops."""
        while not self._leaving:
            if self.next is None:
                await self.changed()
                continue
            start, self.next = self.next, None
            self.running, self.credits, self.cancelled = start.job, start.credits, False
            self.changes = []
            self.services.metrics.jobs_running.inc()
            outcome = "lost"
            try:
                outcome = await self._run(start)
            except Problem as problem:
                outcome = "refused"
                await self.send_problem(start.job, problem)
            except (WebSocketDisconnect, anyio.get_cancelled_exc_class()):
                raise
            except Exception:
                log.exception("defect in a job")
                outcome = "failed"
                await self.send_problem(start.job, problems.unexpected())
            finally:
                self.services.metrics.jobs_running.dec()
                self._count(outcome)
            self.running = None
        await self.socket.close(RESTARTING, "this server stops; connect again")

    async def _layer(self, start: StartMessage) -> Layer:
        """The layer of a job. A job that is a little over its client's limits waits, unless a newer one comes."""
        deadline = time.monotonic() + PATIENCE_S
        paid = False
        while True:
            try:
                if not paid:
                    await self.services.admission.charge(REQUEST_COST)
                    paid = True
                with room_of(self.services.admission):  # the outputs of the layers before it count in all
                    return await self.services.layer_of(start, partial(costs.frames_work, start))
            except TooMany:
                if time.monotonic() >= deadline or self.stopped() or self._leaving:
                    raise
                await anyio.sleep(PATIENCE_S / 4)

    async def _run(self, start: Job) -> str:
        """Run one job, and say how it went on."""
        if isinstance(start, TrainMessage):
            return await run_course(self, start)
        ALLOWANCE.set(self.services.admission.allowance())
        layer = await self._layer(start)
        frames = await self._frames(layer, start)
        if self.stopped():
            return await self.send_stopped(start.job)

        async def again() -> Frames:
            return await self._frames(await self.services.layer_of(start, begun=True), start)

        await self.send(frames.plan())
        end = frames.end()
        job = Resting(frames, again, self.services.compute, self.services.settings.rest_s)
        del layer, frames  # the job alone holds them, and lets them go while nobody reads
        try:
            return await self._send_frames(job, start.job, end)
        finally:
            job.close()

    async def _frames(self, layer: Layer, start: StartMessage) -> Frames:
        return await self.services.compute.run(layer.x.size, lambda: Frames(layer, start, start.job))

    async def _send_frames(self, job: Resting, number: int, end: dict[str, object]) -> str:
        """Send what the credits allow until there is no more, and say how it went on."""
        while job.more:
            while self.credits == 0 and not self.stopped() and not self._leaving:
                await self.changed()
            if self._leaving_now or (self._leaving and self.credits == 0):
                return "moved"  # the page asks another server for the rest
            if not self.stopped():
                frame = await job.frame()
            if self.stopped():
                return await self.send_stopped(number)
            self.credits -= 1
            await self.send_frame(frame, job.made)
            del frame
            if job.made % FRAMES_A_TURN == 1:
                await anyio.lowlevel.checkpoint()
        await self.send(end)
        return "done"

    async def send_frame(self, frame: bytes, number: int) -> None:
        """One frame of a job, counted."""
        await self.socket.send_bytes(frame)
        metrics, size = self.services.metrics, len(frame)
        if number == 1:
            metrics.first_frame_seconds.observe(time.perf_counter() - self._began)
        metrics.sent("socket", size)
        self._exchange.frames += 1
        self._exchange.bytes += size

    def _count(self, outcome: str) -> None:
        self.services.metrics.jobs.labels("socket", outcome).inc()
        self._exchange.jobs += 1

    def stopped(self) -> bool:
        """Whether the running job is to end."""
        return self.cancelled or self.next is not None

    async def send_stopped(self, job: int) -> str:
        """Say how a job that was stopped ended."""
        if self.cancelled:
            return "cancelled"
        await self.send({"type": "superseded", "job": job})
        return "superseded"

    async def send(self, message: dict[str, object]) -> None:
        """One message."""
        await self.send_text(text(message))

    async def send_text(self, message: str) -> None:
        """One message that is JSON text already."""
        await self.socket.send_text(message)

    async def send_problem(self, job: int | None, problem: Problem) -> None:
        """A refusal, counted."""
        self.services.metrics.refusals.labels(problem.code).inc()
        await self.send({"type": "error", "job": job, "problem": problem.to_json()})


def _parsed(data: str) -> ClientMessage:
    check_json(data)
    return MESSAGE.validate_json(data)


def _message_problem(error: ValidationError) -> Problem:
    """A message that does not fit, without the message's own type in the path."""
    if error.error_count() > problems.MOST_LISTED:
        return problems.of_validation(error)
    found = [dict(item) for item in error.errors()]
    for item in found:
        location = item["loc"]
        assert isinstance(location, tuple)
        item["loc"] = location[1:] if location[:1] in TYPES else location
    return problems.from_validation(found)


def _binary_message() -> Problem:
    return Problem(
        code="malformed",
        status=422,
        title="The message does not fit the protocol",
        field="message",
        value="binary",
        reason="clients send JSON text",
        remedy="Send start, train, credit, change or cancel as text.",
    )


@router.websocket("/api/v1/stream")
async def stream(socket: WebSocket) -> None:
    """One connection of a page."""
    if SUBPROTOCOL not in socket.scope.get("subprotocols", []):
        await socket.close(MALFORMED, f"ask for the subprotocol {SUBPROTOCOL}")
        return
    services: Services = socket.app.state.services
    try:
        with services.admission.socket(CLIENT.get()):
            await _serve(socket, services)
    except Problem as problem:  # there is no room for one more
        await socket.send_denial_response(problems.response(problem))


async def _serve(socket: WebSocket, services: Services) -> None:
    await socket.accept(SUBPROTOCOL)
    session = Session(socket, services)
    services.drain.joined(session)
    services.metrics.sockets.inc()
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(session.work)
            await session.listen()
            group.cancel_scope.cancel()
    except* (WebSocketDisconnect, RuntimeError) as gone:
        log.debug("a socket closed while sending: %s", gone.exceptions[0])
    finally:
        services.drain.left(session)
        services.metrics.sockets.dec()
