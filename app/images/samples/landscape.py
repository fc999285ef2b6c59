"""A rendered landscape that looks like a photograph: mountains, a lake, a cabin. Knows only NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .noise import (
    fractal,
    fractal_line,
    line,
    noise,
)

Values = NDArray[np.floating[Any]]  # one number per point
Colours = NDArray[np.floating[Any]]  # (3, points), 0–1
Mask = NDArray[np.bool_]
Colour = tuple[float, float, float]
Painter = Callable[[Values, Values], Colours]

# Positions are fractions of the picture: u from the left, v from the top.
SHORE = 0.615  # where land and its reflection meet
SUN = (0.665, 0.345)


def scene(size: int) -> Values:
    """The landscape, (3, size, size), in 0–1 and in steps of 1/255 like a picture from a file.

    Each pixel is the mean of several points of the scene, more of them the smaller the picture, so that it
    reads well from 28 to 1024 pixels and looks the same at each.
    """
    points = max(2 if size <= 512 else 1, min(6, -(-400 // size)))
    side = size * points
    picture = np.empty((3, size, size), np.float32)
    axis = ((np.arange(side, dtype=np.float32) + 0.5) / side).astype(np.float32)
    band = max(1, 100_000 // (side * points))  # picture rows at a time, to bound memory and stay in cache
    for first in range(0, size, band):
        last = min(size, first + band)
        v, u = np.meshgrid(axis[first * points : last * points], axis, indexing="ij")
        drawn = _photograph(u.ravel(), v.ravel())
        picture[:, first:last] = drawn.reshape(3, last - first, points, size, points).mean(axis=(2, 4))
    grain = np.random.default_rng(7).normal(0, 0.008, (size, size)).astype(np.float32)
    levels: Values = np.rint(np.clip(picture + grain, 0, 1) * 255)
    return levels / np.float32(255)


def _photograph(u: Values, v: Values) -> Colours:
    """The camera's view: the bank in front, the land above the shore, the lake below it, and the lens."""
    colour = np.empty((3, u.size), np.float32)
    bank = v > _bank_edge(u)
    framing = _framing_spruces(u, v)
    open_land = ~(bank | framing)
    _paint(colour, open_land & (v <= SHORE), _land, u, v)
    _paint(colour, open_land & (v > SHORE), _lake, u, v)
    _paint(colour, bank, _grass, u, v)
    _paint(colour, framing, _needles, u, v)
    glow = np.exp(np.hypot(u - SUN[0], v - SUN[1]) / -0.22) * 0.13
    edge = 1 - 0.5 * ((u - 0.5) ** 2 + (v - 0.47) ** 2)
    return np.asarray((colour + _flat((1.0, 0.75, 0.45)) * glow) * edge, dtype=np.float32)


def _paint(colour: Colours, mask: Mask, painter: Painter, u: Values, v: Values) -> None:
    """Let ``painter`` colour the points inside; the others cost nothing."""
    where = np.flatnonzero(mask)
    if where.size:
        colour[:, where] = painter(u[where], v[where])


# --- the land, from the back to the front -----------------------------------------------------------------


def _land(u: Values, v: Values) -> Colours:
    """Everything above the shore; each point is painted by the nearest layer that covers it."""
    colour = np.empty((3, u.size), np.float32)
    far = 0.47 - 0.09 * fractal_line(u * 3.1 + 5, 3, 5)
    hills = 0.565 - 0.075 * fractal_line(u * 2.6 + 11, 7, 5) - 0.05 * (1 - u)
    near = Mountain((0.33, 0.115), 0.95, 0.0, 0.02)
    back = Mountain((0.87, 0.315), 0.62, 4.3, 0.34)
    free = np.ones(u.size, bool)
    for mask, painter in (
        (v > hills, _woods),
        (v > near.outline(u), near.paint),
        (v > back.outline(u), back.paint),
        (v > far, _far_ridge),
        (free, _sky),
    ):
        _paint(colour, free & mask, painter, u, v)
        free = free & ~mask
    _paint(colour, _in_spruces(u, v, 46, 0.070, 3), lambda u, v: _spruce(u, v, (0.10, 0.15, 0.15)), u, v)
    _paint(colour, _in_spruces(u, v, 27, 0.105, 9), lambda u, v: _spruce(u, v, (0.05, 0.09, 0.08)), u, v)
    meadow = 0.596 + 0.008 * np.sin(u * 9) + 0.02 * _smooth(0.55, 0.25, u)
    _paint(colour, v > meadow, _meadow, u, v)
    return _cabin(colour, u, v)


