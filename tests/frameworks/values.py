"""Small legal cases whose numbers are recorded too: those where two readings of a setting differ in values."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from typing import Any

from .answers import Answer, Json
from .drawing import MODES, draw

# How many cases of each operation carry values; ONNX has none: it is a text, and computes nothing.
VALUED = {
    "pytorch": {
        "convolution": 28,
        "transposed_convolution": 30,
        "max_pooling": 25,
        "average_pooling": 28,
        "lp_pooling": 25,
        "adaptive_average_pooling": 25,
        "adaptive_max_pooling": 20,
        "nearest_upsampling": 25,
        "bilinear_upsampling": 36,
        "unfold": 20,
        "dense": 8,
    },
    "keras": {
        "convolution": 20,
        "transposed_convolution": 60,
        "max_pooling": 12,
        "nearest_upsampling": 12,
        "bilinear_upsampling": 14,
    },
    "onnx": {},
}
MOST_INPUT, MOST_OUTPUT = 64, 48


def cases_with_values(framework: str, operation: str, answer: Any) -> list[Json]:
    """Legal settings: those made by hand, then some drawn without faults."""
    wanted = VALUED[framework].get(operation, 0)
    cases: list[Json] = []
    seen: set[str] = set()
    if not wanted:
        return cases
    for spec, shape, numbers in _candidates(framework, operation):
        key = json.dumps([spec, shape, numbers])
        if key in seen or math.prod(shape) > MOST_INPUT:
            continue
        seen.add(key)
        found: Answer = answer(spec, shape, values=True, **_as_tuples(numbers))
        if found.values is None or not 2 <= found.values.size <= MOST_OUTPUT:
            continue
        cases.append({"spec": spec, "input_shape": shape, **numbers, "outcome": found.to_json()})
        if len(cases) == wanted:
            break
    return cases


def _as_tuples(numbers: Json) -> Json:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in numbers.items()}


def _candidates(framework: str, operation: str) -> Iterator[tuple[Json, list[int], Json]]:
    rng = random.Random(f"values {framework} {operation}")
    yield from BY_HAND.get((framework, operation), ())
    for index in range(4000):
        spec, shape = draw(rng, operation, framework, plain=True)
        numbers: Json = {}
        if framework == "pytorch" and operation == "convolution":
            spec["padding_mode"] = MODES[index % 4]
            spec.setdefault("padding", 1)
        if operation in ("convolution", "transposed_convolution"):
            spec["bias"] = rng.random() < 0.4
        if operation == "bilinear_upsampling" and framework == "pytorch":
            spec["align_corners"] = index % 2 == 0
        if operation in ("max_pooling", "adaptive_max_pooling") and framework == "pytorch":
            numbers = _ties_and_nan(rng, shape)
        yield spec, shape, numbers


def _ties_and_nan(rng: random.Random, shape: list[int]) -> Json:
    """Numbers with equal neighbours, and one or two that are not a number."""
    numbers: Json = {"modulus": rng.choice((2, 3, 11))}
    if rng.random() < 0.4:
        cells = math.prod(shape)
        numbers["nan"] = sorted(rng.sample(range(cells), min(cells, rng.choice((1, 2, 3)))))
    return numbers


def _transposed(**settings: Any) -> tuple[Json, list[int], Json]:
    shape = settings.pop("shape", [1, 4])
    return {"operation": "transposed_convolution", "filters": 1, "bias": False, **settings}, shape, {}


# Every alignment of Keras' transposed convolution on one axis: both names, kernels below and above the stride.
_ALIGNMENTS = [
    _transposed(kernel=kernel, stride=stride, padding=name, **extra)
    for kernel, stride in ((1, 3), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2), (4, 2), (4, 3), (5, 2), (5, 4))
    for name in ("valid", "same")
    for extra in ({}, {"output_padding": 0}, *([{"output_padding": stride - 1}] if stride > 1 else []))
]

BY_HAND: dict[tuple[str, str], list[tuple[Json, list[int], Json]]] = {
    ("keras", "transposed_convolution"): _ALIGNMENTS,
    ("pytorch", "transposed_convolution"): [
        _transposed(kernel=3, stride=2, output_padding=1),
        _transposed(kernel=2, stride=4, output_padding=3),
        _transposed(kernel=3, stride=2, dilation=3, output_padding=2),
        _transposed(kernel=3, stride=2, padding=1, output_padding=1, bias=True),
        _transposed(kernel=3, stride=1, dilation=3, padding=3, output_padding=2),
        _transposed(kernel=3, padding=3, shape=[1, 6]),
        _transposed(kernel=2, stride=2, groups=2, filters=4, shape=[2, 3]),
    ],
    ("pytorch", "max_pooling"): [
        ({"operation": "max_pooling", "kernel": 2, "dilation": 2, "padding": 1}, [2, 1], {}),
        ({"operation": "max_pooling", "kernel": 3, "stride": 1}, [1, 6], {"modulus": 11, "nan": [1, 2, 4]}),
        ({"operation": "max_pooling", "kernel": 3, "stride": 1, "padding": 1}, [1, 6], {"modulus": 1}),
    ],
    ("pytorch", "average_pooling"): [
        (
            {
                "operation": "average_pooling",
                "kernel": 3,
                "stride": 2,
                "padding": 1,
                "ceil_mode": True,
                "count_include_pad": counted,
            },
            shape,
            {},
        )
        for counted in (True, False)
        for shape in ([1, 4], [1, 4, 6])
    ],
}
