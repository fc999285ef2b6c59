"""Specs as Keras' own layers. The answer of a symbolic call counts, which is the same on every backend."""

from __future__ import annotations

import importlib
import os
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .answers import (
    Answer,
    Array,
    Json,
    Kind,
    bias_values,
    input_values,
    numbers,
    refusal,
    shaped,
    weight_values,
)

os.environ.setdefault("KERAS_BACKEND", "torch")
keras: Any = importlib.import_module("keras")

BACKEND: str = keras.backend.backend()
VERSIONS = {"keras": keras.__version__}
NAMES = ("valid", "same")
WEIGHTED = ("convolution", "transposed_convolution", "dense")


def answer(spec: Json, shape: list[int], *, values: bool = False) -> Answer:
    """What Keras answers to a symbolic input; with the backend's numbers if asked for."""
    axes = len(shape) - 1
    missing = _missing(spec, axes)
    if missing is not None:
        return missing
    try:
        found = _call(spec, shape, lambda size: keras.Input(batch_shape=size))
        if spec["operation"] == "unfold":  # its size rule checks nothing: the call itself has to
            _call(spec, shape, _numbers_of)
    except Exception as problem:  # whatever it is, it is what Keras says
        return refusal(_unwrapped(problem), _kind(spec, axes))
    settled = shaped(_ours(tuple(found.shape[1:]), spec))
    if not values or settled.refused is not None:
        return settled
    return shaped(settled.shape or (), values=_to_ours(_call(spec, shape, _numbers_of)))


def computed(spec: Json, shape: list[int]) -> Answer:
    """The answer of the backend that runs to real numbers, to be compared with ``answer``."""
    missing = _missing(spec, len(shape) - 1)
    if missing is not None:
        return missing
    try:
        found = _call(spec, shape, _numbers_of)
    except Exception as problem:
        return refusal(_unwrapped(problem), _kind(spec, len(shape) - 1))
    return shaped(_ours(tuple(found.shape[1:]), spec))


def _call(spec: Json, shape: list[int], of: Callable[[tuple[int, ...]], Any]) -> Any:
    axes = len(shape) - 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if spec["operation"] == "unfold":
            return _unfold(spec, of((1, *shape)))
        x = of((1, *shape[1:], shape[0]))
        layer = MAKERS[spec["operation"]](spec, axes)
        if spec["operation"] == "dense":
            x = keras.layers.Flatten(data_format="channels_first")(of((1, *shape)))
        if spec["operation"] in WEIGHTED and not isinstance(x, keras.KerasTensor):
            _fill(layer, x.shape, spec)
        return layer(x)


def _numbers_of(size: tuple[int, ...]) -> Any:
    """The input's numbers by the formula, whose index runs over (channels, *sizes)."""
    return keras.ops.convert_to_tensor(np.moveaxis(input_values((size[-1], *size[1:-1])), 0, -1)[None])


def _fill(layer: Any, size: Any, spec: Json) -> None:
    """The weights by the formula: ours (or PyTorch's, transposed) with the spatial axes moved to the front."""
    layer.build(tuple(size))
    kernel = layer.kernel
    if spec["operation"] == "dense":
        kernel.assign(weight_values(tuple(kernel.shape)[::-1]).T)
    else:
        *window, last, first = tuple(kernel.shape)
        kernel.assign(np.moveaxis(weight_values((first, last, *window)), (0, 1), (-1, -2)))
    if layer.use_bias:
        layer.bias.assign(bias_values(layer.bias.shape[0]))


def _ours(size: tuple[int, ...], spec: Json) -> tuple[int, ...]:
    """Channels first; an unfolding already has them there."""
    return size if spec["operation"] == "unfold" else (size[-1], *size[:-1])


def _to_ours(found: Any) -> Array:
    array = np.asarray(keras.ops.convert_to_numpy(found))[0]
    return np.ascontiguousarray(np.moveaxis(array, -1, 0))


def _unwrapped(problem: Exception) -> str:
    """Keras wraps what happens in a call: its own words are the bold ones."""
    bold = re.search(r"\x1b\[1m(.*?)\x1b\[0m", str(problem), re.DOTALL)
    return bold[1] if bold else str(problem)


def _missing(spec: Json, axes: int) -> Answer | None:
    operation = spec["operation"]
    if operation not in MAKERS and operation != "unfold":
        return refusal(f"keras.layers has no layer for {operation}", "no such layer")
    if operation == "unfold" and axes != 2:
        return refusal("keras.ops.unfold takes a 4D tensor", "no such layer")
    sized = operation.endswith("_upsampling") and spec.get("size") is not None and spec.get("factor") is None
    if sized and axes != 2:
        return refusal("keras.layers.Resizing is for pictures", "no such layer")
    return None


def _kind(spec: Json, axes: int) -> Kind:
    operation, padding = spec["operation"], spec.get("padding", 0)
    if operation == "bilinear_upsampling" and axes != 2:
        return "no such layer"
    names = (*NAMES, "causal") if operation == "convolution" and axes == 1 else NAMES
    if isinstance(padding, str) and (padding not in names or operation == "unfold"):
        return "no such name"
    return "no such argument" if _unknown(spec) else "words"


