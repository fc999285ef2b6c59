"""Losses and their gradients, as PyTorch defines them. Knows outputs and targets, no network.

An output is (channels, *sizes, examples). Where a loss includes an activation (``reads_before``), it reads the last
layer before that activation, which is exact where the activation has gone flat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

HUBER_DELTA = 1.0


@dataclass(frozen=True, slots=True)
class Loss:
    """One loss. ``of`` takes an output and a target of its shape, and gives the value and the gradient of the output.

    A loss of numbers also takes how much each counts, and is then a weighted mean; where nothing counts it is 0.
    ``reads_before`` is the activation that it includes. ``classes`` says what a class is to it: ``shares`` that add up
    to 1 over at least two channels, ``chances`` that are each right or wrong, or ``numbers`` like any other.
    """

    name: str
    title: str
    formula: str
    of: Callable[..., tuple[float, Array]]
    reads_before: str = ""
    classes: str = "numbers"


def _cross_entropy(output: Array, target: Array) -> tuple[float, Array]:
    """``−Σ t · log softmax(z)``, mean over examples; the gradient is (softmax(z) − t) / examples."""
    shifted = output - output.max(axis=0)
    powers = np.exp(shifted)
    total = powers.sum(axis=0)
    count = output[0].size
    value = (np.log(total).sum() - np.vdot(shifted, target)) / count
    powers /= total
    powers -= target
    powers /= count
    return float(value), powers


def _binary_cross_entropy(output: Array, target: Array) -> tuple[float, Array]:
    """``max(z, 0) − z · t + log(1 + e^−|z|)``, mean over all numbers; the gradient is (sigmoid(z) − t) / count."""
    small = np.exp(-np.abs(output))
    value = (np.maximum(output, 0) - output * target + np.log1p(small)).mean()
    share = np.where(output >= 0, 1, small) / (1 + small)
    return float(value), ((share - target) / output.size).astype(output.dtype)


def _mean_squared_error(output: Array, target: Array, counts: Array | None = None) -> tuple[float, Array]:
    """``(y − t)²``, mean over all numbers; the gradient is 2 (y − t) / count."""
    error = output - target
    if counts is None:
        return float(np.vdot(error, error) / error.size), error * error.dtype.type(2 / error.size)
    part = counts * error
    return float(np.vdot(part, error) * _one_of(counts)), part * error.dtype.type(2 * _one_of(counts))


def _huber(output: Array, target: Array, counts: Array | None = None) -> tuple[float, Array]:
    """``e² / 2`` up to δ = 1 and ``δ (|e| − δ / 2)`` beyond, mean; the gradient is e, at most ±δ, by the count."""
    error = output - target
    cut = np.clip(error, -HUBER_DELTA, HUBER_DELTA)
    each = cut * (error - cut / 2)
    if counts is None:
        return float(each.mean()), cut / cut.dtype.type(error.size)
    return float(np.vdot(counts, each) * _one_of(counts)), counts * cut * cut.dtype.type(_one_of(counts))


def _one_of(counts: Array) -> float:
    """``1 / Σ counts``; 0 where nothing counts."""
    total = float(counts.sum())
    return 1 / total if total > 0 else 0.0


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        loss.name: loss
        for loss in (
            Loss(
                "cross_entropy",
                "Cross-entropy",
                "−log of the share that softmax gives to the right class",
                _cross_entropy,
                "softmax",
                "shares",
            ),
            Loss(
                "binary_cross_entropy",
                "Binary cross-entropy",
                "−log of the chance that sigmoid gives to what is right",
                _binary_cross_entropy,
                "sigmoid",
                "chances",
            ),
            Loss("mean_squared_error", "Mean squared error", "(y − t)²", _mean_squared_error),
            Loss("huber", "Huber", "e² / 2 up to 1, and |e| − 1/2 beyond", _huber),
        )
    }
)
