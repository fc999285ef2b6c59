"""Which blobs a setting names. Loads the package of a store only when it is asked for. Knows no upload."""

from __future__ import annotations

from pathlib import Path

from .blobs import Blobs
from .directory import DirectoryBlobs


def open_blobs(place: Path | str, *, private: bool = False) -> Blobs:
    """The blobs at a place: a directory, or ``redis://…`` or ``s3://…`` with the package that speaks to it."""
    scheme, found, _ = str(place).partition("://")
    if not found:
        return DirectoryBlobs(Path(place), private=private)
    try:
        if scheme in ("redis", "rediss"):
            from .redis import RedisBlobs

            return RedisBlobs(str(place))
        if scheme in ("s3", "gs", "az", "memory"):
            from .objects import ObjectBlobs

            return ObjectBlobs(str(place))
    except ModuleNotFoundError as error:
        extra = "redis" if scheme.startswith("redis") else "s3"
        raise SystemExit(
            f"CONVSCOPE_UPLOADS = {shown(place)}: this needs the package {error.name}. "
            f"Install convscope[{extra}], or name a directory."
        ) from None
    raise SystemExit(
        f"CONVSCOPE_UPLOADS = {shown(place)}: no such kind of store is known. "
        "Use a directory, redis://host:6379/0 or s3://bucket/prefix."
    )


def shown(place: Path | str) -> str:
    """A place as a person may see it: without a password."""
    scheme, found, rest = str(place).partition("://")
    if not found or "@" not in rest:
        return str(place)
    return f"{scheme}://…@{rest.rpartition('@')[2]}"
