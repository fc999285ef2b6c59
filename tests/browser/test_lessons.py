"""Lessons: a whole one by keyboard on a phone, and one in the projector layout; links, leaving, and what is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.support import assert_headline, comes_to, grid, opened

Json = dict[str, Any]
LESSON = "what-a-filter-sees"
FIELDS = {
    "number": "Your number",
    "shape": "Your sizes, such as 3×3",
    "cell": "Row and column, such as 1, 2",
}
# Of the room of lessons before its first step: the list, the player and the lesson, compressed.
MOST = 60_000
BYTES = """() => performance.getEntriesByType("resource")
  .reduce((sum, one) => sum + one.encodedBodySize, 0)"""
NAME = """() => {
  const one = document.activeElement;
  const ids = (one.getAttribute("aria-labelledby") ?? "").split(" ");
  const labelled = ids.map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim();
  return one.getAttribute("aria-label") || labelled || one.textContent.trim();
}"""


def lesson_of(page: Page, name: str = LESSON) -> Json:
    """A lesson with its keys, as the server computes them."""
    found: Json = page.request.get(f"/api/v1/lessons/{name}?keys=true").json()
    return found


def learning(page: Page, fragment: str) -> None:
    page.goto(f"/{fragment}")
    page.wait_for_selector("html[data-ready=true]")
    page.wait_for_selector(".lesson")


def tab_to(page: Page, name: str) -> None:
    """Tab until what is focused has a name."""
    met = []
    for _ in range(60):
        page.keyboard.press("Tab")
        met.append(page.evaluate(NAME))
        if met[-1] == name:
            return
    raise AssertionError(f"no way by Tab to {name}: {met}")


def typed(ask: Json, value: Any) -> str:
    """An answer as a person types it; decimals with a comma."""
    if ask["kind"] == "cell":
        return ", ".join(map(str, value[0]))
    return "×".join(map(str, value)) if isinstance(value, list) else f"{value:g}".replace(".", ",")


def text_of(content: list[Any]) -> str:
    """Inline prose as text."""
    return "".join(
        one if isinstance(one, str) else one.get("text") or text_of(one.get("content", [])) for one in content
    )


def feedback(page: Page) -> str:
    return " ".join(page.locator(".met").inner_text().split())


@pytest.mark.context(viewport={"width": 390, "height": 844}, has_touch=True)
def test_a_whole_lesson_is_done_by_keyboard_on_a_phone(page: Page, axe: Callable[[Page], str]) -> None:
    steps = lesson_of(page)["steps"]
    learning(page, f"#v1&lesson={LESSON}/1")
    asked = 0
    for place, step in enumerate(steps):
        expect(page.get_by_role("heading", name=step["title"], exact=True)).to_be_visible()
        expect(page.locator(".lesson-text .place")).to_have_text(f"{place + 1} of {len(steps)}")
        assert axe(page) == "", step["title"]
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), step["title"]
        ask = step["ask"]
        if ask and ask["kind"] == "choice":
            key = next(one for one in ask["options"] if one["id"] == ask["key"]["id"])
            letter = "ABCDEF"[ask["options"].index(key)]
            tab_to(page, letter + text_of(key["content"]))
            page.keyboard.press("Enter")
        elif ask:
            asked += 1
            tab_to(page, FIELDS[ask["kind"]])
            if asked == 1:
                # A wrong answer is met with the arithmetic that leads to it, and nothing is given away.
                page.keyboard.type(typed(ask, ask["wrong"][0]["value"]))
                page.keyboard.press("Enter")
                comes_to(page, lambda: feedback(page).startswith("Not this."), True)
                assert text_of(ask["wrong"][0]["explanation"]) in feedback(page)
                expect(page.locator(".result b")).to_be_hidden()
                expect(page.locator("#canvas")).to_have_attribute("aria-label", re.compile(r": \?$"))
                page.keyboard.press("Control+a")
            page.keyboard.type(typed(ask, ask["key"]["value"]))
            page.keyboard.press("Enter")
        if ask:
            comes_to(page, lambda: feedback(page).startswith("Right."), True)
            expect(page.locator(".veil")).to_have_count(0)
        tab_to(page, "Next" if place + 1 < len(steps) else "Finish")
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Done")).to_be_focused()
    questions = sum(step["ask"] is not None for step in steps)
    expect(page.locator(".prose")).to_contain_text(f"{questions} of {questions} questions")
    assert axe(page) == ""
    tab_to(page, "All lessons")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Predict, then see")).to_be_focused()
    expect(page.get_by_role("button", name="What a filter sees").filter(has_text="done")).to_be_visible()
    # An exercise stands beside the lessons, and what a lecturer takes from here below them.
    exercise = page.locator(".exercise")
    exercise.get_by_role("button", name="Show the answer").click()
    expect(exercise.get_by_role("status")).to_contain_text("The answer:")
    expect(page.get_by_text("0 of 1 right")).to_be_visible()
    expect(page.get_by_role("link", name="handout with answers")).to_be_visible()
    assert axe(page) == ""


@pytest.mark.context(viewport={"width": 1280, "height": 720})
def test_a_lesson_in_the_projector_layout_asks_first_and_answers_on_keys(
    page: Page, axe: Callable[[Page], str]
) -> None:
    steps = lesson_of(page)["steps"]
    learning(page, f"#v1&lesson={LESSON}/1&views=projector")
    page.wait_for_selector("html.projector")
    for place, step in enumerate(steps):
        expect(page.locator(".lesson-text .place")).to_have_text(f"{place + 1} of {len(steps)}")
        room = "(one) => one.scrollHeight <= one.clientHeight"
        assert page.locator("#controls").evaluate(room), step["title"]
        assert axe(page) == "", step["title"]
        ask = step["ask"]
        if not ask:
            page.keyboard.press("PageDown")
            continue
        prompt = page.locator(".prompt")
        expect(prompt).to_be_visible()
        size = "(one) => parseFloat(getComputedStyle(one).fontSize)"
        assert prompt.evaluate(size) > page.locator(".prose").evaluate(size)
        assert prompt.evaluate(size) >= 28
        if ask["options"]:
            wrong = next(at for at, one in enumerate(ask["options"]) if one["id"] != ask["key"]["id"])
            page.keyboard.press("abcdef"[wrong])
            comes_to(page, lambda: feedback(page).startswith("Not this."), True)
        # A presenter's remote shows the answer first, and goes on then.
        page.keyboard.press("PageDown")
        comes_to(page, lambda: feedback(page).startswith("The answer:"), True)
        assert text_of(ask["key"]["content"]) in feedback(page)
        page.keyboard.press("PageDown")
    expect(page.get_by_role("heading", name="Done")).to_be_visible()


def test_leaving_gives_the_own_state_back_and_a_lesson_goes_on_in_the_middle_of_an_answer(
    page: Page, page_form: str
) -> None:
    opened(page, "/#v1&op=max_pooling&source=sample:cross&stride=3")
    before = page.evaluate(BYTES)
    page.get_by_role("button", name="Lessons", exact=True).click()
    page.locator(".lesson-card").first.click()
    expect(page.locator(".lesson-text .place")).to_have_text("1 of 7")
    if page_form == "built":
        assert 0 < page.evaluate(BYTES) - before <= MOST
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Your number").fill("−1,")
    # The stage is free to touch, and comes back.
    back = page.get_by_role("button", name="Put it back")
    expect(back).to_be_hidden()
    page.locator("#stage").focus()
    page.keyboard.press("End")
    back.click()
    expect(page.locator("#transport .place")).to_contain_text("step 1 of 4")
    expect(back).to_be_hidden()
    # Loaded again, it stands as it stood; left, the own state is there.
    comes_to(page, lambda: "lesson=what-a-filter-sees/2" in page.url, True)
    page.reload()
    expect(page.get_by_label("Your number")).to_have_value("−1,")
    page.get_by_role("button", name="Leave the lesson").click()
    assert_headline(page, "1×9×9 ▸ max pooling…")
    expect(page.locator(".lesson")).to_have_count(0)
    comes_to(page, lambda: "lesson=" in page.url, False)
    page.get_by_role("button", name="Lessons", exact=True).click()
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.get_by_label("Your number")).to_have_value("−1,")


def test_a_question_for_a_cell_is_answered_by_a_click_on_the_stage_and_nothing_is_pinned(page: Page) -> None:
    steps = lesson_of(page)["steps"]
    place, step = next(
        (at, one) for at, one in enumerate(steps) if one["ask"] and one["ask"]["kind"] == "cell"
    )
    learning(page, f"#v1&lesson={LESSON}/{place + 1}")
    box = grid(page, step["ask"]["grid"], 2)
    right = {tuple(cell[-2:]) for cell in step["ask"]["key"]["value"]}
    wrong = next((row, col) for row in range(2) for col in range(2) if (row, col) not in right)
    page.mouse.click(*box.cell_at(*wrong))
    comes_to(page, lambda: feedback(page).startswith("Not this."), True)
    page.mouse.click(*box.cell_at(*next(iter(right))))
    comes_to(page, lambda: feedback(page).startswith("Right."), True)
    assert "pins=" not in page.url


@pytest.mark.engines  # a minute or more: with the other long ones
@pytest.mark.context(viewport={"width": 390, "height": 844})
def test_no_step_of_any_lesson_has_an_accessibility_violation_or_tells_who_listens_its_answer(
    page: Page, axe: Callable[[Page], str]
) -> None:
    lessons = page.request.get("/api/v1/lessons").json()["lessons"]
    assert len(lessons) >= 12
    learning(page, f"#v1&lesson={lessons[0]['name']}/1")
    for listed in lessons:
        lesson = lesson_of(page, listed["name"])
        page.evaluate("(place) => { location.hash = `#v1&lesson=${place}/1`; }", listed["name"])
        for place, step in enumerate(lesson["steps"]):
            expect(page.get_by_role("heading", name=step["title"], exact=True)).to_be_visible()
            where = f"{listed['name']}, step {place + 1}"
            assert axe(page) == "", where
            assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), where
            if page.evaluate("() => document.documentElement.dataset.veil"):
                expect(page.locator("#canvas")).to_have_attribute("aria-label", re.compile(r": \?$"))
            page.get_by_role(
                "button", name="Next" if place + 1 < listed["steps"] else "Finish", exact=True
            ).click()
        expect(page.get_by_role("heading", name="Done")).to_be_visible()


@pytest.mark.context(viewport={"width": 640, "height": 480})
def test_a_lesson_step_stands_in_a_frame(page: Page, axe: Callable[[Page], str]) -> None:
    page.goto(f"/embed#v1&lesson={LESSON}/2")
    expect(page.locator(".lesson-text .place")).to_have_text("2 of 7")
    for part in (".prompt", ".answer", "#canvas"):
        expect(page.locator(part)).to_be_in_viewport()
    page.get_by_label("Your number").fill(
        typed({"kind": "number"}, lesson_of(page)["steps"][1]["ask"]["key"]["value"])
    )
    page.get_by_role("button", name="Check").click()
    comes_to(page, lambda: feedback(page).startswith("Right."), True)
    assert axe(page) == ""
