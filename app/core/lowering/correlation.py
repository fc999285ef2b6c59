"""Sums of products: the rule that picks a lowering. Knows walks and arrays, and no operation.

Every lowering does the same three things with a piece of the output: it brings the input cells of the piece into
a buffer, padding them, lays out a matrix with one column per step from them, and multiplies the weights by it
into the output. They differ in how much of the windows is written out. Windows are never mixed: a NaN or an
infinity goes where the definition sends it, and a small value beside a huge one stays what it is.
"""

from __future__ import annotations

import numpy as np

from ..walk.walk import Affine, Walk
from .at_once import AtOnce
from .kept import kept
from .part import Array, Part
from .phases import Phases, splits
from .pointwise import Pointwise
from .product import WIDE
from .rows import Rows
from .taps import Taps
from .tiles import Tiles

Lowering = AtOnce | Tiles | Rows | Phases | Pointwise | Taps


def lowering(walk: Walk, dtype: np.dtype[np.floating]) -> Lowering:
    """The lowering of a walk, kept with it."""
    return kept(walk, dtype.char, lambda: pick(walk, dtype))


def pick(walk: Walk, dtype: np.dtype[np.floating]) -> Lowering:
    """The whole at once where that is little; cells as they lie where the kernel is one; by rows where rows are wide
    and share enough; else by tiles, which also take layers of many filters.

    Few taps of many channels, each with a filter of its own, go tap by tap. Spread cells go by phases, each of which
    is picked for again.
    """
    if AtOnce.fits(walk, dtype.itemsize):
        return AtOnce.of(walk)
    if Pointwise.fits(walk):
        return Pointwise.of(walk)
    if Taps.fits(walk) and Taps.suits(walk):
        return Taps.of(walk, dtype.itemsize)
    if splits(walk):
        return Phases.of(walk, lambda phase: pick(phase, dtype))
    if len(walk.axes) > 1:
        down, columns = walk.axes[-2].affine, walk.step_shape[-1]
        shares = down.taps > down.stride
        if shares and columns >= WIDE // 2 and not Tiles.suits(walk):
            return Rows.of(walk, dtype.itemsize)
    return Tiles.of(walk, dtype.itemsize)


def correlate(part: Part, rows: slice) -> Array:
    """Cross-correlation: (lanes, rows, *other steps)."""
    walk, x = part.walk, part.x
    assert part.weight is not None, "a correlation needs a weight"
    dtype = x.dtype
    if walk.steps == 1 and _is_one_product(walk):
        return _one_product(part)
    how: Lowering = walk.prepared.get(dtype.char) or lowering(walk, dtype)
    weight = np.asarray(part.weight, dtype)
    bias = None if part.bias is None else np.asarray(part.bias, dtype)
    # Pieces of a lowering's unit are computed whole, so that a band holds the very bits of the whole run.
    unit, shape, start, stop = how.unit, walk.output_shape, rows.start, rows.stop
    first, last = start - start % unit, min(shape[1], stop + -stop % unit)
    out = np.empty((shape[0], last - first, *shape[2:]), dtype)
    how.run(x, how.arranged(weight), bias, out, slice(first, last))
    return out if first == start and last == stop else out[:, start - first : stop - first]


def _is_one_product(walk: Walk) -> bool:
    """Whether one window holds the whole input as it lies in memory: a dense layer."""
    return (
        walk.steps == 1
        and walk.groups == 1
        and all(
            axis.reads == Affine(0, axis.affine.stride, axis.source.size, 1)
            and axis.source.padded_size == axis.source.size
            for axis in walk.axes
        )
    )


def _one_product(part: Part) -> Array:
    """The weight as a matrix times the input as a vector, neither of them copied."""
    assert part.weight is not None, "a correlation needs a weight"
    weight = np.ascontiguousarray(part.weight, part.x.dtype).reshape(part.walk.lanes, -1)
    out: Array = np.matmul(weight, part.x.reshape(-1))
    if part.bias is not None:
        out += part.bias
    return out.reshape(part.walk.output_shape)