def _sky(u: Values, v: Values) -> Colours:
    height = v / SHORE
    colour = _mix(_flat((0.13, 0.28, 0.55)), _flat((0.47, 0.63, 0.81)), _smooth(0.0, 0.55, height))
    colour = _mix(colour, _flat((0.98, 0.79, 0.60)), _smooth(0.32, 0.85, height))
    away = np.hypot(u - SUN[0], (v - SUN[1]) * 1.15)
    streaks = fractal(u * 2.3 + 0.6 * v + 3, v * 9 + 0.4 * noise(u * 4, v * 4), 5)
    cloud = _smooth(0.50, 0.74, streaks) * _smooth(0.02, 0.12, v) * (1 - 0.5 * _smooth(0.6, 0.9, height))
    lit = _mix(_flat((0.80, 0.77, 0.84)), _flat((1.0, 0.84, 0.66)), np.exp(away / -0.35))
    shade = _mix(lit, _flat((0.50, 0.48, 0.62)), _smooth(0.62, 0.85, streaks) * 0.55)
    colour = _mix(colour, shade, cloud * 0.85)
    colour = colour + _flat((0.9, 0.55, 0.25)) * (0.30 * np.exp(away / -0.07) + 0.22 * np.exp(away / -0.28))
    return _mix(colour, _flat((1.0, 0.985, 0.92)), _smooth(0.046, 0.036, away))


def _far_ridge(u: Values, v: Values) -> Colours:
    return _mix(_flat((0.55, 0.53, 0.66)), _flat((0.93, 0.72, 0.60)), np.exp(np.abs(u - SUN[0]) / -0.18))


class Mountain:
    """A snow-capped peak lit from the right; gullies fan out from its top, and haze gathers at its foot."""

    def __init__(self, peak: tuple[float, float], steep: float, offset: float, haze: float) -> None:
        self.peak, self.steep, self.offset, self.haze = peak, steep, offset, haze

    def outline(self, u: Values) -> Values:
        """v of the sky line: a cone that flattens outwards, with crags."""
        side = np.abs(u - self.peak[0])
        crags = fractal_line(u * 6 + self.offset, 2, 6) - 0.5
        cone = self.steep * side / (0.62 + 0.55 * side)
        return np.asarray(self.peak[1] + cone + 0.17 * crags * _smooth(0.0, 0.12, side), np.float32)

    def paint(self, u: Values, v: Values) -> Colours:
        """Rock and snow, each between its shade and its light."""
        drop = v - self.peak[1]
        ridge = self.peak[0] + 0.10 * (fractal_line(v * 7 + self.offset, 4, 4) - 0.5) + 0.22 * drop
        fan = (u - ridge) / (0.10 + drop)  # a gully keeps its fan on its way down
        warp = 0.25 * noise(u * 14 + self.offset, v * 14)
        relief = fractal(fan * 4.5 + warp + self.offset, drop * 6 + warp, 5)
        fall = fractal(fan * 4.5 + warp + self.offset + 0.10, drop * 6 + warp + 0.03, 5) - relief
        light = np.clip(0.30 + 0.42 * _smooth(-0.05, 0.09, u - ridge) - 3.4 * fall, 0, 1)
        rock = _mix(_flat((0.19, 0.20, 0.31)), _flat((0.62, 0.46, 0.40)), light)
        snow = _mix(_flat((0.45, 0.53, 0.73)), _flat((1.0, 0.93, 0.85)), light)
        snow_line = 0.19 + 0.34 * (relief - 0.5) + 0.05 * (noise(u * 45, v * 45) - 0.5)
        body = _mix(rock, snow, _smooth(0.02, -0.02, drop - snow_line))
        mist = np.clip(self.haze + 0.60 * _smooth(0.36, 0.60, v), 0, 0.85)
        return _mix(body, _flat((0.76, 0.66, 0.67)), mist)


def _woods(u: Values, v: Values) -> Colours:
    shade = fractal(u * 40, v * 70, 3)
    return _mix(_flat((0.15, 0.21, 0.23)), _flat((0.37, 0.37, 0.31)), shade)


