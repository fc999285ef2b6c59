"""The size rule of padding as a layer of its own: cells added around an input, or cropped from it.

Knows one axis at a time, no array.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import Unfit, counted
from ..spec import LayerSpec, PaddingValue
from .rule import ONE_WRITE, AxisRule, Token, both_sides, check_lengths, formula, named_axes
from .walk import Affine, AxisMap, AxisWalk
from .windows import check_mode

if TYPE_CHECKING:
    from ..operation import Operation


def border(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> list[AxisRule]:
    """The rule of padding as a layer: ``size + begin + end`` cells, a negative side crops."""
    given: PaddingValue = spec.padding  # type: ignore[attr-defined]
    mode: str = spec.padding_mode  # type: ignore[attr-defined]
    check_lengths({"padding": given}, len(sizes))
    found = []
    for index, name, size in named_axes(sizes):
        begin, end = both_sides(given, index)
        check_mode(mode, given, name, size, max(begin, end))
        output = size + begin + end
        if output < 1:
            reason = f"it crops {counted(-begin - end, 'cell')}, and axis {name} has {counted(size, 'cell')}"
            raise Unfit("padding", given, reason, "Crop fewer cells, so that one is left.", case="fit")
        source = AxisMap(size, max(begin, 0), max(end, 0), 0, mode)
        worked = formula((str(size), "input"), *_signed(begin), *_signed(end), " = ", (str(output), "output"))
        walk = AxisWalk(name, output, Affine(-begin, 1, 1, 1), source, ONE_WRITE, output)
        found.append(AxisRule(walk, worked))
    return found


def _signed(cells: int) -> tuple[Token | str, Token | str]:
    return (" − " if cells < 0 else " + ", (str(abs(cells)), "padding"))
