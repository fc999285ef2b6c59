"""Uploads over HTTP: only what is a picture, nothing but its pixels, within a share, and deleted by whom it is of."""

from __future__ import annotations

import io
import os
import struct
import sys
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from starlette.testclient import TestClient

from app.images.read.npy import npy_bytes
from app.images.store.folder import home_of_uploads, prepared, shared_secret
from app.images.store.index import LEAST_BYTES
from app.images.store.open import open_blobs
from app.images.store.store import DirectoryStore
from app.main import create_app
from app.settings import Settings
from app.web.http.clients import named

from ..images.pictures import tiff
from .asking import (
    Json,
    assert_problem,
    png,
    run_body,
)

SECRET = b"a secret that was in the file"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


@pytest.fixture
def uploads(folder: Path) -> Iterator[TestClient]:
    with asking_from(folder, "10.0.0.1") as made:
        yield made


def asking_from(folder: Path, address: str, **limits: Any) -> TestClient:
    app = create_app(Settings(uploads=folder, **limits))
    return TestClient(app, base_url="http://localhost", client=(address, 5000))


def noisy(seed: int, side: int = 20) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)


def post(client: TestClient, body: bytes, kind: str = "image/png") -> Json:
    answer = client.post("/api/v1/images", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 201, answer.text
    stored: Json = answer.json()
    return stored


def delete(client: TestClient, id: str, token: str) -> Any:
    return client.delete(f"/api/v1/images/{id}", headers={"Delete-Token": token})


def loaded(pixels: np.ndarray, form: str) -> bytes:
    """A picture that says more than its pixels, in every place where its format lets it."""
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    words: dict[str, Any] = {"exif": exif}
    if form == "PNG":
        chunks = PngImagePlugin.PngInfo()
        chunks.add_text("Comment", SECRET.decode())
        chunks.add_itxt("Description", SECRET.decode(), zip=True)
        words |= {"pnginfo": chunks, "icc_profile": SECRET}
    elif form == "JPEG":
        words |= {"comment": SECRET, "icc_profile": SECRET, "xmp": SECRET}
    elif form in ("WEBP", "AVIF"):
        words |= {"icc_profile": SECRET, "xmp": SECRET}
    elif form == "TIFF":
        words = {"tiffinfo": {270: SECRET.decode(), 315: SECRET.decode(), 34675: SECRET}}
    elif form == "GIF":
        words = {"comment": SECRET}
    else:
        words = {}
    Image.fromarray(pixels).save(file, form, **words)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("page.html", b"<script>alert(1)</script>" + SECRET)
    return file.getvalue() + b"<script>" + SECRET + archive.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF", "GIF", "BMP"])
def test_nothing_but_the_pixels_is_kept_or_given_back(folder: Path, uploads: TestClient, form: str) -> None:
    sent = loaded(noisy(1), form)
    assert SECRET in sent
    stored = post(uploads, sent, f"image/{form.lower()}")
    kept = b"".join(file.read_bytes() for file in folder.iterdir() if file.suffix == ".npy")
    given = [
        uploads.get(f"/api/v1/images/{stored['id']}", headers={"Accept": kind}).content
        for kind in ("image/png", "application/x-npy")
    ]
    for content in (kept, *given):
        assert content
        assert SECRET not in content
        assert b"<script>" not in content
        assert not zipfile.is_zipfile(io.BytesIO(content))
    with Image.open(io.BytesIO(given[0])) as picture:
        assert picture.info == {}
        assert not picture.getexif()


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ("image/jpeg", "JPEG"),
        ("application/x-npy", ".npy"),
        ("text/plain", "text/plain"),
        ("image/png", None),
        ("application/octet-stream", None),
        ("application/x-www-form-urlencoded", None),  # curl's own, unless it is told otherwise
    ],
)
def test_content_decides_and_a_note_says_what_the_type_says(
    uploads: TestClient, declared: str, says: str | None
) -> None:
    stored = post(uploads, png(noisy(1)), declared)
    assert stored["kind"] == "picture"
    assert stored["mode"] == "PNG, 8-bit RGB"
    wanted = f"its name or type says {says}, its content is PNG: the content was read"
    assert stored["notes"] == ([] if says is None else [wanted])


def test_an_array_is_an_array_whatever_it_is_declared_as(uploads: TestClient) -> None:
    array = npy_bytes(np.arange(8.0).reshape(2, 4))
    for declared, notes in (("application/x-npy", 0), ("application/octet-stream", 0), ("image/png", 1)):
        stored = post(uploads, array, declared)
        assert (stored["kind"], stored["shape"], len(stored["notes"])) == ("array", [2, 4], notes)


