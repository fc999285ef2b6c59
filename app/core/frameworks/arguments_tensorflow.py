"""Arguments of TensorFlow's functions, in its order, after tf.nn of TensorFlow 2.21. Knows no operation.

Sizes, strides and dilations are a number, one per axis, or one per axis of the whole array.
"""

from __future__ import annotations

from .writing import (
    LAYOUT,
    MADE,
    Argument,
    Writing,
    fixed,
    skipped,
)

INPUT = (Argument("input", None, None, also=("value",)),)
NAME = skipped("name")
PADDING = Argument("padding", "padding", form="sides")
STRIDES = Argument("strides", "stride", form="dims", also=("stride",))
DATA_FORMAT = Argument("data_format", LAYOUT, None, "layout")
DILATIONS = Argument("dilations", "dilation", 1, "dims", optional=True)
REST = (DATA_FORMAT, DILATIONS, *NAME)


def filters(name: str, order: str) -> Argument:
    """A weight with its axes in this order."""
    return Argument(name, "weight", form="tensor", order=order, also=("filter",) if name == "filters" else ())


CONVOLUTIONS = (
    Writing(("tensorflow.nn.conv{}d",), (*INPUT, filters("filters", "kIO"), STRIDES, PADDING, *REST)),
    Writing(
        ("tensorflow.nn.convolution",),
        (
            *INPUT,
            filters("filters", "kIO"),
            Argument("strides", "stride", 1, "dims", optional=True),
            Argument("padding", "padding", "valid", "sides"),
            *REST,
        ),
    ),
    Writing(
        ("tensorflow.nn.atrous_conv2d",),
        (
            Argument("value", None, None),
            filters("filters", "kIO"),
            Argument("rate", "dilation", form="dims"),
            PADDING,
            *NAME,
        ),
        axes=(2,),
    ),
    Writing(
        ("tensorflow.nn.depthwise_conv2d",),
        (*INPUT, filters("filter", "kIM"), STRIDES, PADDING, *REST),
        axes=(2,),
        channelwise=True,
    ),
    Writing(
        ("tensorflow.nn.separable_conv2d",),
        (*INPUT, filters("depthwise_filter", "kIM"), *skipped("pointwise_filter"), STRIDES, PADDING, *REST),
        axes=(2,),
        channelwise=True,
        note="separable_conv2d is two layers. The depthwise one is read; the pointwise one, a convolution with a "
        "kernel of 1, is left out, since how many filters it has stands in its weight.",
    ),
)
TRANSPOSED = tuple(
    Writing(
        names,
        (
            *INPUT,
            filters("filters", "kOI"),
            Argument("output_shape", MADE, form="made"),
            STRIDES,
            Argument("padding", "padding", "same", "sides"),
            *REST,
        ),
    )
    for names in (("tensorflow.nn.conv{}d_transpose",), ("tensorflow.nn.conv_transpose",))
)


def pools(kind: str, word: str) -> tuple[Writing, ...]:
    """``tf.nn.max_pool2d``, ``tf.nn.max_pool``, and ``tf.nn.pool`` with the word for this pool."""
    size = Argument("ksize", "kernel", form="dims")
    arguments = (*INPUT, size, STRIDES, PADDING, DATA_FORMAT, *NAME)
    general = (
        *INPUT,
        Argument("window_shape", "kernel", form="dims"),
        fixed("pooling_type", word),
        Argument("strides", "stride", 1, "dims", optional=True),
        Argument("padding", "padding", "valid", "sides"),
        *REST,
    )
    return (
        Writing((f"tensorflow.nn.{kind}_pool{{}}d",), arguments),
        Writing((f"tensorflow.nn.{kind}_pool",), arguments),
        Writing(("tensorflow.nn.pool",), general),
    )
