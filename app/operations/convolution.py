"""Convolution as frameworks mean it: cross-correlation with stride, padding, dilation and groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from ..core.frameworks.arguments import (
    IN_CHANNELS,
    KERAS_ACTIVATION,
    KERAS_BIAS,
    KERAS_CHANNELWISE,
    KERAS_LAYOUT,
    KERAS_NAME,
    KERAS_REST,
    PYTORCH_DEVICE,
    PYTORCH_PADDING,
    PYTORCH_WEIGHT,
)
from ..core.frameworks.arguments import ONNX_CONV as ONNX_ARGUMENTS
from ..core.frameworks.arguments_jax import CONVOLUTIONS as JAX_CONVOLUTIONS
from ..core.frameworks.arguments_tensorflow import CONVOLUTIONS as TENSORFLOW_CONVOLUTIONS
from ..core.frameworks.checks import (
    KERAS_CAUSAL,
    KERAS_CHANNELS,
    KERAS_NO_NUMBERS,
    KERAS_PADDING,
    KERAS_STRIDE_OR_DILATION,
    KERAS_WINDOW,
    ONNX_CONV,
    ONNX_PADDING,
    PYTORCH_CONV,
    PYTORCH_CONV_PADDING,
)
from ..core.frameworks.framework import Check, Framework, layers
from ..core.frameworks.writing import (
    Argument,
    Writing,
    count,
    flag,
    over,
)
from ..core.lowering.correlation import correlate
from ..core.operation import Operation
from ..core.spec import (
    ChannelCount,
    Number,
    Padding,
    PaddingMode,
    PerAxis,
    WeightedSpec,
    dilation_parameter,
    groups_parameter,
    kernel_parameter,
    padding_parameter,
    parameter,
    stride_parameter,
)


class ConvolutionSpec(WeightedSpec):
    """``y[o, t] = bias[o] + Σ w[o, c, j] · x[c, t·stride + j·dilation − begin]`` over the channels of o's group."""

    framework_defaults: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        **WeightedSpec.framework_defaults,
        "keras": {"bias": True, "padding": "valid"},
    }

    operation: Literal["convolution"]
    kernel: PerAxis = kernel_parameter(3)
    stride: PerAxis = stride_parameter(1)
    padding: Padding = padding_parameter()
    padding_mode: PaddingMode = parameter(
        "zeros",
        "choice",
        "Padding mode",
        "The values of padded cells: zeros, the padding value (constant), the input mirrored without its edge cell "
        "(reflect) or with it (symmetric), its edge cell repeated (replicate), or the input wrapped around (circular).",
    )
    padding_value: Number = parameter(
        0.0,
        "number",
        "Padding value",
        "The value of padded cells in the mode constant; the other modes ignore it.",
        unit="as the input",
    )
    dilation: PerAxis = dilation_parameter()
    groups: ChannelCount = groups_parameter()
    flip: bool = parameter(
        False,
        "boolean",
        "Flip",
        "Turn the kernel around before it is laid on: convolution as mathematics has it. "
        "Frameworks do not; they compute the cross-correlation.",
    )


NOT_FLIPPED = Check("only", "flip", "Turn it off: the framework does not flip.", values=(False,))
ZEROS_ONLY = Check("only", "padding_mode", "Use zeros, and pad before the layer.", values=("zeros",))


PYTORCH_ARGUMENTS = (
    count("out_channels", "filters"),
    over("kernel_size", "kernel"),
    over("stride", "stride", 1),
    PYTORCH_PADDING,
    over("dilation", "dilation", 1),
    count("groups", "groups", 1),
    flag("bias", "bias", True),
    Argument("padding_mode", "padding_mode", "zeros", "word"),
    *PYTORCH_DEVICE,
)
KERAS_ARGUMENTS = (
    count("filters", "filters"),
    over("kernel_size", "kernel"),
    over("strides", "stride", 1),
    KERAS_NAME,
    *KERAS_LAYOUT,
    over("dilation_rate", "dilation", 1),
    count("groups", "groups", 1),
    KERAS_ACTIVATION,
    KERAS_BIAS,
    *KERAS_REST,
)

