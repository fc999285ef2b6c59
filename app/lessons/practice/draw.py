"""Exercises of one kind, or of all kinds in turn, without repetition. Knows kinds as records, never by name."""

from __future__ import annotations

from ...core.errors import NotFound
from .exercise import Exercise, exercise_of
from .kinds import KINDS

ALL = "all"
MOST = 50
LEVELS = (1, 2, 3)


def exercises(kind: str, seed: int, count: int, difficulty: int, first: int = 0) -> list[Exercise]:
    """``count`` exercises from the number ``first`` on; the same seed gives the same ones."""
    if kind != ALL and kind not in KINDS:
        known = ", ".join([*KINDS, ALL])
        raise NotFound("kind", kind[:80], "no exercises have this kind", f"Use one of {known}.")
    kinds = list(KINDS.values()) if kind == ALL else [KINDS[kind]]
    met: set[str] = set()
    return [
        exercise_of(kinds[number % len(kinds)], seed, number, difficulty, met)
        for number in range(first, first + count)
    ]
