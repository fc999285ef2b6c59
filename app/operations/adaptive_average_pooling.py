"""Adaptive average pooling: the output's size is chosen, and the windows share the input out among them."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..core.frameworks.framework import Framework, layers
from ..core.frameworks.writing import Writing, over, skipped
from ..core.lowering.part import Part
from ..core.lowering.tables import reduced, table_counts
from ..core.operation import Array, Operation
from ..core.spec import LayerSpec, OutputSize, adaptive_size_parameter


class AdaptiveAveragePoolingSpec(LayerSpec):
    """``y[c, i]`` = the mean of ``x[c]`` from ``⌊i · L / size⌋`` up to ``⌈(i + 1) · L / size⌉``, L cells in all."""

    operation: Literal["adaptive_average_pooling"]
    size: OutputSize = adaptive_size_parameter()


def kernel(part: Part, rows: slice) -> Array:
    """Sums axis by axis, then one division by counts that are a product of axes."""
    total = reduced(part, rows, np.add)
    total /= table_counts(part.walk, rows).astype(total.dtype)
    return total


SIZE = over("output_size", "size")

OPERATION = Operation(
    name="adaptive_average_pooling",
    title="Adaptive average pooling",
    family="pooling",
    summary="Takes the mean under windows that share the input out evenly: the output's size is chosen, and the "
    "windows follow. It has no weights.",
    spec=AdaptiveAveragePoolingSpec,
    geometry="adaptive",
    combine="mean",
    channels="each",
    kernel=kernel,
    frameworks={
        "pytorch": Framework(
            layers("torch.nn.AdaptiveAvgPool{}d"),
            writings=(
                Writing(("torch.nn.AdaptiveAvgPool{}d",), (SIZE,)),
                Writing(("torch.nn.functional.adaptive_avg_pool{}d",), (*skipped("input"), SIZE)),
            ),
        ),
        "keras": Framework(
            layers("keras.layers.AdaptiveAveragePooling{}D"),
            writings=(Writing(("keras.layers.AdaptiveAveragePooling{}D",), (SIZE, *skipped("data_format"))),),
        ),
    },
    instead=("average_pooling", "convolution"),
    examples=(
        {
            "title": "Nine cells to four: neighbours share a column",
            "caption": "The output's size is given, the windows follow from it.",
            "question": "Which input columns are read twice?",
            "source": {"kind": "sample", "name": "cross"},
            "layers": [{"operation": "adaptive_average_pooling", "size": 4}],
        },
    ),
)
