"""The routes of lessons and practice. Knows requests and answers; lessons are read and exercises drawn elsewhere."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic_core import to_json

from ...lessons.paper.pages import exercise_story, handout, sheet, solution_story
from ...lessons.practice.draw import ALL, MOST, exercises
from ...lessons.practice.kinds import KINDS
from ..http.practice import PracticeRequest
from .api import FILE, JSON, answers, json_answer, read, services, takes

router = APIRouter(prefix="/api/v1", tags=["lessons"])

MOST_SEED = 2**32 - 1
PDF = "application/pdf"
EXERCISE_WORK = 20_000_000  # elementary operations that drawing and computing one is worth
PAGE_WORK = 200_000_000  # and setting a page


def _answer(request: Request, content: object) -> Response:
    """JSON with a tag: a lesson is asked for again at each visit, and seldom changes."""
    body = to_json(content, inf_nan_mode="strings")
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=JSON)


@router.get("/lessons", summary="The lessons that there are", responses=answers())
async def lessons(request: Request) -> Response:
    """Each with title, goal, minutes and counts of steps and questions; and files that are no lessons, with why."""
    library = services(request).lessons

    def content() -> object:
        return {
            "version": 1,
            "lessons": [lesson.listed() for lesson in library.lessons().values()],
            "problems": library.problems(),
        }

    return _answer(request, await services(request).compute.load(content))


@router.get("/lessons/{name}", summary="One lesson", responses=answers(400, 404, 422))
async def lesson(
    name: Annotated[str, Path(description="As GET lessons lists it.")],
    request: Request,
    keys: Annotated[
        bool, Query(description="Also tell the right answers, and why others are wrong.")
    ] = False,
    seed: Annotated[int, Query(ge=0, le=MOST_SEED, description="Shuffles the options.")] = 0,
) -> Response:
    """The steps with their states, prose and questions, and the lecturer's notes. Numbers are computed, never typed."""
    library = services(request).lessons
    found = await services(request).compute.load(lambda: library.lesson(name))
    return _answer(request, found.to_json(seed, keys=keys))


@router.post(
    "/practice",
    summary="Exercises that a seed draws",
    openapi_extra=takes(PracticeRequest),
    responses=answers(400, 404, 413, 415, 422),
)
async def practice(request: Request) -> Response:
    """Each with a state and a question like that of a lesson; with solutions also its computed answer."""
    served = services(request)
    body = await read(PracticeRequest, request, served)
    work = body.count * EXERCISE_WORK
    await served.admission.charge_work(work)

    def content() -> object:
        drawn = exercises(body.kind, body.seed, body.count, body.difficulty, body.first)
        return {
            "version": 1,
            "kinds": [{"name": kind.name, "title": kind.title} for kind in KINDS.values()],
            "exercises": [one.to_json(body.seed, solutions=body.solutions) for one in drawn],
        }

    return json_answer(await served.compute.run(work, content))


@router.get(
    "/lessons/{name}/handout",
    summary="A lesson as PDF",
    responses=answers(400, 404, 422, media={PDF: FILE}),
)
async def print_lesson(
    name: Annotated[str, Path(description="As GET lessons lists it.")], request: Request
) -> Response:
    """The steps with their figures and questions, and the answers on a page of their own."""
    served = services(request)
    found = await served.compute.load(lambda: served.lessons.lesson(name))
    work = PAGE_WORK * len(found.steps)
    await served.admission.charge_work(work)
    return _pdf(await served.compute.run(work, lambda: handout(found)), name)


@router.get(
    "/practice/sheet",
    summary="A sheet of exercises as PDF",
    responses=answers(400, 404, 422, media={PDF: FILE}),
)
async def print_practice(
    request: Request,
    kind: Annotated[str, Query(max_length=40, description="As POST practice takes it.")] = ALL,
    seed: Annotated[int, Query(ge=0, le=MOST_SEED, description="The same seed gives the same sheet.")] = 0,
    count: Annotated[int, Query(ge=1, le=MOST, description="How many exercises.")] = 10,
    difficulty: Annotated[
        Literal["1", "2", "3"], Query(description="1 has one idea, 3 what people forget.")
    ] = "1",
    solutions: Annotated[bool, Query(description="Add the solutions, on a page of their own.")] = False,
) -> Response:
    """The exercises that POST practice gives to the same values, with figures: one link is one sheet for a class."""
    served = services(request)
    await served.admission.charge_work(count * PAGE_WORK)
    level = int(difficulty)
    drawn = await served.compute.run(count * EXERCISE_WORK, lambda: exercises(kind, seed, count, level))
    stories = []
    for place, one in enumerate(drawn, start=1):  # a piece each, so that others come in between
        stories.append(
            await served.compute.run(PAGE_WORK, lambda one=one, place=place: exercise_story(one, place))  # type: ignore[misc]
        )
    solved = [solution_story(one, place) for place, one in enumerate(drawn, start=1)] if solutions else []
    title = f"Practice: {KINDS[kind].title.lower()}" if kind in KINDS else "Practice"
    about = f"Seed {seed}, difficulty {level}"
    file = await served.compute.run(count * PAGE_WORK, lambda: sheet(title, about, stories, solved))
    return _pdf(file, f"practice-{kind}-{seed}")


def _pdf(file: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(file, headers=headers, media_type=PDF)
