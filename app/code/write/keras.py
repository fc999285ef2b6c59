"""Keras snippets: the layer where it can say the setting, padding first where that helps. Knows size rules."""

from __future__ import annotations

import math
from collections.abc import Callable

from ...core.errors import counted
from ...core.frameworks.writing import Writing
from . import numpy
from .calls import call
from .pytorch import corrected
from .snippet import Body, Inexpressible, lit, tupled
from .subject import Kind, Subject

IMPORTS = ("import keras",)
INDICES = {"reflect": "reflect", "symmetric": "symmetric", "replicate": "edge", "circular": "wrap"}


def body(subject: Subject) -> Body:
    """The layer in Keras, channels last as Keras has them by default, or Inexpressible."""
    made = layer(subject)
    if is_patches(subject):
        start, end = ["x = keras.ops.convert_to_tensor(x[None])"], "y = keras.ops.convert_to_numpy(y)[0]"
    else:
        start = ["x = np.moveaxis(x, 0, -1)[None]  # Keras wants a batch, and channels last"]
        end = "y = keras.ops.convert_to_numpy(y)[0]"
        if len(subject.shape) > 1:
            end = "y = np.moveaxis(keras.ops.convert_to_numpy(y)[0], -1, 0)"
    return Body(IMPORTS, [*start, *made.lines, end], made.notes)


def is_patches(subject: Subject) -> bool:
    """Whether it is written as an operation that has the channels first."""
    return subject.kind == "cells" and subject.rule == "sliding_window"


def layer(subject: Subject) -> Body:
    """The lines from ``x`` to ``y``, both tensors with a batch, with the activation; or Inexpressible."""
    writing = subject.writing("keras")
    if subject.is_plain:
        made = PLAIN[subject.rule](subject)
    elif writing is None:
        raise Inexpressible(
            f"Keras has no layer for {subject.title.lower()} over {counted(subject.axes, 'axis')}."
        )
    else:
        made = RULES[subject.rule](subject, writing)
    tail = subject.activated("keras", 1 if is_patches(subject) else -1)
    return Body(IMPORTS, [*made.lines, *tail], made.notes)


def made(writing: Writing, subject: Subject, **more: object) -> str:
    """The layer's own call."""
    return call(writing, writing.name(subject.axes), subject.settings(**more), subject.axes)


def pad(subject: Subject, pads: tuple[tuple[int, int], ...], mode: str, fill: float) -> list[str]:
    """Lines that pad ``x``: a ZeroPadding layer, keras.ops.pad for another number, or cells taken by index."""
    if mode in INDICES:
        lines = []
        for axis, ((begin, end), size) in enumerate(zip(pads, subject.sizes, strict=True), 1):
            if begin or end:
                cells = f'np.pad(np.arange({size}), ({begin}, {end}), mode="{INDICES[mode]}")'
                lines.append(f"x = keras.ops.take(x, {cells}, axis={axis})")
        return lines
    if fill == 0:
        sides = str(pads[0]) if subject.axes == 1 else "(" + ", ".join(map(str, pads)) + ")"
        return [f"x = keras.layers.ZeroPadding{subject.axes}D({sides})(x)"]
    sides = ", ".join(map(str, ((0, 0), *pads, (0, 0))))
    value = lit(fill) if math.isfinite(fill) else f'float("{fill}")'
    return [f"x = keras.ops.pad(x, [{sides}], constant_values={value})"]


def _filled(subject: Subject, weight: str, bias: str = "bias") -> list[str]:
    tensors = f"[{weight}, {bias}]" if subject.layer.geometry.biased and bias else f"[{weight}]"
    return ["layer.build(x.shape)", f"layer.set_weights({tensors})", "y = layer(x)"]


