"""Uploads kept by their content: the id is the SHA-256 of type, shape, pixels. Knows no HTTP, no decoder."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...core.errors import NotFound, Problem, TooLarge, counted
from ..read.npy import little_endian, npy_head, parse_npy
from .blobs import Blobs, Full, Unreachable
from .directory import DirectoryBlobs
from .folder import SECRET_BYTES
from .index import (
    CLAIM,
    Claim,
    Index,
    owner_in,
)

Pixels = NDArray[Any]
Access = Callable[[str], AbstractContextManager[object]]

ID = re.compile(r"[0-9a-f]{64}\Z")
_DOMAIN = b"convscope upload 1\0"  # so that an id is never the hash of something else of the same bytes
_STALE_S = 3600  # a claim of this age without its array was left by a server that died
_PORTION_BYTES = 32_000_000  # of arrays that are held in memory while they are dropped
NOBODY: Claim = ("", "")
_SCANS = 50  # lists of everything take at most one part in so many of a server's time


@dataclass(frozen=True, slots=True)
class Stored:
    """The record of an upload. A picture is uint8 or uint16, an array float32 or float64."""

    id: str
    kind: Literal["picture", "array"]
    shape: tuple[int, ...]
    dtype: str
    mode: str  # what the values are, in words
    expires_s: int

    def to_json(self) -> dict[str, Any]:
        """As the API tells it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "shape": list(self.shape),
            "width": self.shape[-1],
            "height": self.shape[-2] if len(self.shape) > 1 else 1,
            "mode": self.mode,
            "expires_s": self.expires_s,
            "expires": _moment(time.time() + self.expires_s),
        }


def content_id(array: Pixels) -> str:
    """SHA-256 over domain, type, shape and the bytes in C order, little-endian."""
    array = np.ascontiguousarray(array, dtype=little_endian(array.dtype))
    digest = hashlib.sha256(_DOMAIN)
    digest.update(f"{array.dtype.str} {' '.join(map(str, array.shape))}\0".encode())
    digest.update(raw(array))
    return digest.hexdigest()


def raw(array: Pixels) -> memoryview:
    """The bytes of a C-ordered array, not copied."""
    return memoryview(array.reshape(-1).view(np.uint8))  # type: ignore[arg-type]


