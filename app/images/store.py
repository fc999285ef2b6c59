"""Uploads kept by their content: the id is the SHA-256 of type, shape, pixels. Knows no HTTP, no decoder."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..core.errors import NotFound, Problem, TooLarge
from .blobs import Blobs, Entry, Unreachable
from .directory import DirectoryBlobs
from .folder import SECRET_BYTES
from .npy import little_endian, npy_head, parse_npy

Pixels = NDArray[Any]
Access = Callable[[str], AbstractContextManager[object]]

ID = re.compile(r"[0-9a-f]{64}\Z")
FILE = re.compile(r"([0-9a-f]{64})\.npy\Z")  # the name of an array
CLAIM = re.compile(r"([0-9a-f]{64})\.([0-9a-f]{16})\Z")  # the name of a claim: an id and an owner
_DOMAIN = b"convscope upload 1\0"  # so that an id is never the hash of something else of the same bytes
_STALE_S = 3600  # a claim of this age without its array was left by a server that died


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of an upload. A picture is uint8 or uint16, an array float32 or float64."""

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

    Whoever puts an array has a claim to it under ``owner`` (16 digits of 0-9 and a-f, which tell nobody who it
    is). An array stays while anyone claims it and room is left; what an owner's claims hold together is bounded,
    and it is the owner's own oldest that makes room. An array is a blob ``<id>.npy``, whose name is its
    checksum, so that a damaged one is noticed and dropped; a claim is an empty blob ``<id>.<owner>``. ``access``
    is told of each access and sees how it ends.
    """

    def __init__(
        self,
        blobs: Blobs,
        max_bytes: int = 1_000_000_000,
        max_age_s: int = 7 * 24 * 3600,
        *,
        owner_bytes: int = 1_000_000_000,
        access: Access = nullcontext,
    ) -> None:
        self.blobs = blobs
        self.max_bytes = max_bytes
        self.max_age_s = max_age_s
        self.owner_bytes = owner_bytes
        self._access = access

    def put(self, array: Pixels, mode: str | None = None, owner: str = "") -> Stored:
        """Keep an array and tell its id; one that is here already only has its age set back."""
        id = content_id(array)
        array = np.ascontiguousarray(array, dtype=little_endian(array.dtype))
        most = min(self.max_bytes, self.owner_bytes)
        if array.nbytes > most:
            raise TooLarge(
                "image",
                f"{array.nbytes:,} bytes",
                f"this server keeps at most {most:,} bytes of one client's uploads",
                "Send a smaller picture.",
            )
        with self._access("put"):
            self.blobs.write(_file(id), (npy_head(array), raw(array)), self.max_age_s)
            if owner:
                self.blobs.write(_claim(id, owner), (), self.max_age_s)
        with suppress(Unreachable):  # it is kept; who comes next makes room
            self._evict(spared=id)
        return self._told(id, array, self.max_age_s, mode)

    def delete(self, id: str, owner: str) -> bool:
        """Give up an owner's claim, and the array with its last one; whether there was such a claim."""
        if not CLAIM.match(f"{id}.{owner}"):
            return False
        with self._access("delete"):
            if not self.blobs.remove(_claim(id, owner)):
                return False
            names = (entry.name for entry in self.blobs.entries())
            if not any(CLAIM.match(name) and name.startswith(id) for name in names):
                self.blobs.remove(_file(id))
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
        """What is known of an id, and the time left; or NotFound, or Unreachable."""
        array, age_s = self._read(id)
        return self._told(id, array, min(self.max_age_s, max(0, int(self.max_age_s - age_s))), None)

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
        try:
            if not self._fresh(blob.age_s):
                raise ValueError("it has expired")
            array = parse_npy(blob.data)
            if content_id(array) != id:
                raise ValueError("the content is not what the name says")
        except (Problem, ValueError):
            self._drop(_file(id))
            raise _lost(id) from None
        array.setflags(write=False)
        return array, blob.age_s

    def _evict(self, spared: str) -> None:
        """Drop what has expired, then the oldest until the rest fits; other servers may do so meanwhile."""
        arrays: dict[str, Entry] = {}
        claims: dict[tuple[str, str], float] = {}
        for entry in self.blobs.entries():
            if found := FILE.match(entry.name):
                arrays[found[1]] = entry
            elif found := CLAIM.match(entry.name):
                claims[found[1], found[2]] = entry.age_s
        for id, entry in list(arrays.items()):
            if id != spared and not self._fresh(entry.age_s):
                del arrays[id]
                self._drop(entry.name)
        for owner in {owner for _, owner in claims}:
            self._keep_to_share(owner, spared, arrays, claims)
        total = sum(entry.size for entry in arrays.values())
        for id, entry in sorted(arrays.items(), key=lambda item: -item[1].age_s):
            if total <= self.max_bytes:
                break
            if id != spared:
                del arrays[id]
                self._drop(entry.name)
                total -= entry.size
        for (id, owner), age_s in claims.items():
            # An array is written before it is claimed, but a list may miss it: a young claim is left alone.
            if id not in arrays and age_s > _STALE_S:
                self._drop(_claim(id, owner))

    def _keep_to_share(
        self, owner: str, spared: str, arrays: dict[str, Entry], claims: dict[tuple[str, str], float]
    ) -> None:
        """Give up an owner's oldest claims until the others fit into its share."""
        mine = sorted((-age_s, id) for (id, of), age_s in claims.items() if of == owner and id in arrays)
        held = sum(arrays[id].size for _, id in mine)
        for _, id in mine:
            if held <= self.owner_bytes:
                return
            if id == spared:
                continue
            held -= arrays[id].size
            del claims[id, owner]
            self._drop(_claim(id, owner))
            if not any(claimed == id for claimed, _ in claims):
                self._drop(arrays.pop(id).name)

    def _drop(self, name: str) -> None:
        with suppress(Unreachable):
            self.blobs.remove(name)

    @staticmethod
    def _told(id: str, array: Pixels, expires_s: int, mode: str | None) -> Stored:
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
        private: bool = False,
    ) -> None:
        self.path = path
        blobs = DirectoryBlobs(path, private=private)
        super().__init__(blobs, max_bytes, max_age_s, owner_bytes=owner_bytes)


def _file(id: str) -> str:
    return f"{id}.npy"


def _claim(id: str, owner: str) -> str:
    return f"{id}.{owner}"


def _moment(seconds: float) -> str:
    """A moment as people and links write it: ``2026-12-01T10:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def mode_of(array: Pixels) -> str:
    """What an array holds, in words: ``8-bit RGB``, ``16-bit grey``, ``float32``."""
    if array.dtype.kind != "u":
        return array.dtype.name
    return f"{array.dtype.itemsize * 8}-bit {'RGB' if array.shape[0] == 3 else 'grey'}"


def _lost(id: str, reason: str = "this server does not have this upload, or no longer") -> NotFound:
    return NotFound("id", id, reason, "Post the picture again.")
