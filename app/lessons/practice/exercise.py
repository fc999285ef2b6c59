"""An exercise and how one is drawn: a kind, a seed and a difficulty give settings, and a block of text asks about them.

Knows how questions are read, and no kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core.errors import Problem
from ..asks import read_ask
from ..lesson import Ask, Json, Stage
from ..prose import parser
from ..state import State

Random = np.random.Generator
MOST_TRIES = 60  # settings that are drawn for one exercise


@dataclass(frozen=True, slots=True)
class Drawn:
    """The drawing of a kind: the state that the key is computed of, the block that asks, and the state on the stage.

    ``shown`` is left out where the state gives nothing away.
    """

    fragment: str
    block: str
    shape: bool = False
    shown: str | None = None


Draw = Callable[[Random, int], Drawn | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of exercise. ``draw`` gives None for settings that ask nothing, and is asked again."""

    name: str
    title: str
    draw: Draw
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise."""

    kind: Kind
    number: int
    difficulty: int
    stage: Stage
    ask: Ask
    fragment: str

    def to_json(self, seed: int, *, solutions: bool) -> Json:
        """As the API carries it: its question looks like that of a lesson."""
        return {
            "kind": self.kind.name,
            "title": self.kind.title,
            "number": self.number,
            "difficulty": self.difficulty,
            "stage": {"fragment": self.stage.fragment, "controls": list(self.stage.controls)},
            "ask": self.ask.to_json(f"{seed}/{self.number}", keys=solutions),
        }


def exercise_of(kind: Kind, seed: int, number: int, difficulty: int, met: set[str]) -> Exercise:
    """The exercise of a seed and a number; its state is none of those already met, as long as there are others."""
    random = np.random.default_rng([seed, number, *kind.name.encode()])
    for attempt in range(MOST_TRIES):
        drawn = kind.draw(random, difficulty)
        if drawn is None or (drawn.fragment in met and attempt < MOST_TRIES // 2):
            continue
        try:
            return _asked(kind, drawn, number, difficulty, f"{seed}/{number}", met)
        except Problem:  # settings that do not fit their input, or whose wrong answers are none
            continue
    raise AssertionError(f"{kind.name} draws no exercise")  # a test draws hundreds of each


def _asked(kind: Kind, drawn: Drawn, number: int, difficulty: int, seed: str, met: set[str]) -> Exercise:
    state = State.of(drawn.fragment)
    info = "ask shape" if drawn.shape else "ask number"
    token = parser().parse(f"```{info}\n{drawn.block}\n```")[0]
    ask = read_ask(token, info.split()[1:], state, seed, lenient=True)
    shown = drawn.shown or drawn.fragment
    if ask.then is None and drawn.shown:
        ask = ask.revealing(drawn.fragment)
    met.add(drawn.fragment)
    return Exercise(kind, number, difficulty, Stage(shown, kind.controls), ask, drawn.fragment)


def link(operation: str, source: str, further: tuple[str, ...] = (), **settings: Any) -> str:
    """A fragment, without the settings that are None."""
    pairs = [f"{name}={value}" for name, value in settings.items() if value is not None]
    return "&".join(["#v1", f"op={operation}", *pairs, f"source={source}", *further])


def grid(random: Random, channels: int, rows: int, columns: int, least: int, most: int) -> str:
    """Whole numbers as typed values of a link."""
    cells = random.integers(least, most + 1, channels * rows * columns)
    return f"{channels}x{rows}x{columns}:{','.join(map(str, cells.tolist()))}"
