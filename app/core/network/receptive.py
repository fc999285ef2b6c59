"""The receptive field of a cell of each layer in numbers: size, jump, start, holes. Knows one axis at a time.

Positions run on beyond the borders, so that padding counts. An output cell sees a set of source cells; the sets
of all cells repeat, moved by ``moved`` source cells every ``period`` cells. A set is a first cell and the bits of an
integer, from that cell on.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..place import SOURCE
from ..walk.resampling import linear_table
from ..walk.walk import Affine, AxisWalk, Table
from .shapes import Placed, Shapes

MOST_PHASES = 64  # cells that differ in what they see
MOST_BITS = 1 << 18  # of a set; of a larger one only its ends are known
MOST_TAPS = 4096  # of a window whose cells are looked at one by one
MOST_SHIFTS = 1 << 27  # bits that are moved for one cell of one layer


@dataclass(frozen=True, slots=True)
class Seen:
    """A set of source cells: the first of them, its extent, and one bit for each where that is known."""

    first: int
    extent: int
    bits: int | None

    def moved(self, by: int) -> Seen:
        """The same set further on."""
        return Seen(self.first + by, self.extent, self.bits)

    @property
    def holes(self) -> int | None:
        """Cells between its ends that are not in it."""
        return None if self.bits is None else self.extent - self.bits.bit_count()


@dataclass(frozen=True, slots=True)
class View:
    """The source cells that the cells of a layer see on one axis.

    Without ``moved`` the cells have nothing in common: ``phases`` are what the first of them see.
    """

    phases: tuple[Seen, ...]
    moved: int | None

    @property
    def jump(self) -> Fraction | None:
        """Source cells from what one cell sees to what the next one sees."""
        return None if self.moved is None else Fraction(self.moved, len(self.phases))

    def at(self, cell: int) -> Seen:
        """The set that a cell sees; beyond cells that stand alone, that of the nearest of them."""
        if self.moved is None:
            return self.phases[min(max(cell, 0), len(self.phases) - 1)]
        turn, phase = divmod(cell, len(self.phases))
        return self.phases[phase].moved(turn * self.moved)

    @property
    def middle(self) -> Fraction | None:
        """The middle of what cell 0 sees, on the average of the phases."""
        if self.jump is None:
            return None
        middles = [
            Fraction(2 * seen.first + seen.extent - 1, 2) - self.jump * place
            for place, seen in enumerate(self.phases)
        ]
        return sum(middles, Fraction(0)) / len(middles)


IDENTITY = View((Seen(0, 1, 1),), 1)


def union(sets: Sequence[Seen]) -> Seen:
    """All cells of some sets."""
    sets = [seen for seen in sets if seen.extent] or sets[:1]
    first = min(seen.first for seen in sets)
    extent = max(seen.first + seen.extent for seen in sets) - first
    if extent > MOST_BITS or any(seen.bits is None for seen in sets):
        return Seen(first, extent, None)
    bits = 0
    for seen in sets:
        assert seen.bits is not None
        bits |= seen.bits << (seen.first - first)
    return Seen(first, extent, bits)


def through(axis: AxisWalk, before: View) -> View:
    """The sets that the cells of a layer see, where ``before`` has those of its input."""
    reads, spread = axis.reads, axis.source.spread
    if isinstance(reads, Affine):
        period, moved = _turn(reads.stride, spread, before)
        places = functools.partial(_affine, axis, reads)
    else:
        turn = _repeats(axis, reads)
        period, moved = (1, None) if turn is None else _turn(turn.moved, turn.period, before)
        places = functools.partial(_tabled, reads, turn)
    if moved is None or period > MOST_PHASES:
        cells = range(min(axis.output, MOST_PHASES))
        return View(tuple(_seen(axis, places(cell), before) for cell in cells), None)
    return View(tuple(_seen(axis, places(cell), before) for cell in range(period)), moved)


def _turn(stride: int, spread: int, before: View) -> tuple[int, int | None]:
    """After how many cells what is seen repeats, and how far it has moved: ``stride / spread`` input cells a cell."""
    if before.moved is None:
        return 1, None
    around = spread * len(before.phases)
    period = around // math.gcd(stride, around)
    return period, period * stride // around * before.moved


def _affine(axis: AxisWalk, reads: Affine, cell: int) -> range:
    start = reads.start + cell * reads.stride
    return range(start, start + reads.taps * reads.gap, reads.gap)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A table whose windows repeat, ``moved`` cells further with each turn: the first cell and the count of each."""

    windows: tuple[tuple[int, int], ...]
    moved: int

    @property
    def period(self) -> int:
        """Steps of a turn."""
        return len(self.windows)


