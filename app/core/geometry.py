"""From a spec and an input shape to a walk, its formulas and its costs. Knows no array and no operation's name.

``static/js/geometry.js`` is the mirror of this module, of ``shapes``, ``padding`` and ``walk``: the golden files
in ``tests/golden`` hold the two together, refusals included.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .combine import Finish
from .errors import Unfit
from .operation import Operation, fill_json
from .padding import PADDING_RULES, widest_padding
from .shapes import extent, window_count, window_count_ceil
from .spec import LayerSpec, PaddingValue, PerAxisValue, per_axis
from .walk import AXIS_NAMES, Affine, AxisMap, AxisWalk, Walk

UNREAD_RANGES = 64

Token = tuple[str, str | None]  # a piece of a formula, and the thing that the number in it came from


@dataclass(frozen=True)
class Geometry:
    """A layer's geometry: the walk, one worked formula per axis, and what follows from both."""

    walk: Walk
    formulas: tuple[tuple[Token, ...], ...]
    combine: str
    weighted: bool
    biased: bool
    activation: str
    finish: Finish

    @functools.cached_property
    def weight_shape(self) -> tuple[int, ...] | None:
        """(out_channels, in_channels / groups, *kernel), or None for an operation without weights."""
        return self.walk.weight_shape if self.weighted else None

    @functools.cached_property
    def bias_shape(self) -> tuple[int, ...] | None:
        """(out_channels,) where there is a bias."""
        return (self.walk.lanes,) if self.biased else None

    @functools.cached_property
    def multiply_adds(self) -> int:
        """``lanes · steps · channels of a group · taps`` for a sum of products, else 0."""
        walk = self.walk
        return walk.lanes * walk.steps * walk.channels_per_group * walk.taps if self.weighted else 0

    @functools.cached_property
    def comparisons(self) -> int:
        """``lanes · steps · (taps − 1)`` for a maximum, else 0."""
        walk = self.walk
        return walk.lanes * walk.steps * (walk.taps - 1) if self.combine == "max" else 0

    @functools.cached_property
    def additions(self) -> int:
        """``lanes · steps · (taps − 1)`` for a mean or a norm, else 0."""
        walk = self.walk
        return walk.lanes * walk.steps * (walk.taps - 1) if self.combine in ("mean", "p_norm") else 0

    @functools.cached_property
    def work(self) -> int:
        """Elementary operations of one run, the measure that limits and scheduling use."""
        return max(self.multiply_adds, self.comparisons, self.additions, self.walk.lanes * self.walk.steps)

    @functools.cached_property
    def padded_shape(self) -> tuple[int, ...]:
        """(channels, *sizes with padding), without the overhang of ceil_mode."""
        return (self.walk.channels, *(axis.source.padded_size for axis in self.walk.axes))

    def to_json(self) -> dict[str, Any]:
        """The geometry as the API and the golden files carry it."""
        walk = self.walk
        weight = math.prod(self.weight_shape or (0,))
        bias = walk.lanes if self.biased else 0
        unread = [axis.unread() for axis in walk.axes]
        read = math.prod(axis.source.size - len(cells) for axis, cells in zip(walk.axes, unread, strict=True))
        return {
            "input_shape": list(walk.input_shape),
            "padded_shape": list(self.padded_shape),
            "output_shape": list(walk.output_shape),
            "weight_shape": list(self.weight_shape) if self.weight_shape else None,
            "bias_shape": list(self.bias_shape) if self.bias_shape else None,
            "groups": walk.groups,
            "channels_per_group": walk.channels_per_group,
            "lanes": walk.lanes,
            "lanes_per_group": walk.lanes_per_group,
            "steps": walk.steps,
            "step_shape": list(walk.step_shape),
            "taps": walk.taps,
            "kernel_shape": list(walk.tap_shape),
            "combine": self.combine,
            "fill": fill_json(walk.fill),
            "activation": self.activation,
            "divisor": self.finish.divisor,
            "p": self.finish.p,
            "axes": [
                axis_json(axis, formula, as_ranges(cells.tolist()), len(cells))
                for axis, formula, cells in zip(walk.axes, self.formulas, unread, strict=True)
            ],
            "unread_cells": math.prod(walk.input_shape) - walk.channels * read,
            "parameters": {"weight": weight, "bias": bias, "total": weight + bias},
            "multiply_adds": self.multiply_adds,
            "comparisons": self.comparisons,
            "additions": self.additions,
            "receptive_field": {
                "size": [extent(axis.reads.taps, axis.reads.gap) for axis in walk.axes],
                "jump": [axis.reads.stride for axis in walk.axes],
                "start": [axis.reads.start for axis in walk.axes],
            },
        }


def axis_json(
    axis: AxisWalk, formula: Sequence[Token], unread: list[list[int]], unread_count: int
) -> dict[str, Any]:
    """One axis of a geometry as the API carries it."""
    return {
        "name": axis.name,
        "size": axis.source.size,
        "begin": axis.source.begin,
        "end": axis.source.end,
        "overhang": axis.source.overhang,
        "mode": axis.source.mode,
        "output": axis.output,
        "reads": _affine_json(axis.reads),
        "writes": _affine_json(axis.writes),
        "formula": [{"text": text, "from": role} if role else {"text": text} for text, role in formula],
        "unread": unread[:UNREAD_RANGES],
        "unread_count": unread_count,
    }


