"""The API as a script uses it: answers, forms by Accept, and one shape for every refusal."""

from __future__ import annotations

import io
import json
import re
import struct
from datetime import UTC, datetime
from html import unescape

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.core.engine.trace import replay, replay_windows
from app.images.read.npy import npy_bytes
from app.operations import registry
from app.web.http.security import HEADERS
from app.web.stream import protocol

from ..core.drawing import layer_of
from .asking import (
    BOX,
    GRID,
    LAYER,
    Json,
    assert_problem,
    png,
    run_body,
)


def test_a_run_gives_the_numbers_that_the_definition_gives(client: TestClient) -> None:
    answer = client.post("/api/v1/run", json=run_body(include=["output", "input", "weight", "bias", "plan"]))
    assert answer.status_code == 200
    reply = answer.json()
    assert reply["output"] == [[[3.0, 4.0], [6.0, 7.0]]] * 2
    assert reply["input"] == [GRID["values"]]
    assert reply["weight"] == [[[[0.25, 0.25], [0.25, 0.25]]]] * 2
    assert reply["bias"] is None
    assert reply["plan"]["layers"][0]["output_shape"] == [2, 2, 2]


def test_six_by_six_by_three_through_64_filters_is_three_by_three_by_64(client: TestClient) -> None:
    layer = {"operation": "convolution", "kernel": 3, "stride": 2, "padding": 1, "filters": 64}
    source = {"kind": "noise", "shape": [3, 6, 6]}
    answer = client.post("/api/v1/run", json={"layers": [layer], "source": source})
    assert np.shape(answer.json()["output"]) == (64, 3, 3)


def test_output_comes_as_json_npy_and_png(client: TestClient) -> None:
    answer = client.post("/api/v1/run", json=run_body())
    loaded = client.post("/api/v1/run", json=run_body(), headers={"Accept": "application/x-npy"})
    shown = client.post("/api/v1/run", json=run_body(), headers={"Accept": "image/png, text/html;q=0.5"})
    array = np.load(io.BytesIO(loaded.content), allow_pickle=False)
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array, np.array(answer.json()["output"]))
    assert Image.open(io.BytesIO(shown.content)).format == "PNG"
    refused = client.post("/api/v1/run", json=run_body(), headers={"Accept": "text/html"})
    assert_problem(refused, 406, "not_acceptable", "accept")


def test_numbers_that_json_lacks_travel_as_words(client: TestClient) -> None:
    source = {"kind": "values", "values": [[1, "NaN"], ["Infinity", 2]]}
    answer = client.post("/api/v1/run", json=run_body(source=source, layers=[{**LAYER, "kernel": 1}]))
    assert answer.json()["output"][0] == [[1.0, "NaN"], ["Infinity", 2.0]]


def test_relu_comes_after_the_bias(client: TestClient) -> None:
    layer = {**LAYER, "bias": True, "activation": "relu"}
    weights = {**BOX, "bias": [-5, 0]}
    answer = client.post("/api/v1/run", json=run_body(layers=[layer], weights=weights))
    assert answer.json()["output"] == [[[0.0, 0.0], [1.0, 2.0]], [[3.0, 4.0], [6.0, 7.0]]]


def test_an_edited_weight_counts(client: TestClient) -> None:
    weights = {**BOX, "edits": [[0, 10.25]]}
    answer = client.post("/api/v1/run", json=run_body(weights=weights))
    assert answer.json()["output"][0] == [[13.0, 24.0], [46.0, 57.0]]


def test_operations_describe_every_parameter(client: TestClient) -> None:
    answer = client.get("/api/v1/operations").json()["operations"]
    assert [operation["name"] for operation in answer] == list(registry())
    for operation in answer:
        for parameter in operation["parameters"]:
            assert parameter["description"].endswith(".")


