"""Sum pooling: the sum of each channel's values under a window."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..core.frameworks.arguments_jax import THEN, reduce_window
from ..core.frameworks.framework import Framework
from ..core.frameworks.writing import fixed
from ..core.lowering.part import Part
from ..core.lowering.reduction import separable
from ..core.operation import Array, Operation
from ..core.spec import PoolSpec


class SumPoolingSpec(PoolSpec):
    """``y[c, t] = Σ over j of x[c, t·stride + j·dilation − begin]``; padded cells are 0."""

    operation: Literal["sum_pooling"]


def kernel(part: Part, rows: slice) -> Array:
    """Sums axis by axis."""
    return separable(part, rows, np.add)


# A sum of windows with nothing done to it behind.
JAX_SUM = (fixed(THEN, "sum", default="mean"),)

OPERATION = Operation(
    name="sum_pooling",
    title="Sum pooling",
    family="pooling",
    summary="Adds up the values under each window, channel by channel. It has no weights.",
    spec=SumPoolingSpec,
    geometry="sliding_window",
    combine="sum",
    channels="each",
    kernel=kernel,
    padding_below_kernel=True,
    frameworks={"jax": Framework(writings=(reduce_window("add", more=JAX_SUM),))},
    examples=(
        {
            "title": "Count the marked cells of each 3×3",
            "caption": "Ink is 1 and paper −1: the sum says how much ink there is.",
            "question": "Where is there more ink than paper?",
            "source": {"kind": "sample", "name": "cross"},
            "layers": [{"operation": "sum_pooling", "kernel": 3}],
        },
    ),
)
