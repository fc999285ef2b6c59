"""A film strip: several steps as small pictures on one sheet, each with its number. Knows scenes, no file format."""

from __future__ import annotations

import dataclasses

from ..content.shown import Replay
from ..drawing.marks import (
    POINTS_PER_MM,
    Figure,
    Group,
    Text,
    moved,
)
from .looks import Look
from .scene import Scene

GAP = 1.2  # between pictures, in sizes of the text
LABEL = 1.9  # room for a picture's number
SMALL = 2.2  # the text of a picture in sizes of the text, divided by the columns


class Strip:
    """A sheet that grows picture by picture, so that each is a piece of work of its own."""

    def __init__(self, replay: Replay, look: Look, columns: int, pictures: int) -> None:
        self.look, self.columns = look, max(1, min(columns, pictures))
        self.gap = GAP * look.font_pt
        self.total = look.width_mm * POINTS_PER_MM
        self.each = (self.total - self.gap * (self.columns - 1)) / self.columns
        small = dataclasses.replace(
            look,
            width_mm=self.each / POINTS_PER_MM,
            font_pt=look.font_pt * min(1.0, SMALL / self.columns),
            parts=look.parts - {"sum", "formula"},
        )
        self.scene = Scene(replay, small)
        self._groups: list[Group] = []
        self._x = self._y = self._tall = 0.0

    def add(self, step: int) -> None:
        """Draw one more picture."""
        figure = self.scene.figure(step)
        if len(self._groups) % self.columns == 0:
            self._x, self._y = 0.0, self._y + (self._tall + self.gap if self._groups else 0.0)
            self._tall = 0.0
        size = self.look.font_pt
        label = Text(
            figure.width / 2,
            figure.height + size,
            size,
            "middle",
            ((f"step {step + 1:,}", self.look.theme.muted),),
            (("step", str(step)),),
        )
        marks = tuple(moved(mark, self._x, self._y) for mark in (*figure.marks, label))
        self._groups.append(Group("step", marks, (("step", str(step)),)))
        self._tall = max(self._tall, figure.height + LABEL * size)
        self._x += self.each + self.gap

    def figure(self) -> Figure:
        """The sheet."""
        return Figure(
            self.total, self._y + self._tall, self.look.theme.ground, tuple(self._groups), self.look.clear
        )
