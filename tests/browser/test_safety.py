"""A server with a token and tight limits, as a person meets it: asked once, made to wait, and nothing is lost."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT
from tests.browser.support import headline, parameter
from tests.serving import Server, running_server

TOKEN = "of-the-class-7b"
NUMBERS = "() => document.querySelector('.result b') !== null"


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("tight")
    environment = {
        **os.environ,
        "CONVSCOPE_UPLOADS": str(folder / "uploads"),
        "CONVSCOPE_TOKEN": TOKEN,
        "CONVSCOPE_CLIENT_RATE": "40",
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
    page.set_default_timeout(15_000)
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
    guest.wait_for_function(NUMBERS)
    expect(dialog).to_be_hidden()
    guest.reload()
    guest.wait_for_function(NUMBERS)
    assert TOKEN not in guest.content()
    assert guest.context.cookies() == []
    assert guest.evaluate("() => localStorage.length") == 0


def test_a_link_may_bring_the_token_which_does_not_stay_in_the_address(guest: Page) -> None:
    guest.goto(f"/#v1&op=max_pooling&kernel=2&source=sample:cross&token={TOKEN}")
    guest.wait_for_function(NUMBERS)
    assert TOKEN not in guest.url
    assert headline(guest).startswith("1×9×9")
    assert guest.get_by_role("dialog").count() == 0


# Three of these at once are more than a client's part of the server: each asks for 123 units of work.
HEAVY = "op=convolution&kernel=7&padding=3&filters=64&source=noise:3x256x256;seed=1"
NOTE_BUSY = """() => {
  const said = { busy: 0 };
  const line = document.querySelector('.connection');
  const note = () => { said.busy += /busy/.test(line.textContent) ? 1 : 0; };
  new MutationObserver(note).observe(line, { childList: true, characterData: true, subtree: true });
  return said;
}"""


def test_a_page_over_its_limits_says_that_it_waits_and_goes_on_by_itself(guest: Page) -> None:
    guest.goto(f"/#v1&{HEAVY}&token={TOKEN}")
    guest.wait_for_function(NUMBERS)
    said = guest.evaluate_handle(NOTE_BUSY)
    parameter(guest, "stride").fill("2")
    expect(guest.locator(".shapes")).to_contain_text("64×128×128")  # the grid follows at once
    parameter(guest, "kernel").fill("9")
    guest.wait_for_function("(said) => said.busy > 0", arg=said)
    guest.wait_for_function("() => !/busy/.test(document.querySelector('.connection').textContent)")
    guest.wait_for_function(NUMBERS)
    expect(guest.locator("#banner")).to_be_empty()
