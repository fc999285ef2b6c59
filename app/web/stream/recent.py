"""Experiments whose training steps were looked at lately: the next look goes on from there. Knows no route."""

from __future__ import annotations

from collections import OrderedDict

from ..http.training import StepRequest
from ..server.admission import ALLOWANCE, Allowance
from .bursts import burst
from .jobs import Services
from .learning import Course, prepare

MOST = 4
MOST_BYTES = 8_000_000  # of the examples of one
# These settings say how much is told of an experiment, or where it is looked at, and do not change it.
ASIDE = frozenset({"at", "example", "report", "snapshots", "steps"})

_KEPT: OrderedDict[str, Course] = OrderedDict()


def _key(body: StepRequest) -> str:
    return body.model_dump_json(exclude=set(ASIDE))


async def course_at(served: Services, body: StepRequest) -> Course:
    """The experiment with ``at`` training steps done: gone on with where it was looked at before, else begun anew."""
    key = _key(body)
    course = _KEPT.pop(key, None)  # nobody else has it meanwhile
    if course is not None and course.training.step > body.at:
        passed = any(body.at < change.step <= course.training.step for change in body.changes)
        if passed or course.kept[0].step > body.at:
            course = None
        else:
            course.back_to(body.at)
    if course is None:
        course = Course(await prepare(served, body), body)
    most = float(served.settings.train_s)
    before = ALLOWANCE.get()
    ALLOWANCE.set(Allowance(most, most))
    try:
        silent = course.steps_to(body.at)
        while (await burst(served, silent))[1]:
            pass
    finally:
        ALLOWANCE.set(before)
    return course


def keep(body: StepRequest, course: Course) -> None:
    """Let the next look go on from here."""
    if course.training.examples.training.x.nbytes > MOST_BYTES:
        return
    _KEPT[_key(body)] = course
    while len(_KEPT) > MOST:
        _KEPT.popitem(last=False)
