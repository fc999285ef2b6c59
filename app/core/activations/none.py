"""No activation: the output is what the layer sums up."""

from __future__ import annotations

from .activation import Activation, Array


def _apply(values: Array, channels: int) -> None:
    """The values stay."""


ACTIVATION = Activation(
    name="none",
    title="None",
    rank=0,
    description="The output is what the layer gives.",
    formula="x",
    apply=_apply,
    names=("linear", "none", "identity"),
)
