"""Uploads kept by their content: the id is the SHA-256 of type, shape, pixels. Knows no HTTP, no decoder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ..core.errors import NotFound, Problem, TooLarge
from .folder import prepared, shared_secret
from .npy import little_endian, npy_head, parse_npy

Pixels = NDArray[Any]

ID = re.compile(r"[0-9a-f]{64}\Z")
CLAIM = re.compile(r"([0-9a-f]{64})\.([0-9a-f]{16})\Z")  # the file of a claim: an id and an owner
_DOMAIN = b"convscope upload 1\0"  # so that an id is never the hash of something else of the same bytes
_STALE_S = 3600  # a temporary file of this age was left by a process that died


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


class Store(Protocol):
    """Keeps arrays by content. A picture is uint8 or uint16, an array float32 or float64.

    Whoever puts an array has a claim to it under ``owner`` (16 digits of 0-9 and a-f, which tell nobody who it
    is). An array stays while anyone claims it and room is left; what an owner's claims hold together is bounded,
    and it is the owner's own oldest that makes room.
    """

    def put(self, array: Pixels, mode: str | None = None, owner: str = "") -> Stored:
        """Keep an array and tell its id; ``mode`` says in words what it holds."""

    def delete(self, id: str, owner: str) -> bool:
        """Give up an owner's claim, and the array with its last one; whether there was such a claim."""

    def gone(self, id: str) -> bool:
        """Whether it is certain that the array is no longer here; False when the store cannot be asked."""

    def secret(self) -> bytes:
        """32 bytes that only the servers of this store know, the same for all of them and for as long as it lives."""

    def get(self, id: str) -> Pixels:
        """The array of an id, read-only, or NotFound."""

    def describe(self, id: str) -> Stored:
        """What is known of an id, or NotFound."""

    def ready(self) -> bool:
        """Whether uploads can be kept now."""


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


