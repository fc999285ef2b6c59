"""Nearest upsampling: each output cell copies an input cell."""

from __future__ import annotations

from typing import Literal

from ..core.frameworks.arguments import KERAS_LAYOUT, onnx_resize, pytorch_upsampling
from ..core.frameworks.checks import none_of
from ..core.frameworks.framework import Framework, layers
from ..core.frameworks.writing import (
    Argument,
    Writing,
    fixed,
    over,
    skipped,
)
from ..core.lowering.part import copied
from ..core.operation import Operation
from ..core.spec import UpsamplingSpec


class NearestUpsamplingSpec(UpsamplingSpec):
    """``y[c, i] = x[c, ⌊i · L / size⌋]`` where an axis has L input and ``size`` output cells."""

    operation: Literal["nearest_upsampling"]


OPERATION = Operation(
    name="nearest_upsampling",
    title="Nearest upsampling",
    family="resampling",
    summary="Makes the grid finer by repeating cells. It has no weights; compare it with a transposed convolution, "
    "which learns how to fill the cells between.",
    spec=NearestUpsamplingSpec,
    geometry="nearest",
    combine="copy",
    channels="each",
    kernel=copied,
    frameworks={
        "pytorch": Framework(
            dict.fromkeys((1, 2, 3), "torch.nn.Upsample"),
            writings=(
                *pytorch_upsampling(("nearest",)),
                Writing(
                    ("torch.nn.UpsamplingNearest2d",),
                    (over("size", "size", None), over("scale_factor", "factor", None)),
                    axes=(2,),
                ),
            ),
        ),
        "keras": Framework(
            layers("keras.layers.UpSampling{}D"),
            (none_of("size", None),),
            writings=(
                Writing(
                    ("keras.layers.UpSampling{}D",),
                    (
                        over("size", "factor", 2),
                        *KERAS_LAYOUT,
                        fixed("interpolation", "nearest", default="nearest"),
                        *skipped("name", "input_shape", "dtype"),
                    ),
                ),
            ),
        ),
        "onnx": Framework(
            dict.fromkeys((1, 2, 3), "Resize"),
            writings=onnx_resize(
                "nearest",
                ("asymmetric",),
                Argument("nearest_mode", None, "round_prefer_floor", only=("floor",), keyword=True),
            ),
        ),
    },
    instead=("bilinear_upsampling", "transposed_convolution"),
    examples=(
        {
            "title": "Twice as fine",
            "caption": "Each cell is repeated.",
            "question": "How often does 6 stand in the output?",
            "source": {
                "kind": "values",
                "values": [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]],
            },
            "layers": [{"operation": "nearest_upsampling"}],
        },
    ),
)
