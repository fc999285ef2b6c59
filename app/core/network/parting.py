"""Whether channels of one cell come to be reached by different ways that become cells. Knows channel rules, no cell.

A field that takes all channels as one is exact as long as the ways of all channels are the same, or as long as no layer
turns channels into cells, or shares them out among several inputs. Where both fail it has to be followed with channels
apart.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..activations import ACTIVATIONS
from .graph import Node
from .shapes import Placed, Shapes


def parts_ways(shapes: Shapes, layer: str, direction: str) -> bool:
    """Whether ways from all channels of a layer's cell differ by channel where a layer turns channels into cells."""
    if not any(map(_moves, shapes.placed.values())):
        return False
    return _backward(shapes, layer) if direction == "backward" else _forward(shapes, layer)


def _moves(placed: Placed) -> bool:
    """Whether cells of its output take other channels than their neighbours, or other cells than other channels."""
    built = placed.geometry
    walk = built.walk
    return (
        built.result == "shape"
        or walk.phased
        or (built.combination.reduce == "pick" and walk.lanes_per_group > 1)
    )


def _backward(shapes: Shapes, layer: str) -> bool:
    even = {layer: True}
    for node in reversed(shapes.network.order):
        if node.name not in even:
            continue
        placed = shapes.placed[node.name]
        one = even[node.name] or _mixes(placed)
        if not one and _moves(placed):
            return True
        walk = placed.geometry.walk
        kept = not (placed.geometry.result == "shape" or walk.phased)
        one = (one and kept) or _reads_all(placed)
        if not one and len(node.inputs) > 1 and not walk.across:
            return True  # some of its inputs may be reached by no channel at all
        for name in node.inputs:
            even[name] = even.get(name, True) and one
    return False


def _forward(shapes: Shapes, layer: str) -> bool:
    even = {layer: True}
    for node in shapes.network.order:
        if node.name == layer or not any(name in even for name in node.inputs):
            continue
        placed = shapes.placed[node.name]
        one = _together(node, placed, even)
        if not one and _moves(placed):
            return True
        kept = placed.geometry.result != "shape" and not (_moves(placed) and not placed.geometry.walk.phased)
        even[node.name] = (one and kept) or _reads_all(placed) or _mixes(placed)
    return False


def _together(node: Node, placed: Placed, even: dict[str, bool]) -> bool:
    """Whether the channels of all that a layer reads are reached alike."""
    reached: Iterable[bool] = [even[name] for name in node.inputs if name in even]
    alike = len(node.inputs) == 1 or placed.geometry.walk.across
    return alike and all(reached)


def _reads_all(placed: Placed) -> bool:
    """Whether every lane reads every channel."""
    walk = placed.geometry.walk
    return walk.groups == 1 and placed.geometry.combination.reduce != "pick"


def _mixes(placed: Placed) -> bool:
    """Whether its activation looks at all channels of a cell."""
    return ACTIVATIONS[placed.geometry.activation].across == "channels"
