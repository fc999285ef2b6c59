"""Calls that lay cells out anew: flatten, view and reshape, padding, cropping, means, moved channels. Knows no text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .calls import Call, rule
from .things import NotUnderstood, Size, Sizes, Tensor, Unknown

KERAS_ORDER = (
    "Keras flattens with the channels last, here they stand first: weights of the dense layer behind it lie in "
    "another order."
)
JAX_ORDER = KERAS_ORDER.replace("Keras", "Flax")
LAST_ORDER = (
    "the channels stand last in this shape, and here they stand first: the cells lie in another order."
)
PADDINGS = {
    "Zero": "zeros",
    "Constant": "constant",
    "Reflection": "reflect",
    "Replication": "replicate",
    "Circular": "circular",
}
PAD_MODES = {
    "constant": "constant",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "circular",
    "edge": "replicate",
    "wrap": "circular",
}


def order_note(call: Call) -> tuple[str, ...]:
    """That the channels stand last in the framework, where there are cells to tell them from."""
    if not call.channels_last or call.x.axes == 0:
        return ()
    return (KERAS_ORDER if call.is_keras else JAX_ORDER,)


@rule("Flatten", "flatten", "ravel")
def flatten(call: Call) -> Tensor:
    """All cells of all channels in one row."""
    if not call.channels_last:
        start, end = (
            call.given(0, "start_dim", default=1 if call.called != "flatten" or call.function else 0),
            call.given(1, "end_dim", default=-1),
        )
        last = -1 if call.x.axes is None else call.x.axes + 1
        if start not in (1, 0) or end not in (-1, last):
            return flatten_some(call, start, end)
    return call.add({"operation": "reshape", "shape": [-1]}, order_note(call))


def flatten_some(call: Call, start: Any, end: Any) -> Tensor:
    """The spatial axes alone, as one."""
    axes, channels = call.x.axes, call.x.channels
    if start in (2, -(axes or 0)) and end in (-1, (axes or 0) + 1) and channels:
        return call.add({"operation": "reshape", "shape": [channels, -1]})
    raise NotUnderstood("it flattens some axes alone")


@rule("view", "reshape", "Reshape", "view_as", "reshape_as", "Unflatten", "unflatten")
def reshape(call: Call) -> Tensor:
    """Cells in another shape, row-major."""
    if call.called.lower() == "unflatten":
        if call.given(0, "dim", default=1) != 1:
            raise NotUnderstood("it splits another axis than the channels")
        sizes = list(numbers(call.given(1, "unflattened_size", "sizes", default=())))
        return call.add({"operation": "reshape", "shape": target(sizes)})
    given = list(call.args)
    for name in ("shape", "newshape", "target_shape", "size"):
        if name in call.kwargs:
            given = [call.kwargs[name]]
    if len(given) == 1 and isinstance(given[0], (list, tuple)):
        given = list(given[0])
    if len(given) == 1 and isinstance(given[0], Sizes):
        raise NotUnderstood("the shape of another tensor is not told in the text")
    if call.called != "Reshape" and len(given) > 1:
        batch, given = given[0], given[1:]
        if batch == -1 and -1 in given:
            raise NotUnderstood("two of its sizes are -1")
    sizes = target(given)
    if len(sizes) == 1:
        return call.add({"operation": "reshape", "shape": [-1]}, order_note(call))
    if call.channels_last:
        moved = [sizes[-1], *sizes[:-1]]
        return call.add({"operation": "reshape", "shape": moved}, [LAST_ORDER])
    return call.add({"operation": "reshape", "shape": sizes})


def numbers(value: Any) -> Sequence[Any]:
    """A list of numbers, or one."""
    return value if isinstance(value, (list, tuple)) else [value]


def target(given: Sequence[Any]) -> list[int]:
    """A shape without the batch, with −1 for the one size that is not told."""
    sizes = [-1 if isinstance(one, (Size, Unknown)) else one for one in given]
    if not sizes or not all(isinstance(one, int) and not isinstance(one, bool) for one in sizes):
        raise NotUnderstood("its shape is not told in the text")
    if sizes.count(-1) > 1:
        raise NotUnderstood("two of its sizes are not told in the text")
    if any(one < 1 and one != -1 for one in sizes):
        raise NotUnderstood("a size is 1 or more")
    return sizes


@rule("squeeze", "Squeeze")
def squeeze(call: Call) -> Tensor:
    """Axes of one cell left out: a vector."""
    if call.x.axes == 0 or call.x.node < 0:
        return call.x
    if call.x.shape is not None and math.prod(call.x.shape[1:]) != 1:
        raise NotUnderstood("the axis that it leaves out has several cells")
    return call.add({"operation": "reshape", "shape": [-1]})


@rule("unsqueeze", "expand_dims", "ExpandDims")
def unsqueeze(call: Call) -> Tensor:
    """One more axis of one cell, at the end."""
    place = call.given(0, "dim", "axis", default=-1)
    axes = call.x.axes
    if call.x.node < 0:
        return call.x
    shown = axes if axes is not None else -5
    if place in (-1, shown + 2) and axes is not None:
        ones = [1] * (axes + 1)
        return call.add({"operation": "reshape", "shape": [-1, *ones]})
    raise NotUnderstood("the axis that it adds stands before others")


@rule("mean", "reduce_mean", "max", "amax", "reduce_max")
def reduced(call: Call) -> Tensor:
    """A mean or a maximum over all cells of each channel."""
    over = call.given(0, "dim", "axis", default=None)
    keeps = call.given(1, "keepdim", "keepdims", default=False)
    given = list(numbers(over))
    axes = call.x.axes or len(given)
    first = 1 if call.channels_last else 2
    count = axes + 2
    if over is None or {one % count if isinstance(one, int) else None for one in given} != set(
        range(first, first + axes)
    ):
        raise NotUnderstood("only a mean over all cells of a channel is computed here")
    kind = "average" if "mean" in call.called else "max"
    pooled = call.add({"operation": f"global_{kind}_pooling"})
    return pooled if keeps else call.add({"operation": "reshape", "shape": [-1]}, (), [pooled])


@rule("PixelShuffle", "pixel_shuffle", "PixelUnshuffle", "pixel_unshuffle")
def shuffle(call: Call) -> Tensor:
    """Channels to cells of a finer grid, or back."""
    operation = "pixel_unshuffle" if "nshuffle" in call.called else "pixel_shuffle"
    return call.add({"operation": operation, "factor": call.given(0, "upscale_factor", "downscale_factor")})


@rule(
    *(f"{kind}Pad{axes}d" for kind in PADDINGS for axes in (1, 2, 3)),
    *(f"ZeroPadding{axes}D" for axes in (1, 2, 3)),
)
def padding(call: Call) -> Tensor:
    """PyTorch lists the sides of the last axis first; Keras pairs, the first axis first."""
    given = call.given(0, "padding", default=1)
    mode = next(ours for theirs, ours in PADDINGS.items() if call.called.startswith(theirs))
    spec: dict[str, Any] = {"operation": "padding", "padding": given, "padding_mode": mode}
    if call.called.endswith("D"):
        if not isinstance(given, int):
            pairs = [one if isinstance(one, int) else list(one) for one in given]
            spec["padding"] = [pairs] if call.called[-2] == "1" and isinstance(pairs[0], int) else pairs
    elif not isinstance(given, int):
        spec["padding"] = sides(given)
    elif call.x.axes is None:
        axes = int(call.called[-2])
        spec["padding"] = [[given, given]] * axes
    if mode == "constant":
        spec["padding_value"] = call.given(1, "value", default=0.0)
    return call.add(spec)


def sides(given: Sequence[Any]) -> list[list[int]]:
    """PyTorch's list of sides, the last axis first, as pairs in order."""
    flat = list(given)
    if len(flat) % 2 or not flat or not all(isinstance(one, int) for one in flat):
        raise NotUnderstood("how much it pads is not told in the text")
    return [flat[at : at + 2] for at in range(len(flat) - 2, -1, -2)]


