"""Padding: cells around the input, or fewer of them, as a layer of its own."""

from __future__ import annotations

from typing import Literal

from ..core.frameworks.checks import KERAS_BORDER, ONNX_BORDER, PYTORCH_BORDER
from ..core.frameworks.framework import Framework, layers
from ..core.lowering.part import copied
from ..core.operation import Operation
from ..core.spec import LayerSpec, Number, PaddingMode, parameter
from ..core.targets import Sides, border_parameter


class PaddingSpec(LayerSpec):
    """``y[c, t] = x[c, t − begin]``, and what the mode says where no cell lies; a negative side crops."""

    operation: Literal["padding"]
    padding: Sides = border_parameter()
    padding_mode: PaddingMode = parameter(
        "zeros",
        "choice",
        "Padding mode",
        "zeros and constant hold a value; reflect mirrors the input without its edge cell, replicate repeats "
        "the edge cell, circular wraps around.",
    )
    padding_value: Number = parameter(
        0.0,
        "number",
        "Padding value",
        "The value of padded cells; read only with constant padding.",
        unit="as the input",
    )


OPERATION = Operation(
    name="padding",
    title="Padding",
    family="resampling",
    summary="Adds cells around the input, or crops some where a side is negative.",
    spec=PaddingSpec,
    geometry="border",
    combine="copy",
    channels="each",
    kernel=copied,
    frameworks={
        "pytorch": Framework(called=layers("torch.nn.functional.pad"), checks=PYTORCH_BORDER),
        "keras": Framework(called=layers("keras.layers.ZeroPadding{}D"), checks=KERAS_BORDER),
        "onnx": Framework(called=layers("Pad"), checks=ONNX_BORDER),
    },
    examples=(
        {
            "title": "A mirrored border",
            "caption": "1 row and column before the input, 2 after it.",
            "question": "Which cell is copied to row 0, column 0?",
            "source": {"kind": "values", "values": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]},
            "layers": [{"operation": "padding", "padding": [[1, 2], [1, 2]], "padding_mode": "reflect"}],
        },
    ),
)
