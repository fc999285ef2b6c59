"""A page behind a real nginx with three replicas and a Redis: whichever of them goes, the page goes on and says so."""

from __future__ import annotations

import itertools
import re
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.support import (
    DEADLINE_MS,
    assert_headline,
    comes_to,
    headline,
    numbers,
    opened,
    parameter,
    photograph,
    result,
    upload,
)
from tests.fleet import Fleet, running_fleet

SIDES = itertools.count(110)  # a photograph for each page, so that no replica has seen it before
# Every step that the page shows from now on, and every word that it says of its connection.
LISTEN = """
() => {
  window.steps = [];
  window.said = [];
  const scrub = document.querySelector(".scrub");
  const words = document.querySelector(".connection");
  const look = () => {
    if (steps.at(-1) !== Number(scrub.value)) steps.push(Number(scrub.value));
    requestAnimationFrame(look);
  };
  look();
  new MutationObserver(() => said.push(words.textContent)).observe(words, { childList: true, characterData: true });
}
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with running_fleet(tmp_path_factory.mktemp("fleet")) as made:
        yield made


@pytest.fixture
def bare_page(browser: Browser, fleet: Fleet) -> Iterator[Page]:
    """A page that has opened nothing yet, on a fleet that is whole."""
    if fleet.redis.process is None:
        fleet.redis.start()
    for number, replica in list(fleet.replicas.items()):
        if replica.process.poll() is not None:
            fleet.start(number)
    page = browser.new_page(base_url=fleet.url, viewport={"width": 1440, "height": 900}, locale="en-GB")
    page.set_default_timeout(DEADLINE_MS)
    yield page
    page.close()


@pytest.fixture
def open_page(bare_page: Page) -> Page:
    """A page with a photograph of its own and a setting of its own, on a fleet that is whole."""
    page = bare_page
    opened(page, "/#v1&op=convolution&padding=1")
    side = next(SIDES)
    upload(page, "photo.png", photograph(side))
    expect(page.locator(".shapes")).to_contain_text(f"3×{side}×{side}")
    parameter(page, "filters").fill("3")
    parameter(page, "dilation").fill("2")
    numbers(page)
    page.evaluate(LISTEN)
    return page


def play(page: Page) -> None:
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => steps.length > 5")


def comes_back(page: Page) -> None:
    """The news stays on view for a while only, so what was noted down is asked."""
    page.wait_for_function("() => said.includes('Connected again, nothing lost')", timeout=60_000)


def assert_went_on(page: Page, before: str) -> None:
    """The steps went on where they were, and nothing of the setting is another."""
    there = page.evaluate("() => steps.at(-1)")
    page.wait_for_function("step => steps.at(-1) > step + 8", arg=there)
    steps = page.evaluate("() => steps")
    assert steps == sorted(steps), "no step back"
    assert_headline(page, before)
    assert page.locator(".banner.shown:visible").all_inner_texts() == []


def test_a_replica_killed_while_its_page_plays_is_not_missed(open_page: Page, fleet: Fleet) -> None:
    before = headline(open_page)
    play(open_page)
    killed = fleet.holder()
    fleet.replicas[killed].kill()
    comes_back(open_page)
    assert_went_on(open_page, before)
    assert fleet.holder() != killed
    assert "Connection lost, retrying…" in open_page.evaluate("() => said")
    parameter(open_page, "stride").fill("2")
    numbers(open_page)


def test_a_replica_that_is_told_to_stop_sends_its_page_to_another(open_page: Page, fleet: Fleet) -> None:
    before = headline(open_page)
    play(open_page)
    stopped = fleet.holder()
    fleet.replicas[stopped].process.send_signal(signal.SIGTERM)
    comes_back(open_page)
    assert_went_on(open_page, before)
    assert "Server restarts, retrying…" in open_page.evaluate("() => said")
    assert fleet.replicas[stopped].process.wait(60) in (0, -signal.SIGTERM)


def test_a_store_that_is_lost_and_comes_back_empty_gets_the_picture_again(
    open_page: Page, fleet: Fleet
) -> None:
    before, number = headline(open_page), result(open_page)
    fleet.redis.stop()
    fleet.replicas[fleet.holder()].kill()  # the one that had the picture in its memory
    comes_back(open_page)
    parameter(open_page, "stride").fill("2")
    open_page.wait_for_function("() => said.some((words) => words.startsWith('The server is busy'))")
    fleet.redis.start()
    numbers(open_page)
    assert "Your file was sent again" in open_page.evaluate("() => said")
    parameter(open_page, "stride").fill("1")
    numbers(open_page)
    comes_to(open_page, lambda: (headline(open_page), result(open_page)), (before, number))


LEARNING_MS = 180_000  # a replica that starts, and a training, on a busy machine


def kill_all(fleet: Fleet) -> None:
    """Whichever replica had the work, it is gone, and no other takes it before one is started again."""
    for replica in fleet.replicas.values():
        replica.kill()


def trained(page: Page) -> str:
    """The filters at the end of a training, as they are painted."""
    expect(page.locator(".primary.tr-train")).to_have_text("Train anew", timeout=LEARNING_MS)
    expect(page.locator(".tr-transport .place b").first).to_have_text("120", timeout=LEARNING_MS)
    found: str = page.locator(".tr-filter.now").first.evaluate("(canvas) => canvas.toDataURL()")
    return found


def test_a_page_whose_replica_is_killed_trains_on_from_its_checkpoint_with_the_same_numbers(
    bare_page: Page, fleet: Fleet
) -> None:
    page = bare_page
    opened(page)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator(".tr-example")).to_have_count(8)
    page.locator(".tr-column").get_by_label("Steps", exact=True).fill("120")
    page.keyboard.press("Tab")
    page.locator(".primary.tr-train").click()
    wanted = trained(page)
    runs = page.locator(".tr-runs tbody tr")
    expect(runs).to_have_count(1)
    numbers_shown = runs.locator("td").all_inner_texts()[1:5]
    page.locator(".tr-transport .speed button", has_text="10", has_not_text="100").click()
    page.locator(".primary.tr-train").click()
    place = page.locator(".tr-transport .place b").first
    comes_to(page, lambda: 60 <= int(place.inner_text()) < 120, True)
    kill_all(fleet)
    expect(page.locator(".tr-banner.shown")).to_contain_text("Training goes on from the last checkpoint")
    lost_at = int(place.inner_text())
    page.locator(".tr-transport .speed button", has_text="max").click()
    fleet.start(0)
    comes_to(page, lambda: lost_at < int(place.inner_text()), True)
    expect(page.locator(".tr-banner.shown")).to_have_count(0)
    assert trained(page) == wanted
    assert runs.last.locator("td").all_inner_texts()[1:5] == numbers_shown
    # When all is over it is still told, beside its curve.
    expect(page.locator(".tr-breaks")).to_have_text(
        re.compile(
            "^The connection was lost: training went on from the checkpoint at training step (50|100), "
        )
    )
