"""The totals of a network: parameters, cost, memory, branches that do not meet. Knows no arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from ..plan import ITEM_BYTES, plan_layer
from .receptive import Receptive, covers, receptive_fields
from .shapes import Placed, Shapes

FIELDS = "receptive fields"


def seen_in(shapes: Shapes) -> Mapping[str, Receptive]:
    """The receptive field of each layer, worked out once for the plans and the totals of the same shapes."""
    if FIELDS not in shapes.prepared:
        shapes.prepared[FIELDS] = receptive_fields(shapes)
    found: Mapping[str, Receptive] = shapes.prepared[FIELDS]
    return found


def layer_plans(shapes: Shapes) -> Iterator[dict[str, Any]]:
    """The plan of each layer as the API carries it, in the order of the request; its field counts from the source."""
    fields = seen_in(shapes)
    for node in shapes.network.layers:
        placed = shapes.placed[node.name]
        plan = plan_layer(node.operation, node.spec, placed.input_shape)
        yield {
            "name": node.name,
            "inputs": list(node.inputs),
            **plan,
            "receptive_field": fields[node.name].to_json(),
        }


def network_totals(shapes: Shapes) -> dict[str, Any]:
    """The totals of all layers."""
    fields = seen_in(shapes)
    placed = [shapes.placed[node.name] for node in shapes.network.layers]
    sizes = shapes.input_shape[1:]
    return {
        "parameters": sum(map(parameters, placed)),
        "multiply_adds": sum(one.geometry.multiply_adds for one in placed),
        "activation_bytes": (math.prod(shapes.input_shape) + sum(map(cells, placed))) * ITEM_BYTES,
        "output_shape": list(shapes.placed[shapes.network.last.name].geometry.output_shape),
        "misaligned": [apart for node in shapes.network.layers for apart in fields[node.name].apart],
        "covers_from": next(
            (node.name for node in shapes.network.order if covers(fields[node.name], sizes)), None
        ),
    }


def parameters(placed: Placed) -> int:
    """The numbers that training changes."""
    built = placed.geometry
    return math.prod(built.weight_shape or (0,)) + math.prod(built.bias_shape or (0,))


def cells(placed: Placed) -> int:
    """The numbers that a layer gives."""
    return math.prod(placed.geometry.output_shape)
