"""Zero insertion: the cells set apart, zeros between them; the first half of a transposed convolution."""

from __future__ import annotations

from typing import Literal

from ..core.lowering.part import copied
from ..core.operation import Operation
from ..core.spec import LayerSpec, PerAxis, factor_parameter


class ZeroInsertionSpec(LayerSpec):
    """``y[c, i · factor] = x[c, i]``, zeros elsewhere; ``(L − 1) · factor + 1`` cells."""

    operation: Literal["zero_insertion"]
    factor: PerAxis = factor_parameter()


OPERATION = Operation(
    name="zero_insertion",
    title="Zero insertion",
    family="resampling",
    summary="Sets the cells apart with zeros between them. A transposed convolution is this, followed by a convolution "
    "with the flipped kernel at stride 1.",
    spec=ZeroInsertionSpec,
    geometry="zero_insertion",
    combine="copy",
    channels="each",
    kernel=copied,
    instead=("transposed_convolution", "nearest_upsampling"),
    examples=(
        {
            "title": "A zero between neighbours",
            "caption": "The first half of a transposed convolution.",
            "question": "What is at column 4?",
            "source": {
                "kind": "values",
                "values": [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]],
            },
            "layers": [{"operation": "zero_insertion"}],
        },
    ),
)
