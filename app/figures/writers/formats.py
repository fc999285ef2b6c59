"""The one list of the forms that a figure is exported in, as data. Knows no figure and no writer.

``static/js/dialogs/formats.js`` is its mirror; ``tests/golden/sets.json`` holds the two together.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

FormatName = Literal["svg", "pdf", "png", "tikz", "gif", "webp", "apng", "json"]
Kind = Literal["still", "moving", "words"]


@dataclass(frozen=True, slots=True)
class Format:
    """One form: its name for people, its media type, the ending of its files, whether it is painted in pixels.

    ``kind`` is still for one picture or a film strip, moving for an animation, words for what a figure says.
    """

    title: str
    media_type: str
    ending: str
    kind: Kind = "still"
    pixels: bool = False
    work: int = 0  # elementary operations of 0.2 ns that a file takes whatever it shows


FORMATS: dict[str, Format] = {
    "svg": Format("SVG", "image/svg+xml", "svg"),
    "pdf": Format("PDF", "application/pdf", "pdf", work=40_000_000),
    "png": Format("PNG", "image/png", "png", pixels=True),
    "tikz": Format("TikZ", "application/x-tex", "tex"),
    "gif": Format("GIF", "image/gif", "gif", "moving", pixels=True),
    "webp": Format("WebP", "image/webp", "webp", "moving", pixels=True),
    "apng": Format("animated PNG", "image/apng", "png", "moving", pixels=True),
    "json": Format("JSON", "application/json", "json", "words"),
}
DEFAULT = "svg"  # where neither a request nor the ending of a file says one

# Type checkers and the API's schema read the Literal, which cannot be computed.
assert get_args(FormatName) == tuple(FORMATS), (
    "app/figures/writers/formats.py: name the new form in FormatName"
)


def formats() -> dict[str, dict[str, Any]]:
    """The list as the page mirrors it."""
    return {
        name: {key: value for key, value in asdict(one).items() if key != "work"}
        for name, one in FORMATS.items()
    }
