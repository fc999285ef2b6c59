"""Global max pooling: each channel's largest value."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..core.frameworks import Framework, layers
from ..core.lowering import Part, separable
from ..core.operation import Array, Operation
from ..core.spec import LayerSpec


class GlobalMaxPoolingSpec(LayerSpec):
    """``y[c] = max x[c]`` over all cells of the channel."""

    operation: Literal["global_max_pooling"]


def kernel(part: Part, rows: slice) -> Array:
    """The largest value of each channel; NaN wins, as in PyTorch."""
    return separable(part, rows, np.maximum)


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
        "pytorch": Framework(layers("torch.nn.AdaptiveMaxPool{}d")),
        "keras": Framework(layers("keras.layers.GlobalMaxPooling{}D"), result="vector"),
        "onnx": Framework(layers("GlobalMaxPool")),
    },
    examples=(
        {
            "title": "Three channels, three numbers",
            "source": {"kind": "sample", "name": "gradient", "size": 8},
            "layers": [{"operation": "global_max_pooling"}],
        },
    ),
)
