"""Concatenate: the channels of several inputs, one after another."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..core.frameworks.framework import named
from ..core.lowering.part import copied
from ..core.operation import Operation
from ..core.spec import LayerSpec


class ConcatenateSpec(LayerSpec):
    """``y[o, t] = x[o, t]``: the channels of each input, one after another."""

    operation: Literal["concatenate"]


OPERATION = Operation(
    name="concatenate",
    prefix="concat",
    title="Concatenate",
    family="pointwise",
    summary="Passes on all channels of the layers that it reads, one after another.",
    spec=ConcatenateSpec,
    geometry="pointwise",
    combine="copy",
    channels="each",
    kernel=copied,
    join=np.concatenate,
    frameworks=named(pytorch="torch.cat", keras="keras.layers.Concatenate", onnx="Concat"),
    examples=(
        {
            "title": "Three planes of one picture",
            "caption": "The planes are passed on one after another.",
            "question": "Does any number change?",
            "source": {"kind": "sample", "name": "gradient", "size": 8},
            "layers": [{"operation": "concatenate"}],
        },
    ),
)
