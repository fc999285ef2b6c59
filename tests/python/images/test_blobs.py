"""Every place that uploads can lie in keeps the same promises: each test here runs against each of them."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import numpy as np
import pytest
from redis import Redis

from app.core.errors import NotFound, Problem
from app.images.store.blobs import (
    Blob,
    Blobs,
    Full,
    Unreachable,
)
from app.images.store.open import open_blobs, shown
from app.images.store.store import Store
from app.settings import Settings

from ...s3 import Bucket, running_s3
from ...services import Service, running_redis

KINDS = ("directory", "memory", "s3", "redis")


@dataclass
class Place:
    """Some blobs, and how a second server would open the same ones."""

    kind: str
    blobs: Blobs
    again: Callable[[], Blobs]
    fail: Callable[[], Any] | None = None  # makes the place unreachable
    mend: Callable[[], Any] = field(default=lambda: None)
    # Makes what is there older than what follows, by as much as its clock can tell apart.
    later: Callable[[], Any] = field(default=lambda: time.sleep(0.01))


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_redis(tmp_path_factory.mktemp("redis")) as service:
        yield service


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with running_s3() as made:
        yield made


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    kind: str = request.param
    if kind == "redis":
        service: Service = request.getfixturevalue("redis")
        if service.process is None:
            service.start()
        url = f"redis://127.0.0.1:{service.port}/0"
        Redis.from_url(url).flushall()
        return Place(kind, open_blobs(url), lambda: open_blobs(url), service.stop, service.start)
    if kind == "s3":
        bucket: Bucket = request.getfixturevalue("bucket")
        bucket.objects.clear()
        for name, value in {
            "AWS_ACCESS_KEY_ID": "tester",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "eu-central-1",
            "AWS_ENDPOINT": f"http://127.0.0.1:{bucket.server_address[1]}",
            "AWS_ALLOW_HTTP": "true",
            "no_proxy": "127.0.0.1",
        }.items():
            monkeypatch.setenv(name, value)
        url = "s3://lectures/convscope"

        def failing(state: bool) -> Callable[[], None]:
            return lambda: setattr(bucket, "failing", state)

        return Place(
            kind, open_blobs(url), lambda: open_blobs(url), failing(True), failing(False), bucket.later
        )
    if kind == "memory":
        blobs = open_blobs("memory:///")
        return Place(kind, blobs, lambda: blobs)
    where = tmp_path / "there"

    def later() -> None:
        for file in where.iterdir():
            moment = file.stat().st_mtime - 2
            os.utime(file, (moment, moment))

    return Place(kind, open_blobs(where), lambda: open_blobs(where), later=later)


def test_what_is_written_is_read_whole_and_by_every_server(place: Place) -> None:
    data = bytes(range(256)) * 1000
    place.blobs.write("a", (data[:7], memoryview(data)[7:]), 60)
    place.blobs.write("empty", (), 60)
    for blobs in (place.blobs, place.again()):
        found = blobs.read("a")
        assert found is not None
        assert found.data == data
        assert abs(found.age_s) < 30
        empty = blobs.read("empty")
        assert empty is not None
        assert empty.data == b""
        assert blobs.read("b") is None
        assert blobs.age_s("b") is None
        assert abs(blobs.age_s("a") or 0.0) < 30


def test_what_is_written_again_is_one_blob_with_the_new_content(place: Place) -> None:
    place.blobs.write("a", (b"one",), 60)
    place.blobs.write("a", (b"three",), 60)
    assert [entry.name for entry in place.blobs.entries()] == ["a"]
    assert place.blobs.read("a") == Blob(b"three", ANY)


def test_the_list_has_every_blob_with_size_and_age_until_it_is_removed(place: Place) -> None:
    assert place.blobs.entries() == []
    sizes = {"x.npy": 3, "y.npy": 0, "z": 7}
    sizes_written = {name: place.blobs.write(name, (b"." * size,), 60) for name, size in sizes.items()}
    if place.kind != "redis":  # which says what knowing of them takes as well
        assert sizes_written == sizes
    place.blobs.create("secret", b"s" * 32)
    found = {entry.name: entry for entry in place.again().entries()}
    assert {name: entry.size for name, entry in found.items()} == sizes_written
    assert all(abs(entry.age_s) < 30 for entry in found.values())
    assert place.blobs.named(["x"]) == ["x.npy"]
    assert sorted(place.blobs.named(["z", "q", "x"])) == ["x.npy", "z"]
    assert place.blobs.named([]) == []
    assert sorted(place.again().named([""])) == sorted(sizes)
    assert place.blobs.named(["q"]) == []
    assert place.blobs.remove("x.npy")
    assert not place.blobs.remove("x.npy")
    assert place.blobs.read("x.npy") is None
    assert place.blobs.named(["x"]) == []
    assert sorted(entry.name for entry in place.blobs.entries()) == ["y.npy", "z"]


def test_of_many_who_create_one_wins_and_all_learn_what_it_put(place: Place) -> None:
    answers: list[bytes] = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(place.again().create("secret", bytes([n]) * 32)))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1


def test_an_upload_is_the_same_wherever_it_lies(place: Place) -> None:
    """The whole store on top: put, get, claims, shares, deletion and the room that is left."""
    store = Store(place.blobs, max_bytes=100_000, owner_bytes=20_000)  # two of 4 KiB with their claims
    pictures = [np.full((1, 20, 20), number, np.uint8) for number in range(4)]
    a, b = "a" * 16 + "0" * 16, "b" * 16 + "0" * 16
    secret = store.secret()
    assert len(secret) == 32
    assert Store(place.again()).secret() == secret
    first = store.put(pictures[0], claim=a)
    place.later()
    second = store.put(pictures[1], claim=a)
    assert (Store(place.again()).get(first.id) == 0).all()
    place.later()
    store.put(pictures[2], claim=a)
    assert store.gone(first.id), "an owner's oldest makes room for its newest"
    assert not store.gone(second.id)
    store.put(pictures[1], claim=b)
    assert store.delete(second.id, a)
    assert not store.gone(second.id), "another still claims it"
    assert store.delete(second.id, b)
    assert not store.delete(second.id, b)
    with pytest.raises(NotFound):
        store.get(second.id)


def test_a_place_that_is_away_is_told_so_and_is_back_when_it_is_back(place: Place) -> None:
    if place.fail is None:
        assert place.blobs.ready()
        return
    store = Store(place.blobs)
    kept = store.put(np.zeros((1, 4, 4), np.uint8))
    place.fail()
    try:
        assert not place.blobs.ready()
        for ask in (
            lambda: store.get(kept.id),
            lambda: store.put(np.ones((1, 4, 4), np.uint8)),
            store.secret,
            place.blobs.entries,
        ):
            with pytest.raises(Unreachable) as refusal:
                ask()
            assert refusal.value.status == 503
        assert not store.gone(kept.id), "what cannot be asked is not known to be gone"
    finally:
        place.mend()
    assert place.blobs.ready()
    store.put(np.zeros((1, 4, 4), np.uint8))
    assert store.get(kept.id).shape == (1, 4, 4)


def test_redis_lets_an_upload_expire_by_itself(redis: Service) -> None:
    if redis.process is None:
        redis.start()
    blobs = open_blobs(f"redis://127.0.0.1:{redis.port}/1")
    blobs.write("short", (b"x",), 1)
    until = time.monotonic() + 60
    while blobs.read("short") is not None and time.monotonic() < until:
        time.sleep(0.05)
    assert blobs.read("short") is None
    assert blobs.age_s("short") is None


def test_redis_that_is_full_says_so_and_keeps_what_it_has(redis: Service) -> None:
    if redis.process is None:
        redis.start()
    speaking = Redis(port=redis.port)
    speaking.config_set("maxmemory", "3mb")
    speaking.config_set("maxmemory-policy", "noeviction")
    store = Store(open_blobs(f"redis://127.0.0.1:{redis.port}/2"))
    kept = store.put(np.zeros((1, 4, 4), np.uint8))
    try:
        assert store.ready()
        with pytest.raises(Full) as refusal:
            store.put(np.zeros((1, 4000, 4000), np.uint8))
        assert refusal.value.status == 507
        assert store.get(kept.id).shape == (1, 4, 4)
        speaking.config_set("maxmemory", "1")  # it holds more than it may
        with pytest.raises(Full):
            store.put(np.ones((1, 4, 4), np.uint8))
        assert not store.ready(), "it answers, and takes nothing"
        assert store.get(kept.id).shape == (1, 4, 4)
        assert [store.blobs.remove(entry.name) for entry in store.blobs.entries()] == [True], (
            "room can be made"
        )
    finally:
        speaking.config_set("maxmemory", "0")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("ftp://host/x", "no such kind of store"),
        ("redis://:hunter2@host:6379/0", "needs the package redis"),
    ],
)
def test_a_place_that_cannot_be_is_refused_by_name_and_without_its_password(
    place: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    monkeypatch.delitem(sys.modules, "app.images.store.redis", raising=False)
    with pytest.raises(SystemExit, match=words) as refused:
        open_blobs(place)
    assert "hunter2" not in str(refused.value)
    assert shown("redis://:hunter2@host:6379/0") == "redis://…@host:6379/0"


@pytest.mark.parametrize(
    "place",
    [
        "redis://:hunter2#x@host:6379/0",
        "redis://:hunter2/x@host:6379/0",
        "redis://:hunter2?x@host:6379/0",
        "redis://user:12/hunter2@host:6379/0",
        "redis://:hunter2",
        "redis://host:hunter2/0",
        "redis://[hunter2@host/0",
        "rediss://host/0?password=hunter2&socket_timeout=x",
        "redis://:hunter2@host:6379/0?db=x",
        "s3://key:hunter2@/x#y@z",
        "ftp://user:hunter2@host/x",
        "ftp://:hunter2",
    ],
)
def test_no_part_of_a_password_is_told_when_a_place_cannot_be_read(place: str) -> None:
    """Neither by us nor by the packages, whose words have the address; and there is no traceback to have them in."""
    with pytest.raises(SystemExit, match="CONVSCOPE_UPLOADS") as refused:
        open_blobs(place)
    assert "hunter" not in "".join(traceback.format_exception(refused.value))
    assert "hunter" not in shown(place)


def test_a_password_that_is_written_as_addresses_have_it_is_read(redis: Service) -> None:
    if redis.process is None:
        redis.start()
    speaking = Redis(port=redis.port)
    speaking.config_set("requirepass", "p#/?@")
    try:
        assert open_blobs(f"redis://:p%23%2F%3F%40@127.0.0.1:{redis.port}/0").ready()
        assert not open_blobs(f"redis://:another@127.0.0.1:{redis.port}/0").ready()
    finally:
        speaking.config_set("requirepass", "")


def test_one_setting_chooses_the_place(tmp_path: Path) -> None:
    chosen = Settings.from_environment({"CONVSCOPE_UPLOADS": "redis://host:6379/0"})
    assert chosen.uploads == "redis://host:6379/0"
    assert Settings.from_environment({"CONVSCOPE_UPLOADS": str(tmp_path)}).uploads == tmp_path


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(open_blobs(tmp_path / "up"))
    kept = store.put(np.zeros((1, 4, 4), np.uint8))

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("tempfile.mkstemp", fail)
        with pytest.raises(Problem, match="No space left") as refusal:
            store.put(np.ones((1, 4, 4), np.uint8))
        assert refusal.value.status == 507
        assert store.get(kept.id).shape == (1, 4, 4)
    store.put(np.ones((1, 4, 4), np.uint8))


def test_a_disk_that_takes_no_byte_more_is_not_ready(tmp_path: Path) -> None:
    """A full disk still makes directories and empty files; here the process may write files of no byte."""
    import resource

    blobs = open_blobs(tmp_path / "up")
    assert blobs.ready()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        assert not blobs.ready()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert blobs.ready()
    assert list((tmp_path / "up").iterdir()) == [], "a question leaves nothing behind"


@pytest.mark.parametrize("days", [-30, -1, 1, 30])
def test_a_clock_that_jumps_loses_at_most_what_is_posted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    store = Store(open_blobs(tmp_path / "up"), max_age_s=7 * 24 * 3600)
    kept = store.put(np.zeros((1, 4, 4), np.uint8))
    honest = time.time
    monkeypatch.setattr(time, "time", lambda: honest() + days * 86400)
    if abs(days) < 7:
        assert 0 <= store.describe(kept.id).expires_s <= store.max_age_s
    else:
        with pytest.raises(NotFound):
            store.get(kept.id)
    # A blob posted after the jump has the file system's time, which may not have jumped.
    with contextlib.suppress(NotFound):
        again = store.put(np.zeros((1, 4, 4), np.uint8))
        assert again.id == kept.id
        assert again.expires_s == store.max_age_s
