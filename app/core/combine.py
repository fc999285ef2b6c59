"""The closed set of ways to combine a window into a value, in float64 for the replay. Knows no geometry."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .padding import BEYOND

Float64 = NDArray[np.float64]
Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Finish:
    """What a combine needs besides the window: the divisor of a mean, the exponent of a norm.

    ``divisor``: ``elements`` counts the input cells of a window, ``padded`` also the padding but never what
    lies beyond it (the overhang of ceil_mode), a number stands for itself.
    """

    divisor: str | int | None = None
    p: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What some steps read: cells (steps, channels, taps), and per step and tap a source index or a code < 0.

    ``factors`` (steps, taps) are the footprint's own weights, where it has any.
    """

    cells: Float64
    codes: NDArray[np.intp]
    factors: Float64 | None = None


@dataclass(frozen=True, slots=True)
class Effort:
    """Elementary operations that the fast kernels take: for each product, read, step of an axis' pass, output cell.

    One is 0.2 ns of a core; ``python -m benchmarks.charges`` measures them.
    """

    product: float = 0.0
    read: float = 0.0
    step: float = 0.0
    cell: float = 0.0


@dataclass(frozen=True, slots=True)
class Combine:
    """One way to combine: what zero-mode padding holds, whether it has weights, its effort and its definition.

    ``apply(reading, weight, bias, finish)`` takes a weight (lanes, channels, taps) or None and a bias (lanes,)
    or None, and gives the values (steps, lanes). It is the slow definition that the fast kernels are held to.
    """

    name: str
    fill: float
    weighted: bool
    effort: Effort
    apply: Callable[[Reading, Float64 | None, Float64 | None, Finish], Float64]


def _sum_of_products(
    reading: Reading, weight: Float64 | None, bias: Float64 | None, finish: Finish
) -> Float64:
    assert weight is not None, "a sum of products needs a weight"
    products = reading.cells[:, None] * weight[None]
    total: Float64 = products.reshape(*products.shape[:2], -1).sum(axis=-1)
    return total if bias is None else total + bias


def _largest(reading: Reading, weight: Float64 | None, bias: Float64 | None, finish: Finish) -> Float64:
    values: Float64 = reading.cells.reshape(len(reading.cells), -1).max(axis=-1, keepdims=True)
    return values


def _mean(reading: Reading, weight: Float64 | None, bias: Float64 | None, finish: Finish) -> Float64:
    total: Float64 = reading.cells.reshape(len(reading.cells), -1).sum(axis=-1, keepdims=True)
    if isinstance(finish.divisor, int):
        return total / finish.divisor
    counted = reading.codes > BEYOND if finish.divisor == "padded" else reading.codes >= 0
    mean: Float64 = total / counted.sum(axis=-1, keepdims=True)  # no number where nothing is counted
    return mean


def _p_norm(reading: Reading, weight: Float64 | None, bias: Float64 | None, finish: Finish) -> Float64:
    assert finish.p is not None, "a norm needs its exponent"
    cells = np.abs(reading.cells.reshape(len(reading.cells), -1))
    norm: Float64 = (cells**finish.p).sum(axis=-1, keepdims=True) ** (1 / finish.p)
    return norm


def _copy(reading: Reading, weight: Float64 | None, bias: Float64 | None, finish: Finish) -> Float64:
    """Lane l of a channel takes tap l: with one tap the cell itself, with as many lanes as taps the window."""
    assert reading.cells.shape[1] == 1, "a copy looks at one channel"
    return reading.cells[:, 0]


def _weighted_sum(reading: Reading, weight: Float64 | None, bias: Float64 | None, finish: Finish) -> Float64:
    assert reading.factors is not None, "a weighted sum needs the footprint's weights"
    terms = np.where(reading.codes[:, None] <= BEYOND, 0, reading.cells * reading.factors[:, None])
    total: Float64 = terms.reshape(len(terms), -1).sum(axis=-1, keepdims=True)
    return total


COMBINES = {
    combine.name: combine
    for combine in (
        Combine("sum_of_products", 0.0, True, Effort(product=0.22, cell=4), _sum_of_products),
        Combine("max", -math.inf, False, Effort(read=3), _largest),
        Combine("mean", 0.0, False, Effort(read=5), _mean),
        Combine("p_norm", 0.0, False, Effort(read=5), _p_norm),
        Combine("copy", 0.0, False, Effort(cell=10), _copy),
        Combine("weighted_sum", 0.0, False, Effort(step=130), _weighted_sum),
    )
}


def activate(values: Array, activation: str) -> Array:
    """Apply the activation in place: ``relu`` is max(value, 0) and lets NaN through, as the frameworks do."""
    if activation == "relu":
        np.maximum(values, 0, out=values)
    return values
