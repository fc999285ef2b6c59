"""Keys of the embed document, by which its own scripts are told in a frame that has no origin. Knows no request.

A frame with ``sandbox="allow-scripts"`` has the origin ``null``, which any page can give itself. So /embed carries a
key that the server has signed: no other origin can read the document, and none can make the key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

import anyio

from ...core.errors import Problem

DAY_S = 24 * 3600
HOUR_S = 3600  # the document of an hour has one key, so that it is rendered once
REREAD_S = 60.0  # a store that was emptied has another secret: it is asked for again so often
RETRY_S = 1.0  # and so often while it has never answered
_KEY = re.compile(r"(\d{1,12})\.([0-9a-f]{32})\Z", re.ASCII)

Verdict = Literal["good", "over", "wrong"]


class FrameKeys:
    """The keys that all servers of one store sign and admit."""

    def __init__(
        self, read_secret: Callable[[], Awaitable[bytes]], clock: Callable[[], float] = time.time
    ) -> None:
        self._read_secret = read_secret
        self._clock = clock
        self._secret: bytes | None = None
        self._read_at = -REREAD_S
        self._reading = anyio.Lock()

    async def key(self) -> str:
        """A key that holds for most of a day; empty while the store, whose secret signs it, cannot be reached."""
        secret = await self._current()
        end = int(self._clock()) // HOUR_S * HOUR_S + DAY_S
        return f"{end}.{_proof(secret, end)}" if secret else ""

    async def verdict(self, key: str) -> Verdict:
        """Whether a key is one of ours, and its day is not over."""
        found = _KEY.match(key)
        secret = await self._current() if found else None
        if found is None or secret is None:
            return "wrong"
        end = int(found[1])
        if not hmac.compare_digest(found[2], _proof(secret, end)):
            return "wrong"
        return "good" if self._clock() < end else "over"

    async def _current(self) -> bytes | None:
        """The store's secret; the one that was last read while it is read anew, or cannot be."""
        if self._is_due() and not (self._secret and self._reading.locked()):
            async with self._reading:
                if self._is_due():
                    with suppress(Problem):  # the store is away, which /readyz tells
                        self._secret = await self._read_secret()
                    self._read_at = time.monotonic()
        return self._secret

    def _is_due(self) -> bool:
        return time.monotonic() - self._read_at >= (REREAD_S if self._secret else RETRY_S)


def _proof(secret: bytes, end: int) -> str:
    return hmac.digest(secret, f"frame\0{end}".encode(), hashlib.sha256)[:16].hex()
