"""SiLU, also called swish: every value times its sigmoid."""

from __future__ import annotations

from .activation import Activation, Array
from .sigmoid import sigmoid


def _apply(values: Array, channels: int) -> None:
    values *= sigmoid(values)


def _pullback(gradient: Array, before: Array, after: Array, channels: int) -> Array:
    share = sigmoid(before)
    return gradient * (share + after * (1 - share))


ACTIVATION = Activation(
    name="silu",
    title="SiLU",
    rank=6,
    description="Multiplies every output by its sigmoid; also called swish.",
    formula="x / (1 + exp(-x))",
    apply=_apply,
    pullback=_pullback,
    derivative="s + y * (1 - s), s being the sigmoid of x",
    keeps=True,
    effort=55,
    code={
        "numpy": "y / (1 + np.exp(-y))",
        "jax": "jax.nn.silu(y)",
        "pytorch": "torch.nn.functional.silu(y)",
        "keras": "keras.ops.silu(y)",
    },
    imports={"jax": "import jax"},
    onnx=(("Sigmoid", {}, ("y",)), ("Mul", {}, ("y", "last"))),
    names=("silu", "swish"),
)
