"""Multiply: cell o of each input together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from ..core.frameworks.framework import named
from ..core.lowering.part import Part, across_inputs, one_by_one
from ..core.operation import Array, Operation
from ..core.spec import ChannelCount, LayerSpec, parts_parameter


class MultiplySpec(LayerSpec):
    """``y[o, t] = Π x_k[o, t]`` over the inputs k, whose channels stand one after another."""

    operation: Literal["multiply"]
    parts: ChannelCount = parts_parameter()


def kernel(part: Part, rows: slice) -> Array:
    """The inputs joined cell by cell."""
    return across_inputs(part, rows, np.multiply)


def join(inputs: Sequence[Array]) -> Array:
    """The same of inputs that lie apart."""
    return one_by_one(inputs, np.multiply)


OPERATION = Operation(
    name="multiply",
    title="Multiply",
    family="pointwise",
    summary="Multiplies the layers that it reads, cell by cell: a gate.",
    spec=MultiplySpec,
    geometry="pointwise",
    combine="product",
    channels="inputs",
    kernel=kernel,
    join=join,
    frameworks=named(pytorch="torch.mul", keras="keras.layers.Multiply", onnx="Mul"),
    examples=(
        {
            "title": "Two inputs, cell by cell",
            "caption": "The first two planes and the last two are multiplied.",
            "question": "Where is the product below 0?",
            "source": {"kind": "noise", "shape": [4, 6, 6]},
            "layers": [{"operation": "multiply", "parts": 2}],
        },
    ),
)
