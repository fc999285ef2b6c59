"""The content of a network's figure: its layers with their numbers, and a cell's fields. Knows no marks, no file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...core.errors import TooLarge, Unfit, counted
from ...core.network.fields import Cell, Direction, fields_of
from ...core.network.receptive import receptive_fields
from ...core.network.shapes import Shapes
from ...core.place import SOURCE
from ..drawing.numbers import listed, many, shape
from .about import About, bibtex

Kind = Literal["chain", "fields", "dilation"]
FieldRole = Literal["kernel", "output"]
Array = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

NO_FIELD: tuple[Mask | None, FieldRole] = (None, "kernel")
MOST_LAYERS = 24  # side by side, or one above another
MOST_STEPS = 256  # of a series in a dilation diagram


@dataclass(frozen=True, slots=True)
class Layer:
    """The source or a layer: what it is called and what it gives, its map, and the cells of it that a field holds."""

    name: str
    about: str
    shape: tuple[int, ...]
    sees: tuple[int, ...]
    inputs: tuple[str, ...]
    map: Array  # (rows, cols)
    low: float
    high: float
    field: Mask | None  # (rows, cols), for what the cell depends on or reaches
    role: FieldRole
    cell: tuple[int, int] | None
    late: Mask | None  # (cols,) of a series: the field's cells after the time of the cell that it belongs to


@dataclass(frozen=True, slots=True)
class Shown:
    """A network as a figure shows it, the source first."""

    kind: Kind
    shapes: Shapes
    layers: tuple[Layer, ...]
    cell: Cell | None

    @property
    def moments(self) -> int:
        """How many pictures an animation has: each adds a layer, or takes the field one layer further back."""
        return len(self.layers)


def settled_cell(shapes: Shapes, layer: str, place: Sequence[int] | None) -> Cell:
    """The cell asked for, or the one in the middle of the layer, the last one of a series; raises Unfit."""
    sizes = shapes.shape_of(layer)[1:]
    if place is None:
        middle = tuple(size - 1 if len(sizes) == 1 else size // 2 for size in sizes)
        return Cell(layer, middle)
    if len(place) != len(sizes) or any(at >= size for at, size in zip(place, sizes, strict=True)):
        last = ", ".join(str(size - 1) for size in sizes)
        raise Unfit(
            "cell",
            list(place),
            f"cells of {layer} are {shape(sizes)}, counted from 0",
            f"Use [0{', 0' * (len(sizes) - 1)}] to [{last}].",
            pointer="/cell",
        )
    return Cell(layer, tuple(place))


def check_network(kind: Kind, shapes: Shapes) -> None:
    """Refuse what a figure has no room for, or what is no series; before anything is computed."""
    layers = len(shapes.network.layers)
    if layers > MOST_LAYERS:
        raise TooLarge(
            "layers",
            counted(layers, "layer"),
            f"a figure of a network shows at most {MOST_LAYERS}",
            "Draw a part of the network.",
        )
    if kind != "dilation":
        return
    every = [shapes.input_shape, *(placed.shape for placed in shapes.placed.values())]
    if any(len(one) != 2 for one in every):
        raise Unfit(
            "kind",
            kind,
            "a dilation diagram is of layers on a series, which have one axis",
            'Use "fields" or "chain".',
            pointer="/kind",
        )
    longest = max(one[1] for one in every)
    if longest > MOST_STEPS:
        raise TooLarge(
            "source",
            counted(longest, "step"),
            f"a dilation diagram shows at most {MOST_STEPS}",
            "Use a shorter series.",
        )


def shown_of(
    kind: Kind,
    shapes: Shapes,
    x: Array,
    outputs: Mapping[str, Array],
    cell: Cell | None,
    lane: int,
) -> Shown:
    """The layers with their maps; of the layer that the cell lies in, map ``lane``."""
    fields: dict[str, tuple[Mask, FieldRole]] = {}
    if cell is not None:
        directions: tuple[tuple[Direction, FieldRole], ...] = (("backward", "kernel"), ("forward", "output"))
        for direction, role in directions:
            found = fields_of(shapes, cell, direction)
            for name in found.ways:
                fields[name] = (_plane(found.mask(name)[0] > 0), role)
    seen = receptive_fields(shapes)
    now = None if cell is None or cell.layer == SOURCE else time_of(shapes, cell)
    layers = []
    for name in (SOURCE, *(node.name for node in shapes.network.layers)):
        one = shapes.shape_of(name)
        values = x if name == SOURCE else outputs[name].reshape(one)
        here = cell is not None and cell.layer == name
        channel = min(lane, one[0] - 1) if here else 0
        node = None if name == SOURCE else shapes.network.by_name[name]
        finite = values[np.isfinite(values)]
        mask, of = fields.get(name, NO_FIELD)
        single = math.prod(one[1:]) == 1
        drawn = values.reshape(-1, 1) if single else _plane(values[channel])
        layers.append(
            Layer(
                name,
                "" if node is None else node.operation.title.lower(),
                tuple(one) if node is None else shapes.placed[name].geometry.output_shape,
                () if node is None else tuple(seen[name].to_json()["size"]),
                () if node is None else tuple(node.inputs),
                drawn,
                float(finite.min(initial=0.0)),
                float(finite.max(initial=0.0)),
                np.ones_like(drawn, bool) if single and mask is not None else mask,
                of,
                _placed(cell.place) if here and cell is not None else None,
                None if mask is None or of != "kernel" else _late(shapes, name, mask, now),
            )
        )
    return Shown(kind, shapes, tuple(layers), cell)


def _jump_of(shapes: Shapes, layer: str) -> float | None:
    """Steps of the series between two cells of a layer; None where the layer does not go on with the series."""
    sizes = shapes.shape_of(layer)[1:]
    if len(sizes) != 1 or sizes[0] == 1:
        return None
    jump = receptive_fields(shapes)[layer].to_json()["jump"][0]
    return None if jump is None else float(jump)


def time_of(shapes: Shapes, cell: Cell) -> float | None:
    """The step of the series that a cell stands over; None where its layer does not go on with the series."""
    jump = _jump_of(shapes, cell.layer)
    return None if jump is None else cell.place[0] * jump


def _late(shapes: Shapes, name: str, field: Mask, now: float | None) -> Mask | None:
    """The cells of a field that lie after ``now``: the future that is read."""
    jump = None if now is None else _jump_of(shapes, name)
    if now is None or jump is None:
        return None
    return field.reshape(-1) & (np.arange(field.shape[-1]) * jump > now)


def _plane(grid: Any) -> Any:
    """Rows and columns of a map: a series is one row, of a volume the middle plane."""
    while grid.ndim > 2:
        grid = grid[grid.shape[0] // 2]
    return grid.reshape(1, -1) if grid.ndim < 2 else grid


def _placed(place: tuple[int, ...]) -> tuple[int, int]:
    *_, row, col = (0, 0, *place)
    return (row, col) if len(place) > 1 else (0, col)


def about_network(shown: Shown, request: str, title: str | None) -> About:
    """The words of a figure of a network."""
    first, *others = shown.layers
    last = others[-1]
    named = "".join(char for char in title or "" if char.isprintable()).strip()
    title = named or f"Network of {many(len(others), 'layer')}: {shape(first.shape)} to {shape(last.shape)}"
    listed = "; ".join(f"{one.name}, {one.about}, {shape(one.shape)}" for one in others)
    sentence = f"A network of {many(len(others), 'layer')} on an input of {shape(first.shape)}: {listed}."
    field = _field_words(shown)
    caption = f"{sentence} {field}".strip()
    return About(title, caption, caption, bibtex(title, request), request)


def _field_words(shown: Shown) -> str:
    if shown.cell is None:
        return ""
    place = ", ".join(map(str, shown.cell.place))
    source = shown.layers[0]
    if shown.cell.layer == SOURCE or source.field is None:
        reached = [
            f"{many(int(one.field.sum()), 'cell')} of {one.name}"
            for one in shown.layers
            if one.field is not None
        ]
        return f"Cell ({place}) of {shown.cell.layer} reaches {listed(reached) or 'no cell'}."
    rows, cols = np.nonzero(source.field)
    spans = f"columns {cols.min()} to {cols.max()}"
    if source.field.shape[0] > 1:
        spans = f"rows {rows.min()} to {rows.max()}, {spans}"
    late = 0 if source.late is None else int(source.late.sum())
    future = (
        f" {late} of them {'lies' if late == 1 else 'lie'} after its time: from the future." if late else ""
    )
    return (
        f"Cell ({place}) of {shown.cell.layer} depends on {many(int(source.field.sum()), 'cell')} of the input, "
        f"{spans}.{future}"
    )
