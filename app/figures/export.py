"""From a layer and a request's options to a file: refuses first, then works in bounded pieces. Knows no HTTP.

An export that is too large is refused when it is made, before anything is replayed or drawn; see ``bounds``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..core.engine.trace import Layer
from ..core.spec import LayerSpec
from .bounds import (
    FigureLimits,
    drawn_cells,
    pixel_size,
    replay_work,
    settled,
)
from .content.about import About, about
from .content.shown import Replay
from .drawing.marks import Figure
from .layout.scene import Scene
from .layout.strip import Strip
from .options import FigureOptions
from .writers.animation import ANIMATIONS
from .writers.formats import FORMATS
from .writers.palette import Palette, own_colours
from .writers.raster import pixels
from .writers.still import WRITERS

LAST_S = 2.0  # how long the last frame stays at least
SAMPLED = 24  # steps whose sums say how many lines they all need
# Elementary operations of 0.2 ns that drawing a pixel and a cell are worth, to a file and to pixels.
PIXEL_WORK = 1_300
CELL_WORK = 300_000
STILL_CELL_WORK, STILL_PIXEL_WORK = 400_000, 200


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
        self.look = options.look(picture=picture)
        asked = settled(layer, options, self.look, form, limits or FigureLimits())
        self.walk, self.channel, self.step, self.steps = asked
        self.scattering = options.walk == "scatter"
        self.result = b""
        self.about: About | None = None

    # ------------------------------------------------------------------------------------- work

    @property
    def media_type(self) -> str:
        """The media type of the file."""
        return FORMATS[self.form].media_type

    @property
    def name(self) -> str:
        """A name for the file."""
        what = "steps" if self.steps else "final" if self.step is None else f"step-{self.step}"
        return f"{self.layer.operation.name}-{what}.{FORMATS[self.form].ending}"

    def pieces(self) -> Iterator[Piece]:
        """All the work, none of it done yet; ``result`` holds the file afterwards."""
        yield Piece(replay_work(self.layer, self.walk), self._begin)
        if FORMATS[self.form].kind == "words":
            return
        cells = drawn_cells(self.layer, self.walk) * STILL_CELL_WORK
        if self.form in ANIMATIONS:
            yield Piece(3 * self._frame_work(), self._begin_animation)
            for number, step in enumerate(self.steps):
                yield Piece(self._frame_work(), functools.partial(self._add_frame, number, step))
            yield Piece(CELL_WORK, self._end_animation)
        elif self.steps:
            for step in self.steps:
                yield Piece(cells, functools.partial(self._add_picture, step))
            yield Piece(self._pixel_work(self.steps, STILL_PIXEL_WORK), self._write_strip)
        else:
            more = FORMATS[self.form].work + self._pixel_work((), STILL_PIXEL_WORK)
            yield Piece(cells + more, self._write_still)

    @property
    def count(self) -> int:
        """How many pieces there are."""
        if FORMATS[self.form].kind == "words":
            return 1
        return len(self.steps) + (3 if self.form in ANIMATIONS else 2)

    def _begin(self) -> None:
        self.replay = Replay(self.layer, self.options.lane, self.channel, scattering=self.scattering)
        shown = self.replay.at(self.step)
        self.about = about(shown, self.spec, self.request, self.options.title, self.steps)
        if self.steps and self.form not in ANIMATIONS:
            assert self.options.steps is not None, "a film strip is asked for"
            self._strip = Strip(self.replay, self.look, self.options.steps.columns, len(self.steps))

    # ------------------------------------------------------------------------------------- one picture

    def _write_still(self) -> None:
        self.result = self._written(Scene(self.replay, self.look).figure(self.step))

    def _add_picture(self, step: int) -> None:
        self._strip.add(step)

    def _write_strip(self) -> None:
        self.result = self._written(self._strip.figure())

    def _written(self, figure: Figure) -> bytes:
        assert self.about is not None, "the words come first"
        return WRITERS[self.form](figure, self.about, self.options.dpi)

    # ------------------------------------------------------------------------------------- many

    def _frame_work(self) -> int:
        return drawn_cells(self.layer, self.walk) * CELL_WORK + self._pixel_work(())

    def _pixel_work(self, steps: Sequence[int], each: int = PIXEL_WORK) -> int:
        """The work of a picture's pixels, of one step or a strip of some; 0 in a form that has none."""
        if not FORMATS[self.form].pixels:
            return 0
        width, height = pixel_size(self.layer, self.walk, self.look, self.options, steps)
        return width * height * each

    def _begin_animation(self) -> None:
        """Settle what all frames share: room for the sum, and the palette."""
        assert self.about is not None, "the words come first"
        self._scene = Scene(self.replay, self.look)
        sampled = self.steps[:: max(1, len(self.steps) // SAMPLED)]
        shows = self.look.shows("sum")
        self._lines = max(self._scene.sum_lines(step) for step in (*sampled, self.steps[-1])) if shows else 0
        figures = [
            self._scene.figure(step, self._lines)
            for step in dict.fromkeys((self.steps[0], self.steps[len(self.steps) // 2], self.steps[-1]))
        ]
        samples = [pixels(figure, self.options.dpi) for figure in figures]
        palette = Palette(own_colours(figures), samples, self.look.theme.ground)
        self._animation = ANIMATIONS[self.form](palette, self.about, len(self.steps), self.options.plays)

    def _add_frame(self, number: int, step: int) -> None:
        seconds = 1 / self.options.fps
        if number == len(self.steps) - 1:
            seconds = max(seconds, LAST_S)
        self._animation.add(pixels(self._scene.figure(step, self._lines), self.options.dpi), seconds)

    def _end_animation(self) -> None:
        self.result = self._animation.file()
