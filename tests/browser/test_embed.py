"""The page within a frame, as slides show it: what it shows, hides and locks, and the dialog that makes it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.support import drawn, share

LINK = "#v1&op=convolution&filters=2&padding=1&source=sample:cross&step=30"


def framed(page: Page, fragment: str = LINK) -> None:
    page.goto(f"/embed{fragment}")
    page.wait_for_selector("html[data-ready=true]")


@pytest.mark.context(viewport={"width": 480, "height": 270})
def test_a_frame_of_a_slide_shows_everything_without_scrolling(page: Page) -> None:
    framed(page)
    for size in ((480, 270), (640, 360), (960, 540), (1280, 720)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        drawn(page, 3)
        assert_all_in_sight(page, size)


def assert_all_in_sight(page: Page, size: tuple[int, int]) -> None:
    assert page.evaluate("() => document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    room = "(view) => view.scrollHeight <= view.clientHeight"
    assert page.locator("#view").evaluate(room)
    for name in ("Play", "One step forward"):
        box = page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= size[0] - box["width"]
        assert 0 <= box["y"] <= size[1] - box["height"]
    # Input, kernel and output stand side by side.
    tops = page.locator("#headings .heading:not(.pager)").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().top)"
    )
    assert len(tops) == 3
    assert max(tops) - min(tops) < 2
    expect(page.locator("#transport")).to_contain_text("step 31 of 81")


@pytest.mark.context(viewport={"width": 480, "height": 270})
def test_a_frame_has_no_accessibility_violation(page: Page, axe: Callable[[Page], str]) -> None:
    framed(page)
    assert axe(page) == ""
    page.get_by_role("button", name="Settings").click()
    assert axe(page) == ""


@pytest.mark.context(viewport={"width": 720, "height": 405})
def test_what_a_link_locks_cannot_be_changed_and_what_it_hides_is_not_there(page: Page) -> None:
    framed(page, f"{LINK}&hide=weights,padding,shapes&lock=kernel,operation,steps")
    expect(page.locator("#bar .shapes")).to_be_hidden()
    expect(page.locator(".operation")).to_be_disabled()
    expect(page.get_by_role("button", name="Play")).to_be_disabled()
    page.locator("#stage").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    drawn(page)
    expect(page.locator("#transport")).to_contain_text("step 31 of 81")
    page.get_by_role("button", name="Settings").click()
    expect(page.locator("[data-parameter=padding]")).to_be_hidden()
    expect(page.locator("[aria-labelledby=weights-title]")).to_be_hidden()
    for field in page.locator("[data-parameter=kernel] input").all():
        expect(field).to_be_disabled()
    stride = page.locator("[data-parameter=stride] input.number").first
    stride.fill("2")
    expect(page.locator("#transport")).to_contain_text("of 25")


def test_the_page_says_that_a_link_hides_controls_and_shows_them_again(page: Page) -> None:
    page.goto(f"/{LINK}&hide=weights&lock=kernel")
    page.wait_for_selector("html[data-ready=true]")
    weights = page.locator("[aria-labelledby=weights-title]")
    expect(weights).to_be_hidden()
    expect(page.locator(".concealed")).to_contain_text("hides 1 control and locks 1 control")
    page.get_by_role("button", name="Show and unlock all").click()
    expect(weights).to_be_visible()
    expect(page.locator("[data-parameter=kernel] input").first).to_be_enabled()
    expect(page.locator(".concealed")).to_be_hidden()
    page.wait_for_function("() => !location.hash.includes('hide')")


@pytest.mark.context(viewport={"width": 720, "height": 405})
def test_a_frame_leads_to_the_whole_page_with_what_it_shows(page: Page) -> None:
    framed(page, f"{LINK}&hide=weights")
    page.get_by_role("button", name="One step forward").click()
    link = page.get_by_role("link", name="Open in Convscope")
    link.hover()
    expect(link).to_have_attribute("href", re.compile(r"^\./#v1&op=convolution.*&step=31&(?!.*hide=)"))
    expect(link).to_have_attribute("target", "_blank")


@pytest.mark.context(permissions=["clipboard-read", "clipboard-write"])
def test_the_dialog_gives_a_frame_that_shows_what_was_chosen(page: Page) -> None:
    page.goto(f"/{LINK}")
    page.wait_for_selector("html[data-ready=true]")
    share(page, "Embed…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Everything").check()
    dialog.get_by_text("Details: size").click()
    dialog.get_by_label("Size").select_option("640×360")
    dialog.get_by_label("Theme").select_option("dark")
    dialog.get_by_text("Controls", exact=True).click()
    dialog.get_by_label("Layer settings").select_option("locked")
    dialog.get_by_label("Sum and formula").select_option("hidden")
    code = dialog.get_by_label("To paste")
    expect(code).to_have_value(re.compile("hide=readout&amp;lock=layer"))
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_role("status")).to_have_text("Copied.")
    pasted = page.evaluate("() => navigator.clipboard.readText()")
    assert pasted == code.input_value()
    assert 'width="640" height="360"' in pasted
    assert re.search(r'src="http://127\.0\.0\.1:\d+/embed#v1&amp;op=convolution', pasted)
    assert re.search(r'theme=dark[^"]*hide=readout&amp;lock=layer"', pasted)
    inner = page.frame_locator("dialog iframe")
    expect(inner.locator("html")).to_have_attribute("data-theme", "dark")
    expect(inner.locator("#transport")).to_contain_text("step 31 of 81")
    expect(inner.locator("#readout")).to_be_hidden()
