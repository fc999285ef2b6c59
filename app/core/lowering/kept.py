"""A cache of values worked out about a walk, for the walks of the last few geometries. Knows no lowering."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from typing import TypeVar

from ..walk.walk import Walk

Made = TypeVar("Made")

# More geometries than are in use at a time; what is kept of one can take half a megabyte.
WALKS = 64

_recent: deque[Walk] = deque()


def kept(walk: Walk, key: Hashable, make: Callable[[], Made]) -> Made:
    """What ``make`` gives, made once for a walk and a key. Threads may make it twice, and use either."""
    found: Made | None = walk.prepared.get(key)
    if found is None:
        found = walk.prepared[key] = make()
        _recent.append(walk)
        if len(_recent) > WALKS:
            _recent.popleft().prepared.clear()
    return found
