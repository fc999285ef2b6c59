"""The page at widths from 320 px to 4K: nothing is cut, nothing is out of reach."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.support import drawn, opened

# Every word that is painted.
PAINTED = """
const paint = CanvasRenderingContext2D.prototype.fillText;
window.painted = [];
CanvasRenderingContext2D.prototype.fillText = function (words, ...where) {
  window.painted.push(words);
  return paint.call(this, words, ...where);
};
"""
PHOTOGRAPH = "/#v1&op=convolution&source=sample:scene;size=128&filters=16&padding=1&bias=true"

# Words that are shown and cut off: a box that hides what does not fit, and a part of it that is seen in part only.
CUT = """
() => [...document.querySelectorAll(".cost span, .shapes, .place, .result, .formula p, button, .size")]
  .filter((one) => one.checkVisibility())
  .flatMap((one) => {
    let { left, top, right, bottom } = one.getBoundingClientRect();
    // The views of a narrow header are scrolled to.
    if (right - left < 2 || one.closest(".views")) return [];
    for (let box = one.parentElement; box; box = box.parentElement) {
      if (getComputedStyle(box).overflowX === "visible") continue;
      const clip = box.getBoundingClientRect();
      const scrolls = /auto|scroll/.test(getComputedStyle(box).overflowY);
      const gone = top >= clip.bottom - 1 || bottom <= clip.top + 1;
      if (gone && !scrolls) return [];
      if (scrolls) [top, bottom] = [Math.max(top, clip.top), Math.min(bottom, clip.bottom)];
      if (left < clip.left - 1 || right > clip.right + 1) return [`${one.textContent} is cut`];
      if (!scrolls && bottom > clip.bottom + 1) return [`${one.textContent} is cut below`];
    }
    return one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 ? [`${one.textContent} overflows`] : [];
  })
"""


# Things of the page's own that lie over each other: buttons and fields, headings, words, and the grids themselves.
OVERLAPPING = """
() => {
  const things = "button, select, input, h1, h2, .size, .shapes, .cost, .place, .formula, .hint, .scale";
  // The box of a sum reaches over the kernel that it stands at: it is its words that must lie over nothing.
  const ofSum = (one) => one.closest(".sum-body");
  const spoken = (one) => getComputedStyle(one).clipPath !== "none" || (ofSum(one) && spoken(one.parentElement));
  // Of a line of words a fifth above and below is empty, however large its letters.
  const inked = ({ x, y, width, height }) => new DOMRect(x, y + height / 5, width, height * 0.6);
  const boxes = (one) => ofSum(one) ? [...one.getClientRects()].map(inked) : [one.getBoundingClientRect()];
  const spots = [...document.querySelectorAll(`${things}, .sum-body :not(:has(*))`)]
    .filter((one) => one.checkVisibility() && !one.closest(".controls, dialog, .track, .views"))
    .filter((one) => !ofSum(one) || !spoken(one))
    .flatMap((one) => boxes(one).map((box) => ({ one, name: one.ariaLabel || one.textContent, box })))
    .filter(({ box }) => box.width > 2 && box.height > 2);
  const transport = document.querySelector("#transport");
  const apart = ({ one, box }, { one: other, box: beside }) =>
    one.contains(other) || other.contains(one) || (ofSum(one) && ofSum(other)) ||
    // Content that scrolls goes below the foot of a small page.
    transport.contains(one) !== transport.contains(other) ||
    Math.min(box.right, beside.right) - Math.max(box.left, beside.left) <= 1 ||
    Math.min(box.bottom, beside.bottom) - Math.max(box.top, beside.top) <= 1;
  return spots.flatMap((one, at) =>
    spots.slice(at + 1).filter((other) => !apart(one, other)).map((other) => `${one.name} over ${other.name}`));
}
"""
# Blocks of a page of text that are wider than their box shows.
WIDER = """
() => [document.documentElement, ...document.querySelectorAll("pre, p, li, dd, h1, h2")]
  .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
  .map((one) => one.textContent.slice(0, 60))
