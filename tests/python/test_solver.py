"""The plan backwards: complete within the stated ranges, by formulas of its own, and the simplest first."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.core import solver
from app.core.solver import RANGES
from app.operations import registry

from .asking import Json, assert_problem


def solved(layer: Json, input_shape: tuple[int, ...], sizes: tuple[int, ...]) -> list[solver.Solution]:
    pieces = solver.search(registry()[layer["operation"]], layer, input_shape, sizes)
    return sorted(itertools.chain.from_iterable(pieces), key=solver.simplicity)


def numbers(solutions: list[solver.Solution]) -> set[tuple[Any, ...]]:
    """Those with a number as padding, as (kernel, stride, padding, dilation, further)."""
    return {
        (
            one.settings["kernel"],
            one.settings["stride"],
            one.settings["padding"],
            one.settings["dilation"],
            one.settings.get("output_padding", one.settings.get("ceil_mode")),
        )
        for one in solutions
        if isinstance(one.settings["padding"], int)
    }


@pytest.mark.parametrize(("size", "wanted"), [(28, 28), (28, 14), (28, 9), (7, 3), (5, 8), (3, 1)])
def test_convolutions_are_those_of_brute_force(size: int, wanted: int) -> None:
    expected = {
        (kernel, stride, padding, dilation, None)
        for kernel, stride, padding, dilation in itertools.product(
            range(1, 12), range(1, 9), range(7), range(1, 5)
        )
        if (room := size + 2 * padding - dilation * (kernel - 1) - 1) >= 0 and room // stride + 1 == wanted
    }
    assert numbers(solved({"operation": "convolution"}, (1, size), (wanted,))) == expected


@pytest.mark.parametrize(("size", "wanted"), [(28, 56), (4, 8), (3, 3), (2, 9)])
def test_transposed_convolutions_are_those_of_brute_force(size: int, wanted: int) -> None:
    expected = {
        (kernel, stride, padding, dilation, extra)
        for kernel, stride, padding, dilation, extra in itertools.product(
            range(1, 12), range(1, 9), range(7), range(1, 5), range(4)
        )
        if (size - 1) * stride + dilation * (kernel - 1) + 1 + extra - 2 * padding == wanted
    }
    assert numbers(solved({"operation": "transposed_convolution"}, (1, size), (wanted,))) == expected


@pytest.mark.parametrize(("size", "wanted"), [(9, 4), (5, 3), (6, 6)])
def test_pools_are_those_of_brute_force(size: int, wanted: int) -> None:
    expected = set()
    for kernel, stride, padding, dilation, ceil in itertools.product(
        range(1, 12), range(1, 9), range(7), range(1, 5), (False, True)
    ):
        room = size + 2 * padding - dilation * (kernel - 1) - 1
        count = (-(-room // stride) if ceil else room // stride) + 1
        if ceil and (count - 1) * stride >= size + padding:
            count -= 1
        if padding < kernel and count == wanted:
            expected.add((kernel, stride, padding, dilation, ceil))
    assert numbers(solved({"operation": "max_pooling"}, (1, size), (wanted,))) == expected


def test_every_solution_gives_the_size_and_none_is_met_twice() -> None:
    solutions = solved({"operation": "convolution", "dilation": 2}, (3, 12, 12), (6, 6))
    seen = [tuple(one.settings.items()) for one in solutions]
    assert len(set(seen)) == len(seen) > 10
    for one in solutions:
        assert one.geometry.walk.step_shape == (6, 6)
        assert "dilation" not in one.settings


def test_the_simplest_comes_first() -> None:
    first = solved({"operation": "convolution"}, (3, 224, 224), (112, 112))[0]
    assert first.settings == {"kernel": 3, "stride": 2, "padding": 1, "dilation": 1}
    doubling = solved({"operation": "transposed_convolution", "kernel": 4}, (1, 28, 28), (56, 56))[0]
    assert doubling.settings["stride"] == 2
    assert doubling.settings["padding"] == 1
    assert "same" in doubling.also


def test_the_api_says_what_was_tried_and_how_many_there_are(client: TestClient) -> None:
    body = {
        "layer": {"operation": "convolution", "kernel": 3, "rules": "pytorch"},
        "input_shape": [3, 28, 28],
        "sizes": [14, 14],
        "most": 1,
    }
    told = client.post("/api/v1/solve", json=body).json()
    assert told["ranges"] == {name: list(RANGES[name]) for name in ("stride", "padding", "dilation")}
    assert told["count"] > 1
    [first] = told["solutions"]
    assert first["settings"] == {"stride": 2, "padding": 1, "dilation": 1}
    assert first["formula"][0] == "⌊(28 + 2·1 − 3) / 2⌋ + 1 = 14"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sizes": [14]}, "sizes"),
        ({"sizes": [0, 1]}, "sizes"),
        ({"layer": {"operation": "none"}}, "layer"),
        ({"layer": {"operation": "convolution", "kernel": "x"}}, "layer"),
        ({"most": 0}, "most"),
    ],
)
def test_a_wrong_question_is_refused(client: TestClient, change: Json, field: str) -> None:
    body = {"layer": {"operation": "convolution"}, "input_shape": [3, 28, 28], "sizes": [14, 14], **change}
    told = assert_problem(client.post("/api/v1/solve", json=body), 422, client_code(field, change))
    assert told["field"].startswith(field)


def client_code(field: str, change: Json) -> str:
    return "unfit" if change == {"sizes": [14]} else "malformed"
