"""Token buckets: how much each client may ask for, in memory of this process or in Redis for all. Knows no request."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

log = logging.getLogger("convscope")

MOST_CLIENTS = 20_000  # remembered at once; the one not seen for longest is forgotten, which fills its bucket


class Buckets(Protocol):
    """One bucket a key: it holds up to ``burst``, fills by ``rate`` a second, and begins full."""

    async def take(self, key: str, cost: float) -> float:
        """Take ``cost`` and give 0; or take nothing, and give the seconds until there is enough.

        A request that costs more than a bucket can hold is granted for a full one.
        """

    async def owe(self, key: str, cost: float) -> None:
        """Take ``cost`` even when there is less, down to an empty bucket's ``burst`` below nothing."""


def open_buckets(place: object, rate: float, burst: float) -> Buckets:
    """The buckets of a server whose uploads are at ``place``: in the same Redis when they are in one."""
    if not str(place).startswith(("redis://", "rediss://")):
        return MemoryBuckets(rate, burst)
    from redis.asyncio import Redis  # noqa: PLC0415 - an extra, for those who have a Redis

    return RedisBuckets(Redis.from_url(str(place)), rate, burst)


class MemoryBuckets:
    """Buckets of one process."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self.burst = burst
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> (tokens, when)

    async def take(self, key: str, cost: float) -> float:
        """See ``Buckets``."""
        return self.take_now(key, cost)

    def take_now(self, key: str, cost: float) -> float:
        """The same without a wait, since nothing here waits."""
        now = self._clock()
        tokens, when = self._held.get(key, (self.burst, now))
        tokens = min(self.burst, tokens + max(0.0, now - when) * self.rate)
        cost = min(cost, self.burst)
        wait = 0.0 if tokens >= cost else (cost - tokens) / self.rate
        self._keep(key, tokens - cost if wait == 0 else tokens, now)
        return wait

    async def owe(self, key: str, cost: float) -> None:
        """See ``Buckets``."""
        self.owe_now(key, cost)

    def owe_now(self, key: str, cost: float) -> None:
        """The same without a wait, since nothing here waits."""
        now = self._clock()
        tokens, when = self._held.get(key, (self.burst, now))
        tokens = min(self.burst, tokens + max(0.0, now - when) * self.rate)
        self._keep(key, max(tokens - cost, -self.burst), now)

    def _keep(self, key: str, tokens: float, now: float) -> None:
        self._held[key] = (tokens, now)
        self._held.move_to_end(key)
        if len(self._held) > MOST_CLIENTS:
            self._held.popitem(last=False)

    def __len__(self) -> int:
        return len(self._held)


class RedisBuckets:
    """Buckets that all servers of one Redis share; while it cannot be asked, those of this process count.

    ``client`` is a ``redis.asyncio.Redis``. The script runs as one step and reads Redis' own clock, so that
    servers whose clocks differ agree.
    """

    SCRIPT = """
    local now = redis.call('TIME')
    now = now[1] + now[2] / 1000000
    local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
    local cost = math.min(tonumber(ARGV[3]), burst)
    local held = redis.call('HMGET', KEYS[1], 'tokens', 'at')
    local tokens = tonumber(held[1]) or burst
    local passed = math.max(0, now - (tonumber(held[2]) or now))
    tokens = math.min(burst, tokens + passed * rate)
    local wait = 0
    if ARGV[4] == 'owe' then tokens = math.max(tokens - cost, -burst)
    elseif tokens >= cost then tokens = tokens - cost
    else wait = (cost - tokens) / rate end
    redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', now))
    redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / rate * 1000) + 1000)
    return tostring(wait)
    """
    PATIENCE_S = 0.25  # for one answer: a limit must not cost more than what it guards
    AWAY_S = 5.0  # after a failure Redis is left alone for so long

    def __init__(self, client: Any, rate: float, burst: float, prefix: str = "convscope:bucket:") -> None:
        self._script = client.register_script(self.SCRIPT)
        self._arguments = (rate, burst)
        self._prefix = prefix
        self._own = MemoryBuckets(rate, burst)
        self._away_until = 0.0

    async def take(self, key: str, cost: float) -> float:
        """See ``Buckets``."""
        wait = await self._asked(key, cost, "take")
        return self._own.take_now(key, cost) if wait is None else wait

    async def owe(self, key: str, cost: float) -> None:
        """See ``Buckets``."""
        if await self._asked(key, cost, "owe") is None:
            self._own.owe_now(key, cost)

    async def _asked(self, key: str, cost: float, how: str) -> float | None:
        """The script's answer, or None while Redis cannot be asked."""
        if time.monotonic() < self._away_until:
            return None
        try:
            async with asyncio.timeout(self.PATIENCE_S):
                arguments = [*self._arguments, cost, how]
                return float(await self._script(keys=[self._prefix + key], args=arguments))
        except Exception as error:  # whatever Redis or the network throws
            log.warning("the limits are counted here alone, since Redis cannot be asked: %s", error)
            self._away_until = time.monotonic() + self.AWAY_S
            return None
