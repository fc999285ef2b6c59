"""Targets and methods of requests: HEAD, absolute targets, addresses that moved, and pages for persons."""

from __future__ import annotations

import html
import re
import urllib.parse
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.web.http.targets import in_origin_form
from app.web.routes.api import MOST_LIKED, liked
from app.web.routes.pages import EXAMPLE_HOME, MOVED
from app.web.routes.readable import root_from

from ...serving import Server
from .asking import assert_problem
from .test_wire import (
    SHAKE,
    all_of,
    connected,
    problem_in,
)

PERSON = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FILLED = {"name": "cross", "id": "0" * 64}  # of addresses with a place for a name


PAGES = ("/", "/api", "/handbook", "/embed", "/oembed?url=/", "/nowhere")
PROBES = ("/healthz", "/readyz", "/metrics")


def readable(client: TestClient) -> list[str]:
    """Every address that answers GET, with its places filled."""
    described = client.get("/api/v1/openapi.json").json()["paths"]
    paths = [path for path, methods in described.items() if "get" in methods]
    assert len(paths) > 5
    filled = [re.sub(r"\{(\w+)\}", lambda place: FILLED[place[1]], path) for path in paths]
    files = re.findall(r'src="/?(static/[^"]+)"', client.get("/").text)
    return [*PAGES, *PROBES, *MOVED, "/api/v1/openapi.json", *filled, *(f"/{file}" for file in files)]


def test_head_answers_what_get_answers_and_no_body(client: TestClient) -> None:
    for path in readable(client):
        asked = client.get(path, follow_redirects=False)
        head = client.head(path, follow_redirects=False)
        assert head.status_code == asked.status_code, path
        assert head.content == b"", path
        same = ("content-type", "etag", "cache-control", "location", "vary")
        assert [head.headers.get(name) for name in same] == [asked.headers.get(name) for name in same], path
        if path != "/metrics":  # which counts what asked for it
            assert head.headers.get("content-length") == asked.headers.get("content-length"), path


def test_a_post_alone_does_not_answer_head_and_a_list_says_that_it_does(client: TestClient) -> None:
    answer = client.head("/api/v1/run")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert client.post("/api/v1/samples").headers["allow"] == "GET, HEAD"


def test_head_on_the_wire_has_no_body_and_the_connection_goes_on(server: Server) -> None:
    with connected(server) as connection:
        connection.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2)
        connection.sendall(b"HEAD /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answers = all_of(connection).split(b"\r\n\r\n")
    assert [answer.split(b" ")[1] for answer in answers if answer] == [b"200", b"200", b"404"]
    assert answers[-1] == b""


# ------------------------------------------------------------------------------------- targets


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        ("http://localhost/healthz", "localhost", b"200"),
        ("http://localhost:8000/api/v1/samples?x=1", "evil.example", b"200"),  # the target's host counts
        ("HTTP://127.0.0.1", "localhost", b"200"),
        ("https://localhost/healthz", "localhost", b"200"),
        ("http://evil.example/healthz", "localhost", b"421"),
        ("http://localhost@evil.example/healthz", "localhost", b"421"),
        ("http:///healthz", "localhost", b"421"),
        ("http://localhost/nowhere", "localhost", b"404"),
        ("ftp://localhost/healthz", "localhost", b"404"),
    ],
)
def test_an_absolute_target_counts_as_its_path_and_its_host(
    server: Server, target: str, host: str, status: bytes
) -> None:
    with connected(server) as connection:
        request = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        assert all_of(connection).split(b" ")[1] == status


def test_a_page_of_another_site_wins_nothing_by_an_absolute_target(server: Server) -> None:
    head = (
        b"POST http://localhost/api/v1/run HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n"
    )
    with connected(server) as connection:
        connection.sendall(head + b"Content-Length: 0\r\nConnection: close\r\n\r\n")
        assert problem_in(all_of(connection))["code"] == "origin"


def test_a_socket_opens_by_an_absolute_target(server: Server) -> None:
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    with connected(server) as connection:
        connection.sendall(SHAKE.replace(b"GET /", b"GET http://localhost/") + key)
        assert connection.recv(65536).split(b" ")[1] == b"101"