OPERATION = Operation(
    name="convolution",
    prefix="conv",
    title="Convolution",
    family="convolution",
    summary="Slides a kernel over the input; each output cell is the sum of the products under it. "
    "As in every framework the kernel is not flipped: strictly, this is a cross-correlation.",
    spec=ConvolutionSpec,
    geometry="sliding_window",
    combine="sum_of_products",
    channels="filters",
    kernel=correlate,
    frameworks={
        "pytorch": Framework(
            layers("torch.nn.Conv{}d"),
            (
                *PYTORCH_CONV_PADDING,
                Check(
                    "only",
                    "padding_mode",
                    "Use zeros, reflect, replicate or circular, or pad with F.pad first.",
                    words="padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, "
                    "but got padding_mode='{padding_mode}'",
                    values=("zeros", "reflect", "replicate", "circular"),
                ),
                NOT_FLIPPED,
            ),
            PYTORCH_CONV,
            writings=(
                Writing(("torch.nn.Conv{}d",), (IN_CHANNELS, *PYTORCH_ARGUMENTS)),
                Writing(("torch.nn.LazyConv{}d",), PYTORCH_ARGUMENTS),
                Writing(("torch.nn.functional.conv{}d",), (*PYTORCH_WEIGHT, *PYTORCH_ARGUMENTS[2:6])),
            ),
        ),
        "keras": Framework(
            layers("keras.layers.Conv{}D"),
            (
                KERAS_CAUSAL,
                KERAS_PADDING.over(2, 3),
                KERAS_NO_NUMBERS,
                KERAS_STRIDE_OR_DILATION,
                ZEROS_ONLY,
                NOT_FLIPPED,
            ),
            {**KERAS_WINDOW, **KERAS_CHANNELS},
            writings=(
                Writing(("keras.layers.Conv{}D", "keras.layers.Convolution{}D"), KERAS_ARGUMENTS),
                *KERAS_CHANNELWISE,
            ),
        ),
        "jax": Framework(writings=JAX_CONVOLUTIONS),
        "tensorflow": Framework(writings=TENSORFLOW_CONVOLUTIONS),
        "onnx": Framework(
            layers("Conv"),
            (ONNX_PADDING, ZEROS_ONLY, NOT_FLIPPED),
            ONNX_CONV,
            writings=(Writing(("Conv",), ONNX_ARGUMENTS),),
        ),
    },
    instead=("transposed_convolution", "nearest_upsampling", "bilinear_upsampling"),
    examples=(
        {
            "title": "Is it an X?",
            "caption": "One filter looks for a stroke that falls to the right.",
            "question": "Where in the X is the answer 9?",
            "source": {"kind": "sample", "name": "cross"},
            "layers": [{"operation": "convolution", "kernel": 3}],
            "weights": {"kind": "preset", "name": "diagonal"},
        },
        {
            "title": "A photograph's edges, at half the size",
            "caption": "Eight filters, each with a question of its own.",
            "question": "Which filter finds the shore?",
            "source": {"kind": "sample", "name": "scene", "size": 64},
            "layers": [
                {"operation": "convolution", "kernel": 3, "stride": 2, "padding": "same", "filters": 8}
            ],
            "weights": {"kind": "preset", "name": "mixed"},
        },
        {
            "title": "64 filters on 6×6×3",
            "caption": "Three planes of 6×6 become 64 maps of 3×3.",
            "question": "How many numbers does one filter have?",
            "source": {"kind": "noise", "shape": [3, 6, 6]},
            "layers": [{"operation": "convolution", "kernel": 3, "stride": 2, "padding": 1, "filters": 64}],
            "weights": {"kind": "preset", "name": "random"},
        },
        {
            "title": "Depthwise: one filter for each channel",
            "caption": "As many groups as channels: each filter sees one plane.",
            "question": "Which planes does filter 2 read?",
            "source": {"kind": "noise", "shape": [4, 7, 7]},
            "layers": [{"operation": "convolution", "kernel": 3, "filters": 4, "groups": 4}],
            "weights": {"kind": "preset", "name": "mixed"},
        },
        {
            "title": "Pointwise: 1×1 mixes the channels",
            "caption": "A window of a single cell looks through all planes.",
            "question": "How many products make one number?",
            "source": {"kind": "sample", "name": "gradient", "size": 8},
            "layers": [{"operation": "convolution", "kernel": 1, "filters": 4}],
            "weights": {"kind": "preset", "name": "random"},
        },
        {
            "title": "Convolution as mathematics has it: the kernel turned around",
            "caption": "Frameworks do not turn the kernel; textbooks do.",
            "question": "Which weight meets the window's first cell?",
            "source": {"kind": "sample", "name": "cross"},
            "layers": [{"operation": "convolution", "kernel": 3, "flip": True}],
            "weights": {"kind": "preset", "name": "emboss"},
        },
        {
            "title": "A causal window on a series",
            "caption": "Three taps, four apart, and none of them lies ahead.",
            "question": "What is the latest time that column 20 reads?",
            "source": {"kind": "sample", "name": "series"},
            "layers": [{"operation": "convolution", "kernel": 3, "dilation": 4, "padding": "causal"}],
            "weights": {"kind": "preset", "name": "box"},
        },
    ),
)
