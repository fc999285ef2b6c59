"""JAX snippets: jax.lax knows windows, not layers, so every walk can be said. Knows size rules, no operation."""

from __future__ import annotations

import math
from collections.abc import Callable

from . import numpy
from .snippet import Body, tupled
from .subject import Kind, Subject

IMPORTS = ("import jax.numpy as jnp", "from jax import lax")
OUTSIDE = ((0, 0), (0, 0))  # no padding on batch and channels
LETTERS = {1: "W", 2: "HW", 3: "DHW"}


def body(subject: Subject) -> Body:
    """The walk in JAX."""
    lines = [*RULES[subject.rule](subject), *subject.activated("jax", 0)]
    notes = ["The sum of what ceil mode clips is scaled up."] if subject.is_scaled else []
    imports = IMPORTS if any("lax." in line for line in lines) else IMPORTS[:1]
    return Body((*imports, *subject.activation_imports("jax")), [*lines, "y = np.asarray(y)"], notes)


def _sides(pads: tuple[tuple[int, int], ...]) -> str:
    return "[" + ", ".join(map(str, pads)) + "]"


def _layout(subject: Subject) -> str:
    letters = LETTERS[subject.axes]
    return f'("NC{letters}", "OI{letters}", "NC{letters}")'


def _sliding(subject: Subject) -> list[str]:
    if subject.rule == "whole_input":
        return [line.replace("x.", "jnp.asarray(x).") for line in numpy.sliding(subject)]
    return WINDOWS[subject.kind](subject)


def _general(subject: Subject, pads: str, **more: object) -> list[str]:
    lines = [
        "y = lax.conv_general_dilated(",
        "    x[None],",
        "    weight,",
        *(f"    {name}={value}," for name, value in more.items()),
        f"    padding={pads},",
        f"    dimension_numbers={_layout(subject)},",
    ]
    if subject.groups > 1:
        lines.append(f"    feature_group_count={subject.groups},")
    return [*lines, ")[0]"]


def _bias(subject: Subject) -> list[str]:
    if not subject.layer.geometry.biased:
        return []
    ones = ", ".join(["-1", *("1" for _ in subject.names)])
    return [f"y = y + bias.reshape({ones})"]


def _convolution(subject: Subject) -> list[str]:
    lines, pads = numpy.turned(subject), _sides(subject.pads)
    if subject.mode != "zeros" and subject.is_padded:
        lines += [line.replace("np.pad(x", "jnp.pad(x") for line in numpy.padded(subject)]
        lines.append("x = padded")
        pads = '"VALID"'
    settings = {"window_strides": tupled(subject.stride)}
    if set(subject.dilation) != {1}:
        settings["rhs_dilation"] = tupled(subject.dilation)
    return [*lines, *_general(subject, pads, **settings), *_bias(subject)]


def _window(subject: Subject, values: str, start: str, how: str) -> list[str]:
    dilated = ""
    if set(subject.dilation) != {1}:
        dilated = f", window_dilation={tupled((1, 1, *subject.dilation))}"
    kernel, stride = tupled((1, 1, *subject.kernel)), tupled((1, 1, *subject.stride))
    return [
        "lax.reduce_window(",
        f"    {values}, {start}, lax.{how},",
        f"    window_dimensions={kernel}, window_strides={stride},",
        f"    padding={_sides((*OUTSIDE, *subject.reach))}{dilated},",
        ")[0]",
    ]


def _named(name: str, lines: list[str], after: str = "") -> list[str]:
    return [f"{name} = {lines[0]}", *lines[1:-1], f"{lines[-1]}{after}"]


def _reduced(subject: Subject) -> list[str]:
    code = subject.combine.code
    return _named("y", _window(subject, "jnp.asarray(x)[None]", code["start"], code["lax"]))


def _mean(subject: Subject) -> list[str]:
    lines = _named("total", _window(subject, "jnp.asarray(x)[None]", "0.0", "add"))
    divisor = subject.layer.geometry.constants.divisor
    if isinstance(divisor, int):
        return [*lines, f"y = total / {divisor}"]
    if subject.is_mean_of_all:
        return [*lines, f"y = total / {math.prod(subject.kernel)}"]
    if divisor == "padded":
        ones = f"jnp.ones({tupled((1, 1, *subject.sizes))})"
        ones = f"jnp.pad({ones}, {_sides((*OUTSIDE, *subject.pads))}, constant_values=1)"
        counts = "the padding counts, what ceil mode reads past it does not"
        lines.append(f"counted = {ones}  # {counts}")
        over = tuple((0, cells) for cells in subject.overhang)
        window = _window(subject, "counted", "0.0", "add")
        sides = _sides((*OUTSIDE, *subject.reach)), _sides((*OUTSIDE, *over))
        return [*lines, *_named("count", [line.replace(*sides) for line in window]), "y = total / count"]
    return [*lines, *_count_of_cells(subject), "y = total / count"]


