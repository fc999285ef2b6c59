"""Glyphs: digits from the font of the figures, each example shifted, tilted and sized anew. Knows their font."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from ..figures.drawing import font
from ..images.write.canvas import Canvas
from .strokes import Variation
from .warp import warped

Array = NDArray[np.float32]

FINE = 4  # how many times as fine a glyph is drawn as it is shown
FILLS = 0.7  # of the picture's side, the height of a digit


@functools.lru_cache(maxsize=256)
def glyph(text: str, size: int) -> Array:
    """One glyph in the middle of ``size · FINE`` cells a side, ink 1 on paper 0; read-only."""
    side = size * FINE
    height = side * FILLS / font.CAPITAL
    sheet = Canvas(side, side, "#000000")
    left, foot = (side - font.width(text, height)) / 2, (side + height * font.CAPITAL) / 2
    sheet.text(left, foot, text, font.data(), height, "#ffffff")
    drawn = np.asarray(sheet.pixels()[..., 0] / 255, np.float32)
    drawn.setflags(write=False)
    return drawn


def draw(
    texts: tuple[str, ...],
    labels: NDArray[np.intp],
    size: int,
    how: Variation,
    rng: np.random.Generator,
    noise: np.random.Generator,
) -> Array:
    """One picture for each label, (count, 1, size, size), as ``strokes.draw`` has them."""
    count = len(labels)
    shift = rng.uniform(-how.shift, how.shift, (count, 2)) * FINE
    angle = np.deg2rad(rng.uniform(-how.tilt, how.tilt, count))
    scale = 1 - rng.uniform(0, how.scale, count)
    fine = np.stack([glyph(text, size) for text in texts])[labels][:, None]
    moved = warped(fine, angle, scale, shift)
    picture = moved.reshape(count, 1, size, FINE, size, FINE).mean(axis=(3, 5))
    if how.noise:
        picture = picture + noise.normal(0, how.noise, picture.shape)
    return np.asarray(picture, np.float32)
