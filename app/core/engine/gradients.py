"""From a layer, its input and the gradient of its output to the gradients of input, weight and bias.

``replay_gradients`` follows the walk step by step in float64 and is the oracle; ``gradients`` is the fast way. Both
know walks and combines as records; neither knows an operation, a loss or a network.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..activations import ACTIVATIONS
from ..combines.combine import Reading
from .batch import BatchLayer
from .trace import Layer, factors_of, places, read

Array = NDArray[np.floating]
Float64 = NDArray[np.float64]

CHUNK = 256  # steps that are replayed in one go


@dataclass(frozen=True, slots=True)
class Gradients:
    """The gradients of a layer's input and, where it has them, of its weight and bias, each in that array's shape."""

    input: Array
    weight: Array | None
    bias: Array | None


def gradients(layer: Layer, upstream: Array) -> Gradients:
    """The gradients of a layer by the fast kernels, ``upstream`` being that of its output (lanes, *sizes)."""
    running = BatchLayer(layer.geometry, 1, layer.x.dtype)
    running.forward(layer.x[..., None], layer.weight, layer.bias)
    found = running.backward(np.ascontiguousarray(upstream, layer.x.dtype)[..., None])
    assert found is not None, "the gradient of the input was asked for"
    return Gradients(found[..., 0], running.weight_gradient, running.bias_gradient)


def replay_gradients(layer: Layer, upstream: Array) -> Gradients:
    """The same in float64 by the definition: each tap passes back to its cell what its combine says."""
    geometry, walk = layer.geometry, layer.geometry.walk
    combine, activation = geometry.combination, ACTIVATIONS[geometry.activation]
    kernel = None if layer.weight is None else geometry.as_read(layer.weight).astype(np.float64)
    bias = None if layer.bias is None else layer.bias.astype(np.float64)
    to_input = np.zeros(walk.input_shape)
    to_kernel = None if kernel is None else np.zeros(kernel.shape)
    to_bias = None if bias is None else np.zeros(bias.shape)
    after = np.asarray(upstream, np.float64).reshape(walk.lanes, -1)
    for first in range(0, walk.steps, CHUNK):
        count = min(CHUNK, walk.steps - first)
        window, codes = read(walk, layer.x, first, count)
        cells, _ = places(walk, first, count)
        cells = [np.broadcast_to(one, (count, *walk.tap_shape)).reshape(count, -1) for one in cells]
        factors, picks = factors_of(walk, first, count), walk.picks(first, count)
        values = np.empty((count, walk.lanes))
        groups = []
        for group in range(walk.groups):
            mine = slice(group * walk.lanes_per_group, (group + 1) * walk.lanes_per_group)
            own = None if kernel is None else kernel[mine].reshape(walk.lanes_per_group, -1, walk.taps)
            reading = Reading(window[:, group], codes, factors, picks)
            own_bias = None if bias is None else bias[mine]
            with np.errstate(all="ignore"):
                values[:, mine] = combine.apply(reading, own, own_bias, geometry.constants)
            groups.append((mine, own, reading))
        activated = values.copy()
        with np.errstate(all="ignore"):
            activation.apply(activated, 1)
            back = activation.pullback(after[:, first : first + count].T, values, activated, 1)
        before = np.asarray(back, np.float64)
        for group, (mine, own, reading) in enumerate(groups):
            with np.errstate(all="ignore"):
                passed, weights = combine.pullback(reading, own, geometry.constants, before[:, mine])
            if to_kernel is not None and weights is not None:
                to_kernel[mine] += weights.reshape(walk.lanes_per_group, -1, *walk.tap_shape)
            channels = np.arange(walk.channels)[walk.channels_of(group)]
            there = codes >= 0
            for place, channel in enumerate(channels):
                at = tuple(cell[there] for cell in cells)
                np.add.at(to_input[channel], at, passed[:, place][there])
        if to_bias is not None:
            to_bias += before.sum(axis=0)
    return Gradients(to_input, None if to_kernel is None else geometry.as_unread(to_kernel), to_bias)
