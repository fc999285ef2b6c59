"""PyTorch snippets: the layer where it can say the setting, F.pad first where that helps. Knows size rules."""

from __future__ import annotations

import math
from collections.abc import Callable

from ...core.errors import counted
from ...core.frameworks.writing import Writing
from ...core.padding import FILLED
from . import numpy
from .calls import call
from .snippet import Body, Inexpressible, lit
from .subject import Kind, Subject

MODES = {"reflect": "reflect", "replicate": "replicate", "circular": "circular"}
IMPORTS = ("import torch", "from torch import nn")
PADS = "from torch.nn import functional as F"


def body(subject: Subject) -> Body:
    """The layer in PyTorch, or Inexpressible."""
    made = layer(subject)
    lines = ["x = torch.from_numpy(x)[None]  # PyTorch wants a batch: (batch, channels, ...)"]
    ending = ["y = y[0].numpy()"]
    if reshaped := _reshaped(subject):
        ending.append(reshaped)
    return Body(made.imports, [*lines, *made.lines, *ending], made.notes)


def layer(subject: Subject) -> Body:
    """The lines from ``x`` to ``y``, both tensors with a batch, with the activation; or Inexpressible."""
    if subject.is_padded and subject.mode not in (*MODES, *FILLED):
        raise Inexpressible(f"PyTorch's F.pad has no mode {subject.mode}; NumPy and JAX have it.")
    writing = subject.writing("pytorch")
    if subject.is_plain:
        made = PLAIN[subject.rule](subject)
    elif writing is None:
        raise Inexpressible(
            f"torch.nn has no layer for {subject.title.lower()} over {counted(subject.axes, 'axis')}."
        )
    else:
        made = RULES[subject.rule](subject, writing)
    lines = [*made.lines, *subject.activated("pytorch", 1)]
    imports = (*IMPORTS, PADS) if any("F." in line for line in made.lines) else IMPORTS
    return Body(imports, lines, made.notes)


def _reshaped(subject: Subject) -> str:
    """Where what is shown has no axes of size 1 left."""
    if len(subject.shape) == 1 and subject.kind != "products" and not subject.is_plain:
        return "y = y.reshape(-1)"
    return ""


def _named(writing: Writing, subject: Subject) -> str:
    return writing.name(subject.axes).replace("torch.nn.functional.", "F.").replace("torch.nn.", "nn.")


def made(writing: Writing, subject: Subject, **more: object) -> str:
    """The layer's own call."""
    return call(writing, _named(writing, subject), subject.settings(**more), subject.axes)


def pad(pads: tuple[tuple[int, int], ...], mode: str, fill: float) -> list[str]:
    """``x = F.pad(...)``; the last axis comes first."""
    flat = ", ".join(f"{begin}, {end}" for begin, end in reversed(pads))
    how = f', mode="{MODES[mode]}"' if mode in MODES else "" if fill == 0 else f", value={_value(fill)}"
    return [f"x = F.pad(x, ({flat}){how})  # the last axis first"]


def _value(fill: float) -> str:
    return lit(fill) if math.isfinite(fill) else f'float("{fill}")'


def _filled(subject: Subject, weight: str = "torch.from_numpy(weight)") -> list[str]:
    """Lines that put the weights in and run the layer."""
    lines = ["with torch.no_grad():", f"    layer.weight.copy_({weight})"]
    if subject.layer.geometry.biased:
        lines.append("    layer.bias.copy_(torch.from_numpy(bias))")
    return [*lines, "    y = layer(x)"]


def _symmetric(pads: tuple[tuple[int, int], ...]) -> bool:
    return all(begin == end for begin, end in pads)


def _sliding(subject: Subject, writing: Writing) -> Body:
    if subject.rule == "whole_input" and subject.kind == "products":
        layer = made(writing, subject)
        lines = [f"layer = {layer}", "x = x.flatten(1)  # channels first"]
        return Body(
            (), [*lines, *_filled(subject, f"torch.from_numpy(weight).reshape({subject.filters}, -1)")]
        )
    if subject.rule == "whole_input":
        return Body((), [f"layer = {made(writing, subject)}", "y = layer(x)"])
    return WINDOWS[subject.kind](subject, writing)


