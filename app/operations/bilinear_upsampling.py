"""Linear upsampling: each output cell weighs the two input cells beside it, on every axis."""

from __future__ import annotations

from typing import Literal

from ..core.frameworks.arguments import KERAS_LAYOUT, onnx_resize, pytorch_upsampling
from ..core.frameworks.checks import none_of
from ..core.frameworks.framework import Framework
from ..core.frameworks.writing import (
    Argument,
    Writing,
    fixed,
    flag,
    over,
    skipped,
)
from ..core.lowering.tables import interpolated
from ..core.operation import Operation
from ..core.spec import UpsamplingSpec, parameter


class BilinearUpsamplingSpec(UpsamplingSpec):
    """``y[c, i] = (1 − f) · x[c, ⌊p⌋] + f · x[c, ⌊p⌋ + 1]``, ``p = max((i + ½) · L / size − ½, 0)``, f = p − ⌊p⌋."""

    operation: Literal["bilinear_upsampling"]
    align_corners: bool = parameter(
        False,
        "boolean",
        "Align corners",
        "Lay the middles of the first and last cells of input and output upon each other: "
        "p = i · (L − 1) / (size − 1). Off, the edges of the grids coincide.",
    )


NEAREST_MODE = Argument("nearest_mode", None, None, keyword=True)  # not looked at by linear

OPERATION = Operation(
    name="bilinear_upsampling",
    title="Bilinear upsampling",
    family="resampling",
    summary="Makes the grid finer by weighing the cells beside each new one by distance: linear on one axis, "
    "bilinear on two, trilinear on three. It has no weights to learn.",
    spec=BilinearUpsamplingSpec,
    geometry="linear",
    combine="weighted_sum",
    channels="each",
    kernel=interpolated,
    frameworks={
        "pytorch": Framework(
            dict.fromkeys((1, 2, 3), "torch.nn.Upsample"),
            writings=(
                *pytorch_upsampling(
                    ("linear", "bilinear", "trilinear"), flag("align_corners", "align_corners", False)
                ),
                Writing(
                    ("torch.nn.UpsamplingBilinear2d",),
                    (over("size", "size", None), over("scale_factor", "factor", None)),
                    {"align_corners": True},
                    (2,),
                ),
            ),
        ),
        "keras": Framework(
            {2: "keras.layers.UpSampling2D"},
            (none_of("align_corners", False),),
            writings=(
                Writing(
                    ("keras.layers.UpSampling{}D",),
                    (
                        over("size", "factor", 2),
                        *KERAS_LAYOUT,
                        fixed("interpolation", "bilinear", default="nearest"),
                        *skipped("name", "input_shape", "dtype"),
                    ),
                    axes=(2,),
                ),
            ),
        ),
        "onnx": Framework(
            dict.fromkeys((1, 2, 3), "Resize"),
            writings=(
                *onnx_resize("linear", ("half_pixel",), NEAREST_MODE, sets={"align_corners": False}),
                *onnx_resize("linear", ("align_corners",), NEAREST_MODE, sets={"align_corners": True}),
            ),
        ),
    },
    instead=("nearest_upsampling", "transposed_convolution"),
    examples=(
        {
            "title": "Twice as fine",
            "caption": "New cells lie between the old ones and mix them.",
            "question": "Why do the first two rows differ?",
            "source": {
                "kind": "values",
                "values": [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]],
            },
            "layers": [{"operation": "bilinear_upsampling"}],
        },
        {
            "title": "With the corners aligned",
            "caption": "Three cells become five; the ends stay where they are.",
            "question": "What is at column 1?",
            "source": {"kind": "values", "values": [0, 3, 6]},
            "layers": [{"operation": "bilinear_upsampling", "size": 5, "align_corners": True}],
        },
    ),
)