def _unknown(spec: Json) -> Json:
    """The settings that no layer of Keras has an argument for, unless they change nothing."""
    operation = spec["operation"]
    neutral: Json = {}
    if operation.endswith("_pooling"):
        neutral = {"dilation": 1, "ceil_mode": False, "count_include_pad": False, "divisor": None}
    elif operation == "convolution":
        neutral = {"padding_mode": "zeros"}
    elif operation == "transposed_convolution":
        neutral = {"groups": 1, "output_size": None}
    elif operation == "nearest_upsampling":
        neutral = {"align_corners": False, "interpolation": "nearest"}
    elif operation == "bilinear_upsampling":
        neutral = {"align_corners": False}
    if operation.endswith("_upsampling") and spec.get("factor") is not None:
        neutral |= {"size": None}
    theirs = {"dilation": "dilation_rate", "divisor": "divisor_override", "size": "output_size"}
    return {
        theirs.get(name, name): numbers(spec[name])
        for name, same in neutral.items()
        if name in spec and np.any(np.array(spec[name], dtype=object) != same)
    }


def _given(spec: Json, **arguments: str) -> Json:
    """Keras' arguments out of our settings; what is left out (or null) is left to its default."""
    found = {theirs: numbers(spec[ours]) for theirs, ours in arguments.items() if spec.get(ours) is not None}
    return found | _padding(spec) | _unknown(spec)


def _padding(spec: Json) -> Json:
    """Names as they are; zeros are Keras' valid, and other numbers are passed for it to refuse."""
    padding = spec.get("padding")
    if padding is None:
        return {}
    if isinstance(padding, str):
        return {"padding": padding}
    if not _not_zero(padding):
        return {"padding": "valid"}
    if isinstance(padding, list):
        return {"padding": tuple(tuple(side) if isinstance(side, list) else side for side in padding)}
    return {"padding": padding}


def _not_zero(padding: Any) -> list[int]:
    sides = padding if isinstance(padding, list) else [padding]
    return [n for side in sides for n in (side if isinstance(side, list) else [side]) if n]


def _convolution(spec: Json, axes: int) -> Any:
    given = _given(
        spec,
        filters="filters",
        kernel_size="kernel",
        strides="stride",
        dilation_rate="dilation",
        groups="groups",
        use_bias="bias",
    )
    return getattr(keras.layers, f"Conv{axes}D")(**given)


def _transposed(spec: Json, axes: int) -> Any:
    given = _given(
        spec,
        filters="filters",
        kernel_size="kernel",
        strides="stride",
        dilation_rate="dilation",
        output_padding="output_padding",
        use_bias="bias",
    )
    return getattr(keras.layers, f"Conv{axes}DTranspose")(**given)


def _pooling(name: str) -> Callable[[Json, int], Any]:
    def make(spec: Json, axes: int) -> Any:
        return getattr(keras.layers, f"{name}{axes}D")(**_given(spec, pool_size="kernel", strides="stride"))

    return make


def _global(name: str) -> Callable[[Json, int], Any]:
    return lambda spec, axes: getattr(keras.layers, f"{name}{axes}D")()


def _adaptive(name: str) -> Callable[[Json, int], Any]:
    return lambda spec, axes: getattr(keras.layers, f"{name}{axes}D")(numbers(spec["size"]))


def _upsampling(interpolation: str) -> Callable[[Json, int], Any]:
    def make(spec: Json, axes: int) -> Any:
        if spec.get("size") is not None and spec.get("factor") is None:
            height, width = spec["size"] if isinstance(spec["size"], list) else (spec["size"],) * 2
            return keras.layers.Resizing(height, width, interpolation, **_unknown(spec))
        given = _given(spec, size="factor")
        if interpolation != "nearest":
            given["interpolation"] = interpolation
        return getattr(keras.layers, f"UpSampling{axes}D")(**given)

    return make


def _dense(spec: Json, axes: int) -> Any:
    return keras.layers.Dense(**_given(spec, units="filters", use_bias="bias"))


def _unfold(spec: Json, x: Any) -> Any:
    given = _given(spec, kernel_size="kernel", stride="stride", dilation="dilation")
    if given.get("padding") == "valid" and spec.get("padding") != "valid":
        given["padding"] = 0
    return keras.ops.unfold(x, **given)


MAKERS: dict[str, Callable[[Json, int], Any]] = {
    "convolution": _convolution,
    "transposed_convolution": _transposed,
    "max_pooling": _pooling("MaxPooling"),
    "average_pooling": _pooling("AveragePooling"),
    "adaptive_average_pooling": _adaptive("AdaptiveAveragePooling"),
    "adaptive_max_pooling": _adaptive("AdaptiveMaxPooling"),
    "nearest_upsampling": _upsampling("nearest"),
    "bilinear_upsampling": _upsampling("bilinear"),
    "global_average_pooling": _global("GlobalAveragePooling"),
    "global_max_pooling": _global("GlobalMaxPooling"),
    "dense": _dense,
}
