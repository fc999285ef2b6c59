"""Which blobs a setting names. Loads the package of a store only when it is asked for. Knows no upload."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from .blobs import Blobs
from .directory import DirectoryBlobs
from .folder import prepared

UPLOADS = "uploads"


def open_blobs(place: Path | str, *, private: bool = False, kind: str = UPLOADS) -> Blobs:
    """The blobs at a place: a directory, or ``redis://…`` or ``s3://…`` with the package that speaks to it.

    ``kind`` keeps what is no upload apart: in a hidden folder, below another prefix, under keys of its own.
    A place that cannot be is refused here, without what may be a password: neither in the words nor in a traceback.
    """
    scheme, found, _ = str(place).partition("://")
    if not found:
        return _directory(Path(place) if kind == UPLOADS else Path(place) / f".{kind}", private=private)
    if scheme not in ("redis", "rediss", "s3", "gs", "az", "memory"):
        raise SystemExit(
            f"CONVSCOPE_UPLOADS = {shown(place)}: no such kind of store is known. "
            "Use a directory, redis://host:6379/0 or s3://bucket/prefix."
        )
    if not _readable(str(place)):
        raise _unreadable(place)
    try:
        if scheme in ("redis", "rediss"):
            from .redis import RedisBlobs

            return RedisBlobs(str(place), kind)
        from .objects import ObjectBlobs

        return ObjectBlobs(str(place), kind)
    except ModuleNotFoundError as error:
        extra = "redis" if scheme.startswith("redis") else "s3"
        raise SystemExit(
            f"CONVSCOPE_UPLOADS = {shown(place)}: this needs the package {error.name}. "
            f"Install convscope[{extra}], or name a directory."
        ) from None
    except Exception:
        # Packages word such a refusal with the address, which has the password.
        raise _unreadable(place) from None


def _directory(path: Path, *, private: bool) -> DirectoryBlobs:
    """A directory that is there and is a link or another user's is refused before anything is served from it."""
    try:
        if path.is_symlink() or path.is_dir():
            prepared(path, private=private)
    except OSError as error:
        raise SystemExit(
            f"CONVSCOPE_UPLOADS = {path}: {error.strerror or error}. "
            "Name a directory of the user that runs the server, which others cannot write to."
        ) from None
    return DirectoryBlobs(path, private=private)


def _readable(place: str) -> bool:
    """Whether an address is read by everyone alike: an @ behind the host means that a password was cut off by / ? #."""
    try:
        parts = urlsplit(place)
        odd = parts.port is not None and parts.hostname is None
    except ValueError:
        return False
    return not odd and "@" not in parts.path + parts.query + parts.fragment


def _unreadable(place: Path | str) -> SystemExit:
    return SystemExit(
        f"CONVSCOPE_UPLOADS = {shown(place)}: this is no address of a store. "
        "Use redis://:password@host:6379/0 or s3://bucket/prefix; / ? # @ : and % of a password are written as %2F …"
    )


def shown(place: Path | str) -> str:
    """A place as a person may see it: without user, password and options, and of an odd address the kind alone."""
    scheme, found, _ = str(place).partition("://")
    if not found:
        return str(place)
    if not _readable(str(place)):
        return f"{scheme}://…"
    parts = urlsplit(str(place))
    known, at, host = parts.netloc.rpartition("@")
    return f"{scheme}://{'…' if known else ''}{at}{host}{parts.path}"
