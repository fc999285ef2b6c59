"""Drawn sets, splits, wrong labels and augmentation: what differs, what repeats, what never touches validation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Unfit
from app.data.augmentation import Augmentation, augmented, shifted
from app.data.sets import GlyphsData, StoredData, StrokesData, examples_of, mislabelled, split
from app.data.strokes import STROKES, Variation, draw
from app.data.warp import warped

STILL = Variation(0, 0, 0, 1.3, 0)


def drawing(kind: str, size: int, how: Variation = STILL) -> Any:
    rng = np.random.default_rng(0)
    return draw((kind,), np.zeros(1, np.intp), size, how, rng, rng)[0, 0]


@pytest.mark.parametrize("kind", sorted(STROKES))
@pytest.mark.parametrize("size", [3, 9, 16, 28])
def test_a_still_drawing_has_the_symmetry_of_its_stroke(kind: str, size: int) -> None:
    picture = drawing(kind, size)
    assert 0.5 < picture.max() <= 1
    assert picture.min() >= 0
    np.testing.assert_allclose(picture, picture[::-1, ::-1], atol=1e-6)
    if kind in ("cross", "ring", "square"):
        np.testing.assert_allclose(picture, picture[::-1], atol=1e-6)
    else:
        assert (picture != picture[::-1]).any()


def test_a_slash_is_a_mirrored_backslash_and_both_make_a_cross() -> None:
    slash, backslash = drawing("slash", 9), drawing("backslash", 9)
    np.testing.assert_allclose(slash, backslash[:, ::-1], atol=1e-6)
    np.testing.assert_allclose(drawing("cross", 9), np.maximum(slash, backslash), atol=1e-6)


@pytest.mark.parametrize(
    "data",
    [
        StrokesData(kind="strokes", count=40, validation=20),
        GlyphsData(kind="glyphs", count=40, validation=20),
    ],
)
def test_the_same_seed_draws_the_same_and_another_seed_other_examples(data: Any) -> None:
    one, again, other = examples_of(data, 3), examples_of(data, 3), examples_of(data, 4)
    np.testing.assert_array_equal(one.training.x, again.training.x)
    np.testing.assert_array_equal(one.validation.labels, again.validation.labels)
    assert (one.training.x != other.training.x).any()


def test_noise_moves_no_drawing() -> None:
    """Its numbers are a stream of their own: only the noise differs."""
    still, noisy = (
        examples_of(StrokesData(kind="strokes", count=400, validation=1, noise=noise), 0).training
        for noise in (0.0, 0.01)
    )
    np.testing.assert_array_equal(still.labels, noisy.labels)
    assert np.abs(still.x - noisy.x).max() < 0.3


def test_numbers_are_standardised_by_the_training_part_alone() -> None:
    data = StrokesData(kind="strokes", count=300, validation=300)
    examples = examples_of(data, 0)
    assert abs(examples.training.x.mean()) < 1e-5
    assert examples.training.x.std() == pytest.approx(1, abs=1e-5)
    assert abs(examples.validation.x.mean()) > 1e-5


@given(st.integers(2, 200), st.integers(2, 6), st.floats(0, 1), st.integers(0, 9))
def test_wrong_labels_are_as_many_as_were_asked_for(
    count: int, classes: int, share: float, seed: int
) -> None:
    labels = np.arange(count) % classes
    found = mislabelled(labels, classes, share, np.random.default_rng(seed))
    assert (found != labels).sum() == round(share * count)
    assert found.min() >= 0
    assert found.max() < classes


def test_wrong_labels_are_in_the_training_part_only() -> None:
    clean, wrong = (
        examples_of(StrokesData(kind="strokes", count=80, validation=80, wrong=share), 0)
        for share in (0, 0.25)
    )
    assert (clean.training.labels != wrong.training.labels).sum() == 20
    np.testing.assert_array_equal(clean.validation.labels, wrong.validation.labels)


def test_digits_of_a_font_differ_and_stay_within_the_picture() -> None:
    how: Any = {"shift": 0.0, "tilt": 0.0, "scale": 0.0, "noise": 0.0}
    examples = examples_of(GlyphsData(kind="glyphs", size=12, count=200, validation=0, **how), 0)
    means = [examples.training.x[examples.training.labels == one].mean(axis=0) for one in range(10)]
    for one in range(10):
        for other in range(one):
            assert np.abs(means[one] - means[other]).max() > 0.5, (one, other)
    for edge in (examples.training.x[:, 0, [0, -1]], examples.training.x[:, 0, :, [0, -1]]):
        assert np.ptp(edge) < 0.05


@given(st.integers(2, 60), st.integers(0, 5), st.floats(0, 0.9))
def test_own_examples_are_split_whole_and_each_class_stays_in_both_parts(
    count: int, seed: int, share: float
) -> None:
    labels = np.arange(count) % 2
    x = np.arange(count, dtype=np.float32).reshape(-1, 1, 1, 1)
    found = split(x, labels, ("a", "b"), StoredData(kind="stored", id="0" * 64, share=share), seed)
    assert len(found.training) + len(found.validation) == count
    assert set(found.training.labels) == {0, 1}
    values = np.concatenate([found.training.x, found.validation.x]).reshape(-1)
    assert len(np.unique(np.round(values, 4))) == count


def test_a_class_that_is_listed_twice_is_refused() -> None:
    with pytest.raises(Unfit, match="it is listed twice"):
        examples_of(StrokesData(kind="strokes", classes=["ring", "ring"]), 0)


PICTURES = np.random.default_rng(0).normal(size=(5, 2, 6, 7)).astype(np.float32)


def test_augmentation_of_nothing_changes_nothing() -> None:
    np.testing.assert_array_equal(augmented(PICTURES, Augmentation(), 0, 0), PICTURES)
    assert not Augmentation().changes


@pytest.mark.parametrize(
    "how", [{"shift": 2.0}, {"flip": True}, {"zoom": 0.3}, {"tilt": 20.0}, {"noise": 0.2}]
)
def test_each_augmentation_follows_from_seed_and_step(how: dict[str, Any]) -> None:
    one = Augmentation(**how)
    assert one.changes
    first = augmented(PICTURES, one, 0, 1)
    np.testing.assert_array_equal(first, augmented(PICTURES, one, 0, 1))
    later = [augmented(PICTURES, one, seed, step) for seed, step in ((0, 2), (0, 3), (1, 1))]
    assert any((first != other).any() for other in later)
    assert first.shape == PICTURES.shape
    assert first.dtype == PICTURES.dtype


def test_one_augmentation_switched_on_moves_no_other() -> None:
    alone = augmented(PICTURES, Augmentation(shift=2), 0, 1)
    both = augmented(PICTURES, Augmentation(shift=2, noise=1e-6), 0, 1)
    np.testing.assert_allclose(alone, both, atol=1e-4)


def test_a_series_is_shifted_and_flipped() -> None:
    series = np.arange(12, dtype=np.float32).reshape(2, 1, 6)
    np.testing.assert_array_equal(
        shifted(series, np.array([[1], [-2]])), [[[0, 0, 1, 2, 3, 4]], [[8, 9, 10, 11, 11, 11]]]
    )
    found = augmented(series, Augmentation(flip=True, tilt=30, zoom=0.5), 0, 0)
    assert sorted(found.reshape(-1)) == sorted(series.reshape(-1))


@given(st.integers(-2, 2), st.integers(-2, 2))
def test_warping_by_whole_cells_is_shifting(rows: int, cols: int) -> None:
    zero = np.zeros(5)
    moved = np.tile([rows, cols], (5, 1))
    np.testing.assert_allclose(
        warped(PICTURES, zero, zero + 1, moved.astype(float)), shifted(PICTURES, moved), atol=1e-5
    )


def test_a_quarter_turn_of_a_square_picture_moves_every_cell_where_it_belongs() -> None:
    square = PICTURES[..., :6]
    found = warped(square, np.full(5, np.pi / 2), np.ones(5), np.zeros((5, 2)))
    np.testing.assert_allclose(found, np.rot90(square, -1, axes=(2, 3)), atol=1e-4)
