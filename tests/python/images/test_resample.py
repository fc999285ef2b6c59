"""Size, channels and scale: the laws that hold for every picture, and a few that can be checked by eye."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from app.core.errors import Unfit
from app.images.read import resample
from app.images.read.resample import FILTER, target, working_array

pictures = st.sampled_from([1, 3]).flatmap(
    lambda channels: hnp.arrays(
        st.sampled_from([np.uint8, np.uint16]),
        st.tuples(st.just(channels), st.integers(1, 20), st.integers(1, 20)),
    )
)
sizes = st.none() | st.integers(1, 24)


@given(
    pictures, sizes, st.sampled_from(["own", "grey", "rgb"]), st.sampled_from(["0-1", "0-255", "mean_std"])
)
def test_the_shape_is_the_target_and_every_number_is_finite(
    pixels: Any, size: Any, channels: Any, scale: Any
) -> None:
    array = working_array(pixels, size, channels, scale)
    count = {"own": pixels.shape[0], "grey": 1, "rgb": 3}[channels]
    assert array.shape == (count, *target(pixels.shape[1:], size))
    assert array.dtype == np.float32
    assert np.isfinite(array).all()


@given(pictures, st.integers(1, 24))
def test_no_value_lies_outside_those_it_was_made_from(pixels: Any, size: int) -> None:
    array = working_array(pixels, size, scale="0-255") * np.float32(np.iinfo(pixels.dtype).max / 255)
    for plane, source in zip(array, pixels, strict=True):
        assert source.min() - 0.02 <= plane.min()
        assert plane.max() <= source.max() + 0.02


@given(hnp.array_shapes(min_dims=2, max_dims=2, max_side=50), st.integers(1, 60))
def test_nothing_is_enlarged_and_the_aspect_is_kept(sides: tuple[int, int], size: int) -> None:
    goal = target(sides, size)
    assert max(goal) == min(size, max(sides))
    assert min(goal) >= 1
    assert all(new <= old for new, old in zip(goal, sides, strict=True))
    share = max(goal) / max(sides)
    assert all(abs(new - old * share) <= 0.5 or new == 1 for new, old in zip(goal, sides, strict=True))


@given(pictures, sizes)
def test_the_scales_agree_with_each_other(pixels: Any, size: Any) -> None:
    unit = working_array(pixels, size, scale="0-1")
    np.testing.assert_allclose(working_array(pixels, size, scale="0-255"), unit * 255, atol=1e-4)
    given_statistics = working_array(pixels, size, scale="mean_std", mean=[0.5], std=[0.25])
    np.testing.assert_allclose(given_statistics, (unit - 0.5) / 0.25, atol=1e-5)


@given(pictures, sizes)
def test_a_picture_standardised_by_itself_has_mean_0_and_deviation_1_or_0(pixels: Any, size: Any) -> None:
    for plane in working_array(pixels, size, scale="mean_std").astype(np.float64):
        assert abs(plane.mean()) < 1e-2
        assert plane.std() < 1e-2 or abs(plane.std() - 1) < 1e-2


@given(pictures, st.integers(1, 12))
def test_bands_give_what_one_piece_gives(pixels: Any, size: int) -> None:
    at_once = working_array(pixels, size, scale="own")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resample, "BAND_PIXELS", 30)
        np.testing.assert_array_equal(working_array(pixels, size, scale="own"), at_once)


def test_resampling_is_that_of_pillow_on_the_whole_plane() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (1, 37, 61), dtype=np.uint8)
    wanted = np.asarray(Image.fromarray(pixels[0].astype(np.float32)).resize((20, 12), FILTER))
    np.testing.assert_allclose(working_array(pixels, 20, scale="own")[0], wanted, atol=1e-4)


def test_a_picture_of_8_bits_keeps_its_numbers_on_the_scale_0_to_255() -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    np.testing.assert_array_equal(working_array(pixels, None, scale="0-255"), pixels)
    np.testing.assert_array_equal(working_array(pixels, None), pixels / np.float32(255))


def test_sixteen_bits_are_brought_to_the_same_scales() -> None:
    pixels = np.array([[[0, 257, 65535]]], np.uint16)
    np.testing.assert_allclose(working_array(pixels, None, scale="0-255"), [[[0, 1, 255]]], rtol=1e-6)


def test_grey_is_the_brightness_that_pillow_computes_without_its_rounding() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (3, 30, 30), dtype=np.uint8)
    wanted = np.asarray(Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))).convert("L"))
    grey = working_array(pixels, None, "grey", "0-255")[0]
    assert np.abs(grey - wanted).max() <= 0.51
    np.testing.assert_allclose(grey[0, 0], pixels[:, 0, 0] @ [0.299, 0.587, 0.114], rtol=1e-6)


def test_rgb_of_a_grey_picture_repeats_its_plane() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(1, 3, 4)
    array = working_array(pixels, None, "rgb")
    assert array.shape == (3, 3, 4)
    np.testing.assert_array_equal(array[1], array[0])


def test_an_array_of_numbers_spans_its_own_range_and_leaves_out_what_is_not_finite() -> None:
    values = np.array([[[-2.0, 0, 2, np.inf]]], np.float32)
    assert working_array(values, None, scale="0-1").ravel()[:3].tolist() == [0, 0.5, 1]
    assert working_array(values, None, scale="own") is not values
    constant = np.full((1, 2, 2), 7, np.float32)
    assert not working_array(constant, None, scale="0-1").any()


def test_only_pictures_are_resampled_and_only_1_or_3_channels_are_greyed() -> None:
    with pytest.raises(Unfit, match="1 spatial axis"):
        working_array(np.zeros((1, 9), np.float32), 5)
    with pytest.raises(Unfit, match="2 channels"):
        working_array(np.zeros((2, 9, 9), np.float32), 5, "grey")
    with pytest.raises(Unfit, match="2 values for 3 channels"):
        working_array(np.zeros((3, 9, 9), np.uint8), 5, scale="mean_std", mean=[0, 0])
