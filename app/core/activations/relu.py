"""ReLU: negative values become 0."""

from __future__ import annotations

import numpy as np

from .activation import Activation, Array


def _apply(values: Array, channels: int) -> None:
    np.maximum(values, 0, out=values)  # lets NaN through, as the frameworks do


def _pullback(gradient: Array, before: Array, after: Array, channels: int) -> Array:
    return gradient * (after > 0)


ACTIVATION = Activation(
    name="relu",
    title="ReLU",
    rank=1,
    description="Replaces every negative output by 0.",
    formula="max(x, 0)",
    apply=_apply,
    pullback=_pullback,
    derivative="1 where x > 0, else 0",
    effort=2,
    code={
        "numpy": "np.maximum(y, 0)",
        "jax": "jax.nn.relu(y)",
        "pytorch": "torch.relu(y)",
        "keras": "keras.ops.relu(y)",
    },
    imports={"jax": "import jax"},
    onnx=(("Relu", {}, ("y",)),),
    names=("relu",),
)
