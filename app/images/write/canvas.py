"""A sheet of pixels that areas, lines and texts are drawn on, with smooth edges. Knows Pillow, no figure.

It is drawn several times as large as wanted and brought down, so that edges of any slope are smooth.
"""

from __future__ import annotations

import functools
import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]  # (rows, cols, 3), or 4 of a clear sheet
Point = tuple[float, float]

MOST_FINE = 24_000_000  # pixels of the larger sheet
FINEST = 4


class Canvas:
    """A sheet ``width × height`` pixels large; coordinates are pixels, whole numbers lie between them."""

    def __init__(self, width: int, height: int, ground: str, *, clear: bool = False) -> None:
        self.width, self.height = width, height
        self.times = max(1, min(FINEST, math.isqrt(max(1, MOST_FINE // (width * height)))))
        size = width * self.times, height * self.times
        self._sheet = Image.new("RGBA", size, f"{ground}00") if clear else Image.new("RGB", size, ground)
        self._draw = ImageDraw.Draw(self._sheet)

    def fill(self, points: list[Point], colour: str) -> None:
        """A filled polygon; an upright rectangle covers whole fine pixels."""
        fine = [(x * self.times, y * self.times) for x, y in points]
        if _upright(points):
            (left, top), _, (right, bottom), _ = fine
            self._box(left, top, right, bottom, colour)
        else:
            self._draw.polygon(fine, fill=colour)

    def outline(self, points: list[Point], colour: str, line: float) -> None:
        """The edge of a polygon, half of it inside, its corners sharp."""
        if _upright(points):
            (left, top), _, (right, bottom), _ = points
            half = line / 2
            for x0, y0, x1, y1 in (
                (left - half, top - half, right + half, top + half),
                (left - half, bottom - half, right + half, bottom + half),
                (left - half, top - half, left + half, bottom + half),
                (right - half, top - half, right + half, bottom + half),
            ):
                times = self.times
                self._box(x0 * times, y0 * times, x1 * times, y1 * times, colour)
        else:
            for start, end in zip(points, [*points[1:], points[0]], strict=True):
                self.stroke(start, end, colour, line, round_ends=True)

    def stroke(self, start: Point, end: Point, colour: str, line: float, *, round_ends: bool = False) -> None:
        """A straight line."""
        (a, b), (c, d) = start, end
        length = math.hypot(c - a, d - b)
        if not length:
            return
        half = max(line, 1 / self.times) / 2
        across, down = (b - d) / length * half, (c - a) / length * half
        corners = [
            (a + across, b + down),
            (c + across, d + down),
            (c - across, d - down),
            (a - across, b - down),
        ]
        self._draw.polygon([(x * self.times, y * self.times) for x, y in corners], fill=colour)
        if round_ends:
            for x, y in (start, end):
                box = [(x - half) * self.times, (y - half) * self.times]
                self._draw.ellipse([*box, (x + half) * self.times, (y + half) * self.times], fill=colour)

    def text(self, x: float, y: float, text: str, font: bytes, size: float, colour: str) -> None:
        """A line of text that begins at x and stands on y."""
        face = _face(font, round(size * self.times, 2))
        self._draw.text((x * self.times, y * self.times), text, fill=colour, font=face, anchor="ls")

    def pixels(self) -> Pixels:
        """The picture as drawn up to now."""
        sheet = self._sheet.reduce(self.times) if self.times > 1 else self._sheet
        return np.asarray(sheet)

    def _box(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        sides = [
            round(left),
            round(top),
            max(round(right) - 1, round(left)),
            max(round(bottom) - 1, round(top)),
        ]
        self._draw.rectangle(sides, fill=colour)


def _upright(points: list[Point]) -> bool:
    """Whether four points are a rectangle's, from its top left one on, clockwise."""
    if len(points) != 4:
        return False
    (a, b), (c, d), (e, f), (g, h) = points
    return b == d and c == e and f == h and g == a


@functools.lru_cache(maxsize=64)
def _face(font: bytes, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(font), size, layout_engine=ImageFont.Layout.BASIC)
