"""A single picture as a file, in each form that holds one. Knows marks and words, no layer and no options."""

from __future__ import annotations

from collections.abc import Callable

from ...images.write.encode import picture_png
from ..content.about import About
from ..drawing.marks import Figure
from .pdf import pdf
from .raster import pixels
from .svg import svg
from .tikz import tikz


def png(figure: Figure, about: About, dpi: float) -> bytes:
    """The picture in pixels, ``dpi`` of them an inch, with its words in the file."""
    return picture_png(pixels(figure, dpi), dpi, about.keywords())


# From the marks, the words and the pixels per inch, which only pictures in pixels read.
WRITERS: dict[str, Callable[[Figure, About, float], bytes]] = {
    "svg": lambda figure, about, dpi: svg(figure, about),
    "pdf": lambda figure, about, dpi: pdf(figure, about),
    "png": png,
    "tikz": lambda figure, about, dpi: tikz(figure, about),
}
