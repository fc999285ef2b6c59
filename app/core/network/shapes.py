"""Shapes through a network: what each layer reads and gives, its geometry, and what stands between layers.

Computes no cell.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import Unfit, counted
from ..geometry import Geometry, geometry
from ..place import SOURCE
from ..spec import LARGEST_SHAPE
from .graph import Network, Node

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A layer on its input: ``given`` are the shapes of what it reads, ``geometry`` is that of all of it together.

    ``shape`` is what other layers read of it.
    """

    node: Node
    given: tuple[Shape, ...]
    geometry: Geometry
    shape: Shape

    @property
    def input_shape(self) -> Shape:
        """The shape of all inputs as one (channels, *sizes)."""
        return self.geometry.walk.input_shape

    @property
    def stretched(self) -> tuple[bool, ...]:
        """Which of its inputs have one cell a channel that stands for all cells."""
        sizes = self.input_shape[1:]
        return tuple(shape[1:] != sizes for shape in self.given)


@dataclass(frozen=True)
class Shapes:
    """All layers of a network on an input, by name, in the order in which they can be computed."""

    network: Network
    input_shape: Shape
    placed: Mapping[str, Placed]

    @functools.cached_property
    def prepared(self) -> dict[str, Any]:
        """Where those who ask keep what they worked out about these shapes; no part of their value."""
        return {}

    def upto(self, node: Node) -> Shapes:
        """The layers that one needs, as a network whose last it is."""
        network = self.network.upto(node)
        return Shapes(network, self.input_shape, {one.name: self.placed[one.name] for one in network.order})

    def shape_of(self, name: str) -> Shape:
        """The shape of a layer's output as others read it, or that of the source."""
        return self.input_shape if name == SOURCE else self.placed[name].shape


def shapes_of(network: Network, input_shape: Shape) -> Shapes:
    """The layers of a network on an input (channels, *sizes); raises Unfit with the pointer of the layer at fault."""
    shapes: dict[str, Shape] = {SOURCE: input_shape}
    placed: dict[str, Placed] = {}
    for node in network.order:
        given = tuple(shapes[name] for name in node.inputs)
        together = _together(node, given)
        try:
            built = geometry(node.operation, node.spec, together)
        except Unfit as problem:
            raise _placed(problem, network, node, given) from None
        shape = between(built)
        if max(shape) > LARGEST_SHAPE and node is not network.order[-1]:  # what nothing reads has any size
            raise Unfit(
                "layers",
                node.name,
                f"its output would be {times(shape)}, and no axis may be longer than {LARGEST_SHAPE:,}",
                "Use fewer filters, a smaller factor or a larger stride.",
                pointer=node.pointer,
            )
        shapes[node.name] = shape
        placed[node.name] = Placed(node, given, built, shape)
    return Shapes(network, input_shape, placed)


def between(built: Geometry) -> Shape:
    """An output as other layers read it: a vector is (channels, 1) on one axis."""
    shape = built.output_shape
    return shape if len(shape) > 1 else (*shape, 1)


def times(shape: Shape) -> str:
    """A shape as people write it: 3×28×28."""
    return "×".join(map(str, shape))


def _together(node: Node, given: tuple[Shape, ...]) -> Shape:
    """Several inputs as one: their channels one after another; raises Unfit where they do not meet."""
    if len(given) == 1:
        return given[0]
    joins = node.operation.channels == "inputs"
    sizes = max((shape[1:] for shape in given), key=_largest)
    for place, shape in enumerate(given):
        stretches = joins and math.prod(shape[1:]) == 1
        if shape[1:] == sizes or stretches:
            continue
        other = next(at for at, one in enumerate(given) if one[1:] == sizes)
        raise _apart(node, given, other, place, "differ in size")
    if joins:
        for place, shape in enumerate(given):
            if shape[0] != given[0][0]:
                raise _apart(node, given, 0, place, "differ in channels")
    return (sum(shape[0] for shape in given), *sizes)


def _largest(sizes: Shape) -> tuple[int, int]:
    return math.prod(sizes), len(sizes)


def _apart(node: Node, given: tuple[Shape, ...], one: int, other: int, how: str) -> Unfit:
    """The refusal of two inputs that do not meet."""
    first, second = node.inputs[one], node.inputs[other]
    filters = counted(given[one][0], "filter")
    remedies = {
        "differ in channels": f"Put a convolution with a kernel of 1 and {filters} behind {second}.",
        "differ in size": _remedy(given[one], given[other], second),
    }
    return Unfit(
        "inputs",
        f"{times(given[one])} and {times(given[other])}",
        f"{first} and {second}, which {node.name} reads, {how}",
        remedies[how],
        pointer=f"{node.pointer}/inputs" + (f"/{other}" if len(node.inputs) > 1 else ""),
    )


def _remedy(larger: Shape, smaller: Shape, name: str) -> str:
    """A remedy that brings one input to the size of the other."""
    if len(larger) != len(smaller):
        axes = counted(len(larger) - 1, "axis")
        return f"Let it read layers with {axes}, or put the operation before {name} loses some."
    ratios = {a / b for a, b in zip(larger[1:], smaller[1:], strict=True)}
    if len(ratios) == 1 and (ratio := ratios.pop()) == int(ratio):
        return f"Put an upsampling with factor {int(ratio)} behind {name}, or use the padding that keeps sizes equal."
    return "Use padding that keeps their sizes equal, such as same, or crop the larger one."


def _placed(problem: Unfit, network: Network, node: Node, given: tuple[Shape, ...]) -> Unfit:
    """The refusal of a layer with its pointer, and in a network with its name and what it reads."""
    reason = problem.reason
    if len(network.layers) > 1:
        read = " and ".join(
            f"{name} ({times(shape)})" for name, shape in zip(node.inputs[:2], given, strict=False)
        )
        reason = f"{reason}; {node.name} reads {read}" + (" and more" if len(node.inputs) > 2 else "")
    return Unfit(
        problem.field or "",
        problem.value,
        reason,
        problem.remedy,
        pointer=f"{node.pointer}/{problem.field}",
        case=problem.case,
    )
