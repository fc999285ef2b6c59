"""How far a computation is, told to whoever asked for it within this process. Knows no route and no terminal."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

# The function that hears how many rows of how many are done; set by the caller, seen by its request's tasks alone.
PROGRESS: ContextVar[Callable[[int, int], None] | None] = ContextVar("progress", default=None)


def tell(done: int, of: int) -> None:
    """Say how far it is, where somebody listens."""
    listener = PROGRESS.get()
    if listener is not None:
        listener(done, of)
