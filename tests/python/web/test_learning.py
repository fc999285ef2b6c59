"""The routes of learning: data, gradients, training told line by line; and all that is refused."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.data.augmentation import Augmentation, augmented
from app.data.bundle import Bundle, parsed, safetensors_bytes
from app.data.sets import StrokesData, examples_of
from app.web.http.training import EXAMPLE_NETWORK, EXAMPLE_TRAIN

from .asking import GRID, assert_problem

Json = dict[str, Any]
NPZ, SAFETENSORS = "application/x-npz", "application/x-safetensors"


def train(client: TestClient, **changes: Any) -> list[Json]:
    """The messages of an experiment."""
    answer = client.post("/api/v1/train", json={**EXAMPLE_TRAIN, **changes})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def kept(client: TestClient, id: str) -> dict[str, np.ndarray]:
    """A bundle's arrays."""
    answer = client.get(f"/api/v1/bundles/{id}", headers={"accept": NPZ})
    assert answer.status_code == 200, answer.text
    return dict(np.load(io.BytesIO(answer.content), allow_pickle=False))


def test_training_is_told_step_by_step_and_ends_with_its_parameters(client: TestClient) -> None:
    *steps, end = train(client, steps=40, report=20)
    assert [message["step"] for message in steps] == [0, 20, 40]
    assert {message["type"] for message in steps} == {"step"}
    assert steps[-1]["validation_loss"] < 0.5 * steps[0]["validation_loss"]
    assert steps[0]["loss"] is None
    assert set(steps[1]["norms"]) == {"conv1.weight", "conv1.bias", "votes.weight", "votes.bias"}
    assert (end["type"], end["step"], end["seed"], end["stopped"]) == ("end", 40, 0, None)
    assert end["diagnosis"] == []
    assert end["validation"] == {"loss": steps[-1]["validation_loss"], "accuracy": 1.0, "count": 100}
    arrays = kept(client, end["parameters"]["id"])
    assert {name: array.shape for name, array in arrays.items()} == {
        "conv1.weight": (4, 1, 3, 3),
        "conv1.bias": (4,),
        "votes.weight": (2, 4, 4, 4),
        "votes.bias": (2,),
    }
    assert end["parameters"]["expires"].endswith("Z")


def test_the_same_experiment_gives_the_same_parameters(client: TestClient) -> None:
    ids = [train(client, seed=seed)[-1]["parameters"]["id"] for seed in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]


def test_an_experiment_goes_on_from_its_checkpoint_with_the_numbers_it_would_have_had(
    client: TestClient,
) -> None:
    uninterrupted = train(client, steps=30)[-1]
    half = train(client, steps=12)[-1]
    resumed = train(client, steps=30, checkpoint=half["checkpoint"]["id"])
    assert [message["step"] for message in resumed[:-1]] == [20, 30]
    assert resumed[-1]["parameters"]["id"] == uninterrupted["parameters"]["id"]


def test_snapshots_are_the_parameters_on_the_way(client: TestClient) -> None:
    messages = train(client, snapshots=10)
    shots = [one for one in messages if one["type"] == "snapshot"]
    assert [one["step"] for one in shots] == [0, 10, 20]
    last = kept(client, messages[-1]["parameters"]["id"])
    for name, numbers in shots[-1]["parameters"].items():
        np.testing.assert_array_equal(np.array(numbers, np.float32), last[name])


def test_weights_that_are_given_are_where_training_begins(client: TestClient) -> None:
    values = [[[[1, 0, 0], [0, 0, 0], [0, 0, 0]]]] * 4
    messages = train(
        client,
        snapshots=20,
        steps=0,
        weights={"conv1": {"kind": "values", "values": values, "bias": [1, 2, 3, 4]}},
    )
    start = messages[0]["parameters"]
    assert start["conv1.weight"] == values
    assert start["conv1.bias"] == [1, 2, 3, 4]
    assert np.ptp(start["votes.weight"]) > 0


@pytest.mark.parametrize("kind", ["stored", "bundle"])
def test_training_begins_with_the_parameters_of_a_bundle(client: TestClient, kind: str) -> None:
    trained = train(client, seed=3)[-1]["parameters"]["id"]
    messages = train(client, snapshots=20, steps=0, weights={"kind": kind, "id": trained})
    for name, numbers in kept(client, trained).items():
        np.testing.assert_array_equal(np.array(messages[0]["parameters"][name], np.float32), numbers)


