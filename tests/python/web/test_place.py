"""A server below a path of a site: whose word on the path counts, and what addresses are made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.web.http.place import ForwardedPrefix, forwarded_prefix
from app.web.http.wire import Bounds, WireConfig

from .asking import assert_problem

HOME = "https://site.example/convscope"
PAGES = ("/", "/embed", "/handbook", "/api")
ADDRESS = re.compile(r'\b(?:href|src)="([^"#]*)')


def made(folder: Path, client: str = "10.0.0.7", **options: object) -> TestClient:
    app = create_app(Settings(uploads=folder, hosts=("site.example",), **options))  # type: ignore[arg-type]
    return TestClient(
        ForwardedPrefix(app, ["10.0.0.0/8"]), base_url="https://site.example", client=(client, 50_000)
    )


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server whose trusted proxy takes a path off."""
    with made(tmp_path_factory.mktemp("up")) as client:
        client.headers["X-Forwarded-Prefix"] = "/convscope"
        yield client


@pytest.mark.parametrize("path", PAGES)
def test_a_page_names_nothing_from_the_root_of_the_host_on(below: TestClient, path: str) -> None:
    text = below.get(path).text
    found = [unescape(address) for address in ADDRESS.findall(text) if not address.startswith("data:")]
    assert found
    for address in found:
        absolute = urljoin(f"{HOME}{path}", address)
        assert absolute.startswith(f"{HOME}/"), address
        assert below.get(absolute.removeprefix(HOME)).status_code == 200, address
    assert (
        not re.search(r'"/(?:api|static|embed|handbook|oembed)\b', text.replace("\\/", "/")) or path == "/api"
    )


def test_the_page_asks_below_its_own_path(below: TestClient) -> None:
    import json

    boot = json.loads(re.search(r'id="boot">(.*?)</script>', below.get("/").text, re.DOTALL)[1])  # type: ignore[index]
    for name in ("api", "stream", "registry"):
        assert urljoin(f"{HOME}/", boot[name]).startswith(f"{HOME}/"), name


def test_absolute_addresses_are_below_the_path_that_a_trusted_proxy_names(below: TestClient) -> None:
    link = f"{HOME}/#v1&op=max_pooling&step=3"
    answer = below.get("/oembed", params={"url": link}).json()
    assert answer["provider_url"] == f"{HOME}/"
    assert f'src="{HOME}/embed#v1&amp;op=max_pooling&amp;step=3"' in answer["html"]
    header = re.match(
        r"<([^>]+)>; rel=\"alternate\"; type=\"application/json\+oembed\"", below.get("/").headers["link"]
    )
    assert header is not None
    assert header[1].startswith(f"{HOME}/oembed?")
    assert parse_qs(urlsplit(header[1]).query)["url"] == [f"{HOME}/"]
    assert below.get(header[1].removeprefix(HOME)).json()["provider_name"] == "Convscope"


@pytest.mark.parametrize(
    "url",
    ["https://site.example/", "https://site.example/embed", "https://site.example/convscope2/", "/", "../"],
)
def test_a_link_to_what_else_is_on_the_host_is_none_of_this_server(below: TestClient, url: str) -> None:
    assert_problem(below.get("/oembed", params={"url": url}), 404, "not_found", "url")


@pytest.mark.parametrize("url", [HOME, f"{HOME}/", f"{HOME}/embed", "./", "embed", "/convscope/"])
def test_a_link_to_this_server_may_be_whole_or_relative(below: TestClient, url: str) -> None:
    answer = below.get("/oembed", params={"url": f"{url}#v1&op=dense"}).json()
    assert f'src="{HOME}/embed#v1&amp;op=dense"' in answer["html"]


def test_nobody_else_s_word_on_the_path_counts(tmp_path: Path) -> None:
    for client in ("192.168.1.9", "11.0.0.1", "testclient"):
        with made(tmp_path, client) as stranger:
            answer = stranger.get(
                "/oembed", params={"url": "./"}, headers={"X-Forwarded-Prefix": "/elsewhere"}
            ).json()
            assert answer["provider_url"] == "https://site.example/"


