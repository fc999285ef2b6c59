"""Fields: the cells of each layer that a cell depends on (backward) or reaches (forward), exact on every path."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..errors import NotFound, TooLarge, Unfit
from .graph import SOURCE, Node
from .shapes import Placed, Shape, Shapes, times
from .ways import Float64, Ways, backward, forward

Direction = Literal["backward", "forward"]

MOST_CELLS = 4_194_304  # of a layer that a field is written out of
MOST_WORK = 400_000_000  # reads that are followed for one field


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a field begins: a place on the spatial axes of a layer, and one channel or all."""

    layer: str
    place: tuple[int, ...]
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """The ways from a cell to the cells of each layer that it reaches, by name; ``input`` is the source."""

    shapes: Shapes
    ways: Mapping[str, Ways]
    apart: bool

    def mask(self, name: str) -> Float64:
        """The ways to each cell: (channels or 1, *sizes)."""
        return self.ways[name].array()

    def to_json(self) -> dict[str, Any]:
        """As the API carries them: the shape, and runs ``[first, length]`` of flattened indices.

        Indices are spatial; with channels apart they are those of (channels, *sizes).
        """
        told = {}
        for name, ways in self.ways.items():
            array = ways.array().reshape(-1)
            shape = self.shapes.shape_of(name)
            one: dict[str, Any] = {
                "shape": list(shape if self.apart else shape[1:]),
                "cells": runs(array > 0),
            }
            if ways.counts:
                one["counts"] = [int(count) if count < 2**53 else float(count) for count in array[array > 0]]
            told[name] = one
        return told


