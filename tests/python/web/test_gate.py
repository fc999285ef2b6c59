"""The gate: which hosts, origins, heads and tokens pass, and the headers that every answer carries."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient, WebSocketDenialResponse

from app.main import create_app
from app.settings import Settings
from app.web.http.gate import check_host
from app.web.http.security import HEADERS, SHARED
from app.web.stream.protocol import SUBPROTOCOL

from .asking import assert_problem, run_body

STREAM = "/api/v1/stream"
TOKEN = "a-token-for-the-class"


def made(folder: Path, **options: Any) -> TestClient:
    app = create_app(Settings(uploads=folder, **options))
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with made(tmp_path_factory.mktemp("up"), hosts=("conv.example", "*.school.example")) as client:
        yield client


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with made(tmp_path_factory.mktemp("up"), token=TOKEN) as client:
        yield client


# ------------------------------------------------------------------------------------- hosts

KNOWN = (
    *("localhost", "localhost:8000", "LOCALHOST", "127.0.0.1:8000", "192.168.1.20", "[::1]:8000", "[::1]"),
    *("laptop", "laptop.local:8000", "conv.example", "conv.example:443", "a.school.example"),
)
UNKNOWN = (
    *(
        "",
        "evil.example",
        "conv.example.evil.example",
        "xconv.example",
        "school.example",
        "localhost.evil.example",
    ),
    *(
        "conv.example@evil.example",
        "evil.example#localhost",
        "[::1",
        "127.0.0.1.evil.example",
        "a b",
        "x" * 400,
    ),
)


@pytest.mark.parametrize("host", KNOWN)
def test_a_server_answers_to_its_names(open_server: TestClient, host: str) -> None:
    assert open_server.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", UNKNOWN)
def test_a_server_does_not_answer_to_a_name_that_a_stranger_made_point_here(
    open_server: TestClient, host: str
) -> None:
    assert_problem(open_server.get("/", headers={"Host": host}), 421, "host", "host")


def test_a_star_takes_every_name(tmp_path: Path) -> None:
    with made(tmp_path, hosts=("*",)) as client:
        assert client.get("/", headers={"Host": "evil.example"}).status_code == 200


@given(st.text(max_size=60))
def test_whatever_a_host_is_the_answer_is_yes_or_a_refusal(host: str) -> None:
    from starlette.requests import HTTPConnection

    from app.core.errors import Problem

    scope = {"type": "http", "headers": [(b"host", host.encode("latin-1", "replace"))]}
    with contextlib.suppress(Problem):
        check_host(HTTPConnection(scope), ())


# ------------------------------------------------------------------------------------- origins

STRANGE = ("https://evil.example", "null", "http://localhost.evil.example", "http://localhost:81", "[", "")


@pytest.mark.parametrize("origin", STRANGE)
def test_a_page_of_another_host_gets_no_socket_and_changes_nothing(
    open_server: TestClient, origin: str
) -> None:
    headers = {"Origin": origin}
    for method, path in (("POST", "/api/v1/run"), ("POST", "/api/v1/images"), ("DELETE", "/api/v1/images/x")):
        assert_problem(open_server.request(method, path, headers=headers), 403, "origin", "origin")
    assert "access-control-allow-origin" not in open_server.get("/api/v1/samples", headers=headers).headers
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        open_server.websocket_connect(STREAM, [SUBPROTOCOL], headers=headers),
    ):
        pass
    assert_problem(refused.value, 403, "origin", "origin")


def test_the_page_s_own_host_and_programs_pass(open_server: TestClient) -> None:
    own: dict[str, str] = {"Origin": "http://localhost", "Host": "localhost"}
    for headers in (own, {}):
        assert open_server.post("/api/v1/run", json=run_body(), headers=headers).status_code == 200
        with open_server.websocket_connect(STREAM, [SUBPROTOCOL], headers=headers):
            pass


# ------------------------------------------------------------------------------------- heads


def test_a_head_that_is_too_large_is_refused(open_server: TestClient) -> None:
    many = {f"x-{number}": "1" for number in range(101)}
    assert_problem(open_server.get("/", headers=many), 431, "head_too_large", "headers")
    assert_problem(open_server.get("/", headers={"x": "y" * 33_000}), 431, "head_too_large", "headers")
    assert_problem(open_server.get("/?" + "x" * 9_000), 414, "address_too_long")


# ------------------------------------------------------------------------------------- headers

ANSWERS: tuple[tuple[str, str, dict[str, str], int], ...] = (
    ("GET", "/", {}, 200),
    ("GET", "/handbook", {}, 200),
    ("GET", "/api", {}, 200),
    ("GET", "/api/v1/operations", {}, 200),
    ("GET", "/healthz", {}, 200),
    ("GET", "/static/0/js/main.js", {}, 200),
    ("GET", "/static/0/nothing.js", {}, 404),
    ("GET", "/nowhere", {}, 404),
    ("POST", "/", {}, 405),
    ("POST", "/api/v1/run", {"Content-Type": "text/plain"}, 415),
    ("GET", "/", {"Host": "evil.example"}, 421),
    ("POST", "/api/v1/run", {"Origin": "null"}, 403),
    ("GET", "/?" + "x" * 9_000, {}, 414),
    ("DELETE", "/api/v1/images/x", {}, 403),
)


@pytest.mark.parametrize(("method", "path", "headers", "status"), ANSWERS)
def test_every_answer_has_the_headers_of_safety_and_no_cookie(
    open_server: TestClient, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = open_server.request(method, path, headers=headers)
    assert answer.status_code == status
    for name, value in (SHARED if path.startswith("/static/") else HEADERS).items():
        assert answer.headers.get_list(name) == [value]
    assert "set-cookie" not in answer.headers
    assert "server" not in answer.headers


def test_a_defect_of_ours_has_them_too_and_gives_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr("app.web.routes.api.sample_list", fail)
    with made(tmp_path) as client:
        answer = client.get("/api/v1/samples")
    assert_problem(answer, 500, "internal")
    assert "secret" not in answer.text
    for name, value in HEADERS.items():
        assert answer.headers.get_list(name) == [value]


def test_a_refused_socket_has_them_too(open_server: TestClient) -> None:
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        open_server.websocket_connect(STREAM, [SUBPROTOCOL], headers={"Origin": "null"}),
    ):
        pass
    for name, value in HEADERS.items():
        assert refused.value.headers.get_list(name) == [value]


def test_the_policy_is_strict(open_server: TestClient) -> None:
    policy = open_server.get("/").headers["content-security-policy"]
    rules = dict(rule.partition(" ")[::2] for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert rules["trusted-types"] == "'none'"
    assert "unsafe" not in policy
    assert not re.search(r"https?:|\*", policy), "no other host is named"


# ------------------------------------------------------------------------------------- the token


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/run"),
        ("POST", "/api/v1/images"),
        ("GET", f"/api/v1/images/{'0' * 64}"),
        ("GET", "/api/v1/operations"),
        ("GET", "/api/v1/openapi.json"),
        ("GET", "/api/v1/nothing"),
    ],
)
@pytest.mark.parametrize(
    "given_token", [None, "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "é"]
)
def test_without_the_token_the_api_answers_nothing(
    guarded: TestClient, method: str, path: str, given_token: str | None
) -> None:
    headers = {} if given_token is None else {b"Authorization": given_token.encode("latin-1")}
    answer = guarded.request(method, path, headers=headers)
    assert_problem(answer, 401, "token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_with_the_token_everything_works(guarded: TestClient) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert guarded.post("/api/v1/run", json=run_body(), headers=headers).status_code == 200
    asked: list[tuple[list[str], dict[str, str]]] = [
        ([SUBPROTOCOL], headers),
        ([SUBPROTOCOL, f"bearer.{TOKEN}"], {}),
    ]
    for protocols, given_headers in asked:
        with guarded.websocket_connect(STREAM, protocols, headers=given_headers) as socket:
            assert socket.accepted_subprotocol == SUBPROTOCOL, "and the token is not said back"


@pytest.mark.parametrize("asked", [[SUBPROTOCOL], [SUBPROTOCOL, "bearer."], [SUBPROTOCOL, "bearer.wrong"]])
def test_a_socket_without_the_token_is_refused(guarded: TestClient, asked: list[str]) -> None:
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        guarded.websocket_connect(STREAM, asked),
    ):
        pass
    assert_problem(refused.value, 401, "token")


def test_the_page_itself_is_open_and_does_not_hold_the_token(guarded: TestClient) -> None:
    for path in ("/", "/handbook", "/healthz"):
        answer = guarded.get(path)
        assert answer.status_code == 200
        assert TOKEN not in answer.text


def test_the_token_is_compared_in_constant_time(guarded: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    import hmac

    compared: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest

    def noted(first: bytes, second: bytes) -> bool:
        compared.append((first, second))
        return compare(first, second)

    monkeypatch.setattr(hmac, "compare_digest", noted)
    guarded.get("/api/v1/samples", headers={"Authorization": "Bearer x"})
    assert compared == [(b"x", TOKEN.encode())]


# ------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TOKEN", "short"),
        ("TOKEN", "eleven-char"),
        ("TOKEN", "123456789012"),
        ("TOKEN", "2026-11-30-10.15"),
        ("TOKEN", "aaaaaaaaaaaaaaaa"),
        ("TOKEN", "day.1796000000.aaaaaaaaaaaaaaaaaaaaaa"),
        ("TOKEN", "with a space"),
        ("TOKEN", "x" * 201),
        ("HOSTS", "http://conv.example"),
        ("HOSTS", "a.example,b/c"),
        ("PROXIES", "nginx"),
        ("PROXIES", "10.0.0.0/33"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(SystemExit, match=f"CONVSCOPE_{name}") as refused:
        Settings.from_environment({f"CONVSCOPE_{name}": text})
    if name == "TOKEN":
        assert text not in str(refused.value), "a token is never printed"


def test_settings_are_lists_of_what_they_name() -> None:
    read = Settings.from_environment(
        {"CONVSCOPE_HOSTS": "A.example, *.b.example", "CONVSCOPE_PROXIES": "10.0.0.0/8,::1"}
    )
    assert read.hosts == ("a.example", "*.b.example")
    assert read.proxies == ("10.0.0.0/8", "::1")


# ------------------------------------------------------------------------------------- pages of other hosts


def test_a_page_that_may_call_the_api_may_send_what_the_api_takes(tmp_path: Path) -> None:
    """Each header that a request needs, the token to delete an upload among them, and from no other host."""
    with made(tmp_path, cors_origins="https://lab.example") as client:
        for method, header in (
            ("DELETE", "Delete-Token"),
            ("POST", "Authorization"),
            ("POST", "Content-Type"),
        ):
            asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": header}
            allowed = client.options("/api/v1/images/x", headers={"Origin": "https://lab.example", **asked})
            assert allowed.status_code == 200
            assert header.lower() in allowed.headers["access-control-allow-headers"].lower()
            refused = client.options("/api/v1/images/x", headers={"Origin": "https://evil.example", **asked})
            assert "access-control-allow-origin" not in refused.headers