"""
POOLED = "/#v1&op=max_pooling&source=sample:grid"


@pytest.mark.parametrize(
    "size",
    [(320, 640), (390, 844), (768, 1024), (1081, 700), (1200, 800), (1440, 900), (1920, 1080), (3840, 2160)],
)
def test_nothing_is_cut_and_nothing_overlaps(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for link in (PHOTOGRAPH, POOLED):
        page.goto("about:blank")
        opened(page, link)
        expect(page.get_by_role("button", name="Paint the input")).to_be_visible()
        drawn(page)
        assert page.evaluate(CUT) == []
        assert page.evaluate(OVERLAPPING) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= size[0]
        # Everything grows with a large screen, so that the button of the line is the measure.
        row, play = (page.locator(one).bounding_box() for one in ("#transport", "#transport .play"))
        one_line = row and play and row["height"] <= 1.6 * play["height"]
        assert size[0] <= 1080 or one_line, "the transport has one line"
    # With every button and the scale beside the stage.
    page.locator("#stage").focus()
    for key in "+p":
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()
    drawn(page)
    assert page.evaluate(OVERLAPPING) == []


def test_news_of_the_connection_lie_over_no_button(page: Page) -> None:
    opened(page)
    for width, height in ((390, 844), (768, 1024), (1081, 700), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        drawn(page)
        over = page.evaluate(
            """() => {
              const news = document.querySelector(".connection");
              news.textContent = "The server cannot be reached. Trying again.";
              const box = news.getBoundingClientRect();
              const lies = ({ left, right, top, bottom }) =>
                left < box.right && right > box.left && top < box.bottom && bottom > box.top;
              return [...document.querySelectorAll("button, select")]
                .filter((one) => one.checkVisibility() && lies(one.getBoundingClientRect()))
                .map((one) => one.ariaLabel ?? one.textContent);
            }"""
        )
        assert over == [], (width, height)


def test_the_cost_is_told_in_full(page: Page) -> None:
    opened(page, PHOTOGRAPH)
    cost = "432 weights · 7,077,888 multiply-adds · 16 biases"
    assert page.locator(".cost").get_attribute("title") == cost


def test_nothing_is_cut_in_a_frame(page: Page) -> None:
    page.set_viewport_size({"width": 480, "height": 270})
    opened(page, f"/embed{PHOTOGRAPH[1:]}")
    expect(page.locator(".place")).to_contain_text("step 4,889 of 16,384")
    for width, height in ((480, 270), (720, 405), (960, 540)):
        page.set_viewport_size({"width": width, "height": height})
        drawn(page, 3)
        assert page.evaluate(CUT) == []
        assert page.evaluate(OVERLAPPING) == []


def test_paper_has_no_words_on_the_picture_however_early_it_is_printed(page: Page) -> None:
    opened(page)
    for _ in ("the layout of the screen", "the layout for paper"):
        page.emulate_media(media="print")
        # At one moment: the layout for paper may come between two questions.
        bottom, top = page.evaluate(
            """() => [document.querySelector("#canvas").getBoundingClientRect().bottom,
              document.querySelector("#readout").getBoundingClientRect().top]"""
        )
        assert bottom <= top + 1
        page.emulate_media(media="screen")
        # The style sheet needs nothing; the script for paper says that it has come.
        expect(page.locator(".printed")).to_be_attached()


@pytest.mark.context(viewport={"width": 1440, "height": 900})
def test_what_is_opened_below_the_stage_can_be_reached(page: Page, axe: Callable[[Page], str]) -> None:
    opened(page)
    for name in ("This step as a table", "In frameworks"):
        page.get_by_text(name, exact=True).click()
    expect(page.locator(".table-box tbody tr")).to_have_count(9)
    expect(page.locator(".frameworks li").first).to_be_visible()
    drawn(page)
    assert axe(page) == ""
    last = page.get_by_role("button", name="Channels and filters as volumes")
    last.scroll_into_view_if_needed()
    box, below = last.bounding_box(), page.locator("#transport").bounding_box()
    assert box is not None
    assert below is not None
    assert box["y"] + box["height"] <= below["y"]


@pytest.mark.parametrize("size", [(390, 844), (1440, 900)])
def test_a_page_of_text_has_no_line_that_is_cut(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for address in ("/api", "/handbook"):
        page.goto(address)
        assert page.evaluate(WIDER) == []


@pytest.mark.context(viewport={"width": 390, "height": 844})
@pytest.mark.parametrize("link", ["/", PHOTOGRAPH])
def test_a_phone_shows_input_kernel_output_and_the_result_at_once(page: Page, link: str) -> None:
    opened(page, link)
    drawn(page)
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


def test_the_opening_picture_prints_the_numbers_of_its_cells(page: Page) -> None:
    page.add_init_script(PAINTED)
    opened(page)
    cells = 9 * 9 + 4 * 10 + 9 * 9 + 3 * 3  # input and its padding, output, kernel
    # A phone prints them all, a lower or narrower one those of the output, of the window and of the kernel.
    few = 9 * 9 + 2 * 3 * 3
    sizes = [
        (768, 1024),
        (768, 900),
        (780, 600),
        (900, 700),
        (1024, 768),
        (1080, 700),
        (1081, 700),
        (1180, 800),
    ]
    low = [(1024, 600), (1280, 620), (1440, 600), (1366, 625)]
    for width, height in [*sizes, *low, (1280, 720), (1920, 1080), (390, 844), (390, 664), (360, 780)]:
        most = few if width < 400 and (height < 800 or width < 390) else cells
        page.set_viewport_size({"width": 700, "height": 500})  # the next is laid out and painted anew
        drawn(page, 3)
        page.evaluate("() => { window.painted = []; }")
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(
            f"() => window.painted.filter((words) => /^−?[\\d.]+$/.test(words)).length >= {most}"
        )


MANY = (
    "/#v1&op=convolution&padding=1&filters=3&source=noise:64x28x28&weights=preset:mixed",
    "/#v1&op=transposed_convolution&kernel=4&stride=2&padding=1&filters=32&source=noise:64x28x28&weights=preset:mixed",
    "/#v1&op=dense&filters=64&source=sample:cross",
    "/#v1&op=max_pooling&source=noise:64x28x28",
    "/#v1&op=convolution&source=noise:2x40x8x8",
)
# The picture ends where the words about it begin.
OVER_TEXT = """
() => document.querySelector("#canvas").getBoundingClientRect().bottom
  - document.querySelector("#readout").getBoundingClientRect().top
