"""The curve of a training as marks: loss against training steps, each line with its name at its end.

Three lines that are often confused stand side by side: as trained, with what is dropped and augmented; as evaluated;
and unseen. Knows numbers and a theme, no network.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..drawing.marks import Figure, Group, Lines, Mark, Point, Text
from ..drawing.numbers import number
from ..drawing.themes import Theme

WIDTH, HEIGHT = 360.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 96.0, 16.0, 34.0
SIZE = 9.0
TICKS = 5
APART = 11.0  # between names that would lie upon each other


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the curve: a key of the reports, what it is called, and the role whose colour it has."""

    key: str
    name: str
    role: str
    dash: tuple[float, ...] = ()


LINES = (
    Line("loss", "as trained", "muted", (3, 2)),
    Line("training_loss", "training", "input"),
    Line("validation_loss", "validation", "output"),
)


def round_steps(most: float, count: int = TICKS) -> list[float]:
    """Ticks from 0 up to at least ``most``, at most ``count`` apart by 1, 2 or 5 times a power of ten."""
    if not most > 0:
        return [0.0, 1.0]
    rough = most / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= rough * (1 - 1e-9))
    return [step * place for place in range(math.ceil(most / step - 1e-9) + 1)]


def curve(reports: Sequence[Mapping[str, float | None]], theme: Theme) -> Figure:
    """The loss of each report; what is not finite is left out."""
    found = {line.key: _points(reports, line.key) for line in LINES}
    last = max((step for points in found.values() for step, _ in points), default=1.0)
    most = max((value for points in found.values() for _, value in points), default=1.0)
    across, up = round_steps(max(last, 1.0)), round_steps(most)
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(step: float, value: float) -> Point:
        return LEFT + wide * step / across[-1], TOP + high * (1 - value / up[-1])

    marks: list[Mark] = [_axes(across, up, place, theme)]
    names: list[tuple[float, Line]] = []
    for line in LINES:
        points = [place(*point) for point in found[line.key]]
        if len(points) < 2:
            continue
        segments = tuple(itertools.pairwise(points))
        drawn = Lines(segments, theme.colour(line.role), theme.line, line.dash)
        marks.append(Group(line.key, (drawn,)))
        names.append((points[-1][1], line))
    marks += _names(names, theme)
    return Figure(WIDTH, HEIGHT, theme.ground, tuple(marks))


def _points(reports: Sequence[Mapping[str, float | None]], key: str) -> list[Point]:
    found = []
    for report in reports:
        step, value = report.get("step"), report.get(key)
        if isinstance(step, (int, float)) and isinstance(value, (int, float)) and math.isfinite(value):
            found.append((float(step), float(value)))
    return found


def _axes(across: list[float], up: list[float], place: object, theme: Theme) -> Group:
    assert callable(place)
    right, top = place(across[-1], up[-1])
    left, foot = place(0, 0)
    grid = tuple(((left, y), (right, y)) for _, y in (place(0, value) for value in up))
    marks: list[Mark] = [Lines(grid, theme.hairline, theme.thin)]
    for value in up:
        y = place(0, value)[1] + SIZE * 0.35
        marks.append(Text(left - 6, y, SIZE, "end", ((number(value), theme.word("muted")),)))
    for step in across:
        x = place(step, 0)[0]
        marks.append(Text(x, foot + SIZE + 5, SIZE, "middle", ((number(step), theme.word("muted")),)))
    middle = (left + right) / 2
    marks.append(Text(middle, HEIGHT - 5, SIZE, "middle", (("training step", theme.word("ink")),)))
    marks.append(Text(left - 6, top - 6, SIZE, "start", (("loss", theme.word("ink")),)))
    return Group("axes", tuple(marks))


def _names(names: list[tuple[float, Line]], theme: Theme) -> list[Mark]:
    """Each name beside the end of its line, moved down where two would lie upon each other."""
    marks: list[Mark] = []
    lowest = -math.inf
    for y, line in sorted(names, key=lambda pair: pair[0]):
        lowest = max(y, lowest + APART)
        piece = ((line.name, theme.word(line.role)),)
        marks.append(Text(WIDTH - RIGHT + 8, lowest + SIZE * 0.35, SIZE, "start", piece))
    return marks
