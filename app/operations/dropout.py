"""Dropout: every cell as it is, since a layer that is not trained drops nothing."""

from __future__ import annotations

from typing import Literal

from ..core.frameworks.framework import named
from ..core.lowering.part import copied
from ..core.operation import Operation
from ..core.spec import LayerSpec, Number, parameter


class DropoutSpec(LayerSpec):
    """``y[c, t] = x[c, t]``; training makes a cell 0 with probability ``rate``, the others ``x / (1 − rate)``."""

    operation: Literal["dropout"]
    rate: Number = parameter(
        0.5,
        "number",
        "Rate",
        "The share of cells that training drops. Without training, as here, nothing is dropped.",
        unit="of 1",
        minimum=0,
        maximum=1,
        control_maximum=1,
    )


OPERATION = Operation(
    name="dropout",
    title="Dropout",
    family="pointwise",
    summary="Passes every cell on. Only training drops some of them, so that no cell relies on another.",
    spec=DropoutSpec,
    geometry="pointwise",
    combine="copy",
    channels="each",
    kernel=copied,
    drops="rate",
    frameworks=named(pytorch="torch.nn.Dropout", keras="keras.layers.Dropout", onnx="Dropout"),
    examples=(
        {
            "title": "Nothing is dropped without training",
            "caption": "As at inference: every cell passes.",
            "question": "Which cells differ from the input?",
            "source": {"kind": "values", "values": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]},
            "layers": [{"operation": "dropout"}],
        },
    ),
)