def _norm(subject: Subject) -> list[str]:
    p, taps = subject.layer.geometry.constants.p, math.prod(subject.kernel)
    total = _named("total", _window(subject, f"jnp.abs(x)[None] ** {p}", "0.0", "add"))
    if not subject.is_scaled:
        return [*total, f"y = total ** (1 / {p})"]
    return [*total, *_count_of_cells(subject), f"y = (total * ({taps} / count)) ** (1 / {p})"]


def _count_of_cells(subject: Subject) -> list[str]:
    """``count``: the cells of the input in each window."""
    return [
        f"counted = jnp.ones({tupled((1, 1, *subject.sizes))})  # the cells of the input in each window",
        *_named("count", _window(subject, "counted", "0.0", "add")),
    ]


def _patches(subject: Subject) -> list[str]:
    dilated = f", rhs_dilation={tupled(subject.dilation)}" if set(subject.dilation) != {1} else ""
    return [
        "y = lax.conv_general_dilated_patches(",
        f"    x[None], filter_shape={tupled(subject.kernel)}, window_strides={tupled(subject.stride)},",
        f"    padding={_sides(subject.pads)}{dilated},",
        f")[0].reshape({', '.join(map(str, subject.shape))})",
    ]


def _transposed(subject: Subject) -> list[str]:
    """The convolution of the spread input with the kernel turned around, whose first two axes change places."""
    groups, channels = subject.groups, subject.channels // subject.groups
    filters = subject.filters // groups
    kernel = ", ".join(map(str, subject.kernel))
    lines = []
    if groups > 1:
        lines.append(
            f"weight = weight.reshape({groups}, {channels}, {filters}, {kernel}).swapaxes(1, 2)"
            f".reshape({subject.filters}, {channels}, {kernel})"
        )
    else:
        lines.append("weight = weight.swapaxes(0, 1)  # filters first")
    backwards = ", ".join("::-1" for _ in subject.names)
    lines.append(f"weight = weight[:, :, {backwards}]")
    pads = tuple(
        (span - 1 - crop, size - full + crop + span - 1)
        for span, crop, size, full in zip(
            subject.spans, subject.crop, subject.steps, subject.full, strict=True
        )
    )
    settings = {"window_strides": tupled((1,) * subject.axes), "lhs_dilation": tupled(subject.stride)}
    if set(subject.dilation) != {1}:
        settings["rhs_dilation"] = tupled(subject.dilation)
    return [*lines, *_general(subject, _sides(pads), **settings), *_bias(subject)]


def _adaptive(subject: Subject) -> list[str]:
    how = subject.combine.code["reduce"]
    lines = ["y = jnp.asarray(x)"]
    for axis, (size, count) in enumerate(zip(subject.sizes, subject.steps, strict=True), 1):
        every = ", ".join([":"] * axis)
        window = f"y[{every}, i * {size} // {count} : -(-(i + 1) * {size} // {count})]"
        lines.append(f"y = jnp.stack([{window}.{how}(axis={axis}) for i in range({count})], axis={axis})")
    return lines


def _zero_insertion(subject: Subject) -> list[str]:
    factors = subject.given("factor") or (1,) * subject.axes
    inner = ", ".join(f"(0, 0, {factor - 1})" for factor in factors)
    return [f"y = lax.pad(jnp.asarray(x), np.float32(0), [(0, 0, 0), {inner}])  # (begin, end, between)"]


WINDOWS: dict[Kind, Callable[[Subject], list[str]]] = {
    "products": _convolution,
    "winner": _reduced,
    "sum": _reduced,
    "mean": _mean,
    "norm": _norm,
    "cells": _patches,
}

RULES: dict[str, Callable[[Subject], list[str]]] = {
    "sliding_window": _sliding,
    "whole_input": _sliding,
    "transposed": _transposed,
    "adaptive": _adaptive,
    "nearest": lambda subject: numpy.nearest(subject, "jnp"),
    "linear": lambda subject: numpy.linear(subject, "jnp"),
    "zero_insertion": _zero_insertion,
    "pointwise": numpy.pointwise,
    "border": lambda subject: [line.replace("np.pad(x", "jnp.pad(x") for line in numpy.border(subject)],
    "blocks": numpy.blocks,
    "phases": numpy.phases,
    "shape": numpy.shape,
}