"""


@pytest.mark.parametrize("size", [(1366, 768), (1280, 720), (768, 1024), (390, 844)])
def test_small_maps_of_many_channels_do_not_lie_over_text(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for link in MANY:
        page.goto("about:blank")
        opened(page, link)
        drawn(page)
        assert page.evaluate(OVER_TEXT) <= 6, link
        assert page.evaluate(OVERLAPPING) == [], link


@pytest.mark.context(viewport={"width": 1366, "height": 768})
def test_small_maps_are_paged_through_to_the_last(page: Page) -> None:
    opened(page, MANY[0])
    pager = page.locator(".pager:visible")
    expect(pager).to_contain_text("1–40 of 64")
    after = page.get_by_role("button", name="Small maps of the input after these")
    before = page.get_by_role("button", name="Small maps of the input before these")
    expect(before).to_have_attribute("aria-disabled", "true")
    after.click()
    expect(pager).to_contain_text("41–64 of 64")
    expect(page.get_by_label("Channel on view")).to_have_value("40")
    expect(after).to_have_attribute("aria-disabled", "true")
    before.click()
    expect(pager).to_contain_text("1–40 of 64")


@pytest.mark.parametrize("width", [320, 360])
def test_open_tables_do_not_widen_a_phones_page(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 780})
    volume = "/#v1&op=convolution&source=noise:3x6x6x6&bias=true"
    stamped = "/#v1&op=transposed_convolution&source=noise:2x6x6x6"  # whose name in frameworks is the longest
    for link in (PHOTOGRAPH, volume, stamped):
        page.goto("about:blank")
        opened(page, link)
        for name in ("This step as a table", "In frameworks"):
            page.get_by_text(name, exact=True).click()
        expect(page.locator(".table-box tbody tr").first).to_be_visible()
        drawn(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (360, 780)])
def test_the_table_of_a_step_shows_whole_rows_and_its_sum(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    opened(page, PHOTOGRAPH)
    page.get_by_text("This step as a table", exact=True).click()
    expect(page.locator(".table-box tbody tr")).to_have_count(27)
    drawn(page, 4)
    box = page.locator(".table-box").bounding_box()
    last = page.locator(".table-box tfoot tr").last.bounding_box()
    foot = page.locator(".table-box tfoot").bounding_box()
    transport = page.locator("#transport").bounding_box()
    assert box is not None
    assert last is not None
    assert foot is not None
    assert transport is not None
    assert last["y"] + last["height"] <= box["y"] + box["height"] + 1
    assert last["y"] + last["height"] <= transport["y"]
    cut = [
        row
        for row in page.locator(".table-box tbody tr").all()
        if (edge := row.bounding_box()) and edge["y"] < foot["y"] - 2 < edge["y"] + edge["height"] - 4
    ]
    assert not cut


def test_a_sum_that_is_only_rounding_is_about_zero_on_the_page(page: Page) -> None:
    opened(page, "/#v1&op=dense&filters=64&source=sample:cross")
    expect(page.locator(".result")).to_have_text(re.compile(r"≈\s*0$"))
