"""The picture that goes with a link: title, sentence and one figure on a card of 1200×630 pixels. Knows no HTTP.

Messengers and learning platforms show it at a third of its size, so its text is large and the sum is left out.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from ..core.engine.trace import Layer
from ..images.write.encode import picture_png
from .bounds import drawn_cells, replay_work
from .content.shown import Replay, Shown
from .drawing import font
from .drawing.marks import (
    POINTS_PER_MM,
    Figure,
    Group,
    Mark,
    Rect,
    Style,
    Text,
    moved,
)
from .drawing.themes import THEMES, Theme
from .layout.arrangement import Arrangement
from .layout.looks import Look, Part
from .layout.scene import Scene
from .writers.raster import pixels

WIDTH, HEIGHT = 1200, 630  # pixels, as Open Graph recommends
DPI = 144.0
PAGE = (WIDTH * 72 / DPI, HEIGHT * 72 / DPI)  # points
MARGIN = 26.0
TITLE_PT, LINE_PT, FIGURE_PT = 19.0, 11.5, 10.0
TOP = 74.0  # where the figure's room begins
MARK = 10.0  # the side of a cell of the mark
SHOWN: frozenset[Part] = frozenset(("headings", "numbers", "kernel", "formula"))
LEAST_MM = 20.0  # of a figure
MOST_CELLS = 15_000  # of both grids and the kernel: a picture of 84 × 84 and its map
MOST_WORK = 5_000_000  # products that are replayed
CELL_WORK = 500_000  # elementary operations that a drawn cell is worth
BLANK_WORK = 400_000_000  # and a card without a cell


@dataclass(frozen=True, slots=True)
class Card:
    """The words of a card, and what is drawn below them."""

    title: str
    line: str
    theme: str = "light"

    def png(self, figure: Figure | None = None) -> bytes:
        """The file, with a figure or with the words alone."""
        look = THEMES[self.theme]
        marks: list[Mark] = [*_mark(look), *self._words(look, alone=figure is None)]
        if figure is not None:
            marks.append(_placed(figure))
        width, height = PAGE
        drawing = Figure(width, height, look.ground, tuple(marks))
        return picture_png(pixels(drawing, DPI), DPI, {"Title": self.title, "Description": self.line})

    def _words(self, look: Theme, *, alone: bool) -> list[Mark]:
        room = PAGE[0] - 2 * MARGIN
        left, y = (MARGIN, PAGE[1] / 2 - TITLE_PT / 2) if alone else (MARGIN + 4 * MARK, MARGIN + 15)
        size = 1.4 * TITLE_PT if alone else TITLE_PT
        room -= left - MARGIN
        title = Text(left, y, size, "start", ((cut(self.title, size, room), look.ink),))
        below = y + 1.7 * LINE_PT + (8 if alone else 0)
        line = Text(left, below, LINE_PT, "start", ((cut(self.line, LINE_PT, room), look.muted),))
        return [title, line]


def figure_of(
    layer: Layer, look: Look, *, lane: int, step: int | None, stamping: bool, complete: bool
) -> Figure | None:
    """The figure of a step in the room of a card; None where it has more cells than a card draws.

    With ``complete`` the output is there from the start and the step stands on it, as on the page; else it builds up.
    """
    if too_much(layer):
        return None
    replay = replay_of(layer, lane=lane, stamping=stamping, complete=complete)
    return Scene(replay, _fitted(replay, look)).figure(step)


def replay_of(layer: Layer, *, lane: int, stamping: bool, complete: bool) -> Replay:
    """The replay of a lane, of the first input channel that it reads."""
    walk = layer.geometry.walk
    first = range(*walk.channels_of(lane // walk.lanes_per_group).indices(walk.channels))[0]
    return (_Complete if complete else Replay)(layer, lane, first, scattering=stamping)


def too_much(layer: Layer) -> bool:
    """Whether a layer has more cells, or more products, than a card is drawn for."""
    walk = layer.geometry.walk
    return drawn_cells(layer, walk) > MOST_CELLS or replay_work(layer, walk) > MOST_WORK


def work_of(layer: Layer) -> int:
    """The work of drawing a card, in elementary operations."""
    if too_much(layer):
        return BLANK_WORK
    walk = layer.geometry.walk
    return BLANK_WORK + replay_work(layer, walk) + CELL_WORK * drawn_cells(layer, walk)


def look_of(theme: str, *, picture: bool, rgb: bool) -> Look:
    """How a figure on a card looks."""
    width = (PAGE[0] - 2 * MARGIN) / POINTS_PER_MM
    return Look("side", THEMES[theme], width, FIGURE_PT, "values", SHOWN, picture, rgb=rgb)


class _Complete(Replay):
    """A replay whose output is whole at every step."""

    def at(self, step: int | None) -> Shown:
        shown = super().at(step)
        if step is None or self.scattering:
            return shown
        final = super().at(None)
        return dataclasses.replace(shown, values=final.values, done=final.done, noise=final.noise)


def _fitted(replay: Replay, look: Look) -> Look:
    """The look in the greatest width whose figure is no higher than its room."""
    room = PAGE[1] - TOP - MARGIN

    def fits(width_mm: float) -> bool:
        tried = dataclasses.replace(look, width_mm=width_mm)
        return Arrangement(replay.layer, replay.walk, tried, scattering=replay.scattering).tallest() <= room

    if fits(look.width_mm):
        return look
    low, high = LEAST_MM, look.width_mm
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return dataclasses.replace(look, width_mm=low)


def _placed(figure: Figure) -> Group:
    """A figure in the middle of its room, smaller where it is too high still."""
    dx = (PAGE[0] - figure.width) / 2
    dy = TOP + max(0.0, PAGE[1] - TOP - MARGIN - figure.height) / 2
    return Group("figure", tuple(moved(mark, dx, dy) for mark in figure.marks))


def _mark(look: Theme) -> list[Mark]:
    """The mark of the page: nine cells, one of the input, one of the output, a window round both."""
    marks: list[Mark] = []
    for row in range(3):
        for col in range(3):
            colour = {(1, 1): look.input, (2, 2): look.output}.get((row, col), look.hairline)
            x, y = MARGIN + col * MARK, MARGIN + row * MARK
            marks.append(Rect(x + 0.7, y + 0.7, MARK - 1.4, MARK - 1.4, Style(colour)))
    around = Style(None, look.kernel, 1.6)
    marks.append(Rect(MARGIN + MARK, MARGIN + MARK, 2 * MARK, 2 * MARK, around))
    return marks


def cut(text: str, size: float, room: float) -> str:
    """A text, or as much of it as its room holds and a sign that there is more."""
    text = "".join(char if font.has(char) else "?" for char in text if char.isprintable())
    if font.width(text, size) <= room:
        return text
    while text and font.width(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"
