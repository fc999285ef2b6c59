"""Blobs as files of one directory, which several processes and hosts may share. Knows no upload."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from .blobs import (
    Blob,
    Entry,
    Full,
    Part,
    Unreachable,
)
from .folder import prepared, shared_secret

PROBE_BYTES = 1 << 16  # written to learn whether a disk takes anything: a full one still takes an empty file
_STALE_S = 3600  # a temporary file of this age was left by a process that died


class DirectoryBlobs:
    """One file a blob, renamed into place, so that no reader ever meets half of one.

    ``private`` refuses a directory that anyone else could have made or could look into.
    """

    def __init__(self, path: Path, *, private: bool = False) -> None:
        self.path = path
        self.private = private

    def write(self, name: str, parts: Sequence[Part], keep_s: int) -> int:
        """Write beside and rename; the file's time is its age."""
        try:
            prepared(self.path, private=self.private)
            handle, beside = tempfile.mkstemp(dir=self.path, prefix=".", suffix=".tmp")
            try:
                with open(handle, "wb") as stream:
                    stream.writelines(parts)
                    size = stream.tell()
                os.replace(beside, self.path / name)
            except BaseException:
                _drop(Path(beside))
                raise
        except OSError as error:
            raise Full(error.strerror or "the disk failed") from error
        return size

    def read(self, name: str) -> Blob | None:
        """The file's bytes and age."""
        file = self.path / name
        try:
            with file.open("rb") as stream:
                age_s = time.time() - os.fstat(stream.fileno()).st_mtime
                return Blob(stream.read(), age_s)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Unreachable(error.strerror or "the disk failed") from error

    def create(self, name: str, data: bytes) -> bytes:
        """Linked into place by whichever process comes first; hidden, so that it is no entry."""
        try:
            prepared(self.path, private=self.private)
            return shared_secret(self.path / f".{name}", data)
        except OSError as error:
            raise Full(error.strerror or "the disk failed") from error

    def remove(self, name: str) -> bool:
        """Unlink the file."""
        try:
            (self.path / name).unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise Unreachable(error.strerror or "the disk failed") from error
        return True

    def entries(self) -> list[Entry]:
        """All files that are not hidden; other processes may write and unlink meanwhile."""
        now = time.time()
        found: list[Entry] = []
        try:
            with os.scandir(self.path) as files:
                for file in files:
                    try:
                        status = file.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    if not file.name.startswith("."):
                        found.append(Entry(file.name, status.st_size, now - status.st_mtime))
                    elif file.name.endswith(".tmp") and now - status.st_mtime > _STALE_S:
                        _drop(Path(file.path))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Unreachable(error.strerror or "the disk failed") from error
        return found

    def named(self, prefixes: Sequence[str]) -> list[str]:
        """Names alone, which needs no look at any file; what is hidden is no blob."""
        wanted = set(prefixes)
        length = len(prefixes[0]) if prefixes else 0
        try:
            with os.scandir(self.path) as files:
                names = [file.name for file in files if file.name[:length] in wanted]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Unreachable(error.strerror or "the disk failed") from error
        return [name for name in names if not name.startswith(".")]

    def age_s(self, name: str) -> float | None:
        """By the file's time."""
        try:
            return time.time() - (self.path / name).stat().st_mtime
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unreachable(error.strerror or "the disk failed") from error

    def ready(self) -> bool:
        """Whether the directory is there, or can be made, and a file with content can be written to it now."""
        try:
            prepared(self.path, private=self.private)
            with tempfile.NamedTemporaryFile(dir=self.path, prefix=".", suffix=".tmp") as probe:
                probe.write(bytes(PROBE_BYTES))
                probe.flush()
        except OSError:
            return False
        return True


def _drop(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink(missing_ok=True)
