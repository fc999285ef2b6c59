"""Short links in a store of their own: equal states are one record, an owner's oldest make room, ids are no paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import NotFound, Problem
from app.images.store.open import open_blobs
from app.images.store.store import Store
from app.link.fragment import read_link
from app.link.pictures import Pictures
from app.link.short import LINKS, YEAR_S, ShortLinks

ONE, OTHER = "a" * 16, "b" * 16


def short_links(place: Path, most: int = 10_000_000, count: int = 100) -> ShortLinks:
    return ShortLinks(open_blobs(place, kind=LINKS), most, owner_count=count)


def state(step: int) -> str:
    return f"#v1&op=convolution&source=sample:cross&step={step}"


def test_equal_states_have_one_id_and_another_process_finds_it(tmp_path: Path) -> None:
    links = short_links(tmp_path)
    first = links.keep(read_link(state(4)), ONE)
    again = links.keep(read_link("#v1&step=4&op=convolution&source=sample:cross&kernel=3"), OTHER)
    assert first.id == again.id
    assert first.fragment == again.fragment == state(4)
    assert first.expires_s == YEAR_S
    assert short_links(tmp_path).find(first.id) == state(4)
    assert links.keep(read_link(state(5)), ONE).id != first.id


def test_uploads_and_links_do_not_know_of_each_other(tmp_path: Path) -> None:
    links, uploads = short_links(tmp_path), Store(open_blobs(tmp_path))
    kept = links.keep(read_link(state(1)), ONE)
    assert uploads.blobs.entries() == []
    assert len(links.store.blobs.entries()) == 2  # the record, and its owner's claim
    assert links.find(kept.id) == state(1)


def test_an_owners_oldest_make_room_and_nobody_elses(tmp_path: Path) -> None:
    links = short_links(tmp_path, count=5)
    theirs = links.keep(read_link(state(1000)), OTHER)
    mine = [links.keep(read_link(state(step)), ONE).id for step in range(12)]
    assert links.find(theirs.id) == state(1000)
    assert links.find(mine[-1]) == state(11)
    with pytest.raises(NotFound):
        links.find(mine[0])
    assert len(links.store.blobs.entries()) <= 2 * (5 + 1)


def test_keeping_the_same_link_again_takes_no_more_room(tmp_path: Path) -> None:
    links = short_links(tmp_path, count=3)
    for _ in range(20):
        kept = links.keep(read_link(state(7)), ONE)
    assert len(links.store.blobs.entries()) == 2
    assert links.find(kept.id) == state(7)


def test_all_links_together_have_a_bound(tmp_path: Path) -> None:
    links = short_links(tmp_path, most=40_000)
    for step in range(30):
        kept = links.keep(read_link(state(step)), f"{step:016x}")
    assert sum(max(entry.size, 4096) for entry in links.store.blobs.entries()) <= 40_000
    assert links.find(kept.id) == state(29)


def test_a_server_without_room_for_links_says_so(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="keeps no short links"):
        short_links(tmp_path, most=0).keep(read_link(state(1)), ONE)


@pytest.mark.parametrize(
    "id", ["", "..", "../secret", "a" * 15, "A" * 16, "g" * 16, "a" * 17, "a" * 64, "0" * 15 + "\n", "%2e%2e"]
)
def test_an_id_that_is_none_never_touches_the_store(tmp_path: Path, id: str) -> None:
    links = short_links(tmp_path)
    links.store.blobs.named = None  # type: ignore[assignment, method-assign]
    with pytest.raises(NotFound) as refused:
        links.find(id)
    assert len(str(refused.value.value)) <= 80


def test_a_record_that_was_damaged_is_lost_and_not_shown(tmp_path: Path) -> None:
    links = short_links(tmp_path)
    kept = links.keep(read_link(state(3)), ONE)
    (file,) = (tmp_path / f".{LINKS}").glob("*.npy")
    file.write_bytes(file.read_bytes().replace(b"convolution", b"connolution"))
    with pytest.raises(NotFound):
        links.find(kept.id)


def test_pictures_are_kept_up_to_a_bound_and_the_oldest_go() -> None:
    pictures = Pictures(100)
    for number in range(8):
        pictures.put(str(number), bytes(30))
        assert pictures.bytes <= 100
        assert pictures.get("0") is not None or number > 3
    assert pictures.get("7") == bytes(30)
    pictures.put("large", bytes(101))
    assert pictures.get("large") is None
    assert pictures.get("7") == bytes(30)
