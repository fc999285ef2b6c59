"""The first minute: the opening for who is new, what it offers, and that it is gone for who comes back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from app.core.weights import MIXED
from tests.browser.support import (
    assert_headline,
    comes_to,
    number,
    numbers,
    parameter,
    photograph,
    result,
    unfold,
    upload,
)
from tests.browser.watch import Watch

HEADLINE = "See what a convolution does to a picture, one window at a time."
# The sum of red, green and blue at row 46, column 64: tools and tests/python draw the same scene.
FINISHED = "step 3,929 of 7,056"

pytestmark = pytest.mark.newcomer


def opening(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name=HEADLINE)).to_be_visible()


def test_the_output_builds_up_and_stops_as_a_finished_picture(page: Page, axe: Callable[[Page], str]) -> None:
    opening(page)
    page.wait_for_function("() => Number(document.querySelector('.scrub').value) > 84")
    expect(page.locator(".place")).to_contain_text(FINISHED)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert_headline(page, "3×84×84 ▸ 6 filters 3×3… ▸ 6×84×84".replace("… ▸", ", stride 1 ▸"))
    body = {
        "layers": [{"operation": "convolution", "padding": "same", "padding_mode": "replicate"}],
        "source": {"kind": "sample", "name": "scene", "size": 84},
        "weights": {"kind": "values", "values": [[[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]] * 3]},
    }
    answer = page.request.post("/api/v1/run", data=body).json()["output"][0][46][64]
    # The sum stands at the kernel; its words are there for who listens.
    assert number(page.locator(".result b").text_content() or "") == pytest.approx(answer, abs=1e-4)
    assert "#" not in page.url, "the scene is nobody's choice"
    assert axe(page) == ""


@pytest.mark.context(reduced_motion="reduce", viewport={"width": 1366, "height": 650})
def test_under_reduced_motion_it_is_the_finished_picture_and_all_of_it_is_in_sight(page: Page) -> None:
    opening(page)
    numbers(page)
    expect(page.locator(".place")).to_contain_text(FINISHED)
    for title in ("Your own picture", "Two-minute start", "Paste your layer"):
        expect(page.get_by_role("button", name=title)).to_be_in_viewport(ratio=1)
    for part in (".opening-head h2", "#canvas", "#transport"):
        expect(page.locator(part).first).to_be_in_viewport(ratio=0.99)


def test_it_is_gone_for_who_comes_back_and_one_click_away(page: Page) -> None:
    opening(page)
    page.reload()
    numbers(page)
    expect(page.get_by_role("heading", name=HEADLINE)).to_have_count(0)
    assert_headline(page, "1×9×9…")
    page.get_by_role("button", name="Introduction").click()
    expect(page.get_by_role("heading", name=HEADLINE)).to_be_visible()
    page.get_by_role("button", name="Hide the introduction").click()
    expect(page.get_by_role("heading", name=HEADLINE)).to_have_count(0)
    assert_headline(page, "3×84×84…")


def test_without_a_store_it_comes_each_time_and_works(page: Page) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('none'); } })"
    )
    opening(page)
    page.reload()
    expect(page.get_by_role("heading", name=HEADLINE)).to_be_visible()


def test_a_link_opens_as_it_says_and_not_the_opening(page: Page) -> None:
    page.goto("/#v1&op=max_pooling&kernel=2&source=sample:cross")
    numbers(page)
    assert_headline(page, "1×9×9 ▸ max pooling…")
    expect(page.get_by_role("heading", name=HEADLINE)).to_have_count(0)


def test_the_scene_s_filters_give_way_to_other_numbers_and_sizes(page: Page) -> None:
    opening(page)
    for name, value, shown in (("filters", "8", "8 filters 3×3"), ("kernel", "5", "8 filters 5×5")):
        field = parameter(page, name)
        field.fill(value)
        field.press("Enter")
        numbers(page)
        assert_headline(page, f"3×84×84 ▸ {shown}…")
        assert page.locator("#banner").inner_text() == ""


def test_an_own_picture_becomes_edges_and_ends_the_introduction(page: Page) -> None:
    opening(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Your own picture").click()
    chooser.value.set_files({"name": "mine.png", "mimeType": "image/png", "buffer": photograph(40)})
    assert_headline(page, "3×40×40 ▸ 6 filters…")
    expect(page.get_by_role("heading", name=HEADLINE)).to_have_count(0)


def test_the_two_minute_start_leads_through_six_states_and_back(
    page: Page, axe: Callable[[Page], str]
) -> None:
    opening(page)
    page.get_by_role("button", name="Two-minute start").click()
    lesson = page.get_by_role("region", name="Lesson: Two-minute start")
    shapes = ("1×7×7", "1×7×7", "1×4×4", "1×9×9", "1×6×6", "3×9×9")
    titles = ("Window", "Sum", "Stride", "Padding", "Channels", "Your turn")
    for place, (title, shape) in enumerate(zip(titles, shapes, strict=True)):
        expect(lesson.get_by_role("heading", name=title)).to_be_visible()
        expect(lesson).to_contain_text(f"{place + 1} of 6")
        assert_headline(page, f"…{shape}")
        if title == "Sum":
            comes_to(page, lambda: result(page), 9)
        if title == "Padding":
            page.get_by_role("button", name="Back", exact=True).click()
            assert_headline(page, "…1×4×4")
            page.get_by_role("button", name="Next").click()
            assert axe(page) == ""
        if title != "Your turn":
            page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Leave the lesson").click()
    expect(lesson).to_have_count(0)
    assert_headline(page, "3×84×84 ▸ 6 filters…")


def test_a_lesson_chosen_before_the_page_is_whole_waits_for_it(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/features*.js", hold)
    opening(page)
    page.get_by_role("button", name="Two-minute start").click()
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(({ name }) => name.includes('/course'))"
    )
    for route in held:
        route.continue_()
    lesson = page.get_by_role("region", name="Lesson: Two-minute start")
    expect(lesson.get_by_role("heading", name="Window")).to_be_visible()
    assert_headline(page, "…1×7×7")


def test_a_pasted_layer_takes_the_place_of_the_scene_s(page: Page) -> None:
    opening(page)
    page.get_by_role("button", name="Paste your layer").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("A layer from code").fill("nn.Conv2d(3, 16, 5, stride=2)")
    dialog.locator("button.primary").click()
    assert_headline(page, "3×84×84 ▸ 16 filters 5×5, stride 2 ▸ 16×40×40")
    expect(page.get_by_role("heading", name=HEADLINE)).to_have_count(0)


@pytest.mark.context(viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce")
def test_a_phone_has_headline_picture_and_cards_in_sight(page: Page) -> None:
    opening(page)
    numbers(page)
    expect(page.get_by_role("heading", name=HEADLINE)).to_be_in_viewport(ratio=1)
    # The whole picture with the three planes of the window, the result and the cards, above the transport.
    expect(page.locator(".result b")).to_be_visible()
    box = "(part) => document.querySelector(part).getBoundingClientRect()"
    top = page.evaluate(f"{box}.top", "#transport")
    for part in ("#canvas", ".result b", ".next .card"):
        assert page.evaluate(f"{box}.bottom", part) <= top, part
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


# ------------------------------------------------------------------------------------- tasks, and the clicks they take


class Clicks:
    """Clicks, choices and typed values of a person, counted."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, act: Callable[[], object]) -> None:
        self.count += 1
        act()


