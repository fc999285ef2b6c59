"""Gradients by four ways that share little: the definition, the fast engine, differences of the output, and PyTorch."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.core.activations import ACTIVATIONS
from app.core.combines import COMBINES
from app.core.engine.batch import BatchLayer
from app.core.engine.gradients import Gradients, gradients, replay_gradients
from app.core.engine.trace import Layer, replay
from app.core.errors import Unfit
from app.core.geometry import geometry
from app.operations import registry

from ...frameworks.answers import bias_values, input_values, weight_values
from ...frameworks.gradients import upstream_values
from ...golden.cases import draw_shape, draw_spec
from .drawing import layer_of, layers

Json = dict[str, Any]
Float64 = NDArray[np.float64]

RECORDED = Path(__file__).parents[2] / "frameworks" / "recorded" / "pytorch_gradients.json"
PARTS = ("input", "weight", "bias")
LINEAR = sorted(
    name
    for name, combine in COMBINES.items()
    if combine.reduce in ("sum", "pick") and combine.term != "power"
)
SETTINGS = 10  # of each operation that differences are taken of


def widened(layer: Layer) -> Layer:
    """The layer in float64."""
    weight, bias = (None if one is None else one.astype(np.float64) for one in (layer.weight, layer.bias))
    return dataclasses.replace(layer, x=layer.x.astype(np.float64), weight=weight, bias=bias)


def output(layer: Layer) -> Float64:
    """The output by the definition, (lanes, *sizes)."""
    return replay(layer).reshape(layer.geometry.walk.output_shape)


def upstream(layer: Layer, seed: int = 0) -> Float64:
    """Some gradient of the output."""
    return np.random.default_rng(seed).normal(size=layer.geometry.walk.output_shape)


def assert_same(found: Gradients, expected: Gradients, tolerance: float) -> None:
    """The same gradients, part by part."""
    for name in PARTS:
        mine, theirs = getattr(found, name), getattr(expected, name)
        assert (mine is None) == (theirs is None), name
        if mine is not None:
            np.testing.assert_allclose(mine, theirs, rtol=tolerance, atol=tolerance, err_msg=name)


@given(layers(most_work=40_000))
def test_the_fast_engine_gives_what_the_definition_gives(layer: Layer) -> None:
    exact = widened(layer)
    assert_same(gradients(exact, upstream(exact)), replay_gradients(exact, upstream(exact)), 1e-9)


def drawn(name: str, count: int) -> list[Layer]:
    """Layers of one operation that fit, in float64."""
    rng, found = random.Random(name), list[Layer]()
    while len(found) < count:
        shape = draw_shape(rng)
        try:
            layer = layer_of(draw_spec(rng, registry()[name], len(shape) - 1), shape, rng.randrange(2**32))
        except Unfit:
            continue
        if layer.geometry.operations <= 20_000:
            found.append(widened(layer))
    return found


def differences(layer: Layer, part: str, direction: Float64, given: Float64) -> list[float]:
    """How ⟨given, output⟩ changes along a direction, by central differences of three sizes."""
    found = []
    for size in (1e-5, 4e-6, 1e-6):
        start = getattr(layer, part)
        ahead = output(dataclasses.replace(layer, **{part: start + size * direction}))
        behind = output(dataclasses.replace(layer, **{part: start - size * direction}))
        found.append(float(np.vdot(given, (ahead - behind) / (2 * size))))
    return found


@pytest.mark.parametrize("name", sorted(registry()))
def test_gradients_are_what_differences_of_the_output_say(name: str) -> None:
    """Where differences of several sizes say different things a kink lies between, and nothing can be told."""
    checked = asked = 0
    for index, layer in enumerate(drawn(name, SETTINGS)):
        given = upstream(layer, index)
        if not np.isfinite(output(layer)).all():
            continue
        found = replay_gradients(layer, given)
        for part, gradient in zip(
            ("x", "weight", "bias"), (getattr(found, one) for one in PARTS), strict=True
        ):
            if gradient is None:
                continue
            direction = np.random.default_rng(index).normal(size=gradient.shape)
            said = float(np.vdot(gradient, direction))
            scale = max(1.0, float(np.abs(gradient * direction).sum()))
            by_size = differences(layer, part, direction, given)
            asked += 1
            if max(by_size) - min(by_size) > 1e-6 * scale:
                continue
            checked += 1
            assert abs(by_size[1] - said) <= 1e-6 * scale, (name, part, index, by_size, said)
    assert checked >= 0.6 * asked > 0


@pytest.mark.parametrize("combine", LINEAR)
@given(data=st.data())
def test_the_way_back_of_a_linear_layer_is_its_transpose(combine: str, data: st.DataObject) -> None:
    """⟨A x, y⟩ = ⟨x, Aᵀ y⟩, the layer being A x + its output for an input of zeros."""
    layer = widened(data.draw(layers(most_work=40_000, combine=combine, activated=False)))
    still = np.nan_to_num(output(dataclasses.replace(layer, x=np.zeros_like(layer.x))))
    given = upstream(layer)
    ahead = float(np.vdot(np.nan_to_num(output(layer)) - still, given))
    for way in (gradients, replay_gradients):
        back = np.where(np.isfinite(found := way(layer, given).input), found, 0)
        assert ahead == pytest.approx(float(np.vdot(layer.x, back)), rel=1e-9, abs=1e-9)


@given(layers(most_work=40_000), st.integers(1, 4))
def test_a_batch_gives_what_its_examples_give_one_by_one(layer: Layer, count: int) -> None:
    exact = widened(layer)
    rng = np.random.default_rng(count)
    x = rng.normal(size=(*exact.x.shape, count))
    given = rng.normal(size=(*exact.geometry.walk.output_shape, count))
    running = BatchLayer(exact.geometry, count, x.dtype)
    values = running.forward(x, exact.weight, exact.bias).copy()
    back = running.backward(given)
    assert back is not None
    alone = [dataclasses.replace(exact, x=np.ascontiguousarray(x[..., one])) for one in range(count)]
    each = [gradients(one, given[..., place]) for place, one in enumerate(alone)]
    for place, one in enumerate(alone):
        np.testing.assert_allclose(values[..., place], one.run(), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(back[..., place], each[place].input, rtol=1e-9, atol=1e-9)
    for name, found in (("weight", running.weight_gradient), ("bias", running.bias_gradient)):
        if found is not None:
            total = sum(getattr(one, name) for one in each)
            np.testing.assert_allclose(found, total, rtol=1e-9, atol=1e-9)


@given(layers(most_work=40_000))
def test_running_a_layer_again_gives_the_same(layer: Layer) -> None:
    """A layer keeps for the way back only its last run, whatever ran before."""
    running = BatchLayer(layer.geometry, 1, layer.x.dtype)
    given = upstream(layer).astype(layer.x.dtype)[..., None]
    found = []
    for x in (layer.x, layer.x * 3 + 1, layer.x):
        running.forward(x[..., None], layer.weight, layer.bias)
        back = running.backward(given)
        assert back is not None
        found.append(back.copy())
    np.testing.assert_array_equal(found[0], found[2])


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@given(st.lists(st.floats(-6, 6).filter(lambda x: abs(x) > 1e-3), min_size=2, max_size=6))
def test_an_activation_passes_back_its_derivative(name: str, values: list[float]) -> None:
    activation = ACTIVATIONS[name]
    before = np.array(values)
    given = np.random.default_rng(len(values)).normal(size=before.shape)

    def applied(x: Float64) -> Float64:
        after = x.copy()
        activation.apply(after, 0)
        return after

    found = activation.pullback(given, before, applied(before), 0)
    for place in range(len(before)):
        one = np.zeros_like(before)
        one[place] = 1e-6
        change = float(given @ (applied(before + one) - applied(before - one))) / 2e-6
        assert found[place] == pytest.approx(change, rel=1e-6, abs=1e-8)


def test_the_first_of_equal_maxima_takes_the_gradient_and_a_nan_before_them() -> None:
    layer = widened(layer_of({"operation": "max_pooling", "kernel": 2}, (1, 2, 4)))
    layer = dataclasses.replace(layer, x=np.array([[[1.0, 2, 3, 3], [2, 2, 3, np.nan]]]))
    for way in (gradients, replay_gradients):
        np.testing.assert_array_equal(
            way(layer, np.array([[[5.0, 7.0]]])).input, [[[0, 5, 0, 0], [0, 0, 0, 7]]]
        )


def test_padding_that_shows_a_cell_gives_it_its_part_of_the_gradient() -> None:
    """A reflected cell is read twice, and a cell beside zeros once."""
    spec: Json = {"operation": "convolution", "kernel": 2, "padding": [[1, 0]], "filters": 1}
    for mode, expected in (
        ("reflect", [2, 3, 1]),
        ("symmetric", [3, 2, 1]),
        ("replicate", [3, 2, 1]),
        ("circular", [2, 2, 2]),
    ):
        layer = widened(layer_of({**spec, "padding_mode": mode}, (1, 3)))
        layer = dataclasses.replace(layer, weight=np.ones((1, 1, 2)))
        for way in (gradients, replay_gradients):
            np.testing.assert_array_equal(way(layer, np.ones((1, 3))).input, [expected])


def recorded() -> list[Json]:
    """What PyTorch's autograd answered."""
    cases: list[Json] = json.loads(RECORDED.read_text(encoding="utf-8"))["cases"]
    return cases


