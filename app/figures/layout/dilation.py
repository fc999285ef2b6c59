"""The dilation diagram of layers on a series, as marks: a row of steps for each layer, upwards from the input.

A line leads to each step that is read; a cell's field stands out, and the future in it once more. Knows no file format.
"""

from __future__ import annotations

import itertools
import math
from typing import Literal

import numpy as np

from ...core.place import SOURCE
from ..content.network import FieldRole, Layer, Shown
from ..drawing import font
from ..drawing.marks import POINTS_PER_MM, Figure, Group, Lines, Mark, Polygon, Style, Text
from ..drawing.numbers import shape
from .looks import Look

CORNERS = 12  # of a dot
ROW = 4.2  # lines of text from row to row
TALL = 5.0  # and of the series below
TICKS = 8  # numbers below the series
FAINT = 0.25  # points: lines that are not of the field


class Dilation:
    """The pictures of a series through its layers."""

    def __init__(self, shown: Shown, look: Look) -> None:
        self.shown, self.look, self.theme = shown, look, look.theme
        size = self.size = look.font_pt
        self.width = look.width_mm * POINTS_PER_MM
        names = [text for layer in shown.layers for text in (layer.name, _words(layer))]
        self.left = max(font.width(text, size) for text in names) + 1.5 * size
        count = shown.layers[0].shape[1]
        self.step: float = (self.width - self.left - 0.3 * size) / count
        self.radius = max(0.5, min(0.36 * self.step, 0.45 * size))
        self.floor = 1.5 * size + ROW * size * (len(shown.layers) - 1)
        self.height = self.floor + (1.6 + TALL + 1.6) * size

    def _x(self, layer: Layer, cell: int) -> float:
        """The middle of a step, layers with fewer steps spread over the input's."""
        count, own = self.shown.layers[0].shape[1], int(layer.map.shape[1])
        return self.left + ((cell + 0.5) * count / own) * self.step

    def _y(self, at: int) -> float:
        return self.floor - at * ROW * self.size

    def figure(self, moment: int | None = None) -> Figure:
        """All of it, or the field as far back as so many layers."""
        at_of = {layer.name: at for at, layer in enumerate(self.shown.layers)}
        own = at_of[self.shown.cell.layer] if self.shown.cell else 0
        held = [moment is None or abs(at - own) <= moment for at in range(len(self.shown.layers))]
        marked = [
            self._marked(at, layer) if held[at] else set() for at, layer in enumerate(self.shown.layers)
        ]
        faint: list[tuple[tuple[float, float], tuple[float, float]]] = []
        bold: dict[FieldRole | Literal["warn"], list[tuple[tuple[float, float], tuple[float, float]]]] = {
            "kernel": [],
            "output": [],
            "warn": [],
        }
        for at, layer in enumerate(self.shown.layers):
            if layer.name == SOURCE:
                continue
            axis = self.shown.shapes.placed[layer.name].geometry.walk.axes[0]
            sources = axis.source.resolve(axis.reads.coordinates(np.arange(axis.steps)))
            for step, reads in enumerate(sources.tolist()):
                for cell in sorted({cell for cell in reads if cell >= 0}):
                    for name in dict.fromkeys(layer.inputs):
                        below = at_of[name]
                        line = (
                            (self._x(self.shown.layers[below], cell), self._y(below)),
                            (self._x(layer, step), self._y(at)),
                        )
                        if step in marked[at] and cell in marked[below]:
                            role = layer.role if layer.cell is None else self.shown.layers[below].role
                            late = _is_late(self.shown.layers[below], cell)
                            bold["warn" if late else role].append(line)
                        else:
                            faint.append(line)
        marks: list[Mark] = []
        if faint:
            marks.append(Lines(tuple(faint), self.theme.hairline, FAINT))
        for part, lines in bold.items():
            if lines:
                width = self.theme.line
                dash = self.theme.dash(part, width) if part == "warn" else ()
                marks.append(
                    Lines(tuple(lines), self.theme.colour(part), width, dash, data=(("field", part),))
                )
        for at, layer in enumerate(self.shown.layers):
            marks.append(Group("layer", tuple(self._row(at, layer, marked[at])), (("layer", layer.name),)))
        marks.append(Group("series", tuple(self._series())))
        return Figure(self.width, self.height, self.theme.ground, tuple(marks), self.look.clear)

    def _marked(self, at: int, layer: Layer) -> set[int]:
        if layer.cell is not None:
            return {layer.cell[1]}
        return set() if layer.field is None else set(np.flatnonzero(layer.field.reshape(-1)).tolist())

    def _row(self, at: int, layer: Layer, marked: set[int]) -> list[Mark]:
        theme, y = self.theme, self._y(at)
        role = "input" if at == 0 else "ink"
        marks: list[Mark] = [Text(0, y, self.size, "start", ((layer.name, theme.word(role)),))]
        if at:
            marks.append(
                Text(0, y + 1.15 * self.size, self.size, "start", ((_words(layer), theme.word("kernel")),))
            )
        scale = theme.scale(layer.low, layer.high, picture=False)
        for cell in range(layer.map.shape[1]):
            on = cell in marked
            value = float(layer.map[0, cell])
            edge = (
                theme.ink
                if layer.cell is not None and on
                else theme.colour("warn" if _is_late(layer, cell) else layer.role)
                if on
                else theme.guide
            )
            fill = scale.colour(value, soft=False) if on else theme.ground
            style = Style(fill, edge, theme.bold / 2 if on else theme.thin)
            marks.append(Polygon(_dot(self._x(layer, cell), y, self.radius), style, (("step", str(cell)),)))
        return marks

    def _series(self) -> list[Mark]:
        source = self.shown.layers[0]
        top = self.floor + 1.6 * self.size
        low, high = source.low, source.high
        span = (high - low) or 1.0

        def point(cell: int) -> tuple[float, float]:
            part = (float(source.map[0, cell]) - low) / span
            return self._x(source, cell), top + (1 - part) * TALL * self.size

        count = source.map.shape[1]
        points = [point(cell) for cell in range(count) if math.isfinite(float(source.map[0, cell]))]
        marks: list[Mark] = []
        if len(points) > 1:
            marks.append(Lines(tuple(itertools.pairwise(points)), self.theme.input, self.theme.bold))
        every = max(1, -(-count // TICKS))
        for cell in range(0, count, every):
            y = top + (TALL + 1.2) * self.size
            marks.append(
                Text(self._x(source, cell), y, self.size, "middle", ((str(cell), self.theme.muted),))
            )
        return marks


def _is_late(layer: Layer, cell: int) -> bool:
    """Whether a step of the field lies after the time of the cell that depends on it."""
    return layer.late is not None and bool(layer.late[cell])


def _words(layer: Layer) -> str:
    return f"sees {shape(layer.sees)}" if layer.sees else ""


def _dot(x: float, y: float, radius: float) -> tuple[tuple[float, float], ...]:
    turns = [2 * math.pi * at / CORNERS for at in range(CORNERS)]
    return tuple((x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns)
