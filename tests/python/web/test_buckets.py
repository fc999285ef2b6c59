"""Token buckets: never more than a burst and a rate, in this process and in Redis."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.server.buckets import MOST_CLIENTS, MemoryBuckets, RedisBuckets

from ...services import running_redis

STREAM = "/api/v1/stream"


moves = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 500)), max_size=60)


@given(moves, st.floats(0.1, 1000), st.floats(1, 1000))
def test_no_client_ever_gets_more_than_its_burst_and_its_rate(
    steps: list[tuple[float, float]], rate: float, burst: float
) -> None:
    now = 0.0
    buckets = MemoryBuckets(rate, burst, lambda: now)
    taken = 0.0
    for pause, cost in steps:
        now += pause
        wait = buckets.take_now("a", cost)
        assert wait >= 0
        if wait == 0:
            taken += min(cost, burst)
        assert taken <= burst + rate * now + 1e-6 * (1 + taken)


@given(moves, st.floats(0.1, 1000), st.floats(1, 1000))
def test_who_waits_as_long_as_told_is_served(
    steps: list[tuple[float, float]], rate: float, burst: float
) -> None:
    now = 0.0
    buckets = MemoryBuckets(rate, burst, lambda: now)
    for pause, cost in steps:
        now += pause
        wait = buckets.take_now("a", cost)
        if wait > 0:
            now += wait * (1 + 1e-9) + 1e-9
            assert buckets.take_now("a", cost) == pytest.approx(0, abs=1e-6)


def test_one_client_does_not_spend_another_s_and_a_clock_that_jumps_back_gives_nothing() -> None:
    now = 1000.0
    buckets = MemoryBuckets(1, 10, lambda: now)
    assert buckets.take_now("a", 10) == 0
    assert buckets.take_now("b", 10) == 0
    now = 0.0
    assert buckets.take_now("a", 1) == 1


def test_what_is_owed_is_paid_off_before_anything_is_given() -> None:
    now = 0.0
    buckets = MemoryBuckets(1, 10, lambda: now)
    buckets.owe_now("a", 4)
    assert buckets.take_now("a", 6) == 0
    for _ in range(100):
        buckets.owe_now("a", 8)
    assert buckets.take_now("a", 1) == 11, "no more than another bucket is owed"
    now = 11.0
    assert buckets.take_now("a", 1) == 0


def test_clients_without_number_do_not_fill_the_memory() -> None:
    buckets = MemoryBuckets(1, 10)
    for number in range(MOST_CLIENTS + 500):
        buckets.take_now(str(number), 1)
    assert len(buckets) == MOST_CLIENTS


class Gone:
    """A Redis that cannot be asked."""

    asked = 0

    def register_script(self, _: str) -> Any:
        async def script(**_: Any) -> str:
            self.asked += 1
            raise ConnectionError("refused")

        return script


def test_without_redis_the_limits_hold_in_this_process(caplog: pytest.LogCaptureFixture) -> None:
    redis = Gone()
    buckets = RedisBuckets(redis, 1, 10)

    async def ask() -> list[float]:
        return [await buckets.take("a", 5) for _ in range(3)]

    begun = time.monotonic()
    *first, last = asyncio.run(ask())
    filled = time.monotonic() - begun  # meanwhile, at one a second
    assert first == [0, 0]
    assert max(0, 5 - filled) - 0.01 <= last <= 5
    assert redis.asked == 1, "it is left alone for a while"
    assert "Redis cannot be asked" in caplog.text


def test_buckets_in_redis_are_one_for_all_servers_and_go_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from redis.asyncio import Redis

    # A server that waits too long for Redis counts alone; on a busy machine that would be a test of nothing.
    monkeypatch.setattr(RedisBuckets, "PATIENCE_S", 60)

    async def main(port: int) -> None:
        async with Redis(port=port) as first, Redis(port=port) as second:
            servers = [RedisBuckets(client, rate=1, burst=10) for client in (first, second)]
            begun = time.monotonic()
            waits = [await servers[turn % 2].take("10.0.0.1", 3) for turn in range(4)]
            filled = time.monotonic() - begun  # meanwhile, at one a second
            assert waits[:3] == [0, 0, 0]
            assert max(0, 2 - filled) - 0.01 <= waits[3] <= 2
            assert await servers[0].take("10.0.0.2", 100) == 0, (
                "dearer than a full bucket: given for a full one"
            )
            wait = await servers[1].take("10.0.0.2", 10)
            assert 10 - (time.monotonic() - begun) - 0.01 <= wait <= 10
            await servers[0].owe("10.0.0.2", 5)
            wait = await servers[1].take("10.0.0.2", 10)
            assert wait > 10, "what is owed to one is owed to all"
            keys = await first.keys("*")
            assert sorted(keys) == [b"convscope:bucket:10.0.0.1", b"convscope:bucket:10.0.0.2"]
            for key in keys:
                assert 0 < await first.pttl(key) <= 21_000

    with running_redis(tmp_path) as redis:
        asyncio.run(main(redis.port))
