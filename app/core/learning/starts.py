"""Parameters before training: the starts of frameworks, drawn from a seed. Knows shapes and fans, no loss.

A fan is how many numbers meet in one sum: ``fan_in`` those that a filter reads, ``fan_out`` those that read a cell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ..errors import Unfit, counted
from ..geometry import Geometry
from ..network.parameters import Parameters
from ..network.shapes import Shapes
from .streams import stream

Array = NDArray[np.floating]
Float64 = NDArray[np.float64]

ICNR_FACTOR = 2


@dataclass(frozen=True, slots=True)
class Fans:
    """A weight's shape as it is given, and its fans as PyTorch and as Keras count them."""

    shape: tuple[int, ...]
    fan_in: int
    glorot: int  # fan_in + fan_out


@dataclass(frozen=True, slots=True)
class Start:
    """One way to start: what draws a weight, and the bias of the same layer."""

    name: str
    title: str
    formula: str
    weight: Callable[[np.random.Generator, Fans], Float64]
    bias: Callable[[np.random.Generator, Fans, int], Float64]


def fans_of(built: Geometry) -> Fans:
    """``fan_in`` as PyTorch has it, second axis · taps, which for a transposed convolution counts its filters."""
    assert built.weight_shape is not None, "a layer with a weight"
    first, second, *taps = built.weight_shape
    area, groups = math.prod(taps), built.walk.groups
    # Keras' shapes are (taps, channels of a group, filters), the last two the other way in a transposed convolution.
    outputs = first * groups if built.weight_layout == "channels" else first
    return Fans(built.weight_shape, second * area, (second + outputs) * area)


def _uniform(rng: np.random.Generator, shape: tuple[int, ...] | int, most: float) -> Float64:
    return rng.uniform(-most, most, shape)


def _zeros(rng: np.random.Generator, fans: Fans, count: int) -> Float64:
    return np.zeros(count)


def _pytorch_weight(rng: np.random.Generator, fans: Fans) -> Float64:
    return _uniform(rng, fans.shape, 1 / math.sqrt(fans.fan_in))


def _pytorch_bias(rng: np.random.Generator, fans: Fans, count: int) -> Float64:
    return _uniform(rng, count, 1 / math.sqrt(fans.fan_in))


def _icnr(rng: np.random.Generator, fans: Fans) -> Float64:
    """Filters in runs of factor², all of a run alike: what a pixel shuffle puts side by side begins equal."""
    filters, *others = fans.shape
    run = ICNR_FACTOR ** max(1, len(others) - 1)
    if filters % run:
        raise Unfit(
            "start",
            "icnr",
            f"{counted(filters, 'filter')} cannot be split into runs of {run}",
            f"Use a number of filters that {run} divides, or another start.",
        )
    few = _uniform(rng, (filters // run, *others), 1 / math.sqrt(fans.fan_in))
    return np.repeat(few, run, axis=0)


STARTS: Mapping[str, Start] = MappingProxyType(
    {
        start.name: start
        for start in (
            Start(
                "pytorch",
                "PyTorch's",
                "weight and bias uniform within ±1/√fan_in",
                _pytorch_weight,
                _pytorch_bias,
            ),
            Start(
                "keras",
                "Keras' (Glorot)",
                "weight uniform within ±√(6 / (fan_in + fan_out)), bias 0",
                lambda rng, fans: _uniform(rng, fans.shape, math.sqrt(6 / fans.glorot)),
                _zeros,
            ),
            Start(
                "he",
                "He's",
                "weight normal with deviation √(2 / fan_in), bias 0",
                lambda rng, fans: rng.normal(0, math.sqrt(2 / fans.fan_in), fans.shape),
                _zeros,
            ),
            Start(
                "zero",
                "Zero",
                "all 0: filters that begin alike stay alike",
                lambda rng, fans: np.zeros(fans.shape),
                _zeros,
            ),
            Start(
                "icnr",
                "ICNR",
                "weight as PyTorch's with the filters of one pixel shuffle alike, bias 0",
                _icnr,
                _zeros,
            ),
        )
    }
)


def started(
    shapes: Shapes, name: str, seed: int, given: Mapping[str, Mapping[str, Array]] | None = None
) -> dict[str, dict[str, Array]]:
    """The parameters of a network before training, by layer and tensor; layers that are ``given`` keep theirs.

    Each layer has its own stream, so that one layer's start does not depend on the others.
    """
    start = STARTS[name]
    found: dict[str, dict[str, Array]] = {}
    for place, node in enumerate(shapes.network.layers):
        built, own = shapes.placed[node.name].geometry, node.operation.own
        if built.weight_shape is None:
            continue
        if given is not None and node.name in given:
            found[node.name] = dict(given[node.name])
            continue
        if own is not None:  # as every framework starts them
            found[node.name] = dict(own.started(built.walk.lanes))
            continue
        rng, fans = stream(seed, "start", place), fans_of(built)
        tensors: dict[str, Array] = {"weight": start.weight(rng, fans)}
        if built.bias_shape is not None:
            tensors["bias"] = start.bias(rng, fans, built.bias_shape[0])
        found[node.name] = tensors
    return found


def start_row(shapes: Shapes, name: str, seed: int, dtype: str = "float32") -> Array:
    """The same as one row (parameters,), in the order of ``Parameters``."""
    return Parameters.of(shapes).row(started(shapes, name, seed), dtype)
