"""Lessons and exercises on paper: what stands on which page, and the answers on pages of their own. Knows no file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..lesson import Ask, Lesson, LessonStep
from ..practice.exercise import Exercise
from ..prose import plain_text
from ..state import State
from .drawing import figure_of, hidden_by
from .text import Drawing, Story, blocks_of, document, listed, page_break, prose, together, words

WIDTH_MM = 120.0  # of a figure
SERIES_MM = 165.0  # of a figure of a series, which is one row of cells
SMALL_MM = 90.0  # and of one beside an exercise
LINE = "Answer: ______________"


def handout(lesson: Lesson) -> bytes:
    """A lesson for paper: its steps with their figures, its questions, and all answers at the end."""
    story: Story = [words(lesson.title, "title"), words(lesson.goal)]
    for number, step in enumerate(lesson.steps, start=1):
        story += _step(step, number)
    story += [page_break(), words("Answers", "title")]
    for number, step in enumerate(lesson.steps, start=1):
        if step.ask:
            story.append(words(f"{number}. {step.title}", "heading"))
            story += _answer(step.ask)
    return document(lesson.title, story)


def _step(step: LessonStep, number: int) -> Story:
    story: Story = [words(f"{number}. {step.title}", "heading")]
    state = State.of(step.stage.fragment)
    width = SERIES_MM if len(state.placed.input_shape) == 2 else WIDTH_MM
    figure = figure_of(state, hidden_by(step.ask), width)
    story += blocks_of(step.prose)
    if figure is not None:
        story.append(Drawing(figure))
    if step.ask:
        story += _asked(step.ask, f"{number}")
    return [together(story)]


def _asked(ask: Ask, seed: str) -> Story:
    story = blocks_of(ask.prompt)
    if ask.kind == "choice":
        answers = [prose(one.content) for one in ask.shuffled(seed)]
        story.append(listed(answers, "A"))
    elif ask.kind == "cell":
        story.append(words("Mark it in the figure.", "small"))
    else:
        story.append(words(LINE))
    return story


def _answer(ask: Ask) -> Story:
    right = prose(ask.key.content)
    return [right, prose(ask.explanation)]


# ------------------------------------------------------------------------------------- practice


def exercise_story(exercise: Exercise, place: int) -> Story:
    """One exercise with its figure and a line to write on."""
    story: Story = [words(f"{place}. {exercise.kind.title}", "heading"), *blocks_of(exercise.ask.prompt)]
    figure = figure_of(State.of(exercise.stage.fragment), hidden_by(exercise.ask), SMALL_MM)
    if figure is not None:
        story.append(Drawing(figure))
    return [together([*story, words(LINE)])]


def solution_story(exercise: Exercise, place: int) -> Story:
    """Its solution."""
    head = words(f"{place}. {exercise.kind.title}: {plain_text(exercise.ask.key.content)}", "heading")
    return [together([head, prose(exercise.ask.explanation)])]


def sheet(title: str, about: str, exercises: Sequence[Story], solutions: Iterable[Story]) -> bytes:
    """A sheet of exercises; its solutions, if there are any, begin on a page of their own."""
    story: Story = [words(title, "title"), words(about, "small"), words("Name: ____________________")]
    for one in exercises:
        story += one
    answers = list(solutions)
    if answers:
        story += [page_break(), words("Solutions", "title")]
    for one in answers:
        story += one
    return document(title, story)
