"""Reshape: the same numbers in the same order, in another shape; to flatten is its case."""

from __future__ import annotations

from typing import Literal

from ..core.frameworks.framework import named
from ..core.lowering.part import copied
from ..core.operation import Operation
from ..core.spec import LayerSpec, parameter
from ..core.targets import TargetShape


class ReshapeSpec(LayerSpec):
    """``y[n] = x[n]``, n counting row-major with the channels first, on both sides."""

    operation: Literal["reshape"]
    shape: TargetShape = parameter(
        (-1,),
        "shape",
        "Shape",
        "The sizes of the output, channels first; -1 stands for what is left. One size alone flattens.",
    )


OPERATION = Operation(
    name="reshape",
    title="Reshape",
    family="pointwise",
    summary="Keeps all numbers in their order and gives them another shape. With the shape -1 it flattens: every cell "
    "of every channel in one row, as a dense layer takes them.",
    spec=ReshapeSpec,
    geometry="whole_input",
    combine="copy",
    channels="taps",
    kernel=copied,
    result="shape",
    instead=("global_average_pooling",),
    frameworks=named(pytorch="torch.reshape", keras="keras.layers.Reshape", onnx="Reshape"),
    examples=(
        {
            "title": "Two maps in one row",
            "caption": "The cells keep their order: map by map, row by row.",
            "question": "Where in the row does the second map begin?",
            "source": {"kind": "values", "values": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]},
            "layers": [{"operation": "reshape"}],
        },
        {
            "title": "A row as two maps",
            "caption": "The same cells in the same order, as 2×2×2.",
            "question": "Which map has the 5?",
            "source": {"kind": "values", "values": [1, 2, 3, 4, 5, 6, 7, 8]},
            "layers": [{"operation": "reshape", "shape": [2, 2, 2]}],
        },
    ),
)
