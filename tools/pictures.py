"""Draws the thumbnails of the page into ``static/pictures``, from samples and examples: python -m tools.pictures."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from starlette.testclient import TestClient

from app.core.weights import PATTERNS
from app.images.samples.samples import SAMPLES
from app.main import create_app
from app.operations import registry

Values = NDArray[np.floating[Any]]
Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]

FOLDER = Path(__file__).resolve().parents[1] / "static" / "pictures"
SIDE = 108  # pixels of a thumbnail, twice what the page shows it at
WIDTH, HEIGHT, EACH = (
    208,
    92,
    84,
)  # of an example's thumbnail, and the most that each of its two pictures takes


@dataclass(frozen=True)
class Theme:
    """Paper, frames of input and output, the line of a series, and the colours of values at −1, −½, 0, ½ and 1."""

    paper: Colour
    frames: tuple[Colour, Colour]
    series: Colour
    soft: tuple[Colour, ...]  # of cells that are seen one by one
    deep: tuple[Colour, ...]  # and of smaller ones


LIGHT = Theme(
    paper=(255, 255, 255),
    frames=((8, 101, 115), (58, 119, 44)),
    series=(8, 101, 115),
    soft=((0xA4, 0xC6, 0xEB), (0xCD, 0xE1, 0xF4), (0xF9, 0xF8, 0xF6), (0xF7, 0xE0, 0xC7), (0xF4, 0xC3, 0x93)),
    deep=((0x21, 0x59, 0xA5), (0x7C, 0xB0, 0xE5), (0xF9, 0xF8, 0xF6), (0xF1, 0xB2, 0x77), (0xB6, 0x54, 0x12)),
)
DARK = Theme(
    paper=(0x19, 0x1C, 0x21),
    frames=((0x71, 0xCF, 0xD9), (0x92, 0xD9, 0x8A)),
    series=(0x71, 0xCF, 0xD9),
    soft=((0x35, 0x56, 0x7B), (0x2B, 0x3C, 0x50), (0x23, 0x27, 0x2D), (0x4D, 0x38, 0x28), (0x78, 0x4F, 0x2B)),
    deep=((0x86, 0xC4, 0xFE), (0x42, 0x74, 0xAD), (0x23, 0x27, 0x2D), (0xA0, 0x64, 0x35), (0xFC, 0xBC, 0x75)),
)
SMALL = 16  # cells on a side from which they are seen as a whole
EDGE = 4.0  # the edge that has the scale's full colour
BEND = 0.75  # small values of a deep scale show


def coloured(plane: Values, high: float, theme: Theme = LIGHT) -> Pixels:
    """A plane of signed values by colour."""
    deep = max(plane.shape) >= SMALL
    size = np.clip(plane / high, -1, 1)
    part = np.sign(size) * np.abs(size) ** (BEND if deep else 1) * 2 + 2
    stops = np.array(theme.deep if deep else theme.soft, float)
    below = np.minimum(part.astype(int), len(stops) - 2)
    share = (part - below)[..., None]
    mixed: Pixels = np.rint(stops[below] * (1 - share) + stops[below + 1] * share).astype(np.uint8)
    return mixed


def picture_of(array: Values, side: int, theme: Theme = LIGHT) -> Pixels:
    """An input, (channels, *spatial), as a square of pixels: whole pixels for a cell where there is room."""
    if array.ndim == 2:
        return _curve(array[0], side, theme)
    pixels = _pixels(array[:, array.shape[1] // 2] if array.ndim == 4 else array, theme)
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.NEAREST))


def _pixels(plane: Values, theme: Theme) -> Pixels:
    """Planes, (channels, row, col), in their own colours where they are a picture, else the first by its values."""
    if len(plane) == 3 and plane.min() >= 0:
        return np.rint(np.clip(np.moveaxis(plane, 0, -1), 0, 1) * 255).astype(np.uint8)
    if plane.min() < 0 or plane.max() > 1:
        return coloured(plane[0], float(np.abs(plane).max()), theme)
    return np.repeat(np.rint(plane[0] * 255).astype(np.uint8)[..., None], 3, axis=-1)


def _curve(values: Values, side: int, theme: Theme) -> Pixels:
    """A series as a line."""
    scale, margin = 4, side // 9
    sheet = Image.new("RGB", (side * scale, side * scale), theme.paper)
    low, high = float(values.min()), float(values.max())
    x = np.linspace(margin, side - margin, len(values)) * scale
    y = (side - margin - (values - low) / (high - low) * (side - 2 * margin)) * scale
    ImageDraw.Draw(sheet).line(
        list(zip(x.tolist(), y.tolist(), strict=True)), fill=theme.series, width=3 * scale
    )
    return np.asarray(sheet.resize((side, side), Image.Resampling.LANCZOS))


def samples(theme: Theme = LIGHT) -> Pixels:
    """Every sample in the registry's order, beside each other."""
    drawn = [
        sample.draw(SIDE if sample.scalable and sample.axes == 2 else sample.side)
        for sample in SAMPLES.values()
    ]
    return np.concatenate([picture_of(one, SIDE, theme) for one in drawn], axis=1)


