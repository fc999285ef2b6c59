"""PNG out: pictures come back as they were, and any array can be looked at."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from app.images.read.decode import decode
from app.images.store.cache import ArrayCache
from app.images.write.encode import png_bytes

sides = st.integers(1, 9)


@given(
    hnp.arrays(np.uint8, st.tuples(st.sampled_from([1, 3]), sides, sides))
    | hnp.arrays(np.uint16, st.tuples(st.just(1), sides, sides))
)
def test_a_picture_survives_the_way_through_png(pixels: Any) -> None:
    back = decode(png_bytes(pixels), "image/png").pixels
    assert back.dtype == pixels.dtype
    np.testing.assert_array_equal(back, pixels)


@given(hnp.arrays(st.sampled_from([np.float32, np.float64]), hnp.array_shapes(max_dims=5, max_side=5)))
def test_any_array_is_a_png(array: Any) -> None:
    assert decode(png_bytes(array), "image/png").pixels.size >= array.size


def test_values_go_from_black_to_white() -> None:
    array = np.array([[[-1, 0, 1, np.nan, np.inf, -np.inf]]], np.float32)
    assert decode(png_bytes(array)).pixels.ravel().tolist() == [0, 128, 255, 0, 255, 0]


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [
        ((16, 10, 10), (1, 43, 43)),  # 4 × 4 tiles with a cell between
        ((5, 10, 10), (1, 32, 21)),
        ((3, 10, 10), (3, 10, 10)),
        ((2, 7), (1, 2, 7)),
        ((1, 4, 3, 3), (1, 7, 7)),
    ],
)
def test_planes_are_laid_out_near_square(shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    assert decode(png_bytes(np.random.default_rng(0).random(shape))).pixels.shape == wanted


def test_the_cache_holds_what_was_used_last_within_its_bytes() -> None:
    cache = ArrayCache(max_bytes=1000)
    made: list[int] = []

    def make(number: int) -> Any:
        made.append(number)
        return np.full(100, number, np.float32)  # 400 bytes

    for number in (1, 2, 1, 3, 1, 2):
        array = cache.get(number, functools.partial(make, number))
        assert array[0] == number
        assert not array.flags.writeable
    assert made == [1, 2, 3, 2]
    assert cache.bytes <= 1000
    cache.get("large", lambda: np.zeros(1000, np.float32))
    assert cache.bytes <= 1000
    assert len(cache) == 2
