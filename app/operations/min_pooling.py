"""Min pooling: each channel's smallest value under a window."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..core.frameworks.arguments_jax import reduce_window
from ..core.frameworks.framework import Framework
from ..core.lowering.part import Part
from ..core.lowering.reduction import separable
from ..core.operation import Array, Operation
from ..core.spec import PoolSpec


class MinPoolingSpec(PoolSpec):
    """``y[c, t] = min over j of x[c, t·stride + j·dilation − begin]``; padded cells never win."""

    operation: Literal["min_pooling"]


def kernel(part: Part, rows: slice) -> Array:
    """A minimum of minima is a minimum, so the axes are reduced one after the other."""
    return separable(part, rows, np.minimum)


OPERATION = Operation(
    name="min_pooling",
    title="Min pooling",
    family="pooling",
    summary="Takes the smallest value under each window, channel by channel. It has no weights.",
    spec=MinPoolingSpec,
    geometry="sliding_window",
    combine="min",
    channels="each",
    kernel=kernel,
    padding_below_kernel=True,
    frameworks={"jax": Framework(writings=(reduce_window("min", "minimum"),))},
    examples=(
        {
            "title": "Thin bright lines by a cell on each side",
            "caption": "Each 3×3 keeps its smallest cell.",
            "question": "What is left of the X?",
            "source": {"kind": "sample", "name": "cross"},
            "layers": [{"operation": "min_pooling", "kernel": 3, "stride": 1, "padding": 1}],
        },
    ),
)
