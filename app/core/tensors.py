"""The record of an operation's own tensors, beside weight and bias: names, starts, ranges. Knows no operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .spec import LayerSpec

Array = NDArray[np.floating]
Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OwnTensor:
    """One tensor with a number for each channel: what it starts as, and the range that seeded ones are drawn from."""

    name: str
    start: float
    drawn: tuple[float, float]
    least: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OwnTensors:
    """The tensors of an operation by name, and the factor and the summand of each channel that they come to.

    ``trained`` are those that training changes; there are as many of them as factor and summand have.
    """

    tensors: tuple[OwnTensor, ...]
    trained: tuple[str, ...]
    folded: Callable[[Mapping[str, Float64], LayerSpec], tuple[Float64, Float64]]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, in the order of the operation."""
        return tuple(one.name for one in self.tensors)

    def started(self, channels: int) -> dict[str, Float64]:
        """Their values (channels,) before any training."""
        return {one.name: np.full(channels, one.start) for one in self.tensors}

    def seeded(self, channels: int, seed: int) -> dict[str, Float64]:
        """Numbers (channels,) as training might have left them, rounded so that they can be written out."""
        rng: Any = np.random.default_rng(seed)
        return {one.name: np.round(rng.uniform(*one.drawn, channels), 4) for one in self.tensors}
