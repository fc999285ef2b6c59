"""Softmax over the channels: at each position the channels become shares that add up to 1."""

from __future__ import annotations

import numpy as np

from .activation import Activation, Array


def _apply(values: Array, channels: int) -> None:
    values -= values.max(axis=channels, keepdims=True)
    np.exp(values, out=values)
    values /= values.sum(axis=channels, keepdims=True)


def _pullback(gradient: Array, before: Array, after: Array, channels: int) -> Array:
    weighed = gradient * after
    result: Array = weighed - after * weighed.sum(axis=channels, keepdims=True)
    return result


ACTIVATION = Activation(
    name="softmax",
    title="Softmax",
    rank=7,
    description="Turns the channels of each position into shares that add up to 1.",
    formula="exp(x) / Σ exp(x) over the channels",
    apply=_apply,
    pullback=_pullback,
    derivative="y * (g - Σ g * y) over the channels, g being the gradient of y",
    effort=10,
    across="channels",
    code={
        "numpy": "np.exp(y - y.max({channels})) / np.exp(y - y.max({channels})).sum({channels})",
        "jax": "jax.nn.softmax(y, {channels})",
        "pytorch": "torch.softmax(y, {channels})",
        "keras": "keras.ops.softmax(y, axis={channels})",
    },
    imports={"jax": "import jax"},
    onnx=(("Softmax", {"axis": 1}, ("y",)),),
    names=("softmax",),
)
