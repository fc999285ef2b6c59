"""Texts as they travel: shorter where a minifier is installed, compressed as the client asks, and never lost."""

from __future__ import annotations

import gzip

import brotli
import pytest
from fastapi.testclient import TestClient

from app.web import bundle, compact
from app.web.assets import ALONE, ENTRIES, Assets, home

SCRIPT = (
    "// What it is.\nexport const double = (number) => {\n  const twice = number * 2;\n  return twice;\n};\n"
)


def test_every_script_and_sheet_is_shorter_than_it_is_written() -> None:
    folder = home("static")
    assets = Assets(folder)
    scripts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("js/*.js")}
    joined = bundle.joined(ENTRIES, scripts, assets.hash)
    joined |= {ALONE: bundle.joined((ALONE,), scripts, assets.hash)[ALONE]}
    written = {f"js/{name}.js": text for name, text in joined.items()}
    written |= {f"css/{path.name}": path.read_text(encoding="utf-8") for path in folder.glob("css/*.css")}
    for name, text in written.items():
        body = assets.files[name].body
        assert len(body) < len(text.encode()), name
        assert b"/**" not in body, name


def test_without_the_minifier_texts_travel_as_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    compact.shortened.cache_clear()
    assert compact.shortened(SCRIPT, "text/javascript; charset=utf-8") != SCRIPT
    compact.shortened.cache_clear()
    monkeypatch.setattr(compact, "minify", None)
    assert compact.shortened(SCRIPT, "text/javascript; charset=utf-8") == SCRIPT
    compact.shortened.cache_clear()


def test_what_the_minifier_cannot_read_keeps_no_server_from_starting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = "const = {;"
    assert compact.shortened(broken, "text/javascript") == broken
    assert "cannot read" in caplog.text


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/json"])
def test_other_texts_stay_as_they_are(kind: str) -> None:
    assert compact.shortened("<p> a </p>", kind) == "<p> a </p>"


def test_each_coding_gives_the_body_back() -> None:
    body = SCRIPT.encode() * 20
    twins = compact.encoded(body)
    assert list(twins) == ["br", "gzip"]
    assert brotli.decompress(twins["br"]) == gzip.decompress(twins["gzip"]) == body


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("BR;q=0.5, gzip", "br"),
        ("br;q=0, gzip", "gzip"),
        ("gzip", "gzip"),
        ("br; q=0, gzip;q=0.000", None),
        ("identity", None),
        ("bright, gzipped", None),
        ("", None),
    ],
)
def test_a_client_gets_the_shortest_coding_that_it_takes(
    client: TestClient, asked: str, given: str | None
) -> None:
    answer = client.get("/", headers={"Accept-Encoding": asked})
    assert answer.headers.get("content-encoding") == given
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "<title>" in answer.text
