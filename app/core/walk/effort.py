"""The work that the fast kernels of a layer do, predicted before any of it is done. Knows walks and combines, no array.

An elementary operation is 0.2 ns of a core. Limits, prices and schedules of work ask here;
``python -m benchmarks.charges`` measures that a price is the cost of the work.
"""

from __future__ import annotations

import math

from ..combines.combine import Combine, Constants
from .walk import Table, Walk

INPUT = 6  # to bring a cell of the input into the caches and lay it out
WEIGHT = 8  # to arrange a number of the weight
LAID_OUT = 4  # to write a cell of a window out beside the others, where windows share nothing along rows
SPREAD = 16  # to write an output cell that lies among those of other phases
TABLED = 60  # to begin a window that a table gives
COPIED = 35  # to copy a cell that a table gives
POWER = 15  # to raise a cell to a power that is no square


def run_work(walk: Walk, combine: Combine, constants: Constants, multiply_adds: int) -> int:
    """Elementary operations of one run in float32; in float64 it is twice as many."""
    effort = combine.effort
    cells, outputs = math.prod(walk.input_shape), walk.lanes * walk.steps
    work = cells * INPUT + outputs * effort.cell + multiply_adds * effort.product
    if combine.weighted:
        work += math.prod(walk.weight_shape) * WEIGHT
        if any(axis.source.spread > 1 for axis in walk.axes):
            work += outputs * SPREAD
        elif walk.steps > 1 and not _shares_rows(walk):
            work += walk.channels * walk.taps * walk.steps * LAID_OUT
    elif effort.read or effort.step:
        work += _passes(walk, effort.read, effort.step)
    elif not walk.affine:
        work += outputs * COPIED
    if constants.p not in (None, 1, 2):
        work += cells * POWER
    return int(work)


def _shares_rows(walk: Walk) -> bool:
    """Whether windows above each other read the same rows, so that the taps of a row alone are written out."""
    return len(walk.axes) > 1 and walk.axes[-2].affine.taps > walk.axes[-2].affine.stride


def _passes(walk: Walk, read: float, step: float) -> float:
    """The operations of reductions, axis by axis: the last axis over all others, and then over what is left of it."""
    left = [axis.source.size for axis in walk.axes]
    work = 0.0
    for place in reversed(range(len(left))):
        axis = walk.axes[place]
        others = math.prod(left) // left[place]
        begun = step + (TABLED if isinstance(axis.reads, Table) and read else 0)
        work += others * (axis.reads.cells(axis.steps) * read + axis.steps * begun)
        left[place] = axis.steps
    return walk.channels * work
