"""The built-in inputs: each is what the list says, at every size."""

from __future__ import annotations

import numpy as np
import pytest

from app.images.samples.samples import SAMPLES, sample_list

NAMES = sorted(SAMPLES)
SCALABLE = [name for name in NAMES if SAMPLES[name].scalable]


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_what_the_list_says(name: str) -> None:
    sample = SAMPLES[name]
    listed = next(item for item in sample_list() if item["name"] == name)
    drawn = sample.draw(sample.side)
    assert list(drawn.shape) == listed["shape"]
    assert drawn.dtype == np.float32
    assert drawn.ndim - 1 == listed["axes"]
    assert listed["title"]
    assert listed["description"].endswith(".")
    assert sample.low <= drawn.min() < drawn.max() <= sample.high
    np.testing.assert_array_equal(drawn, sample.draw(sample.side))


@pytest.mark.parametrize("name", SCALABLE)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 28, 33])
def test_a_scalable_sample_is_drawn_at_any_size(name: str, size: int) -> None:
    sample = SAMPLES[name]
    drawn = sample.draw(size)
    assert drawn.shape == sample.shape_at(size)
    assert drawn.dtype == np.float32
    assert np.isfinite(drawn).all()
    assert sample.low <= drawn.min()
    assert drawn.max() <= sample.high


@pytest.mark.parametrize("name", ["scene", "digit", "gradient"])
def test_a_picture_shows_the_same_at_every_size(name: str) -> None:
    sample = SAMPLES[name]
    small, large = sample.draw(32), sample.draw(96)
    shrunk = large.reshape(sample.channels, 32, 3, 32, 3).mean(axis=(2, 4))
    assert np.abs(shrunk - small).mean() < 0.02


@pytest.mark.parametrize("name", ["scene", "digit", "gradient", "zone_plate"])
def test_a_picture_has_whole_numbers_on_the_scale_0_to_255(name: str) -> None:
    values = SAMPLES[name].draw(28) * np.float32(255)
    np.testing.assert_array_equal(values, np.rint(values))


def test_the_x_and_the_o_are_symmetric_ink_on_paper() -> None:
    for name in ("cross", "ring"):
        (letter,) = SAMPLES[name].draw(9)
        assert set(letter.ravel()) == {-1, 1}
        np.testing.assert_array_equal(letter, letter[::-1])
        np.testing.assert_array_equal(letter, letter.T)
    assert SAMPLES["cross"].draw(9)[0, 4, 4] == 1
    assert SAMPLES["ring"].draw(9)[0, 4, 4] == -1


def test_the_diagonals_mirror_each_other() -> None:
    down, up = SAMPLES["diagonal"].draw(7), SAMPLES["antidiagonal"].draw(7)
    np.testing.assert_array_equal(down[:, :, ::-1], up)
    np.testing.assert_array_equal(down[0], np.eye(7))


def test_the_grid_holds_whole_digits_and_every_digit_occurs() -> None:
    assert set(SAMPLES["grid"].draw(6).ravel()) == set(range(10))


def test_the_zone_plate_is_finest_at_the_middle_of_its_sides() -> None:
    (plate,) = SAMPLES["zone_plate"].draw(64)
    np.testing.assert_array_equal(plate, plate.T)
    turns = np.diff(np.sign(np.diff(plate[32]))) != 0  # where the brightness turns round
    assert turns[:10].mean() > 0.7
    assert turns[22:40].mean() < 0.3


def test_the_scene_is_lit_from_the_sky_and_mirrored_in_the_lake() -> None:
    scene = SAMPLES["scene"].draw(64)
    blue_sky, lake, bank = scene[:, 4, 40], scene[:, 44:52, 24:44], scene[:, 62, 30]
    assert blue_sky.argmax() == 2
    assert bank.argmin() == 2
    assert scene[:, 19:25, 40:46].mean() > 0.85 > lake.mean() > 0.2  # the sun; the water