@rule("Cropping1D", "Cropping2D", "Cropping3D")
def cropping(call: Call) -> Tensor:
    """Keras' cropping: negative padding."""
    given = call.given(0, "cropping", default=1)
    if isinstance(given, int):
        return call.add({"operation": "padding", "padding": -given})
    pairs = [[-one, -one] if isinstance(one, int) else [-side for side in one] for one in given]
    if call.called[-2] == "1" and all(isinstance(one, int) for one in given):
        pairs = [[-one for one in given]]
    return call.add({"operation": "padding", "padding": pairs})


@rule("pad")
def pad(call: Call) -> Tensor:
    """F.pad, jnp.pad, tf.pad: sides by framework, and how they are filled."""
    given = call.given(0, "pad", "pad_width", "paddings")
    mode = str(call.given(1, "mode", default="constant")).lower()
    if mode not in PAD_MODES:
        raise NotUnderstood(f"padding by {mode} is not computed here")
    if not call.channels_last:
        pairs = sides(numbers(given))
    else:
        pairs = [list(one) if isinstance(one, (list, tuple)) else [one, one] for one in numbers(given)]
        if len(pairs) < 3 or any(pairs[0]) or any(pairs[-1]):
            raise NotUnderstood("it pads the batch or the channels")
        pairs = pairs[1:-1]
        if not all(isinstance(side, int) for pair in pairs for side in pair):
            raise NotUnderstood("how much it pads is not told in the text")
    if call.x.axes is not None and len(pairs) < call.x.axes and not call.channels_last:
        pairs = [[0, 0]] * (call.x.axes - len(pairs)) + pairs
    if call.x.axes is not None and len(pairs) > call.x.axes:
        raise NotUnderstood("it pads the batch or the channels")
    value = call.given(2, "value", "constant_values", default=0)
    spec: dict[str, Any] = {"operation": "padding", "padding": pairs, "padding_mode": PAD_MODES[mode]}
    if mode == "constant" and value in (0, 0.0, None):
        spec["padding_mode"] = "zeros"
    elif mode == "constant":
        spec["padding_value"] = float(value)
    return call.add(spec)


