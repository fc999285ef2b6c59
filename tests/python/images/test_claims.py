"""Who claims an upload, what claims are counted with, and that nothing is lost when two act at the same moment."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from app.images.store.blobs import (
    Blob,
    Blobs,
    Entry,
    Part,
)
from app.images.store.index import LEAST_BYTES, Index
from app.images.store.open import open_blobs
from app.images.store.store import Store

from ...services import Service, running_redis

ONE, OTHER = "1" * 16, "2" * 16


def picture(number: int, side: int = 10) -> np.ndarray:
    return np.full((1, side, side), number % 256, np.uint16) + np.uint16(number)


def claim(owner: str = ONE) -> str:
    return owner + secrets.token_hex(8)


class Noted:
    """Blobs that call ``between`` before each of their operations, and count them."""

    def __init__(self, blobs: Blobs, between: Callable[[int], None] = lambda number: None) -> None:
        self.blobs = blobs
        self.between = between
        self.asked: list[str] = []

    def _next(self, name: str) -> None:
        self.asked.append(name)
        self.between(len(self.asked) - 1)

    def write(self, name: str, parts: Sequence[Part], keep_s: int) -> int:
        self._next("write")
        return self.blobs.write(name, parts, keep_s)

    def read(self, name: str) -> Blob | None:
        self._next("read")
        return self.blobs.read(name)

    def create(self, name: str, data: bytes) -> bytes:
        return self.blobs.create(name, data)

    def remove(self, name: str) -> bool:
        self._next("remove")
        return self.blobs.remove(name)

    def entries(self) -> list[Entry]:
        self._next("entries")
        return self.blobs.entries()

    def named(self, prefixes: Sequence[str]) -> list[str]:
        self._next("named")
        return self.blobs.named(prefixes)

    def age_s(self, name: str) -> float | None:
        return self.blobs.age_s(name)

    def ready(self) -> bool:
        return True


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_redis(tmp_path_factory.mktemp("redis")) as service:
        yield service


@pytest.fixture(params=["directory", "memory", "redis"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "redis":
        url = f"redis://127.0.0.1:{request.getfixturevalue('redis').port}/0"
        Redis.from_url(url).flushall()
        return open_blobs(url)
    return open_blobs("memory:///" if request.param == "memory" else tmp_path / "up")


# ------------------------------------------------------------------------------------- at the same moment

MOMENTS = range(8)  # more than a deletion or an upload has


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_put_while_another_deletes_it_stays(blobs: Blobs, moment: int) -> None:
    """An upload that is whole, at any moment within a deletion of the same content, is there afterwards."""
    mine, theirs = claim(), claim()
    kept: list[str] = []

    def put(number: int) -> None:
        if number == moment and not kept:
            kept.append(Store(blobs).put(picture(1), claim=theirs).id)

    deleting = Store(Noted(blobs))
    id = deleting.put(picture(1), claim=mine).id
    deleting.blobs = Noted(blobs, put)
    assert deleting.delete(id, mine)
    if kept:
        assert (Store(blobs).get(id) == picture(1)).all()
        assert Store(blobs).delete(id, theirs)
    assert Store(blobs).gone(id)


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_another_deletes_while_it_is_put_stays(blobs: Blobs, moment: int) -> None:
    """A deletion that is whole, at any moment within an upload of the same content, takes nothing from it."""
    theirs = claim(OTHER)
    id = Store(blobs).put(picture(1), claim=theirs).id
    deleted: list[bool] = []

    def delete(number: int) -> None:
        if number == moment and not deleted:
            deleted.append(Store(blobs).delete(id, theirs))

    mine = claim()
    assert Store(Noted(blobs, delete)).put(picture(1), claim=mine).id == id
    assert deleted in ([], [True])
    assert (Store(blobs).get(id) == picture(1)).all()
    if not deleted:
        assert Store(blobs).delete(id, theirs)
    assert Store(blobs).delete(id, mine)
    assert Store(blobs).gone(id)


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_put_while_room_is_made_of_it_stays(blobs: Blobs, moment: int) -> None:
    """The oldest array is dropped for room by one server, and put again at that moment through another."""
    old, again = claim(OTHER), claim(OTHER)
    making = Store(Noted(blobs), max_bytes=4 * LEAST_BYTES + 2000)
    id = making.put(picture(1), claim=old).id
    making.put(picture(2), claim=claim())
    kept: list[str] = []

    def put(number: int) -> None:
        if number == moment and not kept:
            kept.append(Store(blobs).put(picture(1), claim=again).id)

    making.blobs = Noted(blobs, put)
    making.put(picture(3), claim=claim())
    assert Store(blobs).gone(id) == (not kept)


def test_the_same_content_is_as_many_uploads_as_were_answered(blobs: Blobs) -> None:
    """Behind one address, too: each claim is given up by itself, and the array goes with the last one."""
    store, claims = Store(blobs), [claim() for _ in range(3)]
    ids = {store.put(picture(1), claim=one).id for one in claims}
    (id,) = ids
    for one in claims:
        assert not store.gone(id)
        assert store.delete(id, one)
        assert not store.delete(id, one)
    assert store.gone(id)


def test_a_claim_of_an_earlier_version_is_known(blobs: Blobs) -> None:
    store = Store(blobs)
    id = store.put(picture(1), claim=ONE).id
    mine = claim()
    store.put(picture(1), claim=mine)
    assert store.delete(id, mine)
    assert not store.gone(id)
    assert store.delete(id, ONE)
    assert store.gone(id)


# ------------------------------------------------------------------------------------- bounds


def test_uploads_are_bounded_in_number_for_each_owner(blobs: Blobs) -> None:
    store = Store(blobs, owner_count=5)
    theirs = store.put(picture(99), claim=claim(OTHER)).id
    ids = [store.put(picture(number), claim=claim()).id for number in range(9)]
    assert [store.gone(id) for id in ids] == [True] * 4 + [False] * 5
    assert not store.gone(theirs)


def test_the_same_content_again_and_again_is_bounded_in_number_too(blobs: Blobs) -> None:
    store = Store(blobs, owner_count=5)
    for _ in range(20):
        id = store.put(picture(1), claim=claim()).id
    assert len(blobs.named([id])) == 1 + 5


def test_the_smallest_upload_counts_with_four_kibibytes_and_so_does_its_claim(blobs: Blobs) -> None:
    store = Store(blobs, owner_bytes=10 * LEAST_BYTES + 5_000)  # Redis says of a small one some bytes more
    ids = [store.put(np.zeros((1, 1, number + 1), np.uint8), claim=claim()).id for number in range(9)]
    assert [store.gone(id) for id in ids] == [True] * 4 + [False] * 5


def test_everything_together_is_bounded_with_its_claims(blobs: Blobs) -> None:
    store = Store(blobs, max_bytes=6 * LEAST_BYTES + 2_000)
    ids = [store.put(picture(number), claim=claim(f"{number:016x}")).id for number in range(7)]
    assert [store.gone(id) for id in ids] == [True] * 4 + [False] * 3
    assert len(blobs.named([""])) == 6


def test_an_upload_lists_nothing_that_is_held(blobs: Blobs) -> None:
    """As many questions to the place when much is held as when little is, and one list of everything."""
    noted = Noted(blobs)
    store = Store(noted)
    asked = []
    for number in range(60):
        noted.asked.clear()
        store.put(picture(number), claim=claim())
        asked.append(list(noted.asked))
    assert asked[0] == ["write", "write", "entries"]
    assert all(one == ["write", "write"] for one in asked[1:])


def test_what_other_servers_put_is_known_after_a_while(blobs: Blobs) -> None:
    one, other = Store(blobs, owner_count=5), Store(blobs, owner_count=5)
    for number in range(20):
        (one if number % 2 else other).put(picture(number), claim=claim())
    assert len(blobs.named([""])) <= 2 * 2 * 5, "each keeps its own bound meanwhile"
    one.stale_s = 0
    one._list_at = 0
    one.put(picture(20), claim=claim())
    assert 2 * 3 <= len(blobs.named([""])) <= 2 * 5, "with some spare room, since any had to go"


def test_a_claim_past_its_time_goes_though_its_array_was_made_young(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(blobs, max_age_s=100)
    old, young = claim(), claim()
    id = store.put(picture(1), claim=old).id
    index = store._known()
    index.add_claim(id, old, moment=0.0)
    store.put(picture(1), claim=young)
    store._sweep(("", ""), index)
    assert sorted(blobs.named([f"{id}."])) == sorted([f"{id}.npy", f"{id}.{young}"])


@pytest.mark.parametrize(
    ("count", "size"), [(500, 0), (500, 200), (20, 900_000), (20, 1_100_000), (3, 5_300_000)]
)
def test_redis_holds_no_more_than_it_is_counted_with(redis: Service, count: int, size: int) -> None:
    """By Redis' own account, with keys, tables and what its allocator rounds up; what connections hold goes again."""
    speaking = Redis(port=redis.port)
    speaking.flushall()
    blobs = open_blobs(f"redis://127.0.0.1:{redis.port}/0")

    def held() -> int:
        memory = speaking.info("memory")
        return int(memory["used_memory"] - memory["mem_clients_normal"])

    def written(number: int) -> int:
        return blobs.write(f"{number:064x}.{number:032x}", (b"x" * size,), 1000)

    written(0)
    before = held()
    counted = sum(written(number) for number in range(1, count))
    assert held() - before <= counted
    assert sum(entry.size for entry in blobs.entries()) >= counted