def test_a_layer_that_a_bundle_does_not_name_starts_at_random(client: TestClient) -> None:
    weight = np.arange(36, dtype=np.float32).reshape(4, 1, 3, 3)
    file = safetensors_bytes(Bundle({"conv1.weight": weight, "conv1.bias": np.ones(4, np.float32)}))
    id = client.post("/api/v1/bundles", content=file, headers={"content-type": SAFETENSORS}).json()["id"]
    begun = train(client, snapshots=20, steps=0, weights={"kind": "stored", "id": id})[0]["parameters"]
    drawn = train(client, snapshots=20, steps=0)[0]["parameters"]
    assert begun["conv1.weight"] == weight.tolist()
    assert begun["votes.weight"] == drawn["votes.weight"]


def test_own_examples_are_kept_learned_and_judged(client: TestClient) -> None:
    rng = np.random.default_rng(0)
    patterns = {
        "bar": np.eye(5) * 0 + (np.arange(5) == 2),
        "beam": np.eye(5) * 0 + (np.arange(5)[:, None] == 2),
    }
    examples = [
        {
            "label": label,
            "source": {"kind": "values", "values": (pattern + rng.normal(0, 0.1, (5, 5))).tolist()},
        }
        for label, pattern in patterns.items()
        for _ in range(12)
    ]
    answer = client.post("/api/v1/data", json={"examples": examples})
    assert answer.status_code == 201, answer.text
    reply = answer.json()
    assert (reply["count"], reply["shape"], reply["classes"]) == (24, [1, 5, 5], ["bar", "beam"])
    assert reply["expires_s"] > 0
    end = train(client, data={"kind": "stored", "id": reply["id"]}, steps=60)[-1]
    assert end["classes"] == ["bar", "beam"]
    assert end["validation"] == {**end["validation"], "accuracy": 1.0, "count": 6}
    deleted = client.delete(f"/api/v1/images/{reply['id']}", headers={"Delete-Token": reply["delete_token"]})
    assert deleted.status_code == 204
    lost = client.post("/api/v1/train", json={**EXAMPLE_TRAIN, "data": {"kind": "stored", "id": reply["id"]}})
    assert assert_problem(lost, 404, "not_found", "id")["pointer"] == "/data/id"


def test_uploaded_pictures_are_examples_too(client: TestClient) -> None:
    examples = []
    for label, picture in (("bar", np.eye(6)), ("beam", np.ones((6, 6)))):
        file = io.BytesIO()
        np.save(file, picture.astype(np.float32))
        id = client.post("/api/v1/images", content=file.getvalue()).json()["id"]
        examples.append({"label": label, "source": {"kind": "image", "id": id}})
    reply = client.post("/api/v1/data", json={"examples": examples}).json()
    assert (reply["shape"], reply["classes"]) == ([1, 6, 6], ["bar", "beam"])
    found = kept(client, reply["id"])
    assert any(
        np.array_equal(one.reshape(-1, 6, 6)[:1], np.eye(6)[None]) for one in found.values() if one.size == 72
    )


def test_sets_are_described_with_pictures_of_their_classes(client: TestClient) -> None:
    answer = client.get("/api/v1/data").json()
    kinds = [one["kind"] for one in answer["sets"]]
    assert kinds == ["strokes", "glyphs", "stored", "seasons", "bursts", "copy", "recorded"]
    labels = [one["label"] for one in answer["sets"][0]["examples"]]
    assert list(dict.fromkeys(labels)) == ["X", "O", "□", "\\", "/"]
    assert np.array(answer["sets"][1]["examples"][0]["values"]).shape == (1, 8, 8)
    assert {one["name"] for one in answer["optimisers"]} == {
        "sgd",
        "momentum",
        "nesterov",
        "rmsprop",
        "adam",
        "adamw",
    }


def gradient(client: TestClient, **changes: Any) -> Any:
    body = {"layers": [{"operation": "convolution", "name": "conv1", "kernel": 2}], "source": GRID}
    return client.post("/api/v1/gradient", json={**body, **changes})