def test_samples_can_all_be_run(client: TestClient) -> None:
    samples = client.get("/api/v1/samples").json()["samples"]
    assert {
        "cross",
        "ring",
        "grid",
        "gradient",
        "digit",
        "checkerboard",
        "zone_plate",
        "scene",
        "series",
    } <= {sample["name"] for sample in samples}
    for sample in samples:
        body = {
            "layers": [{"operation": "max_pooling", "kernel": 2}],
            "source": {"kind": "sample", "name": sample["name"]},
        }
        answer = client.post("/api/v1/run", json={**body, "include": ["plan"]})
        assert answer.status_code == 200, answer.text
        assert answer.json()["plan"]["layers"][0]["input_shape"] == sample["shape"]


def test_every_example_of_every_operation_runs(client: TestClient) -> None:
    for operation in registry().values():
        assert operation.examples
        for example in operation.examples:
            body = {key: value for key, value in example.items() if key in ("layers", "source", "weights")}
            answer = client.post("/api/v1/run", json=body)
            assert answer.status_code == 200, (example["title"], answer.text)


def test_a_plan_tells_everything_before_any_arithmetic(client: TestClient) -> None:
    layer = {"operation": "convolution", "kernel": 3, "stride": 2, "padding": 1, "filters": 16}
    answer = client.post("/api/v1/plan", json={"layers": [layer], "input_shape": [3, 28, 28]})
    plan = answer.json()["layers"][0]
    assert plan["output_shape"] == [16, 14, 14]
    assert plan["padded_shape"] == [3, 30, 30]
    assert plan["parameters"]["total"] == 432
    assert plan["multiply_adds"] == 84_672
    assert plan["bytes"] == {"input": 9408, "padded": 10800, "weight": 1728, "output": 12544}
    formula = "".join(token["text"] for token in plan["axes"][0]["formula"])
    assert formula == "⌊(28 + 2·1 − 3) / 2⌋ + 1 = 14"
    assert plan["unread_cells"] == 0
    assert plan["allowed"]["groups"] == [[1, 1]]
    assert plan["allowed"]["kernel"][0] == [[1, 30]]
    assert "causal" in plan["allowed"]["padding"]["rules"]


@pytest.mark.parametrize(
    "spec",
    [
        {"operation": "convolution", "kernel": [3, 5], "padding": [[1, 2], 0], "stride": 2},
        {"operation": "max_pooling", "kernel": [2], "stride": None, "padding": "same"},
    ],
)
def test_a_spec_survives_its_json(spec: Json) -> None:
    model = registry()[spec["operation"]].spec
    once = model.model_validate(spec)
    assert model.model_validate_json(once.model_dump_json()) == once
    assert hash(once) == hash(model.model_validate(spec))


def test_allowed_values_are_exactly_those_that_a_run_accepts(client: TestClient) -> None:
    layer: Json = {"operation": "max_pooling", "kernel": 3, "stride": 1, "padding": 1}
    plan = client.post("/api/v1/plan", json={"layers": [layer], "input_shape": [1, 5, 6]}).json()["layers"][0]
    for axis in range(2):
        for kernel in range(1, 13):
            changed = [3, 3]
            changed[axis] = kernel
            body = {"layers": [{**layer, "kernel": changed}], "input_shape": [1, 5, 6]}
            accepted = client.post("/api/v1/plan", json=body).status_code == 200
            allowed = any(low <= kernel <= high for low, high in plan["allowed"]["kernel"][axis])
            assert accepted == allowed, (axis, kernel)


def test_a_plan_takes_a_shape_or_a_source_and_not_both(client: TestClient) -> None:
    both = {"layers": [LAYER], "input_shape": [1, 3, 3], "source": GRID}
    assert_problem(client.post("/api/v1/plan", json=both), 422, "unfit", "input_shape")
    assert_problem(client.post("/api/v1/plan", json={"layers": [LAYER]}), 422, "unfit", "input_shape")
    from_source = client.post("/api/v1/plan", json={"layers": [LAYER], "source": GRID}).json()
    from_shape = client.post("/api/v1/plan", json={"layers": [LAYER], "input_shape": [1, 3, 3]}).json()
    assert from_source == from_shape