def _affine_json(affine: Affine) -> dict[str, Any]:
    return {
        "kind": "affine",
        "start": affine.start,
        "stride": affine.stride,
        "taps": affine.taps,
        "gap": affine.gap,
    }


def as_ranges(values: list[int]) -> list[list[int]]:
    """Ascending integers as inclusive ranges."""
    ranges: list[list[int]] = []
    for value in values:
        if ranges and ranges[-1][1] == value - 1:
            ranges[-1][1] = value
        else:
            ranges.append([value, value])
    return ranges


def sliding_window(
    operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]
) -> list[tuple[AxisWalk, tuple[Token, ...]]]:
    """The rule of convolution and pooling: kernel, stride, padding, dilation, optionally ceil_mode.

    Raises Unfit for the first setting that has no meaning on these sizes.
    """
    given = {name: getattr(spec, name) for name in ("kernel", "stride", "dilation", "padding")}
    mode, ceil_mode = getattr(spec, "padding_mode", "zeros"), getattr(spec, "ceil_mode", False)
    return _windows(operation, given, sizes, mode, ceil_mode)


def whole_input(
    operation: Operation, spec: LayerSpec, sizes: tuple[int, ...]
) -> list[tuple[AxisWalk, tuple[Token, ...]]]:
    """The rule of global pooling: one window as large as the input, and so one step."""
    return _windows(operation, {"kernel": sizes, "stride": sizes, "dilation": 1, "padding": 0}, sizes)


def _windows(
    operation: Operation,
    given: Mapping[str, Any],
    sizes: tuple[int, ...],
    mode: str = "zeros",
    ceil_mode: bool = False,
) -> list[tuple[AxisWalk, tuple[Token, ...]]]:
    axes = len(sizes)
    for name, value in given.items():
        if isinstance(value, tuple) and len(value) not in (1, axes):
            raise Unfit(name, value, f"{len(value)} values for {_many(axes, 'axis', 'axes')}", _one_or(axes))
    kernel = per_axis(given["kernel"], axes)
    stride = kernel if given["stride"] is None else per_axis(given["stride"], axes)
    dilation = per_axis(given["dilation"], axes)
    padding: PaddingValue = given["padding"]
    walks = []
    for index, (name, size) in enumerate(zip(AXIS_NAMES[axes], sizes, strict=True)):
        taps, step, gap = kernel[index], stride[index], dilation[index]
        _at_least_one("kernel", given["kernel"], taps, "a window needs at least one cell")
        _at_least_one("stride", given["stride"], step, "a window must move")
        _at_least_one("dilation", given["dilation"], gap, "taps must lie at least one cell apart")
        span = extent(taps, gap)
        begin, end = _sides(padding, index, size, span, step)
        if begin < 0 or end < 0:
            raise Unfit("padding", padding, "padding adds cells and cannot remove any", "Use 0 or more.")
        if operation.padding_below_kernel and max(begin, end) >= taps:
            raise Unfit(
                "padding",
                padding,
                f"a window on axis {name} could lie in the padding alone",
                f"Use less than the kernel, at most {taps - 1}.",
            )
        _check_mode(mode, padding, name, size, max(begin, end))
        count = window_count(size, begin, end, span, step)
        dropped = False
        if ceil_mode:
            count, dropped = window_count_ceil(size, begin, end, span, step)
        if count < 1:
            raise _no_output(given["kernel"], name, size + begin + end, span, gap)
        reads = Affine(-begin, step, taps, gap)
        overhang = max(0, reads.last(count) - (size + end - 1))
        source = AxisMap(size, begin, end, overhang, mode)
        formula = _window_formula(size, begin, end, taps, gap, step, count, ceil_mode, dropped)
        walks.append((AxisWalk(name, count, reads, source, Affine(0, 1, 1, 1), count), formula))
    return walks


GeometryRule = Callable[[Operation, LayerSpec, tuple[int, ...]], list[tuple[AxisWalk, tuple[Token, ...]]]]
GEOMETRY_RULES: dict[str, GeometryRule] = {"sliding_window": sliding_window, "whole_input": whole_input}


