"""Model files: every value equals that of ONNX's reference, and weights are kept, matched and refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from starlette.testclient import TestClient

from app.code.models.draft import NetworkReading
from app.code.models.file import read_model
from app.code.models.graph_file import read_onnx
from app.core.engine.trace import Layer
from app.core.errors import Problem
from app.core.network.forward import Run
from app.core.network.graph import network_of
from app.core.network.shapes import Shapes, shapes_of
from app.core.weights import Wanted
from app.data.bundle import Bundle, npz_bytes, safetensors_bytes
from app.data.matching import resolve_bundle
from app.operations import registry

from ...frameworks.nodes import RECORDED, STRUCTURES, digest_of, model_of, source
from .models_of_onnx import MODELS, lenet, model, node, numbers

HEADERS = {"content-type": "application/x-onnx"}
LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"


def shapes_in(found: NetworkReading, shape: tuple[int, ...]) -> Shapes:
    return shapes_of(network_of(found.layers, registry()), shape)


def outputs(found: NetworkReading, x: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """The output of every layer, by name, computed by our engine with the tensors of the file."""
    shapes = shapes_in(found, x.shape if x.ndim > 1 else (*x.shape, 1))
    run = Run(shapes, x.reshape(shapes.input_shape), shapes.network.last)
    given: dict[str, np.ndarray[Any, Any]] = {}
    for one in shapes.network.order:
        placed = shapes.placed[one.name]
        built = placed.geometry
        tensors: tuple[Any, Any, Any] = (None, None, None)
        if built.weighted:
            assert built.weight_shape is not None
            wanted = Wanted(
                built.weight_shape, built.bias_shape, built.walk.weight_shape, built.as_given, "float32",
                one.operation.own, one.spec,
            )  # fmt: skip
            prefix = f"{one.name}."
            mine = {
                name.removeprefix(prefix): one
                for name, one in found.tensors.items()
                if name.startswith(prefix)
            }
            resolved = resolve_bundle(mine, wanted)
            assert resolved is not None, one.name
            tensors = (resolved.weight, resolved.bias, resolved.own)
        layer: Layer = run.layer(placed, *tensors)
        output = np.concatenate(list(layer.bands()), axis=1)
        given[one.name] = layer.result(output)
        if one is not shapes.network.last:
            run.keep(placed, output)
    return given


def reference(proto: onnx.ModelProto, x: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """Every value of the graph by the reference of ONNX."""
    reference_model = onnx.ModelProto()
    reference_model.CopyFrom(proto)
    del reference_model.graph.output[:]
    names = [name for one in proto.graph.node for name in one.output]
    for name in names:
        reference_model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    return dict(zip(names, ReferenceEvaluator(reference_model).run(None, {"x": x}), strict=True))


@pytest.mark.parametrize("name", MODELS)
def test_every_layer_gives_what_the_reference_of_onnx_gives(name: str) -> None:
    proto = onnx.shape_inference.infer_shapes(MODELS[name]())
    onnx.checker.check_model(proto)
    found = read_onnx(proto.SerializeToString())
    assert found.passed_through == []
    sizes = [one.dim_value or 1 for one in proto.graph.input[0].type.tensor_type.shape.dim]
    x = numbers(*sizes)
    expected = reference(proto, x)
    ours = outputs(found, x[0])
    compared = 0
    for layer, value in ours.items():
        if (theirs := found.values.get(layer)) is not None:
            np.testing.assert_allclose(value.reshape(-1), expected[theirs].reshape(-1), rtol=2e-4, atol=2e-5)
            compared += 1
    assert compared >= len(ours) - 1
    last = list(ours.values())[-1]
    np.testing.assert_allclose(
        last.reshape(-1), expected[proto.graph.output[0].name].reshape(-1), rtol=2e-4, atol=2e-5
    )


@pytest.mark.parametrize(
    ("name", "layers", "last"),
    [("squeezenet", 66, (1000, 1, 1)), ("densenet121", 668, (1000, 1, 1)), ("inception_v2", 371, (1000, 1))],
)
def test_the_structures_that_onnx_ships_are_read_whole(name: str, layers: int, last: tuple[int, ...]) -> None:
    found = read_onnx((LIGHT / f"light_{name}.onnx").read_bytes())
    assert found.passed_through == []
    assert found.input_shape == (3, 224, 224)
    shapes = shapes_in(found, (3, 224, 224))
    assert len(found.layers) == layers
    assert shapes.placed[shapes.network.last.name].shape == last


def test_resnet50_is_read_with_its_known_number_of_parameters() -> None:
    found = read_onnx((LIGHT / "light_resnet50.onnx").read_bytes())
    assert found.passed_through == []
    shapes = shapes_in(found, (3, 224, 224))
    assert shapes.placed[shapes.network.last.name].shape == (1000, 1)
    learned = sum(
        one.size for name, one in found.tensors.items() if not name.endswith((".mean", ".variance"))
    )
    assert learned == 25_557_032  # torchvision's count; its last layer has a bias, and no convolution has one


@pytest.mark.parametrize("structure", STRUCTURES)
def test_every_layer_of_a_large_network_gives_what_onnx_runtime_gave(structure: str) -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))[structure]
    found = read_onnx(model_of(structure).SerializeToString())
    assert found.passed_through == []
    ours = outputs(found, source()[0])
    compared = {theirs: digest_of(ours[layer]) for layer, theirs in found.values.items()}
    for theirs, mine in compared.items():
        assert mine[0] == recorded[theirs][0], theirs
        np.testing.assert_allclose(mine[1:], recorded[theirs][1:], rtol=1e-3, atol=1e-3 * recorded[theirs][1])
    assert len(compared) >= len(ours) - 1
    last = list(recorded)[-1]
    np.testing.assert_allclose(digest_of(list(ours.values())[-1]), recorded[last], rtol=1e-3, atol=1e-6)


def test_layers_are_called_after_their_weights() -> None:
    found = read_onnx(lenet().SerializeToString())
    names = [layer.name for layer in found.layers]
    assert [name for name in names if name in ("conv1", "conv2", "fc1", "fc2")] == [
        "conv1",
        "conv2",
        "fc1",
        "fc2",
    ]
    assert any("not told in the file" not in note for note in found.notes) or found.notes == []


def test_an_operator_that_is_not_known_is_passed_through_and_named() -> None:
    proto = model([node("Hardmax", "x", "a"), node("Relu", "a", "y")], {}, [1, 2, 4, 4])
    found = read_onnx(proto.SerializeToString())
    assert len(found.passed_through) == 1
    assert any(note.startswith("Hardmax is not understood and passed through") for note in found.notes)


def external() -> bytes:
    proto = lenet()
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"
    return bytes(proto.SerializeToString())


def lying() -> bytes:
    proto = lenet()
    proto.graph.initializer[0].dims[0] = 10**12
    return bytes(proto.SerializeToString())


def circle() -> bytes:
    return bytes(
        model(
            [node("Relu", "b", "a"), node("Relu", "a", "b"), node("Add", "x b", "y")], {}, [1, 1, 4, 4]
        ).SerializeToString()
    )


def many() -> bytes:
    nodes = [node("Relu", "x" if at == 0 else f"v{at - 1}", f"v{at}") for at in range(21_000)]
    return bytes(model(nodes, {}, [1, 1, 4, 4], "v20999").SerializeToString())


def quantised() -> bytes:
    nodes = [node("QuantizeLinear", "x s", "a"), node("DequantizeLinear", "a s", "y")]
    return bytes(model(nodes, {"s": np.array(0.1, np.float32)}, [1, 1, 4, 4]).SerializeToString())


BAD = {
    "external": (external, "lie in another file"),
    "lying": (lying, "larger than a file may be"),
    "circle": (circle, "circle"),
    "many": (many, "operators"),
    "quantised": (quantised, "quantised"),
    "garbage": (lambda: b"\x08\x07" + bytes(range(256)), "no .onnx file"),
    "empty": (lambda: b"", "no operators"),
    "opset": (lambda: bytes(model([node("Relu", "x", "y")], {}, [1, 1, 2, 2], opset=6).SerializeToString()), "opset"),
    "text": (lambda: b"import torch", "no .onnx file"),
    "int_input": (
        lambda: bytes(model([node("Relu", "x", "y")], {}, [1, 1, 2, 2], kind=TensorProto.INT64).SerializeToString()),
        "no input of floating-point",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_one_clear_reason(name: str) -> None:
    make, words = BAD[name]
    with pytest.raises(Problem) as caught:
        read_model(make())
    assert words in caught.value.detail


def test_a_file_with_dynamic_sizes_is_read_without_an_input_shape() -> None:
    proto = model(
        [node("Conv", "x w", "a"), node("GlobalAveragePool", "a", "y")],
        {"w": numbers(3, 2, 3, 3)},
        ["n", 2, "h", "w"],
    )
    found = read_onnx(proto.SerializeToString())
    assert found.input_shape is None
    assert (found.input_channels, found.axes) == (2, 2)
    assert any("not told in the file" in note for note in found.notes)


def test_the_server_reads_a_file_and_runs_it_with_its_weights(client: TestClient) -> None:
    proto = lenet()
    answer = client.post(
        "/api/v1/read", content=proto.SerializeToString(), headers={"content-type": "application/x-onnx"}
    )
    assert answer.status_code == 200, answer.text
    reply = answer.json()
    assert reply["framework"] == "onnx"
    assert reply["weights"]["kind"] == "stored"
    source = {"kind": "noise", "shape": [1, 28, 28], "seed": 3}
    run = {"layers": reply["layers"], "source": source, "weights": reply["weights"]}
    ran: dict[str, Any] = client.post("/api/v1/run", json=run).json()
    first = {"layers": reply["layers"][:1], "source": source, "include": ["input"]}
    x = np.array(client.post("/api/v1/run", json=first).json()["input"], np.float32)
    expected = np.asarray(reference(proto, x[None])["y"])[0]
    np.testing.assert_allclose(np.array(ran["output"]).reshape(-1), expected, rtol=1e-4, atol=1e-5)


def test_a_bad_file_is_a_problem_of_the_client(client: TestClient) -> None:
    answer = client.post(
        "/api/v1/read", content=b"PK\x03\x04nothing", headers={"content-type": "application/x-onnx"}
    )
    assert answer.status_code == 422
    assert answer.json()["field"] == "model"


@pytest.mark.parametrize("form", ["safetensors", "npz"])
def test_weights_of_pytorch_and_keras_are_matched_by_name_and_shape(client: TestClient, form: str) -> None:
    layers = [
        {"operation": "convolution", "name": "conv1", "kernel": 3, "filters": 2, "bias": True},
        {"operation": "batch_normalisation", "name": "bn1"},
        {"operation": "dense", "name": "fc", "filters": 3, "bias": True},
    ]
    each = {"conv1": [numbers(2)], "bn1": [numbers(2), numbers(2), numbers(2), np.abs(numbers(2))]}
    weight, matrix, more = numbers(2, 1, 3, 3), numbers(3, 72), numbers(7)
    if form == "safetensors":
        words = ["weight", "bias", "running_mean", "running_var"]
        arrays = {"conv1.weight": weight, "conv1.bias": each["conv1"][0]}
        arrays |= {f"bn1.{word}": one for word, one in zip(words, each["bn1"], strict=True)}
        arrays |= {
            "bn1.num_batches_tracked": np.array([3], np.int64),
            "fc.weight": matrix,
            "extra.weight": more,
        }
        body = safetensors_bytes(Bundle(arrays))
    else:
        words = ["gamma", "beta", "moving_mean", "moving_variance"]
        arrays = {"conv1/kernel": weight.transpose(2, 3, 1, 0), "conv1/bias": each["conv1"][0]}
        arrays |= {f"bn1/{word}": one for word, one in zip(words, each["bn1"], strict=True)}
        arrays |= {"fc/kernel": matrix.T, "extra/kernel": more}
        body = npz_bytes(Bundle(arrays))
    kept = client.post("/api/v1/bundles", content=body).json()
    asked = {"layers": layers, "input_shape": [1, 8, 8], "bundle": kept["id"]}
    answer = client.post("/api/v1/weights", json=asked).json()
    assert len(answer["fits"]) == 7
    assert answer["missing"] == ["fc.bias"]
    assert answer["unfit"] == []
    assert len(answer["left_over"]) == 1
    run = {"layers": layers, "source": {"kind": "noise", "shape": [1, 8, 8]}, "weights": answer["weights"]}
    assert client.post("/api/v1/run", json=run).status_code == 200
    shown = client.post("/api/v1/run", json={**run, "layer": "conv1", "include": ["weight"]}).json()
    np.testing.assert_allclose(np.array(shown["weight"]), weight, rtol=1e-6)


def test_weights_of_another_shape_are_told(client: TestClient) -> None:
    body = safetensors_bytes(Bundle({"conv1.weight": numbers(2, 1, 5, 5)}))
    kept = client.post("/api/v1/bundles", content=body).json()
    layers = [{"operation": "convolution", "name": "conv1", "kernel": 3, "filters": 2}]
    answer = client.post(
        "/api/v1/weights", json={"layers": layers, "input_shape": [1, 8, 8], "bundle": kept["id"]}
    ).json()
    assert answer["weights"] is None
    assert answer["unfit"] == [
        {"layer": "conv1", "tensor": "conv1.weight", "shape": [2, 1, 5, 5], "wanted": [2, 1, 3, 3]}
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"PK\x03\x04" + b"archive/data.pkl" + bytes(64), "safetensors.torch.save_file"),
        (b"\x89HDF\r\n\x1a\n" + bytes(64), "np.savez"),
        (b"\x80\x02}q\x00.", "safetensors"),
    ],
)
def test_pickled_weights_and_hdf5_are_refused_with_how_to_save_them(
    client: TestClient, body: bytes, words: str
) -> None:
    answer = client.post("/api/v1/bundles", content=body)
    assert answer.status_code == 415
    assert words in answer.json()["remedy"]


def test_a_tensor_of_float16_is_widened() -> None:
    proto = model(
        [node("Conv", "x w", "y")],
        {"w": numbers(2, 1, 3, 3).astype(np.float16)},
        [1, 1, 5, 5],
        kind=TensorProto.FLOAT16,
    )
    found = read_onnx(proto.SerializeToString())
    (weight,) = found.tensors.values()
    assert weight.dtype == np.float32
    np.testing.assert_array_equal(
        weight, numpy_helper.to_array(proto.graph.initializer[0]).astype(np.float32)
    )