def test_a_gradient_is_answered_with_the_output(client: TestClient) -> None:
    weights = {"kind": "values", "values": [[[[1, 2], [3, 4]]]]}
    answer = gradient(client, weights=weights, upstream=[[[1, 0], [0, 0]]]).json()
    assert answer["output"] == [[[37, 47], [67, 77]]]
    assert answer["input"] == [[[1, 2, 0], [3, 4, 0], [0, 0, 0]]]
    assert answer["parameters"] == {"conv1": {"weight": [[[[1, 2], [4, 5]]]]}}


def test_a_gradient_comes_as_npz_too_and_of_a_layer_within(client: TestClient) -> None:
    layers = [
        {"operation": "convolution", "name": "conv1", "kernel": 2, "bias": True},
        {"operation": "dense", "filters": 3, "name": "votes"},
    ]
    answer = client.post(
        "/api/v1/gradient",
        json={"layers": layers, "source": GRID, "layer": "conv1"},
        headers={"accept": NPZ},
    )
    arrays = np.load(io.BytesIO(answer.content))
    assert set(arrays) == {"output", "input", "conv1.weight", "conv1.bias"}
    assert arrays["conv1.bias"].tolist() == [4]
    last = gradient(client, layers=layers).json()
    assert len(last["output"]) == 3


def test_an_upstream_of_another_shape_is_refused(client: TestClient) -> None:
    problem = assert_problem(gradient(client, upstream=[[1, 2]]), 422, "unfit", "upstream")
    assert problem["reason"] == "the output is 1×2×2"


NETWORK = EXAMPLE_NETWORK
REFUSED: list[tuple[Json, int, str, str]] = [
    ({"steps": 10**9}, 422, "malformed", "steps"),
    ({"batch": 0}, 422, "malformed", "batch"),
    ({"optimiser": {"kind": "adam", "rate": -1}}, 422, "malformed", "optimiser.rate"),
    ({"data": {"kind": "strokes", "count": 1}}, 422, "unfit", "data"),
    ({"data": {"kind": "strokes", "classes": ["ring", "ring"]}}, 422, "unfit", "classes"),
    ({"layers": NETWORK[:2]}, 422, "unfit", "layers"),
    ({"layers": [{"operation": "max_pooling"}]}, 422, "unfit", "layers"),
    ({"layers": [*NETWORK[:2], {**NETWORK[2], "filters": 3}]}, 422, "unfit", "layers"),
    ({"checkpoint": "0" * 64}, 404, "not_found", "id"),
    ({"data": {"kind": "stored", "id": "0" * 64}}, 404, "not_found", "id"),
    ({"batch": 1024, "data": {"kind": "strokes", "size": 28}}, 413, "too_large", "batch"),
    (
        {"weights": {"votes": {"kind": "preset", "name": "random", "edits": [[0, "NaN"]]}}},
        422,
        "unfit",
        "weights",
    ),
    ({"weights": {"nobody": {"kind": "preset"}}}, 422, "unfit", "weights"),
    ({"colour": 1}, 422, "malformed", "colour"),
]


@pytest.mark.parametrize(("changes", "status", "code", "field"), REFUSED)
def test_an_experiment_that_cannot_be_is_refused_before_it_begins(
    client: TestClient, changes: Json, status: int, code: str, field: str
) -> None:
    assert_problem(client.post("/api/v1/train", json={**EXAMPLE_TRAIN, **changes}), status, code, field)


def test_examples_of_one_class_one_shape_and_finite_numbers_are_asked_for(client: TestClient) -> None:
    def own(examples: list[tuple[str, Any]]) -> Any:
        given = [{"label": name, "source": {"kind": "values", "values": values}} for name, values in examples]
        return client.post("/api/v1/data", json={"examples": given})

    problem = assert_problem(own([("a", [[1, 2]]), ("b", [[1, 2, 3]])]), 422, "unfit", "examples")
    assert problem["pointer"] == "/examples/1"
    layers = [{"operation": "dense", "filters": 2, "name": "votes"}]
    cases: list[tuple[list[tuple[str, Any]], str]] = [
        ([("a", [[1.0, 2]]), ("a", [[1, 3]])], "all examples to train on are of one class, a"),
        ([("a", [[1.0, 2]]), ("b", [["NaN", 3]])], "holds a number that is not finite"),
        ([("a", [[1.0, 2]])], "there is 1 example to train on"),
    ]
    for examples, reason in cases:
        id = own(examples).json()["id"]
        answer = client.post(
            "/api/v1/train", json={**EXAMPLE_TRAIN, "layers": layers, "data": {"kind": "stored", "id": id}}
        )
        assert reason in assert_problem(answer, 422, "unfit", "data")["reason"]


