"""Who may have work done, and how much: costs told before the work, and what one request may take. Knows no route."""

from __future__ import annotations

import contextlib
import math
import time
from collections import Counter
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from ...core.errors import Busy, Problem, TooMany
from ...settings import Settings
from .buckets import Buckets, MemoryBuckets
from .shares import fits
from .tokens import Tokens

# The unit of a cost is about a millisecond of one core: so many elementary operations, or bytes to be read.
UNIT_WORK = 5_000_000
UNIT_BYTES = 4_000
REQUEST_COST = 1.0
GUESSES = 20  # wrong tokens that an address may send at once, when it asks for nothing else
PLAN_COST = 1.0
TRY_COST = 0.1  # of a setting that a search or a plan tries


@dataclass(slots=True)
class Allowance:
    """The computing time that one request or job may still have."""

    left_s: float
    most_s: float

    def spend(self, seconds: float) -> None:
        """Note time that was computed."""
        self.left_s -= seconds

    def check(self) -> None:
        """Raise the refusal of a request that has had its time."""
        if self.left_s <= 0:
            raise Problem(
                code="deadline",
                status=503,
                title="The computation takes too long",
                reason=f"this server computes at most {self.most_s:,.0f} s for one request",
                remedy="Use fewer filters, a smaller kernel, a larger stride or a smaller input.",
            )


# Whose request is being worked on, and what it may still take. Threads that work for a request see them too.
CLIENT: ContextVar[str] = ContextVar("client", default="")
ALLOWANCE: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


class Admission:
    """The limits of one process that are no property of a single request: rates, sockets, bodies on their way."""

    def __init__(self, settings: Settings, buckets: Buckets | None = None) -> None:
        self.settings = settings
        self.tokens = Tokens(settings.token)
        self.buckets = buckets or MemoryBuckets(settings.client_rate, settings.client_burst)
        self.sockets: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.experiments: Counter[str] = Counter()
        self._bodies = 0

    async def charge(self, cost: float, client: str | None = None) -> None:
        """Take a cost from the client's bucket; raises TooMany when it is empty."""
        client = CLIENT.get() if client is None else client
        if not client:
            return  # this process asks itself: the command line, a test of a part
        wait_s = await self.buckets.take(client, cost)
        if wait_s > 0:
            reason = "this address has asked for more than its part of this server"
            raise TooMany(reason, max(1, math.ceil(wait_s)))

    async def charge_training(self, cost: float) -> None:
        """The same from a bucket of its own: what an address trains takes nothing from its other requests."""
        if client := CLIENT.get():
            await self.charge(cost, f"{client} trains")

    async def charge_guess(self, client: str) -> None:
        """Charge a wrong token: a share of what an address may ask for at once, owed where it is not there."""
        await self.buckets.owe(client, max(REQUEST_COST, self.settings.client_burst / GUESSES))

    async def charge_after(self, cost: float) -> None:
        """Take the cost of what is done already, or as much of it as the client's bucket holds."""
        part = cost
        while cost >= 1 and part >= 1:
            try:
                await self.charge(min(part, cost))
                cost -= part
            except TooMany:
                part /= 2

    async def charge_work(self, work: int) -> None:
        """The same for work that a plan predicts; what takes less than a unit is in the request's own cost."""
        if work > UNIT_WORK:
            await self.charge(work / UNIT_WORK)

    def allowance(self) -> Allowance:
        """A new request's or job's time of computing."""
        return Allowance(self.settings.compute_s, self.settings.compute_s)

    @contextlib.contextmanager
    def socket(self, client: str) -> Iterator[None]:
        """Room for one more open socket; raises Busy or TooMany when there is none."""
        total, mine = self.sockets.total(), self.sockets[client]
        if total >= self.settings.connections:
            raise Busy("as many pages are connected as this server can serve", 5)
        if mine >= self.settings.client_connections or not fits(mine, total, self.settings.connections):
            raise TooMany("as many pages of this address are connected as it may have", 5)
        self.sockets[client] += 1
        try:
            yield
        finally:
            self.sockets[client] -= 1
            if not self.sockets[client]:
                del self.sockets[client]

    @contextlib.contextmanager
    def answer(self, client: str) -> Iterator[Room]:
        """Room for an answer while it is made and read."""
        room = Room(self.answers, self.settings.answer_bytes, client, "large answers")
        try:
            yield room
        finally:
            room.give(room.taken)

    def experiment(self) -> Room:
        """Room for an experiment while it is computed and read; whoever takes it gives it back."""
        return Room(self.experiments, self.settings.train_bytes, CLIENT.get(), "experiments")

    @contextlib.contextmanager
    def body(self) -> Iterator[BodyRoom]:
        """Room for a body while it arrives and is read."""
        room = BodyRoom(self)
        try:
            yield room
        finally:
            self._bodies -= room.taken

    def take_body(self, size: int) -> None:
        """Count bytes of a body; raises Busy when all bodies together are too many."""
        if self._bodies + size > self.settings.intake_bytes:
            raise Busy("too many bodies arrive at once", 2)
        self._bodies += size

    @property
    def bodies(self) -> int:
        """Bytes of bodies held now."""
        return self._bodies


class Room:
    """The share of the common room that one answer or experiment has taken.

    One that is larger than all of it waits until it is alone.
    """

    def __init__(self, held: Counter[str], most: int, client: str, kind: str) -> None:
        self._held, self._most = held, most
        self._client, self._kind = client, kind
        self.taken = 0

    def take(self, size: int) -> None:
        """Room for ``size`` more bytes; raises Busy when there is none, or TooMany when the others' would be taken."""
        total, mine = self._held.total(), self._held[self._client]
        if total > self.taken:  # others are under way
            if total + size > self._most:
                raise Busy(f"too many {self._kind} are under way", 2)
            if not fits(mine, total, self._most, size):
                raise TooMany(f"as many {self._kind} of this address are under way as it may have", 2)
        self.note(size)

    def note(self, size: int) -> None:
        """Count bytes that are held already."""
        self.taken += size
        self._held[self._client] += size

    def give(self, size: int) -> None:
        """Give room back."""
        self.taken -= size
        self._held[self._client] -= size
        if not self._held[self._client]:
            del self._held[self._client]


class BodyRoom:
    """The share of the common room that one body has taken."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self.taken = 0

    def take(self, size: int) -> None:
        """Room for ``size`` more bytes."""
        self._admission.take_body(size)
        self.taken += size


class Pace:
    """How fast one socket may send messages: beyond it they are read later, which the client's own system feels."""

    def __init__(self, rate: float, burst: float) -> None:
        self._bucket = MemoryBuckets(rate, burst, time.monotonic)

    def wait_s(self) -> float:
        """How long to wait before the next message is read."""
        return self._bucket.take_now("", 1.0)
