"""The size rules of evenly spaced windows: sliding, and one as large as the input. Knows no array."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import Unfit, counted
from ..padding import widest_padding
from ..shapes import extent, window_count, window_count_ceil
from ..spec import LayerSpec, PaddingValue, PerAxisValue
from .rule import (
    ONE_WRITE,
    AxisRule,
    Formula,
    Token,
    check_lengths,
    formula,
    named_axes,
    sides,
    window_settings,
)
from .walk import Affine, AxisMap, AxisWalk

if TYPE_CHECKING:
    from ..operation import Operation


def sliding_window(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> list[AxisRule]:
    """The rule of convolution and pooling: kernel, stride, padding, dilation, optionally ceil_mode.

    Raises Unfit for the first setting that has no meaning on these sizes.
    """
    given = {name: getattr(spec, name) for name in ("kernel", "stride", "dilation", "padding")}
    mode, ceil_mode = getattr(spec, "padding_mode", "zeros"), getattr(spec, "ceil_mode", False)
    return _windows(operation, given, sizes, mode, ceil_mode)


def whole_input(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> list[AxisRule]:
    """The rule of global pooling and dense layers: one window as large as the input, and so one step."""
    return _windows(operation, {"kernel": sizes, "stride": sizes, "dilation": 1, "padding": 0}, sizes)


def pointwise(operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]) -> list[AxisRule]:
    """The rule of layers that look at one cell at a time: each step reads the cell at its own position."""
    found = []
    for _, name, size in named_axes(sizes):
        walk = AxisWalk(name, size, Affine(0, 1, 1, 1), AxisMap(size), ONE_WRITE, size)
        found.append(AxisRule(walk, formula((str(size), "input"), " = ", (str(size), "output"))))
    return found


def _windows(
    operation: Operation,
    given: Mapping[str, Any],
    sizes: tuple[int, ...],
    mode: str = "zeros",
    ceil_mode: bool = False,
) -> list[AxisRule]:
    check_lengths(given, len(sizes))
    padding: PaddingValue = given["padding"]
    found = []
    for index, name, size in named_axes(sizes):
        taps, step, gap = window_settings(given, index, len(sizes))
        span = extent(taps, gap)
        begin, end = sides(padding, index, size, span, step)
        # A rule's padding follows from the window; only a number can be too large for it.
        if operation.padding_below_kernel and not isinstance(padding, str) and max(begin, end) >= taps:
            raise Unfit(
                "padding",
                padding,
                f"a window on axis {name} could lie in the padding alone",
                f"Use less than the kernel, at most {taps - 1}.",
            )
        check_mode(mode, padding, name, size, max(begin, end))
        count = window_count(size, begin, end, span, step)
        dropped = False
        if ceil_mode:
            count, dropped = window_count_ceil(size, begin, end, span, step)
        if count < 1:
            raise _no_output(given["kernel"], name, size + begin + end, span, gap)
        reads = Affine(-begin, step, taps, gap)
        overhang = max(0, reads.last(count) - (size + end - 1))
        source = AxisMap(size, begin, end, overhang, mode)
        worked = _worked(size, begin, end, taps, gap, step, count, ceil_mode, dropped)
        found.append(AxisRule(AxisWalk(name, count, reads, source, ONE_WRITE, count), worked))
    return found


def check_mode(mode: str, padding: PaddingValue, name: str, size: int, widest: int) -> None:
    """Refuse padding wider than what its mode can show."""
    most = widest_padding(mode, size)
    if most is None or widest <= most:
        return
    how = {
        "reflect": f"reflect mirrors axis {name} without its edge cell",
        "symmetric": f"symmetric mirrors axis {name} with its edge cell",
        "circular": f"circular wraps axis {name} around once",
    }[mode]
    raise Unfit(
        "padding",
        padding,
        f"{how}, and it has {counted(size, 'cell', 'cells')}",
        f"Use at most {most}, or another padding_mode.",
        case=mode,
    )


def _no_output(kernel: PerAxisValue, name: str, padded: int, span: int, gap: int) -> Unfit:
    largest = (padded - 1) // gap + 1
    smaller = " a smaller dilation," if gap > 1 else ""
    return Unfit(
        "kernel",
        kernel,
        f"it spans {counted(span, 'cell')}, and axis {name} has {padded} with its padding",
        f"Use a kernel of at most {largest},{smaller} or more padding.",
        case="fit",
    )


def _worked(
    size: int,
    begin: int,
    end: int,
    taps: int,
    gap: int,
    stride: int,
    count: int,
    ceil_mode: bool,
    dropped: bool,
) -> Formula:
    """``⌊(28 + 2·1 − 3) / 2⌋ + 1 = 14``, each number with the thing it came from."""
    left, right = "⌈⌉" if ceil_mode else "⌊⌋"
    pads: tuple[Token | str, ...] = (" + ", (str(begin), "padding"), " + ", (str(end), "padding"))
    if begin == end:
        pads = (" + 2·", (str(begin), "padding"))
    span: tuple[Token | str, ...] = (
        " − ",
        (str(gap), "dilation"),
        "·(",
        (str(taps), "kernel"),
        " − 1) − 1",
    )
    if gap == 1:
        span = (" − ", (str(taps), "kernel"))
    return formula(
        f"{left}(",
        (str(size), "input"),
        *pads,
        *span,
        ") / ",
        (str(stride), "stride"),
        f"{right} + 1{' − 1' if dropped else ''} = ",
        (str(count), "output"),
    )
