"""Figures of networks, in bounded pieces: chain, field of a cell, dilation diagram. Knows no HTTP."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from ..core.errors import TooLarge, counted
from .bounds import FigureLimits
from .content.about import About
from .content.network import Shown, about_network
from .drawing.marks import Figure
from .export import CELL_WORK, LAST_S, PIXEL_WORK, STILL_CELL_WORK, STILL_PIXEL_WORK, Piece
from .layout.chain import Chain
from .layout.dilation import Dilation
from .options import FigureOptions
from .writers.animation import ANIMATIONS
from .writers.formats import FORMATS
from .writers.palette import Palette, own_colours
from .writers.raster import pixels, size_in_pixels
from .writers.still import WRITERS


class NetworkExport:
    """One figure of a network on its way into a file. Creating it refuses what is too large."""

    def __init__(
        self,
        shown: Shown,
        options: FigureOptions,
        request: str,
        *,
        form: str,
        picture: bool,
        limits: FigureLimits,
    ) -> None:
        self.shown, self.options, self.form = shown, options, form
        self.look = options.look(picture=picture)
        self.drawing = (Dilation if shown.kind == "dilation" else Chain)(shown, self.look)
        self.about: About | None = about_network(shown, request, options.title)
        self.result = b""
        self._check(limits)

    @property
    def media_type(self) -> str:
        """The media type of the file."""
        return FORMATS[self.form].media_type

    @property
    def name(self) -> str:
        """A name for the file."""
        return f"network-{self.shown.kind}.{FORMATS[self.form].ending}"

    @property
    def count(self) -> int:
        """How many pieces there are."""
        return self.shown.moments + 2 if self.form in ANIMATIONS else 1

    def pieces(self) -> Iterator[Piece]:
        """All the work, none of it done yet; ``result`` holds the file afterwards."""
        if FORMATS[self.form].kind == "words":
            return
        if self.form not in ANIMATIONS:
            more = FORMATS[self.form].work + self._pixel_work(STILL_PIXEL_WORK)
            yield Piece(self._cells() * STILL_CELL_WORK // 10 + more, self._write_still)
            return
        each = self._cells() * CELL_WORK // 10 + self._pixel_work(PIXEL_WORK)
        yield Piece(2 * each, self._begin_animation)
        for moment in range(self.shown.moments):
            yield Piece(each, functools.partial(self._add_frame, moment))
        yield Piece(CELL_WORK, self._end_animation)

    def _cells(self) -> int:
        return sum(min(layer.map.size, 10_000) for layer in self.shown.layers)

    def _check(self, limits: FigureLimits) -> None:
        if not FORMATS[self.form].pixels:
            return
        width, height = self._size()
        frames = self.shown.moments if self.form in ANIMATIONS else 1
        most = limits.pixels if frames == 1 else min(limits.frame_pixels // frames, limits.pixels)
        if width * height > most:
            raise TooLarge(
                "dpi",
                f"{width:,} × {height:,} pixels",
                f"a picture may have {counted(most, 'pixel')} here",
                "Use fewer dots per inch, or a smaller width.",
            )

    def _size(self) -> tuple[int, int]:
        return size_in_pixels(self.drawing.width, self.drawing.height, self.options.dpi)

    def _pixel_work(self, each: int) -> int:
        if not FORMATS[self.form].pixels:
            return 0
        width, height = self._size()
        return width * height * each

    def _figure(self, moment: int | None = None) -> Figure:
        return self.drawing.figure(moment)

    def _write_still(self) -> None:
        assert self.about is not None, "the words come first"
        self.result = WRITERS[self.form](self._figure(), self.about, self.options.dpi)

    def _begin_animation(self) -> None:
        assert self.about is not None, "the words come first"
        figure = self._figure()
        palette = Palette(own_colours([figure]), [pixels(figure, self.options.dpi)], self.look.theme.ground)
        self._animation = ANIMATIONS[self.form](palette, self.about, self.shown.moments, self.options.plays)

    def _add_frame(self, moment: int) -> None:
        seconds = 1 / self.options.fps
        if moment == self.shown.moments - 1:
            seconds = max(seconds, LAST_S)
        self._animation.add(pixels(self._figure(moment), self.options.dpi), seconds)

    def _end_animation(self) -> None:
        self.result = self._animation.file()
