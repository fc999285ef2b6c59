"""The origin ``null``: our own page in a sandbox, by the key of its document, and nobody else."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient, WebSocketDenialResponse

from app.core.errors import Problem
from app.images.store.blobs import Unreachable
from app.main import create_app
from app.settings import Settings
from app.web.http.frame_keys import DAY_S, FrameKeys
from app.web.stream.protocol import SUBPROTOCOL

from .asking import assert_problem, run_body

STREAM = "/api/v1/stream"
SECRET = b"s" * 32
NULL = {"Origin": "null"}
EVERYBODY_S = "access-control-allow-origin"
WRONG = (
    *(
        "",
        "1.0",
        "x",
        "é",
        "9" * 12 + "." + "0" * 32,
        "." + "0" * 32,
        f"{2**40}." + "f" * 32,
        "-1." + "a" * 32,
    ),
    "99999999999999999999999999999." + "0" * 32,
)


def made(folder: Path, **options: object) -> TestClient:
    app = create_app(Settings(uploads=folder, **options))  # type: ignore[arg-type]
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with made(tmp_path_factory.mktemp("up")) as client:
        yield client


def key_of(client: TestClient) -> str:
    found = re.search(r'data-key="([^"]*)"', client.get("/embed").text)
    assert found is not None
    return html.unescape(found[1])


def keys(secret: bytes = SECRET, now: float = 1_000_000.0) -> FrameKeys:
    async def read() -> bytes:
        return secret

    return FrameKeys(read, lambda: now)


# ------------------------------------------------------------------------------------- the key


@given(st.floats(0, 1e11), st.integers(0, 3 * DAY_S))
def test_a_key_holds_for_most_of_a_day_and_never_longer(now: float, later_s: int) -> None:
    async def judged() -> str:
        key = await keys(now=now).key()
        return await keys(now=now + later_s).verdict(key)

    verdict = anyio.run(judged)
    if later_s <= DAY_S - 3600:
        assert verdict == "good"
    if later_s > DAY_S:
        assert verdict == "over"


@given(st.text(max_size=60) | st.from_regex(r"\d{1,12}\.[0-9a-f]{32}", fullmatch=True))
def test_a_key_that_was_made_up_is_wrong(key: str) -> None:
    assert anyio.run(keys().verdict, key) == "wrong"


def test_a_key_of_another_store_or_changed_in_any_place_is_wrong() -> None:
    key = anyio.run(keys().key)
    assert anyio.run(keys(b"o" * 32).verdict, key) == "wrong"
    for at, letter in enumerate(key):
        other = key[:at] + ("1" if letter != "1" else "2") + key[at + 1 :]
        assert anyio.run(keys().verdict, other) == "wrong", other


def test_all_servers_of_a_store_admit_each_other_s_keys(tmp_path: Path) -> None:
    with made(tmp_path) as one, made(tmp_path) as other:
        headers = {**NULL, "Frame-Key": key_of(one)}
        assert other.post("/api/v1/run", json=run_body(), headers=headers).status_code == 200
    with made(tmp_path / "another") as stranger:
        assert_problem(
            stranger.post("/api/v1/run", json=run_body(), headers=headers), 403, "origin", "origin"
        )


def test_the_document_of_an_hour_has_one_key_and_is_rendered_once(server: TestClient) -> None:
    assert key_of(server) == key_of(server)
    assert server.app.state.pages.embed(key_of(server)) is server.app.state.pages.embed(key_of(server))  # type: ignore[attr-defined]
    assert "data-key" not in server.get("/").text


def test_a_store_that_cannot_be_reached_costs_the_key_alone_and_is_not_asked_again_at_once() -> None:
    asked = 0

    async def read() -> bytes:
        nonlocal asked
        asked += 1
        raise Unreachable("it is away")

    async def ask() -> None:
        away = FrameKeys(read)
        assert await away.key() == ""
        for _ in range(100):
            assert await away.verdict("1." + "0" * 32) == "wrong"

    anyio.run(ask)
    assert asked <= 2


def test_the_secret_is_read_once_for_many_and_kept_when_the_store_goes() -> None:
    asked = 0
    away = False

    async def read() -> bytes:
        nonlocal asked
        asked += 1
        await anyio.sleep(0.01)
        if away:
            raise Unreachable("it is away")
        return SECRET

    async def ask() -> None:
        nonlocal away
        held = FrameKeys(read)
        found: set[str] = set()

        async def one() -> None:
            found.add(await held.key())

        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(one)
        assert asked == 1
        assert len(found - {""}) == len(found) <= 2  # an hour may begin meanwhile
        away = True
        held._read_at = float("-inf")
        assert await held.verdict(found.pop()) == "good"
        assert asked == 2

    anyio.run(ask)


# ------------------------------------------------------------------------------------- who is admitted


@pytest.mark.parametrize("key", WRONG)
def test_null_without_a_key_of_ours_gets_nothing(server: TestClient, key: str) -> None:
    headers: dict[bytes, bytes] = {b"Origin": b"null", b"Frame-Key": key.encode()}
    for method, path in (("POST", "/api/v1/run"), ("POST", "/api/v1/images"), ("DELETE", "/api/v1/images/x")):
        answer = server.request(method, path, headers=headers)
        assert_problem(answer, 403, "origin", "origin")
        assert EVERYBODY_S not in answer.headers
    assert EVERYBODY_S not in server.get("/api/v1/samples", headers=headers).headers
    if key.isascii():
        with (
            pytest.raises(WebSocketDenialResponse) as refused,
            server.websocket_connect(STREAM, [SUBPROTOCOL, f"frame.{key}"], headers=dict(NULL)),
        ):
            pass
        assert_problem(refused.value, 403, "origin", "origin")


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://localhost:81", "null.example", "NULL", "null ", "file://", "[", ""],
)
def test_a_key_admits_nobody_else(server: TestClient, origin: str) -> None:
    key = key_of(server)
    headers = {"Origin": origin, "Frame-Key": key}
    answer = server.post("/api/v1/run", json=run_body(), headers=headers)
    if origin.strip() != "null":  # blanks around a header's value are not part of it
        assert_problem(answer, 403, "origin", "origin")
        assert EVERYBODY_S not in answer.headers
        with (
            pytest.raises(WebSocketDenialResponse),
            server.websocket_connect(STREAM, [SUBPROTOCOL, f"frame.{key}"], headers={"Origin": origin}),
        ):
            pass


def test_a_key_opens_the_api_and_its_answers_can_be_read(server: TestClient) -> None:
    headers = {**NULL, "Frame-Key": key_of(server)}
    done = server.post("/api/v1/run", json=run_body(), headers=headers)
    assert done.status_code == 200
    refused = server.post("/api/v1/run", json={}, headers=headers)
    assert refused.status_code == 422
    constant = server.get("/api/v1/samples", headers=headers)
    same = server.get("/api/v1/samples", headers={**headers, "If-None-Match": constant.headers["etag"]})
    assert same.status_code == 304
    for answer in (done, refused, constant, same):
        assert answer.headers.get_list(EVERYBODY_S) == ["null"]
        assert "Origin" in answer.headers["vary"]
        assert "ETag" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers
    with server.websocket_connect(
        STREAM, [SUBPROTOCOL, f"frame.{key_of(server)}"], headers=dict(NULL)
    ) as socket:
        assert socket.accepted_subprotocol == SUBPROTOCOL, "and the key is not said back"


def test_a_key_opens_the_api_alone(server: TestClient) -> None:
    headers = {**NULL, "Frame-Key": key_of(server)}
    for path in ("/", "/embed", "/handbook", "/oembed?url=/", "/metrics", "/readyz"):
        assert EVERYBODY_S not in server.get(path, headers=headers).headers
    assert_problem(server.post("/", headers=headers), 403, "origin", "origin")


def test_a_key_is_no_token(tmp_path: Path) -> None:
    with made(tmp_path, token="a-token-for-the-class") as guarded:
        headers = {**NULL, "Frame-Key": key_of(guarded)}
        answer = guarded.post("/api/v1/run", json=run_body(), headers=headers)
        assert_problem(answer, 401, "token")
        assert answer.headers[EVERYBODY_S] == "null", "the page shall be able to ask for the token"
        both = {**headers, "Authorization": "Bearer a-token-for-the-class"}
        assert guarded.post("/api/v1/run", json=run_body(), headers=both).status_code == 200


def test_a_key_of_yesterday_is_refused_so_that_the_page_can_read_it(
    server: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {**NULL, "Frame-Key": key_of(server)}
    keys = server.app.state.services.frame_keys  # type: ignore[attr-defined]
    monkeypatch.setattr(keys, "_clock", lambda: time.time() + DAY_S + 1)
    answer = server.post("/api/v1/run", json=run_body(), headers=headers)
    assert_problem(answer, 403, "frame_key")
    assert answer.headers[EVERYBODY_S] == "null"
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        server.websocket_connect(STREAM, [SUBPROTOCOL, f"frame.{headers['Frame-Key']}"], headers=NULL),
    ):
        pass
    assert_problem(refused.value, 403, "frame_key")


@pytest.mark.parametrize(
    "asks", ["frame-key,content-type", "authorization,content-type,frame-key", "delete-token"]
)
def test_a_browser_is_told_that_it_may_send_the_key(server: TestClient, asks: str) -> None:
    headers = {**NULL, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": asks}
    answer = server.options("/api/v1/run", headers=headers)
    assert answer.status_code == 200
    assert answer.headers[EVERYBODY_S] == "null"
    allowed = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert set(asks.split(",")) <= allowed
    stranger = server.options("/api/v1/run", headers={**headers, "Origin": "https://evil.example"})
    assert EVERYBODY_S not in stranger.headers


def test_where_every_origin_is_welcome_one_answer_is_given_not_two(tmp_path: Path) -> None:
    with made(tmp_path, cors_origins="*") as welcoming:
        for headers in (NULL, {**NULL, "Frame-Key": key_of(welcoming)}):
            answer = welcoming.post("/api/v1/run", json=run_body(), headers=headers)
            assert answer.status_code == 200
            assert len(answer.headers.get_list(EVERYBODY_S)) == 1


def test_files_may_be_read_by_a_page_without_an_origin_and_nothing_else_may(server: TestClient) -> None:
    for name in ("js/main.js", "css/embed.css", "nothing.js"):
        answer = server.get(f"/static/0/{name}", headers=NULL)
        assert answer.headers.get_list(EVERYBODY_S) == ["*"]
        assert answer.headers.get_list("cross-origin-resource-policy") == ["cross-origin"]
    for path in ("/", "/embed", "/handbook", "/api", "/api/v1/samples", "/healthz", "/staticky"):
        assert EVERYBODY_S not in server.get(path, headers=NULL).headers, path


def test_a_problem_of_the_store_is_what_is_caught() -> None:
    assert issubclass(Unreachable, Problem)
