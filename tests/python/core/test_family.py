"""The whole family through the API: both walks, indices, double precision, matrices, rules, and every example."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.core.frameworks.catalog import WITH_RULES
from app.operations import registry

from ..web.asking import Json, assert_problem

EXAMPLES = [
    (name, index) for name, operation in registry().items() for index in range(len(operation.examples))
]


def run(client: TestClient, layer: Json, values: Any, **changes: Any) -> Json:
    """The answer of a run on typed values."""
    body = {"layers": [layer], "source": {"kind": "values", "values": values}, **changes}
    answer = client.post("/api/v1/run", json=body)
    assert answer.status_code == 200, answer.text
    described: Json = answer.json()
    return described


def lines(client: TestClient, body: Json) -> list[Json]:
    """The messages and frames of a job as JSON."""
    answer = client.post("/api/v1/frames", json=body, headers={"Accept": "application/x-ndjson"})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize(("name", "index"), EXAMPLES)
def test_every_example_runs_and_is_planned(client: TestClient, name: str, index: int) -> None:
    example = dict(registry()[name].examples[index])
    assert example.pop("title")
    assert example.pop("caption").endswith(".")
    assert example.pop("question").endswith("?")
    answer = client.post("/api/v1/run", json={**example, "include": ["output", "plan"]})
    assert answer.status_code == 200, answer.text
    planned = answer.json()["plan"]["layers"][0]
    assert list(np.shape(answer.json()["output"])) == planned["output_shape"]
    described = client.post(
        "/api/v1/plan", json={"layers": example["layers"], "source": example["source"]}
    ).json()
    assert described["layers"][0]["output_shape"] == planned["output_shape"]
    assert set(described["layers"][0]["frameworks"]) == set(WITH_RULES)


def test_both_walks_of_a_transposed_convolution_end_in_the_same_output(client: TestClient) -> None:
    layer = {"operation": "transposed_convolution", "kernel": 2, "stride": 2, "bias": True}
    weights = {"kind": "values", "values": [[[[1, 2], [3, 4]]]], "bias": [10]}
    body = {
        "layers": [layer],
        "source": {"kind": "values", "values": [[1, -1], [2, 0]]},
        "weights": weights,
        "window": True,
    }
    whole = [[11, 12, 9, 8], [13, 14, 7, 6], [12, 14, 10, 10], [16, 18, 10, 10]]
    gathered = lines(client, body)
    assert gathered[1]["values"] == [[value for row in whole for value in row]]
    plan, partial, *stamps, end = lines(client, {**body, "walk": "scatter", "first": 1})
    assert plan["plan"]["layers"][0]["scatter"]["step_shape"] == [2, 2]
    assert partial["type"] == "partial"
    assert partial["values"] == [[11, 12, 10, 10, 13, 14, 10, 10, *[10] * 8]]
    assert {stamp["type"] for stamp in stamps} == {"stamps"}
    values = np.concatenate([stamp["values"] for stamp in stamps], axis=1).tolist()
    assert values == [[-1, 2, 0], [-2, 4, 0], [-3, 6, 0], [-4, 8, 0]]
    assert [number for stamp in stamps for number in stamp["windows"][0]] == [-1, 2, 0]
    assert end == {"type": "end", "job": 0, "first": 1, "steps": 3}


def test_a_walk_that_does_not_exist_is_refused(client: TestClient) -> None:
    body = {
        "layers": [{"operation": "max_pooling"}],
        "source": {"kind": "values", "values": [[1, 2], [3, 4]]},
        "walk": "scatter",
    }
    described = assert_problem(client.post("/api/v1/frames", json=body), 422, "unfit", "walk")
    assert described["pointer"] == "/walk"


def test_indices_of_the_maxima(client: TestClient) -> None:
    described = run(
        client, {"operation": "max_pooling", "kernel": 2}, [[1, 5], [5, 2]], include=["output", "indices"]
    )
    assert described == {"output": [[[5.0]]], "indices": [[[1]]]}
    layer = {"operation": "adaptive_max_pooling", "size": 2}
    assert run(client, layer, [3, 1, 4], include=["indices"]) == {"indices": [[0, 2]]}
    assert run(client, {"operation": "lp_pooling"}, [1, 2], include=["indices"]) == {"indices": None}


def test_double_precision_is_computed_and_carried_as_such(client: TestClient) -> None:
    layer = {"operation": "convolution", "kernel": 2}
    weights = {"kind": "values", "values": [[[1, 0.1]]]}
    values = [2**24 + 1, 0]
    assert run(client, layer, values, weights=weights, dtype="float64")["output"] == [[2**24 + 1]]
    assert run(client, layer, values, weights=weights)["output"] == [[2**24]]
    body = {"layers": [layer], "source": {"kind": "values", "values": values}, "weights": weights}
    answer = client.post(
        "/api/v1/run", json={**body, "dtype": "float64"}, headers={"Accept": "application/x-npy"}
    )
    assert np.load(io.BytesIO(answer.content)).dtype == np.float64
    assert lines(client, {**body, "dtype": "float64"})[1]["values"] == [[2**24 + 1]]
    refused = client.post("/api/v1/run", json={**body, "dtype": "float16"})
    assert_problem(refused, 422, "malformed", "dtype")


def test_an_uploaded_double_array_keeps_its_digits(client: TestClient) -> None:
    file = io.BytesIO()
    np.save(file, np.array([[0.1, 0.2]]))
    kept = client.post(
        "/api/v1/images", content=file.getvalue(), headers={"Content-Type": "application/x-npy"}
    )
    body = {
        "layers": [{"operation": "global_average_pooling"}],
        "source": {"kind": "image", "id": kept.json()["id"]},
        "dtype": "float64",
    }
    assert client.post("/api/v1/run", json=body).json()["output"] == [[[(0.1 + 0.2) / 2]]]


def test_unfold_is_the_matrix_that_the_product_multiplies(client: TestClient) -> None:
    grid = np.arange(16.0).reshape(4, 4)
    settings: Json = {"kernel": [2, 3], "stride": [1, 2], "padding": 1, "dilation": [2, 1]}
    matrix = np.array(run(client, {"operation": "unfold", **settings}, grid.tolist())["output"])
    weight = np.random.default_rng(0).integers(-3, 4, (2, 1, 2, 3))
    weights = {"kind": "values", "values": weight.tolist()}
    layer = {"operation": "convolution", "filters": 2, **settings}
    output = np.array(run(client, layer, grid.tolist(), weights=weights)["output"])
    np.testing.assert_array_equal(weight.reshape(2, -1) @ matrix, output.reshape(2, -1))
    body = {
        "layers": [{"operation": "unfold", **settings}],
        "source": {"kind": "values", "values": grid.tolist()},
    }
    shown = client.post("/api/v1/run", json=body, headers={"Accept": "image/png"})
    assert Image.open(io.BytesIO(shown.content)).size[0] >= matrix.shape[1]


def test_a_dense_layer_is_a_matrix_product(client: TestClient) -> None:
    values = [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]
    weight = np.arange(24).reshape(3, 2, 2, 2)
    weights = {"kind": "values", "values": weight.tolist(), "bias": [1, 2, 3]}
    layer = {"operation": "dense", "filters": 3, "bias": True}
    expected = weight.reshape(3, -1) @ np.arange(1, 9) + [1, 2, 3]
    assert run(client, layer, values, weights=weights)["output"] == expected.tolist()


def test_a_flipped_kernel_is_convolution_as_mathematics_has_it(client: TestClient) -> None:
    weights = {"kind": "values", "values": [[[1, 2, 3]]]}
    layer = {"operation": "convolution", "kernel": 3, "padding": "full", "flip": True}
    assert run(client, layer, [0, 1, 0.5], weights=weights)["output"] == [
        np.convolve([0, 1, 0.5], [1, 2, 3]).tolist()
    ]


def test_constant_padding_holds_the_value_given(client: TestClient) -> None:
    layer = {
        "operation": "convolution",
        "kernel": 3,
        "padding": 1,
        "padding_mode": "constant",
        "padding_value": -2.5,
    }
    weights = {"kind": "values", "values": [[[1, 0, 1]]]}
    assert run(client, layer, [1, 2, 3], weights=weights)["output"] == [[-0.5, 4.0, -0.5]]


def test_resampling_by_the_formulas_of_the_frameworks(client: TestClient) -> None:
    assert run(client, {"operation": "nearest_upsampling", "size": 5}, [1, 2, 3])["output"] == [
        [1, 1, 2, 2, 3]
    ]
    assert run(client, {"operation": "bilinear_upsampling"}, [0, 4])["output"] == [[0, 1, 3, 4]]
    corners = {"operation": "bilinear_upsampling", "size": 5, "align_corners": True}
    assert run(client, corners, [0, 2, 8])["output"] == [[0, 1, 2, 5, 8]]
    assert run(client, {"operation": "zero_insertion", "factor": 3}, [1, 2])["output"] == [[1, 0, 0, 2]]
    adaptive = {"operation": "adaptive_average_pooling", "size": 2}
    assert run(client, adaptive, [1, 2, 6])["output"] == [[1.5, 4.0]]


def test_an_infinity_beside_an_exact_position_does_not_come_in(client: TestClient) -> None:
    layer = {"operation": "bilinear_upsampling", "size": 3, "align_corners": True}
    assert run(client, layer, [1, "Infinity", "NaN"])["output"] == [[1.0, "Infinity", "NaN"]]


def test_rules_take_a_frameworks_defaults(client: TestClient) -> None:
    def planned(rules: str) -> Json:
        layer = {"operation": "average_pooling", "kernel": 3, "rules": rules}
        body = {"layers": [layer], "input_shape": [1, 9]}
        found: Json = client.post("/api/v1/plan", json=body).json()["layers"][0]
        return found

    assert planned("pytorch")["divisor"] == "padded"
    assert planned("keras")["divisor"] == "elements"
    assert planned("onnx")["output_shape"] == [1, 7]
    assert planned("any")["output_shape"] == planned("pytorch")["output_shape"] == [1, 3]


def test_a_refusal_quotes_the_framework(client: TestClient) -> None:
    layer = {"operation": "convolution", "stride": 2, "padding": "same", "rules": "pytorch"}
    answer = client.post("/api/v1/plan", json={"layers": [layer], "input_shape": [1, 8, 8]})
    described = assert_problem(answer, 422, "unfit", "padding")
    assert "padding='same' is not supported for strided convolutions" in described["reason"]
    meaningless = {**layer, "stride": 0, "padding": 0}
    answer = client.post("/api/v1/plan", json={"layers": [meaningless], "input_shape": [1, 8, 8]})
    assert "non-positive stride is not supported" in assert_problem(answer, 422, "unfit", "stride")["reason"]


def test_the_plan_says_what_each_framework_makes_of_a_setting(client: TestClient) -> None:
    layer = {"operation": "transposed_convolution", "kernel": 2, "stride": 3}
    body = {"layers": [layer], "input_shape": [1, 4]}
    described = client.post("/api/v1/plan", json=body).json()["layers"][0]["frameworks"]
    assert described["pytorch"] == {"layer": "torch.nn.ConvTranspose1d", "output_shape": [1, 11]}
    assert described["keras"] == {"layer": "keras.layers.Conv1DTranspose", "output_shape": [1, 12]}
    unfold = {"layers": [{"operation": "unfold"}], "input_shape": [1, 4]}
    described = client.post("/api/v1/plan", json=unfold).json()["layers"][0]["frameworks"]
    assert described["onnx"]["layer"] is None
    assert "ONNX has no layer for unfold" in described["onnx"]["refused"]


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        (
            {"operation": "convolution", "padding": "same", "kernel": 2},
            [1, 5],
            "odd cell of same goes to the end",
        ),
        ({"operation": "convolution", "padding": "same_lower", "kernel": 2}, [1, 5], "goes to the beginning"),
        ({"operation": "convolution", "padding": "same", "stride": 2}, [1, 6], "has no fixed padding"),
        ({"operation": "convolution", "padding": "causal"}, [1, 9], "Keras' Conv1D alone"),
        (
            {"operation": "max_pooling", "kernel": 2, "stride": 3, "padding": 1, "ceil_mode": True},
            [1, 5],
            "would start in the end padding",
        ),
        ({"operation": "max_pooling", "kernel": 3, "padding": 1}, [1, 6], "it never wins"),
        ({"operation": "average_pooling", "kernel": 3, "padding": 1}, [1, 6], "counts padded cells"),
        (
            {
                "operation": "average_pooling",
                "kernel": 3,
                "stride": 2,
                "padding": 1,
                "ceil_mode": True,
                "count_include_pad": True,
            },
            [1, 4],
            "past the padding are never counted",
        ),
        ({"operation": "lp_pooling", "p": 3}, [1, 4], "PyTorch keeps the signs"),
        ({"operation": "lp_pooling", "kernel": 4, "ceil_mode": True}, [1, 6], "multiplies a clipped window"),
        ({"operation": "max_pooling"}, [1, 4], "1 in ONNX and JAX"),
        (
            {"operation": "transposed_convolution", "kernel": 2, "stride": 3, "padding": "same"},
            [1, 4],
            "smaller than the stride",
        ),
        (
            {"operation": "transposed_convolution", "stride": 2, "output_padding": 1},
            [1, 4],
            "Keras' same with it",
        ),
    ],
)
def test_the_plan_says_where_frameworks_differ(
    client: TestClient, layer: Json, shape: list[int], words: str
) -> None:
    described = client.post("/api/v1/plan", json={"layers": [layer], "input_shape": shape}).json()
    assert any(words in note for note in described["layers"][0]["notes"]), described["layers"][0]["notes"]
