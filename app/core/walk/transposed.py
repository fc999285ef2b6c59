"""The size rule of transposed convolution: two walks of one layer, gathering and stamping. Knows no array."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import Unfit, counted
from ..frameworks.catalog import FRAMEWORKS, NONE
from ..shapes import extent, transposed_size
from ..spec import LayerSpec, per_axis
from .rule import (
    ONE_WRITE,
    AxisRule,
    Formula,
    Token,
    at_least,
    check_lengths,
    formula,
    named_axes,
    sides,
    window_settings,
)
from .walk import Affine, AxisMap, AxisWalk

if TYPE_CHECKING:
    from ..operation import Operation

NAMED = ("same", "same_lower")


def transposed(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> list[AxisRule]:
    """Each input cell stamps the kernel, scaled, ``stride`` apart; ``begin`` and the end are cropped off.

    The same sum gathers: a step reads, through the flipped kernel, the input with ``stride − 1`` zeros
    between its cells and ``extent − 1 − begin`` around it. Both are walks of the result. Raises Unfit.
    """
    fields = ("kernel", "stride", "dilation", "padding", "output_padding", "output_size")
    given = {name: getattr(spec, name) for name in fields}
    check_lengths(given, len(sizes))
    found = []
    for index, name, size in named_axes(sizes):
        taps, stride, gap = window_settings(given, index, len(sizes))
        span = extent(taps, gap)
        begin, output, worked = _ends(spec, index, len(sizes), name, (size, taps, stride, gap))
        reads = Affine(begin - (span - 1), 1, taps, gap)
        length = (size - 1) * stride + 1
        last = reads.last(output)
        source = AxisMap(size, max(0, -reads.start), max(0, last - (length - 1)), spread=stride)
        gather = AxisWalk(name, output, reads, source, ONE_WRITE, output)
        stamp = Affine(-begin, stride, taps, gap)
        scatter = AxisWalk(name, size, Affine(0, 1, 1, 1), AxisMap(size), stamp, output)
        found.append(AxisRule(gather, worked, scatter))
    return found


def _ends(
    spec: LayerSpec, index: int, axes: int, name: str, sizes: tuple[int, int, int, int]
) -> tuple[int, int, Formula]:
    """The cropping at the beginning, the cells of the output, and how both are worked out."""
    size, taps, stride, gap = sizes
    span = extent(taps, gap)
    padding, rules = spec.padding, FRAMEWORKS.get(spec.rules, NONE)  # type: ignore[attr-defined]
    extra_given = spec.output_padding  # type: ignore[attr-defined]
    extra = 0 if extra_given is None else per_axis(extra_given, axes)[index]
    at_least("output_padding", extra_given, extra, 0, "it adds cells at the end and cannot remove any")
    cells: Token = (str(size), "input")
    moved: Token = (str(stride), "stride")
    wanted = spec.output_size  # type: ignore[attr-defined]
    if wanted is not None:
        output = per_axis(wanted, axes)[index]
        at_least("output_size", wanted, output, 1, "the output needs at least one cell")
        if rules.output_size == "extends":
            return _extended(spec, index, name, sizes, output)
        both = [sides(padding, axis, size, span, stride) for axis in range(axes)]
        # ONNX overrules: "If output_shape is specified pads values are ignored."
        if rules.output_size == "settles" and not isinstance(padding, str) and any(map(any, both)):
            raise Unfit(
                "output_size", wanted, "it settles the padding, and padding is given too", "Give one of them."
            )
        total = transposed_size(size, stride, span, extra, 0, 0) - output
        upper = total // 2 if padding == "same" else total - total // 2
        begin = max(0, upper) if total > 0 else 0
        return begin, output, _sum(cells, moved, taps, gap, extra, begin, total - begin, output)
    if rules.stretches and padding == "same" and extra_given is not None:
        output = (size - 1) * stride + span % 2 + extra
        _check_output(padding, output, name)
        begin = max(0, (span - span % 2 - extra) // 2)
        middle = ("(", cells, " − 1)·", moved, f" + {span % 2}", *_plus(extra, "output_padding"))
        return begin, output, formula(*middle, " = ", (str(output), "output"))
    if padding in NAMED:
        total = max(0, span - stride + extra)
        begin = total // 2 if padding == "same" else total - total // 2
        output = size * stride
        return begin, output, formula(cells, "·", moved, " = ", (str(output), "output"))
    if rules.stretches and extra_given is None and span < stride:
        output = size * stride
        inner = ("(", cells, " − 1)·", moved, f" + max({span}, {stride}) = ")
        return 0, output, formula(*inner, (str(output), "output"))
    begin, end = sides(padding, index, size, span, stride)
    output = transposed_size(size, stride, span, extra, begin, end)
    _check_output(padding, output, name)
    return begin, output, _sum(cells, moved, taps, gap, extra, begin, end, output)


def _extended(
    spec: LayerSpec, index: int, name: str, sizes: tuple[int, int, int, int], output: int
) -> tuple[int, int, Formula]:
    """PyTorch's output_size stands for the output_padding; the padding stays as it is given."""
    size, taps, stride, gap = sizes
    span = extent(taps, gap)
    begin, end = sides(spec.padding, index, size, span, stride)  # type: ignore[attr-defined]
    least = transposed_size(size, stride, span, 0, begin, end)
    if not max(1, least) <= output < least + stride:
        raise Unfit(
            "output_size",
            spec.output_size,  # type: ignore[attr-defined]
            f"axis {name} can have {least} to {counted(least + stride - 1, 'cell')} with this padding",
            "Use one of these.",
            case="fit",
        )
    extra = output - least
    worked = _sum((str(size), "input"), (str(stride), "stride"), taps, gap, extra, begin, end, output)
    return begin, output, worked


def _check_output(padding: object, output: int, name: str) -> None:
    if output < 1:
        raise Unfit(
            "padding",
            padding,
            f"it crops all there is on axis {name}: {counted(output, 'cell')} would be left",
            "Use less padding, a larger kernel or a larger stride.",
            case="fit",
        )


def _plus(number: int, role: str) -> tuple[Token | str, ...]:
    return (" + ", (str(number), role)) if number else ()


def _sum(
    cells: Token, moved: Token, taps: int, gap: int, extra: int, begin: int, end: int, output: int
) -> Formula:
    """``(4 − 1)·2 + 3 − 2·1 = 7``, each number with the thing it came from."""
    span: tuple[Token | str, ...] = (" + ", (str(taps), "kernel"))
    if gap > 1:
        span = (" + ", (str(gap), "dilation"), "·(", (str(taps), "kernel"), " − 1) + 1")
    pads: tuple[Token | str, ...] = (" − 2·", (str(begin), "padding"))
    if begin != end:
        sign = " − " if end >= 0 else " + "
        pads = (" − ", (str(begin), "padding"), sign, (str(abs(end)), "padding"))
    added = _plus(extra, "output_padding")
    return formula("(", cells, " − 1)·", moved, *span, *added, *pads, " = ", (str(output), "output"))
