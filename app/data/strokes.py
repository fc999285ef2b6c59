"""Strokes: X, O, □, \\ and /, drawn by distance with smooth edges, each example shifted, tilted, sized and inked anew.

Coordinates are measured from the middle in half sides, so that a drawing looks alike at every size. Knows NumPy only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Float64 = NDArray[np.float64]

REACH = 0.75  # half of a drawing's side, as a part of half of the picture's


@dataclass(frozen=True, slots=True)
class Variation:
    """How much examples differ: each number is the most that one is drawn away from the middle.

    ``shift`` and ``thickness`` are in cells, ``tilt`` in degrees, ``scale`` a share, ``noise`` a deviation.
    """

    shift: float = 1.0
    tilt: float = 10.0
    scale: float = 0.15
    thickness: float = 1.3
    noise: float = 0.1


def _segment(across: Float64, down: Float64, start: tuple[float, float], end: tuple[float, float]) -> Float64:
    """How far each point is from a line from ``start`` to ``end``."""
    (x0, y0), (x1, y1) = start, end
    along = ((across - x0) * (x1 - x0) + (down - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2)
    along = np.clip(along, 0, 1)
    distance: Float64 = np.hypot(across - x0 - along * (x1 - x0), down - y0 - along * (y1 - y0))
    return distance


def _backslash(across: Float64, down: Float64) -> Float64:
    return _segment(across, down, (-REACH, -REACH), (REACH, REACH))


def _slash(across: Float64, down: Float64) -> Float64:
    return _segment(across, down, (-REACH, REACH), (REACH, -REACH))


def _cross(across: Float64, down: Float64) -> Float64:
    return np.minimum(_backslash(across, down), _slash(across, down))


def _ring(across: Float64, down: Float64) -> Float64:
    distance: Float64 = np.abs(np.hypot(across, down) - REACH)
    return distance


def _square(across: Float64, down: Float64) -> Float64:
    outside = np.maximum(np.abs(across), np.abs(down)) - REACH
    corner = np.hypot(np.maximum(np.abs(across) - REACH, 0), np.maximum(np.abs(down) - REACH, 0))
    return np.where(corner > 0, corner, np.abs(outside))


# The distance of points from each stroke; the titles are what people read.
STROKES: Mapping[str, Callable[[Float64, Float64], Float64]] = MappingProxyType(
    {"cross": _cross, "ring": _ring, "square": _square, "backslash": _backslash, "slash": _slash}
)
TITLES: Mapping[str, str] = MappingProxyType(
    {"cross": "X", "ring": "O", "square": "□", "backslash": "\\", "slash": "/"}
)


def draw(
    kinds: tuple[str, ...],
    labels: NDArray[np.intp],
    size: int,
    how: Variation,
    rng: np.random.Generator,
    noise: np.random.Generator,
) -> Array:
    """One drawing for each label, (count, 1, size, size): ink 1 on paper 0, then noise, which has its own numbers."""
    count, half = len(labels), size / 2
    one = (count, 1, 1)
    shift = rng.uniform(-how.shift, how.shift, (2, *one)) / half
    angle = np.deg2rad(rng.uniform(-how.tilt, how.tilt, one))
    scale = 1 - rng.uniform(0, how.scale, one)
    thick = how.thickness * rng.uniform(0.8, 1.2, one) / half
    centres = (np.arange(size) + 0.5) / half - 1
    across, down = centres - shift[0], centres[:, None] - shift[1]
    turned = (np.cos(angle) * across + np.sin(angle) * down) / scale
    upright = (np.cos(angle) * down - np.sin(angle) * across) / scale
    picture = np.zeros((count, size, size))
    for place, kind in enumerate(kinds):
        mine = labels == place
        distance = STROKES[kind](turned[mine], upright[mine]) * scale[mine]
        picture[mine] = np.clip((thick[mine] / 2 - distance) * half + 0.5, 0, 1)
    picture += noise.normal(0, how.noise, picture.shape) if how.noise else 0
    return picture[:, None].astype(np.float32)
