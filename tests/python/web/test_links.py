"""Short links over HTTP: the preview tells the state, its picture is that state, and neither costs without bound."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.figures import card
from app.main import create_app
from app.settings import Settings
from app.web.http.place import ForwardedPrefix
from app.web.server.buckets import MemoryBuckets

from .asking import assert_problem, png

STATE = "#v1&op=convolution&stride=3&padding=1&weights=preset:diagonal&source=sample:cross&step=4"
HOME = "https://site.example/below"


class Preview(HTMLParser):
    """The metadata that a messenger reads of a page, and every element that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        name = found.get("property") or found.get("name") or found.get("http-equiv")
        if tag == "meta" and name:
            self.meta[name] = found.get("content") or ""
        if tag == "a":
            self.links.append(found.get("href") or "")
        if found.get("type") == "application/json+oembed":
            self.meta["oembed"] = found.get("href") or ""
        assert not [key for key in found if key.startswith("on")]


def kept(client: TestClient, fragment: str = STATE) -> dict[str, Any]:
    answer = client.post("/api/v1/links", json={"fragment": fragment})
    assert answer.status_code == 201, answer.text
    reply: dict[str, Any] = answer.json()
    return reply


def below(folder: Path, **options: Any) -> TestClient:
    """A server whose trusted proxy takes a path off."""
    app = create_app(Settings(uploads=folder, hosts=("site.example",), **options))
    client = TestClient(
        ForwardedPrefix(app, ["10.0.0.0/8"]), base_url="https://site.example", client=("10.0.0.7", 50_000)
    )
    client.headers["X-Forwarded-Prefix"] = "/below"
    return client


def test_a_short_link_says_how_long_it_is_kept_and_leads_to_its_state(client: TestClient) -> None:
    reply = kept(client)
    assert reply["expires_s"] == 365 * 24 * 3600
    assert reply["fragment"].startswith("#v1&op=convolution&")
    assert client.get(f"/api/v1/links/{reply['id']}").json()["fragment"] == reply["fragment"]
    answer = client.get(f"/s/{reply['id']}")
    page = Preview(answer.text)
    leads = [address for address in page.links if "#v1" in address]
    assert [urljoin("/s/x", address) for address in leads] == [f"/{reply['fragment']}"]
    assert page.meta["refresh"] == f"0; url={leads[0]}"
    assert "script" not in page.tags


def test_a_preview_names_the_picture_by_an_absolute_address(tmp_path: Path) -> None:
    with below(tmp_path) as client:
        answer = kept(client)
        assert answer["url"] == f"{HOME}/s/{answer['id']}"
        page = Preview(client.get(f"/s/{answer['id']}").text)
        assert (
            page.meta["og:image"] == page.meta["twitter:image"] == answer["picture"] == f"{answer['url']}.png"
        )
        assert page.meta["og:url"] == answer["url"]
        assert page.meta["og:title"] == page.meta["twitter:title"] == "Convolution: 9×9 to 3×3"
        assert page.meta["og:description"] == page.meta["description"]
        assert "with a 3×3 kernel, stride 3, padding 1" in page.meta["description"]
        assert page.meta["twitter:card"] == "summary_large_image"
        shown = client.get(urlsplit(page.meta["og:image"]).path.removeprefix("/below"))
        assert shown.headers["content-type"] == "image/png"
        asked = parse_qs(urlsplit(page.meta["oembed"]).query)["url"][0]
        assert asked == f"{HOME}/{answer['fragment']}"
        address = page.meta["oembed"].removeprefix(HOME)
        assert client.get(address).json()["title"] == "Convscope: convolution"


def test_a_setting_says_where_people_reach_it(tmp_path: Path) -> None:
    with below(tmp_path, public_url="https://public.example/app") as client:
        answer = kept(client)
        assert answer["picture"] == f"https://public.example/app/s/{answer['id']}.png"
        assert Preview(client.get(f"/s/{answer['id']}").text).meta["og:image"] == answer["picture"]


def pixels(client: TestClient, fragment: str) -> np.ndarray:
    answer = client.get(f"/s/{kept(client, fragment)['id']}.png")
    assert answer.status_code == 200
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.size == (1200, 630)
        return np.asarray(picture.convert("RGB")).astype(int)


