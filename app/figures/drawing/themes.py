"""The looks a figure can have: one colour a role, line widths, scales of values. Knows colours, no marks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from .colours import (
    Ramp,
    Scale,
    contrast,
    mixed,
    oklch,
)

ThemeName = Literal["light", "dark", "print", "grey"]
Role = Literal["input", "kernel", "output", "padding", "ink", "muted"]


READABLE = 4.5  # WCAG's least contrast of text
ROUNDING = 2**-16  # of the largest product of a sum, as the page has it


@dataclass(frozen=True, slots=True)
class Theme:
    """One look. Role colours are for outlines and words; values have the scale's hues."""

    ground: str
    ink: str
    muted: str
    hairline: str
    guide: str
    input: str
    kernel: str
    output: str
    padding: str
    ramp: Ramp
    thin: float  # between cells
    line: float  # around a grid
    bold: float  # around the window and the cell of the step
    # An edge's dashes by role, in line widths; solid where nothing is named.
    dashes: tuple[tuple[str, tuple[float, ...]], ...] = ()
    paper: bool = False  # unsigned values that are no picture run from white to a tint, to save ink

    def colour(self, role: str) -> str:
        """The colour of a role, or of a word in it."""
        found: str = getattr(self, role)
        return found

    def word(self, role: str) -> str:
        """The colour of a word in a role's colour: the text's own where that could not be read on the ground."""
        colour = self.colour(role)
        return colour if contrast(colour, self.ground) >= READABLE else self.ink

    def dash(self, role: str, line: float) -> tuple[float, ...]:
        """The dashes of a role's edge in points."""
        return tuple(part * line for part in dict(self.dashes).get(role, ()))

    def tint(self, role: str, share: float) -> str:
        """A role's colour laid thinly over the ground."""
        return mixed(self.ground, self.colour(role), share)

    def scale(self, low: float, high: float, *, picture: bool, product: float = 0.0) -> Scale:
        """The scale of a grid's values: about zero where any is negative, else from 0, as the page has it.

        ``product`` is the largest product of a sum that gave the values. What stays far below it is the rounding of
        sums that are zero, and is not coloured as more.
        """
        if 0 < max(-low, high) < ROUNDING * product < math.inf:
            return Scale("signed", 0, ROUNDING * product, self.ramp)
        if low < 0 or (self.paper and not picture):
            return Scale("signed", 0, max(-low, high) or 1.0, self.ramp)
        top = 1.0 if picture and high <= 1 else 255.0 if picture and 128 < high <= 255 else high
        return Scale("unsigned", 0, top if top > 0 else 1.0, self.ramp)


THEMES: dict[str, Theme] = {
    "light": Theme(
        ground="#fcfcfa",
        ink="#1c1d20",
        muted="#5c5f66",
        hairline="#c9c9c2",
        guide="#a9a9a4",
        input="#00706c",
        kernel="#7c2fb8",
        output="#2c7416",
        padding="#b0296a",
        ramp=Ramp(0.975, (0.47, 0.18, 255), (0.6, 0.165, 55), 0.72),
        thin=0.5,
        line=1.1,
        bold=1.9,
    ),
    "dark": Theme(
        ground="#131417",
        ink="#ecedf0",
        muted="#a2a6af",
        hairline="#3c4048",
        guide="#666a74",
        input="#4fd1c8",
        kernel="#cf9dff",
        output="#8bd672",
        padding="#ff8fc0",
        ramp=Ramp(0.24, (0.74, 0.14, 255), (0.78, 0.16, 55), 0.5),
        thin=0.5,
        line=1.1,
        bold=1.9,
    ),
    "print": Theme(
        ground="#ffffff",
        ink="#000000",
        muted="#4a4a4a",
        hairline="#9a9a9a",
        guide="#8a8a8a",
        input="#005f5b",
        kernel="#6a1fa6",
        output="#1f5f0c",
        padding="#9c1d5a",
        ramp=Ramp(1.0, (0.76, 0.1, 255), (0.83, 0.1, 65), 0.85),
        thin=0.3,
        line=0.6,
        bold=1.2,
        paper=True,
    ),
    # Lightness alone tells the roles apart, and dashes say it again; a value's lightness only ever rises.
    "grey": Theme(
        ground="#ffffff",
        ink="#000000",
        muted="#4a4a4a",
        hairline="#a8a8a8",
        guide="#8a8a8a",
        input=oklch(0.56, 0.09, 190),
        kernel=oklch(0.2, 0.12, 305),
        output=oklch(0.41, 0.11, 140),
        padding=oklch(0.69, 0.13, 0),
        ramp=Ramp(0.78, (0.42, 0.08, 255), (1.0, 0.0, 55), 0.6),
        thin=0.4,
        line=0.9,
        bold=1.7,
        dashes=(("input", (5.0, 1.5)), ("padding", (1.0, 1.5))),
    ),
}
