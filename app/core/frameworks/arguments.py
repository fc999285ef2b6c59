"""Arguments that several operations share, in the order in which the frameworks take them. Knows no operation.

After the signatures of PyTorch 2.13, Keras 3.15, JAX 0.10 and the operators of ONNX 1.22.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .writing import (
    CHANNELS,
    INPUT,
    LAYOUT,
    MULTIPLIER,
    Argument,
    Writing,
    bit,
    count,
    fixed,
    flag,
    listed,
    over,
    skipped,
)

# --- PyTorch ------------------------------------------------------------------------------------------------

IN_CHANNELS = count("in_channels", CHANNELS)
PYTORCH_INPUT = skipped("input")
PYTORCH_DEVICE = skipped("device", "dtype")
PYTORCH_PADDING = Argument("padding", "padding", 0, "padding")
PYTORCH_WEIGHT = (
    *PYTORCH_INPUT,
    Argument("weight", "weight", form="tensor"),
    Argument("bias", "bias", None, "presence"),
)
PYTORCH_POOL = (over("kernel_size", "kernel"), over("stride", "stride", None, like="kernel"))
PYTORCH_MAX_POOL = (
    *PYTORCH_POOL,
    PYTORCH_PADDING,
    over("dilation", "dilation", 1),
    *skipped("return_indices"),
    flag("ceil_mode", "ceil_mode", False),
)
PYTORCH_MAX_POOL_CALL = (*PYTORCH_INPUT, *PYTORCH_MAX_POOL[:4], PYTORCH_MAX_POOL[5], PYTORCH_MAX_POOL[4])


def pytorch_upsampling(modes: tuple[str, ...], *corners: Argument) -> tuple[Writing, ...]:
    """``nn.Upsample`` and ``F.interpolate`` in one of their modes; of three modes each is for a number of axes."""
    sizes = (over("size", "size", None), over("scale_factor", "factor", None))
    mode = fixed("mode", *modes, default="nearest")
    others = (mode, *(corners or skipped("align_corners")), *skipped("recompute_scale_factor"))
    names = ("torch.nn.functional.interpolate", "torch.nn.functional.upsample")
    return (
        Writing(("torch.nn.Upsample",), (*sizes, *others)),
        Writing(names, (*PYTORCH_INPUT, *sizes, *others, *skipped("antialias"))),
    )


# --- Keras --------------------------------------------------------------------------------------------------

KERAS_NAME = Argument("padding", "padding", "valid", "name")
KERAS_LAYOUT = (Argument("data_format", LAYOUT, None, "layout"),)
KERAS_SHAPE = (Argument("input_shape", INPUT, None, "shape"),)
KERAS_ACTIVATION = Argument("activation", "activation", None, "activation")
KERAS_BIAS = flag("use_bias", "bias", True)
KERAS_REST = (
    *skipped(
        "kernel_initializer",
        "bias_initializer",
        "kernel_regularizer",
        "bias_regularizer",
        "activity_regularizer",
        "kernel_constraint",
        "bias_constraint",
    ),
    *KERAS_SHAPE,
    *skipped("name", "trainable", "dtype"),
)
KERAS_WINDOW = (
    over("strides", "stride", None, like="kernel"),
    KERAS_NAME,
    *KERAS_LAYOUT,
    *KERAS_SHAPE,
    *skipped("name", "dtype"),
)


KERAS_WINDOW_BY_CHANNEL = (
    over("kernel_size", "kernel"),
    over("strides", "stride", 1),
    KERAS_NAME,
    *KERAS_LAYOUT,
    over("dilation_rate", "dilation", 1),
)
KERAS_BY_CHANNEL_REST = (
    *skipped(
        *("depthwise_initializer", "pointwise_initializer", "bias_initializer", "depthwise_regularizer"),
        *("pointwise_regularizer", "bias_regularizer", "activity_regularizer", "depthwise_constraint"),
        *("pointwise_constraint", "bias_constraint"),
    ),
    *KERAS_SHAPE,
    *skipped("name", "trainable", "dtype"),
)
KERAS_MULTIPLIER = count("depth_multiplier", MULTIPLIER, 1)
# Layers with a group for each channel; a separable one has a second layer behind it, which is another layer here.
KERAS_CHANNELWISE = (
    Writing(
        ("keras.layers.DepthwiseConv{}D", "keras.layers.DepthwiseConvolution{}D"),
        (
            *(*KERAS_WINDOW_BY_CHANNEL[:3], KERAS_MULTIPLIER, *KERAS_WINDOW_BY_CHANNEL[3:]),
            *(KERAS_ACTIVATION, KERAS_BIAS, *KERAS_BY_CHANNEL_REST),
        ),
        axes=(1, 2),
        channelwise=True,
    ),
    Writing(
        ("keras.layers.SeparableConv{}D", "keras.layers.SeparableConvolution{}D"),
        (
            *(*skipped("filters"), *KERAS_WINDOW_BY_CHANNEL, KERAS_MULTIPLIER),
            *(*skipped("activation", "use_bias"), *KERAS_BY_CHANNEL_REST),
        ),
        sets={"bias": False},
        axes=(1, 2),
        channelwise=True,
        note="A separable convolution is two layers. Read as one layer it is the depthwise one, without a bias; read "
        "as a network, the pointwise one follows: a convolution with a kernel of 1, with its filters, bias and "
        "activation.",
        pair=True,
    ),
)


def keras_pool(size: Argument, *names: str) -> tuple[Writing, ...]:
    """A pool with a window."""
    return (Writing(tuple(f"keras.layers.{name}{{}}D" for name in names), (size, *KERAS_WINDOW)),)


def keras_global(*names: str) -> tuple[Writing, ...]:
    """A pool over everything: a number per channel, or a grid of one cell where the axes are kept."""
    kept = flag("keepdims", "keepdims", False)
    others = (*KERAS_SHAPE, *skipped("name", "dtype"))
    return (Writing(tuple(f"keras.layers.{name}{{}}D" for name in names), (*KERAS_LAYOUT, kept, *others)),)


# --- ONNX ---------------------------------------------------------------------------------------------------

ONNX_INPUTS = skipped("X")
ONNX_WEIGHTS = (
    *ONNX_INPUTS,
    Argument("W", "weight", form="tensor"),
    Argument("B", "bias", None, "presence"),
)
ONNX_PADS = (
    Argument("pads", "padding", None, "pads", keyword=True),
    Argument("auto_pad", "padding", "NOTSET", "auto_pad", keyword=True),
)
ONNX_CONV = (
    *ONNX_WEIGHTS,
    listed("kernel_shape", "kernel", None),
    listed("strides", "stride", 1),
    *ONNX_PADS,
    listed("dilations", "dilation", 1),
    Argument("group", "groups", 1, "count", keyword=True),
)
ONNX_POOL = (
    *ONNX_INPUTS,
    listed("kernel_shape", "kernel"),
    listed("strides", "stride", 1),
    *ONNX_PADS,
    listed("dilations", "dilation", 1),
    bit("ceil_mode", "ceil_mode", 0),
)


def onnx_resize(
    mode: str, coordinates: tuple[str, ...], *more: Argument, sets: Mapping[str, Any] | None = None
) -> tuple[Writing, ...]:
    """``Resize`` in one of its modes; the sizes are inputs of the node."""
    inputs = (
        *skipped("X", "roi"),
        Argument("scales", "factor", None, "scales"),
        Argument("sizes", "size", None, "sizes"),
    )
    words = (
        Argument("mode", None, "nearest", only=(mode,), keyword=True),
        Argument("coordinate_transformation_mode", None, "half_pixel", only=coordinates, keyword=True),
    )
    unread = tuple(
        Argument(name, None, None, keyword=True)
        for name in ("cubic_coeff_a", "exclude_outside", "extrapolation_value", "antialias", "axes")
    )
    return (Writing(("Resize",), (*inputs, *words, *more, *unread), sets or {}),)
