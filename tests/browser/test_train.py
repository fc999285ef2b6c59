"""The training room: a network of the page learns before one's eyes, and its time can be moved through."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.support import comes_to, opened


def room(page: Page) -> None:
    """The room, with the examples of its set."""
    opened(page)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator(".tr-example")).to_have_count(8)


def step(page: Page) -> int:
    """The training step on view."""
    return int(page.locator(".tr-transport .place b").first.inner_text())


def ended(page: Page) -> None:
    """The training has come to its end, and its last step is on view."""
    comes_to(page, lambda: step(page), 600)
    expect(page.locator(".tr-train")).to_have_text("Train anew")


def pixels(page: Page, name: str) -> str:
    """A picture as it is painted."""
    found: str = page.locator(name).first.evaluate("(canvas) => canvas.toDataURL()")
    return found


def test_a_network_learns_x_or_o_and_its_time_is_moved_through(
    page: Page, axe: Callable[[Page], str]
) -> None:
    room(page)
    page.locator(".tr-train").click()
    comes_to(page, lambda: step(page) > 0, True)
    before = pixels(page, ".tr-filter.now")
    ended(page)
    trained = pixels(page, ".tr-filter.now")
    assert trained != before
    expect(page.locator(".tr-curve polyline.tr-validation")).to_have_attribute("points", re.compile(r"\d"))
    counts = [int(one) for one in page.locator(".tr-table button").all_inner_texts()]
    assert sum(counts) == 400
    assert counts[0] + counts[3] >= 340
    expect(page.locator(".tr-votes .output")).to_contain_text("O")
    page.locator(".tr-beat.backward").click()
    expect(page.locator(".tr-terms")).to_contain_text("Row 0, col 0:")
    assert axe(page) == ""
    page.locator(".tr-beat.backward").click()
    page.get_by_role("button", name="Back to the start").click()
    assert step(page) == 0
    start = pixels(page, ".tr-filter.now")
    assert start not in (trained, before)
    page.keyboard.press("ArrowRight")
    assert step(page) == 1
    page.keyboard.press("End")
    comes_to(page, lambda: pixels(page, ".tr-filter.now"), trained)
    page.get_by_role("button", name="Layer", exact=True).click()
    expect(page.locator("#stage")).to_be_visible()
