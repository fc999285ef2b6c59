"""Activation: a function of each cell, as a layer of its own."""

from __future__ import annotations

from typing import Literal

from ..core.frameworks.framework import named
from ..core.lowering.part import copied
from ..core.operation import Operation
from ..core.spec import LayerSpec


class ActivationSpec(LayerSpec):
    """``y[c, t] = f(x[c, t])``, f being the activation."""

    operation: Literal["activation"]


OPERATION = Operation(
    name="activation",
    title="Activation",
    family="pointwise",
    summary="Applies a function to each cell and changes nothing else: an activation as a layer of its own.",
    spec=ActivationSpec,
    geometry="pointwise",
    combine="copy",
    channels="each",
    kernel=copied,
    frameworks=named(
        keras="keras.layers.Activation",
        pytorch="torch.nn.ReLU and its like",
        onnx="Relu and its like",
    ),
    examples=(
        {
            "title": "Negative cells become 0",
            "caption": "A rectifier looks at each cell alone.",
            "question": "Which cells keep their value?",
            "source": {"kind": "values", "values": [[-2, -1, 0], [1, 2, -3], [4, -5, 6]]},
            "layers": [{"operation": "activation", "activation": "relu"}],
        },
    ),
)
