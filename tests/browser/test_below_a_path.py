"""The page below a path of a site, behind a real nginx that takes the path off: everything is found there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.support import (
    comes_to,
    drawn,
    headline,
    numbers,
    opened,
    parameter,
    photograph,
    result,
    share,
    upload,
)
from tests.serving import Server
from tests.site import Site, running_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture(scope="module")
def server(site: Site) -> Server:
    return site.server


@pytest.fixture(scope="module")
def server_url(site: Site) -> str:
    """Addresses of these tests are relative to it."""
    return f"{site.home}/"


@pytest.fixture
def asked(page: Page, site: Site) -> Iterator[list[str]]:
    """Every address that the page asks for, sockets included; all of them are below the path."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url))
    page.on("websocket", lambda socket: found.append(socket.url.replace("ws:", "http:")))
    yield found
    asked = [address for address in found if not address.startswith(("blob:", "data:", "about:"))]
    assert asked
    assert [address for address in asked if not address.startswith(f"{site.home}/")] == []


def test_the_page_opens_plays_takes_an_upload_and_opens_again(
    page: Page, asked: list[str], site: Site
) -> None:
    opened(page, "./")
    assert f"{site.home}/api/v1/stream" in asked, "the steps come over the socket"
    page.get_by_role("button", name="Play").click()
    expect(page.locator("#transport")).not_to_contain_text("step 1 of")
    page.get_by_role("button", name="Pause").click()
    upload(page, "photo.png", photograph(40))
    expect(page.locator(".shapes")).to_contain_text("3×40×40")
    parameter(page, "stride").fill("2")
    numbers(page)
    page.wait_for_function(
        "() => location.hash.includes('stride=2') && location.hash.includes('source=image')"
    )
    assert page.url.startswith(f"{site.home}/#v1&")
    before, number = headline(page), result(page)
    page.reload()
    numbers(page)
    comes_to(page, lambda: (headline(page), result(page)), (before, number))


def test_the_socket_is_not_needed_for_what_goes_by_requests(page: Page, asked: list[str], site: Site) -> None:
    page.add_init_script("delete globalThis.WebSocket;")
    opened(page, "./")
    assert f"{site.home}/api/v1/frames" in asked


def test_the_documents_lead_to_each_other_and_their_forms_ask(
    page: Page, asked: list[str], site: Site
) -> None:
    page.goto("handbook")
    page.get_by_role("navigation", name="Site").get_by_role("link", name="API").click()
    expect(page).to_have_url(f"{site.home}/api")
    expect(page.locator("[data-example=curl]")).to_contain_text(f"{site.home}/api/v1/run")
    box = page.locator('.try[data-method=GET][data-path="/api/v1/samples"]')
    box.get_by_text("Try it", exact=False).first.click()
    box.get_by_role("button", name="Send").click()
    expect(box.get_by_role("status")).to_contain_text("200")
    page.get_by_role("link", name="Convscope", exact=True).click()
    numbers(page)
    expect(page).to_have_url(re.compile(re.escape(site.home) + "/"))
    assert page.request.get(f"{site.home}/api/v1/openapi.json").ok


def test_a_frame_is_offered_by_its_whole_address_and_shows_what_was_chosen(
    page: Page, asked: list[str], site: Site
) -> None:
    opened(page, "./#v1&op=max_pooling&kernel=2&source=sample:cross&step=3")
    share(page, "Embed…")
    page.get_by_role("dialog").get_by_role("radio", name="Everything").check()
    code = page.get_by_role("dialog").get_by_label("To paste")
    expect(code).to_have_value(re.compile(re.escape(f'src="{site.home}/embed#v1&amp;op=max_pooling')))
    inner = page.frame_locator("dialog iframe")
    expect(inner.locator("#transport")).to_contain_text("step 4 of")
    source = page.locator("dialog iframe").get_attribute("src")
    page.goto(f"{source}")
    page.wait_for_selector("html[data-ready=true]")
    link = page.get_by_role("link", name="Open in Convscope")
    link.hover()
    expect(link).to_have_attribute("href", re.compile("^\\./#v1&op=max_pooling.*step=3"))
    with page.context.expect_page() as whole:
        link.click()
    numbers(whole.value)
    assert whole.value.url.startswith(f"{site.home}/#v1&op=max_pooling")
    whole.value.close()
    drawn(page)


def test_the_site_s_other_parts_and_the_server_s_inside_stay_what_they_are(site: Site) -> None:
    proxy = Server(site.url, site.server.log, site.server.process)
    assert proxy.answer("/")[1] == b"another part of the site"
    assert proxy.answer("/api/v1/samples")[1] == b"another part of the site"
    for path in ("metrics", "readyz", "metrics%0A", "readyz/"):
        assert proxy.answer(f"/convscope/{path}")[0] == 404
    assert proxy.answer("/convscope/healthz")[0] == 200
    redirected = proxy.fetch("/convscope")[1]  # nginx leads to the path with its slash
    assert b"Convscope" in redirected
