"""The store: what is put is got back by its content, and nothing else ever is."""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from app.core.errors import NotFound, Problem, TooLarge
from app.images.store.index import LEAST_BYTES
from app.images.store.store import DirectoryStore, content_id

kept = hnp.arrays(
    st.sampled_from([np.uint8, np.uint16, np.float32, np.float64]),
    hnp.array_shapes(min_dims=1, max_dims=5, max_side=4),
)


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    """A store that lists what it holds each time, since the tests change it behind its back."""
    made = DirectoryStore(tmp_path / "uploads")
    made.stale_s = 0
    return made


def picture(number: int, size: int = 10) -> np.ndarray:
    return np.full((1, size, size), number, np.uint8)


def files(store: DirectoryStore) -> list[str]:
    return sorted(file.name for file in store.path.iterdir())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept)
def test_what_is_put_is_got_back_bit_by_bit(store: DirectoryStore, array: Any) -> None:
    stored = store.put(array)
    back = store.get(stored.id)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert not back.flags.writeable
    described = store.describe(stored.id)
    assert (described.id, described.kind, described.shape) == (stored.id, stored.kind, stored.shape)


@given(kept, kept)
def test_ids_agree_when_and_only_when_the_content_does(first: Any, second: Any) -> None:
    same = (first.dtype, first.shape, first.tobytes()) == (second.dtype, second.shape, second.tobytes())
    assert (content_id(first) == content_id(second)) == same
    assert content_id(np.asfortranarray(first)) == content_id(first)
    assert content_id(first.astype(first.dtype.newbyteorder(">"))) == content_id(first)


def test_an_id_is_no_bare_hash_of_the_pixels() -> None:
    assert content_id(picture(1)) != hashlib.sha256(picture(1).tobytes()).hexdigest()


def test_the_api_tells_what_a_page_needs(store: DirectoryStore) -> None:
    answer = store.put(np.zeros((3, 20, 30), np.uint8), "JPEG, 8-bit RGB").to_json()
    assert answer["kind"] == "picture"
    assert answer["shape"] == [3, 20, 30]
    assert (answer["width"], answer["height"], answer["mode"]) == (30, 20, "JPEG, 8-bit RGB")
    assert answer["expires_s"] == store.max_age_s
    assert store.put(np.zeros((4, 3, 3, 3), np.float32)).to_json()["kind"] == "array"
    assert store.describe(answer["id"]).mode == "8-bit RGB"


@pytest.mark.parametrize(
    "id",
    ["", "../secret", "a" * 63, "A" * 64, "a" * 64 + "\n", "/etc/passwd", "..", "g" * 64, "%2e" * 21 + "a"],
)
def test_an_id_that_is_none_never_touches_the_disk(
    store: DirectoryStore, id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "stat", lambda *_, **__: pytest.fail("the disk was touched"))
    with pytest.raises(NotFound):
        store.get(id)


def test_what_is_not_here_is_not_found_and_told_how_to_mend(store: DirectoryStore) -> None:
    with pytest.raises(NotFound) as refused:
        store.get("0" * 64)
    assert refused.value.remedy == "Post the picture again."


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_file_is_not_found_and_dropped(store: DirectoryStore, damage: bytes | None) -> None:
    stored = store.put(picture(1))
    file = store.path / f"{stored.id}.npy"
    content = file.read_bytes()
    file.write_bytes(content[:-1] + b"\x07" if damage is None else damage)
    with pytest.raises(NotFound):
        store.get(stored.id)
    assert not file.exists()
    store.put(picture(1))
    assert store.get(stored.id).size == 100


def test_the_oldest_go_first_when_the_quota_is_exceeded(store: DirectoryStore) -> None:
    store.max_bytes = 3 * LEAST_BYTES
    ids = [store.put(picture(number)).id for number in range(3)]
    for age_s, id in zip((30, 60, 10), ids, strict=True):
        file = store.path / f"{id}.npy"
        os.utime(file, (file.stat().st_mtime - age_s,) * 2)
    newest = store.put(picture(9)).id
    assert files(store) == sorted(f"{id}.npy" for id in (ids[0], ids[2], newest))


def test_putting_again_makes_an_upload_young_again(store: DirectoryStore) -> None:
    stored = store.put(picture(1))
    file = store.path / f"{stored.id}.npy"
    os.utime(file, (file.stat().st_mtime - 1000,) * 2)
    assert store.describe(stored.id).expires_s <= store.max_age_s - 1000
    store.put(picture(1))
    assert store.describe(stored.id).expires_s > store.max_age_s - 10
    assert len(files(store)) == 1


def test_what_is_too_old_is_gone(store: DirectoryStore) -> None:
    first, second = store.put(picture(1)).id, store.put(picture(2)).id
    for id in (first, second):
        os.utime(store.path / f"{id}.npy", (1, 1))
    with pytest.raises(NotFound):
        store.get(first)
    store.put(picture(3))
    assert len(files(store)) == 1


def test_what_a_dead_process_left_is_swept_and_foreign_files_are_left(store: DirectoryStore) -> None:
    store.put(picture(1))
    for name in (".old.tmp", "readme.txt"):
        (store.path / name).write_bytes(b"x")
        os.utime(store.path / name, (1, 1))
    (store.path / ".new.tmp").write_bytes(b"x")
    store.put(picture(2))
    assert {".new.tmp", "readme.txt"} <= set(files(store))
    assert ".old.tmp" not in files(store)


def test_one_upload_larger_than_the_store_is_too_large(store: DirectoryStore) -> None:
    store.max_bytes = 50
    with pytest.raises(TooLarge):
        store.put(picture(1))


def test_a_disk_that_fails_is_a_problem_and_leaves_nothing(
    store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(Problem, match="No space left") as refused:
        store.put(picture(1))
    assert refused.value.status == 507
    assert files(store) == []


def _put_many(path: Path, first: int) -> None:
    store = DirectoryStore(path, max_bytes=13 * LEAST_BYTES)
    store.stale_s = 0
    for number in range(first, first + 40):
        stored = store.put(picture(number % 50))
        with contextlib.suppress(NotFound):  # another process may have needed the room
            assert store.get(stored.id)[0, 0, 0] == number % 50


def test_threads_and_processes_share_one_directory(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_put_many, args=(tmp_path, 7 * index)) for index in range(2)]
    threads = [threading.Thread(target=_put_many, args=(tmp_path, 5 * index)) for index in range(3)]
    workers: list[Any] = [*processes, *threads]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert not list(tmp_path.glob("*.tmp"))
    assert len(list(tmp_path.glob("*.npy"))) <= 13
