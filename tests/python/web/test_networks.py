"""Networks over the API: plans, fields, runs of one layer, weights by name, and refusals that name the layer."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.core.network import totals
from app.core.network.graph import MOST_LAYERS
from app.core.network.receptive import receptive_fields
from app.data.bundle import Bundle, npz_bytes
from app.main import create_app
from app.settings import Settings
from app.web.stream.protocol import SUBPROTOCOL

from .asking import Json, assert_problem

X: Json = {
    "layers": [
        {
            "operation": "convolution",
            "name": "strokes",
            "kernel": 3,
            "filters": 2,
            "padding": "same",
            "activation": "relu",
        },
        {"operation": "max_pooling", "kernel": 3},
        {"operation": "dense", "name": "votes", "filters": 2, "bias": True},
    ],
    "source": {"kind": "sample", "name": "cross"},
    "weights": {
        "strokes": {"kind": "preset", "name": "diagonal"},
        "*": {"kind": "preset", "name": "random", "seed": 1},
    },
}


def post(client: TestClient, route: str, **body: Any) -> Any:
    return client.post(f"/api/v1/{route}", json=body)


def test_a_plan_tells_each_layer_with_its_field_in_the_source_and_the_whole(client: TestClient) -> None:
    answer = post(client, "plan", layers=X["layers"], input_shape=[1, 9, 9]).json()
    assert [layer["name"] for layer in answer["layers"]] == ["strokes", "max_pooling1", "votes"]
    assert [layer["inputs"] for layer in answer["layers"]] == [["input"], ["strokes"], ["max_pooling1"]]
    assert answer["layers"][1]["receptive_field"] == {
        "size": [5, 5],
        "least": [5, 5],
        "jump": [3, 3],
        "jump_fraction": [[3, 1], [3, 1]],
        "start": [-1, -1],
        "holes": [0, 0],
    }
    assert ["allowed" in layer for layer in answer["layers"]] == [False, False, True]
    assert answer["network"] == {
        "parameters": 18 + 2 * 18 + 2,
        "multiply_adds": 2 * 81 * 9 + 2 * 18,
        "activation_bytes": 4 * (81 + 2 * 81 + 18 + 2),
        "output_shape": [2],
        "misaligned": [],
        "covers_from": "votes",
    }
    chosen = post(client, "plan", layers=X["layers"], input_shape=[1, 9, 9], layer="strokes").json()
    assert ["allowed" in layer for layer in chosen["layers"]] == [True, False, False]


def test_any_layer_is_run_and_reads_what_the_one_before_gives(client: TestClient) -> None:
    before = post(client, "run", **X, layer="max_pooling1").json()
    last = post(client, "run", **X, include=["output", "input", "weight", "bias", "plan"]).json()
    assert last["input"] == before["output"]
    weight, x = np.array(last["weight"]), np.array(last["input"])
    np.testing.assert_allclose(last["output"], np.einsum("ochw,chw->o", weight, x) + last["bias"], rtol=1e-5)
    assert len(last["plan"]["layers"]) == 3
    again = post(client, "run", **X).json()
    assert again["output"] == last["output"]


def test_the_outputs_of_all_layers_are_answered_together_as_each_is_alone(client: TestClient) -> None:
    together = post(client, "run", **X, include=["layers"]).json()["layers"]
    assert list(together) == ["strokes", "max_pooling1", "votes"]
    for name, numbers in together.items():
        assert post(client, "run", **X, layer=name).json()["output"] == numbers
    early = post(client, "run", **X, layer="strokes", include=["layers"]).json()["layers"]
    assert early == {"strokes": together["strokes"]}
    assert list(post(client, "run", **{**X, "layers": X["layers"][:1]}, include=["layers"]).json()["layers"])


def test_more_numbers_of_all_layers_than_an_answer_holds_are_refused(tmp_path: Any) -> None:
    app = create_app(Settings(uploads=tmp_path, json_cells=170))
    with TestClient(app) as small:
        answer = post(small, "run", **X, include=["layers"])
        assert "one layer at a time" in assert_problem(answer, 413, "too_large", "include")["remedy"]
        assert post(small, "run", **X).status_code == 200


def test_a_kept_bundle_gives_each_layer_the_tensors_of_its_name(client: TestClient) -> None:
    answer = {
        name: post(client, "run", **X, layer=name, include=["weight", "bias"]).json()
        for name in ("strokes", "votes")
    }
    arrays = {
        f"{name}.{key}": np.array(one[key], np.float32)
        for name, one in answer.items()
        for key in ("weight", "bias")
        if one[key] is not None
    }
    body = npz_bytes(Bundle(arrays))
    kept = client.post("/api/v1/bundles", content=body, headers={"content-type": "application/octet-stream"})
    assert kept.status_code == 201, kept.text
    bundle = {"kind": "stored", "id": kept.json()["id"]}
    wanted = post(client, "run", **X).json()["output"]
    as_once = {**bundle, "kind": "bundle"}  # the name that the kind had
    for weights in (bundle, as_once, {"*": bundle}, {**X["weights"], "votes": bundle}):
        assert post(client, "run", **{**X, "weights": weights}).json()["output"] == wanted
    other = {"strokes": X["weights"]["strokes"], "votes": {**bundle, "layer": "strokes"}}
    refused = assert_problem(post(client, "run", **{**X, "weights": other}), 422, "unfit")
    assert "votes" in refused["reason"]
    renamed = [{**X["layers"][0], "name": "lines"}, *X["layers"][1:]]
    under = {"lines": {**bundle, "layer": "strokes"}, "votes": bundle}
    assert post(client, "run", **{**X, "layers": renamed, "weights": under}).json()["output"] == wanted
    all_others = [*renamed[:-1], {**renamed[-1], "name": "scores"}]
    unlike = {"lines": {**bundle, "layer": "curves"}}
    for asked in (
        {"layers": renamed, "weights": unlike},
        {"layers": all_others, "weights": bundle},  # weights of another network
    ):
        missing = post(client, "run", **{**X, **asked})
        problem = assert_problem(missing, 422, "unfit", "layer")
        assert "strokes, votes" in problem["remedy"]
        assert "lines" in problem["reason"]
    partly = post(
        client, "run", **{**X, "layers": renamed, "weights": bundle}, layer="lines", include=["weight"]
    )
    drawn = post(
        client, "run", **{**X, "layers": renamed, "weights": None}, layer="lines", include=["weight"]
    )
    assert partly.json()["weight"] == drawn.json()["weight"]
    unknown = {"kind": "stored", "id": "0" * 64}
    assert post(client, "run", **{**X, "weights": unknown}).status_code == 404


def test_frames_and_code_take_a_layer_too(client: TestClient) -> None:
    frames = client.post(
        "/api/v1/frames", json={**X, "layer": "max_pooling1"}, headers={"accept": "application/x-ndjson"}
    )
    assert '"output_shape":[2,3,3]' in frames.text.splitlines()[0]
    output = np.array(post(client, "run", **X, layer="max_pooling1").json()["output"])
    code = post(client, "code", **X, layer="max_pooling1", target="numpy").json()["code"]
    space: dict[str, Any] = {}
    exec(code, space)
    np.testing.assert_allclose(np.array(space["y"]).reshape(output.shape), output, rtol=1e-5)


def test_one_object_of_weights_is_for_every_layer(client: TestClient) -> None:
    box = {"kind": "preset", "name": "box"}
    layers = [{"operation": "convolution", "kernel": 2}] * 2
    source = {"kind": "values", "values": np.ones((4, 4)).tolist()}
    answer = post(client, "run", layers=layers, source=source, weights=box).json()
    assert answer["output"] == np.ones((1, 2, 2)).tolist()


@pytest.mark.parametrize(
    ("weights", "pointer", "reason"),
    [
        ({"other": {"kind": "preset"}}, "/weights/other", "no layer has this name"),
        ({"max_pooling1": {"kind": "preset"}}, "/weights/max_pooling1", "has no weights"),
        (
            {"votes": {"kind": "values", "values": [[1, 2]]}},
            "/weights/votes",
            "these are the weights of votes",
        ),
        ({"votes": {"kind": "preset", "bias": [1]}}, "/weights/votes/bias", "2 filters"),
        ({"votes": {"kind": "preset", "name": "none"}}, "/weights/votes/name", ""),
    ],
)
def test_weights_that_fit_no_layer_are_refused_by_the_layers_name(
    client: TestClient, weights: Json, pointer: str, reason: str
) -> None:
    answer = post(client, "run", layers=X["layers"], source=X["source"], weights=weights)
    problem = assert_problem(answer, 422, answer.json()["code"])
    assert problem["pointer"] == pointer
    assert reason in problem["reason"]


def test_a_layer_that_does_not_fit_is_refused_with_its_pointer(client: TestClient) -> None:
    layers = [{"operation": "convolution"}, {"operation": "convolution", "kernel": 20}]
    problem = assert_problem(
        post(client, "plan", layers=layers, input_shape=[1, 9, 9]), 422, "unfit", "kernel"
    )
    assert problem["pointer"] == "/layers/1/kernel"
    problem = assert_problem(post(client, "run", **X, layer="nobody"), 404, "not_found", "layer")
    assert "votes" in problem["remedy"]
    problem = assert_problem(
        post(client, "plan", layers=[], input_shape=[1, 9, 9]), 422, "malformed", "layers"
    )


def test_names_are_checked(client: TestClient) -> None:
    for name in ("input", "kind", "*", "", "1a", "a" * 65, "a b", 3):
        layers = [{"operation": "max_pooling", "name": name}]
        assert_problem(post(client, "plan", layers=layers, input_shape=[1, 9, 9]), 422, "malformed", "name")


def test_a_thousand_and_twenty_four_layers_are_planned_and_one_more_is_not(client: TestClient) -> None:
    layer = {"operation": "convolution", "kernel": 3, "padding": 1, "inputs": ["input"], "name": ""}
    layers = [
        {**layer, "name": f"conv{place}", "inputs": [f"conv{place - 1}" if place else "input"]}
        for place in range(MOST_LAYERS)
    ]
    answer = post(client, "plan", layers=layers, input_shape=[1, 8, 8]).json()
    assert answer["layers"][-1]["receptive_field"]["size"] == [2 * MOST_LAYERS + 1] * 2
    assert answer["network"]["covers_from"] == "conv3"
    more = [*layers, {**layer, "name": "more", "inputs": [layers[-1]["name"]]}]
    assert_problem(post(client, "plan", layers=more, input_shape=[1, 8, 8]), 422, "malformed", "layers")


def test_a_field_is_told_as_runs_of_cells(client: TestClient) -> None:
    asked = {"layers": X["layers"], "source": X["source"]}
    answer = post(client, "field", **asked, layer="max_pooling1", cell=[0, 1]).json()["fields"]
    assert answer["input"] == {"shape": [9, 9], "cells": [[2, 5], [11, 5], [20, 5], [29, 5]]}
    assert answer["strokes"]["cells"] == [[3, 3], [12, 3], [21, 3]]
    on = post(client, "field", **asked, layer="input", cell=[0, 0], direction="forward").json()["fields"]
    assert on["strokes"]["cells"] == [[0, 2], [9, 2]]
    assert on["votes"] == {"shape": [1], "cells": [[0, 1]]}
    counted = post(client, "field", **asked, layer="max_pooling1", cell=[0, 1], counts=True).json()["fields"]
    assert counted["input"]["counts"][:5] == [2, 4, 6, 4, 2]
    apart = post(client, "field", **asked, layer="max_pooling1", cell=[1, 0, 1], channels=True).json()[
        "fields"
    ]
    assert apart["strokes"] == {"shape": [2, 9, 9], "cells": [[84, 3], [93, 3], [102, 3]]}


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"cell": [9, 0]}, 422, "cell"),
        ({"cell": [0]}, 422, "cell"),
        ({"layer": "nobody"}, 404, "layer"),
        ({"cell": [2, 0, 0], "channels": True}, 422, "channel"),
        ({"cell": []}, 422, "cell"),
        ({"layer": "a b"}, 422, "layer"),
    ],
)
def test_a_cell_that_is_not_there_is_refused(
    client: TestClient, changes: Json, status: int, field: str
) -> None:
    body = {"layers": X["layers"], "source": X["source"], "layer": "strokes", "cell": [0, 0], **changes}
    answer = post(client, "field", **body)
    assert_problem(answer, status, answer.json()["code"], field)


def test_a_field_that_would_take_long_is_refused_with_the_layer_that_takes_most(client: TestClient) -> None:
    layers = [{"operation": "convolution", "kernel": 3}, {"operation": "convolution", "kernel": 4000}]
    body = {"layers": layers, "input_shape": [1, 1 << 20], "cell": [0]}
    problem = assert_problem(post(client, "field", **body), 413, "too_large", "layer")
    assert "conv2 takes most" in problem["reason"]


def test_cost_and_memory_of_a_network_are_refused_with_the_layer_that_takes_most(tmp_path: Any) -> None:
    layers = [
        {"operation": "convolution", "kernel": 3, "filters": 4},
        {"operation": "convolution", "kernel": 5, "filters": 4, "name": "heavy"},
        {"operation": "global_average_pooling"},
    ]
    body: Json = {"layers": layers, "source": {"kind": "noise", "shape": [1, 24, 24]}}
    for limits, words in (({"work": 140_000}, "operations"), ({"output_cells": 2_500}, "numbers")):
        with TestClient(create_app(Settings(uploads=tmp_path, **limits))) as small:  # type: ignore[arg-type]
            problem = assert_problem(post(small, "run", **body), 413, "too_large")
            assert words in problem["value"]
            assert problem["pointer"] in ("/layers/0", "/layers/1")
            assert "takes most" in problem["reason"]
            assert post(small, "run", **body, layer="conv1").status_code == 200


def test_a_layer_that_was_computed_is_not_computed_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {**X, "source": {"kind": "noise", "shape": [1, 9, 9], "seed": 77}}
    assert post(client, "run", **body).status_code == 200
    ran: list[object] = []

    async def counted(served: object, layer: object) -> None:
        ran.append(layer)

    monkeypatch.setattr("app.web.stream.networks._output", counted)
    assert post(client, "run", **body).status_code == 200
    changed = {**X["weights"], "votes": {"kind": "preset", "name": "box"}}
    assert post(client, "run", **{**body, "weights": changed}).status_code == 200
    assert ran == []


BOOK = "a" * 100_000


@pytest.mark.parametrize(
    ("change", "field", "pointer"),
    [
        ({"layers": [{"operation": "convolution", "name": BOOK}]}, "name", "/layers/0/name"),
        ({"layers": [{"operation": "convolution", "inputs": [BOOK]}]}, "inputs", "/layers/0/inputs"),
        ({"layer": BOOK}, "layer", "/layer"),
        ({"weights": {BOOK: {"kind": "preset"}}}, "weights", "/weights"),
        ({"weights": {"a/b": {"kind": "preset"}}}, "weights", "/weights/a~1b"),
        (
            {"weights": {"conv1": {"kind": "tensors", "tensors": {BOOK: [1]}}}},
            "tensors",
            "/weights/conv1/tensors",
        ),
    ],
)
def test_a_name_as_long_as_a_book_is_refused_in_a_line(
    client: TestClient, change: Json, field: str, pointer: str
) -> None:
    body = {
        "layers": [{"operation": "convolution"}],
        "source": {"kind": "noise", "shape": [1, 4, 4]},
        **change,
    }
    answer = post(client, "run", **body)
    assert len(answer.content) < 1_000
    problem = assert_problem(answer, 422, answer.json()["code"], field)
    assert problem["pointer"] == pointer


def test_tensors_by_name_are_those_of_the_formula(client: TestClient) -> None:
    layers = [
        {"operation": "convolution", "kernel": 1, "filters": 2, "name": "conv1"},
        {"operation": "batch_normalisation", "name": "bn1"},
    ]
    x = np.array([[1.0, -2.0], [3.0, 0.5]])
    tensors = {"gain": [2, 0.5], "offset": [1, -1], "mean": [0.5, 2], "variance": [4, 0.25]}
    weights = {
        "conv1": {"kind": "tensors", "tensors": {"weight": [[[[1]]], [[[-3]]]]}},
        "bn1": {"kind": "tensors", "tensors": tensors},
    }
    body = {"layers": layers, "source": {"kind": "values", "values": x.tolist()}, "weights": weights}
    answer = post(client, "run", **body, include=["output", "plan"]).json()
    gain, offset, mean, variance = (np.array(one)[:, None, None] for one in tensors.values())
    expected = (np.stack([x, -3 * x]) - mean) / np.sqrt(variance + 1e-5) * gain + offset
    np.testing.assert_allclose(answer["output"], expected, rtol=1e-5)
    assert answer["plan"]["layers"][1]["tensors"] == {name: [2] for name in tensors}
    assert answer["plan"]["network"]["parameters"] == 2 + 4
    missing = {**weights, "bn1": {"kind": "tensors", "tensors": {"gain": [2]}}}
    problem = assert_problem(post(client, "run", **{**body, "weights": missing}), 422, "unfit", "tensors")
    assert problem["pointer"] == "/weights/bn1/tensors/gain"
    assert "bn1" in problem["reason"]


def test_figures_and_the_socket_take_a_layer_too(client: TestClient) -> None:
    figure = post(client, "figure", **X, layer="max_pooling1", step=0, format="svg")
    assert figure.status_code == 200
    assert "Max pooling" in figure.text
    with client.websocket_connect("/api/v1/stream", [SUBPROTOCOL]) as socket:
        start = {"type": "start", "job": 1, "credits": 4, **X, "layer": "max_pooling1"}
        socket.send_text(json.dumps(start))
        message = json.loads(socket.receive_text())
        assert message["plan"]["layers"][0]["operation"] == "max_pooling"


def test_a_plan_works_out_the_fields_once(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    own = receptive_fields

    def counted(shapes: object) -> object:
        asked.append(shapes)
        return own(shapes)  # type: ignore[arg-type]

    monkeypatch.setattr(totals, "receptive_fields", counted)
    body = {"layers": X["layers"], "input_shape": [1, 9, 9]}
    assert post(client, "plan", **body).status_code == 200
    assert len(asked) == 1
