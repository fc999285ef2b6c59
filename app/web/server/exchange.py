"""The identity of one request or socket while it lasts: its id, and how it ended. Knows no server."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass

GIVEN = re.compile(
    r"[\w.\-]{1,64}\Z", re.ASCII
)  # an id that a proxy may give: nothing that could forge a log


@dataclass(slots=True)
class Exchange:
    """One request or socket; ``code`` is the problem that it ended with, if any."""

    id: str
    code: str | None = None
    jobs: int = 0
    frames: int = 0
    bytes: int = 0

    @classmethod
    def begin(cls, given: str | None) -> Exchange:
        """With the id that a proxy gave, or with one of our own."""
        return cls(given if given and GIVEN.match(given) else secrets.token_hex(8))


# Threads that work for a request see it too: their context is a copy.
CURRENT: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


def ended_with(code: str) -> None:
    """Note the problem that is told to the client of the current request."""
    exchange = CURRENT.get()
    if exchange is not None:
        exchange.code = code
