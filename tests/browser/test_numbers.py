"""Number boxes: decimal commas, keys that count, and a message and the old number for text that is none."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.support import assert_headline, comes_to, grid, numbers, opened, parameter, share, unfold


def typed(box: Locator, words: str) -> None:
    """Typed by hand over what stood there, and left with the tab key."""
    box.fill("")
    box.press_sequentially(words)
    box.press("Tab")


def test_a_decimal_comma_is_a_point(page: Page) -> None:
    opened(page, "/#v1&op=convolution&padding=1&padding_mode=constant&source=sample:cross")
    value = parameter(page, "padding_value")
    value.fill("")
    for letter, shown in (("0", "0"), (",", "0,"), ("5", "0,5")):
        value.press_sequentially(letter)
        expect(value).to_have_value(shown)  # what is being typed stays as it is typed
    page.wait_for_function("() => location.hash.includes('padding_value=0.5')")
    value.press("Tab")
    expect(value).to_have_value("0.5")
    unfold(page)
    weight = page.locator(".weights input").first
    typed(weight, "−1,25")
    page.wait_for_function("() => /edits=0:-1.25/.test(location.hash)")
    expect(weight).to_have_value("-1.25")


# Each kind of box on the page: a parameter's, one for each side, the weights' editor, the seed and the shape of noise.
BOXES = (
    ("[data-parameter=kernel] input.number", "3"),
    ("[data-parameter=filters] input.number", "3"),
    ("[data-parameter=padding] .sides input.number", "1"),
    ("[data-parameter=padding_value] input.number", "0"),
    ("[aria-labelledby=source-title] [aria-label=Seed]", "7"),
    ("[aria-labelledby=source-title] [aria-label=Rows]", "9"),
    (".weights input", None),
)


def test_text_that_is_no_number_is_rejected_and_the_old_number_is_back(page: Page) -> None:
    link = "/#v1&op=convolution&kernel=3&filters=3&padding=1:1,2:0&padding_mode=constant"
    opened(page, f"{link}&source=noise:1x9x9;seed=7")
    unfold(page)
    shapes = page.locator(".shapes").inner_text()
    note = page.get_by_role("alert").filter(has_text="is back")
    for box, known in BOXES:
        field = page.locator(box).first
        before = known or field.input_value()
        for words in ("", "abc", "1.2.3"):
            typed(field, words)
            expect(field).to_have_value(before)
            expect(note).to_have_count(1)
            expect(note).to_contain_text(f"“{words}” is not a" if words else "Nothing was typed")
            expect(note).to_contain_text(f"{before} is back")
        # The setting is back at once, and its shapes with the next frame.
        expect(page.locator(".shapes"), box).to_have_text(shapes, use_inner_text=True)
        field.press_sequentially("2")
        expect(note).to_have_count(0)
        typed(field, before)


def test_a_weight_edited_on_the_stage_rejects_text_with_a_message(page: Page) -> None:
    opened(page)
    weight = grid(page, "kernel", 3).cell_at(1, 1)
    for words, message in (("x", "“x” is not a number"), ("", "Nothing was typed"), ("0,5", "")):
        page.mouse.click(*weight)
        field = page.locator("input.in-place")
        field.fill(words)
        field.press("Enter")
        expect(field).to_have_count(0)
        if message:
            expect(page.locator(".below-place")).to_contain_text(message)
    page.wait_for_function("() => /edits=\\d+:0.5/.test(location.hash)")


def test_a_number_out_of_bounds_in_a_sheet_is_said_and_not_quietly_made_another(page: Page) -> None:
    opened(page)
    share(page, "Figure…")
    dialog = page.get_by_role("dialog")
    width = dialog.get_by_label("Width, mm")
    for words in ("", "wide", "0", "9999"):
        typed(width, words)
        expect(width).to_have_value("160")
        expect(dialog.get_by_role("alert")).to_contain_text("from 20 to 600")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Reach a size…").click()
    rows = dialog.get_by_label("row", exact=True)
    typed(rows, "many")
    expect(rows).to_have_value("9")
    expect(dialog.get_by_role("alert")).to_contain_text("“many” is not a whole number from 1 to 16,777,216")


def test_arrow_keys_count(page: Page) -> None:
    opened(page)
    kernel = parameter(page, "kernel")
    kernel.press("ArrowUp")
    kernel.press("ArrowUp")
    expect(kernel).to_have_value("5")
    kernel.press("ArrowDown")
    numbers(page)
    assert_headline(page, "1×9×9 ▸ 3 filters 4×4…")
    comes_to(page, kernel.input_value, "4")
