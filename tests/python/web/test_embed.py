"""The page for other pages: who may frame it, and what oEmbed tells of a link."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings

from .asking import assert_problem

LINK = "#v1&op=max_pooling&kernel=2&source=sample:cross&step=3"


def policy(client: TestClient, path: str) -> str:
    found = re.search(r"frame-ancestors ([^;]*)", client.get(path).headers["content-security-policy"])
    assert found is not None
    return found[1]


def test_only_the_embed_may_be_framed(client: TestClient) -> None:
    for path in ("/", "/handbook", "/api", "/api/v1/samples", "/oembed?url=/", "/embed/", "/nowhere"):
        assert policy(client, path) == "'none'"
        assert client.get(path).headers["x-frame-options"] == "DENY"
    answer = client.get("/embed")
    assert answer.status_code == 200
    assert policy(client, "/embed") == "*"
    assert "x-frame-options" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "require-trusted-types-for 'script'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("setting", "ancestors"),
    [
        (
            "https://docs.example.org https://*.example.com",
            "'self' https://docs.example.org https://*.example.com",
        ),
        ("'none'", "'self'"),
        ("'self'", "'self'"),
    ],
)
def test_a_setting_says_who_may_frame_it(setting: str, ancestors: str) -> None:
    settings = Settings.from_environment({"CONVSCOPE_EMBED_ANCESTORS": setting, "HOME": "/root"})
    with TestClient(create_app(settings)) as client:
        assert policy(client, "/embed") == ancestors
        assert policy(client, "/") == "'none'"


@pytest.mark.parametrize(
    "text", ["docs.example.org", "https://a.example; script-src *", "javascript:alert(1)"]
)
def test_a_setting_that_is_no_origin_is_refused(text: str) -> None:
    for name in ("EMBED_ANCESTORS", "CORS_ORIGINS"):
        with pytest.raises(SystemExit, match="is no origin"):
            Settings.from_environment({f"CONVSCOPE_{name}": text, "HOME": "/root"})


def asked(client: TestClient, **query: object) -> dict[str, object]:
    answer = client.get(f"/oembed?{urlencode(query)}")
    assert answer.status_code == 200, answer.text
    reply: dict[str, object] = answer.json()
    return reply


def test_oembed_gives_a_frame_with_the_link_in_it(client: TestClient) -> None:
    answer = asked(client, url=f"http://testserver/{LINK}", maxwidth=480, maxheight=270)
    assert (answer["type"], answer["version"], answer["width"], answer["height"]) == ("rich", "1.0", 480, 270)
    assert answer["title"] == "Convscope: max pooling"
    html = str(answer["html"])
    source = re.search(r'src="([^"]*)"', html)
    assert source is not None
    assert unescape(source[1]) == f"http://testserver/embed{LINK}"
    assert 'width="480" height="270"' in html
    assert client.get("/embed").status_code == 200
    assert asked(client, url="http://testserver/embed")["width"] == 720


def test_the_page_says_where_its_oembed_is(client: TestClient) -> None:
    found = re.search(r'type="application/json\+oembed" href="([^"]*)"', client.get("/").text)
    assert found is not None
    assert client.get(unescape(found[1])).json()["provider_name"] == "Convscope"
    with TestClient(create_app(Settings(public_url="https://c.example"))) as public:
        found = re.search(r'type="application/json\+oembed" href="([^"]*)"', public.get("/").text)
        assert found is not None
        assert unescape(found[1]).startswith("https://c.example/oembed?")
        answer = asked(public, url="https://c.example/#v1&op=dense")
        assert 'src="https://c.example/embed#v1&amp;op=dense"' in str(answer["html"])


def test_oembed_refuses_in_the_one_shape(client: TestClient) -> None:
    def refused(**query: object) -> object:
        return client.get(f"/oembed?{urlencode(query)}")

    assert_problem(refused(url="https://elsewhere.example/#v1"), 404, "not_found", "url")
    assert_problem(refused(url="http://[/"), 404, "not_found", "url")
    assert_problem(refused(), 404, "not_found", "url")
    assert_problem(refused(url="/handbook"), 404, "not_found", "url")
    assert_problem(refused(url="/#v1&x=\u00e9"), 422, "unfit", "url")
    assert_problem(refused(url="/", maxwidth="wide"), 422, "unfit", "maxwidth")
    assert_problem(refused(url="/", maxheight="3"), 422, "unfit", "maxheight")
    assert_problem(refused(url="/", format="xml"), 501, "not_implemented", "format")


def test_a_hostile_link_stays_text(client: TestClient) -> None:
    html = str(asked(client, url='/#v1&op="><script>alert(1)</script>')["html"])
    assert "<script" not in html
    assert html.count('"') % 2 == 0
