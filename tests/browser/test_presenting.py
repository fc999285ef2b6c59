"""The page in a lecture hall, on paper, and where contrast is forced."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.support import drawn, opened


def test_projector_mode_is_large_has_few_controls_and_hears_a_remote(
    page: Page, axe: Callable[[Page], str]
) -> None:
    opened(page)
    before = page.locator("#canvas").bounding_box()
    page.locator("#stage").focus()
    page.keyboard.press("t")
    leave = page.get_by_role("button", name="Leave the projector mode")
    expect(leave).to_be_visible()
    for hidden in ("#controls", ".more-controls", ".edits", ".views", ".stage-tools"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.get_by_role("button", name="Share")).to_be_visible()  # for the link
    assert before is not None
    page.wait_for_function(
        "(area) => { const { width, height } = document.querySelector('#canvas').getBoundingClientRect();"
        " return width * height > 1.3 * area; }",
        arg=before["width"] * before["height"],
    )
    assert axe(page) == ""
    expect(page.locator("#stage")).to_be_focused()
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    page.keyboard.press("PageUp")
    expect(page.locator(".place")).to_contain_text("step 21 of 81")
    page.keyboard.press("b")
    expect(page.get_by_role("dialog", name="Blank screen")).to_be_visible()
    page.keyboard.press("x")
    expect(page.get_by_role("dialog", name="Blank screen")).to_have_count(0)
    page.get_by_role("button", name="Settings").click()
    expect(page.locator("#controls")).to_be_visible()
    page.keyboard.press("Escape")
    leave.click()
    expect(page.locator("#controls")).to_be_visible()
    page.keyboard.press("PageDown")
    drawn(page)
    expect(page.locator(".place")).to_contain_text("step 21 of 81")


def test_what_is_pointed_at_is_right_on_a_stage_that_is_drawn_larger(page: Page) -> None:
    page.set_viewport_size({"width": 2560, "height": 1440})
    opened(page)
    page.wait_for_function("() => Number(document.querySelector('#stage').style.zoom) > 1.3")
    drawn(page)
    zoom = float(page.locator("#stage").evaluate("one => one.style.zoom"))
    # The heading stands over the first column of the output.
    heading = page.locator(".heading").nth(2).bounding_box()
    assert heading is not None
    page.mouse.move(heading["x"] + 10 * zoom, heading["y"] + 66 * zoom)
    expect(page.locator(".place")).to_contain_text("row 0, col 0")


@pytest.mark.context(color_scheme="dark", viewport={"width": 1440, "height": 900})
def test_paper_shows_stage_sum_settings_and_link_in_light_colours(page: Page) -> None:
    opened(page, "/#v1&op=convolution&stride=2&source=sample:cross")
    page.emulate_media(media="print")
    words = page.locator(".printed")
    expect(words).to_be_visible()
    expect(words).to_contain_text("Stride2")
    expect(words).to_contain_text("#v1&op=convolution&stride=2&source=sample:cross")
    expect(page.locator(".result b")).to_be_visible()
    expect(page.locator("#transport")).to_be_hidden()
    ground = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    bottom = page.evaluate("() => document.querySelector('.printed').getBoundingClientRect().bottom")
    assert bottom <= 700
    page.emulate_media(media="screen")
    expect(words).to_be_hidden()
    expect(page.locator("#transport")).to_be_visible()


@pytest.mark.parametrize(("media", "value"), [("forced_colors", "active"), ("contrast", "more")])
def test_forced_colours_and_more_contrast_have_no_violations(
    page: Page, axe: Callable[[Page], str], media: str, value: str
) -> None:
    page.emulate_media(**{media: value})  # type: ignore[arg-type]
    opened(page)
    assert axe(page) == ""
    assert page.locator(".scrub").evaluate("one => getComputedStyle(one).opacity") == "1"
