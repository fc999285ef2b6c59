"""The stage in a real browser: magnified, pinned, painted on and compared, with pointer and keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.support import drawn, grid, number, result, terms, unfold

SCENE = "/#v1&op=convolution&padding=same&source=sample:scene;size=256&channel=0"


def at(page: Page, link: str) -> None:
    """The page at a link, with its numbers and the tools of the stage."""
    page.goto(link)
    page.wait_for_function(
        "() => document.querySelector('.result b') && document.querySelector('.stage-tools button')"
    )


def cell_of(page: Page, place: tuple[float, float]) -> tuple[float, float]:
    """A point of the window, at shares of the canvas."""
    box = page.locator("#canvas").bounding_box()
    assert box
    return round(box["x"] + place[0] * box["width"]), round(box["y"] + place[1] * box["height"])


def test_a_large_picture_is_magnified_dragged_and_read_exactly(
    page: Page, axe: Callable[[Page], str]
) -> None:
    at(page, SCENE)
    scale = page.locator(".stage-tools .scale")
    point = cell_of(page, (0.15, 0.35))
    page.mouse.move(*point)
    cell = page.locator(".cell-value")
    expect(cell).to_be_visible()
    words = cell.inner_text()
    for _ in range(9):
        page.mouse.wheel(0, -120)
    expect(scale).to_have_text(re.compile(r"^\d+×$"))
    page.mouse.move(point[0] + 1, point[1])
    expect(cell).to_have_text(words)  # what was under the pointer still is
    place = re.search(r"row (\d+), col (\d+): red ([\d.]+)", words)
    assert place
    answer = page.request.post(
        "/api/v1/run",
        data={
            "layers": [{"operation": "convolution", "padding": "same"}],
            "source": {"kind": "sample", "name": "scene", "size": 256},
            "include": ["input"],
        },
    ).json()
    assert float(place[3]) == pytest.approx(answer["input"][0][int(place[1])][int(place[2])], rel=1e-7)

    before = page.locator(".scrub").input_value()
    page.mouse.down()
    page.mouse.move(point[0] + 80, point[1] + 40, steps=4)
    page.mouse.up()
    drawn(page)
    expect(page.locator(".scrub")).to_have_value(before)  # dragged, not clicked
    page.mouse.move(*point)
    expect(cell).not_to_have_text(words)
    assert axe(page) == ""
    page.locator("#stage").focus()
    page.keyboard.press("0")
    expect(scale).to_have_text("")


def test_keys_magnify_and_the_address_keeps_it(page: Page) -> None:
    at(page, SCENE)
    page.locator("#stage").focus()
    for _ in range(4):
        page.keyboard.press("+")
    scale = page.locator(".stage-tools .scale")
    expect(scale).to_have_text("3.8×")
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function("() => location.hash.includes('zoom=3.84')")
    kept = page.evaluate("() => location.hash")
    page.goto("about:blank")
    at(page, f"/{kept}")
    expect(scale).to_have_text("3.8×")
    page.get_by_role("button", name="Farther (−)").click()
    expect(scale).to_have_text("2.7×")
    page.get_by_role("button", name="Show all (0)").click()
    expect(scale).to_have_text("")
    page.locator("#stage").focus()
    speed = page.locator(".speed-text")
    before = speed.text_content() or ""
    page.keyboard.press(".")
    expect(speed).not_to_have_text(before)


def test_a_second_pin_compares_and_escape_lets_go(page: Page, axe: Callable[[Page], str]) -> None:
    at(page, "/#v1&op=convolution&padding=1&source=sample:cross")
    canvas = page.locator("#canvas").bounding_box()
    assert canvas
    panel = page.get_by_role("region", name="The two pinned steps")
    page.locator("#stage").focus()
    page.keyboard.press("Home")
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Pin this step (p)")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("p")
    expect(panel.locator(".pin-side")).to_have_count(2)
    values = [
        [number(word or "0") for word in side.locator(".pin-window td").all_inner_texts()]
        for side in panel.locator(".pin-side").all()
    ]
    differing = sum(a != b for a, b in zip(*values, strict=True))
    expect(panel.get_by_role("status")).to_contain_text(f"{differing} of 9 terms differ")
    expect(panel.locator(".pin-side").first.locator(".term.differs")).to_have_count(differing)
    sums = [number(word) for word in panel.locator(".result b").all_inner_texts()]
    expect(panel.get_by_role("status")).to_contain_text(f"B − A = {sums[1] - sums[0]:g}".replace("-", "−"))
    assert axe(page) == ""
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator(".sum-body .result")).to_be_visible()

    # a click on an output cell goes there and pins it, a second on the same lets go
    output = page.locator(".heading").nth(2).bounding_box()
    assert output
    point = (output["x"] + 60, output["y"] + 90)
    page.mouse.click(*point)
    unpin = page.get_by_role("button", name="Unpin (Esc)")
    expect(unpin.first).to_be_visible()
    page.mouse.click(*point)
    expect(unpin.first).to_be_hidden()


def test_the_input_is_painted_by_pointer_and_keys_and_undone(page: Page, axe: Callable[[Page], str]) -> None:
    at(page, "/#v1&op=convolution&padding=1&source=sample:cross&step=0")
    before = page.locator(".sum-body").inner_text()
    page.locator("#stage").focus()
    page.keyboard.press("e")
    bar = page.get_by_role("group", name="Painting the input")
    bar.get_by_label("Paint with").fill("2.5")
    page.keyboard.press("Enter")
    page.locator("#stage").focus()
    cells = grid(page, "input", 9)
    x, y = cells.cell_at(0, 0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*cells.cell_at(0, 5), steps=2)
    page.mouse.up()
    painted = page.locator(".term .input")
    expect(painted.filter(has_text="2.5")).to_have_count(
        2
    )  # the two of the first row that the first window reads
    assert page.locator(".scrub").input_value() == "0"  # a stroke pins nothing and goes nowhere
    shown = terms(page)
    assert sum(value * weight for value, weight in shown) == pytest.approx(result(page), abs=1e-3)
    assert axe(page) == ""

    for key in ("ArrowDown", "7"):
        page.keyboard.press(key)
    expect(page.locator("#status")).to_have_text("Input row 1, col 0: 7")
    expect(painted.filter(has_text=re.compile("^7$"))).to_have_count(1)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(painted.filter(has_text="2.5")).to_have_count(0)
    page.locator(".result b").wait_for()
    assert page.locator(".sum-body").inner_text() == before
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()


def test_a_channel_of_a_series_is_painted_and_the_numbers_follow(page: Page) -> None:
    at(page, "/#v1&op=convolution&padding=same&source=noise:2x12;seed=3&channel=1&step=4")
    page.locator("#stage").focus()
    page.keyboard.press("e")
    expect(page.get_by_role("group", name="Painting the input")).to_be_visible()
    for key in ("7", "ArrowRight", "3", "Escape"):
        page.keyboard.press(key)
    page.wait_for_function("() => location.hash.includes('values:2x12') && location.hash.includes('axes=1')")
    noise = np.random.default_rng(3).standard_normal((2, 12), np.float32)
    noise[1, 4:6] = 7, 3
    body = {
        "layers": [{"operation": "convolution", "padding": "same"}],
        "source": {"kind": "values", "values": noise.tolist(), "axes": 1},
        "weights": {"kind": "preset", "name": "mixed"},
        "include": ["output"],
    }
    expected = page.request.post("/api/v1/run", data=body).json()["output"][0][4]
    page.wait_for_function("() => document.querySelector('.result b') !== null")
    assert result(page) == pytest.approx(expected, rel=1e-3)
    assert sum(value * weight for value, weight in terms(page)) == pytest.approx(expected, abs=2e-3)


def test_an_input_too_large_to_paint_says_why(page: Page) -> None:
    at(page, SCENE)
    page.get_by_role("button", name="Paint the input (e)").click()
    bar = page.get_by_role("group", name="Painting the input")
    expect(bar).to_contain_text("196,608 numbers")
    expect(bar.get_by_label("Paint with")).to_be_hidden()
    page.mouse.click(*cell_of(page, (0.15, 0.35)))
    expect(
        page.get_by_role("button", name="Unpin (Esc)").first
    ).to_be_visible()  # a click does what it always does


def test_two_settings_are_compared_in_lock_step(page: Page, axe: Callable[[Page], str]) -> None:
    link = "/#v1&op=convolution&padding=1&filters=3&source=sample:cross&step=0"
    at(page, link)
    page.locator("#stage").focus()
    page.keyboard.press("c")
    panel = page.locator(".compare")
    words = panel.get_by_role("status")
    expect(words).to_have_text(
        "All 81 output cells of filter 1 are the same. So are those of all 3 filters: 243 cells."
    )
    unfold(page)
    page.locator("[data-parameter=padding_mode] select").select_option("reflect")
    body = {
        "source": {"kind": "sample", "name": "cross"},
        "weights": {"kind": "preset", "name": "mixed"},
        "include": ["output"],
    }
    layer = {"operation": "convolution", "padding": 1, "filters": 3}
    ours, theirs = (
        np.array(page.request.post("/api/v1/run", data={**body, "layers": [spec]}).json()["output"])
        for spec in (layer, {**layer, "padding_mode": "reflect"})
    )
    apart = abs(ours - theirs)
    maps = [lane + 1 for lane in range(3) if apart[lane].any()]
    which = "every one of the 3 filters" if len(maps) == 3 else f"{len(maps)} of 3 filters: {str(maps)[1:-1]}"
    said = (
        f"{(apart[0] > 0).sum()} of 81 output cells of filter 1 differ, by {apart[0].max():g} at most. "
        f"Together {(apart > 0).sum()} of 243 differ, by {apart.max():g} at most, in {which}."
    )
    expect(words).to_have_text(said)
    page.wait_for_function("() => /against=/.test(location.hash) && /reflect/.test(location.hash)")
    page.reload()  # both sides are in the address
    expect(words).to_have_text(said)
    one, other = ours[0], theirs[0]
    sides = panel.locator(".compare-side")
    for step in (0, 13):
        page.get_by_role("slider", name="Step", exact=True).fill(str(step))
        for side, values in zip(sides.all(), (one, other), strict=True):
            row, col = divmod(step, 9)
            expect(side).to_contain_text(f"row {row}, col {col}: {values[row, col]:g}".replace("-", "−"))
    assert axe(page) == ""

    page.get_by_label("Compare with").select_option("keras")
    expect(words).to_have_text("A is refused:")
    expect(sides.first).to_contain_text("Keras says")
    expect(panel.locator("canvas").first).to_be_hidden()
    page.get_by_role("button", name="End comparison").click()
    expect(panel).to_be_hidden()
    expect(page.locator(".sum-body")).to_be_visible()


def test_both_sides_of_a_comparison_answer_the_pointer(page: Page) -> None:
    at(page, "/#v1&op=convolution&padding=1&source=sample:cross&step=0")
    page.locator("#stage").focus()
    page.keyboard.press("c")
    sides = page.locator(".stage canvas:not(.upper)")
    expect(page.locator(".compare-side").first).to_contain_text("row 0, col 0")
    drawn(page, 4)
    labels = page.locator(".cell-value")

    def pointed(side: int, share: float, down: float = 0.25) -> list[str]:
        box = sides.nth(side).bounding_box()
        assert box
        page.mouse.move(box["x"] + share * box["width"], box["y"] + down * box["height"])
        drawn(page)
        said: list[str] = labels.evaluate_all("all => all.map((one) => (one.hidden ? '' : one.textContent))")
        return said

    seen: dict[str, float] = {}
    for down, shares in ((0.25, np.linspace(0.02, 0.98, 19)), (0.8, (0.04, 0.1, 0.16))):
        for share in shares:
            one, other = pointed(0, share, down), pointed(1, share, down)
            assert one == other, "the same setting: what is under the pointer in A is so in B"
            assert one[0] == one[1], "what is pointed at in one is said in both"
            seen[one[0]] = share
    assert {said.split()[0] for said in seen if said} == {"Input", "weight", "Output"}

    # With another stride, a cell that B has not is marked in A alone, and a click goes to a step that both have.
    page.locator("[data-parameter=stride] input.number").first.fill("2")
    expect(page.locator(".compare-side").last).to_contain_text("row 0, col 0")
    expect(page.locator(".differing")).to_have_text("1 setting differsStride A 1 B 2")
    expect(page.get_by_role("heading", name="Only the stride differs: A has 1, and B has 2.")).to_be_visible()
    drawn(page, 4)
    cells = {said: share for said, share in seen.items() if said.startswith("Output")}
    step = page.get_by_role("slider", name="Step", exact=True)
    for said in (max(cells, key=lambda one: cells[one]), min(cells, key=lambda one: cells[one])):
        row, col = (int(part) for part in re.findall(r"\d+", said)[:2])
        both = row < 5 and col < 5
        found = pointed(0, cells[said])
        assert found[0] == said
        assert bool(found[1]) == both
        page.mouse.down()
        page.mouse.up()
        drawn(page)
        assert step.input_value() == (str(row * 5 + col) if both else "0")
    assert step.input_value() != "0"


def test_a_kernel_is_pasted_as_a_grid_and_bad_numbers_change_nothing(page: Page) -> None:
    at(page, "/#v1&op=convolution&padding=1&source=sample:cross")
    page.get_by_text("Edit values of this filter").click()
    fields = page.locator(".weights input")
    expect(fields).to_have_count(9)

    def paste(words: str) -> None:
        fields.first.evaluate(
            """(field, words) => {
              const clipboardData = new DataTransfer();
              clipboardData.setData("text/plain", words);
              field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
            }""",
            words,
        )

    fields.first.focus()
    paste("1\t2\t3\n4\t5\t6\n7\t8\t9")
    page.wait_for_function("() => [...document.querySelectorAll('.weights input')].at(-1).value === '9'")
    drawn(page)
    assert [field.input_value() for field in fields.all()] == list("123456789")
    assert sum(value * weight for value, weight in terms(page)) == pytest.approx(result(page), abs=1e-3)
    paste("1 two 3")
    expect(page.get_by_role("alert").filter(has_text="“1 two 3” is not a list of numbers")).to_be_visible()
    assert fields.nth(1).input_value() == "2"


def test_numbers_of_formula_and_sum_are_linked_to_the_picture(page: Page, axe: Callable[[Page], str]) -> None:
    at(page, "/#v1&op=convolution&padding=1&stride=2&source=sample:cross&weights=preset:emboss&step=6")
    picture = "() => [...document.querySelectorAll('#stage canvas')].at(-1).toDataURL()"
    drawn(page)
    bare = page.evaluate(picture)
    pictures = {bare}
    token = page.locator(".token", has_text=re.compile("^2$"))
    token.hover()
    page.wait_for_function(f"(bare) => ({picture})() !== bare", arg=bare)
    pictures.add(page.evaluate(picture))
    page.mouse.move(5, 5)
    page.wait_for_function(f"(bare) => ({picture})() === bare", arg=bare)

    # With keys: one stop for the formula, one for the sum, arrows within; what is lit is said.
    page.locator(".formula").focus()
    status = page.locator("#status")
    for words in ("input 9", "padding 1", "kernel 3", "stride 2", "output 5"):
        page.keyboard.press("ArrowRight")
        expect(status).to_have_text(words)
        drawn(page)
        pictures.add(page.evaluate(picture))
    page.locator(".sum-body").focus()
    window = page.locator(".term")
    expect(window).to_have_count(9)
    for at_term in range(9):
        page.keyboard.press("ArrowRight")
        expect(window.nth(at_term)).to_have_class("term lit")
        value, weight = terms(page)[at_term]
        expect(status).to_have_text(
            f"weight {weight:g} × {value:g} = {value * weight + 0:g}".replace("-", "−")
        )
        expect(page.locator(".cell-value")).to_be_visible()
        drawn(page)
        pictures.add(page.evaluate(picture))
    assert len(pictures) == 1 + 1 + 4 + 9  # the stride was lit before
    assert axe(page) == ""
    page.keyboard.press("Tab")
    page.wait_for_function(f"(bare) => ({picture})() === bare", arg=bare)
