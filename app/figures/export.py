"""From a layer and a request's options to a file: refuses first, then works in bounded pieces. Knows no HTTP.

Every limit is checked from numbers of cells, frames and pixels before anything is replayed or drawn.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..core.errors import TooLarge, Unfit
from ..core.spec import LayerSpec
from ..core.stamps import scatter_of
from ..core.trace import Layer
from ..core.walk import Walk
from ..images.encode import picture_png
from .about import About, about
from .arrangement import Arrangement
from .looks import Look
from .marks import POINTS_PER_MM, Figure
from .options import FigureOptions
from .pdf import pdf
from .raster import pixels, size_in_pixels
from .scene import Scene
from .shown import Replay, input_spans, output_spans
from .strip import LABEL, Strip
from .svg import svg
from .tikz import tikz

MEDIA_TYPES = {
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "png": "image/png",
    "tikz": "application/x-tex",
    "json": "application/json",
}
ENDINGS = {"tikz": "tex"}  # where it is not the form's own name
WRITERS: dict[str, Callable[[Figure, About], bytes]] = {"svg": svg, "pdf": pdf, "tikz": tikz}
PIXEL_WORK = 30  # elementary operations that drawing a pixel is worth
CELL_WORK = 2_000  # and a cell


@dataclass(frozen=True, slots=True)
class FigureLimits:
    """How large an export may be; every refusal names one of these numbers."""

    cells: int = 10_000  # cells drawn in one picture
    work: int = 20_000_000  # products (or comparisons) that are replayed
    pixels: int = 40_000_000  # of one picture


@dataclass(frozen=True, slots=True)
class Piece:
    """A bounded piece of an export: the work that it takes, and how it is done."""

    work: int
    make: Callable[[], None]


class Export:
    """One figure on its way into a file. Creating it refuses what is too large; after that nothing is refused."""

    def __init__(
        self,
        layer: Layer,
        spec: LayerSpec,
        options: FigureOptions,
        request: str,
        *,
        form: str,
        picture: bool = False,
        limits: FigureLimits | None = None,
    ) -> None:
        self.layer, self.spec, self.options, self.request, self.form = layer, spec, options, request, form
        self.limits = limits or FigureLimits()
        self.scattering = options.walk == "scatter"
        self.walk = scatter_of(layer) if self.scattering else layer.geometry.walk
        self.look = options.look(picture=picture)
        self.channel = self._channel()
        self.step = self._step()
        self.steps = self._several()
        self._check_size()
        self.result = b""
        self.about: About | None = None

    # ------------------------------------------------------------------------------------- refusals

    def _channel(self) -> int:
        walk, lane, channel = self.walk, self.options.lane, self.options.channel
        if lane >= walk.lanes:
            raise Unfit(
                "lane",
                lane,
                f"the output has {walk.lanes} channels",
                f"Use 0 to {walk.lanes - 1}.",
                pointer="/lane",
            )
        first = lane // walk.lanes_per_group * walk.channels_per_group
        if channel is None:
            return first
        last = first + walk.channels_per_group - 1
        if not first <= channel <= last:
            use = f"Use {first}." if first == last else f"Use {first} to {last}."
            reason = f"output channel {lane} does not read this input channel"
            raise Unfit("channel", channel, reason, use, pointer="/channel")
        return channel

    def _step(self) -> int | None:
        step = self.options.step
        if step == "final":
            return None
        if step >= self.walk.steps:
            raise Unfit(
                "step",
                step,
                f"the walk has {self.walk.steps:,} steps",
                f"Use 0 to {self.walk.steps - 1}, or final.",
                pointer="/step",
            )
        return step

    def _several(self) -> tuple[int, ...]:
        """The steps of a film strip; none for a single picture."""
        if self.options.steps is None:
            return ()
        steps = self.options.steps.of(self.walk.steps)
        if not steps:
            first = self.options.steps.first
            reason = f"the walk has {self.walk.steps:,} steps"
            raise Unfit("steps", first, reason, f"Use a first below {self.walk.steps}.", pointer="/steps")
        return steps

    def _check_size(self) -> None:
        cells = drawn_cells(self.walk) * max(1, len(self.steps))
        if cells > self.limits.cells:
            raise TooLarge(
                "steps" if self.steps else "figure",
                f"{cells:,} cells",
                f"a figure draws at most {self.limits.cells:,} cells",
                "Show fewer steps, or use a smaller input." if self.steps else "Use a smaller input.",
            )
        if self.form == "png":
            width = self.look.width_mm * POINTS_PER_MM
            self._check_pixels(*size_in_pixels(width, self._height(width), self.options.dpi))
        work = replay_work(self.layer, self.walk)
        if work > self.limits.work:
            raise TooLarge(
                "figure",
                f"{work:,} operations",
                f"a figure replays at most {self.limits.work:,}",
                "Use a smaller kernel, fewer channels or a smaller input.",
            )

    def _check_pixels(self, width: int, height: int) -> None:
        if width * height > self.limits.pixels:
            raise TooLarge(
                "dpi",
                f"{width:,} × {height:,} pixels",
                f"a picture may have {self.limits.pixels:,} pixels here",
                "Use fewer dots per inch, or a smaller width.",
            )

    def _height(self, width: float) -> float:
        """The height of the figure in points, from counts of cells alone: nothing is replayed for it."""
        if not self.steps:
            return self._arranged(self.look).tallest()
        assert self.options.steps is not None
        columns = max(1, min(self.options.steps.columns, len(self.steps)))
        small = dataclasses.replace(
            self.look, width_mm=self.look.width_mm / columns, parts=self.look.parts - {"sum"}
        )
        return -(-len(self.steps) // columns) * (self._arranged(small).tallest() + LABEL * self.look.font_pt)

    def _arranged(self, look: Look) -> Arrangement:
        return Arrangement(self.layer, self.walk, look, scattering=self.scattering)

    # ------------------------------------------------------------------------------------- work

    @property
    def media_type(self) -> str:
        """What the file is."""
        return MEDIA_TYPES[self.form]

    @property
    def name(self) -> str:
        """A name for the file."""
        what = "steps" if self.steps else "final" if self.step is None else f"step-{self.step}"
        return f"{self.layer.operation.name}-{what}.{ENDINGS.get(self.form, self.form)}"

    def pieces(self) -> Iterator[Piece]:
        """All the work, none of it done yet; ``result`` holds the file afterwards."""
        yield Piece(replay_work(self.layer, self.walk), self._begin)
        if self.form == "json":
            return
        cells = drawn_cells(self.walk) * CELL_WORK
        if self.steps:
            for step in self.steps:
                yield Piece(cells, functools.partial(self._add, step))
        else:
            yield Piece(cells, self._draw)
        yield Piece(cells * max(1, len(self.steps)), self._write)

    def _begin(self) -> None:
        self.replay = Replay(self.layer, self.options.lane, self.channel, scattering=self.scattering)
        shown = self.replay.at(self.step)
        self.about = about(shown, self.spec, self.request, self.options.title, self.steps)
        if self.steps:
            assert self.options.steps is not None
            self.strip = Strip(self.replay, self.look, self.options.steps.columns, len(self.steps))

    def _add(self, step: int) -> None:
        self.strip.add(step)

    def _draw(self) -> None:
        self.figure = Scene(self.replay, self.look).figure(self.step)

    def _write(self) -> None:
        assert self.about is not None, "the words come first"
        figure = self.strip.figure() if self.steps else self.figure
        if self.form in WRITERS:
            self.result = WRITERS[self.form](figure, self.about)
            return
        dpi = self.options.dpi
        self._check_pixels(*size_in_pixels(figure.width, figure.height, dpi))
        self.result = picture_png(pixels(figure, dpi), dpi, self.about.keywords())


def drawn_cells(walk: Walk) -> int:
    """Cells of the padded input's plane and of an output map: what one picture draws."""
    grids = (input_spans(walk), output_spans(walk))
    return sum(math.prod(span.count for span in spans) for spans in grids)


def replay_work(layer: Layer, walk: Walk) -> int:
    """Products of one lane's walk."""
    gather = layer.geometry.walk
    return gather.steps * gather.channels_per_group * gather.taps + walk.steps * layer.geometry.walk.taps
