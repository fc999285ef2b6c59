"""Lessons and exercises on paper: every page is there, answers stand apart, figures do not give them away."""

from __future__ import annotations

from typing import Any

import pytest

from app.figures.drawing.marks import Figure, Group, Text, flat
from app.lessons.library import Library
from app.lessons.paper.drawing import figure_of, hidden_by
from app.lessons.paper.pages import exercise_story, handout, sheet, solution_story
from app.lessons.paper.text import document
from app.lessons.practice.draw import exercises
from app.lessons.practice.kinds import KINDS
from app.lessons.state import State

LIBRARY = Library()


def numbers_in(figure: Figure, part: str) -> list[str]:
    groups = [mark for mark in figure.marks if isinstance(mark, Group) and mark.name == part]
    return [
        "".join(text for text, _ in mark.pieces)
        for group in groups
        for mark in flat(group.marks)
        if isinstance(mark, Text)
    ]


@pytest.mark.parametrize("name", ["what-a-filter-sees", "shapes", "series"])
def test_a_handout_is_a_pdf_with_the_answers_on_its_last_pages(name: str) -> None:
    found = handout(LIBRARY.lesson(name))
    assert found.startswith(b"%PDF")
    assert found == handout(LIBRARY.lesson(name))
    assert found.count(b"/Type /Page\n") >= 3


def test_a_figure_of_a_question_holds_no_number_of_the_output() -> None:
    checked = 0
    for lesson in LIBRARY.lessons().values():
        for step in lesson.steps:
            figure = figure_of(State.of(step.stage.fragment), hidden_by(step.ask), 120.0)
            if figure is None:
                continue
            checked += 1
            if hidden_by(step.ask) != "nothing":
                assert numbers_in(figure, "output") == []
    assert checked > 40


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_of_an_exercise_gives_its_answer_not_away(kind: str) -> None:
    for one in exercises(kind, 3, 3, 2):
        figure = figure_of(State.of(one.stage.fragment), hidden_by(one.ask), 90.0)
        if figure is None or one.stage.fragment != one.fragment:  # it shows another state
            continue
        assert numbers_in(figure, "output") == []
        winners: list[Any] = [
            mark for mark in flat(figure.marks) if any(key == "winner" for key, _ in mark.data)
        ]
        assert winners == []


def test_solutions_begin_on_a_page_of_their_own() -> None:
    drawn = exercises("all", 7, 4, 1)
    stories = [exercise_story(one, place) for place, one in enumerate(drawn, start=1)]
    without = sheet("Practice", "Seed 7", stories, [])
    stories = [exercise_story(one, place) for place, one in enumerate(drawn, start=1)]
    solutions = [solution_story(one, place) for place, one in enumerate(drawn, start=1)]
    both = sheet("Practice", "Seed 7", stories, solutions)
    assert both.count(b"/Type /Page\n") == without.count(b"/Type /Page\n") + 1


def test_text_is_escaped() -> None:
    assert document("a & b <c>", []).startswith(b"%PDF")
