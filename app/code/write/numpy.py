"""NumPy snippets: the definition itself, as loops that anybody can read. Knows size rules, no operation."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .snippet import Body, lit, tupled
from .subject import Kind, Subject

MODES = {"reflect": "reflect", "symmetric": "symmetric", "replicate": "edge", "circular": "wrap"}


def body(subject: Subject) -> Body:
    """The definition of the subject's walk in NumPy; every setting can be written so."""
    lines = [*RULES[subject.rule](subject), *subject.activated("numpy", 0)]
    return Body(subject.activation_imports("numpy"), lines)


# --- Windows ------------------------------------------------------------------------------------------------


def _loops(subject: Subject) -> tuple[list[str], str]:
    """Nested loops over the steps, and the indentation within them."""
    lines = [
        f"{'    ' * depth}for {name} in range({count}):"
        for depth, (name, count) in enumerate(zip(subject.names, subject.steps, strict=True))
    ]
    return lines, "    " * len(lines)


def times(name: str, factor: int) -> str:
    """``row * 2``, or ``row``."""
    return name if factor == 1 else f"{name} * {factor}"


def plus(text: str, number: int) -> str:
    """``row + 2``, or ``row``."""
    return text if number == 0 else f"{text} + {number}"


def _window(subject: Subject) -> str:
    """The slices of one window: ``row * 2 : row * 2 + 3, col : col + 3``."""
    slices = []
    for name, step, span, gap in zip(
        subject.names, subject.stride, subject.spans, subject.dilation, strict=True
    ):
        start = times(name, step)
        slices.append(f"{start} : {plus(start, span)}" + (f" : {gap}" if gap > 1 else ""))
    return ", ".join(slices)


def sliding(subject: Subject) -> list[str]:
    """Windows that are evenly spaced over the padded input."""
    if subject.rule == "whole_input" and subject.kind != "products":
        axes = tupled(tuple(range(1, subject.axes + 1)))
        keep = ", keepdims=True" if len(subject.shape) > 1 else ""
        return [f"y = x.{subject.combine.code['reduce']}(axis={axes}{keep})"]
    if subject.rule == "whole_input":
        product = f"weight.reshape({subject.filters}, -1) @ x.reshape(-1)"
        return [f"y = {product}{' + bias' if subject.layer.geometry.biased else ''}"]
    lines = padded(subject)
    weights = turned(subject)
    shape = ", ".join(map(str, subject.layer.geometry.walk.output_shape))
    if subject.kind == "cells":
        shape = ", ".join(map(str, subject.shape))
    lines += [*weights, f"y = np.zeros(({shape}), dtype=np.float32)"]
    if (counted := _counted(subject)) is not None:
        lines += counted
    loops, indent = _loops(subject)
    lines += [*loops, f"{indent}window = padded[:, {_window(subject)}]"]
    place = ", ".join(subject.names)
    axes = tupled(tuple(range(1, subject.axes + 1)))
    return lines + [indent + line for line in WINDOWS[subject.kind](subject, place, axes)]


def padded(subject: Subject) -> list[str]:
    """The padded input, the overhang of ceil_mode included."""
    if not any(map(any, subject.reach)):
        return ["padded = x"]
    sides = ", ".join(map(str, ((0, 0), *subject.reach)))
    if subject.mode in MODES:
        return [f'padded = np.pad(x, [{sides}], mode="{MODES[subject.mode]}")']
    fill = "" if subject.fill == 0 else f", constant_values={lit(subject.fill)}"
    return [f"padded = np.pad(x, [{sides}]{fill})"]


def turned(subject: Subject) -> list[str]:
    """The kernel turned around, where that is asked for."""
    if not subject.is_turned:
        return []
    backwards = ", ".join("::-1" for _ in subject.names)
    return [f"weight = weight[:, :, {backwards}]  # turned around, as mathematics has it"]


def _counted(subject: Subject) -> list[str] | None:
    """A grid with a 1 in each cell that a mean counts; None where all taps count."""
    if subject.counts is None or subject.is_mean_of_all:
        return None
    sizes = tupled(subject.sizes)
    if subject.layer.geometry.constants.divisor == "padded":
        comment = "the padding counts, what ceil mode reads past it does not"
        padded = [size + begin + end for size, (begin, end) in zip(subject.sizes, subject.pads, strict=True)]
        over = ", ".join(f"(0, {cells})" for cells in subject.overhang)
        return [f"counted = np.pad(np.ones({tupled(tuple(padded))}), [{over}])  # {comment}"]
    sides = ", ".join(map(str, subject.reach))
    return [f"counted = np.pad(np.ones({sizes}), [{sides}])  # cells of the input, without the padding"]


def _products(subject: Subject, place: str, axes: str) -> list[str]:
    every = tupled(tuple(range(1, subject.axes + 2)))
    bias = " + bias" if subject.layer.geometry.biased else ""
    if subject.groups == 1:
        return [f"y[:, {place}] = (weight * window).sum(axis={every}){bias}"]
    channels, filters = subject.channels // subject.groups, subject.filters // subject.groups
    bias = f" + bias[filters]{''}" if bias else ""
    return [
        f"for group in range({subject.groups}):",
        f"    filters = slice({times('group', filters)}, {times('(group + 1)', filters)})",
        f"    seen = window[{times('group', channels)} : {times('(group + 1)', channels)}]",
        f"    y[filters, {place}] = (weight[filters] * seen).sum(axis={every}){bias}",
    ]


