"""Convolution as frameworks mean it: cross-correlation with stride, padding, dilation and groups."""

from __future__ import annotations

from typing import Literal

from ..core.lowering import correlate
from ..core.operation import Operation
from ..core.spec import (
    LayerSpec,
    Padding,
    PaddingMode,
    PerAxis,
    Whole,
    dilation_parameter,
    kernel_parameter,
    padding_parameter,
    parameter,
    stride_parameter,
)


class ConvolutionSpec(LayerSpec):
    """``y[o, t] = bias[o] + Σ w[o, c, j] · x[c, t·stride + j·dilation − begin]`` over the channels of o's group."""

    operation: Literal["convolution"]
    kernel: PerAxis = kernel_parameter(3)
    stride: PerAxis = stride_parameter(1)
    padding: Padding = padding_parameter()
    padding_mode: PaddingMode = parameter(
        "zeros",
        "choice",
        "Padding mode",
        "What padded cells hold: zeros, the input mirrored without its edge cell (reflect), "
        "its edge cell repeated (replicate), or the input wrapped around (circular).",
    )
    dilation: PerAxis = dilation_parameter()
    filters: Whole = parameter(
        1,
        "integer",
        "Filters",
        "Output channels: each filter gives one output map.",
        unit="filters",
        minimum=1,
        control_maximum=64,
    )
    groups: Whole = parameter(
        1,
        "integer",
        "Groups",
        "Input channels and filters are split into this many groups that do not see each other; "
        "as many groups as channels is a depthwise convolution.",
        unit="groups",
        minimum=1,
        control_maximum=64,
    )
    bias: bool = parameter(False, "boolean", "Bias", "Add one number per filter to every output cell.")


OPERATION = Operation(
    name="convolution",
    title="Convolution",
    family="convolution",
    summary="Slides a kernel over the input; each output cell is the sum of the products under it. "
    "As in every framework the kernel is not flipped: strictly, this is a cross-correlation.",
    spec=ConvolutionSpec,
    geometry="sliding_window",
    combine="sum_of_products",
    channels="filters",
    kernel=correlate,
    examples=(
        {
            "title": "Is it an X?",
            "source": {"kind": "sample", "name": "cross"},
            "layers": [{"operation": "convolution", "kernel": 3}],
            "weights": {"kind": "preset", "name": "diagonal"},
        },
        {
            "title": "A photograph's edges, at half the size",
            "source": {"kind": "sample", "name": "scene", "size": 64},
            "layers": [
                {"operation": "convolution", "kernel": 3, "stride": 2, "padding": "same", "filters": 8}
            ],
            "weights": {"kind": "preset", "name": "mixed"},
        },
        {
            "title": "64 filters on 6×6×3",
            "source": {"kind": "noise", "shape": [3, 6, 6]},
            "layers": [{"operation": "convolution", "kernel": 3, "stride": 2, "padding": 1, "filters": 64}],
            "weights": {"kind": "preset", "name": "random"},
        },
        {
            "title": "A causal window on a series",
            "source": {"kind": "sample", "name": "series"},
            "layers": [{"operation": "convolution", "kernel": 3, "dilation": 4, "padding": "causal"}],
            "weights": {"kind": "preset", "name": "box"},
        },
    ),
)