def _named(subject: Subject) -> str | None:
    """The padding as a name of Keras, where there is one that means the same."""
    given = getattr(subject.spec, "padding", 0)
    if not any(map(any, subject.reach)):
        return "valid"
    if (
        any(subject.overhang)
        or subject.mode not in ("zeros", "constant")
        or subject.fill not in (0, -math.inf)
    ):
        return None
    causal = given == "causal" and subject.axes == 1 and subject.kind == "products"
    return str(given) if given == "same" or causal else None


def _sliding(subject: Subject, writing: Writing) -> Body:
    if subject.rule == "whole_input" and subject.kind == "products":
        lines = [
            "x = keras.ops.reshape(keras.ops.moveaxis(x, -1, 1), (1, -1))  # channels first, as the weight is",
            f"layer = {made(writing, subject)}",
        ]
        return Body((), [*lines, *_filled(subject, f"weight.reshape({subject.filters}, -1).T")])
    if subject.rule == "whole_input":
        keep = len(subject.shape) > 1
        return Body((), [f"layer = {made(writing, subject, keepdims=keep)}", "y = layer(x)"])
    return WINDOWS[subject.kind](subject, writing)


def _convolution(subject: Subject, writing: Writing) -> Body:
    notes, lines, name = [], [], _named(subject)
    both = max(subject.stride) > 1 and max(subject.dilation) > 1
    if name is None or (both and name != "valid"):
        lines = pad(subject, subject.pads, subject.mode, subject.fill)
        notes.append("Keras' layers pad by name only: the padding is added first.")
        name = "valid"
    stride = (1,) * subject.axes if both else subject.stride
    layer = made(writing, subject, padding=name, stride=stride)
    weight = "np.moveaxis(weight, (0, 1), (-1, -2))"
    if subject.is_turned:
        lines += [f"weight = weight[:, :, {', '.join('::-1' for _ in subject.names)}]  # turned around"]
        notes.append("Keras does not flip: the weights are turned around before they are put in.")
    lines += [f"layer = {layer}", *_filled(subject, weight)]
    if both:
        slices = ", ".join(f"::{step}" for step in subject.stride)
        lines.append(f"y = y[:, {slices}]  # the stride, which Keras refuses beside a dilation")
        notes.append(
            "Keras refuses strides > 1 with dilation_rate > 1: of all positions every other is taken."
        )
    return Body((), lines, notes)


def _no_dilation(subject: Subject) -> None:
    if set(subject.dilation) != {1}:
        raise Inexpressible("Keras' pools have no dilation, and no padding makes one.")


def _winner(subject: Subject, writing: Writing) -> Body:
    _no_dilation(subject)
    lines, notes, name = [], [], _named(subject)
    if name is None:
        lines, name = pad(subject, subject.reach, "zeros", subject.fill), "valid"
        notes.append("Keras' pools pad by name only: −∞ is added first.")
    return Body((), [*lines, f"layer = {made(writing, subject, padding=name)}", "y = layer(x)"], notes)


def _mean(subject: Subject, writing: Writing) -> Body:
    _no_dilation(subject)
    divisor, name = subject.layer.geometry.constants.divisor, _named(subject)
    if name == "valid" and not isinstance(divisor, int):
        return Body((), [f"layer = {made(writing, subject, padding=name)}", "y = layer(x)"])
    if name == "same" and divisor == "elements" and not _backends_differ(subject):
        return Body((), [f"layer = {made(writing, subject, padding=name)}", "y = layer(x)"])
    padding = pad(subject, subject.reach, "zeros", 0.0) if any(map(any, subject.reach)) else []
    layer = made(writing, subject, padding="valid")
    note = "Keras' layer cannot say this padding or divisor: the mean of all taps is corrected after it."
    if name == "same" and divisor == "elements":
        note = "Keras' backends differ in this mean of same: padding is added first, and the mean corrected after it."
    lines = corrected(subject, "({})[:, :, None]".replace(":, :", ", ".join([":"] * subject.axes)))
    return Body((), [*padding, f"layer = {layer}", *lines], [note])