@pytest.mark.parametrize("rate", [10.0, 1e9])
def test_a_rate_that_is_far_too_large_ends_with_a_diagnosis(client: TestClient, rate: float) -> None:
    end = train(client, optimiser={"kind": "sgd", "rate": rate}, steps=100)[-1]
    assert {one["kind"] for one in end["diagnosis"]} & {"diverged", "exploding", "one_class", "dead"}
    if rate == 1e9:
        assert end["stopped"] == "diverged"
        assert end["step"] < 100


def test_rectifiers_that_never_fire_and_one_class_are_told(client: TestClient) -> None:
    dead = {"kind": "preset", "name": "box", "bias": [-1e3] * 4}
    end = train(client, weights={"conv1": dead}, optimiser={"kind": "sgd", "rate": 0})[-1]
    findings = {one["kind"]: one for one in end["diagnosis"]}
    assert set(findings) == {"dead", "one_class"}
    assert findings["dead"]["reason"] == "4 of 4 maps of conv1 give nothing but 0 for 100 examples"


def test_a_network_that_learns_by_heart_is_told(client: TestClient) -> None:
    data = {"kind": "strokes", "size": 12, "count": 12, "validation": 200, "shift": 3, "noise": 0.6}
    layers = [
        {"operation": "dense", "filters": 32, "activation": "relu", "bias": True},
        {"operation": "dense", "filters": 2, "bias": True},
    ]
    end = train(client, layers=layers, data=data, steps=100, batch=12, report=50)[-1]
    assert [one["kind"] for one in end["diagnosis"]] == ["overfitting"]


def test_a_checkpoint_of_another_network_is_refused(client: TestClient) -> None:
    other = train(client, layers=[*NETWORK[:2], {**NETWORK[2], "bias": False}])[-1]
    for bundle in (other["checkpoint"], other["parameters"]):
        answer = client.post("/api/v1/train", json={**EXAMPLE_TRAIN, "checkpoint": bundle["id"]})
        assert_problem(answer, 422, "unfit", "checkpoint")


def test_the_examples_of_a_set_come_as_a_network_sees_them(client: TestClient) -> None:
    data = {"kind": "strokes", "size": 9, "count": 40, "validation": 30}
    answer = client.post("/api/v1/examples", json={"data": data, "seed": 5}, headers={"accept": SAFETENSORS})
    found = parsed(answer.content)
    drawn = examples_of(StrokesData.model_validate(data), 5)
    for name, part in (("training", drawn.training), ("validation", drawn.validation)):
        assert np.array_equal(found.arrays[f"{name}.x"], part.x)
        assert np.array_equal(found.arrays[f"{name}.labels"], part.labels)
    assert json.loads(found.metadata["classes"]) == ["X", "O"]
    x = found.arrays["training.x"]
    assert abs(x.mean()) < 1e-6
    assert abs(x.std() - 1) < 1e-5
    pixels = x * found.arrays["deviation"] + found.arrays["mean"]
    assert 0.5 < pixels.max() < 2  # ink is 1, paper 0, and some noise


def step_of(client: TestClient, at: int, **changes: Any) -> Bundle:
    """One training step of the example experiment."""
    body = {**EXAMPLE_TRAIN, "at": at, **changes}
    answer = client.post("/api/v1/step", json=body, headers={"accept": SAFETENSORS})
    assert answer.status_code == 200, answer.text
    return parsed(answer.content)


