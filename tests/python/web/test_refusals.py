"""Whatever does not fit is refused in one shape, by field, value, reason and remedy, with a correct status."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.core.errors import Problem
from app.core.network.shapes import shapes_of
from app.settings import Settings
from app.web.http.requests import ChosenLayer, PlanRequest
from app.web.stream.networks import check_network

from .asking import (
    BOX,
    LAYER,
    Json,
    assert_problem,
    png,
    run_body,
)

LAYERS = {"layers": [LAYER]}
BAD_PLANS: list[tuple[Json, str, str]] = [
    ({"layers": [{**LAYER, "stride": 0}]}, "unfit", "stride"),
    ({"layers": [{**LAYER, "kernel": 9}]}, "unfit", "kernel"),
    ({"layers": [{**LAYER, "padding": -1}]}, "unfit", "padding"),
    ({"layers": [{**LAYER, "groups": 2}]}, "unfit", "groups"),
    ({"layers": [{**LAYER, "kernel": [1, 2, 3]}]}, "unfit", "kernel"),
    ({"layers": [{**LAYER, "stride": "2"}]}, "malformed", "stride"),
    ({"layers": [{**LAYER, "stride": 1.0}]}, "malformed", "stride"),
    ({"layers": [{**LAYER, "stride": True}]}, "malformed", "stride"),
    ({"layers": [{**LAYER, "stride": None}]}, "malformed", "stride"),
    ({"layers": [{**LAYER, "stride": 10**30}]}, "malformed", "stride"),
    ({"layers": [{**LAYER, "strides": 2}]}, "malformed", "strides"),
    ({"layers": [{**LAYER, "padding": "Same"}]}, "malformed", "padding"),
    ({"layers": [{**LAYER, "padding": [[1, 2, 3]]}]}, "malformed", "padding"),
    ({"layers": [{**LAYER, "padding_mode": "mirror"}]}, "malformed", "padding_mode"),
    ({"layers": [{**LAYER, "bias": 1}]}, "malformed", "bias"),
    ({"layers": [{"operation": "deconvolution"}]}, "malformed", "operation"),
    ({"layers": [{}]}, "malformed", "operation"),
    ({"layers": []}, "malformed", "layers"),
    ({"layers": [LAYER] * 1025}, "malformed", "layers"),
    ({"layers": "convolution"}, "malformed", "layers"),
    ({}, "malformed", "layers"),
    ({**LAYERS, "input_shape": [1, 0, 3]}, "malformed", "input_shape"),
    ({**LAYERS, "input_shape": [3]}, "malformed", "input_shape"),
    ({**LAYERS, "input_shape": "3x3"}, "malformed", "input_shape"),
]


@pytest.mark.parametrize(("changes", "code", "field"), BAD_PLANS)
def test_a_plan_that_does_not_fit_names_field_value_reason_and_remedy(
    client: TestClient, changes: Json, code: str, field: str
) -> None:
    body = {"input_shape": [1, 5, 5], **changes}
    assert_problem(client.post("/api/v1/plan", json=body), 422, code, field)


def behind(count: int, layer: Json) -> PlanRequest:
    """A layer behind so many that pass everything on."""
    same = {"operation": "max_pooling", "kernel": 1}
    return PlanRequest.model_validate({"layers": [*[same] * count, layer]})


@pytest.mark.parametrize("index", [0, 1, 41])
def test_a_refusal_points_at_its_parameter_in_its_layer(index: int) -> None:
    for name, value in (("kernel", 9), ("stride", 0), ("groups", 2), ("padding", -1)):
        request = behind(index, {**LAYER, name: value})
        with pytest.raises(Problem) as refused:
            shapes_of(request.network, (1, 5, 5))
        assert refused.value.to_json()["pointer"] == f"/layers/{index}/{name}"


@pytest.mark.parametrize("index", [0, 1, 41])
@pytest.mark.parametrize(
    ("changes", "limits", "part"),
    [
        ({"operation": "nearest_upsampling", "factor": 9}, {"output_cells": 50}, "/factor"),
        ({**LAYER, "filters": 9}, {"output_cells": 50}, ""),
        ({**LAYER, "padding": 60}, {"input_cells": 50}, "/padding"),
        ({**LAYER, "filters": 90}, {"input_cells": 50}, ""),
        ({**LAYER, "filters": 9}, {"work": 50}, ""),
    ],
)
def test_a_layer_that_costs_too_much_is_pointed_at(
    index: int, changes: Json, limits: dict[str, int], part: str
) -> None:
    request = behind(index, changes)
    shapes = shapes_of(request.network, (1, 5, 5))
    with pytest.raises(Problem) as refused:
        check_network(shapes, request.node, Settings(**limits))  # type: ignore[arg-type]
    problem = refused.value.to_json()
    assert (problem["code"], problem["pointer"]) == ("too_large", f"/layers/{index}{part}")


def test_the_chosen_layer_is_the_last_unless_one_is_named() -> None:
    first = PlanRequest.model_validate({"layers": [LAYER]})
    assert first.chosen == ChosenLayer(0, first.layers[0])
    layers = [LAYER, {"operation": "dense", "name": "votes"}]
    both = PlanRequest.model_validate({"layers": layers})
    assert (both.chosen.index, both.chosen.spec.operation) == (1, "dense")
    named = PlanRequest.model_validate({"layers": layers, "layer": "conv1"})
    assert (named.chosen.index, named.chosen.spec) == (0, first.layers[0])


BAD_RUNS: list[tuple[Json, int, str]] = [
    ({"source": {"kind": "values", "values": [[1, 2], [3]]}}, 422, "source.values"),
    ({"source": {"kind": "values", "values": [[1, None]]}}, 422, "source.values"),
    ({"source": {"kind": "values", "values": [["1"]]}}, 422, "source.values"),
    ({"source": {"kind": "values", "values": []}}, 422, "source.values"),
    ({"source": {"kind": "sample", "name": "mona_lisa"}}, 422, "source.name"),
    ({"source": {"kind": "photo"}}, 422, "source.kind"),
    ({"source": {"kind": "image", "id": "0" * 64}}, 404, "id"),
    ({"source": {"kind": "image", "id": "../../etc/passwd"}}, 422, "source.id"),
    ({"source": {"kind": "noise", "shape": [3, 100_000, 100_000]}}, 413, "source.shape"),
    ({"weights": {"kind": "values", "values": [[[[1, 2, 3]]]]}}, 422, "weights"),
    ({"weights": {"kind": "preset", "name": "sobel"}}, 422, "weights.name"),
    ({"weights": {"kind": "preset", "edits": [[99, 1]]}}, 422, "weights.edits"),
    ({"layers": [{**LAYER, "bias": True}], "weights": {**BOX, "bias": [1]}}, 422, "weights.bias"),
    ({"include": ["everything"]}, 422, "include[0]"),
    ({"layers": [{**LAYER, "filters": 4096, "padding": 400}]}, 413, "output"),
]


@pytest.mark.parametrize(("changes", "status", "field"), BAD_RUNS)
def test_a_run_that_does_not_fit_is_refused_in_the_one_shape(
    client: TestClient, changes: Json, status: int, field: str
) -> None:
    answer = client.post("/api/v1/run", json=run_body(**changes))
    code = {422: None, 404: "not_found", 413: "too_large"}[status]
    assert_problem(answer, status, code or answer.json()["code"], field)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"layers": ' + b"[" * 5000]
)
def test_a_body_that_is_no_object_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/v1/run", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert_problem(answer, answer.status_code, "malformed")


@pytest.mark.parametrize("depth", [5, 150, 1000, 100_000])
def test_a_body_nested_without_end_is_refused(client: TestClient, depth: int) -> None:
    nested = "[" * depth + "1" + "]" * depth
    for field in ("source", "layers", "weights", "include"):
        body = (
            json.dumps(run_body()).replace(json.dumps(run_body()[field]), nested)
            if field != "include"
            else ""
        )
        body = body or json.dumps({**run_body(), "include": 0}).replace(
            '"include": 0', f'"include": {nested}'
        )
        answer = client.post("/api/v1/run", content=body, headers={"Content-Type": "application/json"})
        assert_problem(answer, answer.status_code, "malformed")
        assert answer.status_code in (400, 422)


def test_a_body_of_another_type_or_size_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/run", content=b"{}", headers={"Content-Type": "text/plain"})
    assert_problem(answer, 415, "unsupported", "content-type")
    huge = b" " * 20_000_001
    answer = client.post("/api/v1/run", content=huge, headers={"Content-Type": "application/json"})
    assert_problem(answer, 413, "too_large")


def test_a_large_answer_is_refused_as_json_and_given_as_npy(client: TestClient) -> None:
    body = {
        "layers": [{"operation": "max_pooling", "kernel": 1}],
        "source": {"kind": "noise", "shape": [3, 1000, 1000]},
    }
    problem = assert_problem(client.post("/api/v1/run", json=body), 413, "too_large", "accept")
    assert "application/x-npy" in problem["remedy"]
    answer = client.post("/api/v1/run", json=body, headers={"Accept": "application/x-npy"})
    assert np.load(io.BytesIO(answer.content)).shape == (3, 1000, 1000)


UPLOADS: list[tuple[bytes, str, int]] = [
    (b"", "image/png", 422),
    (b"not a picture", "image/png", 415),
    (b"GIF89a", "image/gif", 422),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 415),
    (b"<?xml version='1.0'?><svg/>", "image/svg+xml", 415),
    (b"{}", "application/json", 415),
    (b"--x\r\n\r\nx\r\n--x--", "multipart/form-data; boundary=x", 415),
    (b"\x93NUMPY\x01\x00", "application/x-npy", 422),
]


@pytest.mark.parametrize(("body", "kind", "status"), UPLOADS)
def test_what_is_no_picture_is_refused(client: TestClient, body: bytes, kind: str, status: int) -> None:
    answer = client.post("/api/v1/images", content=body, headers={"Content-Type": kind})
    assert_problem(answer, status, "unsupported" if status == 415 else "unfit")


def test_a_form_with_a_file_in_it_is_told_how_to_send_the_file(client: TestClient) -> None:
    answer = client.post("/api/v1/images", files={"file": ("a.png", b"x", "image/png")})
    assert "--data-binary" in assert_problem(answer, 415, "unsupported", "content-type")["remedy"]


def test_a_truncated_picture_is_refused(client: TestClient) -> None:
    complete = png(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    answer = client.post(
        "/api/v1/images", content=complete[: len(complete) // 2], headers={"Content-Type": "image/png"}
    )
    assert_problem(answer, answer.status_code, answer.json()["code"])
    assert 400 <= answer.status_code < 500


def test_an_upload_over_the_limit_is_refused_whether_or_not_it_says_so(client: TestClient) -> None:
    def parts() -> Any:
        for _ in range(21):
            yield b"\0" * 1_000_000

    for content in (b"\0" * 20_000_001, parts()):
        answer = client.post("/api/v1/images", content=content, headers={"Content-Type": "image/png"})
        assert_problem(answer, 413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/static/0/nothing.js", 404),
        ("GET", "/static/../app/main.py", 404),
        ("GET", "/api/v1/run", 405),
        ("DELETE", "/api/v1/operations", 405),
        ("GET", "/api/v1/images/xyz", 404),
        ("GET", f"/api/v1/images/{'0' * 64}", 404),
    ],
)
def test_addresses_that_do_not_exist_answer_in_the_one_shape(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    assert_problem(answer, status, answer.json()["code"])
