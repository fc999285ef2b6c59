"""Global average pooling: each channel's mean."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..core.frameworks.arguments import ONNX_INPUTS, keras_global
from ..core.frameworks.framework import Framework, layers
from ..core.frameworks.writing import Writing, fixed, skipped
from ..core.lowering.part import Part
from ..core.lowering.reduction import divided_by, separable
from ..core.operation import Array, Operation
from ..core.spec import LayerSpec


class GlobalAveragePoolingSpec(LayerSpec):
    """``y[c] = Σ x[c] / (number of cells)`` over all cells of the channel."""

    operation: Literal["global_average_pooling"]


def kernel(part: Part, rows: slice) -> Array:
    """One sum per channel, and one division."""
    return separable(part, rows, np.add, finish=divided_by(part.walk.taps))


ONE_CELL = fixed("output_size", 1)

OPERATION = Operation(
    name="global_average_pooling",
    title="Global average pooling",
    family="pooling",
    summary="Takes the mean of each channel: one number per channel, whatever the input's size. It has no weights.",
    spec=GlobalAveragePoolingSpec,
    geometry="whole_input",
    combine="mean",
    channels="each",
    kernel=kernel,
    frameworks={
        "pytorch": Framework(
            layers("torch.nn.AdaptiveAvgPool{}d"),
            writings=(
                Writing(("torch.nn.AdaptiveAvgPool{}d",), (ONE_CELL,)),
                Writing(("torch.nn.functional.adaptive_avg_pool{}d",), (*skipped("input"), ONE_CELL)),
            ),
        ),
        "keras": Framework(
            layers("keras.layers.GlobalAveragePooling{}D"),
            result="vector",
            writings=keras_global("GlobalAveragePooling", "GlobalAvgPool"),
        ),
        "onnx": Framework(
            layers("GlobalAveragePool"), writings=(Writing(("GlobalAveragePool",), ONNX_INPUTS),)
        ),
    },
    instead=("adaptive_average_pooling",),
    examples=(
        {
            "title": "Three channels, three numbers",
            "caption": "The window is the whole plane.",
            "question": "Which colour is the brightest?",
            "source": {"kind": "sample", "name": "gradient", "size": 8},
            "layers": [{"operation": "global_average_pooling"}],
        },
    ),
)
