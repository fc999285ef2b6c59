"""Specs as PyTorch's own layers, argument by argument; what PyTorch says is not judged here."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .answers import (
    Answer,
    Json,
    Kind,
    bias_values,
    input_values,
    is_uneven,
    numbers,
    pairs,
    refusal,
    shaped,
    weight_values,
)

torch: Any = importlib.import_module("torch")
nn: Any = torch.nn

Maker = Callable[[Json, int, int], Any]  # spec, axes and channels to what runs on a tensor

VERSIONS = {"torch": torch.__version__.split("+")[0]}
NAMES = {"convolution": ("valid", "same")}  # no other layer takes a padding rule's name
MODES = ("zeros", "reflect", "replicate", "circular")
WITH_INDICES = ("max_pooling", "adaptive_max_pooling")
CROPS = "Conv refuses negative padding itself, but a padding mode pads by F.pad, which crops"
NO_GAP = "dilation 0 passes only where a kernel of 1 is computed with groups by another library"
LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


def answer(
    spec: Json,
    shape: list[int],
    *,
    values: bool = False,
    modulus: int = 11,
    nan: tuple[int, ...] = (),
) -> Answer:
    """What PyTorch answers; with its numbers if asked for."""
    axes = len(shape) - 1
    maker = MAKERS.get(spec["operation"])
    if maker is None:
        return refusal(f"torch.nn has no layer for {spec['operation']}", "no such layer")
    if spec["operation"] == "unfold" and axes == 1:
        return refusal("torch.nn.Unfold takes (1, C, L) for a picture of C rows", "no such layer")
    array = input_values(tuple(shape), modulus, nan)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            layer = maker(spec, axes, shape[0])
            if values and spec["operation"] in WITH_INDICES:
                layer.return_indices = True
            found = layer(torch.from_numpy(array)[None])
    except Exception as problem:  # whatever it is, it is what PyTorch says
        return refusal(problem, _kind(spec, axes))
    found, indices = found if isinstance(found, tuple) else (found, None)
    if not values:
        return shaped(tuple(found.shape[1:]), unsettled=_doubt(spec))
    kept = None if indices is None else indices[0].numpy()
    return shaped(tuple(found.shape[1:]), values=found[0].numpy(), indices=kept)


def _kind(spec: Json, axes: int) -> Kind:
    operation, padding = spec["operation"], spec.get("padding", 0)
    if operation == "unfold" and axes != 2:
        return "no such layer"
    no_argument = (
        is_uneven(padding),
        operation in ("average_pooling", "lp_pooling") and _other_than(1, spec.get("dilation", 1)),
        operation == "average_pooling" and axes == 1 and spec.get("divisor") is not None,
        operation == "lp_pooling" and _other_than(0, padding),
        operation == "nearest_upsampling" and bool(spec.get("align_corners")),
    )
    if isinstance(padding, str) and padding not in NAMES.get(operation, ()):
        return "no such name"
    if spec.get("padding_mode", "zeros") not in MODES:
        return "no such name"
    return "no such argument" if any(no_argument) else "words"


def _doubt(spec: Json) -> str | None:
    """What PyTorch lets pass by accident."""
    padding = spec.get("padding", 0)
    if not isinstance(padding, str) and min(min(sides) for sides in pairs(padding, 1)) < 0:
        return CROPS
    return NO_GAP if np.min(spec.get("dilation", 1)) < 1 else None


def _other_than(neutral: int, value: Any) -> bool:
    return bool(np.any(np.array(value, dtype=object) != neutral))


def _given(spec: Json, **arguments: str) -> Json:
    """PyTorch's arguments out of our settings; what is left out (or null) is left to its default."""
    return {theirs: numbers(spec[ours]) for theirs, ours in arguments.items() if spec.get(ours) is not None}


def _padding(spec: Json, axes: int) -> Json:
    padding = spec.get("padding")
    if padding is None:
        return {}
    if isinstance(padding, str):
        return {"padding": padding}
    if is_uneven(padding):
        return {"padding": tuple(pairs(padding, axes))}
    if isinstance(padding, list):
        padding = [entry[0] if isinstance(entry, list) else entry for entry in padding]
    return {"padding": numbers(padding)}