def _in_spruces(u: Values, v: Values, across: int, tallest: float, seed: int) -> Mask:
    """Whether a point lies in a row of spruces along the shore, ``across`` of them over the width."""
    random = np.random.default_rng(seed)
    height = (tallest * random.uniform(0.45, 1.0, across)).astype(np.float32)
    height *= (0.55 + 0.45 * np.cos(np.linspace(0, 7, across) + seed) ** 2).astype(np.float32)
    shift = random.uniform(-0.3, 0.3, across).astype(np.float32)
    mask = np.zeros(u.size, bool)
    tall = np.flatnonzero(v > 0.605 - tallest)
    u, v = u[tall], v[tall]
    cell = np.floor(u * across).astype(np.int64)
    for neighbour in (-1, 0, 1):
        tree = (cell + neighbour) % across
        du = u - (cell + neighbour + 0.5 + shift[tree]) / across
        mask[tall] |= _in_spruce(du, v - (0.605 - height[tree]), height[tree])
    return mask


def _in_spruce(du: Values, dv: Values, height: Any) -> Mask:
    """Whether a point lies in a spruce; du from its trunk, dv from its tip. Branches jut out in tiers."""
    part = dv / height
    tiers = 0.72 + 0.28 * np.mod(part * 7, 1)
    width = 0.20 * height * part * tiers + 0.012 * height
    return np.asarray((part > 0) & (part < 1.08) & (np.abs(du) < width))


def _spruce(u: Values, v: Values, tint: Colour) -> Colours:
    warm = 0.35 * noise(u * 200, v * 200) * _smooth(0.2, 0.7, u)
    return _mix(_flat(tint), _flat((0.36, 0.30, 0.16)), warm)


def _meadow(u: Values, v: Values) -> Colours:
    blades = noise(u * 160, v * 220) * _smooth(0.3, 0.8, u)
    return _mix(_flat((0.20, 0.24, 0.10)), _flat((0.50, 0.46, 0.19)), blades)


def _cabin(colour: Colours, u: Values, v: Values) -> Colours:
    """A wooden cabin with a lit window, a door, a gable roof and a chimney, and the window's shine."""
    near = np.flatnonzero(_box(u, v, 0.66, 0.92, 0.46, SHORE))
    if near.size == 0:
        return colour
    u, v, drawn = u[near], v[near], colour[:, near]
    left, right, eaves, floor, top = 0.735, 0.885, 0.548, 0.603, 0.492
    middle = (left + right) / 2
    gable = np.abs(u - middle) / ((right - left) / 2)
    slope = top + (eaves - top) * gable
    boards = 0.86 + 0.14 * (np.mod(v * 130, 1) > 0.25)
    wall = _mix(_flat((0.34, 0.17, 0.10)), _flat((0.55, 0.29, 0.16)), _smooth(right, left, u)) * boards
    tiles = _mix(_flat((0.17, 0.12, 0.13)), _flat((0.62, 0.42, 0.32)), _smooth(-0.002, 0.002, middle - u))
    pane = _mix(_flat((1.0, 0.80, 0.34)), _flat((1.0, 0.92, 0.62)), _smooth(0.585, 0.565, v))
    frame = (np.abs(u - 0.774) < 0.0014) | (np.abs(v - 0.5745) < 0.0012)
    for mask, body in (
        (_box(u, v, 0.838, 0.858, 0.478, 0.54), _flat((0.33, 0.27, 0.26))),
        (_box(u, v, left, right, 0, floor) & (v > slope), wall),
        ((gable < 1.16) & (v > slope - 0.012) & (v < slope + 0.004), tiles),
        (_box(u, v, 0.756, 0.792, 0.561, 0.588), _flat((0.30, 0.16, 0.10))),
        (_box(u, v, 0.759, 0.789, 0.5635, 0.5855) & ~frame, pane),
        (_box(u, v, 0.824, 0.850, 0.561, floor), _flat((0.17, 0.09, 0.06))),
    ):
        drawn = np.where(mask, body, drawn)
    shine = np.exp(np.hypot(u - 0.774, (v - 0.575) * 1.2) ** 2 / -0.0010) * 0.35
    colour[:, near] = drawn + _flat((1.0, 0.72, 0.30)) * shine
    return colour


# --- the lake and the near bank ---------------------------------------------------------------------------


