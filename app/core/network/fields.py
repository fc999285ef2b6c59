"""Fields: the cells of each layer that a cell depends on (backward) or reaches (forward), exact on every path.

Knows sets of cells, no numbers of a run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import numpy as np

from ..errors import NotFound, TooLarge, Unfit, counted
from ..place import SOURCE
from .graph import Node
from .parting import parts_ways
from .shapes import Placed, Shape, Shapes, times
from .ways import Float64, Ways, backward, forward

Direction = Literal["backward", "forward"]

MOST_CELLS = 8_388_608  # of all layers of one field
MOST_READS = 16_777_216  # that are followed for one field
READ_WORK = 100  # elementary operations of a read
CELL_WORK = 40  # and of a cell


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
        layers = {}
        for name, ways in self.ways.items():
            array = ways.array().reshape(-1)
            shape = self.shapes.shape_of(name)
            one: dict[str, Any] = {
                "shape": list(shape if self.apart else shape[1:]),
                "cells": runs(array > 0),
            }
            if ways.counts:
                one["counts"] = [int(count) if count < 2**53 else float(count) for count in array[array > 0]]
            layers[name] = one
        return layers


def runs(mask: np.ndarray[Any, np.dtype[np.bool_]]) -> list[list[int]]:
    """The cells of a flat mask as runs ``[first, length]``, ascending."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return [[int(first), int(past - first)] for first, past in zip(edges[::2], edges[1::2], strict=True)]


def fields_of(
    shapes: Shapes, cell: Cell, direction: Direction, *, counts: bool = False, channels: bool = False
) -> Fields:
    """The field of a cell; raises Unfit for a cell that is not there and TooLarge for one that costs too much.

    Where channels are one, ways of channels that differ and become cells are followed apart as well, since only some
    of the cells are reached then.
    """
    field_work(shapes, cell, direction, channels=channels)
    found = _followed(shapes, cell, direction, counts=counts, channels=channels)
    if not channels and parts_ways(shapes, cell.layer, direction):
        apart = _followed(shapes, Cell(cell.layer, cell.place), direction, counts=False, channels=True)
        found = {name: _only(found[name], ways) for name, ways in apart.items()}
    names = [SOURCE, *(node.name for node in shapes.network.layers)]
    return Fields(shapes, {name: found[name] for name in names if name in found}, channels)


def _followed(
    shapes: Shapes, cell: Cell, direction: Direction, *, counts: bool, channels: bool
) -> dict[str, Ways]:
    """The ways to each layer that is reached."""
    reached = {cell.layer: _start(shapes, cell, counts=counts, channels=channels)}
    step = _back if direction == "backward" else _on
    step(shapes, reached, channels)
    return {name: ways for name, ways in reached.items() if name != cell.layer and not ways.none}


def _only(ways: Ways, apart: Ways) -> Ways:
    """The ways to those cells that any channel is reached of."""
    return ways.filled(ways.array() * apart.array().any(axis=0, keepdims=True))


def _start(shapes: Shapes, cell: Cell, *, counts: bool, channels: bool) -> Ways:
    if cell.layer not in (SOURCE, *shapes.placed):
        _missing(shapes, cell)
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
        reason = f"{cell.layer} has {counted(count, 'channel')}, counted from 0"
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


def field_work(shapes: Shapes, cell: Cell, direction: Direction, *, channels: bool) -> int:
    """Elementary operations that following a field takes; raises TooLarge for one that takes too many."""
    network = shapes.network
    if cell.layer == SOURCE:
        asked = network.order if direction == "forward" else ()
    else:
        if cell.layer not in network.by_name:
            _missing(shapes, cell)
        asked = network.before(network.by_name[cell.layer]) if direction == "backward" else network.order
    channels = channels or parts_ways(shapes, cell.layer, direction)
    reads = {node.name: _reads(shapes.placed[node.name], channels) for node in asked}
    sizes = {node.name: _cells(shapes.placed[node.name], channels) for node in asked}
    for sums, most, what in ((reads, MOST_READS, "reads"), (sizes, MOST_CELLS, "cells")):
        total = sum(sums.values())
        if total > most:
            largest = max(sums, key=sums.__getitem__)
            problem = TooLarge(
                "layer",
                cell.layer,
                f"its field takes {total:,} {what} and may take {most:,}; {largest} takes most",
                "Use a smaller input, or ask for a field of fewer layers.",
                total / most,
            )
            problem.pointer = network.by_name[largest].pointer
            raise problem
    return READ_WORK * sum(reads.values()) + CELL_WORK * sum(sizes.values())


def _cells(placed: Placed, channels: bool) -> int:
    """Cells that a mask of a layer has, and one of what it reads."""
    walk = placed.geometry.walk
    if placed.geometry.result == "shape":
        return 2 * math.prod(walk.input_shape)
    cells = math.prod(placed.shape[1:]) + math.prod(walk.input_shape[1:])
    return cells * max(walk.lanes, walk.channels) if channels else cells


def _reads(placed: Placed, channels: bool) -> int:
    """The reads of following a field through a layer, axis by axis; of all cells where ways may be written out."""
    walk = placed.geometry.walk
    if placed.geometry.result == "shape":
        return 2 * math.prod(walk.input_shape)
    reads = sum(axis.reads.cells(axis.steps) for axis in walk.axes)
    if channels and placed.geometry.combination.reduce == "pick" and walk.lanes_per_group > 1:
        reads += walk.taps * (walk.channels + sum(axis.steps + axis.source.size for axis in walk.axes))
    return reads


def _missing(shapes: Shapes, cell: Cell) -> NoReturn:
    known = [SOURCE, *shapes.placed]
    raise NotFound("layer", cell.layer, "no layer has this name", f"Use one of {', '.join(known[:6])}.")


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
