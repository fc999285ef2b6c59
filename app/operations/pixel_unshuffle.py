"""Pixel unshuffle: blocks of cells become channels."""

from __future__ import annotations

from typing import Literal

from ..core.frameworks.checks import one_for_all
from ..core.frameworks.framework import Framework
from ..core.lowering.part import copied
from ..core.operation import Operation
from ..core.spec import LayerSpec, PerAxis, factor_parameter


class PixelUnshuffleSpec(LayerSpec):
    """``y[(c, j), t] = x[c, t · factor + j]``: a channel for each cell j of a block."""

    operation: Literal["pixel_unshuffle"]
    factor: PerAxis = factor_parameter("How many cells a block has along each axis.")


OPERATION = Operation(
    name="pixel_unshuffle",
    title="Pixel unshuffle",
    family="resampling",
    summary="Moves the cells of each block into channels of their own: a coarser grid, and no number is lost.",
    spec=PixelUnshuffleSpec,
    geometry="blocks",
    combine="copy",
    channels="taps",
    kernel=copied,
    # ONNX's SpaceToDepth has the channels of a block in another order.
    frameworks={"pytorch": Framework(called={2: "torch.nn.PixelUnshuffle"}, checks=(one_for_all("factor"),))},
    instead=("max_pooling",),
    examples=(
        {
            "title": "Four channels from blocks of four",
            "caption": "Each block of 2×2 becomes one cell of four channels.",
            "question": "Which cells make channel 2?",
            "source": {
                "kind": "values",
                "values": [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]],
            },
            "layers": [{"operation": "pixel_unshuffle"}],
        },
    ),
)
