"""The plan: everything known about a layer before any arithmetic. Knows operations as records, never by name."""

from __future__ import annotations

import functools
import math
from typing import Any

from .differences import differences
from .errors import Unfit, counted
from .geometry import Geometry, as_ranges, geometry
from .operation import Operation
from .spec import LayerSpec
from .walk.unread import unread
from .walk.walk import AxisWalk

PLAN_VERSION = 1
ITEM_BYTES = 4  # float32

# How far the planner looks for values that would fit; the most that a control can reach.
CANDIDATES = 64


@functools.lru_cache(maxsize=512)
def _geometry_json(operation: Operation, spec: LayerSpec, input_shape: tuple[int, ...]) -> dict[str, Any]:
    return geometry(operation, spec, input_shape).to_json()


def plan_layer(operation: Operation, spec: LayerSpec, input_shape: tuple[int, ...]) -> dict[str, Any]:
    """The plan of one layer on an input (channels, *sizes), as the API carries it; raises Unfit."""
    built = geometry(operation, spec, input_shape)
    # Tables make long documents, which no cache should keep many of.
    described = _geometry_json(operation, spec, input_shape) if built.walk.affine else built.to_json()
    return {
        "operation": operation.name,
        "spec": spec.model_dump(),
        **described,
        "bytes": byte_sizes(built),
        "notes": notes(built) + differences(operation, spec, built),
    }


def byte_sizes(built: Geometry) -> dict[str, int]:
    """Bytes of each tensor in float32."""
    return {
        "input": math.prod(built.walk.input_shape) * ITEM_BYTES,
        "padded": math.prod(built.padded_shape) * ITEM_BYTES,
        "weight": (math.prod(built.weight_shape) if built.weight_shape else 0) * ITEM_BYTES,
        "output": math.prod(built.output_shape) * ITEM_BYTES,
    }


def notes(built: Geometry) -> list[str]:
    """Remarks that a reader of this plan should not miss, as sentences; axes that say the same share one."""
    axes: dict[str, list[str]] = {}
    for axis in built.walk.axes:
        for said in _noted(axis):
            axes.setdefault(said, []).append(axis.name)
    return [f"{_on(names, len(built.walk.axes))} {said}" for said, names in axes.items()]


def _noted(axis: AxisWalk) -> list[str]:
    source = axis.source
    found = []
    left = unread(axis, 0).count
    if left:
        found.append(
            f"{left} of {counted(source.size, 'input cell')} {'is' if left == 1 else 'are'} never read."
        )
    if source.begin != source.end and source.mode == "zeros" and source.spread == 1:
        found.append(f"the padding is uneven: {source.begin} at the beginning, {source.end} at the end.")
    if source.overhang:
        found.append(f"the last window reaches {source.overhang} past the padding.")
    return found


def _on(names: list[str], axes: int) -> str:
    if len(names) == axes > 1:
        return "On each axis"
    return f"On {'axis' if len(names) == 1 else 'the axes'} {' and '.join(names)}"


@functools.lru_cache(maxsize=512)
def allowed_values(operation: Operation, spec: LayerSpec, input_shape: tuple[int, ...]) -> dict[str, Any]:
    """For each parameter the values that would be valid here, the others kept: found by trying them.

    Whole numbers as inclusive ranges, per axis where the parameter is; the search ends at ``CANDIDATES`` or
    at twice the largest axis, whichever is smaller.
    """
    axes = len(input_shape) - 1
    found: dict[str, Any] = {}
    for parameter in operation.describe()["parameters"]:
        name, kind, least = parameter["name"], parameter["kind"], parameter["minimum"]
        most = _most(input_shape)

        def fits(value: object, name: str = name) -> bool:
            return _fits(operation, spec.model_copy(update={name: value}), input_shape)

        if kind in ("number", "shape"):
            continue  # any number that is one fits; shapes are too many to try
        if kind == "per_axis":
            now = _now_per_axis(spec, name, axes)
            found[name] = [
                as_ranges([n for n in range(least, most + 1) if fits((*now[:axis], n, *now[axis + 1 :]))])
                for axis in range(axes)
            ]
        elif kind == "padding":
            sides, lowest = _now_sides(operation, spec, input_shape), max(least, -most)
            found[name] = {
                "rules": [rule for rule in parameter["choices"] if fits(rule)],
                "axes": [
                    as_ranges(
                        [
                            n
                            for n in range(lowest, most + 1)
                            if fits((*sides[:axis], (n, n), *sides[axis + 1 :]))
                        ]
                    )
                    for axis in range(axes)
                ],
            }
        elif kind == "integer":
            found[name] = as_ranges([n for n in range(least, most + 1) if fits(n)])
        elif kind == "choice":
            found[name] = [choice for choice in parameter["choices"] if fits(choice)]
        else:
            found[name] = [choice for choice in (False, True) if fits(choice)]
    return found


def tries(operation: Operation, input_shape: tuple[int, ...]) -> int:
    """How many values ``allowed_values`` tries."""
    axes = len(input_shape) - 1
    most = _most(input_shape)
    found = 0
    for parameter in operation.describe()["parameters"]:
        kind, least, choices = parameter["kind"], parameter["minimum"], parameter["choices"]
        if kind == "per_axis":
            found += axes * max(0, most + 1 - least)
        elif kind == "padding":
            found += len(choices) + axes * (most + 1 - max(least, -most))
        elif kind == "integer":
            found += max(0, most + 1 - least)
        elif kind not in ("number", "shape"):
            found += len(choices) if kind == "choice" else 2
    return found


def _most(input_shape: tuple[int, ...]) -> int:
    return min(CANDIDATES, max(8, 2 * max(input_shape)))


def _fits(operation: Operation, spec: LayerSpec, input_shape: tuple[int, ...]) -> bool:
    try:
        geometry.__wrapped__(operation, spec, input_shape)
    except Unfit:
        return False
    return True


def _now_per_axis(spec: LayerSpec, name: str, axes: int) -> tuple[int, ...]:
    value = getattr(spec, name)
    if value is None:  # a stride that follows the kernel, or a size that follows from the rest
        value = getattr(spec, "kernel", 1) if name == "stride" else 1
    if isinstance(value, int):
        return (value,) * axes
    return tuple(value) * axes if len(value) == 1 else tuple(value)


def _now_sides(
    operation: Operation, spec: LayerSpec, input_shape: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    try:
        built = geometry(operation, spec, input_shape)
    except Unfit:
        return ((0, 0),) * (len(input_shape) - 1)
    return tuple((axis.source.begin, axis.source.end) for axis in built.walk.axes)
