"""Transposed convolution: each input cell stamps the kernel, scaled, onto the output, and overlaps add up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from ..core.frameworks.arguments import (
    IN_CHANNELS,
    KERAS_ACTIVATION,
    KERAS_BIAS,
    KERAS_LAYOUT,
    KERAS_NAME,
    KERAS_REST,
    PYTORCH_DEVICE,
    PYTORCH_PADDING,
    PYTORCH_WEIGHT,
)
from ..core.frameworks.arguments import ONNX_CONV as ONNX_ARGUMENTS
from ..core.frameworks.arguments_jax import TRANSPOSED as JAX_TRANSPOSED
from ..core.frameworks.arguments_tensorflow import TRANSPOSED as TENSORFLOW_TRANSPOSED
from ..core.frameworks.checks import (
    KERAS_CHANNELS,
    KERAS_NO_NUMBERS,
    KERAS_PADDING,
    KERAS_STRIDE_OR_DILATION,
    KERAS_WINDOW,
    ONNX_CONV,
    ONNX_PADDING,
    PYTORCH_CONV,
    PYTORCH_NUMBERS,
    PYTORCH_SYMMETRIC,
    none_of,
)
from ..core.frameworks.framework import Check, Framework, layers
from ..core.frameworks.writing import (
    Writing,
    count,
    fixed,
    flag,
    listed,
    over,
)
from ..core.lowering.correlation import correlate
from ..core.operation import Operation
from ..core.spec import (
    CROPPING_RULES,
    ChannelCount,
    Cropping,
    OptionalOutputSize,
    OptionalPerAxis,
    PerAxis,
    WeightedSpec,
    dilation_parameter,
    groups_parameter,
    kernel_parameter,
    output_size_parameter,
    parameter,
    stride_parameter,
)


class TransposedConvolutionSpec(WeightedSpec):
    """``y[o, t·stride + j·dilation − begin] += w[c, o, j] · x[c, t]``, from bias[o] on, cropped to the output."""

    framework_defaults: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        **WeightedSpec.framework_defaults,
        "keras": {"bias": True, "padding": "valid"},
    }

    operation: Literal["transposed_convolution"]
    kernel: PerAxis = kernel_parameter(3)
    stride: PerAxis = stride_parameter(1)
    padding: Cropping = parameter(
        0,
        "padding",
        "Padding",
        "Cells cropped off the output: the padding that the convolution in the other direction would have. A number, "
        "[begin, end] per axis, or a rule: same gives size · stride outputs with the odd cell cropped at the end "
        "(same_lower: at the beginning).",
        unit="cells",
        minimum=0,
        control_maximum=8,
        choices=CROPPING_RULES,
    )
    output_padding: OptionalPerAxis = parameter(
        None,
        "per_axis",
        "Output padding",
        "Cells added at the end of the output, since a stride leaves several sizes possible. They hold what the "
        "kernel reaches, and then the bias alone.",
        unit="cells",
        minimum=0,
        control_maximum=4,
        left_out="None",
    )
    dilation: PerAxis = dilation_parameter()
    output_size: OptionalOutputSize = output_size_parameter(
        None,
        "How many cells the output shall have; the padding follows from it, as ONNX's output_shape has it.",
    )
    groups: ChannelCount = groups_parameter()


OUTPUT_SIZE = none_of("output_size", None)

EXTRA = over("output_padding", "output_padding", 0)
PYTORCH_ARGUMENTS = (
    count("out_channels", "filters"),
    over("kernel_size", "kernel"),
    over("stride", "stride", 1),
    PYTORCH_PADDING,
    EXTRA,
    count("groups", "groups", 1),
    flag("bias", "bias", True),
    over("dilation", "dilation", 1),
    fixed("padding_mode", "zeros", default="zeros"),
    *PYTORCH_DEVICE,
)
PYTORCH_CALL = (*PYTORCH_ARGUMENTS[2:6], PYTORCH_ARGUMENTS[7])
KERAS_ARGUMENTS = (
    count("filters", "filters"),
    over("kernel_size", "kernel"),
    over("strides", "stride", 1),
    KERAS_NAME,
    over("output_padding", "output_padding", None),
    *KERAS_LAYOUT,
    over("dilation_rate", "dilation", 1),
    KERAS_ACTIVATION,
    KERAS_BIAS,
    *KERAS_REST,
)

OPERATION = Operation(
    name="transposed_convolution",
    prefix="transposed_conv",
    title="Transposed convolution",
    family="convolution",
    summary="Goes the other way: each input cell stamps the kernel, times its value, onto the output, stride "
    "apart, and what overlaps adds up. The same numbers come of sliding the flipped kernel over the input "
    "with stride − 1 zeros between its cells. It restores a convolution's shape, not its values.",
    spec=TransposedConvolutionSpec,
    geometry="transposed",
    combine="sum_of_products",
    channels="filters",
    kernel=correlate,
    weight_layout="channels",
    flipped=True,
    frameworks={
        "pytorch": Framework(
            layers("torch.nn.ConvTranspose{}d"),
            (
                PYTORCH_NUMBERS,
                PYTORCH_SYMMETRIC,
                Check(
                    "below",
                    "output_padding",
                    "Use less than the stride or the dilation, whichever is larger.",
                    words="output padding must be smaller than either stride or dilation",
                    others=("stride", "dilation"),
                    unless="output_size",
                ),
            ),
            {
                **PYTORCH_CONV,
                "output_padding:least": "negative output_padding is not supported",
                "padding:fit": "Output size is too small",
                "output_size:fit": "requested an output size that is not among the valid sizes",
            },
            writings=(
                Writing(("torch.nn.ConvTranspose{}d",), (IN_CHANNELS, *PYTORCH_ARGUMENTS)),
                Writing(("torch.nn.LazyConvTranspose{}d",), PYTORCH_ARGUMENTS),
                Writing(("torch.nn.functional.conv_transpose{}d",), (*PYTORCH_WEIGHT, *PYTORCH_CALL)),
            ),
        ),
        "keras": Framework(
            layers("keras.layers.Conv{}DTranspose"),
            (
                KERAS_PADDING,
                KERAS_NO_NUMBERS,
                none_of("groups"),
                OUTPUT_SIZE,
                KERAS_STRIDE_OR_DILATION,
                Check(
                    "below",
                    "output_padding",
                    "Use less than the stride.",
                    words="`output_padding` must be strictly less than `strides` for all dimensions.",
                    others=("stride",),
                ),
            ),
            {
                **KERAS_WINDOW,
                **KERAS_CHANNELS,
                "output_padding:least": "The `output_padding` argument must be a tuple of integers that satisfy "
                "`value >= 0`",
            },
            writings=(
                Writing(
                    ("keras.layers.Conv{}DTranspose", "keras.layers.Convolution{}DTranspose"), KERAS_ARGUMENTS
                ),
            ),
        ),
        "jax": Framework(writings=JAX_TRANSPOSED),
        "tensorflow": Framework(writings=TENSORFLOW_TRANSPOSED),
        "onnx": Framework(
            layers("ConvTranspose"),
            (
                ONNX_PADDING,
                Check(
                    "together",
                    "output_padding",
                    "Use 0, or give the padding as numbers.",
                    words="output_shape[i] = input_shape[i] * strides[i]",
                    values=("same", "same_lower"),
                    others=("padding",),
                ),
                Check(
                    "below",
                    "output_padding",
                    "Use less than the stride or the dilation, whichever is larger.",
                    words='Each padding value in "output_padding" must be less than the corresponding '
                    "stride/dilation dimension.",
                    others=("stride", "dilation"),
                ),
            ),
            ONNX_CONV,
            writings=(
                Writing(
                    ("ConvTranspose",),
                    (
                        *ONNX_ARGUMENTS,
                        listed("output_padding", "output_padding", None),
                        listed("output_shape", "output_size", None),
                    ),
                ),
            ),
        ),
    },
    instead=("nearest_upsampling", "bilinear_upsampling", "convolution"),
    examples=(
        {
            "title": "Stamps that overlap",
            "caption": "Each input cell stamps a 3×3 onto the output; the middle is stamped four times.",
            "question": "What is at row 2, column 2?",
            "source": {"kind": "values", "values": [[1, 2], [3, 4]]},
            "layers": [{"operation": "transposed_convolution", "kernel": 3, "stride": 2}],
            "weights": {"kind": "preset", "name": "box"},
        },
        {
            "title": "A 1×1 kernel at stride 1: nothing happens",
            "caption": "One cell in, one cell out.",
            "question": "Does any number change?",
            "source": {
                "kind": "values",
                "values": [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]],
            },
            "layers": [{"operation": "transposed_convolution", "kernel": 1}],
            "weights": {"kind": "preset", "name": "identity"},
        },
        {
            "title": "A 1×1 kernel at stride 2: the zeros appear",
            "caption": "The stamps are one cell large and lie two apart.",
            "question": "What is at column 1?",
            "source": {
                "kind": "values",
                "values": [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]],
            },
            "layers": [{"operation": "transposed_convolution", "kernel": 1, "stride": 2}],
            "weights": {"kind": "preset", "name": "identity"},
        },
        {
            "title": "Twice the size: 4×4, stride 2, padding 1",
            "caption": "The setting that decoders use: every cell is stamped four times.",
            "question": "How many stamps meet in a cell in the middle?",
            "source": {"kind": "sample", "name": "scene", "size": 32},
            "layers": [
                {"operation": "transposed_convolution", "kernel": 4, "stride": 2, "padding": 1, "filters": 3}
            ],
            "weights": {"kind": "preset", "name": "gaussian"},
        },
    ),
)