def test_a_setting_goes_before_what_a_proxy_says(tmp_path: Path) -> None:
    with made(tmp_path, public_url="https://public.example/a/b") as client:
        client.headers["X-Forwarded-Prefix"] = "/convscope"
        answer = client.get("/oembed", params={"url": "https://public.example/a/b/#v1&op=dense"}).json()
        assert 'src="https://public.example/a/b/embed#v1&amp;op=dense"' in answer["html"]
        page = client.get("/").text
        assert 'href="https://public.example/a/b/oembed?format=json' in page
        assert '"home":"https://public.example/a/b"' in page
        assert "https://public.example/a/b/api/v1/plan" in unescape(client.get("/api").text)


def scope(*values: str) -> dict[str, object]:
    return {"headers": [(b"x-forwarded-prefix", value.encode("latin-1", "replace")) for value in values]}


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ((), ""),
        (("",), ""),
        (("/",), ""),
        (("/convscope",), "/convscope"),
        (("/convscope/",), "/convscope"),
        (("/~ada/conv.v2",), "/~ada/conv.v2"),
        (("/outer", "/inner"), "/outer/inner"),
        (("/outer, /inner/",), "/outer/inner"),
    ],
)
def test_the_path_is_what_proxies_took_off_the_outermost_first(values: tuple[str, ...], path: str) -> None:
    assert forwarded_prefix(scope(*values)) == path


@pytest.mark.parametrize(
    "value",
    [
        *("//evil.example", "/a//b", "/..", "/a/../b", "/.", "convscope", "https://evil.example", "\\evil"),
        *('/a"b', "/a b", "/a?b", "/a#b", "/a>b", "/a\tb", "/a%2fb", "/é", "/" + "x" * 300, "/a\x00"),
    ],
)
def test_what_is_no_path_is_ignored(value: str) -> None:
    assert forwarded_prefix(scope(value)) == ""


@given(st.lists(st.text(max_size=20), max_size=3))
def test_whatever_is_said_the_address_stays_on_its_host(values: list[str]) -> None:
    path = forwarded_prefix(scope(*values))
    parts = urlsplit(f"https://site.example{path}/embed#x")
    assert (parts.netloc, parts.path, parts.query, parts.fragment) == (
        "site.example",
        f"{path}/embed",
        "",
        "x",
    )
    assert urljoin("https://site.example", f"{path}/embed") == f"https://site.example{path}/embed"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", ""),
        ("https://c.example", "https://c.example"),
        ("https://c.example/", "https://c.example"),
        ("http://localhost:8080/a/b/", "http://localhost:8080/a/b"),
    ],
)
def test_the_public_address_may_have_a_path(text: str, read: str) -> None:
    assert Settings.from_environment({"CONVSCOPE_PUBLIC_URL": text, "HOME": "/root"}).public_url == read


@pytest.mark.parametrize(
    "text",
    [
        *(
            "c.example",
            "ftp://c.example",
            "https://c.example?a",
            "https://c.example/#x",
            "https://c.example//a",
        ),
        *("https://c.example/..", "https://c.example/a b", "https://c.example https://d.example", "https://"),
    ],
)
def test_a_public_address_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(SystemExit, match="CONVSCOPE_PUBLIC_URL"):
        Settings.from_environment({"CONVSCOPE_PUBLIC_URL": text, "HOME": "/root"})


def test_the_server_asks_before_the_proxy_s_address_is_replaced() -> None:
    """uvicorn puts the client's address in the place of the proxy's, by which trust is told."""
    proxies: tuple[str, ...]
    for proxies in ((), ("10.1.0.0/16",)):
        config = WireConfig("app.main:create_app", Bounds(), proxies, factory=True, log_config=None)
        config.load()
        assert isinstance(config.loaded_app, ForwardedPrefix) == bool(proxies)


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("frames", "application/octet-stream"),
        ("frames", "application/x-ndjson"),
        ("figure", "application/x-ndjson"),
    ],
)
def test_what_comes_piece_by_piece_asks_the_proxy_to_pass_it_on_so(
    below: TestClient, path: str, accept: str
) -> None:
    body = {"layers": [{"operation": "max_pooling"}], "source": {"kind": "sample", "name": "cross"}}
    answer = below.post(f"/api/v1/{path}", json=body, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["x-accel-buffering"] == "no"