def _backends_differ(subject: Subject) -> bool:
    """Where the PyTorch backend's mean of same counts cells that others do not, or refuses (Keras 3.15.1)."""
    uneven = any(begin != end for begin, end in subject.pads)
    small = any(size < taps for size, taps in zip(subject.sizes, subject.kernel, strict=True))
    return uneven or (subject.axes == 3 and small)


def _unfold(subject: Subject, writing: Writing) -> Body:
    if all(begin == end for begin, end in subject.pads):
        settings = subject.settings(padding=tuple(begin for begin, _ in subject.pads))
        unfolded = call(writing, "keras.ops.unfold", settings, subject.axes)
        return Body((), [_of_x(unfolded)])
    sides = ", ".join(map(str, ((0, 0), (0, 0), *subject.pads)))
    unfolded = call(writing, "keras.ops.unfold", subject.settings(padding=0), subject.axes)
    note = "keras.ops.unfold pads both sides alike: keras.ops.pad adds the padding first."
    return Body((), [f"x = keras.ops.pad(x, [{sides}])", _of_x(unfolded)], [note])


def _of_x(unfolded: str) -> str:
    return "y = " + unfolded.replace("(", "(x, ", 1)


def _transposed(subject: Subject, writing: Writing) -> Body:
    if subject.groups > 1:
        raise Inexpressible("Keras' transposed layers have no groups.")
    if max(subject.stride) > 1 and max(subject.dilation) > 1:
        raise Inexpressible("Keras refuses strides > 1 with dilation_rate > 1.")
    weight = "np.moveaxis(weight, (0, 1), (-1, -2))"
    if (said := _cropping(subject)) is not None:
        name, extra = said
        layer = made(writing, subject, padding=name, output_padding=extra)
        return Body((), [f"layer = {layer}", *_filled(subject, weight)])
    layer = made(writing, subject, padding="valid", output_padding=None, bias=False)
    written = tuple(
        (size - 1) * step + max(span, step)
        for size, step, span in zip(subject.sizes, subject.stride, subject.spans, strict=True)
    )
    ends = [crop + size for crop, size in zip(subject.crop, subject.steps, strict=True)]
    lines = [f"layer = {layer}", *_filled(subject, weight, "")]
    beyond = tuple(max(0, end - size) for end, size in zip(ends, written, strict=True))
    if any(beyond):
        sides = ", ".join(map(str, ((0, 0), *((0, cells) for cells in beyond), (0, 0))))
        lines.append(f"y = keras.ops.pad(y, [{sides}])")
    cut = ", ".join(f"{crop}:{end}" for crop, end in zip(subject.crop, ends, strict=True))
    lines.append(f"y = y[:, {cut}]")
    if subject.layer.geometry.biased:
        lines.append("y = keras.ops.add(y, bias)")
    note = "Keras' layer crops by name only: all that the kernel writes is computed, and cropped after it."
    return Body((), lines, [note])


