"""The plan backwards: complete within the stated ranges, by formulas of its own, and the simplest first."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.core import solver
from app.core.geometry import geometry
from app.core.solver import RANGES
from app.operations import registry

from ..web.asking import Json, assert_problem

pytestmark = pytest.mark.long


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


@pytest.mark.parametrize(
    ("size", "wanted"), [((46, 62), (368, 489)), ((7, 9), (14, 19)), ((5, 6, 7), (10, 12, 15))]
)
def test_axes_may_want_different_sizes(size: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    solutions = solved({"operation": "transposed_convolution"}, (1, *size), wanted)
    assert solutions
    operation = registry()["transposed_convolution"]
    for one in solutions:
        spec = operation.spec.model_validate({"operation": operation.name, **one.settings})
        assert geometry(operation, spec, (1, *size)).walk.step_shape == wanted
        assert any(isinstance(value, list) for value in one.settings.values())
    assert not isinstance(solutions[0].settings["kernel"], list)
    assert not isinstance(solutions[0].settings["stride"], list)


def test_sizes_far_apart_are_reached_by_their_ratio() -> None:
    patches = solved({"operation": "convolution"}, (3, 224, 224), (14, 14))
    assert {"kernel": 16, "stride": 16, "padding": 0, "dilation": 1} in [one.settings for one in patches]
    score = solved({"operation": "transposed_convolution"}, (21, 7, 7), (224, 224))
    assert any(one.settings["stride"] == 32 for one in score)


@pytest.mark.parametrize("layer", [{}, {"kernel": 3}, {"kernel": [3, 5], "padding": "full", "filters": 4}])
def test_a_convolution_that_cannot_grow_its_input_proposes_what_can(client: TestClient, layer: Json) -> None:
    body = {"layer": {"operation": "convolution", **layer}, "input_shape": [2, 46, 62], "sizes": [368, 489]}
    reply = client.post("/api/v1/solve", json=body).json()
    assert reply["counts"]["convolution"] == 0
    proposed = {one["operation"] for one in reply["solutions"]}
    assert {"nearest_upsampling", "bilinear_upsampling"} <= proposed
    if layer.get("kernel") is None:
        assert "transposed_convolution" in proposed
    for one in reply["solutions"]:
        spec = {"operation": one["operation"], **one["settings"]}
        answer = client.post("/api/v1/plan", json={"layers": [spec], "input_shape": body["input_shape"]})
        if one["operation"].endswith("upsampling") or not layer:
            assert answer.json()["layers"][0]["step_shape"] == [368, 489]


def test_what_is_proposed_instead_exists_and_is_another_operation() -> None:
    for operation in registry().values():
        assert set(operation.instead) <= set(registry()) - {operation.name}


def test_few_solutions_leave_room_for_those_of_each_operation(client: TestClient) -> None:
    body = {"layer": {"operation": "convolution"}, "input_shape": [1, 28, 28], "sizes": [30, 30], "most": 16}
    answer = client.post("/api/v1/solve", json=body).json()
    names = [one["operation"] for one in answer["solutions"]]
    assert len(names) <= 16
    assert names[0] == "convolution"
    assert set(names) == {name for name, count in answer["counts"].items() if count}


def test_the_api_says_what_was_tried_and_how_many_there_are(client: TestClient) -> None:
    body = {
        "layer": {"operation": "convolution", "kernel": 3, "rules": "pytorch"},
        "input_shape": [3, 28, 28],
        "sizes": [14, 14],
        "most": 1,
    }
    answer = client.post("/api/v1/solve", json=body).json()
    assert answer["ranges"] == {name: list(RANGES[name]) for name in ("stride", "padding", "dilation")}
    assert answer["count"] > 1
    [first] = answer["solutions"]
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
    problem = assert_problem(client.post("/api/v1/solve", json=body), 422, client_code(field, change))
    assert problem["field"].startswith(field)


def client_code(field: str, change: Json) -> str:
    return "unfit" if change == {"sizes": [14]} else "malformed"
