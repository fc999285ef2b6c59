"""Effects that are claimed hold for nine of ten seeds: ``pytest -m effects``. docs/measured.md has the table."""

from __future__ import annotations

import functools

import pytest

from app.lessons.measured import recorded

from .experiments import gains, measured
from .record import NAMES

pytestmark = [pytest.mark.effects, pytest.mark.timeout(1200)]


@functools.cache
def accuracies(name: str) -> tuple[float, ...]:
    """Of unseen examples, in per cent, seed by seed."""
    return tuple(measured(name)[0])


def test_x_or_o_is_told_apart() -> None:
    found = accuracies("X or O, conv + pool")
    assert sum(accuracy >= 98 for accuracy in found) >= 9


def test_convolution_and_pooling_beat_dense_layers_on_sixty_pictures() -> None:
    ahead, seeds = gains(
        list(accuracies("60 pictures, conv + pool, twice")), list(accuracies("60 pictures, dense"))
    )
    assert ahead >= 3
    assert seeds >= 9


def test_augmentation_lifts_dense_layers_on_sixty_pictures() -> None:
    ahead, seeds = gains(
        list(accuracies("60 pictures, dense, augmented")), list(accuracies("60 pictures, dense"))
    )
    assert ahead >= 3
    assert seeds >= 9


def test_dropout_lifts_dense_layers_where_a_quarter_of_the_labels_is_wrong() -> None:
    ahead, seeds = gains(
        list(accuracies("wrong labels, dense, dropout")), list(accuracies("wrong labels, dense"))
    )
    assert ahead >= 3
    assert seeds >= 9


@pytest.mark.parametrize("name", NAMES)
def test_lessons_tell_what_is_measured(name: str) -> None:
    found = accuracies(NAMES[name])
    assert sum(found) / len(found) == pytest.approx(recorded()[name]["mean"], abs=0.5)
