"""Every operation in a real browser: what it draws, what it says, and that the server says the same."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.support import (
    assert_headline,
    comes_to,
    drawn,
    grid,
    headline,
    number,
    numbers,
    opened,
    parameter,
    result,
    unfold,
)

FIRST = {"filters": 3, "padding": 1}  # what the page opens with, beside defaults
STAMPS = "op=transposed_convolution&kernel=3&stride=2&source=values:2x2:1,2,3,4&weights=preset:emboss"

# Their factor of 2 does not fit 1×9×9; their examples show their numbers.
UNFIT = {
    "pixel_shuffle": "1 input channel does not split into groups of 4",
    "pixel_unshuffle": "the 9 cells of axis row are no blocks of 2",
}

FAMILIES = ["convolution", "pooling", "resampling", "pointwise"]


def opened_at(page: Page, link: str) -> None:
    page.goto(f"/#v1&{link}")
    numbers(page)


def registry(page: Page) -> list[dict[str, Any]]:
    operations: list[dict[str, Any]] = page.request.get("/api/v1/operations").json()["operations"]
    return operations


def output(page: Page, **body: Any) -> np.ndarray:
    """The API's answer: (lanes, cells)."""
    answer = page.request.post("/api/v1/run", data={**body, "include": ["output"]})
    assert answer.ok, answer.text()
    values = np.asarray(answer.json()["output"], dtype=np.float64)
    return values.reshape(len(values), -1)


def scrub(page: Page, step: int) -> None:
    """Go to a step, once the slider knows how many there are."""
    drawn(page)
    page.get_by_role("slider", name="Step", exact=True).fill(str(step))
    drawn(page)


def agrees(page: Page, wanted: float) -> None:
    """The page's sum comes to a number, to the digits that it shows."""

    def shown() -> float:
        return result(page) if page.locator(".result b").count() else float("nan")

    comes_to(page, shown, pytest.approx(wanted, rel=1e-3, abs=1e-6))


