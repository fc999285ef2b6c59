"""Pooling in the corners where frameworks and libraries have been wrong, by examples worked out by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from app.core.errors import Unfit

from .drawing import layer_of

Json = dict[str, Any]


def pooled(spec: Json, values: Any) -> list[Any]:
    """The output of one channel."""
    x = np.array(values, np.float32)[None]
    layer = layer_of(spec, x.shape)
    output: list[Any] = dataclasses.replace(layer, x=x).run()[0].tolist()
    return output


AVERAGE: Json = {"operation": "average_pooling", "kernel": 3, "stride": 2, "padding": 1, "ceil_mode": True}


def test_what_lies_beyond_the_padding_is_never_counted() -> None:
    """The last window of [1, 2, 3, 4] reads 4, one padded cell and one beyond it: 4 / 2 when padding counts."""
    assert pooled({**AVERAGE, "count_include_pad": True}, [1, 2, 3, 4]) == [1, 3, 2]
    assert pooled({**AVERAGE, "count_include_pad": False}, [1, 2, 3, 4]) == [1.5, 3, 4]


def test_a_divisor_given_stands_for_itself() -> None:
    spec = {"operation": "average_pooling", "kernel": 2, "divisor": 3}
    np.testing.assert_allclose(pooled(spec, [1, 2, 3, 4]), [1, 7 / 3], rtol=1e-6)
    with pytest.raises(Unfit, match="divided by 0"):
        pooled({**spec, "divisor": 0}, [1, 2, 3, 4])


def test_counts_of_a_corner_are_a_product_of_axes() -> None:
    spec = {"operation": "average_pooling", "kernel": 3, "stride": 2, "padding": 1}
    ones = np.ones((4, 4))
    assert pooled(spec, ones) == [[1, 1], [1, 1]]
    counted = pooled({**spec, "count_include_pad": True}, ones)
    np.testing.assert_allclose(counted, np.outer([2 / 3, 1], [2 / 3, 1]), rtol=1e-6)


def test_a_norm_takes_magnitudes_and_leaves_the_overhang_out() -> None:
    """Lp pooling of 1…6 by windows of 4 with ceil mode: the last window is the length of (5, 6)."""
    spec = {"operation": "lp_pooling", "kernel": 4, "ceil_mode": True}
    np.testing.assert_allclose(pooled(spec, [1, 2, 3, 4, 5, 6]), [np.sqrt(30), np.sqrt(61)], rtol=1e-6)
    assert pooled({"operation": "lp_pooling", "kernel": 2, "p": 1}, [-1, 2]) == [3]
    np.testing.assert_allclose(
        pooled({"operation": "lp_pooling", "kernel": 2, "p": 3}, [-1, -2]), [9 ** (1 / 3)]
    )


@pytest.mark.parametrize("p", [0, -1, -0.5])
def test_an_exponent_that_is_not_above_0_is_refused(p: float) -> None:
    with pytest.raises(Unfit, match="exponent"):
        pooled({"operation": "lp_pooling", "p": p}, [1, 2])


@pytest.mark.parametrize("rules", ["any", "pytorch", "onnx"])
@pytest.mark.parametrize("p", [0.25, 0.5, 1, 1.5, 2, 3.75, 8])
def test_a_norm_has_any_exponent_above_0_where_the_rules_take_it(rules: str, p: float) -> None:
    spec = {"operation": "lp_pooling", "kernel": 2, "p": p, "rules": rules}
    if rules == "onnx" and p % 1:
        with pytest.raises(Unfit, match="p must be an integer"):
            pooled({**spec, "stride": 2}, [1, 2, 3, 4])
        return
    expected = [(1 + 2**p) ** (1 / p), (3**p + 4**p) ** (1 / p)]
    np.testing.assert_allclose(pooled({**spec, "stride": 2}, [1, 2, 3, 4]), expected, rtol=1e-5)


def test_a_clipped_window_counts_as_a_whole_one_under_pytorchs_rules() -> None:
    """Measured on PyTorch 2.13: 1…6 by windows of 4 give 11.045 at the end, where the norm is 7.810."""
    spec = {"operation": "lp_pooling", "kernel": 4, "ceil_mode": True, "rules": "pytorch"}
    np.testing.assert_allclose(pooled(spec, [1, 2, 3, 4, 5, 6]), [np.sqrt(30), np.sqrt(61 * 2)], rtol=1e-6)
    grid = np.arange(1, 10.0).reshape(3, 3)
    corner = pooled({**spec, "kernel": 2, "p": 3}, grid)
    scaled = [[1 + 8 + 64 + 125, 2 * (27 + 216)], [2 * (343 + 512), 4 * 729]]
    np.testing.assert_allclose(corner, np.cbrt(scaled), rtol=1e-6)
    assert pooled({**spec, "rules": "any", "kernel": 2}, [3, 4, 6]) == [5, 6]


def test_a_kernel_larger_than_the_input_has_one_window_under_ceil_mode() -> None:
    spec = {"operation": "max_pooling", "kernel": 7, "stride": 3}
    assert pooled({**spec, "ceil_mode": True}, [3, 1, 4, 1, 5]) == [5]
    with pytest.raises(Unfit, match="it spans 7 cells"):
        pooled(spec, [3, 1, 4, 1, 5])


def test_padding_never_wins_a_maximum_and_nan_always_does() -> None:
    spec = {"operation": "max_pooling", "kernel": 2, "stride": 1, "padding": 1}
    assert pooled(spec, [-3, -1, -2]) == [-3, -1, -1, -2]
    assert np.isnan(pooled(spec, [1, np.nan, 2])).tolist() == [False, True, True, False]


def test_an_infinity_stays_in_its_window() -> None:
    values = [1, np.inf, 2, 3, -np.inf, np.inf]
    assert str(pooled({"operation": "average_pooling", "kernel": 2}, values)) == "[inf, 2.5, nan]"


def test_global_pooling_is_one_window() -> None:
    grid = [[1, 2, 3], [4, 5, 9]]
    assert pooled({"operation": "global_average_pooling"}, grid) == [[4]]
    assert pooled({"operation": "global_max_pooling"}, grid) == [[9]]
    assert pooled({"operation": "global_average_pooling"}, [1, 2, 6]) == [3]