def _mean(subject: Subject, place: str, axes: str) -> list[str]:
    divisor = subject.layer.geometry.constants.divisor
    if isinstance(divisor, int):
        return [f"y[:, {place}] = window.sum(axis={axes}) / {divisor}"]
    if subject.is_mean_of_all:
        return [f"y[:, {place}] = window.mean(axis={axes})"]
    return [f"y[:, {place}] = window.sum(axis={axes}) / counted[{_window(subject)}].sum()"]


def _norm(subject: Subject, place: str, axes: str) -> list[str]:
    p, taps = subject.layer.geometry.constants.p, math.prod(subject.kernel)
    total = f"(np.abs(window) ** {p}).sum(axis={axes})"
    if subject.is_scaled:
        total = f"({total} * ({taps} / counted[{_window(subject)}].sum()))"
    return [f"y[:, {place}] = {total} ** (1 / {p})"]


def _columns(subject: Subject, place: str, axes: str) -> list[str]:
    step = subject.names[0]
    for name, count in list(zip(subject.names, subject.steps, strict=True))[1:]:
        step = f"{step} * {count} + {name}" if "+" not in step else f"({step}) * {count} + {name}"
    return [f"y[:, {step}] = window.reshape(-1)"]


def _reduced(subject: Subject, place: str, axes: str) -> list[str]:
    return [f"y[:, {place}] = window.{subject.combine.code['reduce']}(axis={axes})"]


WINDOWS: dict[Kind, Callable[[Subject, str, str], list[str]]] = {
    "products": _products,
    "winner": _reduced,
    "sum": _reduced,
    "mean": _mean,
    "norm": _norm,
    "cells": _columns,
}


def pointwise(subject: Subject) -> list[str]:
    """Each cell as it is, scaled and shifted, or with those that lie at its place in the other inputs."""
    walk = subject.layer.geometry.walk
    if subject.kind == "products":
        each = ", ".join(["-1", *("1" for _ in subject.names)])
        if subject.own:
            epsilon = subject.spec.epsilon  # type: ignore[attr-defined]
            return [
                f"factor = gain / np.sqrt(variance + np.float32({epsilon!r}))",
                f"y = (x - mean.reshape({each})) * factor.reshape({each}) + offset.reshape({each})",
            ]
        return [f"y = x * weight.reshape({each}) + bias.reshape({each})"]
    if not walk.across:
        return ["y = x"]
    shape = ", ".join(map(str, (walk.channels_per_group, walk.groups, *subject.sizes)))
    return [f"y = x.reshape({shape}).{subject.combine.code['reduce']}(axis=0)"]


def border(subject: Subject) -> list[str]:
    """Cells put around the input first, and then what is cropped cut off."""
    added = ", ".join(["(0, 0)", *(f"({max(begin, 0)}, {max(end, 0)})" for begin, end in subject.border)])
    how = f', mode="{MODES[subject.mode]}"' if subject.mode in MODES else ""
    if not how and subject.fill:
        how = f", constant_values={lit(subject.fill)}"
    return [f"y = np.pad(x, [{added}]{how})", *cropped(subject, ":")]


def cropped(subject: Subject, before: str, after: str = "") -> list[str]:
    """The line that cuts off what a negative side crops, where there is one."""
    if all(side >= 0 for pair in subject.border for side in pair):
        return []
    cuts = []
    for (begin, _), size in zip(subject.border, subject.steps, strict=True):
        first = max(-begin, 0)
        cuts.append(f"{first}:{first + size}")
    return [f"y = y[{before}, {', '.join(cuts)}{after}]"]


def blocks(subject: Subject) -> list[str]:
    """Cells of each block moved in front of the blocks."""
    axes, factors = subject.axes, subject.factors
    split = [number for pair in zip(subject.steps, factors, strict=True) for number in pair]
    order = (0, *range(2, 2 + 2 * axes, 2), *range(1, 1 + 2 * axes, 2))
    return [_moved(subject, (subject.channels, *split), order)]


def phases(subject: Subject) -> list[str]:
    """Channels of each group moved behind the cells that they go into."""
    axes = subject.axes
    split = (subject.filters, *subject.factors, *subject.sizes)
    order = (0, *(place for axis in range(axes) for place in (1 + axes + axis, 1 + axis)))
    return [_moved(subject, split, order)]


def _moved(subject: Subject, split: tuple[int, ...], order: tuple[int, ...]) -> str:
    shape = ", ".join(map(str, subject.shape))
    return f"y = x.reshape({', '.join(map(str, split))}).transpose{tupled(order)}.reshape({shape})"


def shape(subject: Subject) -> list[str]:
    """The same numbers in the same order."""
    return [f"y = x.reshape({', '.join(map(str, subject.shape))})"]


# --- Stamps -------------------------------------------------------------------------------------------------


