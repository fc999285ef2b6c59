"""The first view: how little it takes, and that everything else comes when somebody is near, and only then."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.support import assert_headline, comes_to, drawn, numbers, terms
from tests.browser.watch import Watch

# A server may send so much before the first picture is there: bytes of page, scripts and styles, compressed, and files.
# Font, icon and the pictures of the samples come beside it, and nobody waits for them.
MOST = {1440: 60_000, 390: 60_000}
# Somebody new meets the scene, a sentence and three cards. On a phone the arrangements of narrow rooms come as well.
MOST_NEW = {1440: 60_000, 390: 62_800}
MOST_FILES = 16
# The first numbers come by POST and are no file.
TAKEN = r"""(late) => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
  .filter((one) => !/\/frames$|\.(woff2|png|svg)$/.test(one.name) && one.startTime < late)
  .map((one) => [new URL(one.name).pathname.split("/").at(-1), one.encodedBodySize])"""


def files(page: Page) -> list[str]:
    """The files that the page has taken up to now, by their last name."""
    return sorted(name for name, _ in taken(page))


def taken(page: Page, before_ms: float = 1e9) -> list[tuple[str, int]]:
    """The files that the page asked for before a moment, each with its bytes."""
    return [(name, size) for name, size in page.evaluate(TAKEN, before_ms)]


@pytest.mark.parametrize("width", MOST)
def test_the_opening_picture_takes_few_files_of_sixty_kilobytes_together(
    page: Page, page_form: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/")
    numbers(page)
    page.wait_for_load_state("networkidle")  # whatever comes by itself has come
    came = files(page)
    assert not {name for name in came if name.startswith(("features", "registry"))}
    if page_form == "built":
        assert len(came) <= MOST_FILES
        assert {name for name in came if not name.startswith(("chunk-", "narrow_rooms-"))} == {
            "",
            "instrument.css",
            "main.js",
            "retry.js",
        }
        assert sum(size for _, size in taken(page)) <= MOST[width]
    expect(page.locator(".result b")).to_be_visible()
    if width < 1080:
        return  # the settings stand in a sheet
    assert len(terms(page)) == 9
    # Settings in sight are described from the first; those that are folded away, once somebody is near.
    described = page.locator(".parameters > .row > .unseen").all_text_contents()
    assert len(described) >= 5
    assert all(described)


@pytest.mark.newcomer
@pytest.mark.parametrize("width", MOST_NEW)
def test_somebody_new_waits_for_little_more_than_that(page: Page, page_form: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/")
    numbers(page)
    ready_ms = page.evaluate("() => performance.getEntriesByName('ready')[0].startTime")
    expect(page.get_by_text("See what a convolution does to a picture")).to_be_visible()
    page.wait_for_selector("html[data-full]", state="attached")
    before = taken(page, ready_ms)
    assert not {name for name, _ in before if name.startswith(("features", "registry"))}
    assert len(before) < len(files(page))
    if page_form == "built":
        assert len(before) <= MOST_FILES
        assert sum(size for _, size in before) <= MOST_NEW[width]


def test_somebody_near_brings_the_rest_once(page: Page) -> None:
    page.goto("/")
    numbers(page)
    page.mouse.move(700, 400)
    page.wait_for_selector("html[data-full]", state="attached")
    page.mouse.move(720, 420)
    page.keyboard.press("Tab")
    drawn(page)
    came = files(page)
    assert len(came) == len(set(came))
    assert len([name for name in came if re.match(r"features\b.*\.js|registry\.json", name)]) == 2
    expect(page.locator("#p-dilation-name")).to_have_attribute("title", re.compile("cells|taps"))
    expect(page.locator("#p-dilation-about")).to_have_text(re.compile("cells|taps"))
    expect(page.get_by_role("button", name="Pin this step (p)")).to_be_visible()


def test_the_first_key_is_not_lost(page: Page) -> None:
    page.goto("/")
    numbers(page)
    before = page.locator(".sum-title").inner_text()
    page.evaluate("() => document.querySelector('#stage').focus({ preventScroll: true })")
    page.keyboard.press("ArrowRight")
    comes_to(page, lambda: page.locator(".sum-title").inner_text() != before, True)


def test_choices_made_before_the_rest_has_come_keep_their_order(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/features*.js", hold)
    page.goto("/")
    numbers(page)
    page.get_by_label("Operation", exact=True).select_option("max_pooling")
    page.evaluate("() => document.querySelector('#stage').focus()")
    page.keyboard.press("End")
    comes_to(page, lambda: len(held), 1)
    assert_headline(page, "1×9×9 ▸ 3 filters 3×3…")
    held[0].continue_()
    expect(page.locator(".shapes")).to_contain_text("max pooling")
    numbers(page)
    expect(page.locator(".sum-title")).to_have_text("Output row 4, col 4")


def test_a_rest_that_cannot_come_is_said_and_costs_nothing(page: Page, watch: Watch) -> None:
    watch.allow("features")
    watch.allow("Failed to (load|fetch)")
    page.route("**/features*.js", lambda route: route.abort())
    page.goto("/")
    numbers(page)
    stage = page.locator("#stage")
    stage.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".connection")).to_contain_text("did not load")
    assert len(terms(page)) == 9
    page.unroute("**/features*.js")
    before = page.locator(".sum-title").inner_text()

    def moved() -> bool:
        """A key that joins an attempt which was under way before is lost with it; the next one is not."""
        page.keyboard.press("ArrowRight")
        return page.locator(".sum-title").inner_text() != before

    comes_to(page, moved, True)


def test_modules_that_cannot_be_loaded_at_first_are_asked_for_again(page: Page, watch: Watch) -> None:
    """As while replicas of two versions serve the page: one knows the page and not the chunks of the other."""
    watch.allow("404|Failed to load")
    left = [2]

    def refuse(route: Route) -> None:
        left[0] -= 1
        if left[0] >= 0:
            route.fulfill(status=404)
        else:
            route.continue_()

    page.route(re.compile(r"/js/(chunk-|dom\.)"), refuse)
    page.goto("/#v1&op=max_pooling&source=sample:cross")
    numbers(page)
    assert left[0] < 0
    expect(page.locator("#unloaded")).to_be_hidden()
    assert_headline(page, "1×9×9 ▸ max pooling…")


def test_modules_that_stay_away_are_said_and_not_asked_for_without_end(page: Page, watch: Watch) -> None:
    watch.allow("404|Failed to load")
    opened: list[str] = []
    page.route(re.compile(r"/js/(chunk-|dom\.)"), lambda route: route.fulfill(status=404))

    def note(request: Request) -> None:
        if request.is_navigation_request():
            opened.append(request.url)

    page.on("request", note)
    page.clock.install()
    page.goto("/")
    for _ in range(8):
        expect(page.get_by_role("alert").filter(has_text="could not be loaded whole")).to_be_visible()
        page.clock.run_for(60_000)
    expect(page.get_by_role("alert").filter(has_text="could not be loaded whole")).to_be_visible()
    assert len(opened) == 5


def test_a_link_brings_it_before_anything_is_drawn(page: Page) -> None:
    page.goto("/#v1&op=transposed_convolution&filters=3&stride=2&source=sample:cross")
    numbers(page)
    assert [name for name in files(page) if name.startswith("features")]
    assert_headline(page, "1×9×9 ▸ 3 filters 3×3, stride 2…")
