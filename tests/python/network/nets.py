"""Networks that tests share: written by hand as people know them, or drawn at random of all operations."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from app.core.errors import Problem
from app.core.network.forward import Tensors
from app.core.network.graph import network_of
from app.core.network.shapes import Placed, Shapes, shapes_of
from app.operations import registry

from ...golden.cases import draw_spec

Json = dict[str, Any]

MOST_CELLS = 6_000  # of one layer of a drawn network
MOST_WORK = 2_000_000


def shapes(layers: list[Json], shape: tuple[int, ...]) -> Shapes:
    """The layers of a network on an input."""
    specs = [registry()[layer["operation"]].spec.model_validate(layer) for layer in layers]
    return shapes_of(network_of(specs, registry()), shape)


def conv(kernel: Any = 3, **more: Any) -> Json:
    return {"operation": "convolution", "kernel": kernel, **more}


def pool(kernel: int = 2, **more: Any) -> Json:
    return {"operation": "max_pooling", "kernel": kernel, **more}


def normal(seed: int) -> Any:
    """Weights without a zero, so that each tap counts: the tensors of a layer."""

    def tensors(placed: Placed) -> Tensors:
        built = placed.geometry
        rng = np.random.default_rng((seed, placed.node.index))

        def drawn(shape: tuple[int, ...]) -> np.ndarray:
            array: np.ndarray = rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape)
            return array.astype(np.float32)

        weight = drawn(built.weight_shape) if built.weight_shape else None
        return weight, drawn(built.bias_shape) if built.bias_shape else None

    return tensors


def drawn(rng: random.Random) -> Shapes:
    """A network of 2 to 7 layers of any operations with branches, where all shapes meet."""
    while True:
        axes = rng.choice([1, 2, 2, 3])
        shape = (rng.choice([1, 2, 3, 4]), *(rng.randint(2, {1: 24, 2: 9, 3: 5}[axes]) for _ in range(axes)))
        layers: list[Json] = []
        found: Shapes | None = None
        wanted = rng.randint(2, 7)
        for _ in range(60):
            if len(layers) == wanted:
                break
            names = ["input", *(layer["name"] for layer in layers)]
            layer = _drawn_layer(rng, names, len(layers))
            try:
                found = shapes(_reading_all([*layers, layer]), shape)
            except Problem:
                continue
            placed = [*found.placed.values()]
            if any(
                np.prod(one.geometry.walk.output_shape) > MOST_CELLS or one.geometry.operations > MOST_WORK
                for one in placed
            ):
                continue
            layers.append(layer)
        if len(layers) >= 2:
            try:
                return shapes(_reading_all(layers), shape)
            except Problem:
                continue


def _drawn_layer(rng: random.Random, names: list[str], place: int) -> Json:
    operation = rng.choice([*registry().values()])
    spec = draw_spec(rng, operation, 2)
    spec = {key: value for key, value in spec.items() if not isinstance(value, list) or len(value) == 1}
    spec.pop("rules", None)
    if rng.random() < 0.6:  # padding that keeps sizes equal lets branches meet
        kept = {"padding": "same", "stride": 1} if operation.padding_rules else {"stride": 1}
        spec |= {key: value for key, value in kept.items() if key in spec}
    spec["name"] = f"layer{place}"
    joins = operation.channels == "inputs"
    if joins:
        spec.pop("parts", None)
    if joins or rng.random() < 0.3:
        count = rng.choice([1, 2, 2, 3])
        spec["inputs"] = [rng.choice(names[-4:]) for _ in range(count)]
    return spec


def _reading_all(layers: list[Json]) -> list[Json]:
    """The same layers with those that nobody reads read by the last, so that the graph is whole."""
    read: set[str] = set()
    for earlier, layer in zip([{"name": "input"}, *layers], layers, strict=False):
        read.update(layer.get("inputs", [earlier["name"]]))
    left = [layer["name"] for layer in layers[:-1] if layer["name"] not in read]
    if not left:
        return layers
    last = layers[-1]
    before = layers[-2]["name"] if len(layers) > 1 else "input"
    return [*layers[:-1], {**last, "inputs": [*last.get("inputs", [before]), *left]}]
