"""Global max pooling: each channel's largest value."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..core.frameworks.arguments import ONNX_INPUTS, keras_global
from ..core.frameworks.framework import Framework, layers
from ..core.frameworks.writing import Writing, fixed, skipped
from ..core.lowering.part import Part
from ..core.lowering.reduction import separable
from ..core.operation import Array, Operation
from ..core.spec import LayerSpec


class GlobalMaxPoolingSpec(LayerSpec):
    """``y[c] = max x[c]`` over all cells of the channel."""

    operation: Literal["global_max_pooling"]


def kernel(part: Part, rows: slice) -> Array:
    """The largest value of each channel; NaN wins, as in PyTorch."""
    return separable(part, rows, np.maximum)


ONE_CELL = fixed("output_size", 1)

OPERATION = Operation(
    name="global_max_pooling",
    title="Global max pooling",
    family="pooling",
    summary="Takes the largest value of each channel, whatever the input's size. It has no weights.",
    spec=GlobalMaxPoolingSpec,
    geometry="whole_input",
    combine="max",
    channels="each",
    kernel=kernel,
    frameworks={
        "pytorch": Framework(
            layers("torch.nn.AdaptiveMaxPool{}d"),
            writings=(
                Writing(("torch.nn.AdaptiveMaxPool{}d",), (ONE_CELL, *skipped("return_indices"))),
                Writing(("torch.nn.functional.adaptive_max_pool{}d",), (*skipped("input"), ONE_CELL)),
            ),
        ),
        "keras": Framework(
            layers("keras.layers.GlobalMaxPooling{}D"),
            result="vector",
            writings=keras_global("GlobalMaxPooling", "GlobalMaxPool"),
        ),
        "onnx": Framework(layers("GlobalMaxPool"), writings=(Writing(("GlobalMaxPool",), ONNX_INPUTS),)),
    },
    instead=("adaptive_max_pooling",),
    examples=(
        {
            "title": "Three channels, three numbers",
            "caption": "The window is the whole plane.",
            "question": "Where does the largest red lie?",
            "source": {"kind": "sample", "name": "gradient", "size": 8},
            "layers": [{"operation": "global_max_pooling"}],
        },
    ),
)
