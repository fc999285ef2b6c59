"""The built-in inputs, drawn by code: a registry of small functions. Knows only NumPy; reads no file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from .landscape import scene

Array = NDArray[np.float32]

SampleName = Literal[
    "scene",
    "cross",
    "ring",
    "grid",
    "diagonal",
    "antidiagonal",
    "digit",
    "gradient",
    "checkerboard",
    "zone_plate",
    "series",
    "stack",
]


@dataclass(frozen=True, slots=True)
class Sample:
    """One built-in input. ``draw`` takes the longest side and gives (channels, *spatial), float32."""

    name: SampleName
    title: str
    description: str
    draw: Callable[[int], Array]
    channels: int
    axes: int
    side: int  # the natural size, and the only one where it is not scalable
    scalable: bool
    low: float = 0.0  # the values that stand for 0 and 1 on the scale 0-1
    high: float = 1.0
    tile: int | None = (
        None  # its place among those that the page shows in sight; the others are one step away
    )

    @property
    def shape(self) -> tuple[int, ...]:
        """The natural shape."""
        return self.shape_at(self.side)

    def shape_at(self, side: int) -> tuple[int, ...]:
        """The shape when the longest side is ``side``."""
        return (self.channels, *(side,) * self.axes)


def _drawn(text: str, ink: float, paper: float) -> Array:
    """One channel from rows of text: # is ink, anything else paper."""
    rows = [[ink if mark == "#" else paper for mark in row] for row in text.split()]
    return np.array([rows], np.float32)


def _cross(size: int) -> Array:
    return _drawn(
        """
        .........
        .#.....#.
        ..#...#..
        ...#.#...
        ....#....
        ...#.#...
        ..#...#..
        .#.....#.
        .........
        """,
        1,
        -1,
    )


def _ring(size: int) -> Array:
    return _drawn(
        """
        .........
        ...###...
        ..#...#..
        .#.....#.
        .#.....#.
        .#.....#.
        ..#...#..
        ...###...
        .........
        """,
        1,
        -1,
    )


def _diagonal(size: int) -> Array:
    return np.eye(7, dtype=np.float32)[None]


def _antidiagonal(size: int) -> Array:
    return np.ascontiguousarray(_diagonal(size)[:, :, ::-1])


def _grid(size: int) -> Array:
    """Bright and dark corners that meet in edges of every direction, with no two neighbours quite alike."""
    rows = [
        [8, 9, 7, 1, 0, 2],
        [9, 6, 8, 2, 1, 0],
        [7, 8, 5, 4, 0, 1],
        [1, 2, 3, 6, 9, 7],
        [0, 1, 2, 7, 8, 9],
        [3, 0, 1, 9, 7, 6],
    ]
    return np.array([rows], np.float32)


def _gradient(size: int) -> Array:
    """Red grows with the column, green with the row, blue fades along both."""
    part = np.linspace(0, 1, size) if size > 1 else np.zeros(1)
    row, col = np.meshgrid(part, part, indexing="ij")
    return _eight_bit(np.stack([col, row, 1 - (row + col) / 2]))


def _checkerboard(size: int) -> Array:
    """Eight by eight squares, the first one dark."""
    square = np.arange(size) * 8 // max(8, size)
    return ((square[:, None] + square) % 2).astype(np.float32)[None]


def _zone_plate(size: int) -> Array:
    """Rings that grow finer outwards, to the finest that cells can show at the middle of each side.

    ½ + ½·cos(π·r²/size), with r in cells from the middle: at r = size/2 one cell is half a wave.
    """
    offset = np.arange(size) - (size - 1) / 2
    squared = offset[:, None] ** 2 + offset**2
    return _eight_bit(0.5 + 0.5 * np.cos(np.pi * squared / size)[None])


# The pen's way through a handwritten 5: points (x, y) in fractions of the picture, for the body and the bar.
_STROKES = (
    (
        (0.425, 0.225),
        (0.405, 0.33),
        (0.375, 0.455),
        (0.45, 0.425),
        (0.555, 0.44),
        (0.635, 0.52),
        (0.645, 0.63),
        (0.575, 0.745),
        (0.45, 0.795),
        (0.33, 0.765),
        (0.275, 0.705),
    ),
    ((0.43, 0.235), (0.52, 0.238), (0.62, 0.222), (0.71, 0.20)),
)