def _cropping(subject: Subject) -> tuple[str, tuple[int, ...] | None] | None:
    """The name, and the output padding, with which Keras' layer gives just this output; None where there is none."""
    spec = subject.spec
    extra = subject.given("output_padding")
    if spec.rules == "keras":
        name = spec.padding if isinstance(spec.padding, str) else "valid"  # type: ignore[attr-defined]
        return name, extra
    written = tuple(
        (size - 1) * step + max(span, step)
        for size, step, span in zip(subject.sizes, subject.stride, subject.spans, strict=True)
    )
    if not any(subject.crop) and subject.steps == written:
        return "valid", None
    if subject.steps == tuple(size * step for size, step in zip(subject.sizes, subject.stride, strict=True)):
        crops = zip(subject.crop, subject.spans, subject.stride, strict=True)
        if all(crop == max(span - step, 0) // 2 for crop, span, step in crops):
            return "same", None
    return None


def _adaptive(subject: Subject, writing: Writing) -> Body:
    return Body((), [f"layer = {made(writing, subject, size=subject.given('size'))}", "y = layer(x)"])


def _upsampling(subject: Subject, writing: Writing) -> Body:
    factors = tuple(count // size for count, size in zip(subject.steps, subject.sizes, strict=True))
    if getattr(subject.spec, "align_corners", False):
        raise Inexpressible("Keras' UpSampling2D cannot align corners.")
    if tuple(factor * size for factor, size in zip(factors, subject.sizes, strict=True)) == subject.steps:
        return Body((), [f"layer = {made(writing, subject, factor=factors)}", "y = layer(x)"])
    if subject.rule == "nearest":
        raise Inexpressible(
            "Keras enlarges by whole factors only, and the nearest of Resizing takes other cells."
        )
    size = ", ".join(map(str, subject.steps))
    note = "UpSampling2D takes whole factors; Resizing takes the size."
    return Body(
        (), [f'layer = keras.layers.Resizing({size}, interpolation="bilinear")', "y = layer(x)"], [note]
    )


def _pointwise(subject: Subject) -> Body:
    walk = subject.layer.geometry.walk
    if walk.across:
        shape = ", ".join(map(str, (1, *subject.sizes, walk.channels_per_group, walk.groups)))
        how = subject.combine.code["reduce"]
        return Body((), [f"y = keras.ops.{how}(keras.ops.reshape(x, ({shape})), axis=-2)"])
    if subject.kind != "products":
        rate = getattr(subject.spec, "rate", None)
        if rate is None:
            return Body((), ["y = x"])
        return Body(
            (), [f"layer = keras.layers.Dropout({rate})  # it drops in training alone", "y = layer(x)"]
        )
    if not subject.own:
        return Body((), ["y = x * weight.reshape(-1) + bias  # the channels stand last"])
    epsilon = subject.spec.epsilon  # type: ignore[attr-defined]
    return Body(
        (),
        [
            f"layer = keras.layers.BatchNormalization(epsilon={epsilon!r})",
            "layer.build(x.shape)",
            "layer.set_weights([gain, offset, mean, variance])",
            "y = layer(x)",
        ],
    )


def _border(subject: Subject) -> Body:
    added = tuple((max(begin, 0), max(end, 0)) for begin, end in subject.border)
    lines = pad(subject, added, subject.mode, subject.fill) if any(map(any, added)) else []
    return Body((), [*lines, "y = x", *numpy.cropped(subject, ":", ", :")])


def _moved(subject: Subject, split: tuple[int, ...], order: tuple[int, ...]) -> Body:
    shape = ", ".join(map(str, (1, *subject.steps, subject.filters)))
    lines = [
        f"y = keras.ops.reshape(x, {tupled((1, *split))})",
        f"y = keras.ops.transpose(y, {tupled((0, *(place + 1 for place in order)))})",
        f"y = keras.ops.reshape(y, ({shape}))",
    ]
    note = "The channels are in PyTorch's order: those of tf.nn.depth_to_space and space_to_depth are others."
    return Body((), lines, [note])


def _blocks(subject: Subject) -> Body:
    axes = subject.axes
    split = [number for pair in zip(subject.steps, subject.factors, strict=True) for number in pair]
    order = (*range(0, 2 * axes, 2), 2 * axes, *range(1, 2 * axes, 2))
    return _moved(subject, (*split, subject.channels), order)


def _phases(subject: Subject) -> Body:
    axes = subject.axes
    order = (*(place for axis in range(axes) for place in (axis, axes + 1 + axis)), axes)
    return _moved(subject, (*subject.sizes, subject.filters, *subject.factors), order)


def _shape(subject: Subject) -> Body:
    lines = ["x = keras.ops.moveaxis(x, -1, 1)  # channels first, whose order is kept"]
    lines.append(f"y = keras.ops.reshape(x, {tupled((1, *subject.shape))})")
    if len(subject.shape) > 1:
        lines.append("y = keras.ops.moveaxis(y, 1, -1)")
    note = "Keras' own Flatten takes the channels last, which gives another order: they are moved first."
    return Body((), lines, [note])


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
