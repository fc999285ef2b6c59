"""Leaky ReLU: negative values are scaled down instead of cut off; the slope is PyTorch's default, 0.01."""

from __future__ import annotations

import numpy as np

from .activation import Activation, Array

SLOPE = 0.01


def _apply(values: Array, channels: int) -> None:
    np.multiply(values, values.dtype.type(SLOPE), out=values, where=values < 0)


def _pullback(gradient: Array, before: Array, after: Array, channels: int) -> Array:
    kind = after.dtype.type
    return gradient * np.where(after > 0, kind(1), kind(SLOPE))


ACTIVATION = Activation(
    name="leaky_relu",
    title="Leaky ReLU",
    rank=2,
    description="Multiplies every negative output by 0.01.",
    formula="max(x, 0) + 0.01 * min(x, 0)",
    apply=_apply,
    pullback=_pullback,
    derivative="1 where x > 0, else 0.01",
    effort=60,
    code={
        "numpy": "np.where(y < 0, np.float32(0.01) * y, y)",
        "jax": "jax.nn.leaky_relu(y, 0.01)",
        "pytorch": "torch.nn.functional.leaky_relu(y, 0.01)",
        "keras": "keras.ops.leaky_relu(y, negative_slope=0.01)",
    },
    imports={"jax": "import jax"},
    onnx=(("LeakyRelu", {"alpha": SLOPE}, ("y",)),),
    names=("leaky_relu", "leakyrelu"),
)
