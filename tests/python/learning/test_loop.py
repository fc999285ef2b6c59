"""The loop: what it draws, that it repeats, goes on and learns, and what it refuses."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Unfit
from app.core.learning.examples import Examples, Part
from app.core.learning.loop import How, Report, Training
from app.core.learning.optimisers import OPTIMISERS, Settings, settings_of
from app.core.learning.starts import start_row
from app.core.network.shapes import Shapes
from app.data.augmentation import Augmentation, augmented
from app.data.sets import StrokesData, examples_of

from ..network.nets import conv, pool, shapes

DENSE = {"operation": "dense", "filters": 2, "bias": True}
LAYERS = [
    conv(filters=4, bias=True, padding="same", activation="relu"),
    pool(),
    DENSE,
]
DATA = StrokesData(kind="strokes", count=70, validation=40)
ADAM = settings_of("adam", 0.01)


def training(
    layers: list[Any] | None = None, data: StrokesData = DATA, augment: Any = None, seed: int = 0, **how: Any
) -> Training:
    examples = examples_of(data, seed)
    net: Shapes = shapes(layers or LAYERS, examples.shape)
    given = How(**{"optimiser": ADAM, "batch": 16, "seed": seed, **how})
    return Training(net, examples, start_row(net, "pytorch", seed), given, augment)


def last(one: Training, steps: int, every: int = 10) -> Report:
    reports = [found for found in one.run(steps, every) if isinstance(found, Report)]
    return reports[-1]


def test_x_or_o_is_learned() -> None:
    report = last(training(data=StrokesData(kind="strokes", count=300, validation=200)), 60)
    assert report.validation is not None
    assert report.validation.accuracy is not None
    assert report.validation.accuracy >= 0.98


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy", "mean_squared_error", "huber"])
@pytest.mark.parametrize("kind", sorted(OPTIMISERS))
def test_every_optimiser_lowers_every_loss(loss: str, kind: str) -> None:
    one = training(loss=loss, optimiser=settings_of(kind, 0.02))
    first = next(found for found in one.run(0, 1) if isinstance(found, Report))
    assert last(one, 30).training.loss < 0.8 * first.training.loss


def test_every_example_is_seen_once_an_epoch() -> None:
    one = training()
    assert one.steps_per_epoch == 5
    for epoch in range(3):
        seen = np.concatenate([one.chosen(epoch * 5 + step) for step in range(5)])
        assert sorted(seen) == list(range(70))


def test_the_same_seed_gives_the_same_numbers_and_another_gives_others() -> None:
    rows = []
    for seed in (1, 1, 2):
        one = training(seed=seed)
        last(one, 12)
        rows.append(one.row)
    np.testing.assert_array_equal(rows[0], rows[1])
    assert (rows[0] != rows[2]).any()


@given(st.integers(0, 9), st.sampled_from(sorted(OPTIMISERS)))
def test_going_on_from_a_checkpoint_gives_what_would_have_been(step: int, kind: str) -> None:
    """On another server too: a checkpoint has the parameters and the optimiser's rows, and nothing else is needed."""
    uninterrupted = training(optimiser=settings_of(kind, 0.02))
    kept = None
    for _ in range(10):
        if uninterrupted.step == step:
            kept = uninterrupted.checkpoint()
        uninterrupted.train()
    assert kept is not None
    again = training(optimiser=settings_of(kind, 0.02))
    again.restore(kept)
    while again.step < 10:
        again.train()
    np.testing.assert_array_equal(again.row, uninterrupted.row)


def test_reports_change_nothing() -> None:
    often, seldom = training(), training()
    last(often, 12, 1)
    last(seldom, 12, 100)
    np.testing.assert_array_equal(often.row, seldom.row)


def test_augmentation_moves_neither_the_order_nor_the_start() -> None:
    how = Augmentation(shift=2)
    plain, changed = training(), training(augment=lambda x, step: augmented(x, how, 0, step))
    np.testing.assert_array_equal(plain.row, changed.row)
    np.testing.assert_array_equal(plain.chosen(7), changed.chosen(7))
    assert (plain.batch(0)[0] != changed.batch(0)[0]).any()
    np.testing.assert_array_equal(plain.batch(0)[1], changed.batch(0)[1])


def test_the_gradient_of_the_loop_is_what_differences_of_the_loss_say() -> None:
    one = training()
    one.row = one.row.astype(np.float64)
    one.gradient = np.zeros_like(one.row)
    one.forward_and_back()
    found = one.gradient.copy()
    way = np.random.default_rng(0).normal(size=one.row.shape)
    start = one.row.copy()
    values = []
    for size in (1e-6, -1e-6):
        one.row[...] = start + size * way
        values.append(one.forward_and_back())
    assert float(found @ way) == pytest.approx((values[0] - values[1]) / 2e-6, rel=1e-5)


def test_a_loss_that_includes_an_activation_reads_what_comes_before_it() -> None:
    """Softmax behind the last layer changes nothing of the training."""
    plain, softmax = training(), training([*LAYERS[:-1], {**DENSE, "activation": "softmax"}])
    for one in (plain, softmax):
        last(one, 10)
    np.testing.assert_array_equal(plain.row, softmax.row)


def test_one_output_is_enough_for_two_classes() -> None:
    one = training([*LAYERS[:-1], {**DENSE, "filters": 1}], loss="binary_cross_entropy")
    accuracy = last(one, 60).training.accuracy
    assert accuracy is not None
    assert accuracy >= 0.9


@pytest.mark.parametrize("rate", [10.0, 1e9])
def test_a_rate_that_is_far_too_large_ends_in_numbers_and_not_in_an_error(rate: float) -> None:
    report = last(training(optimiser=Settings("sgd", rate)), 30)
    assert report.step == 30
    assert not report.training.loss < 0.1


@pytest.mark.parametrize(
    ("layers", "loss", "words"),
    [
        (
            [*LAYERS[:-1], {**DENSE, "filters": 3}],
            "cross_entropy",
            "gives 3×1, and the loss reads 2 outputs, one",
        ),
        (LAYERS[:-1], "cross_entropy", "gives 4×4×4"),
        ([*LAYERS[:-1], {**DENSE, "filters": 1}], "cross_entropy", "gives 1×1"),
        ([*LAYERS[:-1], {**DENSE, "filters": 3}], "huber", "or a single one"),
    ],
)
def test_a_network_whose_last_layer_does_not_fit_is_refused(layers: list[Any], loss: str, words: str) -> None:
    with pytest.raises(Unfit, match=re.escape(words)):
        training(layers, loss=loss)


def refused(x: np.ndarray, labels: list[int]) -> str:
    examples = Examples(Part(x, np.array(labels)), Part(x[:0], np.zeros(0, np.intp)), ("X", "O"))
    net = shapes(LAYERS, examples.shape)
    with pytest.raises(Unfit) as problem:
        Training(net, examples, start_row(net, "pytorch", 0), How(optimiser=ADAM))
    return problem.value.detail


def test_examples_that_nothing_can_be_learned_from_are_refused() -> None:
    x = np.ones((4, 1, 9, 9), np.float32)
    assert "all examples to train on are of one class, O" in refused(x, [1, 1, 1, 1])
    assert "there is 1 example to train on" in refused(x[:1], [0])
    x[2, 0, 3, 3] = np.nan
    assert "example 2 of the training part holds a number that is not finite" in refused(x, [0, 1, 0, 1])