def test_the_picture_is_of_that_very_state(client: TestClient) -> None:
    first, dark = pixels(client, STATE), pixels(client, f"{STATE}&theme=dark")
    other = pixels(client, STATE.replace("step=4", "step=5"))
    assert (first[0, 0] == [255, 255, 255]).all()
    assert (dark[0, 0] == [0x19, 0x1C, 0x21]).all()
    moved = (first != other).any(axis=-1)
    assert 0 < moved.mean() < 0.1  # the windows, and the cells that they write
    negative, positive = [0xA4, 0xC6, 0xEB], [0xF4, 0xC3, 0x93]
    for colour in (negative, positive):
        assert (first == colour).all(axis=-1).mean() > 0.005


def test_a_photograph_is_shown_in_its_own_colours(client: TestClient) -> None:
    found = pixels(
        client, "#v1&op=convolution&source=sample:scene;size=40&weights=preset:box&channel=rgb&step=3"
    )
    spread = found.max(axis=-1) - found.min(axis=-1)
    grey = pixels(
        client, "#v1&op=convolution&source=sample:scene;size=40&weights=preset:box&channel=0&step=3"
    )
    assert (spread > 60).sum() > (grey.max(axis=-1) - grey.min(axis=-1) > 60).sum() + 5000


def test_a_chosen_layer_of_a_network_is_shown(client: TestClient) -> None:
    fragment = (
        "#v1&op=convolution&filters=2&source=sample:cross&layer=op=max_pooling%26kernel=2&chosen=1&step=0"
    )
    answer = kept(client, fragment)
    page = Preview(client.get(f"/s/{answer['id']}").text)
    assert page.meta["og:title"] == "Layer 2 of 2, max pooling: 2×7×7 to 2×3×3"
    assert client.get(answer["picture"]).status_code == 200


def test_a_network_without_a_chosen_layer_shows_its_last_as_the_page_does(client: TestClient) -> None:
    answer = kept(client, "#v1&op=convolution&source=sample:cross&layer=op=max_pooling%26kernel=2")
    page = Preview(client.get(f"/s/{answer['id']}").text)
    assert page.meta["og:title"] == "Layer 2 of 2, max pooling: 7×7 to 3×3"


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("#v1&op=convolution&kernel=50&source=sample:cross", "kernel"),
        (f"#v1&op=max_pooling&kernel=2&source=image:{'0' * 64}", "upload"),
        ("#v1&op=convolution&kernel=0", "one cell"),
    ],
)
def test_a_state_that_cannot_be_drawn_says_why_and_is_asked_for_again(
    client: TestClient, fragment: str, words: str
) -> None:
    reply = kept(client, fragment)
    page = Preview(client.get(f"/s/{reply['id']}").text)
    assert words in page.meta["description"]
    answer = client.get(reply["picture"])
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=300"


