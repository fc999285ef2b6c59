"""Adaptive max pooling: the output's size is chosen, and the windows share the input out among them."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..core.frameworks.framework import Framework, layers
from ..core.frameworks.writing import Writing, over, skipped
from ..core.lowering.part import Part
from ..core.lowering.tables import reduced
from ..core.operation import Array, Operation
from ..core.spec import LayerSpec, OutputSize, adaptive_size_parameter


class AdaptiveMaxPoolingSpec(LayerSpec):
    """``y[c, i]`` = the largest of ``x[c]`` from ``⌊i · L / size⌋`` up to ``⌈(i + 1) · L / size⌉``, L cells in all."""

    operation: Literal["adaptive_max_pooling"]
    size: OutputSize = adaptive_size_parameter()


def kernel(part: Part, rows: slice) -> Array:
    """The largest value of each window; NaN wins, as in PyTorch."""
    return reduced(part, rows, np.maximum)


SIZE = over("output_size", "size")

OPERATION = Operation(
    name="adaptive_max_pooling",
    title="Adaptive max pooling",
    family="pooling",
    summary="Keeps the largest value under windows that share the input out evenly: the output's size is chosen, and "
    "the windows follow. It has no weights.",
    spec=AdaptiveMaxPoolingSpec,
    geometry="adaptive",
    combine="max",
    channels="each",
    kernel=kernel,
    frameworks={
        "pytorch": Framework(
            layers("torch.nn.AdaptiveMaxPool{}d"),
            writings=(
                Writing(("torch.nn.AdaptiveMaxPool{}d",), (SIZE, *skipped("return_indices"))),
                Writing(("torch.nn.functional.adaptive_max_pool{}d",), (*skipped("input"), SIZE)),
            ),
        ),
        "keras": Framework(
            layers("keras.layers.AdaptiveMaxPooling{}D"),
            writings=(Writing(("keras.layers.AdaptiveMaxPooling{}D",), (SIZE, *skipped("data_format"))),),
        ),
    },
    instead=("max_pooling", "convolution"),
    examples=(
        {
            "title": "Nine cells to four: neighbours share a column",
            "caption": "The output's size is given, the windows follow from it.",
            "question": "Which input columns are read twice?",
            "source": {"kind": "sample", "name": "cross"},
            "layers": [{"operation": "adaptive_max_pooling", "size": 4}],
        },
    ),
)
