"""The API's page teaches by trying: a request is sent from it and its answer shown, under the page's policy."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.web.routes.pages import EXAMPLE_HOME
from tests.browser.watch import Watch


def test_a_request_is_tried_and_its_answer_shown(
    page: Page, watch: Watch, axe: Callable[[Page], str]
) -> None:
    page.goto("/api")
    plan = page.get_by_role("form", name="Try POST /api/v1/plan", exact=True)
    page.locator("[data-path='/api/v1/plan'] summary").click()
    plan.get_by_role("button", name="Send").click()
    box = page.locator("[data-path='/api/v1/plan']")
    expect(box.get_by_role("status")).to_contain_text("Status 200")
    expect(box.locator(".answer")).to_contain_text('"output_shape": [2, 14, 14]')
    expect(box.locator(".answer")).to_contain_text("etag:")
    assert axe(page) == ""
    watch.allow("422")
    plan.get_by_label("Body").fill(
        '{"layers": [{"operation": "convolution", "kernel": 99}], "input_shape": [1, 5, 5]}'
    )
    plan.get_by_role("button", name="Send").click()
    expect(box.locator(".answer")).to_contain_text("application/problem+json")
    expect(box.locator(".answer")).to_contain_text('"field": "kernel"')


def test_a_picture_is_shown_as_one(page: Page) -> None:
    page.goto("/api")
    box = page.locator("[data-path='/api/v1/run']")
    box.locator("summary").click()
    box.get_by_label("Accept").select_option("image/png")
    box.get_by_role("button", name="Send").click()
    picture = box.get_by_role("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0


def test_the_examples_name_the_address_that_the_page_was_opened_by(page: Page) -> None:
    page.goto("/api")
    home = page.evaluate("() => location.origin")
    examples = page.locator("[data-example]")
    expect(examples).to_have_count(3)
    for example in examples.all():
        expect(example).to_contain_text(f"{home}/api/v1/")
        if home != EXAMPLE_HOME:
            expect(example).not_to_contain_text(EXAMPLE_HOME)
