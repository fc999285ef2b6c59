"""The routes of lessons: GET lessons, GET lessons/{name}. Knows requests and answers; lessons are read elsewhere."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic_core import to_json

from .api import JSON, answers, services

router = APIRouter(prefix="/api/v1", tags=["lessons"])

MOST_SEED = 2**32 - 1


def _answer(request: Request, told: object) -> Response:
    """JSON with a tag: a lesson is asked for again at each visit, and seldom changes."""
    body = to_json(told, inf_nan_mode="strings")
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=JSON)


@router.get("/lessons", summary="The lessons that there are", responses=answers())
async def lessons(request: Request) -> Response:
    """Each with title, goal, minutes and counts of steps and questions; and files that are no lessons, with why."""
    library = services(request).lessons

    def told() -> object:
        return {
            "version": 1,
            "lessons": [lesson.listed() for lesson in library.lessons().values()],
            "problems": library.problems(),
        }

    return _answer(request, await services(request).compute.load(told))


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
