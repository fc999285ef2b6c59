"""Gradients through the pieces of a combine: the gradient of a window's value becomes that of each cell and weight.

The slow definition, in float64, beside ``combine.py``, whose pieces it follows in the opposite order: finish,
reduction, term. Knows no geometry.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Float64 = NDArray[np.float64]


def winners(terms: Array, *, largest: bool, axis: int = -1) -> NDArray[np.intp]:
    """The place of the largest (or smallest) along an axis: the first of equals, and the last NaN, as in PyTorch."""
    found: NDArray[np.intp] = (terms.argmax if largest else terms.argmin)(axis=axis)
    nan = np.isnan(terms)
    if nan.any():
        last = terms.shape[axis] - 1 - np.flip(nan, axis).argmax(axis=axis)
        found = np.where(nan.any(axis=axis), last, found)
    return found


def _to_sum(terms: Float64, gradient: Float64) -> Float64:
    """``g`` to each term."""
    return np.broadcast_to(gradient[..., None], terms.shape[:-2] + gradient.shape[-1:] + terms.shape[-1:])


def _to_product(terms: Float64, gradient: Float64) -> Float64:
    """``g`` times all other terms, never divided by the term itself, which may be 0."""
    ones = np.ones_like(terms[..., :1])
    before = np.cumprod(np.concatenate([ones, terms[..., :-1]], axis=-1), axis=-1)
    after = np.cumprod(np.concatenate([ones, terms[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    result: Float64 = gradient[..., None] * before * after
    return result


def _to_winner(largest: bool) -> Callable[[Float64, Float64], Float64]:
    def to_winner(terms: Float64, gradient: Float64) -> Float64:
        """``g`` to the one that wins, 0 to the others."""
        passed = np.zeros_like(terms)
        place = winners(terms, largest=largest)[..., None]
        np.put_along_axis(passed, place, gradient[..., None], axis=-1)
        return passed

    return to_winner


def _to_picked(terms: Float64, gradient: Float64) -> Float64:
    """The gradient of lane l to tap l: terms are (steps, 1, taps), gradients (steps, taps)."""
    return gradient[:, None]


# Each takes terms (steps, lanes, terms) and the gradient (steps, lanes) of their reduction.
REDUCE_BACK: dict[str, Callable[[Float64, Float64], Float64]] = {
    "sum": _to_sum,
    "product": _to_product,
    "largest": _to_winner(largest=True),
    "smallest": _to_winner(largest=False),
    "pick": _to_picked,
}


def root_back(reduced: Array, p: float, gradient: Array) -> Array:
    """``g · s^(1/p − 1) / p`` for ``y = s^(1/p)``; 0 where s is 0, where the root has no derivative."""
    power = np.where(reduced == 0, 0, np.abs(reduced) ** (1 / p - 1))
    result: Array = gradient * power / p
    return result


def power_back(cells: Array, p: float, gradient: Array) -> Array:
    """``g · p · sign(x) · |x|^(p − 1)`` for ``|x|^p``; 0 at 0, whatever p is."""
    power = np.where(cells == 0, 0, np.abs(cells) ** (p - 1))
    result: Array = gradient * p * np.sign(cells) * power
    return result