def test_every_operation_of_the_menu_shows_the_numbers_of_the_server(page: Page) -> None:
    opened(page)
    menu = page.get_by_role("combobox", name="Operation")
    for operation in registry(page):
        menu.select_option(operation["name"])
        own = {one["name"] for one in operation["parameters"]}
        spec = {name: value for name, value in FIRST.items() if name in own}
        if operation["name"] in UNFIT:
            expect(page.locator("#banner")).to_contain_text(UNFIT[operation["name"]])
            continue
        weighted = operation["combine"] == "sum_of_products"
        values = output(
            page,
            layers=[{"operation": operation["name"], **spec}],
            source={"kind": "sample", "name": "cross"},
            weights={"kind": "preset", "name": "mixed"} if weighted else None,
        )
        steps = values.shape[1]
        for step in sorted({0, steps // 2, steps - 1}):
            scrub(page, step)
            agrees(page, values[0, step])
        assert page.locator("#banner").inner_text() == "", operation["name"]


def test_every_example_sets_the_whole_setting(page: Page) -> None:
    opened(page)
    # The cards stand in the order of the families, as the menu does.
    families = sorted(registry(page), key=lambda operation: FAMILIES.index(operation["family"]))
    examples = [(operation, example) for operation in families for example in operation["examples"]]
    for at, (operation, example) in enumerate(examples):
        page.get_by_role("button", name="Examples", exact=True).click()
        card = page.locator("button.card").nth(at)
        expect(card).to_contain_text(example["caption"])
        card.click()
        expect(page.locator(".asked")).to_have_text(re.compile(re.escape(example["question"])))
        values = output(page, **{part: example.get(part) for part in ("layers", "source", "weights")})
        # A layer that gives its output another shape has one step, which writes a number for each filter.
        steps = 1 if operation["result"] == "shape" else values.shape[1]
        scrub(page, steps // 3)
        agrees(page, values[0, steps // 3])


def test_the_menu_lists_operations_by_family(page: Page) -> None:
    opened(page)
    groups = page.locator("select.operation optgroup")
    labels = groups.evaluate_all("all => all.map((one) => one.label)")
    assert labels == ["Convolution", "Pooling", "Resampling", "Cell by cell"]


def test_a_window_can_be_a_whole_photograph(page: Page) -> None:
    opened_at(page, "op=global_average_pooling&source=sample:scene;size=512&lane=1")
    values = output(
        page,
        layers=[{"operation": "global_average_pooling"}],
        source={"kind": "sample", "name": "scene", "size": 512},
    )
    agrees(page, values[1, 0])


# ---------------------------------------------------------------- stamping


def cells(page: Page, side: int) -> list[tuple[int, ...]]:
    """The colour of each cell of the output, near its corner, where neither number nor outline is."""
    output = grid(page, "output", side)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    found = []
    for row in range(side):
        for col in range(side):
            x, y = output.cell_at(row, col, 0.15)
            colour = picture.getpixel((round(x), round(y)))
            assert isinstance(colour, tuple)
            found.append(colour)
    return found


def test_stamping_plays_to_the_end_and_ends_in_the_gathered_picture(page: Page) -> None:
    opened_at(page, f"{STAMPS}&speed=30")
    values = output(
        page,
        layers=[{"operation": "transposed_convolution", "kernel": 3, "stride": 2}],
        source={"kind": "values", "values": [[1, 2], [3, 4]]},
        weights={"kind": "preset", "name": "emboss"},
    )[0]
    page.get_by_role("button", name="Stamp").click()
    expect(page.locator(".place")).to_contain_text("of 4")
    scrub(page, 0)
    untouched = cells(page, 5)
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for(state="detached")
    expect(page.locator(".place")).to_contain_text("step 4 of 4")
    agrees(page, values[2 * 5 + 2])
    page.mouse.move(5, 5)
    drawn(page)
    stamped = cells(page, 5)
    page.get_by_role("button", name="Gather").click()
    expect(page.locator(".place")).to_contain_text("of 25")
    scrub(page, 0)
    comes_to(page, lambda: cells(page, 5), stamped)
    assert untouched != stamped


def test_a_stamp_says_what_was_there_what_it_adds_and_what_comes_of_it(page: Page) -> None:
    opened_at(page, f"{STAMPS}&padding=1&view=stamp&step=3")
    expect(page.locator(".sum-title")).to_have_text("Input row 1, col 1 stamps 4 cells, 5 cropped")
    # 2·2 outputs … of the 3×3 that are left: the middle one has met all four stamps, this is the last.
    said = page.locator(".sum-body").inner_text()
    found = re.fullmatch(
        r"4·(\S+) = (\S+) onto \(1, 1\): (\S+) \+ \(?(\S+?)\)? = (\S+)\s+complete", said.strip()
    )
    assert found, said
    weight, product, before, added, after = (number(text) for text in found.groups())
    assert product == 4 * weight == added
    assert before + product == after
    page.get_by_text("This step as a table").click()
    expect(page.locator("table tbody tr")).to_have_count(9)
    expect(page.locator("table")).to_contain_text("cropped")
    expect(page.locator("#status")).to_contain_text("Step 4 of 4, input row 1, col 1: 4 stamped onto 4")
    page.locator("#stage").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".place")).to_contain_text("step 2 of 4")
    page.wait_for_function("() => location.hash.includes('view=stamp')")


def test_a_pointed_output_cell_is_followed_while_its_stamps_come(page: Page) -> None:
    opened_at(page, f"{STAMPS}&view=stamp&step=0")
    page.mouse.move(*grid(page, "output", 5).cell_at(2, 2))
    expect(page.locator(".sum-body")).to_contain_text("onto (2, 2)")
    expect(page.locator(".sum-body")).to_contain_text("so far")


# ---------------------------------------------------------------- the matrix of columns


def test_a_step_is_a_column_of_the_matrix_and_a_point_on_it_names_the_cell_it_copies(page: Page) -> None:
    opened_at(page, "op=unfold&source=sample:grid&step=5&lane=4")
    values = output(page, layers=[{"operation": "unfold"}], source={"kind": "sample", "name": "grid"})
    assert values.shape == (9, 16)
    expect(page.locator(".sum-title")).to_have_text("Output row 4, column 5")
    expect(page.locator(".sum-body")).to_contain_text("input row 2, col 2")
    agrees(page, values[4, 5])
    first = grid(page, "output", 16).cell_at(0, 0)
    page.mouse.move(*first)
    expect(page.locator(".sum-title")).to_have_text("Output row 0, column 0")
    agrees(page, values[0, 0])
    page.mouse.click(*first)
    expect(page.get_by_role("slider", name="Step", exact=True)).to_have_value("0")
    page.mouse.move(5, 5)
    page.locator("#stage").focus()
    page.keyboard.press("]")
    agrees(page, values[1, 0])


def test_a_large_matrix_can_still_be_pointed_at(page: Page) -> None:
    opened_at(page, "op=unfold&padding=1&source=sample:gradient;size=28")
    assert_headline(page, "…27×784")
    heading = page.locator(".heading").nth(2).bounding_box()
    assert heading is not None
    page.mouse.move(heading["x"] + 300, heading["y"] + 50)
    expect(page.locator(".sum-title")).to_contain_text(re.compile(r"Output row \d, column [1-9]\d\d"))


# ---------------------------------------------------------------- frameworks


def test_a_framework_refuses_in_its_words_and_a_button_mends_it(page: Page) -> None:
    opened(page)
    before = headline(page)
    expect(page.locator(".frameworks li").first).to_be_hidden()
    page.get_by_text("In frameworks").click()
    expect(page.locator(".frameworks li").nth(0)).to_contain_text("torch.nn.Conv2d")
    expect(page.locator(".frameworks li").nth(0)).to_contain_text("3×9×9")
    page.locator(".frameworks").get_by_role("button", name="Keras").click()
    row = page.locator("[data-parameter=padding]")
    expect(row.locator(".problem")).to_contain_text("Keras says")
    expect(page.locator("#stage")).to_have_class(re.compile("stale"))
    assert_headline(page, "…no output")
    row.get_by_role("button", name="Use same").click()
    expect(page.locator("#stage")).not_to_have_class(re.compile("stale"))
    expect(page.locator("[data-parameter=rules] select")).to_have_value("keras")
    numbers(page)
    assert_headline(page, before)


def test_a_link_that_a_framework_refuses_opens_with_a_picture(page: Page) -> None:
    opened_at(page, "op=convolution&padding=1&rules=keras&source=sample:cross&weights=preset:mixed")
    expect(page.get_by_role("alert").filter(has_text="Keras says")).to_be_visible()
    expect(page.locator("#stage")).to_have_class(re.compile("stale"))


def test_what_the_plan_says_of_the_setting_is_shown(page: Page) -> None:
    opened(page)
    parameter(page, "stride").fill("4")
    parameter(page, "padding").fill("0")
    expect(page.locator(".notes")).to_contain_text("never read")


def test_controls_that_mean_nothing_are_hidden_and_left_out_values_begin_as_what_they_stand_for(
    page: Page,
) -> None:
    opened(page)
    unfold(page)
    value = page.locator("[data-parameter=padding_value]")
    expect(value).to_be_hidden()
    page.get_by_role("combobox", name="Padding mode").select_option("constant")
    expect(value).to_be_visible()
    page.get_by_role("combobox", name="Operation").select_option("max_pooling")
    expect(page.locator(".panel.layer > :last-child")).to_have_text("+ Add a layer")
    before = headline(page)
    page.get_by_label("As the kernel").uncheck()
    expect(parameter(page, "stride")).to_have_value("2")
    assert_headline(page, before)


# ---------------------------------------------------------------- for everybody


@pytest.mark.parametrize(
    "scheme",
    [pytest.param(name, marks=pytest.mark.context(color_scheme=name)) for name in ("light", "dark")],
)
def test_stamping_and_the_matrix_have_no_accessibility_violation(
    page: Page, axe: Callable[[Page], str], scheme: str
) -> None:
    for link in (f"{STAMPS}&padding=1&view=stamp&step=1", "op=unfold&source=sample:grid&step=5"):
        page.goto("about:blank")
        opened_at(page, link)
        page.get_by_text("In frameworks").click()
        page.get_by_text("This step as a table").click()
        page.locator("table tbody tr").first.wait_for()
        if found := axe(page):
            pytest.fail(f"{scheme}, {link}:\n{found}", pytrace=False)
