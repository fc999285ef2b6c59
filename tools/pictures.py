"""Draws the thumbnails of the page into ``static/pictures``, from the samples themselves: python -m tools.pictures."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.images.samples.samples import SAMPLES

Values = NDArray[np.floating[Any]]
Pixels = NDArray[np.uint8]

FOLDER = Path(__file__).resolve().parents[1] / "static" / "pictures"
SIDE = 108  # pixels of a thumbnail, twice what the page shows it at
INPUT = (8, 101, 115)  # the colour of inputs, in which a series is drawn
# The scale of values where cells carry no numbers, at −1, −½, 0, ½ and 1.
STOPS = ((0xA4, 0xC6, 0xEB), (0xCD, 0xE1, 0xF4), (0xF9, 0xF8, 0xF6), (0xF7, 0xE0, 0xC7), (0xF4, 0xC3, 0x93))


def coloured(plane: Values, high: float) -> Pixels:
    """A plane of signed values by colour."""
    part = np.clip(plane / high, -1, 1) * 2 + 2
    below = np.minimum(part.astype(int), len(STOPS) - 2)
    stops = np.array(STOPS, float)
    share = (part - below)[..., None]
    mixed: Pixels = np.rint(stops[below] * (1 - share) + stops[below + 1] * share).astype(np.uint8)
    return mixed


def picture_of(array: Values, side: int) -> Pixels:
    """An input, (channels, *spatial), as a square of pixels: whole pixels for a cell where there is room."""
    if array.ndim == 2:
        return _curve(array[0], side)
    plane = array[:, array.shape[1] // 2] if array.ndim == 4 else array
    if len(plane) == 3:
        pixels = np.rint(np.clip(np.moveaxis(plane, 0, -1), 0, 1) * 255).astype(np.uint8)
    elif plane.min() < 0 or plane.max() > 1:
        pixels = coloured(plane[0], float(np.abs(plane).max()))
    else:
        pixels = np.repeat(np.rint(plane[0] * 255).astype(np.uint8)[..., None], 3, axis=-1)
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.NEAREST))


def _curve(values: Values, side: int) -> Pixels:
    """A series as a line."""
    scale, margin = 4, side // 9
    sheet = Image.new("RGB", (side * scale, side * scale), (255, 255, 255))
    low, high = float(values.min()), float(values.max())
    x = np.linspace(margin, side - margin, len(values)) * scale
    y = (side - margin - (values - low) / (high - low) * (side - 2 * margin)) * scale
    ImageDraw.Draw(sheet).line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=INPUT, width=3 * scale)
    return np.asarray(sheet.resize((side, side), Image.Resampling.LANCZOS))


def samples() -> Pixels:
    """Every sample in the registry's order, beside each other."""
    drawn = [
        sample.draw(SIDE if sample.scalable and sample.axes == 2 else sample.side)
        for sample in SAMPLES.values()
    ]
    return np.concatenate([picture_of(one, SIDE) for one in drawn], axis=1)


def png(pixels: Pixels) -> bytes:
    """Pixels as a file."""
    file = io.BytesIO()
    Image.fromarray(pixels).quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        file, "PNG", optimize=True
    )
    return file.getvalue()


PICTURES = {"samples.png": samples}


def main() -> None:
    """Write every file of pictures anew."""
    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (FOLDER / name).write_bytes(png(draw()))


if __name__ == "__main__":
    main()
