"""Batch normalisation that trains: by the batch's own statistics, which a running mean keeps for evaluation.

Arrays are (channels, *sizes, examples). As PyTorch has it: the variance of the batch is biased, the one that is kept is
not, and a tenth of each new number goes into what is kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..activations import ACTIVATIONS
from ..geometry import Geometry
from ..lowering.quiet import quiet
from ..lowering.windows import batched

Array = NDArray[np.floating]

NEW = 0.1  # of a batch's statistics in those that are kept


class Normalised:
    """One layer on batches of ``count`` examples. ``statistics`` are its mean and variance, which training moves."""

    def __init__(
        self,
        geometry: Geometry,
        count: int,
        epsilon: float,
        into: Mapping[str, Array],
        statistics: Mapping[str, Array],
    ) -> None:
        self.walk = batched(geometry.walk, count)
        self._activation = ACTIVATIONS[geometry.activation]
        self._epsilon, self._into, self._statistics = epsilon, into, statistics
        self._numbers = math.prod(self.walk.step_shape)  # of a channel
        self._each = (-1, *(1,) * len(self.walk.axes))
        self._normal = self._before = self._after = np.zeros(0)
        self._scale: Array = self._normal
        self._training = False
        self.pulled: Array | None = None  # the gradient of what comes before the activation

    def forward(self, x: Array, own: Mapping[str, Array], *, training: bool) -> Array:
        """``x̂ = (x − mean) / √(variance + ε)``, then ``gain · x̂ + offset``, and the activation."""
        return quiet.call(self._forward, x, own, training)

    def _forward(self, x: Array, own: Mapping[str, Array], training: bool) -> Array:
        self._training = training
        flat = x.reshape(len(x), -1)
        mean, variance = self._statistics["mean"], self._statistics["variance"]
        if training:
            kept, count = self._statistics, self._numbers
            mean, variance = flat.mean(axis=1), flat.var(axis=1)
            kept["mean"][...] += NEW * (mean - kept["mean"])
            kept["variance"][...] += NEW * (variance * (count / max(1, count - 1)) - kept["variance"])
        inverse = 1 / np.sqrt(variance + self._epsilon)
        self._normal = ((x - mean.reshape(self._each)) * inverse.reshape(self._each)).astype(x.dtype)
        self._scale = (own["gain"] * inverse).reshape(self._each).astype(x.dtype)
        self._before = self._normal * own["gain"].reshape(self._each) + own["offset"].reshape(self._each)
        self._after = self._before.copy()
        self._activation.apply(self._after, 0)
        return self._after

    def backward(self, gradient: Array, *, to_input: bool = True) -> Array | None:
        """``dx = gain / √(v + ε) · (g − Σ g / m − x̂ · Σ g x̂ / m)`` of m numbers; as evaluated, of g alone."""
        return quiet.call(self._backward, gradient, to_input)

    def _backward(self, gradient: Array, to_input: bool) -> Array | None:
        gradient = self.pulled = self._activation.pullback(gradient, self._before, self._after, 0)
        flat = gradient.reshape(len(gradient), -1)
        to_offset, to_gain = flat.sum(axis=1), (flat * self._normal.reshape(flat.shape)).sum(axis=1)
        self._into["offset"][...] = to_offset
        self._into["gain"][...] = to_gain
        if not to_input:
            return None
        if self._training:
            mean, along = (one.reshape(self._each) / self._numbers for one in (to_offset, to_gain))
            gradient = gradient - mean - self._normal * along
        return self._scale * gradient