def _convolution(subject: Subject, writing: Writing) -> Body:
    notes, lines = [], []
    given = subject.spec.padding  # type: ignore[attr-defined]
    by_name = given == "same" and set(subject.stride) == {1} and subject.mode != "constant"
    direct = by_name or (_symmetric(subject.pads) and subject.mode != "constant")
    padding: object = "same" if by_name else tuple(begin for begin, _ in subject.pads)
    if direct:
        layer = made(writing, subject, padding=padding, padding_mode=subject.mode)
    else:
        lines = pad(subject.pads, subject.mode, subject.fill)
        layer = made(writing, subject, padding=0, padding_mode="zeros")
        notes.append("PyTorch's layer cannot say this padding: F.pad adds it first.")
    weight = "torch.from_numpy(weight)"
    if subject.is_turned:
        weight += f".flip({', '.join(str(axis + 2) for axis in range(subject.axes))})"
        notes.append("PyTorch does not flip: the weights are turned around before they are put in.")
    return Body((), [*lines, f"layer = {layer}", *_filled(subject, weight)], notes)


def _is_half(subject: Subject) -> bool:
    return _symmetric(subject.pads) and all(
        begin <= taps // 2 for (begin, _), taps in zip(subject.pads, subject.kernel, strict=True)
    )


def _winner(subject: Subject, writing: Writing) -> Body:
    if _is_half(subject):
        layer = made(writing, subject, padding=tuple(begin for begin, _ in subject.pads))
        return Body((), [f"layer = {layer}", "y = layer(x)"])
    layer = made(writing, subject, padding=0, ceil_mode=False)
    note = "PyTorch pads pools by at most half the kernel, alike on both sides: F.pad adds −∞ first."
    return Body((), [*pad(subject.reach, "zeros", subject.fill), f"layer = {layer}", "y = layer(x)"], [note])


def _mean(subject: Subject, writing: Writing) -> Body:
    _no_dilation(subject, "nn.AvgPool")
    divisor = subject.layer.geometry.constants.divisor
    numbered = isinstance(divisor, int)
    fits = subject.axes < 3 or all(
        size >= taps for size, taps in zip(subject.sizes, subject.kernel, strict=True)
    )
    if _is_half(subject) and fits and not (numbered and subject.axes == 1):
        counted = divisor == "padded" or not subject.is_padded
        layer = made(
            writing,
            subject,
            padding=tuple(begin for begin, _ in subject.pads),
            count_include_pad=True if numbered else counted,
            divisor=divisor if numbered else None,
        )
        return Body((), [f"layer = {layer}", "y = layer(x)"])
    layer = made(writing, subject, padding=0, ceil_mode=False, count_include_pad=True, divisor=None)
    padding = pad(subject.reach, "zeros", 0.0) if any(map(any, subject.reach)) else []
    note = (
        "PyTorch's layer cannot say this divisor: it takes the mean of all taps, which is corrected after it."
    )
    return Body((), [*padding, f"layer = {layer}", *corrected(subject, "torch.from_numpy({})")], [note])


def corrected(subject: Subject, convert: str = "{}") -> list[str]:
    """``y`` from means over all taps to means over the cells that count."""
    taps, divisor = math.prod(subject.kernel), subject.layer.geometry.constants.divisor
    if isinstance(divisor, int):
        return [
            f"y = layer(x) * ({taps} / {divisor})  # divided by {divisor} instead of by {counted(taps, 'tap')}"
        ]
    assert subject.counts is not None, "a mean has a divisor"
    counts = [f"np.array({list(one)}, dtype=np.float32)" for one in subject.counts]
    lines = [f"count = {counts[0]}  # counted cells of each window, axis by axis"]
    lines += [f"count = np.multiply.outer(count, {each})" for each in counts[1:]]
    return [*lines, f"y = layer(x) * {convert.format(f'{taps} / count')}"]


