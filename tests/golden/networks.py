"""Networks as the core sees them, for the mirror of the page: shapes, fields of cells, numbers, and refusals."""

from __future__ import annotations

import json
import random
from typing import Any

from app.core.errors import Problem
from app.core.network.fields import Cell, fields_of
from app.core.network.graph import network_of
from app.core.network.parting import parts_ways
from app.core.network.receptive import receptive_fields
from app.core.network.shapes import Shapes, shapes_of
from app.core.network.totals import network_totals
from app.operations import registry

from ..python.network.nets import conv, drawn, pool

Json = dict[str, Any]

DRAWN = 60
SEED = "networks"


def _joining(operation: str, *inputs: str, **more: Any) -> Json:
    return {"operation": operation, "inputs": list(inputs), **more}


def _written() -> list[tuple[list[Json], list[int]]]:
    """Networks written by hand: some that fit, and each way in which one does not."""
    doubling = [conv(2, padding="causal", dilation=2**power) for power in range(6)]
    half = [conv(3, padding=1), conv(3, padding=1, stride=2)]
    upper = {"operation": "transposed_convolution", "kernel": 3, "stride": 2}
    block = [conv(3, padding=1, filters=2, name="a"), conv(3, padding=1, filters=2, name="b")]
    return [
        (doubling, [1, 70]),
        ([conv(3, padding=1, filters=2), pool(3), {"operation": "dense", "filters": 2}], [1, 9, 9]),
        ([*block, _joining("add", "a", "b")], [1, 6, 7]),
        ([*block, _joining("concatenate", "a", "b", "input")], [3, 6, 7]),
        ([conv(4, stride=2, padding=1), upper, conv(3)], [1, 16, 12]),
        (
            [*block, {"operation": "global_average_pooling", "name": "g"}, _joining("multiply", "b", "g")],
            [2, 5, 5],
        ),
        ([conv(3), {"operation": "unfold", "kernel": 2}], [1, 6, 6]),
        ([conv(9), pool(4)], [1, 9, 9]),
        ([conv(3), conv(12)], [1, 9, 9]),
        ([*half, _joining("add", "conv1", "conv2")], [1, 8, 8]),
        (
            [conv(3, name="a"), conv(5, name="b", inputs=["input"]), _joining("concatenate", "a", "b")],
            [1, 9, 9],
        ),
        ([*block, conv(1, filters=3, name="c"), _joining("add", "b", "c")], [1, 5, 5]),
        ([conv(3, name="a"), conv(3, name="a")], [1, 9, 9]),
        ([conv(3), conv(3, inputs=["conv7"])], [1, 9, 9]),
        ([conv(3), conv(3, inputs=["input"]), conv(3)], [1, 9, 9]),
        ([conv(3, inputs=["conv2"]), conv(3)], [1, 9, 9]),
        ([conv(3, name="a", inputs=["c"]), conv(3, name="b"), conv(3, name="c", inputs=["b"])], [1, 9, 9]),
        ([conv(3, inputs=["conv1"])], [1, 9, 9]),
        ([*block, {"operation": "dense", "filters": 4}, _joining("add", "b", "dense1")], [1, 5, 5]),
        ([conv(3, padding=1), _joining("add", "conv1", "input", parts=3)], [1, 5, 5]),
        ([conv(1, name="conv2"), conv(1), conv(1), conv(1)], [1, 4]),
    ]


def recorded() -> str:
    """One network a line."""
    rng = random.Random(SEED)
    nets = [(layers, shape) for layers, shape in _written()]
    while len(nets) < DRAWN + len(_written()):
        net = drawn(rng)
        if _even(net):
            nets.append((_layers_of(net), list(net.input_shape)))
    lines = ",\n".join(
        json.dumps(_case(layers, shape, rng), separators=(",", ":"), ensure_ascii=False)
        for layers, shape in nets
    )
    return f"[\n{lines}\n]\n"


def _layers_of(net: Shapes) -> list[Json]:
    """The layers of a network as a request has them."""
    layers = []
    for node in net.network.layers:
        spec = node.spec.model_dump(mode="json", exclude_unset=True, exclude={"name", "inputs", "parts"})
        layers.append({**spec, "name": node.name, "inputs": list(node.inputs)})
    return layers


def _case(layers: list[Json], shape: list[int], rng: random.Random) -> Json:
    case: Json = {"layers": layers, "input_shape": shape}
    try:
        specs = [registry()[layer["operation"]].spec.model_validate(layer) for layer in layers]
        net = shapes_of(network_of(specs, registry()), tuple(shape))
    except Problem as problem:
        refusal = problem.to_json()
        return case | {
            "problem": {key: refusal[key] for key in ("field", "value", "reason", "remedy", "pointer")}
        }
    receptive = receptive_fields(net)
    case["names"] = [node.name for node in net.network.layers]
    case["order"] = [node.name for node in net.network.order]
    case["shapes"] = [list(net.shape_of(name)) for name in case["names"]]
    case["receptive"] = [receptive[name].to_json() for name in case["names"]]
    case["totals"] = network_totals(net)
    case["fields"] = [_field(net, rng, counts=counts) for counts in (False, True)]
    return case


def _even(net: Shapes) -> list[str]:
    """The layers whose fields are exact where channels count as one, as the page has them."""
    names = ("input", *(node.name for node in net.network.layers))
    directions = ("backward", "forward")
    return [name for name in names if not any(parts_ways(net, name, one) for one in directions)]


def _field(net: Shapes, rng: random.Random, *, counts: bool) -> Json:
    """The fields of a drawn cell, both ways."""
    layers = _even(net)
    layer = rng.choice(layers)
    place = [rng.randrange(size) for size in net.shape_of(layer)[1:]]
    cell = Cell(layer, tuple(place))
    return {
        "layer": layer,
        "place": place,
        "counts": counts,
        "backward": fields_of(net, cell, "backward", counts=counts).to_json(),
        "forward": fields_of(net, cell, "forward", counts=counts).to_json(),
    }
