"""A person's choices about a figure, settled: layout, theme, size, parts. Knows no request and no layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..drawing.colours import Scale
from ..drawing.themes import THEMES, Theme

LayoutName = Literal["side", "classic"]
Fills = Literal["values", "roles"]
Part = Literal["headings", "numbers", "kernel", "sum", "formula"]

PARTS: tuple[Part, ...] = ("headings", "numbers", "kernel", "sum", "formula")
# The parts of each layout when nothing is asked for: the classic figures say little besides the grids.
DEFAULT_WIDTH_MM: dict[LayoutName, float] = {"side": 160.0, "classic": 85.0}
DEFAULT_FILLS: dict[LayoutName, Fills] = {"side": "values", "classic": "roles"}
DEFAULT_PARTS: dict[LayoutName, tuple[Part, ...]] = {"side": PARTS, "classic": ("headings", "formula")}


@dataclass(frozen=True, slots=True)
class Look:
    """The look of a figure.

    ``picture`` says that the input is one, whose black and white stay as they are, ``rgb`` that its three channels are
    drawn as one in its own colours, ``clear`` that nothing lies behind.
    """

    layout: LayoutName = "side"
    theme: Theme = THEMES["light"]
    width_mm: float = 160.0
    font_pt: float = 8.0
    fills: Fills = "values"
    parts: frozenset[Part] = frozenset(PARTS)
    picture: bool = False
    clear: bool = False
    rgb: bool = False

    def shows(self, part: Part) -> bool:
        """Whether a part is wanted."""
        return part in self.parts


@dataclass(frozen=True, slots=True)
class Scales:
    """The scales of the three grids, the same for every step of a walk."""

    input: Scale
    kernel: Scale
    output: Scale