def _no_dilation(subject: Subject, name: str) -> None:
    if set(subject.dilation) != {1}:
        raise Inexpressible(f"{name} has no dilation, and no padding makes one.")


def _norm(subject: Subject, writing: Writing) -> Body:
    _no_dilation(subject, "nn.LPPool")
    scaled = subject.is_scaled  # which is PyTorch's own way with what ceil mode clips
    layer = made(writing, subject, ceil_mode=scaled)
    lines, notes = [], []
    p = subject.layer.geometry.constants.p
    if p is not None and p % 2:
        lines.append("x = x.abs()  # PyTorch keeps the signs, which odd powers would show")
        notes.append("PyTorch keeps the signs of values: their magnitudes are taken first.")
    if any(map(any, subject.reach)) and not scaled:
        lines += pad(subject.reach, "zeros", 0.0)
        notes.append("nn.LPPool has no padding, and multiplies clipped windows: F.pad adds zeros first.")
    return Body((), [*lines, f"layer = {layer}", "y = layer(x)"], notes)


def _unfold(subject: Subject, writing: Writing) -> Body:
    if _symmetric(subject.pads):
        layer = made(writing, subject, padding=tuple(begin for begin, _ in subject.pads))
        return Body((), [f"layer = {layer}", "y = layer(x)"])
    layer = made(writing, subject, padding=0)
    note = "nn.Unfold pads both sides alike: F.pad adds the padding first."
    return Body((), [*pad(subject.pads, "zeros", 0.0), f"layer = {layer}", "y = layer(x)"], [note])


def _transposed(subject: Subject, writing: Writing) -> Body:
    extra = tuple(
        size - (full - 2 * crop)
        for size, full, crop in zip(subject.steps, subject.full, subject.crop, strict=True)
    )
    pairs = zip(extra, subject.stride, subject.dilation, strict=True)
    if all(0 <= more < max(step, gap) for more, step, gap in pairs):
        layer = made(writing, subject, padding=subject.crop, output_padding=extra)
        notes = []
        if not isinstance(subject.spec.padding, int) or subject.given("output_size"):  # type: ignore[attr-defined]
            notes.append("The padding is written as the numbers that it comes to on this input.")
        return Body((), [f"layer = {layer}", *_filled(subject)], notes)
    layer = made(writing, subject, padding=0, output_padding=0, bias=False)
    note = (
        "PyTorch crops both sides alike: here all that the kernel writes is computed, and cropped after it."
    )
    lines = [
        f"layer = {layer}",
        "with torch.no_grad():",
        "    layer.weight.copy_(torch.from_numpy(weight))",
        "    y = layer(x)",
        *_cropped(subject),
    ]
    return Body((), lines, [note])


def _cropped(subject: Subject) -> list[str]:
    """Zeros where the output goes on behind what the kernel writes; then what is shown is cut out."""
    ends = [crop + size for crop, size in zip(subject.crop, subject.steps, strict=True)]
    beyond = [max(0, end - full) for end, full in zip(ends, subject.full, strict=True)]
    lines = []
    if any(beyond):
        flat = ", ".join(f"0, {cells}" for cells in reversed(beyond))
        lines.append(f"y = F.pad(y, ({flat}))  # the last axis first")
    cut = ", ".join(f"{crop}:{end}" for crop, end in zip(subject.crop, ends, strict=True))
    lines.append(f"y = y[:, :, {cut}]")
    if subject.layer.geometry.biased:
        ones = ", ".join(["-1", *("1" for _ in subject.names)])
        lines.append(f"y = y + torch.from_numpy(bias).reshape({ones})")
    return lines


def _adaptive(subject: Subject, writing: Writing) -> Body:
    return Body((), [f"layer = {made(writing, subject, size=subject.given('size'))}", "y = layer(x)"])


