"""Matrix products, cut so that BLAS is at its fastest. Knows matrices only."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

# Multiply-adds below which OpenBLAS on AVX-512 skips packing its operands, which more than pays; its own limit.
# Builds for AVX2 have no such path and lose little by the cutting.
PRODUCT = 1_000_000
WIDE = 64  # columns of a fast product: four vectors, which its inner loop keeps in registers
# Filters of a fast product: few write to few places at a time, and use a column as often as it takes to bring it.
FILTERS, FILTERS_IF_SHALLOW, SHALLOW = 8, 4, 64


@dataclass(frozen=True, slots=True)
class Cut:
    """How a product is cut: into ``split`` sets of filters of equal size, and ``wide`` columns at a time."""

    split: int
    wide: int


@functools.lru_cache(maxsize=4096)
def cut(lanes: int, depth: int, columns: int) -> Cut:
    """Products of at most ``PRODUCT`` multiply-adds with few filters and many columns.

    One that no cut makes so small stays whole, for BLAS to pack.
    """
    least = FILTERS_IF_SHALLOW if depth <= SHALLOW else FILTERS if columns > WIDE else 2 * FILTERS
    for filters in range(min(lanes, least), lanes + 1):
        if lanes % filters == 0:
            break
    for fewer in (filters, filters // 2):
        wide = PRODUCT // (max(1, fewer) * depth)
        if lanes % max(1, fewer) == 0 and wide >= min(columns, WIDE):
            return Cut(lanes // fewer, columns if wide >= columns else wide // WIDE * WIDE)
    return Cut(1, columns)


def pitch(columns: int) -> int:
    """How far apart the rows of a matrix of columns should lie.

    Rows that are a large power of two apart compete for the same few places of the first-level cache.
    """
    lines = -(-columns // 16) * 16
    return lines + 32 if lines % 128 == 0 else lines


@functools.lru_cache(maxsize=16)
def _blocks_first(batch: int) -> tuple[int, ...]:
    """The order (…, blocks, split, filters, wide) of axes that lie as (…, split, filters, blocks, wide)."""
    return (*range(batch), batch + 2, batch, batch + 1, batch + 3)


def multiply(matrix: Array, columns: Array, out: Array) -> None:
    """``out = matrix @ columns`` for (…, lanes, depth), (…, depth, columns) and (…, lanes, columns).

    All three may be views whose rows lie apart, and the batch items of ``columns`` may overlap in memory.
    """
    *batch, lanes, count = out.shape
    depth = matrix.shape[-1]
    how = cut(lanes, depth, count)
    if how.split == 1 and how.wide >= count:
        np.matmul(matrix, columns, out=out)
        return
    split, wide, filters = how.split, how.wide, lanes // how.split
    blocks = count // wide
    full = blocks * wide
    # (…, blocks, sets of filters, filters, columns): the columns of a block stay in the cache for all filters.
    sets = matrix.reshape(*matrix.shape[:-2], split, filters, depth)
    np.matmul(
        sets[..., None, :, :, :],
        columns[..., :full].reshape(*columns.shape[:-1], blocks, wide).swapaxes(-3, -2)[..., None, :, :],
        out=out[..., :full]
        .reshape(*batch, split, filters, blocks, wide)
        .transpose(_blocks_first(len(batch))),
    )
    if full < count:
        np.matmul(
            sets,
            columns[..., None, :, full:],
            out=out[..., full:].reshape(*batch, split, filters, count - full),
        )