class Store:
    """Keeps arrays by content. A picture is uint8 or uint16, an array float32 or float64.

    Whoever puts an array may claim it: 16 digits (of 0-9 and a-f) of an owner, which tell nobody who it is, and 16
    that tell this upload from the owner's others. An array stays while anyone claims it and room is left; what an
    owner's claims hold together is bounded in bytes and in number, and it is the owner's own oldest that makes room.
    An array is a blob ``<id>.npy``, whose name is its checksum, so that a damaged one is noticed and dropped; a claim
    is an empty blob ``<id>.<claim>``. ``access`` is told of each access and sees how it ends.

    The contents are known from an index in memory. Other servers write as well, so it is made anew from a list of
    everything when it is older than ``stale_s`` (0: each time); for so long others may exceed a bound.
    """

    stale_s = 10.0

    def __init__(
        self,
        blobs: Blobs,
        max_bytes: int = 1_000_000_000,
        max_age_s: int = 7 * 24 * 3600,
        *,
        owner_bytes: int = 1_000_000_000,
        owner_count: int = 2_000,
        access: Access = nullcontext,
    ) -> None:
        self.blobs = blobs
        self.max_bytes = max_bytes
        self.max_age_s = max_age_s
        self.owner_bytes = owner_bytes
        self.owner_count = owner_count
        self._access = access
        self._index: Index | None = None
        self._list_at = 0.0
        self._lock = threading.RLock()

    def put(self, array: Pixels, mode: str | None = None, claim: str = "") -> Stored:
        """Keep an array and tell its id; one that is here already only has its age set back.

        The claim is there before the array: whoever gives up another claim to it meanwhile sees this one.
        """
        id = content_id(array)
        array = np.ascontiguousarray(array, dtype=little_endian(array.dtype))
        most = min(self.max_bytes, self.owner_bytes)
        if array.nbytes > most:
            raise TooLarge(
                "image",
                counted(array.nbytes, "byte"),
                f"this server keeps at most {counted(most, 'byte')} of one client's uploads",
                "Send a smaller picture.",
            )
        with self._access("put"):
            if claim:
                self.blobs.write(_claim(id, claim), (), self.max_age_s)
            try:
                size = self.blobs.write(_file(id), (npy_head(array), raw(array)), self.max_age_s)
            except Problem:
                if claim:
                    self._drop(_claim(id, claim))
                raise
        with suppress(Unreachable, Full):  # it is kept; who comes next makes room
            self._make_room(id, claim, size)
        return self._stored(id, array, self.max_age_s, mode)

    def delete(self, id: str, claim: str) -> bool:
        """Give up a claim, and the array with its last one; whether there was such a claim."""
        if not CLAIM.match(f"{id}.{claim}"):
            return False
        with self._access("delete"):
            if not self.blobs.remove(_claim(id, claim)):
                return False
            with self._lock:
                index = self._known()
                index.drop_claim(id, claim)
                self._let_go([id], index)
        return True

    def gone(self, id: str) -> bool:
        """Whether it is certain that the array is no longer here; False when the store cannot be asked."""
        if not ID.match(id):
            return True
        try:
            with self._access("ask"):
                age_s = self.blobs.age_s(_file(id))
        except Unreachable:
            return False
        return age_s is None or not self._fresh(age_s)

    def secret(self) -> bytes:
        """32 bytes that only the servers of this store know, the same for all of them and for as long as it lives."""
        return self.blobs.create("secret", secrets.token_bytes(SECRET_BYTES))

    def get(self, id: str) -> Pixels:
        """The array of an id, checked against it, read-only; or NotFound, or Unreachable."""
        array, _ = self._read(id)
        return array

    def describe(self, id: str) -> Stored:
        """The record of an id, and the time left; or NotFound, or Unreachable."""
        array, age_s = self._read(id)
        return self._stored(id, array, min(self.max_age_s, max(0, int(self.max_age_s - age_s))), None)

    def ready(self) -> bool:
        """Whether uploads can be kept now."""
        return self.blobs.ready()

    def _fresh(self, age_s: float) -> bool:
        """A time far ahead is as bad as one long past: a clock jumped, and nothing stays for ever."""
        return abs(age_s) < self.max_age_s

    def _read(self, id: str) -> tuple[Pixels, float]:
        if not ID.match(id):  # before the disk is touched: an id is never a path
            raise _lost(id, "an id is 64 digits of 0-9 and a-f")
        with self._access("get"):
            blob = self.blobs.read(_file(id))
        if blob is None:
            raise _lost(id)
        if not self._fresh(blob.age_s):
            raise _lost(id)  # and it is swept when somebody puts something
        try:
            array = parse_npy(blob.data)
            if content_id(array) != id:
                raise ValueError("the content is not what the name says")
        except (Problem, ValueError):
            self._drop(_file(id))
            raise _lost(id) from None
        array.setflags(write=False)
        return array, blob.age_s

    def _known(self, spared: Claim = NOBODY) -> Index:
        """The contents, from memory; listed anew when that is too old."""
        begun = time.monotonic()
        if self._index is None or begun >= self._list_at:
            self._index = Index(self.blobs.entries())
            now = time.monotonic()
            self._list_at = now + max(self.stale_s, _SCANS * (now - begun)) if self.stale_s else now
            self._sweep(spared, self._index)
        return self._index

    def _sweep(self, spared: Claim, index: Index) -> None:
        """Drop what has expired, and what owners hold too much of; other servers may do so meanwhile."""
        self._give_up(index.claims_too_old(self.max_age_s), index)
        self._evict(index.too_old(self.max_age_s), index)
        for owner in index.owners():
            self._keep_to_share(owner, spared, index)
        self._drop_claims(index.orphans(_STALE_S), index)

    def _make_room(self, id: str, claim: str, size: int) -> None:
        """Note what was put, and drop an owner's oldest and then everybody's until the rest fits."""
        with self._lock:
            index = self._known(spared=(id, claim))
            index.add_array(id, size)
            if claim:
                index.add_claim(id, claim)
                self._keep_to_share(owner_in(claim), (id, claim), index)
            self._evict(index.oldest_over(self.max_bytes, id), index)

    def _keep_to_share(self, owner: str, spared: Claim, index: Index) -> None:
        """Give up an owner's oldest claims until the others fit into its share."""
        over = index.claims_over(owner, self.owner_bytes, self.owner_count, spared)
        self._give_up(over, index)

    def _give_up(self, claims: list[Claim], index: Index) -> None:
        """Drop claims, and the arrays of which they were the last."""
        self._drop_claims(claims, index)
        self._let_go([id for id in dict.fromkeys(id for id, _ in claims) if not index.claims_of(id)], index)

    def _evict(self, ids: list[str], index: Index) -> None:
        """Drop arrays with the claims to them that are known."""
        self._drop_claims([(id, claim) for id in ids for claim in index.claims_of(id)], index)
        self._let_go(ids, index)

    def _drop_claims(self, claims: list[Claim], index: Index) -> None:
        for id, claim in claims:
            self._drop(_claim(id, claim))
            index.drop_claim(id, claim)

    def _let_go(self, ids: list[str], index: Index) -> None:
        """Drop arrays unless somebody claims them, also somebody who does so at this very moment.

        A claim is written before its array. So one that is not there after the array was dropped comes with an array
        of its own; one that is there then may have lost it, and it is put back.
        """
        for some in index.portions(ids, _PORTION_BYTES):
            claimed = self._claimed(some, index)
            going = [id for id in some if id not in claimed]
            held = {id: self.blobs.read(_file(id)) for id in going}
            for id in going:
                self.blobs.remove(_file(id))
                index.drop_array(id)
            for id in self._claimed(going, index):
                blob = held[id]
                if blob is not None:
                    index.add_array(id, self.blobs.write(_file(id), (blob.data,), self.max_age_s))

    def _claimed(self, ids: list[str], index: Index) -> set[str]:
        """Those of some arrays that are claimed, by the place itself; claims of other servers are noted."""
        names = self.blobs.named([f"{id}." for id in ids]) if ids else []
        found = [claim for claim in map(CLAIM.match, names) if claim is not None]
        for claim in found:
            if claim[2] not in index.claims_of(claim[1]):
                index.add_claim(claim[1], claim[2])
        return {claim[1] for claim in found}

    def _drop(self, name: str) -> None:
        with suppress(Unreachable):
            self.blobs.remove(name)

    @staticmethod
    def _stored(id: str, array: Pixels, expires_s: int, mode: str | None) -> Stored:
        kind: Literal["picture", "array"] = "picture" if array.dtype.kind == "u" else "array"
        return Stored(id, kind, array.shape, array.dtype.name, mode or mode_of(array), expires_s)


class DirectoryStore(Store):
    """Uploads in one directory."""

    def __init__(
        self,
        path: Path,
        max_bytes: int = 1_000_000_000,
        max_age_s: int = 7 * 24 * 3600,
        *,
        owner_bytes: int = 1_000_000_000,
        owner_count: int = 2_000,
        private: bool = False,
    ) -> None:
        self.path = path
        blobs = DirectoryBlobs(path, private=private)
        super().__init__(blobs, max_bytes, max_age_s, owner_bytes=owner_bytes, owner_count=owner_count)


def _file(id: str) -> str:
    return f"{id}.npy"


def _claim(id: str, claim: str) -> str:
    return f"{id}.{claim}"


def _moment(seconds: float) -> str:
    """A moment as people and links write it: ``2026-12-01T10:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def mode_of(array: Pixels) -> str:
    """The kind of an array in words: ``8-bit RGB``, ``16-bit grey``, ``float32``."""
    if array.dtype.kind != "u":
        return array.dtype.name
    return f"{array.dtype.itemsize * 8}-bit {'RGB' if array.shape[0] == 3 else 'grey'}"


def _lost(id: str, reason: str = "this server does not have this upload, or no longer") -> NotFound:
    return NotFound("id", id, reason, "Post the picture again.")
