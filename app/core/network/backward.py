"""A network that trains: batches forward through its layers, and gradients the other way.

Arrays are (channels, *sizes, examples). Knows layers and what joins them; knows no loss, no optimiser and no data.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..engine.batch import BatchLayer
from ..engine.normalised import Normalised
from ..place import SOURCE
from .graph import Node
from .parameters import Parameters, statistics_of, trained
from .shapes import Placed, Shapes

Array = NDArray[np.floating]

Statistics = Mapping[str, Mapping[str, Array]]
# Gives the factors of a layer that drops cells in one training step, from its name and the input's shape.
Masks = Callable[[str, float, tuple[int, ...]], Array]


class BatchNetwork:
    """A network on batches of ``count`` examples. ``row`` holds its parameters, ``gradient`` their gradients.

    With ``bare`` the last layer has no activation: a loss that includes it reads what comes before. ``to_source`` says
    that the gradient of the source is wanted; without it nothing is computed that leads to no parameter.
    ``statistics`` are what layers measure while they train, which training moves.
    """

    def __init__(
        self,
        shapes: Shapes,
        count: int,
        row: Array,
        gradient: Array | None = None,
        *,
        statistics: Statistics | None = None,
        bare: bool = False,
        to_source: bool = False,
    ) -> None:
        self.shapes = shapes
        self.parameters = Parameters.of(shapes)
        self._count = count
        self._given = self.parameters.views(row)
        self.gradient = np.zeros_like(row) if gradient is None else gradient
        into = self.parameters.views(self.gradient)
        measured = statistics_of(shapes) if statistics is None else statistics
        self._layers: dict[str, BatchLayer | Normalised] = {}
        self._passes: dict[str, bool] = {SOURCE: to_source}  # whether a gradient is wanted of it
        for node in shapes.network.order:
            placed = shapes.placed[node.name]
            built = placed.geometry
            if bare and node is shapes.network.last:
                built = dataclasses.replace(built, activation="none")
            own = into.get(node.name, {})
            if node.name in measured:
                epsilon: float = node.spec.epsilon  # type: ignore[attr-defined]
                self._layers[node.name] = Normalised(built, count, epsilon, own, measured[node.name])
            else:
                self._layers[node.name] = BatchLayer(
                    built, count, row.dtype, own.get("weight"), own.get("bias")
                )
            self._passes[node.name] = bool(trained(placed)) or any(self._passes[name] for name in node.inputs)
        self._masks: dict[str, Array] = {}
        self.values: dict[str, Array] = {}

    def forward(self, x: Array, masks: Masks | None = None) -> Array:
        """The output of the last layer, (*shape, examples); ``masks`` says what is dropped, None that nothing is."""
        self.values = {SOURCE: x}
        self._masks = {}
        for node in self.shapes.network.order:
            placed = self.shapes.placed[node.name]
            given = self._joined(placed)
            if masks is not None and (rate := rate_of(node)):
                mask = self._masks[node.name] = masks(node.name, rate, given.shape)
                given = given * mask
            own = self._given.get(node.name, {})
            layer = self._layers[node.name]
            if isinstance(layer, Normalised):
                output = layer.forward(given, own, training=masks is not None)
            else:
                output = layer.forward(given, own.get("weight"), own.get("bias"))
            self.values[node.name] = output.reshape(*placed.shape, self._count)
        return self.values[self.shapes.network.last.name]

    def backward(self, gradient: Array, noted: dict[str, Array] | None = None) -> Array | None:
        """The gradient of the source (channels, *sizes, examples), or None where it is not wanted.

        ``gradient`` (*shape, examples) is that of the output.

        Those of the parameters are in ``gradient`` afterwards. ``noted`` gets that of the sums of each layer, before
        its activation.
        """
        known: dict[str, Array] = {self.shapes.network.last.name: gradient}
        for node in reversed(self.shapes.network.order):
            placed = self.shapes.placed[node.name]
            wanted = [self._passes[name] for name in node.inputs]
            arrived = known.pop(node.name, None)
            if arrived is None or not self._passes[node.name]:
                continue
            layer = self._layers[node.name]
            found = layer.backward(arrived.reshape(layer.walk.output_shape), to_input=any(wanted))
            if noted is not None and layer.pulled is not None:
                noted[node.name] = layer.pulled.reshape(*placed.shape, self._count).copy()
            if found is None:
                continue
            if node.name in self._masks:
                found = found * self._masks[node.name]
            self._share_out(placed, found, wanted, known)
        return known.get(SOURCE)

    def _joined(self, placed: Placed) -> Array:
        """The input of a layer, as one array."""
        sizes = placed.input_shape[1:]
        parts = []
        for name, wide in zip(placed.node.inputs, placed.stretched, strict=True):
            part = self.values[name]
            if wide:
                cells = part.reshape(len(part), *(1,) * len(sizes), self._count)
                part = np.broadcast_to(cells, (len(part), *sizes, self._count))
            parts.append(part)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _share_out(self, placed: Placed, found: Array, wanted: list[bool], known: dict[str, Array]) -> None:
        """Give each input its part of the gradient; what several layers read gets the sum of theirs."""
        start = 0
        places = zip(placed.node.inputs, placed.given, placed.stretched, wanted, strict=True)
        for name, shape, wide, wants in places:
            part = found[start : start + shape[0]]
            start += shape[0]
            if not wants:
                continue
            if wide:
                part = part.sum(axis=tuple(range(1, part.ndim - 1)))
            part = part.reshape(*shape, self._count)
            known[name] = known[name] + part if name in known else part


def rate_of(node: Node) -> float:
    """The share of cells that training drops before a layer; 0 for one that drops nothing."""
    return float(getattr(node.spec, node.operation.drops)) if node.operation.drops else 0.0


@dataclass(frozen=True, slots=True)
class SourceGradient:
    """The output of a network for one input, and the gradients of the input and of all parameters by layer and name."""

    output: Array
    input: Array
    parameters: dict[str, dict[str, Array]]

    @classmethod
    def of(
        cls,
        shapes: Shapes,
        x: Array,
        tensors: Mapping[str, Mapping[str, Array]],
        upstream: Array,
        masks: Masks | None = None,
        statistics: Statistics | None = None,
    ) -> SourceGradient:
        """Of a source ``x`` (channels, *sizes); ``upstream`` is the gradient of the output, in its shape.

        As at inference, unless ``masks`` says which cells are dropped.
        """
        parameters = Parameters.of(shapes)
        row = parameters.row(tensors, x.dtype.name)
        network = BatchNetwork(shapes, 1, row, statistics=statistics, to_source=True)
        output = network.forward(np.ascontiguousarray(x)[..., None], masks)[..., 0].copy()
        found = network.backward(np.ascontiguousarray(upstream, x.dtype).reshape(*output.shape, 1))
        to_input = np.zeros_like(x) if found is None else np.ascontiguousarray(found[..., 0])
        last = shapes.placed[shapes.network.last.name].geometry
        return cls(output.reshape(last.output_shape), to_input, parameters.views(network.gradient))
