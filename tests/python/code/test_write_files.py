"""A network as an .onnx file: ONNX's checker takes it, its reference gives what is shown, and it is read back."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator
from starlette.testclient import TestClient

NETWORKS: dict[str, dict[str, Any]] = {
    "digits": {
        "layers": [
            {"operation": "convolution", "name": "conv1", "filters": 4, "bias": True, "activation": "relu"},
            {"operation": "max_pooling"},
            {"operation": "reshape"},
            {"operation": "dense", "name": "votes", "filters": 5, "activation": "softmax"},
        ],
        "source": {"kind": "noise", "shape": [1, 10, 10]},
    },
    "residual": {
        "layers": [
            {"operation": "convolution", "name": "a", "kernel": 3, "filters": 3, "padding": "same", "groups": 3},
            {"operation": "batch_normalisation", "name": "b", "activation": "leaky_relu"},
            {"operation": "add", "name": "c", "inputs": ["b", "input"]},
            {"operation": "concatenate", "name": "d", "inputs": ["c", "a"]},
            {"operation": "nearest_upsampling", "name": "e"},
            {"operation": "average_pooling", "name": "f", "kernel": 3, "padding": 1},
            {"operation": "transposed_convolution", "name": "g", "kernel": 3, "stride": 2, "filters": 2},
            {"operation": "global_average_pooling", "name": "h"},
        ],
        "source": {"kind": "noise", "shape": [3, 6, 6]},
    },
    "alone": {
        "layers": [{"operation": "convolution", "kernel": 3, "filters": 2}],
        "source": {"kind": "noise", "shape": [1, 5, 5]},
    },
    "series": {
        "layers": [
            {"operation": "padding", "padding": [[4, 0]]},
            {"operation": "convolution", "kernel": 3, "dilation": 2, "filters": 4, "activation": "tanh"},
            {"operation": "pixel_shuffle", "factor": 2},
        ],
        "source": {"kind": "noise", "shape": [2, 16]},
    },
}  # fmt: skip


def asked(client: TestClient, body: dict[str, Any], part: str) -> np.ndarray[Any, Any]:
    answer: dict[str, Any] = client.post("/api/v1/run", json=body).json()
    values: Any = answer[part]
    return np.array(values)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_file_gives_what_is_shown_and_is_read_back(client: TestClient, name: str) -> None:
    body = {**NETWORKS[name], "weights": {"kind": "preset", "name": "random", "seed": 4}}
    accept = {"accept": "application/x-onnx"}
    answer = client.post("/api/v1/code", json={**body, "target": "onnx"}, headers=accept)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-onnx"
    model = onnx.load_model_from_string(answer.content)
    onnx.checker.check_model(model, full_check=True)
    shown = asked(client, body, "output")
    first = {"layers": body["layers"][:1], "source": body["source"], "include": ["input"]}
    x = asked(client, first, "input").astype(np.float32)
    given: Any = ReferenceEvaluator(model).run(None, {"x": x[None]})
    np.testing.assert_allclose(np.asarray(given[0]).reshape(-1), shown.reshape(-1), rtol=1e-4, atol=1e-5)
    headers = {"content-type": "application/x-onnx"}
    back: dict[str, Any] = client.post("/api/v1/read", content=answer.content, headers=headers).json()
    assert back["passed_through"] == [] or name in ("residual", "series")
    if not back["passed_through"]:
        again = {"layers": back["layers"], "source": body["source"], "weights": back["weights"]}
        ran = asked(client, again, "output")
        np.testing.assert_allclose(ran.reshape(-1), shown.reshape(-1), rtol=1e-4, atol=1e-5)


def test_another_target_has_no_such_file(client: TestClient) -> None:
    body = {**NETWORKS["alone"], "target": "keras"}
    answer = client.post("/api/v1/code", json=body, headers={"accept": "application/x-onnx"})
    assert answer.status_code == 415
    assert answer.json()["field"] == "accept"
