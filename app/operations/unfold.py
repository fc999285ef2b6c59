"""Unfold (im2col): every window as a column of a matrix, the one that a matrix product multiplies."""

from __future__ import annotations

from typing import Literal

from ..core.frameworks.arguments import PYTORCH_INPUT, PYTORCH_PADDING
from ..core.frameworks.arguments_jax import PATCHES
from ..core.frameworks.checks import PYTORCH_NUMBERS, PYTORCH_SYMMETRIC
from ..core.frameworks.framework import Framework
from ..core.frameworks.writing import Writing, over, skipped
from ..core.lowering.part import copied
from ..core.operation import Operation
from ..core.spec import (
    LayerSpec,
    Padding,
    PerAxis,
    dilation_parameter,
    kernel_parameter,
    padding_parameter,
    stride_parameter,
)


class UnfoldSpec(LayerSpec):
    """``y[(c, j), t] = x[c, t·stride + j·dilation − begin]``: a row per channel and tap, a column per step."""

    operation: Literal["unfold"]
    kernel: PerAxis = kernel_parameter(3)
    stride: PerAxis = stride_parameter(1)
    padding: Padding = padding_parameter()
    dilation: PerAxis = dilation_parameter()


ARGUMENTS = (
    over("kernel_size", "kernel"),
    over("dilation", "dilation", 1),
    PYTORCH_PADDING,
    over("stride", "stride", 1),
)

OPERATION = Operation(
    name="unfold",
    title="Unfold (im2col)",
    family="resampling",
    summary="Writes each window as a column. A convolution is its weight, as a matrix with a row per filter, times "
    "this matrix: that is how many libraries compute it.",
    spec=UnfoldSpec,
    geometry="sliding_window",
    combine="copy",
    channels="taps",
    kernel=copied,
    result="columns",
    frameworks={
        "pytorch": Framework(
            {2: "torch.nn.Unfold"},
            (PYTORCH_NUMBERS, PYTORCH_SYMMETRIC),
            writings=(
                Writing(("torch.nn.Unfold",), ARGUMENTS, axes=(2,)),
                Writing(("torch.nn.functional.unfold",), (*PYTORCH_INPUT, *ARGUMENTS), axes=(2,)),
            ),
        ),
        "keras": Framework(
            {2: "keras.ops.unfold"},
            (PYTORCH_NUMBERS, PYTORCH_SYMMETRIC),
            writings=(Writing(("keras.ops.unfold",), (*skipped("x"), *ARGUMENTS), axes=(2,)),),
        ),
        "jax": Framework(writings=PATCHES),
    },
    instead=("convolution",),
    examples=(
        {
            "title": "The matrix behind a 3×3 convolution",
            "caption": "Each window becomes a column.",
            "question": "Which row holds the window's middle?",
            "source": {"kind": "sample", "name": "grid"},
            "layers": [{"operation": "unfold"}],
        },
    ),
)
