"""The network as it grows while a text is read: layers, what each reads, notes. Knows no text and no framework."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from ...core.errors import Problem, counted
from ...core.geometry import geometry
from ...core.network.graph import MOST_LAYERS
from ...core.network.shapes import between
from ...core.place import MOST_INPUTS, NAME, RESERVED, SOURCE
from ...core.spec import LayerSpec
from ...operations import registry
from .things import NotUnderstood, Stopped, Tensor

MOST_NOTES = 60
PASSED = {"operation": "activation"}  # what stands for a layer that is not understood: it changes nothing


@dataclass
class NetworkReading:
    """The layers that a text says in their order, whose words they were in, and what else there is to say.

    ``input_shape`` is channels first, where the text tells the sizes of its input. ``features`` are the numbers that
    each layer reads in all, where the text tells them: a dense layer's tell the size of the input.
    """

    layers: list[LayerSpec] = field(default_factory=list)
    framework: str = "pytorch"
    notes: list[str] = field(default_factory=list)
    passed_through: list[str] = field(default_factory=list)
    input_channels: int | None = None
    input_features: int | None = None
    axes: int | None = None
    input_shape: tuple[int, ...] | None = None
    features: list[int | None] = field(default_factory=list)
    tensors: dict[str, NDArray[np.floating]] = field(default_factory=dict)  # by full name: conv1.weight
    values: dict[str, str] = field(default_factory=dict)  # what the output of a layer is called in a file


@dataclass
class _Node:
    spec: LayerSpec
    inputs: tuple[int, ...]
    name: str
    line: int
    called: str
    reason: str = ""  # why it is passed through
    notes: tuple[str, ...] = ()
    tensors: dict[str, NDArray[np.floating]] = field(default_factory=dict)
    value: str = ""
    features: int | None = None


@dataclass
class Draft:
    """Layers in the order in which they are computed."""

    framework: str = "pytorch"
    nodes: list[_Node] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    source: Tensor = field(default_factory=lambda: Tensor(-1))
    channels: int | None = None
    features: int | None = None
    axes: int | None = None
    inputs: int = 0  # how many inputs the text makes, as functional models do

    def note(self, words: str) -> None:
        """One more thing to say, once."""
        if words not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(words)

    def input(self, like: Tensor) -> Tensor:
        """One more input that the text makes; a network reads the one that its model names."""
        self.inputs += 1
        return Tensor(-self.inputs, like.axes, like.channels, like.shape)

    def add(
        self,
        spec: Mapping[str, Any],
        inputs: Sequence[Tensor],
        line: int,
        *,
        name: str = "",
        called: str = "",
        notes: Sequence[str] = (),
    ) -> Tensor:
        """One more layer; raises NotUnderstood where its settings are none."""
        if len(self.nodes) >= MOST_LAYERS:
            raise Stopped(f"Only the first {MOST_LAYERS:,} layers are read.")
        if not inputs or len(inputs) > MOST_INPUTS:
            raise NotUnderstood(f"it joins {counted(len(inputs), 'tensor')}")
        operation = registry()[spec["operation"]]
        try:
            made = operation.spec.model_validate(dict(spec))
        except ValidationError as error:
            raise NotUnderstood(_first(error)) from None
        self.nodes.append(
            _Node(
                made,
                tuple(one.node for one in inputs),
                name,
                line,
                called or spec["operation"],
                "",
                tuple(notes),
            )
        )
        return self._tensor(made, inputs)

    def passed(self, called: str, line: int, reason: str, inputs: Sequence[Tensor], name: str = "") -> Tensor:
        """A layer that changes nothing in place of one that is not understood; it passes on its first input."""
        if len(self.nodes) >= MOST_LAYERS:
            raise Stopped(f"Only the first {MOST_LAYERS:,} layers are read.")
        first = inputs[0]
        spec = registry()["activation"].spec.model_validate(PASSED)
        self.nodes.append(
            _Node(spec, (first.node,), name or f"not_understood_{called}", line, called, reason)
        )
        return Tensor(len(self.nodes) - 1, first.axes, first.channels, first.shape)

    def _tensor(self, spec: LayerSpec, inputs: Sequence[Tensor]) -> Tensor:
        """The output of the last layer, with what can be told of its shape."""
        operation = registry()[spec.operation]
        node, first = len(self.nodes) - 1, inputs[0]
        shape, vector = self._shape(spec, inputs)
        if shape is not None:
            pointwise = operation.geometry == "pointwise" and all(one.axes == 0 for one in inputs)
            return Tensor(node, 0 if vector or pointwise else len(shape) - 1, shape[0], shape)
        axes, channels = first.axes, first.channels
        if operation.result == "vector":
            axes, channels = 0, getattr(spec, "filters", None)
        elif operation.result == "shape":
            target: tuple[int, ...] = getattr(spec, "shape", ())
            axes, channels = len(target) - 1, target[0] if target and target[0] > 0 else None
        elif operation.channels == "filters":
            channels = getattr(spec, "filters", None)
        elif operation.channels == "inputs":
            channels = next((one.channels for one in inputs if one.channels is not None), None)
        elif len(inputs) > 1:
            known = [one.channels for one in inputs]
            channels = None if None in known else sum(one for one in known if one is not None)
        elif operation.channels in ("phases", "taps"):
            channels = None
        for one in inputs:
            axes = max(axes or 0, one.axes or 0) if len(inputs) > 1 and axes is not None else axes
        return Tensor(node, axes, channels)

    def _shape(self, spec: LayerSpec, inputs: Sequence[Tensor]) -> tuple[tuple[int, ...] | None, bool]:
        """The output's shape and whether it is a vector, where the shapes of all inputs are known and it fits them."""
        shapes = [one.shape for one in inputs if one.shape is not None]
        if len(shapes) < len(inputs):
            return None, False
        sizes = max((one[1:] for one in shapes), key=lambda sizes: (len(sizes), sizes))
        together = (sum(one[0] for one in shapes), *sizes)
        operation = registry()[spec.operation]
        if operation.channels == "inputs" and len(inputs) > 1:
            spec = spec.model_copy(update={"parts": len(inputs)})
        try:
            built = geometry(operation, spec, together)
        except (Problem, ValueError):
            return None, False
        return between(built), len(built.output_shape) == 1

    # --- The end ------------------------------------------------------------------------------------------------

    def finished(self, output: Tensor) -> NetworkReading | None:
        """The layers that the output needs; those that it does not are left out with a note."""
        kept = self._kept(output)
        if not kept:
            return None
        source = self.source
        found = NetworkReading(framework=self.framework, notes=list(self.notes))
        found.input_channels = source.channels if self.channels is None else self.channels
        found.input_features = self.features if source.shape is None else None
        found.axes = self.axes if source.axes in (None, 0) else source.axes
        found.input_shape = source.shape
        names = self._names(kept)
        chain = all(
            tuple(max(one, -1) for one in self.nodes[place].inputs) == ((kept[at - 1] if at else -1),)
            for at, place in enumerate(kept)
        )
        for place in kept:
            node = self.nodes[place]
            update: dict[str, Any] = {}
            if not chain or node.name:
                update["name"] = names[place]
            if not chain:
                update["inputs"] = tuple(SOURCE if one < 0 else names[one] for one in node.inputs)
            given = node.spec.model_dump(mode="json", exclude_unset=True, warnings=False) | update
            found.tensors |= {f"{names[place]}.{name}": one for name, one in node.tensors.items()}
            if node.value:
                found.values[names[place]] = node.value
            found.layers.append(registry()[node.spec.operation].spec.model_validate(given))
            found.features.append(node.features)
        self._tell(found, kept, names)
        return found

    def _kept(self, output: Tensor) -> list[int]:
        """The layers that the output needs, in order; a note names each of the others."""
        needed = {output.node}
        for place in range(output.node, -1, -1):
            if place in needed:
                needed.update(self.nodes[place].inputs)
        others = {one for one in needed if one < 0 and one != self.source.node}
        for place, node in enumerate(self.nodes):
            if place not in needed:
                name = node.name or node.called
                self.note(
                    f"Line {node.line}: nothing that leads to the output reads {name}, and it is left out."
                )
            elif others.intersection(node.inputs):
                self.note(
                    f"Line {node.line}: {node.called} reads another input, and a network reads one here."
                )
        return [place for place in range(len(self.nodes)) if place in needed]

    def _tell(self, found: NetworkReading, kept: Sequence[int], names: Mapping[int, str]) -> None:
        """Notes of the layers, and of those that are passed through."""
        said: dict[tuple[str, int, str], list[str]] = {}
        for place in kept:
            node = self.nodes[place]
            for note in node.notes:
                words = f"Line {node.line}: {note}" if node.line else note
                if words not in found.notes:
                    found.notes.append(words)
            if node.reason:
                found.passed_through.append(names[place])
                said.setdefault((node.called, node.line, node.reason), []).append(names[place])
        for (called, line, reason), those in said.items():
            where = f" on line {line}" if line else ""
            as_those = those[0] if len(those) == 1 else f"{those[0]} and {len(those) - 1:,} more"
            found.notes.append(
                f"{called}{where} is not understood and passed through as {as_those}: {reason}."
            )

    def _names(self, kept: Sequence[int]) -> dict[int, str]:
        """A name for each layer: its own, made such that layers take it, or the operation's prefix with a number."""
        names: dict[int, str] = {}
        taken: set[str] = set()
        for place in kept:
            if self.nodes[place].name:
                names[place] = _free(self.nodes[place].name, taken)
                taken.add(names[place])
        numbers: dict[str, int] = {}
        for place in kept:
            if place not in names:
                prefix = registry()[self.nodes[place].spec.operation].called
                name = ""
                while not name or name in taken:
                    numbers[prefix] = numbers.get(prefix, 0) + 1
                    name = f"{prefix}{numbers[prefix]}"
                names[place] = name
                taken.add(name)
        return names


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    context = first.get("ctx", {})
    reason = str(context.get("reason", first["msg"]))
    return f"{'.'.join(map(str, first['loc'][:1]))}: {reason}"


def _free(name: str, taken: set[str]) -> str:
    """A name that layers take and that none has yet."""
    name = re.sub(r"[^A-Za-z0-9_.]", "_", name)[:56]
    if not NAME.match(name) or name in RESERVED:
        name = f"layer_{name}"[:56]
    made, number = name, 1
    while made in taken:
        number += 1
        made = f"{name}_{number}"
    return made
