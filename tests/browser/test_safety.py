"""A server with a token and tight limits, as a person meets it: asked once, made to wait, and nothing is lost."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT
from tests.browser.support import DEADLINE_MS, assert_headline, numbers, parameter, share
from tests.serving import Server, running_server

TOKEN = "of-the-class-7b"


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("tight")
    environment = {
        **os.environ,
        "CONVSCOPE_UPLOADS": str(folder / "uploads"),
        "CONVSCOPE_TOKEN": TOKEN,
        "CONVSCOPE_CLIENT_RATE": "20",
        "CONVSCOPE_CLIENT_BURST": "140",
    }
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    with running_server(command, cwd=ROOT, log=folder / "log", env=environment) as running:
        yield running
        printed = running.printed()
        assert "Traceback" not in printed
        assert TOKEN not in printed


@pytest.fixture
def guest(browser: Browser, tight: Server) -> Iterator[Page]:
    page = browser.new_page(base_url=tight.url, viewport={"width": 1440, "height": 900})
    page.set_default_timeout(DEADLINE_MS)
    yield page
    page.close()


def test_a_class_server_asks_for_its_token_once_and_keeps_it_in_the_tab(guest: Page) -> None:
    guest.goto("/")
    dialog = guest.get_by_role("dialog", name="This server asks for a token")
    dialog.get_by_role("textbox", name="Token").fill("wrong-token")
    dialog.get_by_role("button", name="Use", exact=True).click()
    expect(dialog.get_by_role("textbox", name="Token")).to_have_value("")  # it is asked for again
    dialog.get_by_role("textbox", name="Token").fill(TOKEN)
    dialog.get_by_role("button", name="Use", exact=True).click()
    numbers(guest)
    expect(dialog).to_be_hidden()
    guest.reload()
    numbers(guest)
    assert TOKEN not in guest.content()
    assert guest.context.cookies() == []
    # That somebody has met the opening is all that stays.
    kept = guest.evaluate("() => Object.entries(localStorage)")
    assert all(name.startswith("convscope.met") and value == "true" for name, value in kept)


def day_token(server: Server) -> str:
    status, body = server.answer("/api/v1/day-token", b"", {"Authorization": f"Bearer {TOKEN}"})
    assert status == 201
    return str(json.loads(body)["token"])


def test_a_link_may_bring_a_token_of_one_day_which_does_not_stay_in_the_address(
    guest: Page, tight: Server
) -> None:
    day = day_token(tight)
    guest.goto(f"/#v1&op=max_pooling&kernel=2&source=sample:cross&token={day}")
    numbers(guest)
    assert day not in guest.url
    assert_headline(guest, "1×9×9…")
    assert guest.get_by_role("dialog").count() == 0
    guest.get_by_role("button", name="Share").click()
    expect(guest.get_by_role("button", name="Code…", exact=True)).to_be_visible()
    expect(guest.get_by_role("button", name="Link for a day…")).to_have_count(0)


@pytest.mark.parametrize("token_key", ["token", "Token", "%74oken"])
def test_the_server_s_own_token_is_not_taken_from_a_link_and_leaves_the_address(
    guest: Page, token_key: str
) -> None:
    guest.goto(f"/#v1&op=max_pooling&kernel=2&source=sample:cross&{token_key}={TOKEN}")
    dialog = guest.get_by_role("dialog", name="This server asks for a token")
    expect(dialog).to_contain_text("A link brings a token of one day")
    assert TOKEN not in guest.url
    dialog.get_by_role("textbox", name="Token").fill(TOKEN)
    dialog.get_by_role("button", name="Use", exact=True).click()
    numbers(guest)
    assert_headline(guest, "1×9×9…")
    guest.evaluate(f"() => {{ location.hash = '#v1&op=average_pooling&kernel=2&token={TOKEN}'; }}")
    expect(guest).not_to_have_url(re.compile("token"))
    numbers(guest)


def test_whoever_has_the_token_makes_a_link_that_opens_the_server_for_a_day(
    guest: Page, browser: Browser, tight: Server
) -> None:
    guest.goto("/#v1&op=max_pooling&kernel=2&source=sample:cross")
    dialog = guest.get_by_role("dialog", name="This server asks for a token")
    dialog.get_by_role("textbox", name="Token").fill(TOKEN)
    dialog.get_by_role("button", name="Use", exact=True).click()
    numbers(guest)
    share(guest, "Link for a day…")
    made = guest.get_by_role("dialog", name="A link that brings a token of one day")
    link = made.get_by_role("textbox").input_value()
    assert TOKEN not in link
    assert "&token=day." in link
    student = browser.new_page(base_url=tight.url)
    try:
        student.set_default_timeout(DEADLINE_MS)
        student.goto(link)
        numbers(student)
        assert "token" not in student.url
        assert student.get_by_role("dialog").count() == 0
    finally:
        student.close()


# It asks for 123 units of work, of which a client of this server gets 20 a second. Two others of the same address ask
# again and again for something of 15, so that there is never enough for the first, however slow the machine is.
HEAVY = "op=convolution&kernel=7&padding=3&filters=64&source=noise:3x256x256;seed=1"
LIGHTER = {
    "layers": [{"operation": "convolution", "kernel": 7, "filters": 64}],
    "source": {"kind": "noise", "shape": [3, 96, 96]},
    "include": ["weight"],
}


@contextlib.contextmanager
def others_asking(server: Server) -> Iterator[None]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}
    over, spent = threading.Event(), threading.Event()

    def ask() -> None:
        while not over.wait(0.02):
            status = server.answer("/api/v1/run", json.dumps(LIGHTER).encode(), headers)[0]
            assert status in (200, 429)
            if status == 429:
                spent.set()

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        try:
            assert spent.wait(DEADLINE_MS / 1000), "there is enough for both"
            yield
        finally:
            over.set()
        for one in asking:
            one.result()


NOTE_BUSY = """() => {
  const said = { busy: 0 };
  const line = document.querySelector('.connection');
  const note = () => { said.busy += /busy/.test(line.textContent) ? 1 : 0; };
  new MutationObserver(note).observe(line, { childList: true, characterData: true, subtree: true });
  return said;
}"""


def test_a_page_over_its_limits_says_that_it_waits_and_goes_on_by_itself(guest: Page, tight: Server) -> None:
    guest.goto(f"/#v1&{HEAVY}&token={day_token(tight)}")
    numbers(guest)
    said = guest.evaluate_handle(NOTE_BUSY)
    with others_asking(tight):
        parameter(guest, "kernel").fill("8")
        expect(guest.locator(".shapes")).to_contain_text("64×255×255")  # the grid follows at once
        guest.wait_for_function("(said) => said.busy > 0", arg=said)
    guest.wait_for_function("() => !/busy/.test(document.querySelector('.connection').textContent)")
    numbers(guest)
    expect(guest.locator("#banner")).to_be_empty()
