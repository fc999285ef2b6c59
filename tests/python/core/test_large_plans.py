"""A plan is arithmetic: it takes shapes that no server computes, is quick about them, and lists a few values only."""

from __future__ import annotations

import math
import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.core import geometry as module
from app.core.errors import Unfit
from app.core.geometry import geometry
from app.operations import registry

from ..web.asking import Json, assert_problem

pytestmark = pytest.mark.long

HUGE = 2**24
# A shuffle makes axes longer, and no output may be longer than 16,384 cells.
SHRINKING = [name for name in registry() if name != "pixel_shuffle"]


PICTURE = [3, 1080, 1920]
OTHERS = [[64, 572, 572], [1, 4_194_304], [1, HUGE], [512, 96, 96, 96]]
# One operation for each way to find a size.
KINDS = ["convolution", "max_pooling", "transposed_convolution", "bilinear_upsampling"]


@pytest.mark.parametrize(
    ("name", "shape"), [(name, PICTURE) for name in SHRINKING] + [*product(KINDS, OTHERS)]
)
def test_plan_plans_and_solve_take_shapes_that_no_run_takes(
    client: TestClient, name: str, shape: list[int]
) -> None:
    layer: Json = {"operation": name}
    if "upsampling" in name and shape[1] > 5000:
        layer["size"] = 64
    body = {"layers": [layer], "input_shape": shape}
    answer = client.post("/api/v1/plan", json=body)
    assert answer.status_code == 200, answer.text
    plan = answer.json()["layers"][0]
    assert plan["input_shape"] == shape
    assert client.post("/api/v1/plans", json={"plans": [body]}).json()["plans"][0]["layers"] == [plan]
    question = {"layer": {**layer, "groups": 1} if "groups" in plan["spec"] else layer, "input_shape": shape}
    solved = client.post(
        "/api/v1/solve", json={**question, "sizes": [max(1, size // 2) for size in shape[1:]]}
    )
    assert solved.status_code == 200, solved.text


@pytest.mark.parametrize("name", SHRINKING)
def test_the_largest_shape_of_all_has_a_plan(client: TestClient, name: str) -> None:
    layer = {"operation": name, **({"size": 3} if "upsampling" in name else {})}
    answer = client.post("/api/v1/plan", json={"layers": [layer], "input_shape": [HUGE] * 4})
    assert answer.status_code == 200, answer.text
    assert answer.json()["layers"][0]["bytes"]["input"] == 4 * HUGE**4


@pytest.mark.parametrize("count", [4097, 100_000, HUGE])
def test_filters_and_groups_have_the_limit_of_channels(client: TestClient, count: int) -> None:
    for layer, shape in (
        ({"operation": "convolution", "filters": count}, [3, 9, 9]),
        ({"operation": "convolution", "filters": count, "groups": count}, [count, 9, 9]),
        ({"operation": "transposed_convolution", "filters": count}, [3, 9, 9]),
        ({"operation": "dense", "filters": count}, [3, 9, 9]),
    ):
        answer = client.post("/api/v1/plan", json={"layers": [layer], "input_shape": shape})
        assert answer.status_code == 200, answer.text
        assert answer.json()["layers"][0]["lanes"] == count
    over = {"layers": [{"operation": "convolution", "filters": HUGE + 1}], "input_shape": [3, 9, 9]}
    assert_problem(client.post("/api/v1/plan", json=over), 422, "malformed", "filters")


def test_a_run_with_many_filters_is_a_matter_of_its_size(client: TestClient) -> None:
    body: Json = {
        "layers": [{"operation": "convolution", "filters": 5000}],
        "source": {"kind": "noise", "shape": [3, 5, 5]},
    }
    assert len(client.post("/api/v1/run", json=body).json()["output"]) == 5000
    body["layers"] = [{"operation": "convolution", "filters": HUGE}]
    assert_problem(client.post("/api/v1/run", json=body), 413, "too_large", "output")


def test_a_refusal_blames_what_was_given(client: TestClient) -> None:
    for shape in ([3, 9, HUGE + 1], [HUGE + 1, 9, 9], [3, 0, 9], [3]):
        body = {"layers": [{"operation": "convolution"}], "input_shape": shape}
        plan = assert_problem(client.post("/api/v1/plan", json=body), 422, "malformed", "input_shape")
        assert "source" not in plan["detail"]


def test_the_shape_of_noise_is_known_without_drawing_it(client: TestClient) -> None:
    source = {"kind": "noise", "shape": [3, 1080, 1920]}
    answer = client.post("/api/v1/plan", json={"layers": [{"operation": "convolution"}], "source": source})
    assert answer.json()["layers"][0]["output_shape"] == [1, 1078, 1918]


@pytest.mark.parametrize("channels", [1, 7, 12, 60, 64, 720_720, 4_194_304, HUGE, HUGE - 3])
@pytest.mark.parametrize("groups", [5, 11, 4095])
def test_a_refusal_lists_at_most_a_dozen_divisors(channels: int, groups: int) -> None:
    operation = registry()["convolution"]
    spec = operation.spec.model_validate({"operation": "convolution", "groups": groups, "filters": groups})
    if channels % groups == 0:
        return
    with pytest.raises(Unfit) as refused:
        geometry(operation, spec, (channels, 9, 9))
    assert refused.value.field == "groups"
    listed = refused.value.remedy.partition(" or another")[0]
    parts = [int(number) for number in re.findall(r"\d+", listed)]
    assert 1 <= len(parts) <= 12
    assert parts == sorted(parts)
    assert all(channels % part == 0 for part in parts)


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_the_divisors_listed_are_those_that_come_nearest(number: int, near: int) -> None:
    every = [part for part in range(1, number + 1) if number % part == 0]
    words = module._divisors(number, near)
    listed = [int(part) for part in re.findall(r"\d+", words.partition(" or another")[0])]
    farthest = max(abs(part - near) for part in listed)
    assert len(listed) == min(12, len(every))
    assert all(abs(part - near) >= farthest for part in set(every) - set(listed))
    assert ("another divisor" in words) == (len(every) > 12)


def test_the_page_and_the_server_list_the_same_divisors() -> None:
    """The other half of this test is in tests/js/layer/geometry.test.js."""
    listed = "10, 11, 12, 13, 14, 15, 16, 18, 20, 21, 22, 24 or another divisor of 720720"
    assert module._divisors(720_720, 17) == listed


def test_divisors_are_looked_for_up_to_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def counted(*ends: int) -> range:
        tried.append(ends[1])
        return range(*ends)

    monkeypatch.setattr(module, "range", counted, raising=False)
    module._divisors(HUGE, 3)
    assert tried == [math.isqrt(HUGE) + 1]
