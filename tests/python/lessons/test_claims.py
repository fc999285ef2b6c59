"""Lessons claim nothing that another way of computing does not give: sizes by formula, training by plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.lessons.lesson import Lesson
from app.lessons.library import Library
from app.lessons.measured import recorded
from app.lessons.state import State
from tests.effects.experiments import EXPERIMENTS
from tests.effects.record import NAMES

LIBRARY = Library()


def lesson(name: str) -> Lesson:
    return LIBRARY.lesson(name)


def keys(name: str) -> list[Any]:
    return [step.ask.key.value for step in lesson(name).steps if step.ask]


def test_a_filter_gives_four_where_it_fits_and_minus_two_where_it_does_not() -> None:
    picture, stroke = 2 * np.eye(3) - 1, 2 * np.eye(2) - 1
    map_ = np.array([[(picture[r : r + 2, c : c + 2] * stroke).sum() for c in (0, 1)] for r in (0, 1)])
    assert map_.tolist() == [[4, -2], [-2, 4]]
    found = keys("what-a-filter-sees")
    assert found[:3] == [4, -2, [[0, 0], [1, 1]]]


def test_shapes_follow_the_formula() -> None:
    def size(cells: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
        return (cells + 2 * padding - kernel) // stride + 1

    found = keys("shapes")
    assert found[:3] == [size(9, 3), size(9, 5), size(9, 3, 2)]
    assert found[3] == [1, size(9, 3, 1, 1), size(9, 3, 1, 1)]
    assert found[4] == [[row, col] for row in range(8) for col in range(8) if 7 in (row, col)]
    assert found[5] == [64, size(6, 3, 2, 1), size(6, 3, 2, 1)] == [64, 3, 3]


def test_weights_are_counted_from_filters_channels_and_taps() -> None:
    assert keys("channels")[:5] == [3 * 9, 1, 1 - 5 + 2 * 9, 64 * 3 * 9, 6 * 1 * 9]


def test_pooling_takes_the_largest_or_the_mean_and_learns_nothing() -> None:
    assert keys("making-it-smaller")[:4] == [max(1, 3, 0, 4), (5 + 1 + 0 + 3) / 4, 0, [[1, 1]]]


def test_the_votes_for_an_x_are_what_speaks_for_it_less_what_speaks_against_it() -> None:
    found = keys("is-it-an-x")
    assert found[2] == 4 * 9 - 4 * 5


def test_the_four_beats_are_those_of_plain_numpy() -> None:
    picture, stroke, weight = 2 * np.eye(3) - 1, 2 * np.eye(2) - 1, np.array([[1.0, 0], [0, 0]])

    def windows(grid: Any) -> Any:
        return np.lib.stride_tricks.sliding_window_view(grid, (2, 2))

    def loss(kernel: Any) -> float:
        return float(((windows(picture) * (kernel - stroke)).sum((2, 3)) ** 2).mean())

    error = (windows(picture) * (weight - stroke)).sum((2, 3))
    slope = (windows(picture) * (2 * error / 4)[:, :, None, None]).sum((0, 1))
    assert keys("how-filters-learn")[:3] == [loss(weight), slope[0, 0], 1 - 0.1 * slope[0, 0]]
    assert loss(weight - 0.1 * slope) < loss(weight) < loss(weight - slope)
    gradient_step = lesson("how-filters-learn").steps[2]
    assert gradient_step.ask is not None
    assert gradient_step.ask.then is not None
    np.testing.assert_allclose(State.of(gradient_step.ask.then).value("output")[0], slope)


QUICK = ("x_or_o", "few_dense", "few_conv", "few_augmented")


@pytest.mark.parametrize("name", QUICK)
def test_what_was_measured_is_measured_again(name: str) -> None:
    """One seed; another machine may round otherwise, so that some of the 400 unseen examples are judged otherwise."""
    accuracy, _ = EXPERIMENTS[NAMES[name]].accuracy(0)
    assert accuracy == pytest.approx(recorded()[name]["all"][0], abs=2)


def test_the_recorded_means_are_those_of_their_seeds_and_keep_the_claimed_order() -> None:
    found = recorded()
    for one in found.values():
        assert one["mean"] == pytest.approx(np.mean(one["all"]), abs=0.06)
        assert len(one["all"]) == one["seeds"] == 10
    assert found["few_conv"]["mean"] > found["few_dense"]["mean"] + 3
    assert found["few_augmented"]["mean"] > found["few_dense"]["mean"] + 3
    assert found["wrong_dropout"]["mean"] > found["wrong_dense"]["mean"] + 3
