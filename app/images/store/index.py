"""The contents of a store, kept in memory so that no upload lists them all: arrays, claims, their owners. No bytes."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from .blobs import Entry

T = TypeVar("T")

FILE = re.compile(r"([0-9a-f]{64})\.npy\Z")  # the name of an array
CLAIM = re.compile(
    r"([0-9a-f]{64})\.([0-9a-f]{16}(?:[0-9a-f]{16})?)\Z"
)  # an id, an owner, which of its uploads
OWNER_DIGITS = 16
SPARE = (
    10  # of so many claims one more goes when any must go: what that takes is then not taken for each upload
)
SPARE_OF_ALL = 100  # and of all arrays
LEAST_BYTES = 4096  # what a small blob takes on a disk, and what knowing of it takes

Claim = tuple[str, str]  # an id, and an owner with what tells its uploads apart


def owner_in(claim: str) -> str:
    """The owner that a claim counts for."""
    return claim[:OWNER_DIGITS]


class Index:
    """Names, sizes and ages, oldest first. A list of everything makes it, and each write and drop keeps it.

    Every blob counts with at least ``LEAST_BYTES``.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.bytes = 0  # of everything together
        self._arrays: OrderedDict[str, tuple[int, float]] = OrderedDict()  # id -> bytes, moment
        self._claims: dict[str, OrderedDict[Claim, float]] = {}  # owner -> its claims
        self._by_id: dict[str, set[str]] = {}  # id -> the claims to it
        now = time.time()
        for entry in sorted(entries, key=lambda entry: -entry.age_s):
            if found := FILE.match(entry.name):
                self.add_array(found[1], entry.size, now - entry.age_s)
            elif found := CLAIM.match(entry.name):
                self.add_claim(found[1], found[2], now - entry.age_s)

    def add_array(self, id: str, size: int, moment: float | None = None) -> None:
        """An array was written, or written again."""
        self.drop_array(id)
        self._arrays[id] = (max(size, LEAST_BYTES), time.time() if moment is None else moment)
        self.bytes += self._arrays[id][0]

    def add_claim(self, id: str, claim: str, moment: float | None = None) -> None:
        """A claim was written."""
        self.drop_claim(id, claim)
        mine = self._claims.setdefault(owner_in(claim), OrderedDict())
        mine[id, claim] = time.time() if moment is None else moment
        self._by_id.setdefault(id, set()).add(claim)
        self.bytes += LEAST_BYTES

    def drop_array(self, id: str) -> None:
        """An array went."""
        size, _ = self._arrays.pop(id, (0, 0.0))
        self.bytes -= size

    def drop_claim(self, id: str, claim: str) -> None:
        """A claim went."""
        mine = self._claims.get(owner_in(claim))
        if mine is None or mine.pop((id, claim), None) is None:
            return
        if not mine:
            del self._claims[owner_in(claim)]
        self._by_id[id].discard(claim)
        if not self._by_id[id]:
            del self._by_id[id]
        self.bytes -= LEAST_BYTES

    def claims_of(self, id: str) -> tuple[str, ...]:
        """The claims to an array."""
        return tuple(self._by_id.get(id, ()))

    def owners(self) -> tuple[str, ...]:
        """Everyone who claims something."""
        return tuple(self._claims)

    def too_old(self, max_age_s: float) -> list[str]:
        """Arrays that are past their time, or of a time that is far ahead."""
        then = [(id, moment) for id, (_, moment) in self._arrays.items()]
        return _out_of_time(then, max_age_s)

    def claims_too_old(self, max_age_s: float) -> list[Claim]:
        """The same of claims: their array may have been made young by others."""
        return [one for mine in self._claims.values() for one in _out_of_time(list(mine.items()), max_age_s)]

    def oldest_over(self, max_bytes: int, spared: str) -> list[str]:
        """The oldest arrays, as many as must go for the rest to fit, and some more; each goes with its claims."""
        over, more = self.bytes - max_bytes, len(self._arrays) // SPARE_OF_ALL
        found: list[str] = []
        if over <= 0:
            return found
        for id, (size, _) in self._arrays.items():
            if over <= 0:
                more -= 1
            if more < 0:
                break
            if id != spared:
                found.append(id)
                over -= size + LEAST_BYTES * len(self._by_id.get(id, ()))
        return found

    def claims_over(self, owner: str, max_bytes: int, max_count: int, spared: Claim) -> list[Claim]:
        """An owner's oldest claims, as many as must go for the others to fit into its share, and some more."""
        mine = self._claims.get(owner, OrderedDict())
        times: dict[str, int] = {}
        for id, _ in mine:
            times[id] = times.get(id, 0) + 1
        held = LEAST_BYTES * len(mine) + sum(self._arrays.get(id, (0, 0))[0] for id in times)
        count, more = len(mine), len(mine) // SPARE
        found: list[Claim] = []
        if held <= max_bytes and count <= max_count:
            return found
        for id, claim in mine:
            if held <= max_bytes and count <= max_count:
                more -= 1
            if more < 0:
                break
            if (id, claim) == spared:
                continue
            found.append((id, claim))
            count -= 1
            times[id] -= 1
            held -= LEAST_BYTES + (0 if times[id] else self._arrays.get(id, (0, 0))[0])
        return found

    def portions(self, ids: Sequence[str], max_bytes: int) -> Iterator[list[str]]:
        """Ids whose arrays together have so many bytes, or one that has more."""
        some: list[str] = []
        held = 0
        for id in ids:
            size, _ = self._arrays.get(id, (0, 0.0))
            if some and held + size > max_bytes:
                yield some
                some, held = [], 0
            some.append(id)
            held += size
        if some:
            yield some

    def orphans(self, older_than_s: float) -> list[Claim]:
        """Claims of that age whose array is not there: a server died between the two, or the array went by itself."""
        then = time.time() - older_than_s
        return [
            (id, claim)
            for mine in self._claims.values()
            for (id, claim), moment in mine.items()
            if moment < then and id not in self._arrays
        ]


def _out_of_time(held: list[tuple[T, float]], max_age_s: float) -> list[T]:
    now = time.time()
    return [one for one, moment in held if abs(now - moment) >= max_age_s]
