"""Hyperbolic tangent: every value goes between −1 and 1."""

from __future__ import annotations

import numpy as np

from .activation import Activation, Array


def _apply(values: Array, channels: int) -> None:
    np.tanh(values, out=values)


def _pullback(gradient: Array, before: Array, after: Array, channels: int) -> Array:
    return gradient * (1 - after * after)


ACTIVATION = Activation(
    name="tanh",
    title="Tanh",
    rank=4,
    description="Maps every output to a number between −1 and 1.",
    formula="tanh(x)",
    apply=_apply,
    pullback=_pullback,
    derivative="1 - y * y",
    effort=5,
    code={
        "numpy": "np.tanh(y)",
        "jax": "jnp.tanh(y)",
        "pytorch": "torch.tanh(y)",
        "keras": "keras.ops.tanh(y)",
    },
    onnx=(("Tanh", {}, ("y",)),),
    names=("tanh",),
)
