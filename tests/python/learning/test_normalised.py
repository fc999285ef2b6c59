"""Batch normalisation and dropout in training: batch statistics with their gradients, what is kept, what is dropped."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.core.learning.loop import Training
from app.core.network.backward import BatchNetwork
from app.core.network.forward import output_of
from app.core.network.parameters import Parameters, statistics_of

from ..network.nets import conv, pool, shapes
from .test_loop import DENSE, last, training

BN = {"operation": "batch_normalisation", "name": "bn"}
DROP = {"operation": "dropout", "rate": 0.5, "name": "drop"}
LAYERS = [conv(filters=4, bias=True, padding="same"), {**BN, "activation": "relu"}, pool(), DENSE]


def nothing(name: str, rate: float, shape: tuple[int, ...]) -> np.ndarray:
    """Masks of a network that drops nothing."""
    return np.ones(shape)


def network(seed: int = 0) -> tuple[BatchNetwork, np.ndarray, np.ndarray]:
    """A normalisation on a batch of five, with its row and its input."""
    net = shapes([{**BN, "activation": "tanh"}], (3, 2, 2))
    rng = np.random.default_rng(seed)
    row = rng.normal(1, 0.3, Parameters.of(net).size)
    return BatchNetwork(net, 5, row, to_source=True), row, rng.normal(2, 3, (3, 2, 2, 5))


def test_a_batch_is_normalised_by_its_own_statistics() -> None:
    net = shapes([BN], (3, 2, 2))
    row = np.array([1.0, 1, 1, 0, 0, 0])
    running = BatchNetwork(net, 5, row)
    output = running.forward(np.random.default_rng(0).normal(2, 3, (3, 2, 2, 5)), nothing)
    np.testing.assert_allclose(output.reshape(3, -1).mean(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(output.reshape(3, -1).std(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("trains", [True, False])
def test_its_gradients_are_what_differences_say(trains: bool) -> None:
    masks = nothing if trains else None
    running, row, x = network()
    given = np.random.default_rng(1).normal(size=x.shape)
    running.forward(x, masks)
    back = running.backward(given)
    assert back is not None
    to_row = running.gradient.copy()
    for array, gradient in ((x, back), (row, to_row)):
        way = np.random.default_rng(2).normal(size=array.shape)
        start, values = array.copy(), []
        for size in (1e-6, -1e-6):
            array[...] = start + size * way
            values.append(float(np.vdot(running.forward(x, masks), given)))
        array[...] = start
        assert float(np.vdot(gradient, way)) == pytest.approx((values[0] - values[1]) / 2e-6, rel=1e-5)


def test_a_tenth_of_each_batch_goes_into_what_is_kept_its_variance_unbiased() -> None:
    net = shapes([BN], (1, 2))
    kept = statistics_of(net)
    running = BatchNetwork(net, 2, np.array([1.0, 0]), statistics=kept)
    x = np.array([[[1.0, 2], [3, 6]]])
    running.forward(x, nothing)
    assert kept["bn"]["mean"] == pytest.approx([0.3])
    assert kept["bn"]["variance"] == pytest.approx([0.9 + 0.1 * x.var(ddof=1)])
    before = {name: one.copy() for name, one in kept["bn"].items()}
    running.forward(x)
    for name, one in before.items():
        np.testing.assert_array_equal(kept["bn"][name], one)


def test_what_it_gives_as_evaluated_is_what_the_network_gives_with_what_it_kept() -> None:
    one = training(LAYERS)
    last(one, 20)
    part = one.examples.validation
    found = one.outputs(part.x[:1])[:, 0]
    row = one.parameters.views(one.row)

    def tensors(placed: Any) -> Any:
        own = placed.node.operation.own
        if own is None:
            given = row.get(placed.node.name, {})
            return given.get("weight"), given.get("bias")
        named = {**row["bn"], **one.statistics["bn"]}
        factor, summand = own.folded(named, placed.node.spec)
        shape = placed.geometry.weight_shape
        return factor.reshape(shape).astype(np.float32), summand.astype(np.float32)

    expected = output_of(one.shapes, part.x[0], tensors)[1]
    np.testing.assert_allclose(found, expected.reshape(-1), rtol=1e-4, atol=1e-4)


def test_it_starts_as_frameworks_start_it_and_is_learned() -> None:
    one = training(LAYERS)
    views = one.parameters.views(one.row)
    assert views["bn"]["gain"].tolist() == [1] * 4
    assert views["bn"]["offset"].tolist() == [0] * 4
    report = last(one, 40)
    assert report.validation is not None
    assert report.validation.accuracy is not None
    assert report.validation.accuracy >= 0.9
    assert (one.parameters.views(one.row)["bn"]["gain"] != 1).all()


def test_a_checkpoint_keeps_what_was_measured() -> None:
    uninterrupted, again = training(LAYERS), training(LAYERS)
    for _ in range(5):
        uninterrupted.train()
    again.restore(uninterrupted.checkpoint())
    for one in (uninterrupted, again):
        for _ in range(5):
            one.train()
    np.testing.assert_array_equal(uninterrupted.row, again.row)
    for (name, mine), (_, theirs) in zip(uninterrupted.measured(), again.measured(), strict=True):
        np.testing.assert_array_equal(mine, theirs, err_msg=name)


def dropping() -> Training:
    return training([{**DENSE, "filters": 64}, DROP, DENSE])


def test_half_of_the_cells_are_dropped_the_others_doubled_and_each_step_draws_anew() -> None:
    one = dropping()
    masks = [one.masks_of(step, 16)["drop"] for step in (0, 0, 1)]
    assert set(np.unique(masks[0])) == {0, 2}
    assert masks[0].mean() == pytest.approx(1, abs=0.1)
    np.testing.assert_array_equal(masks[0], masks[1])
    assert (masks[0] != masks[2]).any()


def test_evaluation_drops_nothing() -> None:
    one = dropping()
    x = one.examples.training.x[:8]
    np.testing.assert_array_equal(one.outputs(x), one.outputs(x))


def test_dropout_moves_neither_start_nor_order() -> None:
    plain, dropped = training([{**DENSE, "filters": 64}, {**DROP, "rate": 0.0}, DENSE]), dropping()
    np.testing.assert_array_equal(plain.row, dropped.row)
    np.testing.assert_array_equal(plain.chosen(6), dropped.chosen(6))
    assert plain.train() != dropped.train()
