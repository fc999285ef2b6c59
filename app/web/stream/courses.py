"""Experiments over the socket: reports as messages, snapshots and checkpoints as frames, changes on the way.

Without credits training pauses; each report and each frame takes one. Knows a session by what it sends and asks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Protocol

import anyio
import numpy as np
from numpy.typing import NDArray

from ...core.errors import Problem
from ...core.learning.loop import Snapshot
from ..http.messages import ChangeMessage, TrainMessage
from ..server.admission import ALLOWANCE, CLIENT, REQUEST_COST, Allowance
from . import protocol
from .jobs import Services
from .learning import MOST_MESSAGES, Course, Message, burst, checkpoint_bundle, ended, kept, prepare

Array = NDArray[np.floating]
Json = dict[str, Any]


class Session(Protocol):
    """What a job needs of the socket that it runs on."""

    services: Services
    credits: int
    changes: list[ChangeMessage]

    @property
    def leaving(self) -> bool:
        """Whether this server stops."""

    def stopped(self) -> bool:
        """Whether the job is to end."""

    async def may_go_on(self) -> bool:
        """Wait for a credit; whether the job goes on."""

    async def send(self, message: Json) -> None:
        """One message."""

    async def send_frame(self, frame: bytes, number: int) -> None:
        """One frame."""

    async def send_stopped(self, job: int) -> str:
        """Say how a job that was stopped ended."""

    async def send_problem(self, job: int | None, problem: Problem) -> None:
        """A refusal."""


async def run_course(session: Session, start: TrainMessage) -> str:
    """Run one experiment, and say how it went on."""
    served = session.services
    most = float(served.settings.train_s)
    ALLOWANCE.set(served.admission.allowance())
    await served.admission.charge(REQUEST_COST)
    course = Course(await prepare(served, start), start)
    return await _Running(session, start, course, Allowance(most, most)).run()


class _Running:
    """One experiment on its way over a socket."""

    def __init__(self, session: Session, start: TrainMessage, course: Course, allowance: Allowance) -> None:
        self._session, self._start, self._course = session, start, course
        self._frames = 0
        self._messages: Iterator[Message | None] = course.run()
        self._checkpoint = start.checkpoints
        ALLOWANCE.set(allowance)

    async def run(self) -> str:
        """Everything, with changes between pieces of work."""
        session, course, job = self._session, self._course, self._start.job
        await session.send(self._begin())
        more = True
        while more:
            if not await session.may_go_on():
                if session.stopped():
                    return await session.send_stopped(job)
                return await self._move()
            await self._apply_changes()  # also those that came while it waited for a credit
            try:
                most = min(MOST_MESSAGES, session.credits)  # nothing is trained beyond what may be told
                found, more = await burst(session.services, self._messages, most)
            except Problem as problem:
                if problem.code != "deadline":
                    raise
                course.stopped, found, more = "time", [], False
            for one in found:
                if not await self._send(one):
                    return await session.send_stopped(job) if session.stopped() else await self._move()
            await anyio.lowlevel.checkpoint()
        ALLOWANCE.set(None)
        await session.send({"job": job, **await ended(session.services, course, CLIENT.get())})
        return "done"

    def _begin(self) -> Json:
        """What a reader of frames has to know."""
        training = self._course.training
        return {
            "type": "begin",
            "job": self._start.job,
            "step": training.step,
            "steps_per_epoch": training.steps_per_epoch,
            "classes": list(training.examples.classes),
            "shape": list(training.examples.shape),
            "examples": {
                "training": len(training.examples.training),
                "validation": len(training.examples.validation),
            },
            "parameters": [[one.full_name, list(one.shape)] for one in training.parameters.tensors],
            "statistics": [[name, list(one.shape)] for name, one in training.measured()],
        }

    async def _send(self, message: Message) -> bool:
        """A report or a snapshot, as soon as there is a credit; whether the job goes on."""
        session, job = self._session, self._start.job
        if isinstance(message, Snapshot):
            about = {"type": "snapshot", "job": job, "step": message.step, "numbers": message.numbers.size}
            return await self._send_rows(protocol.Kind.SNAPSHOT, about, message.numbers[None])
        if not await session.may_go_on():
            return False
        session.credits -= 1
        await session.send({"job": job, **message})
        training = self._course.training
        if self._start.checkpoints and training.step >= self._checkpoint:
            self._checkpoint = training.step + self._start.checkpoints
            numbers = training.snapshot().numbers
            rows = [numbers, *(np.resize(row, numbers.shape) for row in training.state.rows.values())]
            about = {
                "type": "checkpoint",
                "job": job,
                "step": training.step,
                "updates": training.state.steps,
                "numbers": numbers.size,
                "rows": ["row", *(f"optimiser.{name}" for name in training.state.rows)],
            }
            return await self._send_rows(protocol.Kind.CHECKPOINT, about, np.stack(rows))
        return True

    async def _send_rows(self, kind: protocol.Kind, about: Json, rows: Array) -> bool:
        """Rows (planes, numbers) as frames, and before them what they are."""
        session = self._session
        each = max(1, protocol.TARGET_BYTES // (len(rows) * rows.itemsize))
        await session.send({**about, "frames": math.ceil(rows.shape[1] / each)})
        for first in range(0, rows.shape[1], each):
            part = rows[:, first : first + each]
            if not await session.may_go_on():
                return False
            session.credits -= 1
            buffer = protocol.FrameBuffer(len(part), part.shape[1], part.dtype)
            buffer.planes[...] = part
            header = protocol.Header(
                kind,
                protocol.dtype_code(buffer.planes),
                first + each >= rows.shape[1],
                self._start.job,
                self._frames,
                first,
                part.shape[1],
                len(part),
                0,
            )
            self._frames = (self._frames + 1) % 2**32
            await session.send_frame(buffer.finish(header), self._frames)
        return True

    async def _apply_changes(self) -> None:
        """Each change, from the training step that it names; one that does not fit is refused, and training goes on."""
        session, course = self._session, self._course
        while session.changes:
            change = session.changes.pop(0)
            try:
                passed = change.step is not None and change.step < course.training.step
                if passed:
                    course.back_to(change.step or 0)
                if change.step is not None:
                    silent = course.steps_to(min(change.step, course.request.steps))
                    while (await burst(session.services, silent))[1]:
                        pass
                course.change(change.settings)
            except Problem as problem:
                await session.send_problem(self._start.job, problem)
            else:
                self._messages = course.run()
                message = {"type": "changed", "job": self._start.job, "step": course.training.step}
                await session.send({**message, "branched": passed})

    async def _move(self) -> str:
        """This server stops: the page goes on elsewhere, from the checkpoint that it is told."""
        bundle = checkpoint_bundle(self._course.training)
        message = {"type": "moved", "job": self._start.job, "step": self._course.training.step}
        await self._session.send(
            {**message, "checkpoint": await kept(self._session.services, bundle, CLIENT.get())}
        )
        return "moved"
