"""Where the cells of one drawn plane lie, upright or slanted, and how a cell is hatched. Knows no layer, no theme."""

from __future__ import annotations

from dataclasses import dataclass

from ..drawing import font
from ..drawing.marks import (
    Data,
    Lines,
    Point,
    Polygon,
    Rect,
    Style,
    Text,
)
from ..drawing.numbers import ABOUT_ZERO, in_cell

HATCH = (0.25, 0.75, 1.25, 1.75)  # where the diagonals of a hatched cell meet two of its edges


@dataclass(frozen=True, slots=True)
class Frame:
    """One plane of cells on the page; its first cell has the coordinate (top, left).

    A slanted plane is seen from the side: ``slant`` moves a cell to the right for each cell further back,
    ``squash`` is how high a cell looks.
    """

    x: float
    y: float
    cell: float
    rows: int
    cols: int
    top: int = 0
    left: int = 0
    slant: float = 0.0
    squash: float = 1.0

    @property
    def width(self) -> float:
        """From the leftmost to the rightmost point."""
        return self.cell * (self.cols + self.slant * self.rows)

    @property
    def height(self) -> float:
        """From the topmost to the lowest point."""
        return self.cell * self.rows * self.squash

    @property
    def upright(self) -> bool:
        """Whether cells are squares."""
        return self.slant == 0 and self.squash == 1

    def hairline(self, line: float) -> float:
        """The line between cells: thinner where they are small, so that it does not darken the picture."""
        return min(line, self.cell * 0.05)

    def point(self, row: float, col: float) -> Point:
        """Where a coordinate lies; whole numbers are the top left corners of cells."""
        down, across = row - self.top, col - self.left
        return (
            self.x + self.cell * (across + self.slant * (self.rows - down)),
            self.y + self.cell * self.squash * down,
        )

    def area(
        self, row: float, col: float, rows: float, cols: float, style: Style, data: Data = ()
    ) -> Rect | Polygon:
        """A rectangle of cells."""
        if self.upright:
            x, y = self.point(row, col)
            return Rect(x, y, cols * self.cell, rows * self.cell, style, data)
        return Polygon(self.corners(row, col, rows, cols), style, data)

    def corners(self, row: float, col: float, rows: float, cols: float) -> tuple[Point, ...]:
        """The corners of a rectangle of cells, from the top left one on, clockwise."""
        return (
            self.point(row, col),
            self.point(row, col + cols),
            self.point(row + rows, col + cols),
            self.point(row + rows, col),
        )

    def all_cells(self, style: Style) -> Rect | Polygon:
        """All cells."""
        return self.area(self.top, self.left, self.rows, self.cols, style)

    def hatch(self, row: int, col: int, *, mirrored: bool = False) -> list[tuple[Point, Point]]:
        """The diagonals of a hatched cell; they meet those of its neighbours. ``mirrored``: falling to the right."""
        segments = []
        for at in HATCH:
            first = (min(at, 1), max(0.0, at - 1))
            last = (max(0.0, at - 1), min(at, 1))
            if mirrored:
                first, last = (first[0], 1 - first[1]), (last[0], 1 - last[1])
            segments.append(
                (self.point(row + first[0], col + first[1]), self.point(row + last[0], col + last[1]))
            )
        return segments

    def number(self, row: int, col: int, text: str, size: float, colour: str) -> Text:
        """A text in the middle of a cell."""
        x, y = self.point(row + 0.5, col + 0.5)
        return Text(x, y + size * font.CAPITAL / 2, size, "middle", ((text, colour),))


@dataclass(frozen=True, slots=True)
class Print:
    """How the numbers of a plane are printed: all in one size and with as many digits."""

    size: float
    digits: int
    bare: bool

    def text(self, value: float) -> str:
        """A value as its cell says it."""
        return in_cell(value, self.digits, bare=self.bare)


LEAST_SIZE = 4.0  # points: smaller numbers are left out
# Digits, whether a leading zero goes, and the least size (in parts of the largest) for which that is still worth it.
PRINTS = ((3, False, 0.9), (3, True, 0.8), (2, True, 0.0))


def fitting(values: list[float], frame: Frame, largest: float, *, noise: bool = False) -> Print | None:
    """The most digits in the largest size in which all values fit their cells, or None where none does.

    ``noise``: among them is one that is printed as only about zero.
    """
    room, tall = frame.cell * 0.84, frame.cell * frame.squash * 0.8
    for digits, bare, least in PRINTS:
        texts = {in_cell(value, digits, bare=bare) for value in values} | ({ABOUT_ZERO} if noise else set())
        widest = max((font.width(text, 1.0) for text in texts), default=0.5)
        size = min(largest, room / widest, tall / font.CAPITAL)
        if size >= max(LEAST_SIZE, least * largest):
            return Print(size, digits, bare)
    return None


def hatching(
    frame: Frame, cells: list[tuple[int, int]], colour: str, line: float, *, mirrored: bool = False
) -> list[Lines]:
    """The hatching of some cells, as one mark."""
    segments = tuple(segment for row, col in cells for segment in frame.hatch(row, col, mirrored=mirrored))
    return [Lines(segments, colour, line)] if segments else []