def test_numbers_of_a_tiff_are_an_input_as_they_are(uploads: TestClient) -> None:
    pixels = np.linspace(-5, 700, 3 * 4 * 2, dtype=np.float32).reshape(3, 4, 2)
    stored = post(uploads, tiff(pixels), "image/tiff")
    assert (stored["kind"], stored["shape"]) == ("array", [2, 3, 4])
    body = {
        "layers": [{"operation": "max_pooling", "kernel": 1, "stride": 1}],
        "source": {"kind": "image", "id": stored["id"]},
        "include": ["output"],
    }
    answer = uploads.post("/api/v1/run", json=body, headers={"Accept": "application/x-npy"})
    np.testing.assert_array_equal(np.load(io.BytesIO(answer.content)), pixels.transpose(2, 0, 1))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_bomb_is_refused_before_it_is_decoded(uploads: TestClient) -> None:
    body = bomb(50_000, 50_000)
    post(uploads, png(noisy(1)))  # what is loaded once is loaded
    tracemalloc.start()
    try:
        answer = uploads.post("/api/v1/images", content=body, headers={"Content-Type": "image/png"})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "2,500,000,000 pixels" in assert_problem(answer, 413, "too_large", "image")["detail"]
    assert peak < 4_000_000


def test_a_film_of_many_frames_costs_as_much_as_its_first(uploads: TestClient) -> None:
    frame = Image.fromarray(noisy(3, 8)).convert("P")
    file = io.BytesIO()
    frame.save(file, "GIF")
    single = file.getvalue()
    body = single[:-1] + single[single.index(b",") : -1] * 20_000 + b";"
    stored = post(uploads, body, "image/gif")
    assert (stored["width"], stored["height"]) == (8, 8)
    assert stored["notes"] == ["the first of its frames is shown"]


def test_an_upload_is_deleted_with_its_token_and_with_no_other(folder: Path, uploads: TestClient) -> None:
    stored, other = post(uploads, png(noisy(1))), post(uploads, png(noisy(2)))
    id, token = stored["id"], stored["delete_token"]
    for wrong in ("", "x", other["delete_token"], token[:-1], token[:-1] + "é", "0" * 16 + token[16:]):
        answer = uploads.delete(f"/api/v1/images/{id}", headers={b"Delete-Token": wrong.encode("latin-1")})
        assert_problem(answer, 403, "forbidden", "Delete-Token")
    asked = run_body(source={"kind": "image", "id": id})
    assert uploads.post("/api/v1/run", json=asked).status_code == 200
    assert delete(uploads, id, token).status_code == 204
    assert not (folder / f"{id}.npy").exists()
    assert_problem(uploads.get(f"/api/v1/images/{id}"), 404, "not_found")
    assert_problem(uploads.post("/api/v1/run", json=asked), 404, "not_found")
    assert_problem(delete(uploads, id, token), 404, "not_found")
    assert uploads.get(f"/api/v1/images/{other['id']}").status_code == 200


def test_a_cached_picture_is_asked_for_again_and_gone_when_it_is_deleted(uploads: TestClient) -> None:
    stored = post(uploads, png(noisy(1)))
    address = f"/api/v1/images/{stored['id']}"
    first = uploads.get(address)
    assert first.headers["cache-control"] == "private, no-cache"
    again = {"If-None-Match": first.headers["etag"]}
    assert uploads.get(address, headers=again).status_code == 304
    assert uploads.get(address, headers={**again, "Accept": "application/x-npy"}).status_code == 200
    delete(uploads, stored["id"], stored["delete_token"])
    assert uploads.get(address, headers=again).status_code == 404


def test_what_two_clients_sent_stays_until_both_have_deleted_it(folder: Path) -> None:
    with asking_from(folder, "10.0.0.1") as one, asking_from(folder, "10.0.0.2") as two:
        mine, yours = post(one, png(noisy(1))), post(two, png(noisy(1)))
        assert mine["id"] == yours["id"]
        assert mine["delete_token"] != yours["delete_token"]
        assert delete(two, mine["id"], mine["delete_token"]).status_code == 204, "the token is what counts"
        assert one.get(f"/api/v1/images/{mine['id']}").status_code == 200
        assert delete(two, mine["id"], yours["delete_token"]).status_code == 204
        assert one.get(f"/api/v1/images/{mine['id']}").status_code == 404


def test_behind_one_address_nobody_deletes_what_another_posted(folder: Path) -> None:
    """A school is one address: whoever has a link can post the same picture, and gets a token for that upload alone."""
    with asking_from(folder, "10.0.0.1") as one, asking_from(folder, "10.0.0.1") as two:
        mine, yours = post(one, png(noisy(1))), post(two, png(noisy(1)))
        again = post(one, png(noisy(1)))
        assert len({stored["id"] for stored in (mine, yours, again)}) == 1
        assert len({stored["delete_token"] for stored in (mine, yours, again)}) == 3
        for token in (yours["delete_token"], again["delete_token"]):
            assert delete(two, mine["id"], token).status_code == 204
            assert_problem(delete(two, mine["id"], token), 404, "not_found")
            assert one.get(f"/api/v1/images/{mine['id']}").status_code == 200
        assert delete(one, mine["id"], mine["delete_token"]).status_code == 204
        assert one.get(f"/api/v1/images/{mine['id']}").status_code == 404


