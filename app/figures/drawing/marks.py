"""The marks of a figure: rectangles, polygons, lines, texts and groups of them. Knows no layer and no file format.

Lengths are points (1/72 inch), y grows downwards, colours are ``#rrggbb``. Whoever makes a mark has decided
everything about it; a writer only writes it down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Data = tuple[tuple[str, str], ...]  # what a mark stands for, kept where the format has a place for it
Anchor = Literal["start", "middle", "end"]

POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Style:
    """How an area is filled and its edge drawn; None leaves either out."""

    fill: str | None = None
    stroke: str | None = None
    line: float = 0.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Rect:
    """An upright rectangle."""

    x: float
    y: float
    width: float
    height: float
    style: Style
    data: Data = ()


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed polygon."""

    points: tuple[Point, ...]
    style: Style
    data: Data = ()


@dataclass(frozen=True, slots=True)
class Lines:
    """Straight lines of one kind: hatching, arrows, connections."""

    segments: tuple[tuple[Point, Point], ...]
    stroke: str
    line: float
    dash: tuple[float, ...] = ()
    data: Data = ()


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text in pieces of different colours; y is its baseline."""

    x: float
    y: float
    size: float
    anchor: Anchor
    pieces: tuple[tuple[str, str], ...]  # text, colour
    data: Data = ()

    @property
    def text(self) -> str:
        """The pieces together."""
        return "".join(text for text, _ in self.pieces)


@dataclass(frozen=True, slots=True)
class Group:
    """Marks that belong together, by name: ``input``, ``kernel``, ``output``, ``sum``, ``formula``."""

    name: str
    marks: tuple[Mark, ...]
    data: Data = ()


Mark = Rect | Polygon | Lines | Text | Group


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture ready to be written: its size, its ground and its marks, the furthest first.

    A clear picture has no ground; ``ground`` then is what its edges fade to in a format that cannot fade.
    """

    width: float
    height: float
    ground: str
    marks: tuple[Mark, ...]
    clear: bool = False


def flat(marks: tuple[Mark, ...]) -> Iterator[Rect | Polygon | Lines | Text]:
    """All marks in order, groups opened."""
    for mark in marks:
        if isinstance(mark, Group):
            yield from flat(mark.marks)
        else:
            yield mark


def moved(mark: Mark, dx: float, dy: float) -> Mark:
    """The same mark elsewhere."""
    match mark:
        case Rect():
            return Rect(mark.x + dx, mark.y + dy, mark.width, mark.height, mark.style, mark.data)
        case Polygon():
            return Polygon(tuple((x + dx, y + dy) for x, y in mark.points), mark.style, mark.data)
        case Lines():
            segments = tuple(((a + dx, b + dy), (c + dx, d + dy)) for (a, b), (c, d) in mark.segments)
            return Lines(segments, mark.stroke, mark.line, mark.dash, mark.data)
        case Text():
            return Text(mark.x + dx, mark.y + dy, mark.size, mark.anchor, mark.pieces, mark.data)
        case Group():
            return Group(mark.name, tuple(moved(one, dx, dy) for one in mark.marks), mark.data)
