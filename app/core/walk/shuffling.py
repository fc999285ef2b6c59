"""The size rules that move cells between space and channels: blocks of cells, and steps of several phases.

Knows one axis at a time, no array.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import Unfit, counted
from ..spec import LARGEST_OUTPUT, LayerSpec, per_axis
from .resampling import nearest_table
from .rule import ONE_WRITE, AxisRule, at_least, check_lengths, formula, named_axes
from .walk import Affine, AxisMap, AxisWalk

if TYPE_CHECKING:
    from ..operation import Operation


def blocks(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> list[AxisRule]:
    """The rule of cells that become channels: windows of ``factor`` cells side by side, with none left over."""
    found = []
    for name, size, factor in _factors(spec, sizes):
        if size % factor:
            given = spec.factor  # type: ignore[attr-defined]
            reason = f"the {counted(size, 'cell')} of axis {name} are no blocks of {factor}"
            raise Unfit(
                "factor", given, reason, f"Use a divisor of {size}, or pad the input first.", case="split"
            )
        output = size // factor
        worked = formula((str(size), "input"), " / ", (str(factor), "kernel"), " = ", (str(output), "output"))
        walk = AxisWalk(name, output, Affine(0, factor, factor, 1), AxisMap(size), ONE_WRITE, output)
        found.append(AxisRule(walk, worked))
    return found


def phases(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> list[AxisRule]:
    """The rule of channels that become cells: ``factor`` steps read each cell, of as many phases."""
    found = []
    for name, size, factor in _factors(spec, sizes):
        output = size * factor
        if output > LARGEST_OUTPUT:
            given = spec.factor  # type: ignore[attr-defined]
            most = LARGEST_OUTPUT // size
            remedy = f"Use {most} or less." if most else "Use a smaller input."
            raise Unfit("factor", given, f"axis {name} would be longer than {LARGEST_OUTPUT} cells", remedy)
        worked = formula((str(size), "input"), "·", (str(factor), "stride"), " = ", (str(output), "output"))
        table = nearest_table(size, output)
        found.append(
            AxisRule(AxisWalk(name, output, table, AxisMap(size), ONE_WRITE, output, factor), worked)
        )
    return found


def _factors(spec: LayerSpec, sizes: tuple[int, ...]) -> list[tuple[str, int, int]]:
    """(name, size, factor) per axis."""
    given = spec.factor  # type: ignore[attr-defined]
    check_lengths({"factor": given}, len(sizes))
    found = []
    for index, name, size in named_axes(sizes):
        factor = per_axis(given, len(sizes))[index]
        at_least("factor", given, factor, 1, "a factor counts cells")
        found.append((name, size, factor))
    return found
