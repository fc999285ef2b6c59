"""Average pooling: each channel's mean under a window."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from ..core.frameworks.arguments import (
    ONNX_POOL,
    PYTORCH_INPUT,
    PYTORCH_PADDING,
    keras_pool,
)
from ..core.frameworks.arguments import PYTORCH_POOL as PYTORCH_POOL_WINDOW
from ..core.frameworks.arguments_jax import THEN, flax_pool, reduce_window
from ..core.frameworks.arguments_tensorflow import pools
from ..core.frameworks.checks import (
    KERAS_POOL,
    KERAS_POOL_PADDING,
    ONNX_PADDING,
    ONNX_WINDOW,
    PYTORCH_POOL,
    PYTORCH_POOL_PADDING,
    PYTORCH_WITHIN_INPUT,
    none_of,
)
from ..core.frameworks.framework import Framework, layers
from ..core.frameworks.writing import (
    Argument,
    Writing,
    bit,
    count,
    fixed,
    flag,
    over,
)
from ..core.lowering.part import Part
from ..core.lowering.reduction import (
    counts_of,
    divided_by,
    separable,
    window_counts,
)
from ..core.operation import Array, Operation
from ..core.spec import OptionalWhole, PoolSpec, parameter


class AveragePoolingSpec(PoolSpec):
    """``y[c, t] = Σ over j of x[c, t·stride + j·dilation − begin] / count``; padded cells are 0."""

    framework_defaults: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        **PoolSpec.framework_defaults,
        "pytorch": {"count_include_pad": True},
    }

    operation: Literal["average_pooling"]
    count_include_pad: bool = parameter(
        False,
        "boolean",
        "Count padding",
        "Divide by the padded cells of a window too. Cells that ceil mode reads past the padding are never counted. "
        "PyTorch's default is true, that of ONNX and Keras false.",
    )
    divisor: OptionalWhole = parameter(
        None,
        "integer",
        "Divisor",
        "Divide every sum by this number instead of by a count of cells.",
        unit="cells",
        minimum=1,
        control_maximum=64,
        left_out="Automatic",
    )


def kernel(part: Part, rows: slice) -> Array:
    """Sums axis by axis, then one division by counts that are a product of axes themselves."""
    divisor = part.constants.divisor
    if isinstance(divisor, int):
        return separable(part, rows, np.add, finish=divided_by(divisor))
    counts = window_counts(part.walk, rows, padding=divisor == "padded")
    if all((count == count[0]).all() for count in counts):
        return separable(part, rows, np.add, finish=divided_by(math.prod(int(count[0]) for count in counts)))

    def finish(values: Array, box: tuple[slice, ...]) -> None:
        values /= counts_of(counts, rows, box).astype(values.dtype)

    return separable(part, rows, np.add, finish=finish)


PYTORCH_ARGUMENTS = (
    *PYTORCH_POOL_WINDOW,
    PYTORCH_PADDING,
    flag("ceil_mode", "ceil_mode", False),
    flag("count_include_pad", "count_include_pad", True),
    count("divisor_override", "divisor", None),
)

# A mean in JAX is a sum of windows that is divided behind it.
JAX_SUM = (
    fixed(THEN, "mean", default="mean"),
    Argument("the divisor behind", "divisor", None, "count"),
    Argument("padding counted", "count_include_pad", False, "flag"),
    Argument("windows past the end", "ceil_mode", False, "flag"),
)

OPERATION = Operation(
    name="average_pooling",
    title="Average pooling",
    family="pooling",
    summary="Takes the mean under each window, channel by channel. It has no weights.",
    spec=AveragePoolingSpec,
    geometry="sliding_window",
    combine="mean",
    channels="each",
    kernel=kernel,
    padding_below_kernel=True,
    frameworks={
        "pytorch": Framework(
            layers("torch.nn.AvgPool{}d"),
            (
                *PYTORCH_POOL_PADDING,
                PYTORCH_WITHIN_INPUT,
                none_of("dilation"),
                none_of("divisor", None, axes=(1,)),
            ),
            PYTORCH_POOL,
            writings=(
                Writing(("torch.nn.AvgPool{}d",), PYTORCH_ARGUMENTS),
                Writing(("torch.nn.functional.avg_pool{}d",), (*PYTORCH_INPUT, *PYTORCH_ARGUMENTS)),
            ),
        ),
        "keras": Framework(
            layers("keras.layers.AveragePooling{}D"),
            (
                *KERAS_POOL_PADDING,
                none_of("dilation"),
                none_of("ceil_mode", False),
                none_of("count_include_pad", False),
                none_of("divisor", None),
            ),
            KERAS_POOL,
            writings=keras_pool(over("pool_size", "kernel"), "AveragePooling", "AvgPool"),
        ),
        "jax": Framework(
            writings=(
                flax_pool("avg_pool", flag("count_include_pad", "count_include_pad", True)),
                reduce_window("add", more=JAX_SUM),
            )
        ),
        "tensorflow": Framework(writings=pools("avg", "avg")),
        "onnx": Framework(
            layers("AveragePool"),
            (ONNX_PADDING, none_of("divisor", None)),
            ONNX_WINDOW,
            writings=(
                Writing(("AveragePool",), (*ONNX_POOL, bit("count_include_pad", "count_include_pad", 0))),
            ),
        ),
    },
    instead=("max_pooling", "adaptive_average_pooling", "convolution"),
    examples=(
        {
            "title": "Halve a picture",
            "caption": "Each 2×2 becomes its mean.",
            "question": "What is at row 0, column 0?",
            "source": {"kind": "sample", "name": "grid"},
            "layers": [{"operation": "average_pooling", "kernel": 2}],
        },
        {
            "title": "The divisor with padding and ceil mode",
            "caption": "Windows at the ends reach into the padding.",
            "question": "By how many cells is the last window divided?",
            "source": {"kind": "values", "values": [1, 2, 3, 4]},
            "layers": [
                {
                    "operation": "average_pooling",
                    "kernel": 3,
                    "stride": 2,
                    "padding": 1,
                    "ceil_mode": True,
                    "count_include_pad": True,
                }
            ],
        },
    ),
)
