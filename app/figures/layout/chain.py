"""A network as a row of maps, with what reads what and the field of a cell, as marks. Knows no file format."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..content.network import Layer, Shown
from ..drawing import font
from ..drawing.colours import ink_on, mixed
from ..drawing.marks import POINTS_PER_MM, Figure, Group, Lines, Mark, Polygon, Rect, Style, Text
from ..drawing.numbers import shape
from .grid import Frame, fitting
from .looks import Look
from .scene import SOFT

MOST_CELLS = 9_000  # of all maps together; larger maps are drawn by the means of blocks
MOST_ROWS = 16  # of the single numbers of a vector
BETWEEN = 0.28  # columns: the room between two of them, in parts of a column
ARC = 1.1  # lines of text between arcs
HEADS = 4.0  # lines of text above the maps: name, shape, sees


@dataclass(frozen=True, slots=True)
class Place:
    """Where the map of a layer lies, and how many of its cells make one that is drawn."""

    x: float
    y: float
    cell: float
    rows: int
    cols: int
    block: int

    @property
    def width(self) -> float:
        """Of the map."""
        return self.cell * self.cols

    @property
    def height(self) -> float:
        """Of the map."""
        return self.cell * self.rows

    def box(self, rows: tuple[int, int], cols: tuple[int, int]) -> tuple[float, float, float, float]:
        """x, y, width and height of cells from the first to the last, in cells of the layer."""
        each = self.cell / self.block
        left, top = self.x + cols[0] * each, self.y + rows[0] * each
        return (
            left,
            top,
            min((cols[1] - cols[0] + 1) * each, self.x + self.width - left),
            min((rows[1] - rows[0] + 1) * each, self.y + self.height - top),
        )


class Chain:
    """The pictures of a network: the whole, or as far as ``moment`` has come."""

    def __init__(self, shown: Shown, look: Look) -> None:
        self.shown, self.look, self.theme = shown, look, look.theme
        self.width = look.width_mm * POINTS_PER_MM
        count = len(shown.layers)
        self.edge = self.theme.bold
        column = (self.width - 2 * self.edge) / (count + (count - 1) * BETWEEN)
        self.size = min(look.font_pt, column / 7.2)
        each = MOST_CELLS // count
        skips = sum(
            1 for at, one in enumerate(shown.layers) for name in one.inputs if self._at(name) < at - 1
        )
        top = (HEADS + (ARC * skips + 0.6 if skips else 0.0)) * self.size
        places = []
        for at, layer in enumerate(shown.layers):
            rows, cols = layer.map.shape
            if cols == 1:
                rows = min(rows, MOST_ROWS)
            block = max(1, math.ceil(math.sqrt(rows * cols / each)))
            rows, cols = -(-rows // block), -(-cols // block)
            cell = min(column / cols, column / rows, column / 3)
            x = self.edge + at * column * (1 + BETWEEN) + (column - cell * cols) / 2
            places.append(Place(x, 0.0, cell, rows, cols, block))
        tall = max(place.height for place in places)
        self.places = [
            Place(one.x, top + (tall - one.height) / 2, one.cell, one.rows, one.cols, one.block)
            for one in places
        ]
        self.column, self.top, self.height = column, top, top + tall + 0.6 * self.size

    def figure(self, moment: int | None = None) -> Figure:
        """All of it; or the layers up to a moment, or the field as far back as that many layers."""
        layers = list(enumerate(self.shown.layers))
        within = {at for at, _ in layers}
        held = within
        if moment is not None and self.shown.cell is None:
            within = {at for at in within if at <= moment}
        elif moment is not None:
            assert self.shown.cell is not None, "a field is of a cell"
            own = self._at(self.shown.cell.layer)
            held = {at for at in within if abs(at - own) <= moment}
        marks: list[Mark] = []
        field, cones = self._field(held) if self.shown.cell is not None else ([], [])
        marks += cones
        for at, layer in layers:
            if at in within:
                marks.append(Group("layer", tuple(self._layer(at, layer)), (("layer", layer.name),)))
        marks += self._reads(within)
        if self.shown.cell is not None:
            marks.append(Group("field", tuple(field)))
        return Figure(self.width, self.height, self.theme.ground, tuple(marks), self.look.clear)

    def _at(self, name: str) -> int:
        return next(at for at, one in enumerate(self.shown.layers) if one.name == name)

    def _layer(self, at: int, layer: Layer) -> list[Mark]:
        place, theme = self.places[at], self.theme
        scale = theme.scale(layer.low, layer.high, picture=self.look.picture and at == 0)
        values = _blocks(layer.map[: place.rows * place.block], place.block)
        frame = Frame(place.x, place.y, place.cell, place.rows, place.cols)
        printed = None
        if place.block == 1 and self.look.shows("numbers"):
            printed = fitting(values[: place.rows].ravel().tolist(), frame, self.size)
        soft = printed is not None or place.cell >= SOFT
        marks: list[Mark] = []
        numbers: list[Mark] = []
        for row in range(place.rows):
            for col in range(place.cols):
                value = float(values[row, col])
                colour = scale.colour(value, soft=soft)
                marks.append(frame.area(row, col, 1, 1, Style(colour)))
                if printed is not None:
                    ink = ink_on(colour, theme.ink)
                    numbers.append(frame.number(row, col, printed.text(value), printed.size, ink))
        marks += numbers
        last = len(self.shown.layers) - 1
        edge = theme.input if at == 0 else theme.output if at == last else theme.guide
        marks.append(Rect(place.x, place.y, place.width, place.height, Style(None, edge, theme.line)))
        middle = self.edge + at * self.column * (1 + BETWEEN) + self.column / 2
        role = "input" if at == 0 else "output" if at == last else "ink"
        lines = [(layer.name, theme.word(role)), (shape(layer.shape), theme.muted)]
        if layer.sees:
            lines.append((f"sees {shape(layer.sees)}", theme.word("kernel")))
        top = self.top - HEADS * self.size
        for number, (text, colour) in enumerate(lines):
            size = min(
                self.size,
                self.size * self.column * (1 + 0.8 * BETWEEN) / max(1e-9, font.width(text, self.size)),
            )
            y = top + (number + 1) * 1.15 * self.size
            marks.append(Text(middle, y, size, "middle", ((text, colour),)))
        return marks

    def _reads(self, within: set[int]) -> list[Mark]:
        """Arrows from layer to layer, and arcs above for what skips some."""
        segments = []
        arcs = 0
        skips: list[Mark] = []
        for at, layer in enumerate(self.shown.layers):
            for name in layer.inputs:
                start = self._at(name)
                if at not in within or start not in within:
                    arcs += start < at - 1
                    continue
                one, other = self.places[start], self.places[at]
                if start == at - 1:
                    y = self.top + (self.height - self.top - 0.6 * self.size) / 2
                    left, right = one.x + one.width + 2, other.x - 2
                    if right - left > 5:
                        segments.append(((left, y), (right, y)))
                        segments += [((right - 2.5, y + by), (right, y)) for by in (-2.0, 2.0)]
                    continue
                arcs += 1
                y = arcs * ARC * self.size
                x, end = one.x + one.width * 0.62, other.x + other.width * 0.38
                foot = self.top - HEADS * self.size + 0.2 * self.size
                path = (
                    ((x, foot), (x, y - 0.5 * self.size)),
                    ((x, y - 0.5 * self.size), (end, y - 0.5 * self.size)),
                )
                tip = ((end, y - 0.5 * self.size), (end, foot))
                heads = tuple(((end + by, foot - 2.5), (end, foot)) for by in (-2.0, 2.0))
                skips.append(
                    Lines((*path, tip, *heads), self.theme.kernel, self.theme.line, data=(("skip", name),))
                )
        return [*([Lines(tuple(segments), self.theme.guide, self.theme.line)] if segments else []), *skips]

    def _field(self, held: set[int]) -> tuple[list[Mark], list[Mark]]:
        """The frames of a field with the lines between them, and what lies between those."""
        marks: list[Mark] = []
        frames: dict[int, tuple[float, float, float, float]] = {}
        for at, layer in enumerate(self.shown.layers):
            if at not in held:
                continue
            place = self.places[at]
            if layer.cell is not None:
                row, col = layer.cell
                frames[at] = place.box((row, row), (col, col))
                marks.append(Rect(*frames[at], Style(None, self.theme.ink, self.theme.bold)))
            elif layer.field is not None:
                rows, cols = np.nonzero(layer.field[: place.rows * place.block])
                frames[at] = place.box((int(rows.min()), int(rows.max())), (int(cols.min()), int(cols.max())))
                colour = self.theme.colour(layer.role)
                area = (int(rows.max()) - int(rows.min()) + 1) * (int(cols.max()) - int(cols.min()) + 1)
                if len(rows) < area and place.block == 1:
                    for row, col in zip(rows.tolist(), cols.tolist(), strict=True):
                        marks.append(
                            Rect(*place.box((row, row), (col, col)), Style(None, colour, self.theme.line))
                        )
                marks.append(Rect(*frames[at], Style(None, colour, self.theme.bold)))
        cones: list[Mark] = []
        for at, layer in enumerate(self.shown.layers):
            for name in dict.fromkeys(layer.inputs):
                start = self._at(name)
                if start != at - 1 or at not in frames or start not in frames:
                    continue
                (x, y, wide, tall), (left, top, _, high) = frames[start], frames[at]
                role = layer.role if layer.cell is None else self.shown.layers[start].role
                colour = self.theme.colour(role)
                points = ((x + wide, y), (left, top), (left, top + high), (x + wide, y + tall))
                cones.append(Polygon(points, Style(mixed(self.theme.ground, colour, 0.1))))
                marks.append(Lines(((points[0], points[1]), (points[3], points[2])), colour, self.theme.line))
        return marks, cones


def _blocks(values: np.ndarray, block: int) -> np.ndarray:
    """The means of blocks of cells, those at the end smaller."""
    if block == 1:
        return values
    rows = np.add.reduceat(values, np.arange(0, values.shape[0], block), axis=0)
    sums = np.add.reduceat(rows, np.arange(0, values.shape[1], block), axis=1)
    down = np.diff(np.append(np.arange(0, values.shape[0], block), values.shape[0]))
    across = np.diff(np.append(np.arange(0, values.shape[1], block), values.shape[1]))
    means: np.ndarray = sums / np.multiply.outer(down, across)
    return means