def test_what_the_server_as_a_whole_takes_is_told(server: Server) -> None:
    with connected(server) as connection:
        connection.sendall(b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = all_of(connection)
    assert answer.split(b" ")[1] == b"204"
    assert b"\r\nallow: GET, HEAD, POST" in answer


@given(st.text("abc.:@[]%20/", max_size=20), st.text("abc/%2e?#", max_size=30))
def test_an_absolute_target_is_split_as_urls_are(host: str, path: str) -> None:
    host, path = host.replace("/", ""), path.partition("?")[0]
    raw = f"http://{host}/{path}".encode()
    scope = in_origin_form({"type": "http", "headers": [(b"host", b"x"), (b"accept", b"y")]}, raw)
    assert scope["raw_path"] == f"/{path}".encode()
    assert scope["path"] == urllib.parse.unquote(f"/{path}")
    assert scope["headers"] == [(b"host", host.encode()), (b"accept", b"y")]


# ------------------------------------------------------------------------------------- persons


def test_what_has_moved_leads_on_by_a_relative_address(client: TestClient) -> None:
    for path in MOVED:
        answer = client.get(path, follow_redirects=False)
        assert answer.status_code == 308
        assert not re.match(r"/|\w+:", answer.headers["location"]), "it holds below a proxy's path"
        assert client.get(path).status_code == 200, path
    assert client.get("/openapi.json").json()["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/nowhere", {}, 404),
        ("/a/b/c", {}, 404),
        ("/static/0/nothing.js", {}, 404),
        ("/<script>alert(1)</script>", {}, 404),
        ("/", {"Host": "evil.example"}, 421),
        ("/?" + "x" * 9_000, {}, 414),
        ("/oembed?url=x", {}, 404),
    ],
)
def test_a_refusal_that_a_person_meets_is_a_page(
    client: TestClient, path: str, headers: dict[str, str], status: int
) -> None:
    answer = client.get(path, headers=PERSON | headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Accept" in answer.headers["vary"]
    problem = client.get(path, headers=headers).json()
    assert f"<h1>{problem['title']}</h1>" in answer.text
    assert "<script>alert" not in answer.text
    head = client.head(path, headers=PERSON | headers)
    assert (head.content, head.headers["content-length"]) == (b"", str(len(answer.content)))
    here = urllib.parse.urljoin("http://localhost/", path)
    for link in re.findall(r'href="([^"#]+)"', answer.text):
        target = urllib.parse.urlsplit(urllib.parse.urljoin(here, link))
        assert client.get(target.path).status_code == 200, link


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/%23v1&op=unfold", "./#v1&op=unfold"),
        ("/%2523v1%2526op%253Dunfold", "./#v1%2526op%253Dunfold"),
        (
            "/%23v1%26op%3Dconvolution%26against%3Dop%253Dunfold",
            "./#v1%26op%3Dconvolution%26against%3Dop%253Dunfold",
        ),
        ("/v1&op=unfold&source=sample:cross", "./#v1&op=unfold&source=sample:cross"),
        ("/%23%20%23/v1&op=unfold", "../#v1&op=unfold"),
        ("/%23v1", "./#v1"),
        ("/%23V1&op=unfold?utm_source=mail", "./#V1&op=unfold"),
        ("/embed%23v1&op=unfold", "./embed#v1&op=unfold"),
        ("/embed/%23v1&op=unfold", "../embed#v1&op=unfold"),
        ('/%23v1&op="><script>alert(1)</script>', "../#v1&op=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"),
    ],
)
def test_a_path_that_is_a_link_says_so_and_leads_to_what_the_link_shows(
    client: TestClient, path: str, link: str
) -> None:
    answer = client.get(path, headers=PERSON)
    assert answer.status_code == 404
    assert "<h1>This link was changed on its way</h1>" in answer.text
    assert "<script>alert" not in answer.text
    hrefs = [html.unescape(one) for one in re.findall(r'href="([^"]+)"', answer.text)]
    assert link in hrefs
    assert_problem(client.get(path), 404, "not_found")
    assert "plain #" in client.get(path).json()["remedy"]


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/plan", "/nowhere%23v1&op=unfold", "/%23about", "/!v1", "/a%26b"]
)
def test_any_other_path_is_no_link(client: TestClient, path: str) -> None:
    assert "This link was changed" not in client.get(path, headers=PERSON).text
    assert client.get(path).json()["title"] == "Not found"


def test_a_defect_that_a_person_meets_is_a_page_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr("app.web.routes.pages.pages", fail)
    with TestClient(create_app(Settings(uploads=tmp_path)), raise_server_exceptions=False) as client:
        answer = client.get("/", headers=PERSON)
    assert answer.status_code == 500
    assert "<h1>A defect of this server</h1>" in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html", "image/*"])
def test_a_program_gets_the_one_shape(client: TestClient, accept: str) -> None:
    assert_problem(client.get("/nowhere", headers={"Accept": accept}), 404, "not_found")


def test_the_api_answers_everybody_in_the_one_shape(client: TestClient) -> None:
    assert_problem(client.get("/api/v1/nowhere", headers=PERSON), 404, "not_found")


@pytest.mark.parametrize(("path", "root"), [("/", "./"), ("/a", "./"), ("/a/", "../"), ("/a/b/c", "../../")])
def test_the_way_to_the_root_is_relative(path: str, root: str) -> None:
    assert root_from(path) == root
    assert urllib.parse.urljoin(f"http://host/below{path}", root) == "http://host/below/"


# ------------------------------------------------------------------------------------- work before the token


def test_the_page_of_the_api_is_rendered_once_whoever_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.web.routes.pages import Pages

    rendered: list[str] = []
    render = Pages.render

    def noted(self: Pages, name: str, **values: Any) -> Any:
        rendered.append(name)
        return render(self, name, **values)

    monkeypatch.setattr(Pages, "render", noted)
    with TestClient(create_app(Settings(uploads=tmp_path, hosts=("*",)))) as client:
        hosts = ["localhost", *(f"h{number}.example" for number in range(40))]
        answers = {client.get("/api", headers={"Host": host}).content for host in hosts}
    assert len(answers) == 1
    assert rendered.count("api.html") == 1
    assert EXAMPLE_HOME.encode() in answers.pop()


def test_examples_name_the_public_address_where_there_is_one(tmp_path: Path) -> None:
    settings = Settings(uploads=tmp_path, public_url="https://conv.example")
    with TestClient(create_app(settings)) as client:
        page = client.get("/api").text
    assert page.count("https://conv.example/api/v1/") == 3
    assert EXAMPLE_HOME not in page
    assert 'data-home=""' in page


def test_of_a_list_of_wishes_without_end_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def noted(item: str, offer: str) -> tuple[int, float]:
        read.append(item)
        return (0, 0.0)

    monkeypatch.setattr("app.web.routes.api._liking", noted)
    assert liked("a/b," * 10_000, ("x/y", "x/z")) == ""
    assert len(read) == 2 * MOST_LIKED
