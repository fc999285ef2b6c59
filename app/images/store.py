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
from .npy import little_endian, npy_head, parse_npy

Pixels = NDArray[Any]

ID = re.compile(r"[0-9a-f]{64}\Z")
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
    """Keeps arrays by content. A picture is uint8 or uint16, an array float32 or float64."""

    def put(self, array: Pixels, mode: str | None = None) -> Stored:
        """Keep an array and tell its id; ``mode`` says in words what it holds."""

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
    damaged one is noticed and dropped. When ``max_bytes`` are exceeded the oldest go first.
    """

    def __init__(self, path: Path, max_bytes: int = 1_000_000_000, max_age_s: int = 7 * 24 * 3600) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self.max_age_s = max_age_s

    def put(self, array: Pixels, mode: str | None = None) -> Stored:
        """Keep an array; one that is here already only has its age set back."""
        id = content_id(array)
        array = np.ascontiguousarray(array, dtype=little_endian(array.dtype))
        if array.nbytes > self.max_bytes:
            raise TooLarge(
                "image",
                f"{array.nbytes:,} bytes",
                f"this server keeps at most {self.max_bytes:,} bytes of uploads",
                "Send a smaller picture.",
            )
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(self._file(id), array)
            self._evict(spared=id)
        except OSError as error:
            raise Problem(
                code="storage",
                status=507,
                title="The upload could not be kept",
                reason=f"the server could not write it: {error.strerror or 'the disk failed'}",
                remedy="Try again later.",
            ) from error
        return self._told(id, array, self.max_age_s, mode)

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
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            return False
        return os.access(self.path, os.W_OK | os.X_OK)

    def _file(self, id: str) -> Path:
        return self.path / f"{id}.npy"

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
        now = time.time()
        kept: list[tuple[float, int, Path]] = []
        with os.scandir(self.path) as entries:
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                file, age_s = Path(entry.path), now - status.st_mtime
                if entry.name.endswith(".npy") and ID.match(entry.name[:-4]):
                    if age_s >= self.max_age_s and file.stem != spared:
                        self._drop(file)
                    else:
                        kept.append((status.st_mtime, status.st_size, file))
                elif entry.name.endswith(".tmp") and age_s > _STALE_S:
                    self._drop(file)
        total = sum(size for _, size, _ in kept)
        for _, size, file in sorted(kept):
            if total <= self.max_bytes:
                break
            if file.stem != spared:
                self._drop(file)
                total -= size

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


def _lost(id: str, reason: str = "this server does not have this upload, or no longer") -> NotFound:
    return NotFound("id", id, reason, "Post the picture again.")