def _upsampling(subject: Subject, writing: Writing) -> Body:
    size = subject.given("size")
    factor = None if size is not None else subject.given("factor")
    return Body((), [f"layer = {made(writing, subject, size=size, factor=factor)}", "y = layer(x)"])


def _pointwise(subject: Subject) -> Body:
    each = ", ".join(["1", "-1", *("1" for _ in subject.names)])
    walk = subject.layer.geometry.walk
    if walk.across:
        shape = ", ".join(map(str, (1, walk.channels_per_group, walk.groups, *subject.sizes)))
        return Body((), [f"y = x.reshape({shape}).{subject.combine.code['reduce']}(1)"])
    if subject.kind != "products":
        rate = getattr(subject.spec, "rate", None)
        if rate is None:
            return Body((), ["y = x"])
        return Body((), [f"layer = nn.Dropout({rate}).eval()  # it drops in training alone", "y = layer(x)"])
    if not subject.own:
        tensors = (f"torch.from_numpy({name}).reshape({each})" for name in ("weight", "bias"))
        return Body((), [f"y = x * {next(tensors)} + {next(tensors)}"])
    epsilon = subject.spec.epsilon  # type: ignore[attr-defined]
    names = {"weight": "gain", "bias": "offset", "running_mean": "mean", "running_var": "variance"}
    copies = [f"    layer.{theirs}.copy_(torch.from_numpy({ours}))" for theirs, ours in names.items()]
    return Body(
        (),
        [
            f"layer = nn.BatchNorm{subject.axes}d({subject.channels}, eps={epsilon!r}).eval()",
            "with torch.no_grad():",
            *copies,
            "    y = layer(x)",
        ],
    )


def _border(subject: Subject) -> Body:
    if subject.mode in MODES:
        added = tuple((max(begin, 0), max(end, 0)) for begin, end in subject.border)
        how = pad(added, subject.mode, subject.fill) if any(map(any, added)) else []
        return Body((), [*how, "y = x", *numpy.cropped(subject, ":, :")])
    return Body((), [*pad(subject.border, subject.mode, subject.fill), "y = x"])


def _blocks(subject: Subject) -> Body:
    if subject.axes == 2 and len(set(subject.factors)) == 1:
        return Body((), [f"layer = nn.PixelUnshuffle({subject.factors[0]})", "y = layer(x)"])
    return _batched(numpy.blocks(subject))


def _phases(subject: Subject) -> Body:
    if subject.axes == 2 and len(set(subject.factors)) == 1:
        return Body((), [f"layer = nn.PixelShuffle({subject.factors[0]})", "y = layer(x)"])
    return _batched(numpy.phases(subject))


def _batched(lines: list[str]) -> Body:
    """Lines of arrays without a batch, of a batch of one."""
    return Body(
        (), [line.replace("x.", "x[0].").replace("transpose(", "permute(") + "[None]" for line in lines]
    )


def _shape(subject: Subject) -> Body:
    if len(subject.shape) == 1:
        return Body((), ["layer = nn.Flatten()  # channels first", "y = layer(x)"])
    return Body((), [f"y = x.reshape(1, {', '.join(map(str, subject.shape))})"])


PLAIN: dict[str, Callable[[Subject], Body]] = {
    "pointwise": _pointwise,
    "border": _border,
    "blocks": _blocks,
    "phases": _phases,
    "shape": _shape,
}

WINDOWS: dict[Kind, Callable[[Subject, Writing], Body]] = {
    "products": _convolution,
    "winner": _winner,
    "mean": _mean,
    "norm": _norm,
    "cells": _unfold,
}

RULES: dict[str, Callable[[Subject, Writing], Body]] = {
    "sliding_window": _sliding,
    "whole_input": _sliding,
    "transposed": _transposed,
    "adaptive": _adaptive,
    "nearest": _upsampling,
    "linear": _upsampling,
}
