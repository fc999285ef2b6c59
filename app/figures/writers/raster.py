"""A figure as pixels at a chosen resolution. Maps marks onto a canvas and decides nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...images.write.canvas import Canvas, Pixels
from ..drawing import font
from ..drawing.marks import (
    Figure,
    Group,
    Lines,
    Mark,
    Point,
    Polygon,
    Rect,
    Style,
    Text,
)


def size_in_pixels(width: float, height: float, dpi: float) -> tuple[int, int]:
    """How many pixels a figure has, its size being in points."""
    return max(1, round(width * dpi / 72)), max(1, round(height * dpi / 72))


def pixels(figure: Figure, dpi: float) -> Pixels:
    """The picture, with a fourth channel where it is clear."""
    width, height = size_in_pixels(figure.width, figure.height, dpi)
    writer = _Writer(Canvas(width, height, figure.ground, clear=figure.clear), dpi / 72)
    for mark in figure.marks:
        writer.mark(mark)
    return writer.canvas.pixels()


class _Writer:
    """Marks onto a canvas, ``scale`` pixels a point."""

    def __init__(self, canvas: Canvas, scale: float) -> None:
        self.canvas, self.scale = canvas, scale

    def mark(self, mark: Mark) -> None:
        match mark:
            case Group():
                for one in mark.marks:
                    self.mark(one)
            case Rect():
                left, top = mark.x, mark.y
                right, bottom = left + mark.width, top + mark.height
                self._area(((left, top), (right, top), (right, bottom), (left, bottom)), mark.style)
            case Polygon():
                self._area(mark.points, mark.style)
            case Lines():
                for start, end in mark.segments:
                    self._line(start, end, mark.stroke, mark.line, mark.dash)
            case Text():
                self._text(mark)

    def _area(self, points: tuple[Point, ...], style: Style) -> None:
        scaled = [(x * self.scale, y * self.scale) for x, y in points]
        if style.fill is not None:
            self.canvas.fill(scaled, style.fill)
        if style.stroke is None or style.stroke == style.fill:  # areas meet on whole fine pixels as they are
            return
        if style.dash:
            for start, end in zip(points, [*points[1:], points[0]], strict=True):
                self._line(start, end, style.stroke, style.line, style.dash)
        else:
            self.canvas.outline(scaled, style.stroke, style.line * self.scale)

    def _line(self, start: Point, end: Point, colour: str, line: float, dash: tuple[float, ...]) -> None:
        for first, last in dashed(start, end, dash):
            self.canvas.stroke(
                (first[0] * self.scale, first[1] * self.scale),
                (last[0] * self.scale, last[1] * self.scale),
                colour,
                line * self.scale,
            )

    def _text(self, mark: Text) -> None:
        wide = font.width(mark.text, mark.size)
        x = mark.x - {"start": 0.0, "middle": wide / 2, "end": wide}[mark.anchor]
        for text, colour in mark.pieces:
            self.canvas.text(
                x * self.scale, mark.y * self.scale, text, font.data(), mark.size * self.scale, colour
            )
            x += font.width(text, mark.size)


def dashed(start: Point, end: Point, dash: tuple[float, ...]) -> Iterator[tuple[Point, Point]]:
    """The strokes of a dashed line, the first from its start on."""
    length = math.hypot(end[0] - start[0], end[1] - start[1])
    if not dash or not length:
        yield start, end
        return
    across, down = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    at, index = 0.0, 0
    while at < length:
        last = min(length, at + dash[index % len(dash)])
        if index % 2 == 0:
            yield (
                (start[0] + across * at, start[1] + down * at),
                (start[0] + across * last, start[1] + down * last),
            )
        at, index = last, index + 1
