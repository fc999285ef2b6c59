"""Add: cell o of each input together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from ..core.frameworks.framework import named
from ..core.lowering.part import Part, across_inputs, one_by_one
from ..core.operation import Array, Operation
from ..core.spec import ChannelCount, LayerSpec, parts_parameter


class AddSpec(LayerSpec):
    """``y[o, t] = Σ x_k[o, t]`` over the inputs k, whose channels stand one after another."""

    operation: Literal["add"]
    parts: ChannelCount = parts_parameter()


def kernel(part: Part, rows: slice) -> Array:
    """The inputs joined cell by cell."""
    return across_inputs(part, rows, np.add)


def join(inputs: Sequence[Array]) -> Array:
    """The same of inputs that lie apart."""
    return one_by_one(inputs, np.add)


OPERATION = Operation(
    name="add",
    title="Add",
    family="pointwise",
    summary="Adds the layers that it reads, cell by cell: the end of a residual block.",
    spec=AddSpec,
    geometry="pointwise",
    combine="sum",
    channels="inputs",
    kernel=kernel,
    join=join,
    frameworks=named(pytorch="torch.add", keras="keras.layers.Add", onnx="Add"),
    examples=(
        {
            "title": "Two inputs, cell by cell",
            "caption": "The first two planes and the last two are added.",
            "question": "Which two cells make output row 0, column 0?",
            "source": {"kind": "noise", "shape": [4, 6, 6]},
            "layers": [{"operation": "add", "parts": 2}],
        },
    ),
)
