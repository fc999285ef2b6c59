"""A lesson as it was read and computed: records and nothing else. Knows no file, no text and no engine.

Prose is a tree of plain JSON, which the page makes elements of: blocks hold inline nodes, each a text or a record
with a ``kind``. No markup comes out of a lesson.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Json = dict[str, Any]
Inline = list[Any]  # texts and records: strong, emphasis, code, value, role, link
Blocks = list[Json]  # paragraph and list
AskKind = Literal["number", "shape", "choice", "cell"]
# The stage keeps this covered until somebody has answered: the number of a cell, the output, its size as well.
Hides = Literal["nothing", "value", "output", "shape"]


@dataclass(frozen=True, slots=True)
class Stage:
    """The state on the stage: a link's fragment, and the controls that the step is about."""

    fragment: str
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a question: how it is written, its value as JSON, and why it is wrong where it is."""

    id: str
    content: Inline
    value: Any
    explanation: Inline | None = None
    right: bool = False

    def to_json(self) -> Json:
        """As an option among which a person chooses; nothing of it says whether it is right."""
        return {"id": self.id, "content": self.content, "value": self.value}


@dataclass(frozen=True, slots=True)
class Ask:
    """A question. ``answers`` are the right one and those that are wrong for a reason."""

    kind: AskKind
    prompt: Blocks
    answers: tuple[Answer, ...]
    explanation: Inline
    tolerance: float = 0.0
    grid: str | None = None
    about: Json | None = None
    then: str | None = None
    hint: Inline | None = None
    hides: Hides = "nothing"

    def revealing(self, fragment: str) -> Ask:
        """The same question with the state that its answer shows."""
        return replace(self, then=fragment, hides="nothing")

    @property
    def key(self) -> Answer:
        """The right answer."""
        return next(answer for answer in self.answers if answer.right)

    def to_json(self, seed: str, *, keys: bool) -> Json:
        """As the API carries it; with ``keys`` also what is right, and why others are not."""
        record: Json = {
            "kind": self.kind,
            "prompt": self.prompt,
            "options": [answer.to_json() for answer in self.shuffled(seed)] if self.kind != "cell" else [],
            "grid": self.grid,
            "about": self.about,
            "hint": self.hint,
            "hides": self.hides,
        }
        if keys:
            key = self.key
            record["key"] = {
                "id": key.id,
                "value": key.value,
                "content": key.content,
                "tolerance": self.tolerance,
            }
            record["explanation"] = self.explanation
            record["then"] = self.then
            record["wrong"] = [
                {"id": one.id, "value": one.value, "explanation": one.explanation}
                for one in self.answers
                if not one.right
            ]
        return record

    def shuffled(self, seed: str) -> list[Answer]:
        """All answers in an order that a seed says."""
        return sorted(self.answers, key=lambda one: digest(f"{seed}/{one.id}"))


@dataclass(frozen=True, slots=True)
class LessonStep:
    """One step: a heading, a state, prose, and at most one question."""

    title: str
    stage: Stage
    prose: Blocks
    ask: Ask | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """For lecturers: lists of inline prose."""

    objectives: list[Inline]
    misconceptions: list[Inline]
    discussion: list[Inline]

    def to_json(self) -> Json:
        """As the API carries them."""
        return {
            "objectives": self.objectives,
            "misconceptions": self.misconceptions,
            "discussion": self.discussion,
        }


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson."""

    name: str
    title: str
    line: str
    goal: str
    minutes: int
    steps: tuple[LessonStep, ...]
    notes: Notes

    @property
    def questions(self) -> int:
        """How many steps ask."""
        return sum(step.ask is not None for step in self.steps)

    def listed(self) -> Json:
        """As the list of lessons carries it."""
        return {
            "name": self.name,
            "title": self.title,
            "line": self.line,
            "goal": self.goal,
            "minutes": self.minutes,
            "steps": len(self.steps),
            "questions": self.questions,
            "fragment": self.steps[0].stage.fragment,
        }

    def to_json(self, seed: int = 0, *, keys: bool) -> Json:
        """As the API carries it."""
        steps = []
        for number, step in enumerate(self.steps):
            ask = step.ask and step.ask.to_json(f"{seed}/{self.name}/{number}", keys=keys)
            stage = {"fragment": step.stage.fragment, "controls": list(step.stage.controls)}
            steps.append({"title": step.title, "stage": stage, "prose": step.prose, "ask": ask})
        record: Mapping[str, Any] = {
            "version": 1,
            "name": self.name,
            "title": self.title,
            "line": self.line,
            "goal": self.goal,
            "minutes": self.minutes,
            "steps": steps,
            "notes": self.notes.to_json(),
        }
        return dict(record)


def digest(text: str) -> str:
    """A short name of a text that says nothing about it."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
