"""Figures of a lesson's states for paper: with the answer, or without what is asked for. Knows no page and no text."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np

from ...core.errors import Problem
from ...figures.bounds import drawn_cells, replay_work
from ...figures.card import replay_of
from ...figures.content.shown import Replay, Shown
from ...figures.drawing.marks import Figure, Group, Mark, Rect, Style, Text
from ...figures.drawing.themes import THEMES, Theme
from ...figures.layout.looks import Look, Part
from ...figures.layout.scene import Scene
from ..lesson import Ask
from ..state import State

Hidden = Literal["nothing", "numbers", "output"]

MOST_CELLS = 4_000  # of both grids and the kernel: more are no use on paper
MOST_WORK = 2_000_000  # products that are replayed
FONT_PT = 8.0
HALO = 1.6  # by which the halo of the winner is wider than its line, as the scene has it
PARTS: frozenset[Part] = frozenset(("headings", "numbers", "kernel"))


def hidden_by(ask: Ask | None) -> Hidden:
    """The part that a question hides: the output, whose size is asked for, or the numbers in it."""
    hidden: dict[str, Hidden] = {"value": "numbers", "output": "output", "shape": "output"}
    return hidden.get(ask.hides, "nothing") if ask else "nothing"


def figure_of(state: State, hidden: Hidden, width_mm: float) -> Figure | None:
    """The chosen layer at the state's step; None where there is too much to draw, or nothing that can be."""
    layer = state.layer
    walk = layer.geometry.walk
    if drawn_cells(layer, walk) > MOST_CELLS or replay_work(layer, walk) > MOST_WORK:
        return None
    lane = min(state.link.count("lane") or 0, walk.lanes - 1)
    look = Look("side", THEMES["print"], width_mm, FONT_PT, "values", PARTS)
    given = state.link.count("step")
    step = None if given is None or hidden == "output" else min(given, walk.steps - 1)
    try:
        complete = state.link.page.get("building") != "true"
        replay = replay_of(layer, lane=lane, stamping=False, complete=complete)
        if hidden == "numbers":
            replay = _Asked(layer, lane, replay.channel, scattering=False)
        figure = Scene(replay, look).figure(step)
    except Problem:
        return None
    if hidden == "numbers":
        return dataclasses.replace(figure, marks=tuple(_without_winner(mark, look) for mark in figure.marks))
    return _without_output(figure) if hidden == "output" else figure


class _Asked(Replay):
    """A replay that tells no number of the output."""

    def at(self, step: int | None) -> Shown:
        shown = super().at(step)
        return shown if step is None else dataclasses.replace(shown, done=np.zeros_like(shown.done))


def _without_winner(mark: Mark, look: Look) -> Mark:
    """The input without the edge around the cell that a maximum takes, which would be the answer."""
    if not isinstance(mark, Group) or mark.name != "input":
        return mark
    kept = [one for one in mark.marks if not (isinstance(one, Rect) and _of_winner(one.style, look.theme))]
    return dataclasses.replace(mark, marks=tuple(kept))


def _of_winner(style: Style, theme: Theme) -> bool:
    """Whether a line in the input is that around the winner: in the output's colour, or its halo, the widest of all."""
    return style.stroke == theme.output or style.line == theme.bold + HALO


def _without_output(figure: Figure) -> Figure:
    """The input and the kernel alone: how large the output is, is for the reader to find."""
    kept = [
        mark
        for mark in figure.marks
        if not (isinstance(mark, Group) and mark.name == "output")
        and not (isinstance(mark, Text) and (("heading", "output") in mark.data or not mark.data))
    ]
    return dataclasses.replace(figure, marks=tuple(kept))
