"""The page opens, is called by its name, complains of nothing, and passes axe in every dress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.support import comes_to, drawn
from tests.browser.watch import Watch


def test_the_page_opens_and_is_called_convscope(page: Page) -> None:
    answer = page.goto("/")
    assert answer is not None
    assert answer.status == 200
    expect(page).to_have_title("Convscope")
    expect(page.get_by_role("main")).to_be_visible()


FADED = """() => Promise.all(
  document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished)
)"""
USUAL: dict[str, Any] = {"color_scheme": "light", "reduced_motion": "no-preference", "forced_colors": "none"}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "still": {"reduced_motion": "reduce"},
    "forced": {"forced_colors": "active"},
}


def test_the_page_has_no_accessibility_violation(page: Page, axe: Callable[[Page], str]) -> None:
    page.goto("/")
    page.wait_for_load_state("networkidle")
    for look, options in LOOKS.items():
        page.emulate_media(**(USUAL | options))
        drawn(page)
        page.evaluate(FADED)  # colours fade from one look to the next
        if found := axe(page):
            pytest.fail(f"{look}:\n{found}", pytrace=False)


def test_a_complaint_of_the_page_is_noticed(page: Page, watch: Watch) -> None:
    page.goto("/")
    page.evaluate("() => console.error('a complaint')")
    page.evaluate("() => { setTimeout(() => { throw new Error('an accident') }) }")
    page.evaluate("() => fetch('/nothing-is-here').then((answer) => answer.status)")
    page.evaluate("() => fetch('http://elsewhere.invalid/').catch(() => null)")
    noticed = ("a complaint", "an accident", "nothing-is-here", "elsewhere")
    comes_to(page, lambda: [words for words in noticed if words not in "\n".join(watch.unexpected())], [])
    watch.allow("")


def test_axe_notices_a_violation(page: Page, axe: Callable[[Page], str]) -> None:
    page.goto("/")
    page.evaluate("() => { document.title = '' }")
    assert "document-title" in axe(page)