def test_the_number_of_uploads_of_one_client_is_bounded(folder: Path) -> None:
    with asking_from(folder, "10.0.0.1", client_uploads=3) as client:
        ids = [post(client, png(noisy(number)))["id"] for number in range(5)]
        there = [client.get(f"/api/v1/images/{id}").status_code == 200 for id in ids]
    assert there == [False, False, True, True, True]


def test_who_uploaded_cannot_be_read_from_the_directory(folder: Path, uploads: TestClient) -> None:
    post(uploads, png(noisy(1)))
    for file in folder.iterdir():
        assert "10.0.0.1" not in file.name
        assert b"10.0.0.1" not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0


def test_a_client_makes_room_by_its_own_oldest_and_never_by_another_s(folder: Path) -> None:
    size = 2 * LEAST_BYTES  # a small picture and the claim to it
    with (
        asking_from(folder, "10.0.0.1", client_bytes=3 * size) as one,
        asking_from(folder, "10.0.0.2", client_bytes=3 * size) as two,
    ):
        theirs = post(two, png(noisy(99)))["id"]
        mine, now = [], time.time()
        for number in range(6):
            mine.append(post(one, png(noisy(number)))["id"])
            moment = now - 100 + number  # each a second older than the next
            for path in folder.glob(f"{mine[-1]}*"):
                os.utime(path, (moment, moment))
        kept = {file.stem for file in folder.glob("*.npy")}
        assert kept == {theirs, *mine[-3:]}


def test_one_upload_larger_than_a_client_s_share_is_too_large(folder: Path) -> None:
    with asking_from(folder, "10.0.0.1", client_bytes=1000) as client:
        answer = client.post("/api/v1/images", content=png(noisy(1)), headers={"Content-Type": "image/png"})
        assert "1,000 bytes" in assert_problem(answer, 413, "too_large", "image")["reason"]


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("x" * 500, "x" * 64),
    ],
)
def test_a_client_is_an_address_or_a_network_of_one_household(host: str, client: str) -> None:
    assert named(host) == client


def test_the_default_directory_is_the_user_s_own(tmp_path: Path) -> None:
    named_cache = {"XDG_CACHE_HOME": str(tmp_path)}
    assert home_of_uploads(named_cache) == tmp_path / "convscope" / "uploads"
    relative = {"XDG_CACHE_HOME": "cache", "HOME": str(tmp_path)}
    found = home_of_uploads(relative)
    assert found is not None
    assert tmp_path in found.parents, "a relative XDG_CACHE_HOME is ignored, as its specification says"
    assert Settings.from_environment(named_cache).uploads == tmp_path / "convscope" / "uploads"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no owners and modes of this kind")
def test_the_private_directory_is_nobody_else_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "made"
    prepared(made, private=True)
    assert made.stat().st_mode & 0o777 == 0o700
    made.chmod(0o777)
    prepared(made, private=True)
    assert made.stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(PermissionError, match="somebody else"):
        prepared(made, private=True)
    assert not DirectoryStore(made, private=True).ready()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no owners and modes of this kind")
@pytest.mark.parametrize("private", [True, False])
def test_a_directory_that_is_a_link_or_another_s_is_refused_named_or_not(
    tmp_path: Path, private: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made"
    made.mkdir(mode=0o755)
    prepared(made, private=private)
    for name, to in (("link", made), ("dangling", tmp_path / "nowhere")):
        link = tmp_path / name
        link.symlink_to(to)
        with pytest.raises(PermissionError, match="link"):
            prepared(link, private=private)
        with pytest.raises(SystemExit, match=f"{name}: the directory of uploads is a link"):
            open_blobs(link, private=private)
        assert not DirectoryStore(link, private=private).ready()
    assert not (tmp_path / "nowhere").exists()
    with monkeypatch.context() as other:
        owner = made.stat().st_uid
        other.setattr(os, "geteuid", lambda: owner + 1)
        if private or owner != 0:
            with pytest.raises(SystemExit, match="belongs to somebody else"):
                open_blobs(made, private=private)
    if not private:
        made.chmod(0o777)
        with pytest.raises(SystemExit, match="everyone can write"):
            open_blobs(made, private=private)


def test_the_secret_of_a_directory_is_one_and_no_link_is_followed(tmp_path: Path) -> None:
    first = shared_secret(tmp_path / ".secret")
    assert len(first) == 32
    assert shared_secret(tmp_path / ".secret") == first
    assert (tmp_path / ".secret").stat().st_mode & 0o077 == 0
    assert shared_secret(tmp_path / "other") != first
    (tmp_path / "linked").symlink_to(tmp_path / ".secret")
    with pytest.raises(OSError, match="symbolic"):
        shared_secret(tmp_path / "linked")
    (tmp_path / "short").write_bytes(b"x")
    with pytest.raises(OSError, match="damaged"):
        shared_secret(tmp_path / "short")
