"""A pasted Sequential is a network: all its layers, nested and named ones, and a note for what is not understood."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from app.code.models.reading import read_network

from ..web.asking import Json

LENET = """
import torch.nn as nn
classes = 10
model = nn.Sequential(
    nn.Conv2d(1, 6, kernel_size=5, padding=2),
    nn.Sigmoid(),
    nn.AvgPool2d(2, stride=2),
    nn.Conv2d(6, 16, kernel_size=5), nn.Sigmoid(),
    nn.AvgPool2d(kernel_size=2, stride=2),
    nn.Flatten(),
    nn.Linear(16 * 5 * 5, 120), nn.Sigmoid(),
    nn.Linear(120, 84), nn.Sigmoid(),
    nn.Linear(84, classes),
)
"""
KERAS = """
model = keras.Sequential([
    keras.Input(shape=(28, 28, 1)),
    layers.Conv2D(32, (3, 3), activation="relu"),
    layers.MaxPooling2D(),
    layers.BatchNormalization(),
    layers.Flatten(),
    layers.Dropout(0.5),
    layers.Dense(10, activation="softmax"),
])
"""


def pasted(client: TestClient, text: str) -> Json:
    answer = client.post("/api/v1/read", json={"text": text, "network": True})
    assert answer.status_code == 200, answer.text
    reply: Json = answer.json()
    return reply


def test_the_first_layer_alone_is_read_unless_the_network_is_asked_for(client: TestClient) -> None:
    answer = client.post("/api/v1/read", json={"text": LENET}).json()
    assert operations(answer) == ["convolution"]
    assert answer["passed_through"] == []


def operations(answer: Json) -> list[str]:
    return [layer["operation"] for layer in answer["layers"]]


def test_lenet_pasted_gives_all_its_layers_and_runs(client: TestClient) -> None:
    answer = pasted(client, LENET)
    assert operations(answer) == [
        *("convolution", "activation", "average_pooling", "convolution", "activation", "average_pooling"),
        *("reshape", "dense", "activation", "dense", "activation", "dense"),
    ]
    assert (answer["framework"], answer["input_channels"], answer["axes"]) == ("pytorch", 1, 2)
    assert answer["passed_through"] == []
    plan = client.post("/api/v1/plan", json={"layers": answer["layers"], "input_shape": [1, 28, 28]}).json()
    assert plan["network"]["parameters"] == 61_706
    assert plan["network"]["output_shape"] == [10]


def test_the_numbers_that_a_dense_layer_reads_are_told_where_the_text_tells_them(client: TestClient) -> None:
    answer = pasted(
        client, "nn.Sequential(nn.Conv2d(1, 4, 5), nn.Flatten(), nn.Linear(400, 12), nn.LazyLinear(3))"
    )
    assert answer["features"] == [None, None, 400, None]


def test_a_keras_list_is_read_with_its_activations(client: TestClient) -> None:
    answer = pasted(client, KERAS)
    assert operations(answer) == [
        *("convolution", "max_pooling", "batch_normalisation", "reshape", "dropout", "dense"),
    ]
    assert answer["framework"] == "keras"
    assert answer["layers"][0]["activation"] == "relu"
    assert answer["layers"][2]["epsilon"] == 1e-3
    assert any("channels last" in note for note in answer["notes"])
    plan = client.post("/api/v1/plan", json={"layers": answer["layers"], "input_shape": [1, 28, 28]})
    assert plan.json()["network"]["output_shape"] == [10]


def test_what_is_not_understood_is_passed_through_with_its_line(client: TestClient) -> None:
    text = (
        "nn.Sequential(\n    nn.Conv2d(3, 8, 3),\n    nn.GroupNorm(4, 8),\n    MyBlock(8),\n    nn.ReLU(),\n)"
    )
    answer = pasted(client, text)
    assert operations(answer) == ["convolution", "activation", "activation", "activation"]
    assert answer["passed_through"] == ["not_understood_GroupNorm", "not_understood_MyBlock"]
    assert any("GroupNorm on line 3 is not understood and passed through" in note for note in answer["notes"])
    assert any("MyBlock on line 4" in note for note in answer["notes"])
    run = {"layers": answer["layers"], "source": {"kind": "noise", "shape": [3, 6, 6]}}
    assert client.post("/api/v1/run", json=run).status_code == 200


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "nn.Sequential(OrderedDict([('conv1', nn.Conv2d(1, 2, 3)), ('relu1', nn.ReLU())]))",
            ["conv1", "relu1"],
        ),
        (
            "nn.Sequential(OrderedDict([('a', nn.Sequential(OrderedDict([('input', nn.ReLU())])))]))",
            ["a.input"],
        ),
        ("nn.Sequential(nn.Sequential(nn.ReLU()), nn.ReLU())", [None, None]),
        ("parts = [nn.ReLU(), nn.Tanh()]\nnn.Sequential(*parts)", [None, None]),
    ],
)
def test_nested_named_and_starred_layers_are_found(text: str, names: list[str | None]) -> None:
    found = read_network(text)
    assert found is not None
    assert [layer.name for layer in found.layers] == names


@pytest.mark.parametrize(
    ("call", "spec"),
    [
        ("nn.BatchNorm2d(8, eps=1e-3)", {"operation": "batch_normalisation", "epsilon": 1e-3}),
        ("nn.Dropout2d(0.2)", {"operation": "dropout", "rate": 0.2}),
        ("nn.Unflatten(1, (8, 2, 2))", {"operation": "reshape", "shape": [8, 2, 2]}),
        ("nn.PixelShuffle(3)", {"operation": "pixel_shuffle", "factor": 3}),
        (
            "nn.ReflectionPad2d((1, 2, 3, 0))",
            {"operation": "padding", "padding": [[3, 0], [1, 2]], "padding_mode": "reflect"},
        ),
        (
            "nn.ConstantPad1d((1, -1), 2.5)",
            {
                "operation": "padding",
                "padding": [[1, -1]],
                "padding_mode": "constant",
                "padding_value": 2.5,
            },
        ),
        ("nn.SiLU()", {"operation": "activation", "activation": "silu"}),
    ],
)
def test_layers_without_a_window_are_read(call: str, spec: Json) -> None:
    found = read_network(f"nn.Sequential({call})")
    assert found is not None
    assert found.notes == []
    assert found.layers[0].model_dump(mode="json", exclude_unset=True) == spec


@pytest.mark.parametrize(
    "text",
    [
        "nn.Sequential(" * 300 + ")" * 300,
        "Sequential = 3",
        "nn.Sequential(*layers)",
        "nn.Sequential(",
        "x = [x]\nnn.Sequential(*x)",
        "Sequential\0",
    ],
)
def test_a_sequential_without_layers_is_none(text: str) -> None:
    assert read_network(text) is None


def test_a_slope_that_is_not_known_is_told() -> None:
    found = read_network("nn.Sequential(nn.LeakyReLU(0.2), nn.Dropout(rate))")
    assert found is not None
    assert "the slope 0.01 here, and this one has 0.2" in " ".join(found.notes)
    assert "its rate is not told in the text" in " ".join(found.notes)


@pytest.mark.parametrize(
    ("text", "depthwise", "pointwise"),
    [
        (
            'SeparableConv2D(64, 3, padding="same", activation="relu")',
            {"filters": 3, "groups": 3, "kernel": 3, "padding": "same", "bias": False},
            {"filters": 64, "kernel": 1, "activation": "relu"},
        ),
        (
            "y = tf.keras.layers.SeparableConv1D(8, 5, strides=2, depth_multiplier=2, use_bias=False)(x)",
            {"filters": 6, "groups": 3, "kernel": 5, "stride": 2, "bias": False},
            {"filters": 8, "kernel": 1, "bias": False},
        ),
        (
            'layers.SeparableConv2D(4, (3, 5), data_format="channels_first", input_shape=(6, 32, 32))',
            {"filters": 6, "groups": 6, "kernel": [3, 5], "bias": False},
            {"filters": 4, "kernel": 1},
        ),
    ],
)
def test_a_separable_convolution_is_two_layers_in_a_network_and_says_so_alone(
    client: TestClient, text: str, depthwise: Json, pointwise: Json
) -> None:
    first, second = pasted(client, text)["layers"]
    rules = {"operation": "convolution", "rules": "keras"}
    assert (first, second) == (rules | depthwise, rules | pointwise)
    alone = client.post("/api/v1/read", json={"text": text}).json()
    assert alone["layers"] == [first]
    assert any("Read as one layer it is the depthwise one" in note for note in alone["notes"])