def read_items(data: bytes) -> list[bytes]:
    items = []
    while data:
        (length,) = struct.unpack_from("<I", data)
        items.append(data[4 : 4 + length])
        data = data[4 + length :]
    return items


def test_frames_carry_the_replayed_steps(client: TestClient) -> None:
    layer = {
        "operation": "convolution",
        "kernel": 3,
        "stride": 2,
        "padding": "same",
        "dilation": 2,
        "filters": 8,
    }
    source = {"kind": "noise", "shape": [3, 60, 44], "seed": 3}
    body = {"layers": [layer], "source": source, "window": True, "lanes": [5], "input": True, "weight": True}
    answer = client.post("/api/v1/frames", json=body)
    plan, *frames, end = read_items(answer.content)
    assert json.loads(plan)["plan"]["layers"][0]["output_shape"] == [8, 30, 22]
    assert json.loads(end) == {"type": "end", "job": 0, "first": 0, "steps": 660}
    held: dict[protocol.Kind, list[np.ndarray]] = {}
    for number, frame in enumerate(frames):
        header = protocol.Header.unpack(frame)
        assert header.sequence == number
        assert len(frame) <= protocol.FRAME_BYTES
        planes = np.frombuffer(frame, "<f4", offset=protocol.HEADER.size).reshape(-1, header.count)
        held.setdefault(header.kind, []).append(planes)
    x = np.concatenate(held[protocol.Kind.INPUT], axis=1).reshape(3, 60, 44)
    weight = np.concatenate(held[protocol.Kind.WEIGHT], axis=1).reshape(8, 3, 3, 3)
    steps = np.concatenate(held[protocol.Kind.STEPS], axis=1)
    built = layer_of(layer, (3, 60, 44))
    held_layer = type(built)(built.operation, built.geometry, x, weight, None)
    np.testing.assert_allclose(steps[0], replay(held_layer)[5], rtol=1e-4, atol=1e-5)
    windows = np.concatenate([window for window, _ in replay_windows(held_layer)])
    np.testing.assert_array_equal(steps[1:], np.moveaxis(windows, 0, -1).reshape(27, -1).astype(np.float32))


def test_frames_come_as_json_lines_too(client: TestClient) -> None:
    headers = {"Accept": "application/x-ndjson"}
    answer = client.post("/api/v1/frames", json={**run_body(), "window": True}, headers=headers)
    plan, steps, end = (json.loads(line) for line in answer.text.splitlines())
    assert plan["type"] == "plan"
    assert steps["values"] == [[3.0, 4.0, 6.0, 7.0]] * 2
    assert np.array(steps["windows"]).T.tolist()[0] == [1, 2, 4, 5]
    assert end["steps"] == 4


def test_frames_begin_anywhere_and_stop_where_asked(client: TestClient) -> None:
    headers = {"Accept": "application/x-ndjson"}
    body = {**run_body(), "first": 1, "count": 2, "lanes": [1]}
    answer = client.post("/api/v1/frames", json=body, headers=headers)
    lines = [json.loads(line) for line in answer.text.splitlines()]
    values = [value for line in lines if line["type"] == "steps" for value in line["values"][0]]
    assert values == [4.0, 6.0]
    assert lines[-1] == {"type": "end", "job": 0, "first": 1, "steps": 2}


def test_an_uploaded_picture_is_kept_by_content_and_convolved(client: TestClient) -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    stored = client.post("/api/v1/images", content=png(pixels), headers={"Content-Type": "image/png"})
    assert stored.status_code == 201
    answer = stored.json()
    assert (answer["kind"], answer["shape"], answer["width"], answer["height"]) == (
        "picture",
        [3, 20, 30],
        30,
        20,
    )
    again = client.post("/api/v1/images", content=png(pixels), headers={"Content-Type": "image/png"})
    assert again.json()["id"] == answer["id"]
    source = {"kind": "image", "id": answer["id"], "scale": "0-255"}
    body = {"layers": [{"operation": "max_pooling", "kernel": 1}], "source": source}
    output = client.post("/api/v1/run", json=body).json()["output"]
    np.testing.assert_array_equal(np.array(output), pixels.transpose(2, 0, 1))
    back = client.get(f"/api/v1/images/{answer['id']}")
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(back.content))), pixels)