# ------------------------------------------------------------------------------------- the index

IDS = [f"{number:064x}" for number in range(4)]
OWNERS = [f"{number:016x}" for number in range(3)]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("array"), st.sampled_from(IDS), st.integers(0, 20_000)),
        st.tuples(st.just("claim"), st.sampled_from(IDS), st.sampled_from(OWNERS)),
        st.tuples(st.just("no array"), st.sampled_from(IDS), st.none()),
        st.tuples(st.just("no claim"), st.sampled_from(IDS), st.sampled_from(OWNERS)),
    ),
    max_size=40,
)


@given(steps, st.integers(0, 60_000), st.integers(0, 4))
def test_an_index_is_what_a_list_of_everything_would_make(
    moves: list[tuple[str, str, Any]], most: int, count: int
) -> None:
    kept, held = Index(), dict[str, Entry]()
    for number, (what, id, more) in enumerate(moves):
        age_s = float(1000 - number)
        name = f"{id}.npy" if what.endswith("array") else f"{id}.{more}{'0' * 16}"
        held.pop(name, None)
        if what == "array":
            kept.add_array(id, more)
            held[name] = Entry(name, more, age_s)
        elif what == "claim":
            kept.add_claim(id, more + "0" * 16)
            held[name] = Entry(name, 0, age_s)
        elif what == "no array":
            kept.drop_array(id)
        else:
            kept.drop_claim(id, more + "0" * 16)
    listed = Index(held.values())
    assert kept.bytes == listed.bytes == sum(max(LEAST_BYTES, entry.size) for entry in held.values())
    assert sorted(kept.owners()) == sorted(listed.owners())
    assert kept.oldest_over(most, "") == listed.oldest_over(most, "")
    for id in IDS:
        assert sorted(kept.claims_of(id)) == sorted(listed.claims_of(id))
    for owner in OWNERS:
        over = listed.claims_over(owner, most, count, ("", ""))
        assert kept.claims_over(owner, most, count, ("", "")) == over
        for id, claim in over:
            listed.drop_claim(id, claim)
        assert listed.claims_over(owner, most, count, ("", "")) == []
