"""Experiments that are computed once for all who ask for them: what is told is kept, and each reads at a place.

Whoever has read everything trains on. So the fastest reader sets the pace, and without readers nothing is trained; a
while later it is forgotten. Knows no socket and no route.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import anyio
from pydantic_core import to_json

from ...core.errors import Busy, Problem
from ...core.learning.loop import Checkpoint, Snapshot, Training
from ...data.bundle import Bundle
from ..http.training import TrainRequest
from ..server.admission import ALLOWANCE, Allowance, Room
from ..server.compute import INLINE_WORK
from ..server.progress import tell
from .bursts import MOST_MESSAGES, pay, piece_of
from .learning import Course, kept, prepare
from .training_costs import held_bytes

if TYPE_CHECKING:
    from .jobs import Services

Json = dict[str, Any]

FORGOTTEN_S = 5.0  # without a reader
TEXT_BYTES = 4_000_000  # of messages that are kept for those who come later or read slowly
ROW_BYTES = 8_000_000  # of snapshots, and as much of checkpoints
SMALL_BYTES = 500_000  # a checkpoint of no more is kept at each report
ASIDE = frozenset({"type", "job", "credits"})  # of a request: they are no setting of the experiment


class Source(Protocol):
    """An experiment that is computed: a course of training, or a network and a recurrent layer on a series."""

    stopped: str | None
    kept: list[Checkpoint]

    @property
    def training(self) -> Training:
        """The network's."""

    def run(self) -> Iterator[Json | Snapshot | None]:
        """Everything that is told, in short pieces."""

    def end(self) -> Json:
        """The last message."""

    def bundles(self) -> dict[str, Bundle]:
        """The bundles that are kept at the end."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is told: a report as JSON text, or rows."""

    kind: str  # "step", "snapshot" or "checkpoint"
    step: int
    text: str = ""
    rows: Snapshot | Checkpoint | None = None

    @property
    def nbytes(self) -> int:
        """Of its rows."""
        if self.rows is None:
            return 0
        beside = len(self.rows.state.rows) if isinstance(self.rows, Checkpoint) else 0
        return self.rows.row.nbytes * (1 + beside)