def _filled(layer: Any) -> Any:
    """The layer with the numbers of the formulas."""
    layer.weight.data = torch.from_numpy(weight_values(tuple(layer.weight.shape)))
    if layer.bias is not None:
        layer.bias.data = torch.from_numpy(bias_values(layer.bias.numel()))
    return layer


def _convolution(spec: Json, axes: int, channels: int) -> Any:
    given = _given(
        spec,
        kernel_size="kernel",
        stride="stride",
        dilation="dilation",
        groups="groups",
        bias="bias",
        padding_mode="padding_mode",
    )
    layer = getattr(nn, f"Conv{axes}d")
    return _filled(layer(channels, spec["filters"], **given, **_padding(spec, axes)))


def _transposed(spec: Json, axes: int, channels: int) -> Any:
    given = _given(
        spec,
        kernel_size="kernel",
        stride="stride",
        dilation="dilation",
        groups="groups",
        bias="bias",
        output_padding="output_padding",
    )
    made = getattr(nn, f"ConvTranspose{axes}d")(channels, spec["filters"], **given, **_padding(spec, axes))
    layer = _filled(made)
    return lambda x: layer(x, output_size=spec.get("output_size"))


def _max_pooling(spec: Json, axes: int, channels: int) -> Any:
    given = _given(spec, kernel_size="kernel", stride="stride", dilation="dilation", ceil_mode="ceil_mode")
    return getattr(nn, f"MaxPool{axes}d")(**given, **_padding(spec, axes))


def _average_pooling(spec: Json, axes: int, channels: int) -> Any:
    given = _given(
        spec,
        kernel_size="kernel",
        stride="stride",
        ceil_mode="ceil_mode",
        count_include_pad="count_include_pad",
        divisor_override="divisor",
    )
    given |= _dilation_if_any(spec)
    return getattr(nn, f"AvgPool{axes}d")(**given, **_padding(spec, axes))


def _lp_pooling(spec: Json, axes: int, channels: int) -> Any:
    given = _given(spec, norm_type="p", kernel_size="kernel", stride="stride", ceil_mode="ceil_mode")
    given |= _dilation_if_any(spec)
    if _other_than(0, spec.get("padding", 0)):
        given |= _padding(spec, axes)
    return getattr(nn, f"LPPool{axes}d")(**given)


def _dilation_if_any(spec: Json) -> Json:
    """Average and Lp pools have no dilation: one that changes nothing is not passed."""
    return _given(spec, dilation="dilation") if _other_than(1, spec.get("dilation", 1)) else {}


def _adaptive(name: str) -> Maker:
    return lambda spec, axes, channels: getattr(nn, f"{name}{axes}d")(numbers(spec["size"]))


def _global(name: str) -> Maker:
    return lambda spec, axes, channels: getattr(nn, f"{name}{axes}d")(1)


def _nearest(spec: Json, axes: int, channels: int) -> Any:
    given = _given(spec, size="size", scale_factor="factor")
    return lambda x: nn.functional.interpolate(x, mode="nearest", **given)


def _linear(spec: Json, axes: int, channels: int) -> Any:
    given = _given(spec, size="size", scale_factor="factor", align_corners="align_corners")
    return lambda x: nn.functional.interpolate(x, mode=LINEAR[axes], **given)


def _unfold(spec: Json, axes: int, channels: int) -> Any:
    given = _given(spec, kernel_size="kernel", stride="stride", dilation="dilation")
    return nn.Unfold(**given, **_padding(spec, axes))


def _dense(spec: Json, axes: int, channels: int) -> Any:
    def run(x: Any) -> Any:
        flat = nn.Flatten()(x)
        return _filled(nn.Linear(flat.shape[1], spec["filters"], **_given(spec, bias="bias")))(flat)

    return run


MAKERS: dict[str, Maker] = {
    "convolution": _convolution,
    "transposed_convolution": _transposed,
    "max_pooling": _max_pooling,
    "average_pooling": _average_pooling,
    "lp_pooling": _lp_pooling,
    "adaptive_average_pooling": _adaptive("AdaptiveAvgPool"),
    "adaptive_max_pooling": _adaptive("AdaptiveMaxPool"),
    "nearest_upsampling": _nearest,
    "bilinear_upsampling": _linear,
    "global_average_pooling": _global("AdaptiveAvgPool"),
    "global_max_pooling": _global("AdaptiveMaxPool"),
    "unfold": _unfold,
    "dense": _dense,
}
