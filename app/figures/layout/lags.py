"""The lag chart as marks: how strongly the last output depends on the input so many steps before, on powers of ten.

Exactly 0 has no place on such a scale, and is drawn at its foot. Knows numbers and a theme.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..drawing.marks import Figure, Group, Lines, Mark, Point, Text
from ..drawing.numbers import SUPERSCRIPTS, number
from ..drawing.themes import Theme
from .forecast import round_ticks

WIDTH, HEIGHT = 420.0, 240.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 110.0, 22.0, 34.0
SIZE = 9.0
LEAST = 1e-12  # what is smaller is drawn at the foot
MOST_TICKS = 7
APART = 12.0


@dataclass(frozen=True, slots=True)
class Lag:
    """One network's gradients by lag, from lag 0 on, its name, and the role whose colour it has."""

    name: str
    values: Sequence[float]
    role: str
    dash: tuple[float, ...] = ()


def lag_chart(lags: Sequence[Lag], theme: Theme) -> Figure:
    """All of them on one logarithmic chart."""
    positive = [value for lag in lags for value in lag.values if math.isfinite(value) and value > LEAST]
    low = math.floor(math.log10(min(positive, default=1.0))) - 1  # a row for 0
    high = max(low + 2, math.ceil(math.log10(max(positive, default=1.0))))
    longest = max((len(lag.values) for lag in lags), default=1)
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(step: float, value: float) -> Point:
        power = math.log10(value) if value > LEAST else low
        return LEFT + wide * step / max(1, longest - 1), TOP + tall * (high - min(power, high)) / (high - low)

    marks: list[Mark] = [_axes(low, high, longest, place, theme)]
    names: list[tuple[float, float, Lag]] = []
    for lag in lags:
        points = [place(step, value) for step, value in enumerate(lag.values) if not math.isnan(value)]
        if len(points) < 2:
            continue
        drawn = Lines(tuple(itertools.pairwise(points)), theme.colour(lag.role), theme.bold, lag.dash)
        marks.append(Group("lag", (drawn,), (("name", lag.name),)))
        names.append((points[-1][1], points[-1][0], lag))
    lowest = -math.inf
    for y, x, lag in sorted(names, key=lambda one: one[0]):
        lowest = max(y, lowest + APART)
        piece = ((lag.name, theme.word(lag.role)),)
        marks.append(Text(max(x, WIDTH - RIGHT) + 8, lowest + SIZE * 0.35, SIZE, "start", piece))
    return Figure(WIDTH, HEIGHT, theme.ground, tuple(marks))


def _axes(low: int, high: int, longest: int, place: object, theme: Theme) -> Group:
    assert callable(place)
    muted, ink = theme.word("muted"), theme.word("ink")
    left, foot = place(0, 0)
    right = place(longest - 1, 0)[0]
    every = max(1, math.ceil((high - low) / MOST_TICKS))
    powers = range(low + 1, high + 1, every)
    heights = [place(0, 10.0**power)[1] for power in powers]
    grid = tuple(((left, y), (right, y)) for y in [*heights, foot])
    marks: list[Mark] = [Lines(grid, theme.hairline, theme.thin)]
    for power, y in zip(powers, heights, strict=True):
        label = "1" if power == 0 else f"10{str(power).translate(SUPERSCRIPTS)}"
        marks.append(Text(left - 6, y + SIZE * 0.35, SIZE, "end", ((label, muted),)))
    marks.append(Text(left - 6, foot + SIZE * 0.35, SIZE, "end", (("0", muted),)))
    for step in round_ticks(0, max(1, longest - 1)):
        x = place(step, 0)[0]
        marks.append(Text(x, foot + SIZE + 5, SIZE, "middle", ((number(step), muted),)))
    marks.append(Text((left + right) / 2, HEIGHT - 5, SIZE, "middle", (("steps back", ink),)))
    marks.append(Text(left - 6, TOP - 10, SIZE, "start", (("gradient of the last output", ink),)))
    return Group("axes", tuple(marks))