@functools.lru_cache(maxsize=4096)
def geometry(operation: Operation, spec: LayerSpec, input_shape: tuple[int, ...]) -> Geometry:
    """The geometry of ``spec`` on an input ``(channels, *sizes)``; raises Unfit where there is none."""
    channels, *sizes = input_shape
    axes = GEOMETRY_RULES[operation.geometry](operation, spec, tuple(sizes))
    if operation.channels == "filters":
        groups, filters = spec.groups, spec.filters  # type: ignore[attr-defined]
        _check_channels(channels, groups, filters)
    else:
        groups, filters = channels, channels
    combine = operation.combination
    walk = Walk(tuple(axis for axis, _ in axes), groups, channels // groups, filters // groups, combine.fill)
    biased = combine.weighted and bool(getattr(spec, "bias", False))
    formulas = tuple(formula for _, formula in axes)
    finish = Finish(_divisor(spec) if combine.name == "mean" else None, _exponent(spec))
    return Geometry(walk, formulas, combine.name, combine.weighted, biased, spec.activation, finish)


def _exponent(spec: LayerSpec) -> int | None:
    """The p of a norm, where there is one."""
    p: int | None = getattr(spec, "p", None)
    if p is not None and p < 1:
        raise Unfit("p", p, "a norm has an exponent of at least 1", "Use 1 or more.")
    return p


def _divisor(spec: LayerSpec) -> str | int:
    """What a mean divides by: a number given, or a count of cells."""
    given: int | None = getattr(spec, "divisor", None)
    if given is not None:
        if given == 0:
            raise Unfit("divisor", given, "nothing can be divided by 0", "Use another number, or null.")
        return given
    return "padded" if getattr(spec, "count_include_pad", False) else "elements"


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _one_or(axes: int) -> str:
    return "Give one value." if axes == 1 else f"Give one value, or {axes}."


def _at_least_one(field: str, given: PerAxisValue | None, value: int, reason: str) -> None:
    if value < 1:
        raise Unfit(field, given, reason, "Use 1 or more.")


def _sides(padding: PaddingValue, index: int, size: int, span: int, stride: int) -> tuple[int, int]:
    if isinstance(padding, str):
        return PADDING_RULES[padding](size, span, stride)
    entry = padding if isinstance(padding, int) else padding[0 if len(padding) == 1 else index]
    return (entry, entry) if isinstance(entry, int) else entry


def _check_mode(mode: str, padding: PaddingValue, name: str, size: int, widest: int) -> None:
    most = widest_padding(mode, size)
    if most is None or widest <= most:
        return
    how = {
        "reflect": f"reflect mirrors axis {name} without its edge cell",
        "circular": f"circular wraps axis {name} around once",
    }[mode]
    raise Unfit(
        "padding",
        padding,
        f"{how}, and it has {_many(size, 'cell', 'cells')}",
        f"Use at most {most}, or another padding_mode.",
    )


def _no_output(kernel: PerAxisValue, name: str, padded: int, span: int, gap: int) -> Unfit:
    largest = (padded - 1) // gap + 1
    smaller = " a smaller dilation," if gap > 1 else ""
    return Unfit(
        "kernel",
        kernel,
        f"it spans {span} cells, and axis {name} has {padded} with its padding",
        f"Use a kernel of at most {largest},{smaller} or more padding.",
    )


def _check_channels(channels: int, groups: int, filters: int) -> None:
    if groups < 1:
        raise Unfit("groups", groups, "there must be at least one group", "Use 1 or more.")
    if channels % groups:
        fitting = [str(count) for count in range(1, channels + 1) if channels % count == 0]
        listed = fitting[0] if len(fitting) == 1 else ", ".join(fitting[:-1]) + " or " + fitting[-1]
        raise Unfit(
            "groups",
            groups,
            f"{_many(channels, 'input channel does', 'input channels do')} not split into {groups} equal groups",
            f"Use {listed}.",
        )
    if filters < 1:
        raise Unfit("filters", filters, "there must be at least one filter", "Use 1 or more.")
    if filters % groups:
        raise Unfit(
            "filters",
            filters,
            f"{_many(filters, 'filter does', 'filters do')} not split into {groups} equal groups",
            f"Use a multiple of {groups}.",
        )


def _window_formula(
    size: int,
    begin: int,
    end: int,
    taps: int,
    gap: int,
    stride: int,
    count: int,
    ceil_mode: bool,
    dropped: bool,
) -> tuple[Token, ...]:
    """``⌊(28 + 2·1 − 3) / 2⌋ + 1 = 14``, each number with the thing it came from."""
    left, right = "⌈⌉" if ceil_mode else "⌊⌋"
    pads: tuple[Token, ...]
    if begin == end:
        pads = ((" + 2·", None), (str(begin), "padding"))
    else:
        pads = ((" + ", None), (str(begin), "padding"), (" + ", None), (str(end), "padding"))
    span: tuple[Token, ...]
    if gap == 1:
        span = ((" − ", None), (str(taps), "kernel"))
    else:
        span = (
            (" − ", None),
            (str(gap), "dilation"),
            ("·(", None),
            (str(taps), "kernel"),
            (" − 1) − 1", None),
        )
    return _merged(
        (f"{left}(", None),
        (str(size), "input"),
        *pads,
        *span,
        (") / ", None),
        (str(stride), "stride"),
        (f"{right} + 1{' − 1' if dropped else ''} = ", None),
        (str(count), "output"),
    )


def _merged(*tokens: Token) -> tuple[Token, ...]:
    """Tokens with neighbouring plain text joined."""
    merged: list[Token] = []
    for text, role in tokens:
        if merged and role is None and merged[-1][1] is None:
            merged[-1] = (merged[-1][0] + text, None)
        else:
            merged.append((text, role))
    return tuple(merged)
