"""No activation: the output is what the layer sums up."""

from __future__ import annotations

from .activation import Activation, Array


def _apply(values: Array, channels: int) -> None:
    """The values stay."""


def _pullback(gradient: Array, before: Array, after: Array, channels: int) -> Array:
    return gradient


ACTIVATION = Activation(
    name="none",
    title="None",
    rank=0,
    description="The output is what the layer gives.",
    formula="x",
    apply=_apply,
    pullback=_pullback,
    derivative="1",
    names=("linear", "none", "identity"),
)
