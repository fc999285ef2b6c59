"""Pixel shuffle: channels become cells of a finer grid."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from ..core.frameworks.checks import one_for_all
from ..core.frameworks.framework import Framework
from ..core.lowering.part import Part
from ..core.operation import Array, Operation
from ..core.spec import LayerSpec, PerAxis, factor_parameter


class PixelShuffleSpec(LayerSpec):
    """``y[c, t · factor + j] = x[(c, j), t]``: each channel's cell goes to its place j in a block."""

    operation: Literal["pixel_shuffle"]
    factor: PerAxis = factor_parameter()


def kernel(part: Part, rows: slice) -> Array:
    """The blocks that the rows lie in, channels moved between the axes, and cut to the rows."""
    walk = part.walk
    factors, axes = walk.phases, len(walk.axes)
    first, last = rows.start // factors[0], -(-rows.stop // factors[0])
    cells = part.x[:, first:last]
    sizes = cells.shape[1:]
    apart = cells.reshape(walk.groups, *factors, *sizes)
    order = [place for axis in range(axes) for place in (1 + axes + axis, 1 + axis)]
    laid = apart.transpose(0, *order)
    spread = laid.reshape(walk.groups, *(math.prod(pair) for pair in zip(sizes, factors, strict=True)))
    top = rows.start - first * factors[0]
    # A copy, since an activation changes it in place.
    return np.array(spread[:, top : top + rows.stop - rows.start])


OPERATION = Operation(
    name="pixel_shuffle",
    title="Pixel shuffle",
    family="resampling",
    summary="Moves channels into the cells of a finer grid. After a convolution it makes a picture larger without the "
    "uneven overlap of a transposed convolution.",
    spec=PixelShuffleSpec,
    geometry="phases",
    combine="copy",
    channels="phases",
    kernel=kernel,
    frameworks={
        "pytorch": Framework(called={2: "torch.nn.PixelShuffle"}, checks=(one_for_all("factor"),)),
        "onnx": Framework(called={2: "DepthToSpace"}, checks=(one_for_all("factor"),)),
    },
    instead=("nearest_upsampling", "transposed_convolution"),
    examples=(
        {
            "title": "Four channels become one map",
            "caption": "Each block of 2×2 takes a cell of every channel.",
            "question": "Which channel does row 0, column 1 come from?",
            "source": {
                "kind": "values",
                "values": [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[9, 10], [11, 12]], [[13, 14], [15, 16]]],
            },
            "layers": [{"operation": "pixel_shuffle"}],
        },
    ),
)
