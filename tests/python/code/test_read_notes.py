"""Code in tells what it guessed and what it left out, and leaves unset what the text does not say."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from app.code.read.read import read


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ("kernel_shape: 3, 3\nstrides: 2, 2", "Conv"),
        ("strides=[2, 2], pads=[1, 1, 1, 1], kernel_shape=[2, 2], ceil_mode=1", "MaxPool"),
        ("output_shape: 10, 8\nkernel_shape: 3, 3\nstrides: 3, 2", "ConvTranspose"),
    ],
)
def test_a_guess_says_that_it_guessed(text: str, operator: str) -> None:
    assert f"{operator} is guessed" in read(text).notes[0]
    named = read(f"{operator}\n{text}")
    assert not any("guessed" in note for note in named.notes)


@pytest.mark.parametrize(
    ("text", "kept", "left"),
    [
        ("nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2))", "Conv2d on line 1.", ["MaxPool2d (line 1)"]),
        (
            "nn.Sequential(\n  nn.BatchNorm2d(3),\n  nn.Conv2d(3, 8, 3),\n  nn.ReLU(),\n  nn.Flatten(),\n)",
            "Conv2d on line 3, with its ReLU.",
            ["BatchNorm2d (line 2)", "Flatten (line 5)"],
        ),
        ("x = F.max_pool2d(F.relu(F.conv2d(x, w)), 2)", "max_pool2d on line 1.", ["conv2d (line 1)"]),
        ("model.add(Conv2D(8, 3))\nmodel.add(Dropout(0.5))", "Conv2D on line 1.", ["Dropout (line 2)"]),
        ("x = nn.Conv(8, (3, 3))(x)\nx = nn.max_pool(x, (2, 2))", "Conv on line 1.", ["max_pool (line 2)"]),
        (
            'make_node("Conv", ["x", "w"], ["a"])\nmake_node("Relu", ["a"], ["b"])\nmake_node("MaxPool", ["b"], ["y"])',
            "Conv on line 1, with its ReLU.",
            ["MaxPool (line 3)"],
        ),
    ],
)
def test_of_several_layers_the_one_that_is_kept_and_those_left_out_are_named(
    text: str, kept: str, left: list[str]
) -> None:
    note = read(text).notes[0]
    assert note == f"One layer is read: {kept} Left out: {', '.join(left)}."


@pytest.mark.parametrize(
    "text",
    [
        "nn.Conv2d(1, 2, 3)",
        "nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())",
        "nn.Sequential(nn.ReflectionPad2d(1), nn.Conv2d(3, 3, 3))",
        "F.relu(F.max_pool2d(x, 2))",
        "Conv2D(8, 3, kernel_initializer=HeNormal(), kernel_regularizer=l2(0.01))",
    ],
)
def test_a_layer_alone_has_no_note(text: str) -> None:
    assert read(text).notes == ()


@pytest.mark.parametrize(
    ("text", "features"),
    [
        ("nn.Linear(10, 3)", 10),
        ("F.linear(x, torch.zeros(3, 40))", 40),
        ("nnx.Linear(784, 10, rngs=rngs)", 784),
        ("Dense(10, input_shape=(28, 28))", 784),
        ("nn.LazyLinear(10)", None),
        ("Dense(10)", None),
    ],
)
def test_a_dense_layer_says_how_many_numbers_it_takes(text: str, features: int | None) -> None:
    found = read(text)
    assert found.input_features == features
    assert any(f"takes {features} numbers" in note for note in found.notes) == (features is not None)


@pytest.mark.parametrize(
    ("text", "unset"),
    [
        ("nn.ConvTranspose2d(64, 32, 4, 2, 1)", {"output_padding", "bias", "dilation", "groups"}),
        ("nn.AvgPool2d(2)", {"count_include_pad", "stride", "divisor", "padding", "ceil_mode"}),
        ("nn.Conv2d(3, 8, 3)", {"bias", "stride", "padding", "padding_mode"}),
        ("Conv2D(8, 3)", {"padding", "bias", "stride"}),
        ("MaxPooling2D()", {"kernel", "stride", "padding"}),
        ('make_node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2])', {"stride", "padding", "ceil_mode"}),
    ],
)
def test_a_default_of_the_framework_stays_unset(text: str, unset: set[str]) -> None:
    assert not read(text).spec.model_fields_set & unset


def test_what_other_rules_have_as_their_default_takes_the_place_of_this_one(client: TestClient) -> None:
    def shape(text: str, rules: str, **more: object) -> list[int]:
        (layer,) = client.post("/api/v1/read", json={"text": text}).json()["layers"]
        body = {"layers": [{**layer, "rules": rules, **more}], "input_shape": [64, 28, 28]}
        answer = client.post("/api/v1/plan", json=body)
        assert answer.status_code == 200, answer.text
        found: list[int] = answer.json()["layers"][0]["output_shape"]
        return found

    transposed = "nn.ConvTranspose2d(64, 32, 4, 2, 1)"
    assert shape(transposed, "pytorch") == [32, 56, 56]
    assert shape(transposed, "keras", padding="same") == [32, 56, 56]
    assert shape("nn.MaxPool2d(2)", "pytorch") == [64, 14, 14]
    assert shape("nn.MaxPool2d(2)", "onnx") == [64, 27, 27]
    for text, rules in (
        ("nn.AvgPool2d(2)", "keras"),
        ("Conv2D(8, 3)", "pytorch"),
        ("nn.AvgPool2d(2)", "onnx"),
    ):
        shape(text, rules)


def test_a_default_that_no_rules_have_is_set() -> None:
    assert read("nn.avg_pool(x, (2, 2))").spec.model_fields_set >= {"stride", "count_include_pad"}
    padded = read("x = F.pad(x, (2, 0))\nnn.Conv1d(4, 4, 3)").spec
    assert (padded.rules, padded.model_dump()["bias"]) == ("any", True)
