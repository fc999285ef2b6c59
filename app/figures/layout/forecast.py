"""A forecast as marks: the end of a series, what is held back, a network's values and the naive ones beyond "now".

The first steps, whose outputs read padding, are hatched; so is everything after now. Knows numbers and a theme only.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..drawing.marks import Figure, Group, Lines, Mark, Point, Polygon, Rect, Style, Text
from ..drawing.numbers import number
from ..drawing.themes import Theme

WIDTH, HEIGHT = 480.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 112.0, 26.0, 34.0
SIZE = 9.0
SHOWN = 72  # steps before now
HATCH = 5.0  # points from one line of a hatch to the next
DOT = 1.8
TICKS = 6
APART = 22.0  # between names that would lie upon each other


@dataclass(frozen=True, slots=True)
class Way:
    """One way to forecast: its values from now on, its name, its error in words, and how its line looks."""

    name: str
    values: Sequence[float]
    error: float | None
    role: str
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """All that the figure shows; ``values`` has what is held back too, ``padded`` are steps that read padding."""

    values: Sequence[float]
    now: int
    padded: int
    ways: Sequence[Way]


def forecast(plot: Plot, theme: Theme) -> Figure:
    """The last steps before now, and all ways to go on."""
    first = max(0, plot.now - SHOWN)
    last = plot.now + max([len(way.values) for way in plot.ways] + [1])
    shown = list(enumerate(plot.values))[first:last]
    numbers = [value for _, value in shown] + [value for way in plot.ways for value in way.values]
    finite = [value for value in numbers if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    ticks = round_ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(step: float, value: float) -> Point:
        return LEFT + wide * (step - first) / (last - first), TOP + tall * (high - value) / (high - low or 1)

    past = [place(step, value) for step, value in shown if step < plot.now]
    held = [place(step, value) for step, value in shown if step >= plot.now]
    marks: list[Mark] = []
    if plot.padded > first:
        marks.append(
            Group("padded", tuple(_hatch(place(first, 0)[0], place(plot.padded, 0)[0], theme, "padding")))
        )
    marks.append(Group("future", tuple(_hatch(place(plot.now, 0)[0], place(last, 0)[0], theme, "guide"))))
    marks.append(_axes(ticks, range(first, last), place(plot.now, 0)[0], place, theme))
    marks.append(Group("series", (_line(past, theme.colour("input"), theme.line),)))
    here = [(plot.now - 1, plot.values[plot.now - 1])]
    names: list[tuple[float, Way]] = []
    for way in plot.ways:
        points = [
            place(*one) for one in here + list(enumerate(way.values, plot.now)) if math.isfinite(one[1])
        ]
        if len(points) < 2:
            continue
        line = theme.bold if way.role == "output" else theme.line
        marks.append(
            Group("way", (_line(points, theme.colour(way.role), line, way.dash),), (("name", way.name),))
        )
        names.append((points[-1][1], way))
    dots = tuple(_dot(point, theme) for point in held)
    marks.append(Group("held", dots))
    marks += _names(names, theme)
    return Figure(WIDTH, HEIGHT, theme.ground, tuple(marks))


def round_ticks(low: float, high: float, count: int = TICKS) -> list[float]:
    """Ticks within a range, at most so many, apart by 1, 2 or 5 times a power of ten."""
    span = high - low
    if not span > 0:
        return [low]
    rough = span / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= rough * (1 - 1e-9))
    return [step * place for place in range(math.ceil(low / step), math.floor(high / step) + 1)] or [low]


def _line(points: Sequence[Point], colour: str, line: float, dash: tuple[float, ...] = ()) -> Lines:
    return Lines(tuple(itertools.pairwise(points)), colour, line, dash)


def _dot(point: Point, theme: Theme) -> Mark:
    x, y = point
    corners = tuple(
        (x + DOT * math.cos(turn * math.pi / 4), y + DOT * math.sin(turn * math.pi / 4)) for turn in range(8)
    )
    return Polygon(corners, Style(fill=theme.ground, stroke=theme.colour("input"), line=theme.thin))


def _hatch(left: float, right: float, theme: Theme, role: str) -> list[Mark]:
    """Slanted lines over a stretch of the plot."""
    top, foot = TOP, HEIGHT - BOTTOM
    tall = foot - top
    segments = []
    start = left - tall
    while start < right:
        low, high = max(left, start), min(right, start + tall)
        if low < high:
            segments.append(((low, foot - (low - start)), (high, foot - (high - start))))
        start += HATCH
    marks: list[Mark] = []
    if role == "padding":
        marks.append(Rect(left, top, right - left, tall, Style(fill=theme.unmet)))
    return [*marks, Lines(tuple(segments), theme.tint(role, 0.35), theme.thin)]


def _axes(ticks: Sequence[float], steps: range, now: float, place: object, theme: Theme) -> Group:
    assert callable(place)
    marks: list[Mark] = []
    left, right = place(steps.start, 0)[0], place(steps.stop, 0)[0]
    heights = [place(steps.start, value)[1] for value in ticks]
    marks.append(Lines(tuple(((left, y), (right, y)) for y in heights), theme.hairline, theme.thin))
    muted = theme.word("muted")
    for value, y in zip(ticks, heights, strict=True):
        marks.append(Text(left - 6, y + SIZE * 0.35, SIZE, "end", ((number(value), muted),)))
    foot = HEIGHT - BOTTOM
    for step in round_ticks(steps.start, steps.stop - 1):
        x = place(step, 0)[0]
        marks.append(Text(x, foot + SIZE + 5, SIZE, "middle", ((number(step), muted),)))
    marks.append(Text((left + right) / 2, HEIGHT - 5, SIZE, "middle", (("step", theme.word("ink")),)))
    marks.append(Lines((((now, TOP - 8), (now, foot)),), theme.ink, theme.line))
    marks.append(Text(now - 4, TOP - 10, SIZE, "end", (("now", theme.word("ink")),)))
    return Group("axes", tuple(marks))


def _names(names: Sequence[tuple[float, Way]], theme: Theme) -> list[Mark]:
    """Each name with its error beside the end of its line."""
    marks: list[Mark] = []
    ordered = sorted(names, key=lambda pair: pair[0])
    lowest = (
        min(HEIGHT - BOTTOM - APART * (len(ordered) - 1), max(TOP, ordered[0][0] if ordered else TOP)) - APART
    )
    for y, way in ordered:
        lowest = max(min(y, HEIGHT - BOTTOM), lowest + APART)
        colour = theme.word(way.role)
        left = WIDTH - RIGHT + 8
        marks.append(Text(left, lowest, SIZE, "start", ((way.name, colour),)))
        if way.error is not None:
            label = f"error {number(way.error, 3)}"
            marks.append(Text(left, lowest + SIZE + 1, SIZE, "start", ((label, theme.word("muted")),)))
    return marks