def test_a_training_step_is_told_with_all_that_it_works_with(client: TestClient) -> None:
    messages = train(client, steps=8, snapshots=1)
    rows = {one["step"]: one["parameters"] for one in messages if one["type"] == "snapshot"}
    for at in (5, 2, 7):  # onwards and back
        found = step_of(client, at).arrays
        for name in ("conv1.weight", "votes.bias"):
            assert np.allclose(found[f"before.{name}"], rows[at][name], atol=1e-6)
            assert np.allclose(found[f"after.{name}"], rows[at + 1][name], atol=1e-6)
        assert found["x"].shape == (20, 1, 9, 9)


def test_a_step_that_is_looked_at_shows_its_worst_example_or_the_one_asked_for(client: TestClient) -> None:
    found = step_of(client, 3).arrays
    assert found["example"][0] == np.argmax(found["losses"])
    assert step_of(client, 3, example=7).arrays["example"][0] == 7


def test_variants_of_an_example_are_those_of_the_augmentation(client: TestClient) -> None:
    data = {"kind": "strokes", "size": 9, "count": 20, "validation": 0}
    how = {"shift": 2, "tilt": 10}
    body = {"data": data, "seed": 5, "augmentation": how, "variants_of": 3}
    found = parsed(client.post("/api/v1/examples", json=body, headers={"accept": SAFETENSORS}).content).arrays
    one = found["training.x"][3:4]
    wanted = [augmented(one, Augmentation.model_validate(how), 5, step) for step in range(8)]
    assert np.array_equal(found["variants"], np.concatenate(wanted))
    answer = client.post("/api/v1/examples", json={**body, "variants_of": 20})
    assert_problem(answer, 422, "unfit", "variants_of")


def test_snapshots_hold_what_normalisation_has_measured(client: TestClient) -> None:
    layers = [NETWORK[0], {"operation": "batch_normalisation", "name": "bn1"}, *NETWORK[1:]]
    messages = train(client, layers=layers, steps=4, snapshots=2)
    snapshots = [one["parameters"] for one in messages if one["type"] == "snapshot"]
    assert snapshots[0]["bn1.mean"] == [0, 0, 0, 0]
    assert snapshots[1]["bn1.mean"] != snapshots[2]["bn1.mean"]


def test_the_gradient_of_a_filter_is_the_correlation_of_input_and_what_comes_back(client: TestClient) -> None:
    total = np.zeros((4, 1, 3, 3))
    for example in range(20):
        found = step_of(client, 3, example=example).arrays
        x, back = np.pad(found["values.input"][0], 1), found["back.conv1"]
        for row, col in np.ndindex(3, 3):
            total[:, 0, row, col] += (back * x[row : row + 9, col : col + 9]).sum(axis=(1, 2))
    assert np.allclose(total, found["gradient.conv1.weight"], atol=1e-5)


def test_changes_on_the_way_are_part_of_an_experiment(client: TestClient) -> None:
    slower = {"step": 4, "settings": {"optimiser": {"kind": "adam", "rate": 0.0}}}
    before = step_of(client, 3, changes=[slower]).arrays
    after = step_of(client, 4, changes=[slower]).arrays
    assert not np.array_equal(before["after.votes.bias"], before["before.votes.bias"])
    assert np.array_equal(after["after.votes.bias"], after["before.votes.bias"])
    messages = train(client, steps=12, snapshots=1, changes=[slower])
    rows = {one["step"]: one["parameters"]["votes.bias"] for one in messages if one["type"] == "snapshot"}
    assert rows[4] == rows[12] != rows[3]


def test_an_experiment_comes_as_a_program_and_what_it_loads(client: TestClient) -> None:
    reply = client.post("/api/v1/experiment", json=EXAMPLE_TRAIN).json()
    assert reply["expressible"]
    programs = train(client)[-1]["code"]
    assert (reply["code"], reply["keras"]["code"]) == (programs["pytorch"], programs["keras"])
    assert any("epsilon" in note for note in reply["keras"]["notes"])
    answer = client.post("/api/v1/experiment", json=EXAMPLE_TRAIN, headers={"accept": NPZ})
    arrays = np.load(io.BytesIO(answer.content), allow_pickle=False)
    assert arrays["order"].shape == (50, 20)
    assert arrays["losses"][-1] < arrays["losses"][0]


