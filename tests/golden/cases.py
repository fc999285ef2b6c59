"""Random settings of any operation, drawn from its own description, and what the core says of them."""

from __future__ import annotations

import random
from typing import Any

from app.core.errors import Unfit
from app.core.geometry import geometry
from app.core.operation import Operation

Json = dict[str, Any]


def draw_shape(rng: random.Random) -> tuple[int, ...]:
    """An input shape of 1 to 3 axes; small, since corners are where sizes are small."""
    channels = rng.choice([1, 1, 2, 3, 4, 6, 12])
    axes = rng.choice([1, 2, 2, 2, 3])
    largest = rng.choice([3, 7, 12, 40])
    return (channels, *(rng.randint(1, largest) for _ in range(axes)))


def draw_spec(rng: random.Random, operation: Operation, axes: int) -> Json:
    """A spec with some parameters left at their defaults and some that do not fit."""
    spec: Json = {"operation": operation.name}
    for parameter in operation.describe()["parameters"]:
        if rng.random() < 0.35:
            continue
        spec[parameter["name"]] = _draw_value(rng, parameter, axes)
    if spec.get("rules", "any") != "any" and rng.random() < 0.5:  # a framework refuses most of what is drawn
        spec["rules"] = "any"
    return spec


def _draw_value(rng: random.Random, parameter: Json, axes: int) -> Any:
    kind = parameter["kind"]
    if kind in ("choice", "boolean"):
        return rng.choice(parameter["choices"] or [False, True])
    if kind == "integer":
        return rng.choice([0, 1, 1, 2, 2, 3, 4, 6, 8, 12])
    if kind == "number":
        return rng.choice([0, 0.5, -1.5, 2])
    if kind == "shape":
        return rng.choice([[-1], [-1], [1, -1], [2, -1], [-1, 2, 2], [12], [-1, 3, 1], [1, 1, 1, -1], [4, 3]])
    if parameter["nullable"] and rng.random() < 0.3:
        return None
    # One list in thirty has the wrong length.
    length = axes if rng.random() < 0.95 else rng.randint(1, 3)
    if kind == "padding":
        if parameter["choices"] and rng.random() < 0.45:
            return rng.choice(parameter["choices"])
        least = 0 if parameter["minimum"] == 0 else -2
        if rng.random() < 0.4:
            return _small(rng, least)
        return [
            rng.choice([_small(rng, least), [_small(rng, least), _small(rng, least)]]) for _ in range(length)
        ]
    if rng.random() < 0.4:
        return _small(rng, 1)
    return [_small(rng, 1) for _ in range(rng.choice([length, length, 1]))]


def _small(rng: random.Random, least: int) -> int:
    """Mostly fitting, sometimes just below the least, seldom large."""
    draw = rng.random()
    if draw < 0.03:
        return least - 1
    if draw < 0.08:
        return rng.randint(5, 20)
    return rng.randint(least, least + 3)


def answer(operation: Operation, spec: Json, shape: tuple[int, ...]) -> Json:
    """One case: the spec as given, the input shape, and the geometry or the refusal."""
    case: Json = {"spec": spec, "input_shape": list(shape)}
    try:
        built = geometry(operation, operation.spec.model_validate(spec), shape)
    except Unfit as problem:
        refusal = problem.to_json()
        case["problem"] = {key: refusal[key] for key in ("code", "field", "value", "reason", "remedy")}
    else:
        case["geometry"] = built.to_json()
    return case


def corners(operation: Operation) -> list[Json]:
    """Cases that small drawn numbers never meet: a factor beyond any length."""
    if all(parameter["name"] != "factor" for parameter in operation.describe()["parameters"]):
        return []
    asked = (((1, 9, 9), 1821), ((2, 3, 9), [1, 2000]), ((1, 20_000), 1))
    return [
        answer(operation, {"operation": operation.name, "factor": factor}, shape) for shape, factor in asked
    ]


def draw(operation: Operation, count: int, seed: int) -> Json:
    """``count`` seeded cases of one operation with its description, as a golden file holds them."""
    rng = random.Random(f"{operation.name} {seed}")
    cases = []
    for _ in range(count):
        shape = draw_shape(rng)
        cases.append(answer(operation, draw_spec(rng, operation, len(shape) - 1), shape))
    return {"operation": operation.describe(), "cases": cases + corners(operation)}
