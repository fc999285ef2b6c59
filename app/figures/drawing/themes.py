"""The looks a figure can have: one colour a role, line widths, scales of values. Knows colours, no marks.

Light and dark are the page's own colours, so that a figure and the stage agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from .colours import (
    READABLE,
    Ramp,
    Scale,
    contrast,
    mixed,
    oklch,
)

ThemeName = Literal["light", "dark", "print", "grey"]
Role = Literal["input", "kernel", "output", "padding", "ink", "muted"]


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
    warn: str  # what ought not to be read
    unmet: str  # the tint under padding
    soft: Ramp  # of values in cells that hold a number
    deep: Ramp  # of values in smaller cells
    nan: str
    thin: float  # between cells
    line: float  # around a grid
    bold: float  # around the window and the cell of the step
    # An edge's dashes by role, in line widths; solid where nothing is named.
    dashes: tuple[tuple[str, tuple[float, ...]], ...] = ()
    lattice: float = 0.0  # how much ink the lines between cells take of what lies below; 0: all are hairlines

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

    def between(self, fill: str) -> str:
        """The line between cells of a fill."""
        return mixed(fill, self.ink, self.lattice) if self.lattice and fill != self.ground else self.hairline

    def tint(self, role: str, share: float) -> str:
        """A role's colour laid thinly over the ground."""
        return mixed(self.ground, self.colour(role), share)

    def scale(self, low: float, high: float, *, picture: bool, product: float = 0.0) -> Scale:
        """The scale of a grid's values: symmetric about zero, or black to white for a picture.

        ``product`` is the largest product of a sum that gave the values. A value far below it is the rounding of
        sums that are zero, and is not coloured as more.
        """
        ramps = self.soft, self.deep, self.nan
        if 0 < max(-low, high) < ROUNDING * product < math.inf:
            return Scale("signed", 0, ROUNDING * product, *ramps)
        white = 1.0 if high <= 1 else 255.0 if 128 < high <= 255 else None
        if low < 0 or not picture or white is None:  # of other numbers none is white, as the page has it
            return Scale("signed", 0, max(-low, high) or 1.0, *ramps)
        return Scale("unsigned", 0, white, *ramps)


# One ramp for cells of all sizes: what is printed is read from closer by.
PRINT = Ramp((oklch(0.76, 0.1, 255), "#ffffff", oklch(0.83, 0.1, 65)))
GREY = Ramp((oklch(0.42, 0.08, 255), oklch(0.78, 0, 0), "#ffffff"))

THEMES: dict[str, Theme] = {
    "light": Theme(
        ground="#ffffff",
        ink="#1c1f24",
        muted="#575b62",
        hairline="#cfccc5",
        guide="#83868c",
        input="#086573",
        kernel="#663faf",
        output="#3a772c",
        padding="#a52051",
        warn="#8a4603",
        unmet="#fff1f4",
        soft=Ramp(("#a4c6eb", "#cde1f4", "#f9f8f6", "#f7e0c7", "#f4c393")),
        deep=Ramp(("#2159a5", "#7cb0e5", "#f9f8f6", "#f1b277", "#b65412"), 0.75),
        nan="#b3b2b0",
        thin=0.5,
        line=1.1,
        bold=1.9,
        lattice=0.1,
    ),
    "dark": Theme(
        ground="#191c21",
        ink="#eceff2",
        muted="#a6abb3",
        hairline="#424852",
        guide="#70757d",
        input="#71cfd9",
        kernel="#bca4f7",
        output="#92d98a",
        padding="#f896ad",
        warn="#ebb16c",
        unmet="#2e1c20",
        soft=Ramp(("#35567b", "#2b3c50", "#23272d", "#4d3828", "#784f2b")),
        deep=Ramp(("#86c4fe", "#4274ad", "#23272d", "#a06435", "#fcbc75"), 0.75),
        nan="#64666a",
        thin=0.5,
        line=1.1,
        bold=1.9,
        lattice=0.1,
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
        warn="#7a3d00",
        unmet="#ffffff",
        soft=PRINT,
        deep=PRINT,
        nan=oklch(0.85, 0, 0),
        thin=0.3,
        line=0.6,
        bold=1.2,
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
        warn=oklch(0.5, 0.1, 55),
        unmet="#ffffff",
        soft=GREY,
        deep=GREY,
        nan=oklch(0.6, 0, 0),
        thin=0.4,
        line=0.9,
        bold=1.7,
        dashes=(("input", (5.0, 1.5)), ("padding", (1.0, 1.5)), ("warn", (3.0, 1.5))),
    ),
}
