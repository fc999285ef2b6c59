"""Graphs: names, inputs, order, and the refusals of what is no network."""

from __future__ import annotations

import random
from typing import Any

import pytest

from app.core.errors import Unfit
from app.core.network.graph import MOST_LAYERS, network_of
from app.core.plan import plan_layer
from app.operations import registry

from .nets import Json, conv, pool, shapes

DENSE: Json = {"operation": "dense", "filters": 2}


def test_names_come_from_the_operation_and_the_next_free_number() -> None:
    net = shapes([conv(), pool(), conv(name="conv2"), conv(), {"operation": "dense"}], (1, 20, 20)).network
    assert [node.name for node in net.layers] == ["conv1", "max_pooling1", "conv2", "conv3", "dense1"]
    assert [node.inputs for node in net.layers][:3] == [("input",), ("conv1",), ("max_pooling1",)]


def test_a_layer_may_read_one_that_is_written_later() -> None:
    net = shapes(
        [conv(1, name="b", inputs=["a"]), conv(1, name="a", inputs=["input"]), conv(1, inputs=["b"])],
        (1, 4, 4),
    ).network
    assert [node.name for node in net.order] == ["a", "b", "conv1"]
    assert [node.name for node in net.before(net.by_name["b"])] == ["a", "b"]


REFUSED: list[tuple[list[Json], str, str, str]] = [
    ([conv(name="a"), conv(name="a")], "/layers/1/name", "layer 1 is called a too", "name of its own"),
    ([conv(inputs=["b"])], "/layers/0/inputs/0", "no layer has this name", "Use one of input"),
    ([conv(name="a", inputs=["a"])], "/layers/0/inputs", "a reads a", "input"),
    (
        [conv(1, name="a", inputs=["c"]), conv(1, name="b"), conv(1, name="c")],
        "/layers/1/inputs",
        "b reads a reads c reads b",
        "earlier layer",
    ),
    (
        [conv(1, name="a"), conv(1, name="b", inputs=["input"])],
        "/layers/0",
        "no layer reads a",
        "Leave it out",
    ),
    (
        [conv(3, name="a"), conv(5, name="b", inputs=["input"]), conv(1, inputs=["a", "b"])],
        "/layers/2/inputs/1",
        "differ in size",
        "padding",
    ),
    (
        [conv(1, name="a"), pool(2, name="b", inputs=["input"]), conv(1, inputs=["a", "b"])],
        "/layers/2/inputs/1",
        "differ in size",
        "upsampling with factor 2",
    ),
    (
        [conv(1, name="a", filters=3), {"operation": "add", "inputs": ["input", "a"]}],
        "/layers/1/inputs/1",
        "differ in channels",
        "kernel of 1 and 1 filter",
    ),
    (
        [conv(1), {"operation": "add", "inputs": ["input", "conv1"], "parts": 3}],
        "/layers/1/parts",
        "reads 2 layers",
        "use 2",
    ),
    ([conv(1), {"operation": "multiply", "parts": 2}], "/layers/1/parts", "2 equal parts", "Use 1"),
    ([conv(3), conv(9)], "/layers/1/kernel", "conv2 reads conv1 (1×6×6)", "kernel of at most 6"),
    ([{"operation": "nearest_upsampling", "factor": 2000}] * 3, "/layers/1/factor", "longer than", "Use"),
    (
        [{"operation": "transposed_convolution", "kernel": 1, "stride": 4096}] * 1000,
        "/layers/1",
        "no axis may be longer",
        "smaller factor",
    ),
]


@pytest.mark.parametrize(("layers", "pointer", "reason", "remedy"), REFUSED)
def test_what_is_no_network_is_refused_with_its_layer_and_a_remedy(
    layers: list[Json], pointer: str, reason: str, remedy: str
) -> None:
    with pytest.raises(Unfit) as caught:
        shapes(layers, (1, 8, 8))
    problem = caught.value
    assert problem.pointer == pointer
    assert reason in problem.reason
    assert remedy in problem.remedy


def test_the_two_shapes_that_do_not_meet_are_told() -> None:
    layers = [conv(3, filters=4, name="a"), conv(5, inputs=["input"], name="b"), conv(1, inputs=["a", "b"])]
    with pytest.raises(Unfit) as caught:
        shapes(layers, (1, 8, 8))
    assert caught.value.value == "4×6×6 and 1×4×4"


def test_a_thousand_layers_are_ordered_and_their_chain_in_reverse_too() -> None:
    forwards = [conv(1, name=f"a{index}") for index in range(MOST_LAYERS)]
    assert len(shapes(forwards, (1, 4, 4)).network.order) == MOST_LAYERS
    last = MOST_LAYERS - 1
    backwards = [conv(1, name=f"a{index}", inputs=[f"a{index + 1}"]) for index in range(last)]
    backwards.append(conv(1, name=f"a{last}", inputs=["a0"]))
    with pytest.raises(Unfit, match="comes of itself"):
        shapes(backwards, (1, 4, 4))


def test_vectors_stand_between_layers_as_channels_with_one_cell() -> None:
    net = shapes([conv(3), {**DENSE, "name": "hidden"}, {**DENSE, "filters": 5}], (1, 9, 9))
    assert net.shape_of("hidden") == (2, 1)
    assert net.placed["dense1"].geometry.weight_shape == (5, 2, 1)
    assert net.placed["dense1"].geometry.output_shape == (5,)


def test_inputs_are_their_channels_one_after_another() -> None:
    layers = [conv(1, filters=3, name="a"), conv(1, filters=2, inputs=["input", "a", "a"])]
    assert shapes(layers, (1, 4, 4)).placed["conv1"].input_shape == (7, 4, 4)


def test_a_name_and_inputs_are_no_parameters_and_change_nothing_of_a_layer() -> None:
    for operation in registry().values():
        names = [parameter["name"] for parameter in operation.describe()["parameters"]]
        assert not {"name", "inputs"} & set(names)
        model: Any = operation.spec
        plain, named = (
            model.model_validate({"operation": operation.name, **more})
            for more in ({}, {"name": "one", "inputs": ["input"]})
        )
        assert named.bare == plain
        assert hash(named.bare) == hash(plain)
        assert named.bare.model_dump() == plain.model_dump()
        assert not {"name", "inputs"} & plain.model_dump().keys()
        try:
            assert plan_layer(operation, named.bare, (4, 8, 8)) == plan_layer(operation, plain, (4, 8, 8))
        except Unfit:
            continue


def test_any_order_of_the_same_layers_is_the_same_network() -> None:
    layers = [
        conv(1, name=name, inputs=inputs)
        for name, inputs in (("a", ["input"]), ("b", ["a"]), ("c", ["a", "b"]), ("d", ["c", "a"]))
    ]
    expected = shapes(layers, (2, 5, 5))
    rng = random.Random(1)
    for _ in range(10):
        mixed = [*rng.sample(layers[:-1], 3), layers[-1]]
        found = shapes(mixed, (2, 5, 5))
        assert {name: found.shape_of(name) for name in "abcd"} == {
            name: expected.shape_of(name) for name in "abcd"
        }


def test_a_network_is_made_without_knowing_an_input() -> None:
    specs = [registry()["convolution"].spec.model_validate(conv())]
    assert network_of(specs, registry()).last.name == "conv1"