def runs(mask: np.ndarray[Any, np.dtype[np.bool_]]) -> list[list[int]]:
    """The cells of a flat mask as runs ``[first, length]``, ascending."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return [[int(first), int(past - first)] for first, past in zip(edges[::2], edges[1::2], strict=True)]


def fields_of(
    shapes: Shapes, cell: Cell, direction: Direction, *, counts: bool = False, channels: bool = False
) -> Fields:
    """The field of a cell; raises Unfit for a cell that is not there and TooLarge for one that costs too much."""
    start = _start(shapes, cell, counts=counts, channels=channels)
    _check(shapes, cell, direction, counts=counts)
    reached: dict[str, Ways] = {cell.layer: start}
    step = _back if direction == "backward" else _on
    step(shapes, reached, channels)
    kept = {name: ways for name, ways in reached.items() if name != cell.layer and not ways.none}
    names = [SOURCE, *(node.name for node in shapes.network.layers)]
    return Fields(shapes, {name: kept[name] for name in names if name in kept}, channels)


def _start(shapes: Shapes, cell: Cell, *, counts: bool, channels: bool) -> Ways:
    known = [SOURCE, *shapes.placed]
    if cell.layer not in known:
        raise NotFound("layer", cell.layer, "no layer has this name", f"Use one of {', '.join(known[:6])}.")
    count, *sizes = shapes.shape_of(cell.layer)
    if len(cell.place) != len(sizes) or any(
        not 0 <= at < size for at, size in zip(cell.place, sizes, strict=True)
    ):
        reason = f"{cell.layer} has {times(tuple(sizes))} cells, counted from 0"
        last = ", ".join(str(size - 1) for size in sizes)
        raise Unfit(
            "cell",
            list(cell.place),
            reason,
            f"Use [0{', 0' * (len(sizes) - 1)}] to [{last}].",
            pointer="/cell",
        )
    if cell.channel is not None and not 0 <= cell.channel < count:
        reason = f"{cell.layer} has {count} channels, counted from 0"
        raise Unfit(
            "channel", cell.channel, reason, f"Use 0 to {count - 1}, or leave it out.", pointer="/channel"
        )
    lanes = np.ones(count if channels else 1)
    if channels and cell.channel is not None:
        lanes = _one(cell.channel, count)
    term = (lanes, *(_one(at, size) for at, size in zip(cell.place, sizes, strict=True)))
    return Ways((len(lanes), *sizes), counts, (term,))


def _one(place: int, size: int) -> Float64:
    array = np.zeros(size)
    array[place] = 1
    return array


def _check(shapes: Shapes, cell: Cell, direction: Direction, *, counts: bool) -> None:
    """Refuse what would take long: the reads of each axis that is followed, and cells that are written out."""
    network = shapes.network
    if direction == "backward":
        asked = () if cell.layer == SOURCE else network.before(network.by_name[cell.layer])
    else:
        asked = network.order
    costs = {node.name: _cost(shapes.placed[node.name]) for node in asked}
    most = max(costs, key=costs.__getitem__, default=None)
    if most is not None and sum(costs.values()) > MOST_WORK:
        raise TooLarge(
            "layer",
            most,
            f"following a field takes {sum(costs.values()):,} reads and may take {MOST_WORK:,}; {most} takes most",
            "Use a smaller input, a smaller kernel, or a field of fewer layers.",
            sum(costs.values()) / MOST_WORK,
        )


def _cost(placed: Placed) -> int:
    walk = placed.geometry.walk
    cost = sum(axis.reads.cells(axis.steps) for axis in walk.axes)
    several = len(placed.given) > 1 or placed.geometry.result == "columns"
    return cost + (min(walk.steps * max(walk.tap_shape), MOST_CELLS) if several else 0)


def _back(shapes: Shapes, reached: dict[str, Ways], apart: bool) -> None:
    for node in reversed(shapes.network.order):
        if node.name not in reached or reached[node.name].none:
            continue
        placed = shapes.placed[node.name]
        ways = backward(placed.geometry, reached[node.name], apart=apart)
        first = 0
        for name, shape, stretched in zip(node.inputs, placed.given, placed.stretched, strict=True):
            part = ways
            if apart and len(node.inputs) > 1:
                part = _channels(ways, slice(first, first + shape[0]))
                first += shape[0]
            if stretched:
                part = _shrunk(part, shape)
            reached[name] = reached[name].plus(part) if name in reached else part


def _on(shapes: Shapes, reached: dict[str, Ways], apart: bool) -> None:
    for node in shapes.network.order:
        if not any(name in reached for name in node.inputs):
            continue
        placed = shapes.placed[node.name]
        found = _read(node, placed, reached, apart)
        if found is None:
            continue
        ways = forward(placed.geometry, found, apart=apart)
        if node.name not in reached:  # nothing before a cell is reached by it
            reached[node.name] = ways


def _read(node: Node, placed: Placed, reached: Mapping[str, Ways], apart: bool) -> Ways | None:
    """The ways to all that a layer reads, as one input."""
    total: Ways | None = None
    first = 0
    for name, shape, stretched in zip(node.inputs, placed.given, placed.stretched, strict=True):
        place, first = first, first + shape[0]
        if name not in reached or reached[name].none:
            continue
        ways = reached[name]
        if stretched:
            ways = _stretched(ways, placed.input_shape[1:])
        if apart and len(node.inputs) > 1:
            ways = _laid(ways, place, placed.input_shape[0])
        total = ways if total is None else total.plus(ways)
    return total


def _channels(ways: Ways, part: slice) -> Ways:
    """Some channels of what a layer reads."""
    if ways.written is not None:
        return ways.filled(ways.written[part])
    return ways.of(
        (part.stop - part.start, *ways.shape[1:]), [(term[0][part], *term[1:]) for term in ways.terms]
    )


def _laid(ways: Ways, first: int, channels: int) -> Ways:
    """An input's channels among those of all inputs."""
    around = (first, channels - first - ways.shape[0])
    if ways.written is not None:
        return ways.filled(np.pad(ways.written, (around, *((0, 0),) * (ways.written.ndim - 1))))
    shape = (channels, *ways.shape[1:])
    return ways.of(shape, [(np.pad(term[0], around), *term[1:]) for term in ways.terms])


def _shrunk(ways: Ways, shape: Shape) -> Ways:
    """Ways to the cells that one cell stands for, as ways to that cell."""
    axes = len(shape) - 1
    if ways.written is not None:
        total = ways.written.reshape(len(ways.written), -1).sum(axis=1)
        return ways.filled(total.reshape(-1, *(1,) * axes))
    terms = [
        (term[0] * math.prod(array.sum() for array in term[1:]), *(np.ones(1),) * axes) for term in ways.terms
    ]
    return ways.of((ways.shape[0], *(1,) * axes), terms)


def _stretched(ways: Ways, sizes: Shape) -> Ways:
    """Ways to one cell a channel, as ways to all that it stands for."""
    lanes = ways.array().reshape(ways.shape[0])
    return ways.of((len(lanes), *sizes), [(lanes, *(np.ones(size) for size in sizes))])