def _digit(size: int) -> Array:
    """A handwritten 5, light on dark: discs of a pen whose pressure varies, stamped along smooth curves."""
    middle = (np.arange(size) + 0.5) / size
    ink = np.zeros((size, size))
    soft = max(1.0 / size, 0.022)  # the blur of the edge: never finer than a cell
    for stroke in _STROKES:
        path = _smooth_path(np.array(stroke), 40)
        along = np.linspace(0, 1, len(path))
        radius = 0.036 + 0.014 * np.sin(np.pi * along) ** 0.7 + 0.004 * np.sin(9 * along)
        for (x, y), pen in zip(path, radius, strict=True):
            reach = pen + soft
            rows = slice(*np.searchsorted(middle, (y - reach, y + reach)))
            cols = slice(*np.searchsorted(middle, (x - reach, x + reach)))
            away = np.hypot(middle[rows, None] - y, middle[cols] - x)
            stamp = np.clip((pen - away) / soft + 0.5, 0, 1)
            ink[rows, cols] = np.maximum(ink[rows, cols], stamp)
    return _eight_bit(ink[None])


def _smooth_path(points: NDArray[np.float64], between: int) -> NDArray[np.float64]:
    """Points on the Catmull-Rom spline through ``points``, ``between`` of them from each to the next."""
    ends = np.concatenate([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, between, endpoint=False)[:, None]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False)
    ]
    return np.concatenate([*pieces, points[-1:]])


def _series(size: int) -> Array:
    """Two waves, a step up past the middle and a little noise, in steps of 1/100."""
    t = (np.arange(size) + 0.5) / size
    noise = np.random.default_rng(5).normal(0, 0.12, size)
    wave = 0.9 * np.sin(2 * np.pi * 2.5 * t) + 0.35 * np.sin(2 * np.pi * 9 * t + 1)
    return np.clip(np.round(wave + 1.2 * (t > 0.6) + noise, 2), -2, 3).astype(np.float32)[None]


def _stack(size: int) -> Array:
    """A ball whose density falls from its middle outwards, in steps of 1/100."""
    offset = (np.arange(size) - (size - 1) / 2) / size
    squared = offset[:, None, None] ** 2 + offset[:, None] ** 2 + offset**2
    density = np.clip(1 - squared / 0.44**2, 0, 1)
    return np.round(density, 2).astype(np.float32)[None]


def _eight_bit(values: NDArray[np.float64]) -> Array:
    """Values of 0–1 in steps of 1/255, as a picture from a file would have them."""
    return np.rint(values * 255).astype(np.float32) / np.float32(255)


_ALL = (
    Sample("scene", "Lake in the evening", "A landscape in colour, with the light and grain of a photograph: "
           "sky, snow, water, and a cabin with straight edges.", scene, 3, 2, 128, True, tile=1),
    Sample("cross", "X", "The X of the classic question: is it an X? Ink is 1, paper −1.",
           _cross, 1, 2, 9, False, -1, 1, tile=3),
    Sample("ring", "O", "The O of the classic question: is it an X? Ink is 1, paper −1.",
           _ring, 1, 2, 9, False, -1, 1),
    Sample("grid", "Whole numbers", "Six by six digits from 0 to 9, small enough to work out by hand.",
           _grid, 1, 2, 6, False, 0, 9, tile=4),
    Sample("diagonal", "Diagonal \\", "Ones from the top left to the bottom right.",
           _diagonal, 1, 2, 7, False),
    Sample("antidiagonal", "Diagonal /", "Ones from the bottom left to the top right.",
           _antidiagonal, 1, 2, 7, False),
    Sample("digit", "Handwritten 5", "A digit in light strokes on dark, as in the best-known set of digits.",
           _digit, 1, 2, 28, True, tile=2),
    Sample("gradient", "Colour gradient", "Red grows to the right, green downwards, blue fades along both.",
           _gradient, 3, 2, 28, True, tile=6),
    Sample("checkerboard", "Checkerboard", "Eight by eight squares: nothing but edges and corners.",
           _checkerboard, 1, 2, 32, True),
    Sample("zone_plate", "Zone plate", "Rings that grow finer outwards: every direction and every fineness, "
           "to see what a filter lets through and what a stride loses.", _zone_plate, 1, 2, 64, True),
    Sample("series", "Series", "One axis: two waves, a step and some noise, as a sensor would record them.",
           _series, 1, 1, 64, True, -2, 3, tile=5),
    Sample("stack", "Ball", "Three axes: a ball, densest in its middle, as a scanner would see it in slices.",
           _stack, 1, 3, 8, True),
)  # fmt: skip
SAMPLES: dict[str, Sample] = {sample.name: sample for sample in _ALL}
assert tuple(SAMPLES) == get_args(SampleName), "the schema and the registry must agree"


def sample_list() -> list[dict[str, Any]]:
    """The facts that a page needs to offer the samples."""
    return [
        {
            "name": sample.name,
            "title": sample.title,
            "description": sample.description,
            "shape": list(sample.shape),
            "scalable": sample.scalable,
            "axes": sample.axes,
            **({} if sample.tile is None else {"tile": sample.tile}),
        }
        for sample in _ALL
    ]