class DirectoryStore:
    """Uploads as ``.npy`` files in one directory, which several processes may share.

    A file appears whole or not at all (it is renamed into place), and its name is its checksum, so that a
    damaged one is noticed and dropped. When ``max_bytes`` are exceeded the oldest go first; when the claims of
    one owner exceed ``owner_bytes``, that owner's oldest. A claim is an empty file beside the array. ``private``
    refuses a directory that anyone else could have made or could look into.
    """

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
        self.max_bytes = max_bytes
        self.max_age_s = max_age_s
        self.owner_bytes = owner_bytes
        self.private = private

    def put(self, array: Pixels, mode: str | None = None, owner: str = "") -> Stored:
        """Keep an array; one that is here already only has its age set back."""
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
        try:
            prepared(self.path, private=self.private)
            self._write(self._file(id), array)
            if owner:
                self._claim(id, owner).touch(mode=0o600)
            self._evict(spared=id)
        except OSError as error:
            raise _unkept(error) from error
        return self._told(id, array, self.max_age_s, mode)

    def delete(self, id: str, owner: str) -> bool:
        """Drop the claim, and the array when it was the last one."""
        if not CLAIM.match(f"{id}.{owner}"):
            return False
        try:
            self._claim(id, owner).unlink()
            with os.scandir(self.path) as entries:
                claimed = any(CLAIM.match(entry.name) and entry.name.startswith(id) for entry in entries)
            if not claimed:
                self._file(id).unlink(missing_ok=True)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unkept(error) from error
        return True

    def gone(self, id: str) -> bool:
        """Whether the file is missing or too old."""
        try:
            return not ID.match(id) or time.time() - self._file(id).stat().st_mtime >= self.max_age_s
        except FileNotFoundError:
            return True
        except OSError:
            return False

    def secret(self) -> bytes:
        """Made once by whichever process comes first, beside the uploads."""
        try:
            prepared(self.path, private=self.private)
            return shared_secret(self.path / ".secret")
        except OSError as error:
            raise _unkept(error) from error

    def get(self, id: str) -> Pixels:
        """The array, checked against its id."""
        array, _ = self._read(id)
        return array

    def describe(self, id: str) -> Stored:
        """Kind, shape and the time left."""
        array, age_s = self._read(id)
        return self._told(id, array, max(0, int(self.max_age_s - age_s)), None)

    def ready(self) -> bool:
        """Whether the directory is there, or can be made, and takes files."""
        try:
            prepared(self.path, private=self.private)
        except OSError:
            return False
        return os.access(self.path, os.W_OK | os.X_OK)

    def _file(self, id: str) -> Path:
        return self.path / f"{id}.npy"

    def _claim(self, id: str, owner: str) -> Path:
        return self.path / f"{id}.{owner}"

    def _read(self, id: str) -> tuple[Pixels, float]:
        if not ID.match(id):  # before the disk is touched: an id is never a path
            raise _lost(id, "an id is 64 digits of 0-9 and a-f")
        file = self._file(id)
        try:
            age_s = time.time() - file.stat().st_mtime
            content = file.read_bytes() if age_s < self.max_age_s else None
        except OSError:
            raise _lost(id) from None
        if content is None:
            self._drop(file)
            raise _lost(id)
        try:
            array = parse_npy(content)
            if content_id(array) != id:
                raise ValueError("the content is not what the name says")
        except (Problem, ValueError):
            self._drop(file)
            raise _lost(id) from None
        array.setflags(write=False)
        return array, age_s

    def _write(self, file: Path, array: Pixels) -> None:
        """Write beside and rename, so that no reader ever meets half a file."""
        handle, name = tempfile.mkstemp(dir=self.path, prefix=".", suffix=".tmp")
        try:
            with open(handle, "wb") as stream:
                stream.write(npy_head(array))
                stream.write(raw(array))
            os.replace(name, file)
        except BaseException:
            self._drop(Path(name))
            raise

    def _evict(self, spared: str) -> None:
        """Drop what has expired, then the oldest until the rest fits; other processes may do so meanwhile."""
        arrays, claims = self._scan()
        now = time.time()
        for id, (since, _) in list(arrays.items()):
            if id != spared and now - since >= self.max_age_s:
                del arrays[id]
                self._drop(self._file(id))
        for owner in {owner for _, owner in claims}:
            self._keep_to_share(owner, spared, arrays, claims)
        total = sum(size for _, size in arrays.values())
        for id, (_, size) in sorted(arrays.items(), key=lambda item: item[1]):
            if total <= self.max_bytes:
                break
            if id != spared:
                del arrays[id]
                self._drop(self._file(id))
                total -= size
        for (id, owner), since in claims.items():
            # An array is written before it is claimed, but a scan may miss it: a young claim is left alone.
            if id not in arrays and now - since > _STALE_S:
                self._drop(self._claim(id, owner))

    def _scan(self) -> tuple[dict[str, tuple[float, int]], dict[tuple[str, str], float]]:
        """All arrays with their age and size, and all claims with theirs; what a dead process left is dropped."""
        arrays: dict[str, tuple[float, int]] = {}
        claims: dict[tuple[str, str], float] = {}
        with os.scandir(self.path) as entries:
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if entry.name.endswith(".npy") and ID.match(entry.name[:-4]):
                    arrays[entry.name[:-4]] = (status.st_mtime, status.st_size)
                elif found := CLAIM.match(entry.name):
                    claims[found[1], found[2]] = status.st_mtime
                elif entry.name.endswith(".tmp") and time.time() - status.st_mtime > _STALE_S:
                    self._drop(Path(entry.path))
        return arrays, claims

    def _keep_to_share(
        self,
        owner: str,
        spared: str,
        arrays: dict[str, tuple[float, int]],
        claims: dict[tuple[str, str], float],
    ) -> None:
        """Give up an owner's oldest claims until the others fit into its share."""
        mine = sorted((since, id) for (id, of), since in claims.items() if of == owner and id in arrays)
        held = sum(arrays[id][1] for _, id in mine)
        for _, id in mine:
            if held <= self.owner_bytes:
                return
            if id == spared:
                continue
            held -= arrays[id][1]
            del claims[id, owner]
            self._drop(self._claim(id, owner))
            if not any(claimed == id for claimed, _ in claims):
                del arrays[id]
                self._drop(self._file(id))

    @staticmethod
    def _drop(file: Path) -> None:
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)

    @staticmethod
    def _told(id: str, array: Pixels, expires_s: int, mode: str | None) -> Stored:
        kind: Literal["picture", "array"] = "picture" if array.dtype.kind == "u" else "array"
        return Stored(id, kind, array.shape, array.dtype.name, mode or mode_of(array), expires_s)


def _moment(seconds: float) -> str:
    """A moment as people and links write it: ``2026-12-01T10:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def mode_of(array: Pixels) -> str:
    """What an array holds, in words: ``8-bit RGB``, ``16-bit grey``, ``float32``."""
    if array.dtype.kind != "u":
        return array.dtype.name
    return f"{array.dtype.itemsize * 8}-bit {'RGB' if array.shape[0] == 3 else 'grey'}"


def _unkept(error: OSError) -> Problem:
    return Problem(
        code="storage",
        status=507,
        title="The upload could not be kept",
        reason=f"the server could not write it: {error.strerror or 'the disk failed'}",
        remedy="Try again later.",
    )


def _lost(id: str, reason: str = "this server does not have this upload, or no longer") -> NotFound:
    return NotFound("id", id, reason, "Post the picture again.")
