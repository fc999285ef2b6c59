"""Blobs in Redis, for replicas that share nothing else. Knows no upload."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from .blobs import (
    Blob,
    Entry,
    Full,
    Part,
    Unreachable,
)

UPLOADS = "uploads"
KNOWING_BYTES = 768  # what a name takes in index, sizes and names, with what their tables have in reserve
CONNECT_S = 1.0
ANSWER_S = 5.0


class RedisBlobs:
    """A key a blob, which Redis itself lets expire, and an index of them all with times and sizes.

    A connection that broke is made anew once; a Redis that stays away is Unreachable, and back when it is back.
    A command that only reads or removes is no transaction: within one, a Redis that is full refuses even that.
    """

    def __init__(self, url: str, kind: str = UPLOADS) -> None:
        own = "convscope:" if kind == UPLOADS else f"convscope:{kind}:"
        self._prefix, self._forever = f"{own}upload:", f"{own}kept:"
        self._index = (
            f"{own}uploads"  # a sorted set: names by the time they were written, by Redis' own clock
        )
        self._sizes = f"{own}sizes"  # a hash: bytes by name
        # A sorted set of equal scores: names in their own order, to be found by how they begin.
        self._names = f"{own}names"
        self._probe = f"{own}probe"  # a key that goes by itself at once
        self._redis = redis.Redis.from_url(
            url,
            socket_connect_timeout=CONNECT_S,
            socket_timeout=ANSWER_S,
            retry=Retry(ConstantBackoff(0.05), 1),
            health_check_interval=15,
        )

    def write(self, name: str, parts: Sequence[Part], keep_s: int) -> int:
        """The key, then its time and its size in one transaction.

        The key by itself: of a refusal within a pipeline redis-py words the whole command, which takes seconds for
        a picture. One that the index lacks counts as too old, and goes when its time is over. The size is what Redis
        itself says that the key takes: its allocator rounds up by as much as a quarter.
        """
        data = b"".join(parts)
        with _speaking():
            self._redis.set(self._prefix + name, data, ex=keep_s)
            with self._redis.pipeline(transaction=False) as pipe:
                pipe.memory_usage(self._prefix + name)
                pipe.time()
                used, now = pipe.execute()
            size = int(used or len(data)) + KNOWING_BYTES
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.zadd(self._index, {name: _seconds(now)})
                pipe.hset(self._sizes, name, str(size))
                pipe.zadd(self._names, {name: 0})
                pipe.execute()
        return size

    def read(self, name: str) -> Blob | None:
        """The key's value; its age is by the index."""
        with _speaking(), self._redis.pipeline(transaction=False) as pipe:
            pipe.get(self._prefix + name)
            pipe.zscore(self._index, name)
            pipe.time()
            data, written, now = pipe.execute()
        return None if data is None else Blob(data, _seconds(now) - (written or 0.0))

    def create(self, name: str, data: bytes) -> bytes:
        """By SET NX, which lets the first one win."""
        with _speaking():
            self._redis.set(self._forever + name, data, nx=True)
            found = self._redis.get(self._forever + name)
        if not isinstance(found, bytes):  # flushed in this very moment
            raise Unreachable("it was emptied meanwhile")
        return found

    def remove(self, name: str) -> bool:
        """The key and what the index says of it."""
        with _speaking(), self._redis.pipeline(transaction=False) as pipe:
            pipe.delete(self._prefix + name)
            pipe.zrem(self._index, name)
            pipe.hdel(self._sizes, name)
            pipe.zrem(self._names, name)
            return bool(pipe.execute()[0])

    def entries(self) -> list[Entry]:
        """The index; a key that Redis let go early still counts until its age takes it out."""
        with _speaking(), self._redis.pipeline(transaction=False) as pipe:
            pipe.zrange(self._index, 0, -1, withscores=True)
            pipe.hgetall(self._sizes)
            pipe.zcard(self._names)
            pipe.time()
            index, sizes, names, now = pipe.execute()
            if names < len(index):  # an earlier version kept none
                self._redis.zadd(self._names, {name: 0 for name, _ in index})
        return [
            Entry(name.decode(), int(sizes.get(name, 0)), _seconds(now) - written) for name, written in index
        ]

    def named(self, prefixes: Sequence[str]) -> list[str]:
        """By the names in their own order."""
        with _speaking(), self._redis.pipeline(transaction=False) as pipe:
            for prefix in prefixes:
                pipe.zrangebylex(self._names, b"[" + prefix.encode(), b"(" + prefix.encode() + b"\xff")
            found = pipe.execute()
        return [name.decode() for names in found for name in names]

    def age_s(self, name: str) -> float | None:
        """By the index, for a key that is there."""
        with _speaking(), self._redis.pipeline(transaction=False) as pipe:
            pipe.exists(self._prefix + name)
            pipe.zscore(self._index, name)
            pipe.time()
            there, written, now = pipe.execute()
        return _seconds(now) - (written or 0.0) if there else None

    def ready(self) -> bool:
        """Whether Redis takes a key: one that is full, or a read-only replica, answers and takes none."""
        try:
            with _speaking():
                self._redis.set(self._probe, b"", px=1000)
        except (Unreachable, Full, redis.RedisError):
            return False
        return True


def _seconds(time: object) -> float:
    """Redis' clock, so that servers whose clocks differ agree on ages."""
    assert isinstance(time, tuple)
    return float(time[0]) + float(time[1]) / 1e6


@contextlib.contextmanager
def _speaking() -> Iterator[None]:
    try:
        yield
    except redis.exceptions.OutOfMemoryError as error:
        raise Full("Redis is at its maxmemory") from error
    except (redis.ConnectionError, redis.TimeoutError, redis.exceptions.BusyLoadingError) as error:
        raise Unreachable("Redis is away") from error
    except redis.exceptions.ReadOnlyError as error:
        raise Unreachable("Redis is a read-only replica") from error
    except redis.ResponseError as error:
        raise Full(f"Redis refuses: {str(error)[:80]}") from error
