"""The parameters of a network as one row of numbers, and each tensor as a view into it. Knows shapes, no values.

An optimiser changes all of them in a few operations on the row; a snapshot is a copy of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .shapes import Placed, Shape, Shapes

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a layer and its place in the row."""

    layer: str
    name: str
    shape: Shape
    start: int

    @property
    def full_name(self) -> str:
        """As bundles call it: conv1.weight."""
        return f"{self.layer}.{self.name}"

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)

    def of(self, row: Array) -> Array:
        """The tensor in its shape, as a view into a row (parameters,)."""
        return row[self.start : self.start + self.size].reshape(self.shape)


@dataclass(frozen=True)
class Parameters:
    """All tensors that training changes, in the order of the network."""

    tensors: tuple[Tensor, ...]

    @classmethod
    def of(cls, shapes: Shapes) -> Parameters:
        """Those of a network on its input."""
        found, start = [], 0
        for node in shapes.network.order:
            for name, shape in trained(shapes.placed[node.name]).items():
                found.append(Tensor(node.name, name, shape, start))
                start += math.prod(shape)
        return cls(tuple(found))

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return sum(tensor.size for tensor in self.tensors)

    def views(self, row: Array) -> dict[str, dict[str, Array]]:
        """Each layer's tensors by name, as views into a row (parameters,)."""
        found: dict[str, dict[str, Array]] = {}
        for tensor in self.tensors:
            found.setdefault(tensor.layer, {})[tensor.name] = tensor.of(row)
        return found

    def row(self, tensors: Mapping[str, Mapping[str, Array]], dtype: str = "float32") -> Array:
        """A new row (parameters,) of tensors that are given by layer and name."""
        row = np.empty(self.size, dtype)
        for tensor in self.tensors:
            tensor.of(row)[...] = tensors[tensor.layer][tensor.name]
        return row

    def named(self, row: Array) -> Iterator[tuple[str, Array]]:
        """(full name, view) of each tensor."""
        for tensor in self.tensors:
            yield tensor.full_name, tensor.of(row)


def statistics_of(shapes: Shapes) -> dict[str, dict[str, Array]]:
    """The statistics that layers measure while they train, by layer and name, before any training: (channels,)."""
    found: dict[str, dict[str, Array]] = {}
    for node in shapes.network.order:
        own = node.operation.own
        if own is not None:
            started = own.started(shapes.placed[node.name].geometry.walk.lanes)
            found[node.name] = {name: one for name, one in started.items() if name not in own.trained}
    return found


def trained(placed: Placed) -> dict[str, Shape]:
    """The tensors of a layer that training changes, with their shapes."""
    geometry, own = placed.geometry, placed.node.operation.own
    if own is not None:  # weight and bias are made of these
        return dict.fromkeys(own.trained, (geometry.walk.lanes,))
    given = {"weight": geometry.weight_shape, "bias": geometry.bias_shape}
    return {name: shape for name, shape in given.items() if shape is not None}
