"""Undo and redo, numbers copied as text, and the plan backwards, as a person uses them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from playwright.sync_api import Page, expect

from tests.browser.support import headline, opened, parameter


def test_changes_are_undone_and_redone_by_keys_and_buttons(page: Page) -> None:
    opened(page)
    first = headline(page)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    parameter(page, "stride").fill("2")
    changed = headline(page)
    assert changed != first
    page.locator("#stage").focus()
    page.keyboard.press("Control+z")
    assert headline(page) == first
    page.keyboard.press("Control+Shift+z")
    assert headline(page) == changed
    page.get_by_role("button", name="Undo").click()
    assert headline(page) == first
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()


def test_grids_are_copied_as_numpy_csv_and_markdown(page: Page, axe: Callable[[Page], str]) -> None:
    opened(page)
    page.get_by_role("button", name="Copy numbers").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What to copy").select_option(label="Output 3×9×9")
    text = dialog.get_by_label("Copy", exact=True).input_value()
    space: dict[str, np.ndarray] = {}
    exec(text, {"np": np}, space)
    body = {
        "layers": [{"operation": "convolution", "filters": 3, "padding": 1}],
        "source": {"kind": "sample", "name": "cross"},
        "weights": {"kind": "preset", "name": "mixed"},
    }
    answer = page.request.post("/api/v1/run", data=body)
    np.testing.assert_array_equal(space["y"], np.array(answer.json()["output"], np.float32))
    dialog.get_by_label("As", exact=True).select_option("csv")
    dialog.get_by_label("What to copy").select_option(label="Input 1×9×9")
    rows = dialog.get_by_label("Copy", exact=True).input_value().strip().split("\n")
    assert [len(row.split(",")) for row in rows] == [9] * 9
    dialog.get_by_label("As", exact=True).select_option("markdown")
    assert "| --- |" in dialog.get_by_label("Copy", exact=True).input_value()
    assert axe(page) == ""


def test_a_size_that_is_wanted_is_found_and_used(page: Page, axe: Callable[[Page], str]) -> None:
    opened(page)
    page.get_by_role("button", name="Reach a size").click()
    dialog = page.get_by_role("dialog")
    for axis in ("row", "col"):
        dialog.get_by_label(axis, exact=True).fill("5")
    dialog.get_by_role("button", name="Find").click()
    solutions = dialog.locator(".solutions button")
    expect(solutions.first).to_be_visible()
    assert axe(page) == ""
    solutions.first.click()
    expect(dialog).to_have_count(0)
    assert headline(page).endswith("3×5×5")
    page.keyboard.press("Control+z")
    assert headline(page).endswith("3×9×9")


def test_what_is_being_typed_is_not_overwritten_by_numbers_that_arrive(page: Page) -> None:
    opened(page)
    page.locator('section[aria-labelledby="source-title"] select').first.select_option("noise")
    columns = page.get_by_label("Columns", exact=True).and_(page.locator("input"))
    columns.fill("17")
    page.evaluate("() => dispatchEvent(new Event('online'))")
    page.get_by_role("button", name="Play").evaluate("(button) => button.click()")
    page.wait_for_timeout(400)
    assert columns.input_value() == "17"
    page.keyboard.press("Tab")
    assert "×17 ▸" in headline(page)