def examples(theme: Theme = LIGHT) -> Pixels:
    """Every example in the registry's order, below each other: its input, and the first map of what it gives."""
    client = TestClient(create_app())
    return np.concatenate(
        [
            _example(client, example, theme)
            for operation in registry().values()
            for example in operation.examples
        ]
    )


def _example(client: TestClient, example: Mapping[str, Any], theme: Theme) -> Pixels:
    setting = {name: value for name, value in example.items() if name in ("layers", "source", "weights")}
    answer = client.post("/api/v1/run", json={**setting, "include": ["input", "output"]})
    answer.raise_for_status()
    reply = answer.json()
    sheet = np.full((HEIGHT, WIDTH, 3), theme.paper, np.uint8)
    for place, name in enumerate(("input", "output")):
        values = np.asarray(reply[name], float)
        framed = _within(values if place == 0 else _first_map(values), EACH, place, theme)
        height, width = framed.shape[:2]
        top, left = (HEIGHT - height) // 2, place * (WIDTH // 2) + (WIDTH // 2 - width) // 2
        sheet[top : top + height, left : left + width] = framed
    return sheet


def _first_map(output: Values) -> Values:
    """The shown plane of an output: a matrix or numbers as one, else the first map, a slice of it or its curve."""
    if output.ndim <= 2 and output.shape[-1] > 1 and output.ndim == 2 and len(output) > 4:
        return output[None]
    return output.reshape(1, -1, 1) if output.size == len(output) else output[:1]


def _within(array: Values, side: int, place: int, theme: Theme) -> Pixels:
    """An array as a picture that is at most ``side`` pixels wide and high, with whole pixels for a cell, framed."""
    plane = array[:, array.shape[1] // 2] if array.ndim == 4 else array
    if plane.ndim == 2:
        picture = (
            _curve(plane[0], side, theme) if plane.shape[1] > 16 else _cells(plane[:1, None], side, theme)
        )
    else:
        picture = _cells(plane, side, theme)
    framed = np.full((picture.shape[0] + 4, picture.shape[1] + 4, 3), theme.frames[place], np.uint8)
    framed[2:-2, 2:-2] = picture
    return framed


def _cells(plane: Values, side: int, theme: Theme) -> Pixels:
    pixels = _pixels(plane, theme)
    each = max(1, side // max(pixels.shape[:2]))
    return np.repeat(np.repeat(pixels, each, axis=0), each, axis=1)


def edges() -> Pixels:
    """A picture, and its upright edges where it is lit: the left and the right half of one square."""
    picture = SAMPLES["scene"].draw(SIDE)
    upright = np.array(PATTERNS["sobel_vertical"]((3, 3)))
    padded = np.pad(picture, ((0, 0), (1, 1), (1, 1)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    found = np.einsum("crsij,ij->rs", windows, upright)
    half = SIDE // 2
    return np.concatenate([picture_of(picture, SIDE)[:, :half], coloured(found, EDGE)[:, half:]], axis=1)


def png(pixels: Pixels) -> bytes:
    """Pixels as a file."""
    file = io.BytesIO()
    Image.fromarray(pixels).quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        file, "PNG", optimize=True
    )
    return file.getvalue()


PICTURES: dict[str, Callable[[], Pixels]] = {
    "samples.png": samples,
    "samples-dark.png": partial(samples, DARK),
    "examples.png": examples,
    "examples-dark.png": partial(examples, DARK),
    "edges.png": edges,
}


def main() -> None:
    """Write every file of pictures anew."""
    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (FOLDER / name).write_bytes(png(draw()))


if __name__ == "__main__":
    main()