def _repeats(axis: AxisWalk, table: Table) -> _Turn | None:
    """How a table's windows repeat, run on beyond the borders; None where they do not, or too seldom."""
    if table.weights is not None:
        return _linear(axis, table)
    common = math.gcd(axis.source.size, axis.output)
    period, moved = axis.output // common, axis.source.size // common
    if period > MOST_PHASES or (common == 1 and axis.output > 1):
        return None
    steps = np.arange(axis.output)
    turns, phases = steps // period, steps % period
    same = table.starts == table.starts[phases] + turns * moved
    if not (same & (table.counts == table.counts[phases])).all():
        return None
    windows = zip(table.starts[:period].tolist(), table.counts[:period].tolist(), strict=True)
    return _Turn(tuple(windows), moved)


def _linear(axis: AxisWalk, table: Table) -> _Turn | None:
    """The windows of a linear resampling, which a border cuts: neighbours of ``offset + step · ratio``."""
    size, output = axis.source.size, axis.output
    half = linear_table(size, output, False)
    assert half.weights is not None
    assert table.weights is not None
    aligned = not (np.array_equal(table.starts, half.starts) and np.array_equal(table.weights, half.weights))
    if aligned and output == 1:
        return None
    cells, steps = (size - 1, output - 1) if aligned else (size, output)
    common = math.gcd(cells, steps)
    period, moved = steps // common, cells // common
    if period > MOST_PHASES:
        return None
    ratio = Fraction(cells, steps)
    offset = Fraction(0) if aligned else (ratio - 1) / 2
    windows = []
    for step in range(period):
        place = offset + step * ratio
        windows.append((math.floor(place), 1 if place.denominator == 1 else 2))
    return _Turn(tuple(windows), moved)


def _tabled(table: Table, turn: _Turn | None, cell: int) -> range:
    """The cells that a step of a table reads; one that repeats runs on beyond the borders."""
    if turn is None:
        start = int(table.starts[cell])
        return range(start, start + int(table.counts[cell]))
    turns, phase = divmod(cell, turn.period)
    start, count = turn.windows[phase]
    return range(start + turns * turn.moved, start + turns * turn.moved + count)