class Shared:
    """One experiment, what it has told so far, and who reads it."""

    def __init__(
        self, source: Source, steps: int, most_s: float, checkpoints: int = 0, room: Room | None = None
    ) -> None:
        self.source = source
        self.begin_step = source.training.step
        self.steps = steps
        self.readers = 0
        self.first = 0  # items before it are dropped
        self.over = False
        self.allowance = Allowance(most_s, most_s)
        self.room = room
        self._items: list[Item | None] = []  # from `first` on; rows that are left out are None
        self._text_bytes = 0
        self._row_bytes = {"snapshot": 0, "checkpoint": 0}
        self._checkpoints, self._next_checkpoint = checkpoints, self.begin_step + checkpoints
        self._reported = source.kept[0] if source.kept else source.training.checkpoint()
        self._lock = anyio.Lock()
        self._messages = self._noted()
        self._failure: BaseException | None = None
        self._end: Json | None = None

    @property
    def upto(self) -> int:
        """The place of the item that comes next."""
        return self.first + len(self._items)

    def at(self, place: int) -> Item | None:
        """The item at a place; None for rows that were left out."""
        return self._items[place - self.first]

    def give_room(self) -> None:
        """Give back the room that it took."""
        if self.room is not None:
            self.room.give(self.room.taken)

    async def advance(self, served: Services, place: int, most: int) -> None:
        """Train for a short while, unless the item at a place is there by then; raises what ended it before its end."""
        async with self._lock:  # those who come meanwhile find what was told
            if self._failure is not None:
                raise self._failure
            if place < self.upto or self.over:
                return
            before = ALLOWANCE.set(self.allowance)
            try:
                _, more, took_s = await piece_of(served, self._messages, most)
            except Problem as problem:
                if problem.code != "deadline":
                    raise
                self.source.stopped, self.over = "time", True
                return
            except Exception as error:
                self._failure = error
                raise
            finally:
                ALLOWANCE.reset(before)
            self.over = not more
            self._trim(place - self.first)
        await pay(served, took_s)

    async def end(self, served: Services, client: str) -> Json:
        """The last message, with what is kept of it in the share of the one who asks."""
        async with self._lock:
            if self._end is None:
                self._end = await served.compute.run(INLINE_WORK + 1, self.source.end)
        answer = dict(self._end)
        for name, bundle in self.source.bundles().items():
            answer[name] = await kept(served, bundle, client)
        return answer

    def checkpoint_at(self, step: int) -> Checkpoint:
        """The nearest checkpoint at or before a report: from there the same reports come again."""
        known = [self._reported, *(item.rows for item in self._items if item and item.kind == "checkpoint")]
        fit = [one for one in known if isinstance(one, Checkpoint) and one.step <= step]
        return max([self.source.kept[0], *fit], key=lambda one: one.step)

    def _noted(self) -> Iterator[Item | None]:
        """The messages of the experiment, noted as they are sent."""
        for message in self.source.run():
            if message is None:
                yield None
            elif isinstance(message, Snapshot):
                yield self._note(Item("snapshot", message.step, rows=message))
            else:
                yield self._note(
                    Item("step", message["step"], to_json(message, inf_nan_mode="strings").decode())
                )
                yield from self._checkpoint()

    def _checkpoint(self) -> Iterator[Item]:
        """A checkpoint at a report, where one is wanted: from there the losses between reports are the same as well."""
        training = self.source.training
        wanted = self._checkpoints and training.step >= self._next_checkpoint
        if not wanted and training.row.nbytes > SMALL_BYTES:
            return
        self._reported = training.checkpoint()
        if wanted:
            self._next_checkpoint = training.step + self._checkpoints
            yield self._note(Item("checkpoint", training.step, rows=self._reported))

    def _note(self, item: Item) -> Item:
        self._items.append(item)
        self._text_bytes += len(item.text)
        if item.rows is not None:
            self._row_bytes[item.kind] += item.nbytes
        return item

    def _trim(self, new: int) -> None:
        """Drop what is too much of what is not new: every other snapshot and checkpoint, and the oldest reports."""
        for kind, size in self._row_bytes.items():
            if size > ROW_BYTES:
                self._thin(kind, new)
        if self._text_bytes > TEXT_BYTES:
            half = min(new, len(self._items) // 2)
            dropped = self._items[:half]
            for item in dropped:
                if item is not None:
                    self._leave_out(item)
            self._items = self._items[half:]
            self.first += half

    def _thin(self, kind: str, new: int) -> None:
        places = [at for at, item in enumerate(self._items) if item is not None and item.kind == kind]
        for at in places[1:-1:2]:
            item = self._items[at]
            if item is not None and at < new:
                self._leave_out(item)
                self._items[at] = None

    def _leave_out(self, item: Item) -> None:
        self._text_bytes -= len(item.text)
        if item.rows is not None:
            self._row_bytes[item.kind] -= item.nbytes


def key_of(request: TrainRequest) -> str:
    """A key that is equal for requests of the same experiment with the same messages.

    Of what is left out alone: a loss that is named is another than the usual one of a series.
    """
    given = request.model_dump_json(exclude=set(ASIDE), exclude_unset=True, warnings="none")
    text = f"{type(request).__name__} {given}"
    return hashlib.sha256(text.encode()).hexdigest()


class Experiments:
    """All experiments of a process that are read, or were until a moment ago."""

    def __init__(self) -> None:
        self._held: dict[str, Shared] = {}
        self._making: dict[str, anyio.Lock] = {}

    def __len__(self) -> int:
        return len(self._held)

    async def join(self, key: str, make: Callable[[], Awaitable[Shared]]) -> Reader:
        """Read an experiment from its beginning: the one that runs, or one that is made now."""
        lock = self._making.setdefault(key, anyio.Lock())
        try:
            async with lock:
                shared = self._held.get(key)
                if shared is None or shared.first > 0:  # its beginning is dropped
                    shared = await make()
                    self._held[key] = shared
                return Reader(self, key, shared)
        finally:
            if not lock.statistics().tasks_waiting:
                self._making.pop(key, None)

    def alone(self, shared: Shared) -> Reader:
        """Read an experiment that nobody else is to read."""
        return Reader(self, "", shared)

    def forget(self, key: str, shared: Shared) -> None:
        """Have nobody join it any more."""
        if self._held.get(key) is shared:
            del self._held[key]

    def left(self, key: str, shared: Shared) -> None:
        """A reader went: without another for a while it is forgotten."""
        if self._held.get(key) is not shared:
            if shared.readers == 0:
                shared.give_room()
            return

        def forget() -> None:
            if shared.readers == 0:
                self.forget(key, shared)
                shared.give_room()

        try:
            asyncio.get_running_loop().call_later(FORGOTTEN_S, forget)
        except RuntimeError:  # the server has ended
            forget()


class Reader:
    """One who reads an experiment, at a place of its own."""

    def __init__(self, experiments: Experiments, key: str, shared: Shared) -> None:
        self._experiments, self._key = experiments, key
        self.shared = shared
        self.place = 0
        self.step = shared.begin_step  # of the last report that was read
        self._open = True
        shared.readers += 1

    @property
    def sole(self) -> bool:
        """Whether nobody else reads it."""
        return self.shared.readers == 1

    @property
    def behind(self) -> bool:
        """Whether there is something that is not read yet."""
        return self.place < self.shared.upto

    @property
    def lost(self) -> bool:
        """Whether what comes next was dropped, since it was not read for long."""
        return self.place < self.shared.first

    def take(self) -> Item | None:
        """The next item; None for rows that were left out."""
        item = self.shared.at(self.place)
        self.place += 1
        if item is not None and item.kind == "step":
            self.step = item.step
        return item

    def own(self) -> None:
        """Have nobody else join."""
        self._experiments.forget(self._key, self.shared)

    def __del__(self) -> None:
        """An answer that was never begun reads no more either."""
        self.close()

    def close(self) -> None:
        """Read no more."""
        if self._open:
            self._open = False
            self.shared.readers -= 1
            self._experiments.left(self._key, self.shared)


async def shared_course(served: Services, request: TrainRequest, checkpoints: int = 0) -> Shared:
    """An experiment that is to be read; every refusal comes from here."""
    return shared_of(served, Course(await prepare(served, request), request), request, checkpoints)


def shared_of(served: Services, source: Source, request: TrainRequest, checkpoints: int = 0) -> Shared:
    """The same of what is prepared; raises Busy or TooMany where experiments hold all memory that they may."""
    room = served.admission.experiment()
    room.take(held_bytes(source.training, request))
    return Shared(source, request.steps, float(served.settings.train_s), checkpoints, room)


async def items_of(served: Services, reader: Reader) -> AsyncIterator[Item]:
    """Everything that an experiment tells, to one who reads as fast as it comes."""
    shared = reader.shared
    while True:
        if reader.lost:
            raise Busy("what this experiment told is no longer kept, since it was read too slowly", 1)
        if reader.behind:
            item = reader.take()
            if item is not None:
                yield item
        elif shared.over:
            return
        else:
            await shared.advance(served, reader.place, MOST_MESSAGES)
            training = shared.source.training
            tell(training.step, max(1, shared.steps))
            await anyio.lowlevel.checkpoint()
