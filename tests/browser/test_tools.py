"""Undo and redo, numbers copied as text, and the plan backwards, as a person uses them."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from playwright.sync_api import Page, Route, expect

from tests.browser.support import assert_headline, drawn, headline, opened, parameter, share
from tests.browser.watch import Watch


def test_changes_are_undone_and_redone_by_keys_and_buttons(page: Page) -> None:
    opened(page)
    first = headline(page)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    parameter(page, "stride").fill("2")
    changed = headline(page)
    assert changed != first
    page.locator("#stage").focus()
    page.keyboard.press("Control+z")
    assert_headline(page, first)
    page.keyboard.press("Control+Shift+z")
    assert_headline(page, changed)
    page.get_by_role("button", name="Undo").click()
    assert_headline(page, first)
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()


def test_grids_are_copied_as_numpy_csv_and_markdown(page: Page, axe: Callable[[Page], str]) -> None:
    opened(page)
    share(page, "Numbers…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Grid").select_option(label="Output 3×9×9")
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
    dialog.get_by_label("Grid").select_option(label="Input 1×9×9")
    rows = dialog.get_by_label("Copy", exact=True).input_value().strip().split("\n")
    assert [len(row.split(",")) for row in rows] == [9] * 9
    dialog.get_by_label("As", exact=True).select_option("markdown")
    assert "| --- |" in dialog.get_by_label("Copy", exact=True).input_value()
    assert axe(page) == ""


def test_a_size_that_is_wanted_is_found_and_used(page: Page, axe: Callable[[Page], str]) -> None:
    opened(page)
    page.get_by_role("button", name="Reach a size…").click()
    dialog = page.get_by_role("dialog")
    for axis in ("row", "col"):
        dialog.get_by_label(axis, exact=True).fill("5")
    dialog.get_by_role("button", name="Find").click()
    solutions = dialog.locator(".solutions button")
    expect(solutions.first).to_be_visible()
    assert axe(page) == ""
    solutions.first.click()
    expect(dialog).to_have_count(0)
    assert_headline(page, "…3×5×5")
    page.keyboard.press("Control+z")
    assert_headline(page, "…3×9×9")


def test_what_is_being_typed_is_not_overwritten_by_numbers_that_arrive(page: Page) -> None:
    opened(page)
    page.get_by_role("button", name="Seeded noise").click()
    columns = page.get_by_label("Columns", exact=True).and_(page.locator("input"))
    columns.fill("17")
    page.evaluate("() => dispatchEvent(new Event('online'))")
    before = page.locator(".scrub").input_value()
    page.get_by_role("button", name="Play").evaluate("(button) => button.click()")
    page.wait_for_function("(step) => document.querySelector('.scrub').value !== step", arg=before)
    drawn(page, 20)
    assert columns.input_value() == "17"
    page.keyboard.press("Tab")
    assert_headline(page, "…×17 ▸…")


def test_an_intent_is_fulfilled(page: Page) -> None:
    opened(page)
    page.get_by_role("button", name="Halve the size").click()
    assert_headline(page, "…3×5×5")
    page.get_by_role("button", name="Double the size").click()
    assert_headline(page, "…3×18×18")


def test_a_layer_is_written_as_code_for_every_framework(page: Page, axe: Callable[[Page], str]) -> None:
    opened(page)
    share(page, "Code…")
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_label("This layer as code")
    for name, words in (("pytorch", "Conv2d"), ("keras", "Conv2D"), ("jax", "lax"), ("onnx", "Conv")):
        dialog.get_by_label("Framework").select_option(name)
        expect(field).to_have_value(re.compile(words))
    dialog.get_by_label("Framework").select_option("numpy")
    expect(field).to_have_value(re.compile("assert"))
    exec(field.input_value(), {})
    assert axe(page) == ""


def test_a_dialog_says_that_it_waits_for_a_busy_server(page: Page, watch: Watch) -> None:
    watch.allow("503")
    problem = {"code": "busy", "detail": "Busy.", "retry_after_s": 1}
    free = False

    def busy(route: Route) -> None:
        """However often it is asked, until somebody has seen what the page says of it."""
        if free:
            route.continue_()
        else:
            route.fulfill(status=503, headers={"Retry-After": "1"}, json=problem)

    for path in ("code", "figure"):
        page.route(f"**/api/v1/{path}", busy)
    opened(page)
    share(page, "Code…")
    status = page.get_by_role("dialog").get_by_role("status").filter(has_text="busy")
    expect(status).to_be_visible()
    free = True
    expect(page.get_by_role("dialog").get_by_label("This layer as code")).to_have_value(re.compile("Conv2d"))
    expect(status).to_be_hidden()
    page.keyboard.press("Escape")
    free = False
    share(page, "Figure…")
    expect(status).to_be_visible()
    free = True
    expect(page.get_by_role("dialog").locator("img.figure")).to_have_attribute("src", re.compile("^blob:"))
    expect(status).to_be_hidden()


def test_pasted_code_sets_the_page_and_its_errors_point_at_the_place(page: Page, watch: Watch) -> None:
    watch.allow("/api/v1/read|status of 422")
    opened(page)
    page.get_by_role("button", name="Paste code…").click()
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_label("A layer from code")
    field.fill("nn.Conv2d(3, 64, 7, stride=2, paddin=3)")
    dialog.get_by_role("button", name="Use", exact=True).or_(dialog.locator("button.primary")).first.click()
    expect(dialog.get_by_role("alert")).to_contain_text("paddin")
    chosen = field.evaluate("(one) => one.value.slice(one.selectionStart, one.selectionEnd)")
    assert "paddin" in chosen
    field.fill("nn.Conv2d(3, 16, 7, stride=2, padding=3)")
    dialog.locator("button.primary").click()
    expect(dialog).to_have_count(0)
    assert_headline(page, "3×12×12 ▸ 16 filters 7×7, stride 2 ▸ 16×6×6")


def test_pasted_code_tells_what_it_left_out_and_takes_as_many_numbers(page: Page, watch: Watch) -> None:
    opened(page)
    page.get_by_role("button", name="Paste code…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("A layer from code").fill("fc = nn.Linear(10, 3)\nrnn = nn.LSTM(3, 2)")
    dialog.locator("button.primary").click()
    status = dialog.get_by_role("status")
    expect(status).to_contain_text("One layer is read: Linear on line 1. Left out: LSTM (line 2).")
    expect(status).to_contain_text("It takes 10 numbers")
    expect(dialog.get_by_role("button", name="Close", exact=True).last).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    assert_headline(page, "1×10…")


def test_a_figure_is_shown_and_saved(page: Page, axe: Callable[[Page], str]) -> None:
    opened(page, "/#v1&op=convolution&source=sample:grid")
    share(page, "Figure…")
    dialog = page.get_by_role("dialog")
    picture = dialog.locator("img.figure")
    expect(picture).to_have_attribute("alt", re.compile("onvolution"))
    page.wait_for_function("() => document.querySelector('img.figure').naturalWidth > 100")
    assert axe(page) == ""
    for what, form, magic in (
        ("step", "svg", b"<svg"),
        ("final", "pdf", b"%PDF"),
        ("step", "png", b"PNG"),
        ("step", "tikz", b"tikz"),
        ("animation", "gif", b"GIF8"),
    ):
        dialog.get_by_label("What", exact=True).select_option(what)
        dialog.get_by_label("Format", exact=True).select_option(form)
        save = dialog.get_by_role("button", name="Save")
        expect(save).to_be_enabled()
        with page.expect_download() as saved:
            save.click()
        assert magic in saved.value.path().read_bytes()[:2000]


TWICE = {
    "examples": "() => document.querySelector('.views .examples').click()",
    "volumes": "() => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'v', bubbles: true }))",
    # Opened, closed and opened again, each of which the page hears of.
    "table": """async () => {
      const details = document.querySelector("details.table");
      for (const open of [true, false, true].slice(details.open ? 1 : 0)) {
        details.open = open;
        await new Promise((heard) => details.addEventListener("toggle", heard, { once: true }));
      }
    }""",
}


def test_what_is_asked_for_twice_before_it_has_come_opens_once(page: Page) -> None:
    opened(page)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/js/(dialogs/)?(examples|volumes|table)(-\w+)?\.js"), hold)

    def twice(what: str) -> None:
        with page.expect_request(re.compile(r"\.js")):
            page.evaluate(TWICE[what])
        page.evaluate(TWICE[what])
        drawn(page)
        held.pop().continue_()

    sheets = page.locator("dialog")
    twice("examples")
    expect(sheets).to_have_count(1)
    page.keyboard.press("Escape")
    expect(sheets).to_have_count(0)
    twice("volumes")
    expect(sheets).to_have_count(1)
    page.keyboard.press("v")
    expect(sheets).to_have_count(0)
    twice("table")
    expect(page.locator(".table-box table")).to_have_count(1)
