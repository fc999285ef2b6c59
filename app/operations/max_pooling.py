"""Max pooling: each channel's largest value under a window; padding never wins."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..core.frameworks.arguments import (
    ONNX_POOL,
    PYTORCH_MAX_POOL,
    PYTORCH_MAX_POOL_CALL,
    keras_pool,
)
from ..core.frameworks.arguments_jax import flax_pool, reduce_window
from ..core.frameworks.arguments_tensorflow import pools
from ..core.frameworks.checks import (
    KERAS_POOL,
    KERAS_POOL_PADDING,
    ONNX_PADDING,
    ONNX_WINDOW,
    PYTORCH_POOL,
    PYTORCH_POOL_PADDING,
    none_of,
)
from ..core.frameworks.framework import Framework, layers
from ..core.frameworks.writing import Argument, Writing, over
from ..core.lowering.part import Part
from ..core.lowering.reduction import separable
from ..core.operation import Array, Operation
from ..core.spec import PoolSpec


class MaxPoolingSpec(PoolSpec):
    """``y[c, t] = max over j of x[c, t·stride + j·dilation − begin]``; padded cells are −∞."""

    operation: Literal["max_pooling"]


def kernel(part: Part, rows: slice) -> Array:
    """The largest value of each window; NaN wins, as in PyTorch."""
    return separable(part, rows, np.maximum)


STORAGE = Argument("storage_order", None, 0, keyword=True)  # of the indices alone

OPERATION = Operation(
    name="max_pooling",
    title="Max pooling",
    family="pooling",
    summary="Keeps the largest value under each window, channel by channel. It has no weights.",
    spec=MaxPoolingSpec,
    geometry="sliding_window",
    combine="max",
    channels="each",
    kernel=kernel,
    padding_below_kernel=True,
    frameworks={
        "pytorch": Framework(
            layers("torch.nn.MaxPool{}d"),
            PYTORCH_POOL_PADDING,
            PYTORCH_POOL,
            writings=(
                Writing(("torch.nn.MaxPool{}d",), PYTORCH_MAX_POOL),
                Writing(("torch.nn.functional.max_pool{}d",), PYTORCH_MAX_POOL_CALL),
            ),
        ),
        "keras": Framework(
            layers("keras.layers.MaxPooling{}D"),
            (*KERAS_POOL_PADDING, none_of("dilation"), none_of("ceil_mode", False)),
            KERAS_POOL,
            writings=keras_pool(over("pool_size", "kernel", 2), "MaxPooling", "MaxPool"),
        ),
        "jax": Framework(writings=(flax_pool("max_pool"), reduce_window("max", "maximum"))),
        "tensorflow": Framework(writings=pools("max", "max")),
        "onnx": Framework(
            layers("MaxPool"),
            (ONNX_PADDING,),
            ONNX_WINDOW,
            writings=(Writing(("MaxPool",), (*ONNX_POOL, STORAGE)),),
        ),
    },
    instead=("average_pooling", "adaptive_max_pooling", "convolution"),
    examples=(
        {
            "title": "Halve a picture",
            "caption": "Each 2×2 keeps its largest cell.",
            "question": "What is at row 1, column 2?",
            "source": {"kind": "sample", "name": "grid"},
            "layers": [{"operation": "max_pooling", "kernel": 2}],
        },
    ),
)
