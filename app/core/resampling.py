"""The size rules that make a grid finer or coarser by a table: adaptive windows, upsampling, zero insertion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import Unfit
from .rule import ONE_WRITE, AxisRule, at_least, check_lengths, formula, named_axes
from .shapes import adaptive_window, linear_position, nearest_cell, spread_size
from .spec import LARGEST, LayerSpec, per_axis
from .walk import Affine, AxisMap, AxisWalk, Table

if TYPE_CHECKING:
    from .operation import Operation


def adaptive(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> list[AxisRule]:
    """The rule of adaptive pooling: ``size`` windows that share the input out among them, overlapping if need be."""
    given = spec.size  # type: ignore[attr-defined]
    check_lengths({"size": given}, len(sizes))
    found = []
    for index, name, size in named_axes(sizes):
        output = per_axis(given, len(sizes))[index]
        at_least("size", given, output, 1, "the output needs at least one cell")
        starts, counts = zip(*(adaptive_window(step, size, output) for step in range(output)), strict=True)
        walk = AxisWalk(name, output, Table(starts, counts), AxisMap(size), ONE_WRITE, output)
        worked = formula("size = ", (str(output), "output"), ", windows of ", _spread(counts), " cells")
        found.append(AxisRule(walk, worked))
    return found


def _spread(counts: tuple[int, ...]) -> tuple[str, str]:
    least, most = min(counts), max(counts)
    return (str(most) if least == most else f"{least} to {most}", "kernel")


def nearest(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> list[AxisRule]:
    """The rule of nearest upsampling: each output cell copies the input cell that its beginning lies in."""

    def table(size: int, output: int) -> Table:
        return Table(tuple(nearest_cell(step, size, output) for step in range(output)), (1,) * output)

    return [
        _resampled(name, size, output, table(size, output)) for name, size, output in _outputs(spec, sizes)
    ]


def linear(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> list[AxisRule]:
    """The rule of (bi-, tri-) linear upsampling: two neighbours weighted by distance; one where it lies upon one.

    A neighbour of weight 0 is not read, so that an infinity beside an exact position does not come in.
    """
    corners: bool = spec.align_corners  # type: ignore[attr-defined]

    def table(size: int, output: int) -> Table:
        starts, weights = [], []
        for step in range(output):
            position = linear_position(step, size, output, corners)
            first = min(int(position), size - 1)
            part = position - first
            starts.append(first)
            weights.append((1.0,) if part == 0 or first == size - 1 else (1 - part, part))
        return Table(tuple(starts), tuple(map(len, weights)), tuple(weights))

    return [
        _resampled(name, size, output, table(size, output)) for name, size, output in _outputs(spec, sizes)
    ]


def _outputs(spec: LayerSpec, sizes: tuple[int, ...]) -> list[tuple[str, int, int]]:
    """(name, size, output) per axis: the size given, or the factor times the input's."""
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
    return found


def _factor(given: int | tuple[int, ...], index: int, axes: int) -> int:
    factor = per_axis(given, axes)[index]
    at_least("factor", given, factor, 1, "a factor enlarges and cannot remove cells")
    return factor


def _resampled(name: str, size: int, output: int, table: Table) -> AxisRule:
    if output > LARGEST * 4:
        raise Unfit(
            "size", output, f"axis {name} would be longer than {LARGEST * 4} cells", "Use a smaller size."
        )
    ratio = output // size
    worked = formula("size = ", (str(output), "output"))
    if ratio * size == output:
        worked = formula((str(size), "input"), "·", (str(ratio), "stride"), " = ", (str(output), "output"))
    return AxisRule(AxisWalk(name, output, table, AxisMap(size), ONE_WRITE, output), worked)


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