def _seen(axis: AxisWalk, places: range, before: View) -> Seen:
    """The set that one cell sees: the union of those that the cells it reads see."""
    spread, taps = axis.source.spread, len(places)
    alone = before.moved is not None and len(before.phases) == 1
    if spread == 1 and alone and taps > 2:
        return _evenly(before.at(places[0]), places.step * (before.moved or 0), taps)
    if taps > MOST_TAPS and spread == 1:
        ends = union([before.at(places[0]), before.at(places[-1])])
        return Seen(ends.first, ends.extent, None)
    cells = [place // spread for place in places if place % spread == 0]
    if not cells:  # all that is read was put in between
        return Seen(before.at(places[0] // spread).first, 0, 0)
    if len(cells) * before.phases[0].extent > MOST_SHIFTS:
        ends = union([before.at(cells[0]), before.at(cells[-1])])
        return Seen(ends.first, ends.extent, None)
    return union([before.at(at) for at in cells])


def _evenly(seen: Seen, gap: int, taps: int) -> Seen:
    """A set repeated ``taps`` times, ``gap`` apart, by doubling."""
    extent = seen.extent + gap * (taps - 1)
    if extent > MOST_BITS or seen.bits is None:
        return Seen(seen.first, extent, None)
    bits, done = seen.bits, 1
    while done < taps:
        more = min(done, taps - done)
        bits |= bits << (gap * more)
        done += more
    return Seen(seen.first, extent, bits)


def joined(views: Sequence[View]) -> View:
    """The sets that the cells of several inputs see together."""
    first = views[0]
    if all(view == first for view in views):
        return first
    jumps = {view.jump for view in views}
    count = math.lcm(*(len(view.phases) for view in views))
    if None in jumps or len(jumps) > 1 or count > MOST_PHASES:
        cells = range(
            min(
                MOST_PHASES,
                max(len(view.phases) for view in views if view.moved is None)
                if None in jumps
                else MOST_PHASES,
            )
        )
        return View(tuple(union([view.at(cell) for view in views]) for cell in cells), None)
    jump = first.jump
    assert jump is not None
    phases = tuple(union([view.at(cell) for view in views]) for cell in range(count))
    return View(phases, int(jump * count))


@dataclass(frozen=True, slots=True)
class Receptive:
    """The sets that the cells of one layer see, per axis of the source; ``apart`` are inputs that are misaligned."""

    views: tuple[View, ...]
    apart: tuple[dict[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As a plan carries it, lists per axis."""
        jumps = [view.jump for view in self.views]
        holes = [[seen.holes for seen in view.phases] for view in self.views]
        return {
            "size": [max(seen.extent for seen in view.phases) for view in self.views],
            "least": [min(seen.extent for seen in view.phases) for view in self.views],
            "jump": [None if jump is None else _number(jump) for jump in jumps],
            "jump_fraction": [None if jump is None else [jump.numerator, jump.denominator] for jump in jumps],
            "start": [view.phases[0].first for view in self.views],
            "holes": [
                None if None in one else max(count for count in one if count is not None) for one in holes
            ],
        }


def _number(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


def receptive_fields(shapes: Shapes) -> Mapping[str, Receptive]:
    """The sets that each layer's cells see of the source, by name.

    A layer that changes the number of axes sees everything from there on, as a vector does.
    """
    axes = len(shapes.input_shape) - 1
    found: dict[str, Receptive] = {SOURCE: Receptive((IDENTITY,) * axes)}
    for node in shapes.network.order:
        placed = shapes.placed[node.name]
        inputs = [
            _stretched(found[name], wide) for name, wide in zip(node.inputs, placed.stretched, strict=True)
        ]
        views = tuple(joined([one.views[axis] for one in inputs]) for axis in range(axes))
        apart = tuple(_misaligned(shapes, placed, inputs)) if len(inputs) > 1 else ()
        walks = placed.geometry.walk.axes
        if len(walks) == axes:
            views = tuple(through(axis, view) for axis, view in zip(walks, views, strict=True))
            if placed.geometry.result == "columns" and axes > 1:  # steps of all axes in a row
                views = tuple(_all_of(view, axis.steps) for view, axis in zip(views, walks, strict=True))
        found[node.name] = Receptive(views, apart)
    return found


def _all_of(view: View, cells: int) -> View:
    """The extent that all cells see, from end to end."""
    return View((union([view.at(0), view.at(max(0, cells - 1))]),), None)


def _stretched(one: Receptive, wide: bool) -> Receptive:
    """The set of one cell that stands for all: the same for each, with no jump between them."""
    if not wide:
        return one
    return Receptive(tuple(View((view.at(0),), 0) for view in one.views))


def _misaligned(shapes: Shapes, placed: Placed, inputs: Sequence[Receptive]) -> Iterable[dict[str, Any]]:
    """Inputs of a layer whose equal cells do not see around the same place.

    Those whose one cell stands for all do not count.
    """
    names = placed.node.inputs
    for at in range(1, len(inputs)):
        if placed.stretched[0] or placed.stretched[at]:
            continue
        away: list[int | float | None] = []
        for one, other in zip(inputs[0].views, inputs[at].views, strict=True):
            if one.jump is None or other.jump is None or one.jump != other.jump:
                away.append(None if one != other else 0)
            else:
                assert one.middle is not None
                assert other.middle is not None
                away.append(_number(other.middle - one.middle))
        if any(by != 0 for by in away):
            yield {"layer": placed.node.name, "inputs": [names[0], names[at]], "by": away}


def covers(one: Receptive, sizes: Sequence[int]) -> bool:
    """Whether some cell of a layer sees the source from end to end."""
    return all(
        any(seen.extent >= size and not (seen.holes or 0) for seen in view.phases)
        for view, size in zip(one.views, sizes, strict=True)
    )
