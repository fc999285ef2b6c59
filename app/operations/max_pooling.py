"""Max pooling: each channel's largest value under a window; padding never wins."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..core.lowering import Part, separable
from ..core.operation import Array, Operation
from ..core.spec import PoolSpec


class MaxPoolingSpec(PoolSpec):
    """``y[c, t] = max over j of x[c, t·stride + j·dilation − begin]``; padded cells are −∞."""

    operation: Literal["max_pooling"]


def kernel(part: Part, rows: slice) -> Array:
    """The largest value of each window; NaN wins, as in PyTorch."""
    return separable(part, rows, np.maximum)


OPERATION = Operation(
    name="max_pooling",
    title="Max pooling",
    family="pooling",
    summary="Keeps the largest value under each window, channel by channel. It has no weights.",
    spec=MaxPoolingSpec,
    geometry="sliding_window",
    combine="max",
    channels="each",
    kernel=kernel,
    padding_below_kernel=True,
    examples=(
        {
            "title": "Halve a picture",
            "source": {"kind": "sample", "name": "grid"},
            "layers": [{"operation": "max_pooling", "kernel": 2}],
        },
    ),
)