def _lake(u: Values, v: Values) -> Colours:
    """The land mirrored in moving water, darker towards us, with a breeze and the path of the sun."""
    depth = (v - SHORE) / (1 - SHORE)  # 0 at the far shore, 1 near
    ripple = noise(u * 9, np.sqrt(depth + 0.01) * 90) - 0.5
    mirrored_u = u + ripple * (0.006 + 0.03 * depth)
    mirrored_v = SHORE - (v - SHORE) * 0.95 + ripple * (0.004 + 0.035 * depth)
    mirrored = _land(mirrored_u, np.minimum(mirrored_v, SHORE).astype(np.float32))
    deep = _mix(_flat((0.18, 0.28, 0.40)), _flat((0.05, 0.12, 0.21)), depth)
    colour = _mix(mirrored * 0.92, deep, 0.10 + 0.50 * depth)
    breeze = _smooth(0.55, 0.8, fractal(u * 3, v * 40, 2)) * (1 - depth) * 0.25
    colour = _mix(colour, _flat((0.66, 0.66, 0.74)), breeze)
    path = np.exp(-(((u - SUN[0]) / (0.035 + 0.10 * depth)) ** 2)) * _smooth(0.50, 0.66, ripple + 0.5)
    colour = colour + _flat((1.0, 0.72, 0.40)) * (path * (0.75 - 0.3 * depth))
    return _mix(colour, _flat((0.10, 0.10, 0.09)), np.exp(((v - SHORE) / 0.0035) ** 2 * -1) * 0.7)


def _bank_edge(u: Values) -> Values:
    edge = 0.90 - 0.15 * _smooth(0.42, 0.0, u) + 0.05 * np.sin(u * 5 + 0.6) + 0.06 * _smooth(0.55, 1.0, u)
    tufts = line(u * 95, 2) * line(u * 31, 8)
    return np.asarray(edge - 0.030 * tufts, np.float32)


def _grass(u: Values, v: Values) -> Colours:
    blades = fractal(u * 70 + 6 * v, v * 22, 3)
    colour = _mix(
        _flat((0.10, 0.13, 0.05)), _flat((0.50, 0.46, 0.17)), blades * (0.35 + 0.65 * _smooth(0, 0.9, u))
    )
    return _mix(colour, _flat((0.80, 0.62, 0.28)), 0.65 * _smooth(0.05, 0.0, v - _bank_edge(u)) * blades)


# Trunk, tip and height of the two spruces that frame the view on the left.
_FRAME = ((0.105, 0.17, 0.62), (0.015, 0.33, 0.50))


def _framing_spruces(u: Values, v: Values) -> Mask:
    mask = np.zeros(u.size, bool)
    left = np.flatnonzero(u < 0.26)
    u, v = u[left], v[left]
    ragged = u + 0.016 * (noise(u * 60, v * 90) - 0.5)
    for trunk, tip, height in _FRAME:
        mask[left] |= _in_spruce(ragged - trunk, v - tip, height)
    return mask


def _needles(u: Values, v: Values) -> Colours:
    """Dark needles with warm light on the side of the sun."""
    trunk, tip, height = _FRAME[0]
    warm = _smooth(-0.01, 0.08, u - trunk) * np.clip((v - tip) / height, 0, 1) * noise(u * 150, v * 80)
    body = _mix(_flat((0.03, 0.06, 0.05)), _flat((0.13, 0.18, 0.11)), noise(u * 120, v * 60))
    return _mix(body, _flat((0.55, 0.43, 0.20)), 0.75 * warm)


# --- the tools of the painters ----------------------------------------------------------------------------


def _box(u: Values, v: Values, left: float, right: float, top: float, bottom: float) -> Mask:
    return np.asarray((u > left) & (u < right) & (v > top) & (v < bottom))


def _flat(colour: Colour) -> Colours:
    """One colour, shaped to broadcast over the points."""
    return np.array(colour, np.float32)[:, None]


def _mix(first: Colours, second: Colours, share: Any) -> Colours:
    """first · (1 − share) + second · share."""
    return np.asarray(first + (second - first) * share, dtype=np.float32)


def _smooth(start: float, end: float, value: Any) -> Values:
    """0 before ``start``, 1 after ``end``, without a kink between; ``end`` may lie below ``start``."""
    part = np.clip((value - start) / (end - start), 0, 1)
    return np.asarray(part * part * (3 - 2 * part), dtype=np.float32)