@pytest.mark.parametrize("name", sorted({case["spec"]["operation"] for case in recorded()}))
def test_gradients_are_those_of_autograd(name: str) -> None:
    for case in recorded():
        if case["spec"]["operation"] != name:
            continue
        operation = registry()[name]
        spec = operation.spec.model_validate({**case["spec"], "rules": "pytorch"})
        built = geometry(operation, spec, tuple(case["input_shape"]))
        weight = weight_values(built.weight_shape) if built.weight_shape else None
        bias = bias_values(built.bias_shape[0]) if built.bias_shape else None
        x = input_values(tuple(case["input_shape"]), case["modulus"])
        layer = widened(Layer(operation, built, x, weight, bias))
        given = upstream_values(built.output_shape).astype(np.float64).reshape(built.walk.output_shape)
        for way in (gradients, replay_gradients):
            found = way(layer, given)
            for part in PARTS:
                if case[part] is None:
                    continue
                mine = getattr(found, part)
                assert mine is not None, (case["spec"], part)
                np.testing.assert_allclose(
                    mine, np.array(case[part]).reshape(mine.shape), rtol=2e-5, atol=2e-5, err_msg=str(case)
                )


def test_at_least_five_hundred_settings_of_autograd_are_recorded() -> None:
    """With what is easily wrong among them: padding modes, ceil mode, ties, adaptive and transposed."""
    cases = recorded()
    assert len(cases) >= 500
    specs = [case["spec"] for case in cases]
    for mode in ("reflect", "replicate", "circular"):
        assert sum(spec.get("padding_mode") == mode for spec in specs) >= 5
    assert sum(bool(spec.get("ceil_mode")) for spec in specs) >= 20
    assert sum(spec["operation"].startswith("adaptive") for spec in specs) >= 40
    assert sum(spec["operation"] == "transposed_convolution" for spec in specs) >= 40
    assert sum(case["modulus"] == 3 and case["spec"]["operation"] == "max_pooling" for case in cases) >= 10
    unrecorded = set(ACTIVATIONS) - {spec.get("activation", "none") for spec in specs}
    assert not unrecorded, "record it where PyTorch is installed: python -m tests.frameworks.gradients"
