"""Dropout's masks: which cells a training step drops, and how the others grow. Knows no loop and no data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..network.graph import Network
from .streams import stream

Masks = Callable[[str, float, tuple[int, ...]], NDArray[np.floating]]


def masks(network: Network, seed: int, step: int, dtype: DTypeLike) -> Masks:
    """``m / (1 − rate)`` for a layer, a rate and a shape, ``m`` 1 with probability ``1 − rate``; 0 where rate is 1.

    Each layer has its own numbers, by its place in the network. The mask has ``dtype``.
    """
    places = {node.name: place for place, node in enumerate(network.layers)}

    def mask(name: str, rate: float, shape: tuple[int, ...]) -> NDArray[np.floating]:
        kept = stream(seed, "dropout", step, places[name]).random(shape, np.float32) >= rate
        scale = 0.0 if rate >= 1 else 1 / (1 - rate)
        found: NDArray[np.floating] = kept * np.asarray(scale, dtype)
        return found

    return mask
