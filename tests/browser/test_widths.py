"""The page at widths from 320 px to 4K: nothing is cut, nothing is out of reach."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.support import opened

PHOTOGRAPH = "/#v1&op=convolution&source=sample:scene;size=128&filters=16&padding=1&bias=true"

# Words that are shown and cut off: a box that hides what does not fit, and a part of it that is seen in part only.
CUT = """
() => [...document.querySelectorAll(".cost span, .shapes, .place, .result, .formula p, button, .size")]
  .filter((one) => one.checkVisibility())
  .flatMap((one) => {
    let { left, top, right, bottom } = one.getBoundingClientRect();
    if (right - left < 2) return [];
    for (let box = one.parentElement; box; box = box.parentElement) {
      if (getComputedStyle(box).overflowX === "visible") continue;
      const clip = box.getBoundingClientRect();
      const scrolls = /auto|scroll/.test(getComputedStyle(box).overflowY);
      const gone = top >= clip.bottom - 1 || bottom <= clip.top + 1;
      if (gone && !scrolls) return [];
      if (left < clip.left - 1 || right > clip.right + 1) return [`${one.textContent} is cut`];
      if (!scrolls && bottom > clip.bottom + 1) return [`${one.textContent} is cut below`];
    }
    return one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 ? [`${one.textContent} overflows`] : [];
  })
"""


@pytest.mark.parametrize(
    "size", [(320, 640), (390, 844), (768, 1024), (1200, 800), (1440, 900), (3840, 2160)]
)
def test_nothing_is_cut(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    opened(page, PHOTOGRAPH)
    assert page.evaluate(CUT) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size[0]
    told = "432 weights · 7,077,888 multiply-adds · 16 biases"
    assert page.locator(".cost").get_attribute("title") == told


@pytest.mark.context(viewport={"width": 390, "height": 844})
@pytest.mark.parametrize("link", ["/", PHOTOGRAPH])
def test_a_phone_shows_input_kernel_output_and_the_result_at_once(page: Page, link: str) -> None:
    opened(page, link)
    below = page.locator("#transport").bounding_box()
    assert below is not None
    for name in ("Input", "Kernel", "Output"):
        expect(page.get_by_role("heading", name=name, exact=True).first).to_be_in_viewport()
    result = page.locator(".result b").bounding_box()
    assert result is not None
    assert result["y"] + result["height"] <= below["y"]


@pytest.mark.context(viewport={"width": 320, "height": 640})
def test_the_smallest_page_has_no_violations(page: Page, axe: Callable[[Page], str]) -> None:
    opened(page, PHOTOGRAPH)
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert axe(page) == ""
