"""Matrix products, cut so that BLAS is at its fastest. Knows matrices only."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def _vectors_of_512_bits() -> bool:
    """Whether this processor has AVX-512, and OpenBLAS the products that go with it."""
    config: Any = np.show_config(mode="dicts")
    return any(name == "X86_V4" or "AVX512" in name for name in config["SIMD Extensions"]["found"])


# Multiply-adds up to which OpenBLAS on AVX-512 skips packing its operands, which more than pays: its own limit.
# Elsewhere it always packs, and products are best left whole.
PRODUCT = 1_000_000 if _vectors_of_512_bits() else 0
WIDE = 64  # columns of a fast product: four vectors, which its inner loop keeps in registers
# Filters of a fast product: few write to few places at a time, and use a column as often as it takes to bring it.
FILTERS, FILTERS_IF_SHALLOW, SHALLOW = 8, 4, 64
FEWEST = 4
# Weights (filters × depth) from which packing costs next to nothing, and BLAS does better with it than without.
PACKED = 1 << 16


@dataclass(frozen=True, slots=True)
class Cut:
    """How a product is cut: into ``split`` sets of filters of equal size, and ``wide`` columns at a time."""

    split: int
    wide: int


@functools.lru_cache(maxsize=4096)
def cut(lanes: int, depth: int, columns: int) -> Cut:
    """Products of at most ``PRODUCT`` multiply-adds with few filters and many columns.

    One that no cut makes so small stays whole, for BLAS to pack, and so does one of so many weights that packing pays.
    """
    if lanes * depth >= PACKED:
        return Cut(1, columns)
    least = FILTERS_IF_SHALLOW if depth <= SHALLOW else FILTERS if columns > WIDE else 2 * FILTERS
    sizes = [size for size in range(1, lanes + 1) if lanes % size == 0]  # of equal sets of filters
    enough = [size for size in sizes if size >= min(lanes, least)][:1]
    fewer = [size for size in sizes if FEWEST <= size < enough[0]][-1:]
    for filters in enough + fewer:
        wide = PRODUCT // (filters * depth)
        if wide >= min(columns, WIDE):
            return Cut(lanes // filters, columns if wide >= columns else wide // WIDE * WIDE)
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
    sets = matrix.reshape(*matrix.shape[:-2], split, filters, depth)
    blocks = count // wide if wide < count else 0
    full = blocks * wide
    if (
        blocks
    ):  # (…, blocks, sets of filters, filters, columns): a block's columns stay in the cache for all filters
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
