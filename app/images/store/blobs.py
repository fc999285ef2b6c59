"""Where uploads lie: bytes by name, in a directory, an object store or Redis. Knows no picture and no id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ...core.errors import Problem

Part = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Blob:
    """The bytes under a name, and how long it has lain there."""

    data: bytes
    age_s: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One blob in a list of everything; ``size`` is what ``write`` gave."""

    name: str
    size: int
    age_s: float


class Blobs(Protocol):
    """Bytes by name, shared by all servers that name the same place.

    A blob appears whole or not at all. Every method but ``ready`` raises Unreachable when the place cannot be
    reached, and Full when it takes no more.
    """

    def write(self, name: str, parts: Sequence[Part], keep_s: int) -> int:
        """Put a blob, or put it again, which makes it young; it may go by itself after ``keep_s``.

        Gives the bytes that it takes there, with all that the place needs to know of it.
        """

    def read(self, name: str) -> Blob | None:
        """A blob, or None."""

    def create(self, name: str, data: bytes) -> bytes:
        """Put a blob that stays for ever unless it is there; the one that is there then."""

    def remove(self, name: str) -> bool:
        """Drop a blob; whether it was there."""

    def entries(self) -> list[Entry]:
        """All blobs but those that stay for ever; what dead writers left is swept on the way."""

    def named(self, prefixes: Sequence[str]) -> list[str]:
        """The names that begin with one of the prefixes, all of one length, by asking the place itself."""

    def age_s(self, name: str) -> float | None:
        """How long a blob has lain there, or None when it is certain that it does not."""

    def ready(self) -> bool:
        """Whether blobs can be read and written now: that the place is there is not enough."""


class Unreachable(Problem):
    """The place cannot be reached: nothing of what lies there is lost, and waiting helps."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            code="store_unreachable",
            status=503,
            title="Uploads cannot be reached",
            reason=f"the store of uploads does not answer: {reason}",
            remedy="Try again in a moment.",
            retry_after_s=2,
        )


class Full(Problem):
    """The place takes no more."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            code="storage",
            status=507,
            title="The upload could not be kept",
            reason=f"the server could not write it: {reason}",
            remedy="Try again later.",
        )