def test_an_upload_tells_what_it_is_and_until_when_it_is_kept(client: TestClient) -> None:
    body = npy_bytes(np.ones((2, 3), np.float32))
    kept = client.post("/api/v1/images", content=body, headers={"Content-Type": "application/x-npy"}).json()
    answer = client.get(f"/api/v1/images/{kept['id']}", headers={"Accept": "application/json"}).json()
    assert answer["shape"] == [2, 3]
    assert 0 <= kept["expires_s"] - answer["expires_s"] <= 60
    ends = datetime.fromisoformat(answer["expires"])
    assert abs((ends - datetime.now(UTC)).total_seconds() - answer["expires_s"]) < 60


def test_an_uploaded_array_serves_as_input_and_as_weights(client: TestClient) -> None:
    def upload(array: np.ndarray) -> str:
        file = io.BytesIO()
        np.save(file, array)
        headers = {"Content-Type": "application/x-npy"}
        return str(client.post("/api/v1/images", content=file.getvalue(), headers=headers).json()["id"])

    x = np.arange(9, dtype=np.float32).reshape(1, 3, 3)
    weight = np.array([[[[1, 0], [0, -1]]]], dtype=np.float64)
    body = {
        "layers": [{"operation": "convolution", "kernel": 2}],
        "source": {"kind": "image", "id": upload(x)},
        "weights": {"kind": "stored", "id": upload(weight)},
    }
    assert client.post("/api/v1/run", json=body).json()["output"] == [[[-4.0, -4.0], [-4.0, -4.0]]]


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    paths = ["/", "/api", "/handbook", "/healthz", "/api/v1/operations", "/nothing"]
    for answer in [client.get(path) for path in paths]:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value


def test_a_defect_tells_nothing_of_itself(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("app.web.stream.networks.check_cost", broken)
    answer = client.post("/api/v1/run", json=run_body())
    assert_problem(answer, 500, "internal")
    assert "secret" not in answer.text


def test_the_openapi_document_has_an_example_for_every_body(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            assert route["summary"], path
            body = route.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None:
                continue
            name = body["schema"]["$ref"].rpartition("/")[2]
            for example in document["components"]["schemas"][name]["examples"]:
                answer = client.request(method, path, json=example)
                # An id of noughts stands for whatever was kept before, which no example can know.
                if "0" * 64 in example.values():
                    assert_problem(answer, 404, "not_found", "id")
                else:
                    assert answer.status_code in (200, 201), answer.text


def test_the_api_page_shows_every_address(client: TestClient) -> None:
    page = client.get("/api").text
    for path in client.get("/api/v1/openapi.json").json()["paths"]:
        assert path in page
    assert "dilation" in page


def test_the_handbook_tells_every_parameter_of_every_operation(client: TestClient) -> None:
    page = client.get("/handbook").text
    for operation in registry().values():
        assert operation.summary in unescape(page)
        for parameter in operation.describe()["parameters"]:
            assert f"<code>{parameter['name']}</code>" in page


def test_health_is_told(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_pages_come_compressed_and_are_asked_for_again(client: TestClient) -> None:
    page = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    assert page.headers["cache-control"] == "no-cache"
    plain = client.get("/", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == page.text
    known = client.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_code_in_descriptions_is_marked_as_code_and_no_page_shows_a_backtick(client: TestClient) -> None:
    for path in ("/api", "/handbook"):
        page = re.sub(r"<script.*?</script>", "", client.get(path).text, flags=re.DOTALL)
        assert "`" not in page, path
    page = unescape(client.get("/api").text)
    routes = [
        route
        for methods in client.get("/api/v1/openapi.json").json()["paths"].values()
        for route in methods.values()
    ]
    marked = {code for route in routes for code in re.findall(r"``(.+?)``", route.get("description", ""))}
    assert marked, "docstrings mark code so"
    for code in marked:
        assert f"<code>{code}</code>" in page, code
