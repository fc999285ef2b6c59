"""How a layer's grids are arranged in a look: their sizes, headings and places. Knows geometry, replays nothing."""

from __future__ import annotations

from ...core.engine.trace import Layer
from ...core.walk.walk import Affine, Walk
from ..content.shown import Span, input_spans, output_spans
from ..content.words import (
    LEADING,
    SUM_LINES,
    Piece,
    formulas,
)
from ..drawing import font
from ..drawing.marks import POINTS_PER_MM
from ..drawing.numbers import shape
from .looks import Look
from .places import (
    GridSize,
    Places,
    from_the_side,
    one_below_the_other,
    side_by_side,
)

TITLES = {"input": "Input", "kernel": "Kernel", "output": "Output"}
SIGN = 1.4  # size of the signs between grids, in sizes of the text


class Arrangement:
    """Where everything of a figure stands; the same for all steps, but for a series' kernel under its window."""

    def __init__(self, layer: Layer, walk: Walk, look: Look, *, scattering: bool) -> None:
        self.layer, self.walk, self.look, self.scattering = layer, walk, look, scattering
        self.width = look.width_mm * POINTS_PER_MM
        self.heading_pt = look.font_pt  # smaller where the figure is too narrow for its headings
        abreast = look.layout == "side" and len(walk.axes) == 2
        widths = [self._heading_width(part) for part in TITLES if part != "kernel" or self._has_kernel]
        headings = sum(widths) if abreast else max(widths)
        self.heading_pt = look.font_pt * min(
            1.0, (0.55 if abreast else 0.9) * self.width / max(1.0, headings)
        )
        self.grids = self._sizes()

    def _sizes(self) -> dict[str, GridSize]:
        """The grids in the order in which they are placed."""
        built, walk, look = self.layer.geometry, self.walk, self.look
        found = {"input": GridSize(input_spans(walk), walk.channels - 1, self._heading_width("input"))}
        if self._has_kernel:
            taps = built.walk.tap_shape
            depth, row, col = [Span(0, 1)] * (3 - len(taps)) + [Span(0, count) for count in taps]
            width = self._heading_width("kernel")
            found["kernel"] = GridSize((depth, row, col), walk.channels_per_group - 1, width)
        found["output"] = GridSize(output_spans(walk), walk.lanes - 1, self._heading_width("output"))
        if look.layout == "classic" and len(walk.axes) != 2:  # the output stands above
            return dict(reversed(found.items()))
        return found

    @property
    def _has_kernel(self) -> bool:
        return self.layer.geometry.weighted and self.look.shows("kernel")

    def heading(self, part: str) -> tuple[Piece, ...]:
        """``Input 5×5``, in pieces with roles."""
        built, walk = self.layer.geometry, self.walk
        taps = built.walk.tap_shape
        sizes = {
            "input": walk.input_shape if walk.channels > 1 else walk.input_shape[1:],
            "kernel": (walk.channels_per_group, *taps) if walk.channels_per_group > 1 else taps,
            "output": built.output_shape if walk.lanes > 1 else built.output_shape[1:] or built.output_shape,
        }[part]
        title = TITLES[part]
        if part == "kernel" and built.flipped and not self.scattering:
            title = "Kernel, turned"
        return (f"{title} ", part), (shape(sizes), "muted")

    def _heading_width(self, part: str) -> float:
        if not self.look.shows("headings"):
            return 0.0
        return sum(font.width(text, self.heading_pt) for text, _ in self.heading(part))

    def signs(self) -> list[str]:
        """The signs between the grids of a row."""
        built = self.layer.geometry
        if "kernel" not in self.grids:
            return [built.combination.words.sign.format(p=built.constants.p)]
        return ["×", "→"] if self.scattering else ["∗", "="]

    def places(self, first_tap: int | None = None) -> Places:
        """Where everything stands; ``first_tap`` is where the window of a series begins."""
        look, headed = self.look, self.look.shows("headings")
        axes = self.walk.axes
        if len(axes) == 2 and look.layout == "classic":
            return from_the_side(self.grids, self.width, look.font_pt, headed)
        if len(axes) == 2:
            signs = [font.width(text, SIGN * look.font_pt) for text in self.signs()]
            return side_by_side(self.grids, self.width, look.font_pt, headed, signs)
        gapped = isinstance(axes[0].reads, Affine) and axes[0].reads.gap > 1
        under = None if gapped or self.scattering or len(axes) > 1 else first_tap
        return one_below_the_other(self.grids, self.width, look.font_pt, headed, under)

    def formula_lines(self) -> list[list[Piece]]:
        """The formulas, on one line where they fit."""
        lines = formulas(self.layer.geometry)
        joined: list[Piece] = []
        for line in lines:
            joined += [*([("    ", "ink")] if joined else []), *line]
        wide = sum(font.width(text, self.look.font_pt) for text, _ in joined)
        return [joined] if wide <= self.width - 2 else lines

    def text_height(self, sum_lines: int) -> float:
        """The height of the sum, in so many lines, and of the formulas below the grids."""
        size = self.look.font_pt
        height = 0.0
        if sum_lines:
            height += size * (1 + LEADING * (sum_lines - 1) + 0.6)
        if self.look.shows("formula"):
            height += size * (1 + LEADING * (len(self.formula_lines()) - 1) + 0.4)
        return height + (0.5 * size if height else 0.0) + 1

    def tallest(self) -> float:
        """The height of a figure whose sum takes all its lines."""
        return self.places().bottom + self.text_height(SUM_LINES if self.look.shows("sum") else 0)