def transposed(subject: Subject) -> list[str]:
    """Each input cell stamps the kernel onto a canvas, from which the output is cut."""
    lines = turned(subject)
    ends = [crop + size for crop, size in zip(subject.crop, subject.steps, strict=True)]
    canvas = tuple(max(end, full) for end, full in zip(ends, subject.full, strict=True))
    sizes = ", ".join(map(str, (subject.filters, *canvas)))
    lines += [f"canvas = np.zeros(({sizes}), dtype=np.float32)"]
    indent = ""
    for name, size in zip(subject.names, subject.sizes, strict=True):
        lines.append(f"{indent}for {name} in range({size}):")
        indent += "    "
    place = ", ".join(subject.names)
    if subject.groups == 1:
        lines += [
            f"{indent}stamp = np.tensordot(x[:, {place}], weight, axes=1)  # (filters, *kernel)",
            f"{indent}canvas[:, {_window(subject)}] += stamp",
        ]
    else:
        channels, filters = subject.channels // subject.groups, subject.filters // subject.groups
        lines += [
            f"{indent}for group in range({subject.groups}):",
            f"{indent}    seen = slice({times('group', channels)}, {times('(group + 1)', channels)})",
            f"{indent}    filters = slice({times('group', filters)}, {times('(group + 1)', filters)})",
            f"{indent}    stamp = np.tensordot(x[seen, {place}], weight[seen], axes=1)",
            f"{indent}    canvas[filters, {_window(subject)}] += stamp",
        ]
    cut = ", ".join(f"{crop}:{end}" for crop, end in zip(subject.crop, ends, strict=True))
    lines.append(f"y = canvas[:, {cut}]")
    if subject.layer.geometry.biased:
        ones = ", ".join(["-1", *("1" for _ in subject.names)])
        lines.append(f"y = y + bias.reshape({ones})")
    return lines


# --- Tables -------------------------------------------------------------------------------------------------


def adaptive(subject: Subject) -> list[str]:
    """Windows that share the input out among them."""
    shape = ", ".join(map(str, (subject.channels, *subject.steps)))
    lines = [f"y = np.zeros(({shape}), dtype=np.float32)"]
    loops, indent = _loops(subject)
    slices = [
        f"{name} * {size} // {count} : -(-({name} + 1) * {size} // {count})"
        for name, size, count in zip(subject.names, subject.sizes, subject.steps, strict=True)
    ]
    axes = tupled(tuple(range(1, subject.axes + 1)))
    how = subject.combine.code["reduce"]
    return [
        *lines,
        *loops,
        f"{indent}window = x[:, {', '.join(slices)}]",
        f"{indent}y[:, {', '.join(subject.names)}] = window.{how}(axis={axes})",
    ]


def nearest(subject: Subject, module: str = "np") -> list[str]:
    """Each cell copies the one that its beginning lies in."""
    lines = ["y = x"]
    for axis, (size, count) in enumerate(zip(subject.sizes, subject.steps, strict=True), 1):
        lines.append(f"y = {module}.take(y, np.arange({count}) * {size} // {count}, axis={axis})")
    return lines


def linear(subject: Subject, module: str = "np") -> list[str]:
    """Each cell weighs the two beside it, axis by axis."""
    corners = bool(getattr(subject.spec, "align_corners", False))
    finite = bool(np.isfinite(subject.layer.x).all())
    lines = ["y = x"]
    for axis, (name, size, count) in enumerate(
        zip(subject.names, subject.sizes, subject.steps, strict=True), 1
    ):
        place = f"np.maximum((np.arange({count}) + 0.5) * {size} / {count} - 0.5, 0)"
        if corners:
            place = f"np.arange({count}) * {size - 1} / {count - 1}" if count > 1 else "np.zeros(1)"
        ones = ", ".join(["-1", *("1" for _ in range(subject.axes - axis))])
        lines += [
            f"place = {place}  # where each {name} of the output lies in the input",
            f"before = np.minimum(place, {size - 1}).astype(int)",
            f"after = np.minimum(before + 1, {size - 1})",
            f"part = (place - before).astype(np.float32).reshape({ones})",
            f"left, right = {module}.take(y, before, axis={axis}), {module}.take(y, after, axis={axis})",
            "y = left * (1 - part) + right * part"
            if finite
            else f"y = {module}.where(part == 0, left, left * (1 - part) + right * part)  # 0 · ∞ is no number",
        ]
    return lines


def _zero_insertion(subject: Subject) -> list[str]:
    factors = subject.given("factor") or (1,) * subject.axes
    shape = ", ".join(map(str, subject.shape))
    slices = ", ".join(f"::{factor}" for factor in factors)
    return [f"y = np.zeros(({shape}), dtype=np.float32)", f"y[:, {slices}] = x"]


RULES: dict[str, Callable[[Subject], list[str]]] = {
    "sliding_window": sliding,
    "whole_input": sliding,
    "transposed": transposed,
    "adaptive": adaptive,
    "nearest": nearest,
    "linear": linear,
    "zero_insertion": _zero_insertion,
    "pointwise": pointwise,
    "border": border,
    "blocks": blocks,
    "phases": phases,
    "shape": shape,
}
