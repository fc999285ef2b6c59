"""Lp pooling: each channel's p-norm under a window, between the sum (p = 1) and the maximum (p → ∞)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..core.frameworks.arguments import ONNX_POOL, PYTORCH_INPUT
from ..core.frameworks.arguments import PYTORCH_POOL as PYTORCH_POOL_WINDOW
from ..core.frameworks.arguments_jax import THEN, reduce_window
from ..core.frameworks.checks import (
    ONNX_PADDING,
    ONNX_WINDOW,
    PYTORCH_POOL,
    PYTORCH_WITHIN_INPUT,
    none_of,
    whole_number,
)
from ..core.frameworks.framework import Framework, layers
from ..core.frameworks.writing import (
    SCALED,
    Argument,
    Writing,
    fixed,
    flag,
)
from ..core.lowering.part import Part
from ..core.lowering.reduction import counts_of, separable, window_counts
from ..core.operation import Array, Operation
from ..core.spec import Exponent, PoolSpec, parameter


class LpPoolingSpec(PoolSpec):
    """``y[c, t] = (Σ over j of |x[c, t·stride + j·dilation − begin]|^p)^(1/p)``; padded cells are 0."""

    operation: Literal["lp_pooling"]
    p: Exponent = parameter(
        2,
        "number",
        "Exponent",
        "The p of the norm, a number above 0: 1 adds magnitudes, 2 is the Euclidean length, a large one tends to "
        "the maximum. As in ONNX, values count by their magnitude.",
        unit="power",
        minimum=0,
        control_maximum=8,
    )


def kernel(part: Part, rows: slice) -> Array:
    """Powers once per input cell, sums axis by axis, then the root; of a clipped window, scaled where that is asked."""
    p, taps = part.constants.p, part.walk.taps
    assert p is not None, "a norm needs its exponent"
    scaled = part.constants.divisor is not None
    counts = window_counts(part.walk, rows, padding=False) if scaled else []

    def powers(cells: Array, out: Array) -> None:
        if p == 2:
            np.multiply(cells, cells, out=out)
            return
        np.abs(cells, out=out)
        if p != 1:
            np.power(out, p, out=out)

    def root(values: Array, box: tuple[slice, ...]) -> None:
        if scaled:
            values *= (taps / counts_of(counts, rows, box)).astype(values.dtype)
        if p == 2:
            np.sqrt(values, out=values)
        elif p != 1:
            np.power(values, 1 / p, out=values)

    return separable(part, rows, np.add, powers, root)


PYTORCH_ARGUMENTS = (
    Argument("norm_type", "p", form="number"),
    *PYTORCH_POOL_WINDOW,
    flag("ceil_mode", "ceil_mode", False),
)

# A norm in JAX is a sum of powers whose root is taken behind it.
JAX_ROOT = (
    fixed(THEN, "norm", default="mean"),
    Argument("the root behind", "p", form="number"),
    Argument("clipped windows scaled up", SCALED, False, "flag"),
)

OPERATION = Operation(
    name="lp_pooling",
    title="Lp pooling",
    family="pooling",
    summary="Takes the p-norm under each window, channel by channel. It has no weights.",
    spec=LpPoolingSpec,
    geometry="sliding_window",
    combine="p_norm",
    channels="each",
    kernel=kernel,
    padding_below_kernel=True,
    frameworks={
        "pytorch": Framework(
            layers("torch.nn.LPPool{}d"),
            (none_of("padding", 0), PYTORCH_WITHIN_INPUT, none_of("dilation")),
            PYTORCH_POOL,
            scales_clipped=True,
            writings=(
                Writing(("torch.nn.LPPool{}d",), PYTORCH_ARGUMENTS),
                Writing(("torch.nn.functional.lp_pool{}d",), (*PYTORCH_INPUT, *PYTORCH_ARGUMENTS)),
            ),
        ),
        "jax": Framework(writings=(reduce_window("add", more=JAX_ROOT),)),
        "onnx": Framework(
            layers("LpPool"),
            (ONNX_PADDING, whole_number("p", "p must be an integer")),
            ONNX_WINDOW,
            writings=(Writing(("LpPool",), (*ONNX_POOL, Argument("p", "p", 2, "number", keyword=True))),),
        ),
    },
    instead=("max_pooling", "average_pooling"),
    examples=(
        {
            "title": "Euclidean length of each 2×2",
            "caption": "Squares are added, then the root is taken.",
            "question": "What is at row 0, column 0?",
            "source": {"kind": "sample", "name": "grid"},
            "layers": [{"operation": "lp_pooling", "kernel": 2}],
        },
    ),
)
