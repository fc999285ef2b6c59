"""The page in a real browser: a person's way from a photograph to sums that can be checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from app.images.samples.samples import sample_list
from tests.browser.support import (
    array,
    assert_headline,
    comes_to,
    drawn,
    grid,
    headline,
    number,
    numbers,
    opened,
    parameter,
    photograph,
    result,
    terms,
    unfold,
    upload,
)


def run(page: Page, **body: Any) -> Any:
    """The API's answer to one run."""
    answer = page.request.post("/api/v1/run", data=body)
    assert answer.ok, answer.text()
    return answer.json()


def test_the_page_opens_with_numbers(page: Page, axe: Callable[[Page], str]) -> None:
    opened(page)
    assert_headline(page, "1×9×9 ▸ 3 filters 3×3, stride 1 ▸ 3×9×9")
    assert sum(value * weight for value, weight in terms(page)) == pytest.approx(result(page), abs=1e-3)
    assert axe(page) == ""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_has_the_colours_of_the_words(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    opened(page)
    missing = page.evaluate(
        """() => {
          const seen = new Set();
          for (const canvas of document.querySelectorAll("canvas")) {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            for (let at = 0; at < data.length; at += 4) seen.add(data.slice(at, at + 3).join(", "));
          }
          const words = [...document.querySelectorAll(".heading h2")];
          return words.filter((one) => {
            const [red, green, blue] = getComputedStyle(one).color.match(/\\d+/g);
            return !seen.has(`${red}, ${green}, ${blue}`);
          }).map((one) => one.textContent);
        }"""
    )
    assert missing == []


@pytest.mark.context(color_scheme="dark")
def test_the_dark_page_has_no_violations(page: Page, axe: Callable[[Page], str]) -> None:
    opened(page)
    page.get_by_text("This step as a table").click()
    expect(page.locator(".table-box tbody tr")).to_have_count(9)
    page.get_by_text("Edit values of this filter").click()
    expect(page.locator(".weights input")).to_have_count(9)
    assert axe(page) == ""


def test_a_photograph_of_512_is_convolved_played_and_scrubbed(page: Page) -> None:
    opened(page)
    upload(page, "photo.png", photograph(512))
    assert_headline(page, "3×128×128…")
    size = page.get_by_label("Rows", exact=True)
    size.fill("512")
    size.press("Tab")
    parameter(page, "filters").fill("8")
    parameter(page, "stride").fill("2")
    parameter(page, "dilation").fill("2")
    page.locator("[data-parameter=padding] select").select_option("same")
    expect(page.locator(".shapes")).to_have_text(re.compile("8×256×256"))
    numbers(page)
    link = page.evaluate("() => performance.getEntriesByType('resource').map((one) => one.name)")
    assert all(name.startswith(page.url.split("/#")[0].rstrip("/")) for name in link)

    page.get_by_role("slider", name="Step", exact=True).fill("30000")
    source = {"kind": "image", "id": image_id(page), "size": 512, "channels": "own", "scale": "0-1"}
    layer = {"operation": "convolution", "filters": 8, "stride": 2, "dilation": 2, "padding": "same"}
    answer = run(
        page,
        layers=[layer],
        source=source,
        weights={"kind": "preset", "name": "mixed", "seed": 0},
        include=["output", "input", "weight"],
    )
    row, col = divmod(30000, 256)
    expect(page.locator(".transport .place")).to_have_text(f"step 30,001 of 65,536 · row {row}, col {col}")
    assert result(page) == pytest.approx(answer["output"][0][row][col], abs=2e-4)
    shown = terms(page)
    assert len(shown) == 27
    worked = sum(
        answer["input"][channel][row * 2 - 1 + 2 * down][col * 2 - 1 + 2 * across]
        * answer["weight"][0][channel][down][across]
        for channel in range(3)
        for down in range(3)
        for across in range(3)
    )
    assert worked == pytest.approx(answer["output"][0][row][col], abs=1e-5)
    assert sum(value * weight for value, weight in shown) == pytest.approx(worked, abs=0.02)

    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => Number(document.querySelector('.scrub').value) > 30002")
    page.get_by_role("button", name="Pause").click()
    step = int(page.get_by_role("slider", name="Step", exact=True).input_value())
    row, col = divmod(step, 256)
    assert result(page) == pytest.approx(answer["output"][0][row][col], abs=2e-4)


def image_id(page: Page) -> str:
    """The id of the uploaded picture, from the choice of uploads."""
    return str(page.locator(".source [data-id][aria-pressed=true]").get_attribute("data-id"))


def test_64_filters_on_6_by_6_by_3_show_3_by_3_by_64(page: Page) -> None:
    opened(page)
    page.get_by_role("button", name="Seeded noise").click()
    for label, value in (("Channels", "3"), ("Rows", "6"), ("Columns", "6")):
        page.get_by_label(label, exact=True).and_(page.locator("input")).fill(value)
        page.keyboard.press("Tab")
    parameter(page, "stride").fill("2")
    parameter(page, "padding").fill("1")
    parameter(page, "filters").fill("64")
    assert_headline(page, "3×6×6 ▸ 64 filters 3×3, stride 2 ▸ 64×3×3")
    numbers(page)


def test_the_grid_does_not_wait_for_the_server(page: Page) -> None:
    """With a socket that never answers, shapes, formula and window follow the slider; no number is shown."""

    def silent(route: WebSocketRoute) -> None:
        route.on_message(lambda _: None)

    page.route_web_socket(re.compile("stream"), silent)
    page.route(re.compile("/api/v1/frames"), lambda _: None)
    page.goto("/")
    page.get_by_role("slider", name="Stride").fill("2")
    expect(page.locator(".shapes")).to_have_text("1×9×9▸3 filters 3×3, stride 2▸3×5×5")
    expect(page.locator(".formula")).to_contain_text("⌊(9 + 2·1 − 3) / 2⌋ + 1 = 5")
    expect(page.locator(".sum-body")).to_have_text("Waiting for numbers…")


def test_only_numbers_of_the_newest_setting_appear(page: Page) -> None:
    opened(page)
    for kernel in (1, 5, 2, 7, 4, 6, 3, 5):
        parameter(page, "kernel").fill(str(kernel))
    page.get_by_role("slider", name="Step", exact=True).fill("0")
    page.wait_for_function("() => document.querySelectorAll('.term').length === 25")
    expect(page.locator(".sum-title")).to_have_text("Output row 0, col 0")
    body: dict[str, Any] = {
        "layers": [{"operation": "convolution", "kernel": 5, "filters": 3, "padding": 1}],
        "source": {"kind": "sample", "name": "cross"},
        "weights": {"kind": "preset", "name": "mixed"},
    }
    answer = run(page, **body, include=["output"])
    assert result(page) == pytest.approx(answer["output"][0][0][0], rel=1e-3)


def test_a_setting_that_does_not_fit_says_what_would(page: Page, axe: Callable[[Page], str]) -> None:
    opened(page)
    parameter(page, "kernel").fill("15")
    row = page.locator("[data-parameter=kernel]")
    expect(row.locator(".problem")).to_contain_text(
        "It spans 15 cells, and axis row has 11 with its padding."
    )
    expect(page.get_by_role("alert")).to_contain_text("A window of 15 does not fit in an input of 9")
    expect(page.locator("#stage")).to_have_class(re.compile("stale"))
    expect(page.locator(".shapes .refused-head")).to_have_text("1×9×9▸3 filters 15×15, stride 1▸no output")
    expect(page.get_by_role("region", name="Size formula")).to_contain_text("⌊(9 + 2·1 − 15) / 1⌋ + 1 = −3")
    # The transport rests, and says why.
    expect(page.get_by_role("button", name="Play")).to_be_disabled()
    expect(page.locator("#transport")).to_contain_text("waiting: no output")
    assert axe(page) == ""
    # Other ways to make room are offered too.
    expect(page.get_by_role("alert").get_by_role("button", name="Use padding 3")).to_be_visible()
    row.get_by_role("button", name="Use 11").click()
    expect(page.locator("#stage")).not_to_have_class(re.compile("stale"))
    assert_headline(page, "1×9×9 ▸ 3 filters 11×11, stride 1 ▸ 3×1×1")
    expect(page.get_by_role("slider", name="Step", exact=True)).to_be_enabled()


def test_the_keys_move_the_window_only_on_the_stage(page: Page) -> None:
    opened(page)
    step = page.get_by_role("slider", name="Step", exact=True)
    page.locator("#stage").focus()
    page.keyboard.press("Home")
    expect(step).to_have_value("0")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(step).to_have_value("10")
    page.keyboard.press("End")
    expect(step).to_have_value("80")
    page.keyboard.press("]")
    expect(page.locator(".heading").nth(1)).to_contain_text("filter 2 of 3")
    page.get_by_role("combobox", name="Operation").focus()
    page.keyboard.press("Home")
    expect(step).to_have_value("80")
    page.locator("#stage").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_the_address_holds_the_whole_setting(page: Page) -> None:
    opened(page)
    parameter(page, "dilation").fill("2")
    page.get_by_role("combobox", name="Activation").select_option("relu")
    page.get_by_role("button", name="Laplacian").click()
    page.get_by_role("slider", name="Step", exact=True).fill("7")
    parts = ["dilation=2", "relu", "laplacian", "step=7"]
    page.wait_for_function("(parts) => parts.every((part) => location.hash.includes(part))", arg=parts)
    numbers(page)
    shown = (headline(page), result(page), page.locator(".transport .place").inner_text())
    page.reload()
    numbers(page)
    comes_to(
        page,
        lambda: (headline(page), result(page), page.locator(".transport .place").inner_text()),
        shown,
    )


def test_a_weight_is_edited_in_place(page: Page) -> None:
    opened(page)
    page.get_by_text("Edit values of this filter").click()
    field = page.get_by_label("Weight at channel 1, row 1, col 1")
    field.fill("0.5")
    field.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.term .kernel')[4]?.textContent === '0.5'")
    assert sum(value * weight for value, weight in terms(page)) == pytest.approx(result(page), abs=1e-3)
    page.get_by_role("button", name="Reset edits").click()
    page.wait_for_function("() => document.querySelectorAll('.term .kernel')[4]?.textContent === '0'")


def test_a_file_that_is_no_picture_is_refused_in_words(page: Page, watch: Any) -> None:
    watch.allow(r"4\d\d")
    opened(page)
    upload(page, "notes.png", b"these are words and no picture")
    expect(page.locator("#banner")).to_contain_text("picture")
    expect(page.locator("#stage")).not_to_have_class(re.compile("stale"))
    assert_headline(page, "1×9×9 ▸ 3 filters 3×3, stride 1 ▸ 3×9×9")
    parameter(page, "stride").fill("2")
    expect(page.locator("#banner")).to_be_empty()


def test_arrays_become_the_input_and_the_weights(page: Page) -> None:
    opened(page)
    upload(page, "input.npy", array(np.arange(48, dtype=np.float32).reshape(3, 4, 4)))
    expect(page.locator(".shapes")).to_contain_text("3×4×4")
    weights = np.zeros((3, 3, 3, 3), np.float32)
    weights[0, 0, 1, 1] = 2
    chooser = page.get_by_label("Load .npy, .npz…")
    content = array(weights)
    chooser.set_input_files({"name": "w.npy", "mimeType": "application/octet-stream", "buffer": content})
    page.get_by_role("slider", name="Step", exact=True).fill("5")
    page.wait_for_function("() => document.querySelector('.result b')?.textContent === '10'")
    # The first axis of an array are its channels or not: a volume of one channel, a series of several.
    page.get_by_label("Read as").select_option("1 channel of 3×4×4")
    assert_headline(page, "1×3×4×4…")
    upload(page, "series.npy", array(np.arange(40, dtype=np.float32).reshape(2, 20)))
    assert_headline(page, "1×2×20…")
    page.get_by_label("Read as").select_option("2 channels of 20")
    assert_headline(page, "2×20…")


def test_a_lost_connection_mends_itself(page: Page) -> None:
    """The socket closes and comes back: the numbers of what was chosen meanwhile appear."""
    sockets: list[WebSocketRoute] = []

    def through(route: WebSocketRoute) -> None:
        sockets.append(route)
        route.connect_to_server()

    page.route_web_socket(re.compile("stream"), through)
    opened(page)
    sockets[0].close()
    parameter(page, "stride").fill("2")
    numbers(page)
    assert_headline(page, "…3×5×5")


def test_a_click_on_the_picture_moves_the_window_and_edits_the_kernel(page: Page) -> None:
    opened(page)
    page.mouse.click(*grid(page, "output", 9).cell_at(0, 0))
    expect(page.get_by_role("slider", name="Step", exact=True)).to_have_value("0")
    page.mouse.click(*grid(page, "kernel", 3).cell_at(0, 0))
    field = page.get_by_label("Weight at channel 1, row 0, col 0")
    field.fill("1/2")
    field.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.term .kernel')[0]?.textContent === '0.5'")


def test_typed_values_become_the_input(page: Page) -> None:
    opened(page)
    unfold(page)
    page.get_by_role("button", name="Type values…").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("1 2 3\n4 5 6\n7 8 x")
    page.get_by_role("button", name="Use these values").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("“x”")
    page.get_by_role("dialog").get_by_role("textbox").fill("1 2 3\n4 5 6\n7 8 9")
    page.get_by_role("button", name="Use these values").click()
    assert_headline(page, "1×3×3…")


def test_max_pooling_marks_the_winner(page: Page) -> None:
    opened(page)
    page.get_by_role("combobox", name="Operation").select_option("max_pooling")
    expect(page.locator(".winner").first).to_be_visible()
    assert number(page.locator(".winner").first.inner_text()) == result(page)
    # Of many values some are told, and the largest among them.
    page.get_by_role("combobox", name="Operation").select_option("global_max_pooling")
    expect(page.locator(".terms")).to_have_text(re.compile(r"… 71 more, 1 \) =\s+1\s*$"))
    assert page.locator(".winner").inner_text() == "1"


def test_every_sample_can_be_chosen(page: Page) -> None:
    opened(page)
    unfold(page)
    for sample in sample_list():
        page.get_by_role("button", name=sample["title"], exact=True).click()
        numbers(page)
        assert page.locator("#banner").inner_text() == ""


def test_no_width_scrolls_sideways(page: Page, axe: Callable[[Page], str]) -> None:
    opened(page)
    for width in (1440, 768, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        drawn(page, 3)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        if width in (768, 320):  # the others are looked at with what is open on them
            assert axe(page) == ""


@pytest.mark.context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
def test_on_a_phone_the_settings_open_as_a_sheet(page: Page, axe: Callable[[Page], str]) -> None:
    opened(page)
    expect(page.locator("#controls")).to_be_hidden()
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("slider", name="Stride")).to_be_visible()
    assert axe(page) == ""
    page.keyboard.press("Escape")
    expect(page.locator("#controls")).to_be_hidden()
