"""Gradients through networks: forward as networks run, backward as differences of the output say."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.core.network.backward import BatchNetwork, SourceGradient
from app.core.network.forward import output_of
from app.core.network.parameters import Parameters
from app.core.network.shapes import Shapes

from .nets import conv, drawn, pool, shapes

Json = dict[str, Any]
Float64 = NDArray[np.float64]
Tensors = dict[str, dict[str, Float64]]


def tensors_of(net: Shapes, rng: np.random.Generator) -> Tensors:
    """Normal parameters of every layer, small enough that deep products stay near 1."""
    found: Tensors = {}
    for tensor in Parameters.of(net).tensors:
        found.setdefault(tensor.layer, {})[tensor.name] = rng.normal(0, 0.5, tensor.shape)
    return found


def run(net: Shapes, x: Float64, tensors: Tensors) -> Float64:
    """The last layer's output, as networks run."""

    def given(placed: Any) -> Any:
        found, own = tensors.get(placed.node.name, {}), placed.node.operation.own
        if own is None:
            return found.get("weight"), found.get("bias")
        factor, summand = own.folded({**own.started(len(found["gain"])), **found}, placed.node.spec)
        return factor.reshape(placed.geometry.weight_shape), summand

    return np.asarray(output_of(net, x, given)[1], np.float64)


def drawn_case(seed: int) -> tuple[Shapes, Float64, Tensors, Float64]:
    """A drawn network with input, parameters and the gradient of its output."""
    net = drawn(random.Random(seed))
    rng = np.random.default_rng(seed)
    x, tensors = rng.normal(size=net.input_shape), tensors_of(net, rng)
    return net, x, tensors, rng.normal(size=net.placed[net.network.last.name].shape)


@given(st.integers(0, 10_000))
def test_a_network_that_trains_gives_what_the_network_gives(seed: int) -> None:
    net, x, tensors, upstream = drawn_case(seed)
    output = SourceGradient.of(net, x, tensors, upstream).output
    np.testing.assert_allclose(output.reshape(-1), run(net, x, tensors).reshape(-1), rtol=1e-8, atol=1e-8)


def test_gradients_of_networks_are_what_differences_of_the_output_say() -> None:
    """Along one direction through all parameters and the input at once; where sizes disagree lies a kink."""
    checked = 0
    for seed in range(40):
        net, x, tensors, upstream = drawn_case(seed)
        found = SourceGradient.of(net, x, tensors, upstream)
        output, to_input, to_tensors = found.output, found.input, found.parameters
        if not np.isfinite(output).all():
            continue
        rng = np.random.default_rng(seed)
        way = rng.normal(size=x.shape)
        ways = {
            name: {one: rng.normal(size=tensor.shape) for one, tensor in own.items()}
            for name, own in tensors.items()
        }
        said = float(np.vdot(to_input, way)) + sum(
            float(np.vdot(to_tensors[name][one], ways[name][one])) for name in ways for one in ways[name]
        )

        def moved(
            size: float, net: Any = net, x: Any = x, tensors: Any = tensors, way: Any = way, ways: Any = ways
        ) -> Float64:
            own = {
                name: {one: tensor + size * ways[name][one] for one, tensor in kept.items()}
                for name, kept in tensors.items()
            }
            return run(net, x + size * way, own).reshape(-1)

        by_size = [
            float(upstream.reshape(-1) @ (moved(size) - moved(-size))) / (2 * size)
            for size in (1e-5, 3e-6, 1e-6)
        ]
        scale = max(1.0, *(abs(one) for one in (*by_size, said)))
        if max(by_size) - min(by_size) > 1e-6 * scale:
            continue
        checked += 1
        assert abs(by_size[1] - said) <= 2e-6 * scale, (seed, by_size, said)
    assert checked >= 20


def test_what_two_layers_read_gets_the_gradient_of_both() -> None:
    """x + x is 2 x, whichever way it is written."""
    net = shapes(
        [
            {"operation": "activation", "name": "a"},
            {"operation": "add", "inputs": ["a", "a"], "name": "b"},
            {"operation": "add", "inputs": ["b", "a"]},
        ],
        (1, 2, 2),
    )
    found = SourceGradient.of(net, np.ones((1, 2, 2)), {}, np.ones((1, 2, 2)))
    np.testing.assert_array_equal(found.output, np.full((1, 2, 2), 3.0))
    np.testing.assert_array_equal(found.input, np.full((1, 2, 2), 3.0))


def test_one_cell_that_stands_for_many_gets_the_sum_of_their_gradients() -> None:
    """As in a squeeze-and-excitation block: a mean that multiplies every cell."""
    net = shapes(
        [
            {"operation": "global_average_pooling", "name": "mean"},
            {"operation": "multiply", "inputs": ["input", "mean"]},
        ],
        (1, 2, 2),
    )
    x = np.array([[[1.0, 2], [3, 6]]])
    to_input = SourceGradient.of(net, x, {}, np.ones((1, 2, 2))).input
    # y_i = x_i m, m = Σ x / 4: dy/dx_i = m + Σ x / 4 = 2 m.
    np.testing.assert_allclose(to_input, np.full((1, 2, 2), 6.0))


def test_nothing_is_computed_back_to_a_source_that_nobody_asks_about() -> None:
    net = shapes([conv(filters=2), pool(), {"operation": "dense", "filters": 2}], (1, 6, 6))
    row = np.ones(Parameters.of(net).size)
    x, back = np.ones((1, 6, 6, 3)), np.ones((2, 1, 3))
    for wanted in (True, False):
        network = BatchNetwork(net, 3, row, to_source=wanted)
        network.forward(x)
        assert (network.backward(back) is not None) == wanted
        assert network.gradient.any()


def test_a_row_of_parameters_holds_every_tensor_once() -> None:
    net = shapes([conv(filters=2, bias=True), pool(), {"operation": "dense", "filters": 3}], (1, 6, 6))
    parameters = Parameters.of(net)
    row = np.arange(parameters.size, dtype=float)
    assert [name for name, _ in parameters.named(row)] == ["conv1.weight", "conv1.bias", "dense1.weight"]
    assert np.concatenate([one.reshape(-1) for _, one in parameters.named(row)]).tolist() == row.tolist()
    np.testing.assert_array_equal(parameters.row(parameters.views(row), "float64"), row)


@pytest.mark.parametrize("count", [1, 4])
def test_a_three_dimensional_network_trains(count: int) -> None:
    net = shapes(
        [conv(filters=2, padding="same"), pool(), {"operation": "dense", "filters": 2}], (1, 4, 4, 4)
    )
    row = np.random.default_rng(0).normal(0, 0.1, Parameters.of(net).size)
    network = BatchNetwork(net, count, row)
    output = network.forward(np.random.default_rng(1).normal(size=(1, 4, 4, 4, count)))
    network.backward(np.ones_like(output))
    assert output.shape == (2, 1, count)
    assert np.isfinite(network.gradient).all()
    assert network.gradient.any()