def test_what_is_too_large_for_a_card_is_told_in_words_and_never_replayed(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replayed(*_: object, **__: object) -> None:
        raise AssertionError("nothing of it is replayed")

    monkeypatch.setattr(card, "Replay", replayed)
    monkeypatch.setattr(card, "_Complete", replayed)
    for fragment in (
        "#v1&op=convolution&source=sample:scene;size=400&step=3",
        "#v1&op=convolution&kernel=40&padding=same&source=noise:16x60x60&step=3",
    ):
        assert client.get(kept(client, fragment)["picture"]).status_code == 200


def test_a_picture_is_drawn_once_and_kept(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = kept(client, f"{STATE}&lane=0")
    first = client.get(answer["picture"])
    monkeypatch.setattr(card.Card, "png", lambda *_: pytest.fail("it is drawn again"))
    again = client.get(answer["picture"])
    assert again.content == first.content
    assert first.headers["cache-control"] == "public, max-age=86400"
    tagged = client.get(answer["picture"], headers={"If-None-Match": first.headers["etag"]})
    assert tagged.status_code == 304
    assert client.head(answer["picture"]).status_code == 200


def test_whoever_asks_for_a_picture_first_pays_for_it(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(uploads=tmp_path))) as client:
        ids = [kept(client, STATE.replace("step=4", f"step={step}"))["id"] for step in range(6)]
        admission = client.app.state.services.admission  # type: ignore[attr-defined]
        admission.buckets = MemoryBuckets(1, 300, lambda: 0.0)  # no time passes
        statuses = [client.get(f"/s/{id}.png").status_code for id in ids]
    assert statuses[0] == 200
    assert statuses[-1] == 429


def test_links_and_pictures_need_no_token_and_making_one_does(tmp_path: Path) -> None:
    token = "a-token-for-the-class"
    with TestClient(create_app(Settings(uploads=tmp_path, token=token))) as client:
        assert_problem(client.post("/api/v1/links", json={"fragment": STATE}), 401, "token")
        proof = {"Authorization": f"Bearer {token}"}
        answer = client.post("/api/v1/links", json={"fragment": STATE}, headers=proof).json()
        assert client.get(f"/s/{answer['id']}").status_code == 200
        assert client.get(f"/s/{answer['id']}.png").status_code == 200
        assert_problem(client.get(f"/api/v1/links/{answer['id']}"), 401, "token")


@pytest.mark.parametrize(
    "path",
    [
        "0" * 16,
        "0" * 16 + ".png",
        "..%2f..%2fetc%2fpasswd",
        "%00",
        "a" * 3000,
        ".png",
        "%3Cscript%3E",
        "..png",
    ],
)
def test_an_address_that_is_no_short_link_is_refused(client: TestClient, path: str) -> None:
    answer = client.get(f"/s/{path}")
    assert answer.status_code in (400, 404)
    assert answer.json()["remedy"]
    readable = client.get(f"/s/{path}", headers={"Accept": "text/html"})
    assert "<script>" not in readable.text


@pytest.mark.parametrize(
    "hostile",
    [
        '&title="><script>alert(1)</script>',
        "&note=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "&note=%27%22onerror=alert(1)%20x=",
        "&note=javascript:alert(1)",
        "&name=%3Csvg%20onload=alert(1)%3E",
        "&hide=%26quot;%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
        '&note=0;url=https://evil.example/"',
    ],
)
def test_a_hostile_link_stays_text_in_its_preview(client: TestClient, hostile: str) -> None:
    answer = client.post("/api/v1/links", json={"fragment": STATE + hostile})
    if answer.status_code != 201:
        assert_problem(answer, 422, "unfit")
        return
    reply = answer.json()
    assert not set(reply["fragment"]) & set("\"'<> ")
    shown = client.get(f"/s/{reply['id']}")
    page = Preview(shown.text)  # which asserts that no attribute is a script
    assert not {"script", "svg", "img", "iframe", "form", "base"} & set(page.tags)
    assert page.meta["refresh"] == f"0; url=../{reply['fragment']}"
    assert "alert" not in page.meta["og:title"] + page.meta["description"]
    assert "script-src 'self'" in shown.headers["content-security-policy"]
    assert unquote(reply["fragment"]).startswith("#v1&op=convolution")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"fragment": "#v1&op=convolution&note=" + "x" * 8192}, 413, "link_too_long"),
        ({"fragment": "#v1&op=nothing"}, 422, "unfit"),
        ({"fragment": 5}, 422, "malformed"),
        ({"fragment": STATE, "id": "0" * 16}, 422, "malformed"),
        ({}, 422, "malformed"),
    ],
)
def test_what_is_no_link_is_refused_in_the_one_shape(
    client: TestClient, body: Any, status: int, code: str
) -> None:
    assert_problem(client.post("/api/v1/links", json=body), status, code)


def test_a_page_of_another_site_makes_no_links_and_may_show_the_picture(client: TestClient) -> None:
    refused = client.post(
        "/api/v1/links", json={"fragment": STATE}, headers={"Origin": "https://other.example"}
    )
    assert_problem(refused, 403, "origin")
    answer = kept(client)
    assert client.get(answer["picture"]).headers["cross-origin-resource-policy"] == "cross-origin"
    page = client.get(f"/s/{answer['id']}")
    assert page.headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in page.headers
    assert page.headers["x-frame-options"] == "DENY"


def test_an_uploaded_picture_is_in_the_preview_while_it_is_kept(client: TestClient) -> None:
    picture = np.zeros((9, 9, 3), np.uint8)
    picture[:, :4] = [200, 30, 30]
    id = client.post("/api/v1/images", content=png(picture)).json()["id"]
    found = pixels(client, f"#v1&op=convolution&source=image:{id}&channel=rgb&step=0")
    assert (np.abs(found - [200, 30, 30]).max(axis=-1) <= 2).mean() > 0.02
    assert re.search(
        r"9×9", client.get(f"/s/{kept(client, f'#v1&op=convolution&source=image:{id}')['id']}").text
    )
