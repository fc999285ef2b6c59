"""Max pooling: each channel's largest value under a window; padding never wins."""

from __future__ import annotations

from typing import Literal

from ..core.lowering import largest
from ..core.operation import Operation
from ..core.spec import (
    LayerSpec,
    OptionalPerAxis,
    Padding,
    PerAxis,
    dilation_parameter,
    kernel_parameter,
    padding_parameter,
    parameter,
    stride_parameter,
)


class MaxPoolingSpec(LayerSpec):
    """``y[c, t] = max over j of x[c, t·stride + j·dilation − begin]``; padded cells are −∞."""

    operation: Literal["max_pooling"]
    kernel: PerAxis = kernel_parameter(2)
    stride: OptionalPerAxis = stride_parameter(None)
    padding: Padding = padding_parameter()
    dilation: PerAxis = dilation_parameter()
    ceil_mode: bool = parameter(
        False,
        "boolean",
        "Ceil mode",
        "Round the number of windows up, so that the last cells are read too; "
        "a last window that would start in the end padding is dropped.",
    )


OPERATION = Operation(
    name="max_pooling",
    title="Max pooling",
    summary="Keeps the largest value under each window, channel by channel. It has no weights.",
    spec=MaxPoolingSpec,
    geometry="sliding_window",
    combine="max",
    channels="each",
    kernel=largest,
    padding_below_kernel=True,
    examples=(
        {
            "title": "Halve a picture",
            "source": {"kind": "sample", "name": "grid"},
            "layers": [{"operation": "max_pooling", "kernel": 2}],
        },
    ),
)