def named(page: Page, name: str) -> Callable[[], None]:
    return page.get_by_role("button", name=name, exact=True).click


def test_an_own_photograph_and_an_edge_filter_take_three_clicks(page: Page) -> None:
    opening(page)
    click = Clicks()
    with page.expect_file_chooser() as chooser:
        click(page.locator("label.yours").click)
    click(
        lambda: chooser.value.set_files(
            {"name": "mine.png", "mimeType": "image/png", "buffer": photograph(60)}
        )
    )
    click(named(page, "Sobel, vertical edges"))
    assert_headline(page, "3×60×60 ▸…")
    page.wait_for_function("() => location.hash.includes('preset:sobel_vertical')")
    assert click.count <= 3


def test_shape_and_parameters_of_a_layer_take_six_clicks(page: Page) -> None:
    opening(page)
    click = Clicks()

    def typed(label: str, value: str) -> Callable[[], None]:
        def act() -> None:
            field = page.get_by_role("textbox", name=label, exact=True)
            field.fill(value)
            field.press("Tab")

        return act

    # The opening's picture has three channels and padding same.
    click(typed("Rows", "28"))
    click(typed("Kernel", "5"))
    click(typed("Stride", "2"))
    click(lambda: page.get_by_role("combobox", name="Padding", exact=True).select_option("same"))
    click(typed("Filters", "16"))
    assert_headline(page, "3×28×28 ▸ 16 filters 5×5, stride 2 ▸ 16×14×14")
    expect(page.locator(".cost")).to_contain_text("1,200 weights")
    assert click.count <= 6


def test_quarter_speed_takes_two_clicks_at_most(page: Page) -> None:
    opening(page)
    expect(page.locator(".place")).to_contain_text(FINISHED)
    click = Clicks()
    click(named(page, "¼ step/s"))
    expect(page.get_by_role("button", name="¼ step/s")).to_have_attribute("aria-pressed", "true")
    assert click.count <= 2


def test_a_gif_takes_three_clicks(page: Page) -> None:
    page.goto("/#v1&op=convolution&source=sample:grid")
    numbers(page)
    click = Clicks()
    click(named(page, "Share"))
    click(named(page, "Animation…"))
    save = page.get_by_role("dialog").get_by_role("button", name="Save")
    expect(save).to_be_enabled()
    with page.expect_download() as saved:
        click(save.click)
    assert saved.value.path().read_bytes().startswith(b"GIF8")
    assert click.count <= 3


@pytest.mark.context(permissions=["clipboard-read", "clipboard-write"])
def test_a_link_without_controls_takes_three_clicks(page: Page, watch: Watch) -> None:
    page.goto("/#v1&op=convolution&source=sample:grid")
    numbers(page)
    click = Clicks()
    click(named(page, "Share"))
    click(named(page, "Embed…"))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("To paste")).to_have_value(re.compile("hide="))
    click(dialog.get_by_role("button", name="Copy", exact=True).click)
    expect(dialog.get_by_role("status")).to_have_text("Copied.")
    pasted = page.evaluate("() => navigator.clipboard.readText()")
    assert re.search(r"hide=[^\"]*settings[^\"]*steps", pasted)
    assert click.count <= 3


def test_the_api_s_page_takes_one_click(page: Page) -> None:
    opening(page)
    page.get_by_role("link", name="API", exact=True).click()
    expect(page.get_by_role("heading", name="API").first).to_be_visible()


def test_presets_are_pictures_of_their_kernels(page: Page) -> None:
    page.goto("/#v1&op=convolution&source=sample:grid")
    numbers(page)
    cells = page.get_by_role("button", name="Sobel, vertical edges").locator("rect")
    expect(cells).to_have_count(9)
    assert cells.evaluate_all("all => all.map((one) => one.getAttribute('class'))")[:3] == [
        "below",
        "above",
        "above",
    ]
    assert page.get_by_role("button", name="mixed", exact=True).locator("rect").count() == 9 * len(MIXED[:4])
    unfold(page)
    upload(page, "mine.png", photograph(40))
    assert_headline(page, "3×40×40…")