def cut(call: Call, place: Any) -> Tensor:
    """A tensor's cells in brackets: the batch and the channels whole, the spatial axes cut at their ends."""
    entries = list(place) if isinstance(place, tuple) else [place]
    if any(one is Ellipsis for one in entries):
        at = next(index for index, one in enumerate(entries) if one is Ellipsis)
        missing = (call.x.axes or 2) + 3 - len(entries)
        entries[at : at + 1] = [slice(None)] * max(0, missing)
    if call.x.axes is None and len(entries) < 3:
        raise NotUnderstood("it takes some of the cells")
    spatial = entries[1:-1] if call.channels_last else entries[2:]
    kept = [entries[0], *((entries[-1:] if len(entries) > 1 else []) if call.channels_last else entries[1:2])]
    if any(not is_whole(one) for one in kept):
        raise NotUnderstood("it takes some of the channels, or of the batch")
    if all(is_whole(one) for one in spatial):
        return call.x
    pairs = []
    for one in spatial:
        if not isinstance(one, slice) or one.step not in (None, 1):
            raise NotUnderstood("it takes some of the cells")
        start, stop = one.start or 0, one.stop
        fine = isinstance(start, int) and (stop is None or isinstance(stop, int))
        if not fine or start < 0 or (stop is not None and stop >= 0):
            raise NotUnderstood("it takes some of the cells")
        pairs.append([-start, stop or 0])
    while call.x.axes is not None and len(pairs) < call.x.axes:
        pairs.append([0, 0])
    return call.add({"operation": "padding", "padding": pairs})


def is_whole(one: Any) -> bool:
    """Whether an entry in brackets leaves an axis as it is."""
    return isinstance(one, slice) and one == slice(None)
