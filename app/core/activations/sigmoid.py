"""Sigmoid: every value goes between 0 and 1."""

from __future__ import annotations

import numpy as np

from .activation import Activation, Array


def sigmoid(values: Array) -> Array:
    """``1 / (1 + exp(−x))``, by exponentials that never overflow: of −|x|."""
    small = np.exp(-np.abs(values))
    result: Array = np.where(values < 0, small, values.dtype.type(1)) / (1 + small)
    return result


def _apply(values: Array, channels: int) -> None:
    values[...] = sigmoid(values)


def _pullback(gradient: Array, before: Array, after: Array, channels: int) -> Array:
    return gradient * after * (1 - after)


ACTIVATION = Activation(
    name="sigmoid",
    title="Sigmoid",
    rank=3,
    description="Maps every output to a number between 0 and 1.",
    formula="1 / (1 + exp(-x))",
    apply=_apply,
    pullback=_pullback,
    derivative="y * (1 - y)",
    effort=55,
    code={
        "numpy": "1 / (1 + np.exp(-y))",
        "jax": "jax.nn.sigmoid(y)",
        "pytorch": "torch.sigmoid(y)",
        "keras": "keras.ops.sigmoid(y)",
    },
    imports={"jax": "import jax"},
    onnx=(("Sigmoid", {}, ("y",)),),
    names=("sigmoid",),
)
