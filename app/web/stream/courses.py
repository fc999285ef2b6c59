"""Experiments over the socket: reports as messages, snapshots and checkpoints as frames, changes on the way.

Without credits training pauses; each report and each frame takes one. Knows a session by what it sends and asks.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import anyio
import numpy as np
from numpy.typing import NDArray

from ...core.errors import Problem
from ...core.learning.loop import Snapshot, numbers_of
from ..http.messages import ChangeMessage, TrainMessage
from ..server.admission import ALLOWANCE, CLIENT, REQUEST_COST
from . import protocol
from .bursts import MOST_MESSAGES, burst
from .jobs import Services
from .learning import Course, bundle_of_checkpoint, kept
from .shared import Item, Reader, Shared, key_of, shared_course

MESSAGES_A_TURN = 4  # a send that never waits would starve whoever listens
Array = NDArray[np.floating]
Json = dict[str, Any]


class Session(Protocol):
    """The part of a socket that a job uses."""

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

    async def send_text(self, message: str) -> None:
        """One message that is JSON text already."""

    async def send_frame(self, frame: bytes, number: int) -> None:
        """One frame."""

    async def send_stopped(self, job: int) -> str:
        """Say how a job that was stopped ended."""

    async def send_problem(self, job: int | None, problem: Problem) -> None:
        """A refusal."""


async def run_course(session: Session, start: TrainMessage) -> str:
    """Run one experiment, and say how it went on."""
    served = session.services
    ALLOWANCE.set(served.admission.allowance())
    await served.admission.charge(REQUEST_COST)
    key = await served.compute.load(lambda: key_of(start))
    reader = await served.experiments.join(key, lambda: shared_course(served, start, start.checkpoints))
    running = _Running(session, start, reader)
    try:
        return await running.run()
    finally:
        running.reader.close()


class _Running:
    """One experiment on its way over a socket."""

    def __init__(self, session: Session, start: TrainMessage, reader: Reader) -> None:
        self._session, self._start = session, start
        self.reader = reader
        self._course = course_of(reader.shared)
        self._frames = 0
        self._own = False  # changed by this page, and read by it alone

    async def run(self) -> str:
        """Everything, with changes between pieces of work."""
        session, served, job = self._session, self._session.services, self._start.job
        await session.send(self._begin())
        sent = 0
        while True:
            if not await session.may_go_on():
                return await self._leave()
            await self._apply_changes()  # also those that came while it waited for a credit
            reader, shared = self.reader, self.reader.shared
            if reader.lost:
                await self._read_alone(reader.step)
            elif reader.behind:
                item = reader.take()
                if item is not None and not await self._send(item):
                    return await self._leave()
                sent += 1
                if sent % MESSAGES_A_TURN == 0:
                    await anyio.lowlevel.checkpoint()
            elif shared.over:
                break
            else:  # nothing is trained beyond what may be told
                await shared.advance(served, reader.place, min(MOST_MESSAGES, session.credits))
                await anyio.lowlevel.checkpoint()
        ALLOWANCE.set(None)
        await session.send({"job": job, **await self.reader.shared.end(served, CLIENT.get())})
        return "done"

    async def _leave(self) -> str:
        """Say how it ends before its end: the job is stopped, or this server."""
        if self._session.stopped():
            return await self._session.send_stopped(self._start.job)
        return await self._move()

    def _begin(self) -> Json:
        """The facts that a reader of frames needs."""
        training = self._course.training
        return {
            "type": "begin",
            "job": self._start.job,
            "step": self.reader.step,
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

    async def _send(self, item: Item) -> bool:
        """A report, a snapshot or a checkpoint, as soon as there is a credit; whether the job goes on."""
        session, rows = self._session, item.rows
        if rows is None:
            if not await session.may_go_on():
                return False
            session.credits -= 1
            await session.send_text(f'{{"job":{self._start.job},{item.text[1:]}')
            return True
        numbers = numbers_of(rows.row, rows.statistics)
        about = {"type": item.kind, "job": self._start.job, "step": item.step, "numbers": numbers.size}
        if isinstance(rows, Snapshot):
            return await self._send_rows(protocol.Kind.SNAPSHOT, about, numbers[None])
        state = rows.state
        beside = [np.resize(row, numbers.shape) for row in state.rows.values()]
        about |= {"updates": state.steps, "rows": ["row", *(f"optimiser.{name}" for name in state.rows)]}
        return await self._send_rows(protocol.Kind.CHECKPOINT, about, np.stack([numbers, *beside]))

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
        session = self._session
        while session.changes and not (self._own and self.reader.behind):
            change = session.changes.pop(0)
            here = await self._alone(change.step)
            course = self._course
            try:
                passed = change.step is not None and change.step < here
                if passed:
                    course.back_to(change.step or 0)
                if change.step is not None:
                    await self._train_to(min(change.step, course.request.steps))
                course.change(change.settings)
            except Problem as problem:
                await session.send_problem(self._start.job, problem)
                if change.step is None or not passed:
                    continue
            else:
                message = {"type": "changed", "job": self._start.job, "step": course.training.step}
                await session.send({**message, "branched": passed})
            self._go_on()

    async def _alone(self, step: int | None) -> int:
        """Have the experiment to itself, with its course at or before a training step; the step that it had come to."""
        reader = self.reader
        if not self._own and (not reader.sole or reader.behind):
            here = reader.step
            await self._read_alone(here if step is None else min(step, here))
            return here
        reader.own()
        self._own = True
        return self._course.training.step

    async def _read_alone(self, step: int) -> None:
        """Go on from a training step that was read, apart from those who are elsewhere."""
        self._course = self._course.forked(step)
        await self._train_to(step)
        self._go_on()

    async def _train_to(self, step: int) -> None:
        silent = self._course.steps_to(step)
        while (await burst(self._session.services, silent))[1]:
            pass

    def _go_on(self) -> None:
        """Tell what the course tells from here on, to this reader alone."""
        before, served = self.reader, self._session.services
        checkpoints = self._start.checkpoints
        room = before.shared.room if self._own else None
        shared = Shared(self._course, self._start.steps, before.shared.allowance.left_s, checkpoints, room)
        if self._own:
            before.shared.room = None  # it is this one's from here on
        self.reader, self._own = served.experiments.alone(shared), True
        before.close()

    async def _move(self) -> str:
        """This server stops: the page goes on elsewhere, from the checkpoint that it is told."""
        reader, served = self.reader, self._session.services
        found = reader.shared.checkpoint_at(reader.step)
        bundle = bundle_of_checkpoint(found)
        message = {"type": "moved", "job": self._start.job, "step": found.step}
        await self._session.send({**message, "checkpoint": await kept(served, bundle, CLIENT.get())})
        return "moved"


def course_of(shared: Shared) -> Course:
    """The course of an experiment that is read over a socket."""
    assert isinstance(shared.source, Course)
    return shared.source
