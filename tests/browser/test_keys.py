"""Keys: alive from the first moment and after every click; text fields and controls keep those that they use."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.support import drawn, numbers, opened, parameter, unfold

STEP = ".scrub"
# Dispatches a key as the keyboard of another country would; returns whether the page took it.
PRESS = """([key, modifiers]) => {
  const more = { ctrlKey: modifiers.includes("c"), altKey: modifiers.includes("a"), metaKey: modifiers.includes("m") };
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  (document.activeElement ?? document.body).dispatchEvent(event);
  return event.defaultPrevented;
}"""


def step(page: Page) -> int:
    """The step on view, counted from 0."""
    return int(page.locator(STEP).input_value())


def at(page: Page, wanted: int) -> None:
    expect(page.locator(STEP)).to_have_js_property("value", str(wanted))


def test_keys_act_on_a_fresh_page(page: Page) -> None:
    page.goto("/")
    numbers(page)
    assert page.evaluate("() => document.activeElement === document.body")
    start = step(page)
    for key, moved in (("ArrowRight", 1), ("ArrowDown", 9), ("ArrowUp", -9), ("ArrowLeft", -1)):
        start += moved
        page.keyboard.press(key)
        at(page, start)
    page.keyboard.press("]")
    expect(page.locator(".heading .size").nth(1)).to_have_text("filter 2 of 3")
    page.keyboard.press("u")
    unfold(page)
    expect(page.get_by_role("checkbox", name="build the output up")).to_be_checked()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    page.keyboard.press("e")
    expect(page.get_by_role("group", name="Painting the input")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("7")
    page.wait_for_function("() => location.hash.includes('source=values:')")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys and pointer")).to_be_visible()


def test_keys_act_after_a_click_on_a_button_beside_the_picture(page: Page) -> None:
    opened(page)
    unfold(page)
    for button in ("One step forward", "Play", "Last step", "Next filter", "Loop from this step"):
        page.get_by_role("button", name=button).click()
        if button == "Play":
            page.keyboard.press("Space")
            expect(page.get_by_role("button", name="Play")).to_be_visible()
        page.keyboard.press("Home")
        at(page, 0)
        page.keyboard.press("ArrowRight")
        at(page, 1)
        page.keyboard.press("Space")
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        page.keyboard.press("Space")
        expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_question_mark_opens_the_help_wherever_nothing_is_typed(page: Page) -> None:
    opened(page)
    unfold(page)
    help_sheet = page.get_by_role("dialog", name="Keys and pointer")
    for focused in (
        "#bar .actions button >> nth=0",
        "select.operation",
        "#transport .speed input",
        "#transport .building input",
        "[data-parameter=kernel] input[type=range]",
        ".sum-body",
    ):
        page.locator(focused).first.focus()
        page.keyboard.press("?")
        expect(help_sheet).to_be_visible()
        page.keyboard.press("Escape")
        expect(help_sheet).to_be_hidden()


def test_text_fields_and_controls_keep_the_keys_that_they_use(page: Page) -> None:
    opened(page)
    start = step(page)
    kernel = parameter(page, "kernel")
    for letters in ("u", "?", " ", "0", "]", "Home", "ArrowLeft"):
        kernel.press(letters)
    # A menu takes letters as the beginning of a title; slowly typed, each is one of its own. Those of no title show
    # that the page leaves a menu its keys.
    menu = page.get_by_label("Operation", exact=True)
    begins = {title[:1].lower() for title in menu.locator("option").all_inner_texts()}
    own = [key for key in "ucpewvoi" if key not in begins]
    assert len(own) > 2
    menu.focus()
    for key in own:
        page.keyboard.press(key)
        drawn(page)
    expect(page.get_by_label("Operation", exact=True)).to_be_focused()
    unfold(page)
    page.get_by_role("slider", name="Speed").focus()
    page.keyboard.press("Home")
    page.locator(".formula").focus()
    page.keyboard.press("ArrowRight")
    checkbox = page.get_by_role("checkbox", name="build the output up")
    drawn(page)
    expect(checkbox).not_to_be_checked()
    expect(page.locator(".speed-text")).to_have_text("¼ step/s")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert step(page) == start
    page.get_by_role("button", name="Examples").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog", name="Examples")).to_be_visible()
    page.keyboard.press("End")
    assert step(page) == start


def test_signs_made_with_altgr_or_option_are_those_signs_and_shortcuts_of_the_browser_stay_its_own(
    page: Page,
) -> None:
    opened(page)
    size = page.locator(".heading .size").nth(1)
    for key, modifiers, shown in (("]", "ca", 2), ("]", "a", 3), ("[", "ca", 2), ("[", "a", 1)):
        assert page.evaluate(PRESS, [key, modifiers])
        expect(size).to_have_text(f"filter {shown} of 3")
    for key, modifiers in (
        ("[", "c"),
        ("]", "m"),
        ("ArrowLeft", "a"),
        ("+", "c"),
        ("0", "c"),
        ("u", "a"),
        ("f", "c"),
    ):
        assert not page.evaluate(PRESS, [key, modifiers]), f"{modifiers} {key} is the browser's"
    expect(size).to_have_text("filter 1 of 3")


def test_a_box_in_the_help_sheet_keeps_the_keys_to_the_stage(page: Page) -> None:
    opened(page)
    start = step(page)
    page.keyboard.press("?")
    page.get_by_role("checkbox", name="Keys act only while the stage is in focus").check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Share").focus()
    page.keyboard.press("ArrowRight")
    drawn(page)
    assert step(page) == start
    page.locator("#stage").focus()
    page.keyboard.press("ArrowRight")
    at(page, start + 1)
    page.reload()
    numbers(page)
    page.keyboard.press("?")
    expect(page.get_by_role("checkbox", name="Keys act only while")).to_be_checked()


@pytest.mark.context(viewport={"width": 900, "height": 480})
def test_a_page_that_scrolls_is_scrolled_by_its_keys_until_somebody_is_at_the_stage(page: Page) -> None:
    opened(page)
    start = step(page)
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => scrollY > 0 || document.body.scrollTop > 0")
    assert step(page) == start
    page.keyboard.press("ArrowRight")
    at(page, start + 1)
    page.locator("#stage").focus()
    page.keyboard.press("ArrowDown")
    at(page, start + 10)


@pytest.mark.context(viewport={"width": 1280, "height": 560})
def test_the_skip_link_leaves_address_and_place(page: Page) -> None:
    opened(page, "/#v1&op=max_pooling&kernel=2&stride=2")
    page.keyboard.press("Tab")
    expect(page.locator("#skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#stage")).to_be_focused()
    assert "op=max_pooling" in page.evaluate("() => location.hash")
    for width, height in ((1280, 560), (1366, 768), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("() => { scrollTo(0, 500); document.body.scrollTop = 500 }")
        assert page.evaluate("() => [scrollY, document.body.scrollTop]") == [0, 0], (
            "nothing lies below the page"
        )
    page.reload()
    numbers(page)
    expect(page.locator(".shapes")).to_contain_text("max pooling")


@pytest.mark.context(viewport={"width": 390, "height": 700})
def test_the_skip_link_brings_the_stage_into_sight_where_the_page_scrolls(page: Page) -> None:
    opened(page)
    page.locator("#skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#stage")).to_be_focused()
    expect(page.locator("#canvas")).to_be_in_viewport()
    assert page.evaluate("() => location.hash") != "#stage"