def test_the_programs_of_an_experiment_that_is_changed_repeat_it_up_to_the_change(client: TestClient) -> None:
    plain = client.post("/api/v1/experiment", json=EXAMPLE_TRAIN).json()
    changes = [{"step": 0, "settings": {"batch": 25}}, {"step": 6, "settings": {"optimiser": {"rate": 0.5}}}]
    changed = {**EXAMPLE_TRAIN, "changes": changes}
    reply = client.post("/api/v1/experiment", json=changed).json()
    assert reply["code"] == plain["code"]  # the batch stands in the file, the other rate comes later
    assert reply["notes"] == ["Its settings change at training step 6: it ends there."]
    assert train(client, changes=changes)[-1]["code"]["pytorch"] == plain["code"]
    answer = client.post("/api/v1/experiment", json=changed, headers={"accept": NPZ})
    arrays = np.load(io.BytesIO(answer.content), allow_pickle=False)
    assert arrays["order"].shape == (6, 25)
    steps = [one for one in train(client, changes=changes, report=1) if one["type"] == "step"]
    assert arrays["losses"].tolist() == pytest.approx([one["loss"] for one in steps[1:7]], rel=1e-5)


CAUSAL = [
    {
        "operation": "convolution",
        "kernel": 2,
        "dilation": dilation,
        "filters": 4,
        "padding": "causal",
        "bias": True,
        "activation": "relu",
    }
    for dilation in (1, 2)
] + [{"operation": "convolution", "kernel": 1, "filters": 1, "bias": True}]
SERIES: Json = {"layers": CAUSAL, "data": {"kind": "seasons", "length": 120, "held": 12}}


def test_a_series_is_trained_on_with_values_as_targets(client: TestClient) -> None:
    body = SERIES
    answer = client.post(
        "/api/v1/train", json={**body, "steps": 60, "report": 60, "optimiser": {"rate": 0.02}}
    )
    first, last, end = (json.loads(line) for line in answer.text.splitlines())
    assert last["validation_loss"] < first["validation_loss"]
    assert last["accuracy"] is None
    assert end["validation"]["accuracy"] is None
    assert end["classes"] == []
    assert "counts" in end["code"]["pytorch"]
    refused = client.post("/api/v1/train", json={**body, "loss": "cross_entropy"})
    assert "leave it out" in assert_problem(refused, 422, "unfit", "loss")["remedy"]
    wide = {**body, "layers": CAUSAL[:-1]}
    assert (
        "kernel 1"
        in assert_problem(client.post("/api/v1/train", json=wide), 422, "unfit", "layers")["remedy"]
    )
    flipped = {**body, "augmentation": {"flip": True}}
    assert_problem(client.post("/api/v1/train", json=flipped), 422, "unfit", "flip")


def test_an_own_table_is_told_and_a_column_of_it_trained_on(client: TestClient) -> None:
    rows = "".join(f"{hour};{hour % 6},5;{hour % 4}\n" for hour in range(80))
    text = f"hour;load;wind\n{rows}"
    answer = client.post("/api/v1/data", content=text, headers={"content-type": "text/csv; charset=utf-8"})
    assert answer.status_code == 201, answer.text
    reply = answer.json()
    assert [one["name"] for one in reply["columns"]] == ["hour", "load", "wind"]
    assert (reply["separator"], reply["decimal"], reply["count"]) == ("semicolon", "comma", 80)
    data = {"kind": "recorded", "id": reply["id"], "column": "load", "held": 8}
    end = client.post("/api/v1/train", json={"layers": CAUSAL, "data": data, "steps": 5, "report": 5}).text
    assert json.loads(end.splitlines()[-1])["type"] == "end"
    lost = {"layers": CAUSAL, "data": {**data, "column": "sun"}}
    problem = assert_problem(client.post("/api/v1/train", json=lost), 422, "unfit", "column")
    assert problem["pointer"] == "/data/column"
    cut = client.post(
        "/api/v1/data?separator=comma&decimal=point",
        content="a,b\n1,2\n3,4\n",
        headers={"content-type": "text/csv"},
    )
    assert cut.json()["separator"] == "comma"
    broken = client.post("/api/v1/data", content="a,b\n1,2\n3,x\n4,5\n", headers={"content-type": "text/csv"})
    assert assert_problem(broken, 422, "unfit", "table")["value"] == "line 3, column b"
