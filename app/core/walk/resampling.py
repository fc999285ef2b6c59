"""The size rules that make a grid finer or coarser by a table: adaptive windows, upsampling, zero insertion.

Knows no operation by name.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ..errors import Unfit
from ..shapes import (
    adaptive_windows,
    linear_positions,
    nearest_cells,
    spread_size,
)
from ..spec import LARGEST_OUTPUT, LayerSpec, per_axis
from .rule import (
    ONE_WRITE,
    AxisRule,
    at_least,
    check_lengths,
    formula,
    named_axes,
)
from .walk import (
    Affine,
    AxisMap,
    AxisWalk,
    Int32,
    Table,
)

if TYPE_CHECKING:
    from ..operation import Operation


# Planning tries many sizes of one axis while the others stay: the tables of those are kept.
KEPT_TABLES = 128


@functools.lru_cache(maxsize=KEPT_TABLES)
def adaptive_table(size: int, output: int) -> Table:
    """The windows of adaptive pooling: ``output`` of them over ``size`` cells."""
    starts, counts = adaptive_windows(np.arange(output), size, output)
    return Table(starts.astype(np.int32), counts.astype(np.int32))


@functools.lru_cache(maxsize=KEPT_TABLES)
def nearest_table(size: int, output: int) -> Table:
    """The cells that nearest upsampling copies."""
    starts = nearest_cells(np.arange(output), size, output).astype(np.int32)
    return Table(starts, np.ones_like(starts))


@functools.lru_cache(maxsize=KEPT_TABLES)
def linear_table(size: int, output: int, align_corners: bool) -> Table:
    """The one or two neighbours that linear upsampling weighs.

    A neighbour of weight 0 is not read, so that an infinity beside an exact position does not come in.
    """
    positions = linear_positions(np.arange(output), size, output, align_corners)
    starts = np.minimum(positions, size - 1).astype(np.int32)
    fractions = np.where(starts == size - 1, 0, positions - starts)
    counts = np.where(fractions == 0, 1, 2).astype(np.int32)
    weights = np.stack([1 - fractions, fractions], axis=1)[:, : counts.max()]
    return Table(starts, counts, np.ascontiguousarray(weights))


def adaptive(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> list[AxisRule]:
    """The rule of adaptive pooling: ``size`` windows that share the input out among them, overlapping if need be."""
    given = spec.size  # type: ignore[attr-defined]
    check_lengths({"size": given}, len(sizes))
    found = []
    for index, name, size in named_axes(sizes):
        output = per_axis(given, len(sizes))[index]
        at_least("size", given, output, 1, "the output needs at least one cell")
        table = adaptive_table(size, output)
        walk = AxisWalk(name, output, table, AxisMap(size), ONE_WRITE, output)
        worked = formula("size = ", (str(output), "output"), ", windows of ", _spread(table.counts), " cells")
        found.append(AxisRule(walk, worked))
    return found


def _spread(counts: Int32) -> tuple[str, str]:
    least, most = counts.min(), counts.max()
    return (str(most) if least == most else f"{least} to {most}", "kernel")


def nearest(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> list[AxisRule]:
    """The rule of nearest upsampling: each output cell copies the input cell that its beginning lies in."""
    return _resampled(spec, sizes, nearest_table)


def linear(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> list[AxisRule]:
    """The rule of (bi-, tri-) linear upsampling: two neighbours weighted by distance; one where it lies upon one."""
    corners: bool = spec.align_corners  # type: ignore[attr-defined]
    return _resampled(spec, sizes, lambda size, output: linear_table(size, output, corners))


def _outputs(spec: LayerSpec, sizes: tuple[int, ...]) -> list[tuple[str, int, int]]:
    """(name, size, output) per axis: the size given, or the factor times the input's; not too long a one."""
    size_given, factor_given = spec.size, spec.factor  # type: ignore[attr-defined]
    check_lengths({"size": size_given, "factor": factor_given}, len(sizes))
    found = []
    for index, name, size in named_axes(sizes):
        if size_given is None:
            output = _factor(factor_given, index, len(sizes)) * size
        else:
            output = per_axis(size_given, len(sizes))[index]
            at_least("size", size_given, output, 1, "the output needs at least one cell")
        found.append((name, size, output))
    for name, size, output in found:
        if output > LARGEST_OUTPUT:
            reason = f"axis {name} would be longer than {LARGEST_OUTPUT} cells"
            if size_given is not None:
                raise Unfit("size", size_given, reason, f"Use {LARGEST_OUTPUT} or less.")
            most = LARGEST_OUTPUT // size
            remedy = f"Use {most} or less." if most else "Use a smaller input."
            raise Unfit("factor", factor_given, reason, remedy)
    return found


def _factor(given: int | tuple[int, ...], index: int, axes: int) -> int:
    factor = per_axis(given, axes)[index]
    at_least("factor", given, factor, 1, "a factor enlarges and cannot remove cells")
    return factor


def _resampled(spec: LayerSpec, sizes: tuple[int, ...], table: Callable[[int, int], Table]) -> list[AxisRule]:
    found = []
    for name, size, output in _outputs(spec, sizes):
        ratio = output // size
        worked = formula("size = ", (str(output), "output"))
        if ratio * size == output:
            worked = formula(
                (str(size), "input"), "·", (str(ratio), "stride"), " = ", (str(output), "output")
            )
        walk = AxisWalk(name, output, table(size, output), AxisMap(size), ONE_WRITE, output)
        found.append(AxisRule(walk, worked))
    return found


def zero_insertion(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> list[AxisRule]:
    """The rule of zero insertion: the grid spread out, each cell copied, zeros between."""
    given = spec.factor  # type: ignore[attr-defined]
    check_lengths({"factor": given}, len(sizes))
    found = []
    for index, name, size in named_axes(sizes):
        factor = _factor(given, index, len(sizes))
        output = spread_size(size, factor)
        source = AxisMap(size, spread=factor)
        worked = formula(
            "(", (str(size), "input"), " − 1)·", (str(factor), "stride"), " + 1 = ", (str(output), "output")
        )
        found.append(AxisRule(AxisWalk(name, output, Affine(0, 1, 1, 1), source, ONE_WRITE, output), worked))
    return found
