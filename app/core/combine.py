"""The closed set of ways to combine a window into a value, in float64 for the replay. Knows no geometry."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Combine:
    """One way to combine: what zero-mode padding holds, whether it has weights, and its definition.

    ``apply(window, weight, bias)`` takes a window (steps, channels, taps), a weight (lanes, channels, taps)
    or None and a bias (lanes,) or None, and gives the values (steps, lanes). It is the slow definition that
    the fast kernels are held to.
    """

    name: str
    fill: float
    weighted: bool
    apply: Callable[[Float64, Float64 | None, Float64 | None], Float64]


def _sum_of_products(window: Float64, weight: Float64 | None, bias: Float64 | None) -> Float64:
    assert weight is not None, "a sum of products needs a weight"
    products = window[:, None] * weight[None]
    total: Float64 = products.reshape(*products.shape[:2], -1).sum(axis=-1)
    return total if bias is None else total + bias


def _largest(window: Float64, weight: Float64 | None, bias: Float64 | None) -> Float64:
    values: Float64 = window.reshape(len(window), -1).max(axis=-1, keepdims=True)
    return values


COMBINES = {
    combine.name: combine
    for combine in (
        Combine("sum_of_products", 0.0, True, _sum_of_products),
        Combine("max", -math.inf, False, _largest),
    )
}


def activate(values: Array, activation: str) -> Array:
    """Apply the activation in place: ``relu`` is max(value, 0) and lets NaN through, as the frameworks do."""
    if activation == "relu":
        np.maximum(values, 0, out=values)
    return values
