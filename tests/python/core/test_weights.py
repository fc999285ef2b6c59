"""The presets are the kernels that people know, and weights from elsewhere fit or are refused."""

from __future__ import annotations

import functools
import math
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.core.errors import Unfit
from app.core.weights import MIXED, PATTERNS, PresetName, Wanted, Weights, preset, resolve_weights

WEIGHTS: TypeAdapter[Any] = TypeAdapter(Weights)

KNOWN: dict[str, Any] = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "sobel_vertical": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "sobel_horizontal": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "gaussian": np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
    "laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
    "box": np.full((3, 3), 1 / 9),
    "diagonal": [[1, -1, -1], [-1, 1, -1], [-1, -1, 1]],
    "antidiagonal": [[-1, -1, 1], [-1, 1, -1], [1, -1, -1]],
}


def wanted(weight: tuple[int, ...], bias: tuple[int, ...] | None = None) -> Wanted:
    """Tensors in the order in which patterns are drawn."""
    return Wanted(weight, bias, weight, lambda drawn: drawn)


shapes = st.lists(st.integers(1, 6), min_size=1, max_size=3).map(tuple)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_three_by_three_preset_is_the_kernel_in_the_textbooks(name: str) -> None:
    np.testing.assert_allclose(preset(name, 0, (1, 1, 3, 3))[0, 0], KNOWN[name], rtol=1e-6)


@given(shapes, st.sampled_from(sorted(PATTERNS)))
def test_every_preset_has_finite_weights_for_every_kernel(shape: tuple[int, ...], name: str) -> None:
    weight = preset(name, 0, (2, 3, *shape))
    assert weight.shape == (2, 3, *shape)
    assert np.isfinite(weight).all()


@pytest.mark.parametrize("name", get_args(PresetName))
@pytest.mark.parametrize(
    "shape",
    [(1, 1, 1030), (1, 1, 1031), (9, 2, 4096), (1, 3, 4096, 33), (1, 1, 2, 1031, 3), (1, 1, 4_194_304)],
)
def test_presets_are_finite_up_to_the_largest_kernel(shape: tuple[int, ...], name: str) -> None:
    """Binomial coefficients of more than 1,030 taps are beyond float64."""
    weight = preset(name, 0, shape)
    assert weight.shape == shape
    assert np.isfinite(weight).all()
    assert weight.any()


@pytest.mark.parametrize("taps", [57, 58, 59, 200, 1029, 1030])
def test_long_smoothings_are_the_exact_binomial_weights(taps: int) -> None:
    exact = [math.comb(taps - 1, tap) / 2 ** (taps - 1) for tap in range(taps)]
    np.testing.assert_allclose(preset("gaussian", 0, (1, 1, taps), "float64")[0, 0], exact, rtol=1e-13)


def test_the_longest_smoothing_is_the_gaussian_that_it_tends_to() -> None:
    taps = 4_194_304
    row = preset("gaussian", 0, (1, 1, taps), "float64")[0, 0]
    np.testing.assert_array_equal(row, row[::-1])
    np.testing.assert_allclose(row.sum(), 1, rtol=1e-9)
    offsets = np.arange(taps) - (taps - 1) / 2
    near = np.abs(offsets) < 3 * math.sqrt(taps) / 2
    density = np.sqrt(2 / (np.pi * (taps - 1))) * np.exp(-2 * offsets**2 / (taps - 1))
    np.testing.assert_allclose(row[near], density[near], rtol=1e-5)


def test_a_pattern_is_drawn_once_however_many_filters_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    for name, pattern in PATTERNS.items():
        counted = functools.partial(_counted, drawn, name, pattern)
        monkeypatch.setitem(PATTERNS, name, counted)
    weight = preset("mixed", 0, (100_000, 1, 3))
    assert sorted(drawn) == sorted(MIXED)
    np.testing.assert_array_equal(weight[: len(MIXED)], weight[-len(MIXED) :])


def _counted(drawn: list[str], name: str, pattern: Any, shape: tuple[int, ...]) -> Any:
    drawn.append(name)
    return pattern(shape)


@given(shapes)
def test_smoothing_keeps_the_brightness(shape: tuple[int, ...]) -> None:
    for name in ("box", "gaussian"):
        np.testing.assert_allclose(preset(name, 0, (1, 3, *shape)).sum(), 1, rtol=1e-5)


@given(shapes)
def test_a_laplacian_of_a_flat_picture_is_zero(shape: tuple[int, ...]) -> None:
    np.testing.assert_allclose(preset("laplacian", 0, (1, 1, *shape)).sum(), 0, atol=1e-6)


def test_identity_lets_each_channel_through_in_turn() -> None:
    weight = preset("identity", 0, (4, 3, 3, 3))
    assert [int(filter_.sum(axis=(1, 2)).argmax()) for filter_ in weight] == [0, 1, 2, 0]
    assert weight.sum() == 4


def test_mixed_cycles_through_the_named_patterns() -> None:
    weight = preset("mixed", 0, (len(MIXED) + 1, 1, 3, 3))
    for index, name in enumerate(MIXED):
        np.testing.assert_array_equal(weight[index, 0], preset(name, 0, (1, 1, 3, 3))[0, 0])
    np.testing.assert_array_equal(weight[-1], weight[0])


def test_random_is_the_same_for_the_same_seed_only() -> None:
    assert (preset("random", 3, (2, 2, 3, 3)) == preset("random", 3, (2, 2, 3, 3))).all()
    assert (preset("random", 3, (2, 2, 3, 3)) != preset("random", 4, (2, 2, 3, 3))).any()


def test_edits_change_single_weights_and_leave_the_preset_alone() -> None:
    source = WEIGHTS.validate_python({"kind": "preset", "name": "box", "edits": [[4, 7], [0, "-Infinity"]]})
    weight, bias = resolve_weights(source, wanted((1, 1, 3, 3)))
    assert weight[0, 0, 1, 1] == 7
    assert weight[0, 0, 0, 0] == -np.inf
    assert bias is None
    np.testing.assert_allclose(preset("box", 0, (1, 1, 3, 3)), 1 / 9, rtol=1e-6)


def test_bias_is_zero_when_left_out() -> None:
    _, bias = resolve_weights(WEIGHTS.validate_python({"kind": "preset"}), wanted((2, 1, 1, 1), (2,)))
    assert bias is not None
    assert bias.tolist() == [0, 0]


def test_weights_of_another_shape_are_refused_with_the_shape_that_fits() -> None:
    source = WEIGHTS.validate_python({"kind": "values", "values": [[[[1, 2]]]]})
    with pytest.raises(Unfit) as refused:
        resolve_weights(source, wanted((1, 1, 3, 3)))
    assert refused.value.value == "1×1×1×2"
    assert "1×1×3×3" in refused.value.reason


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_a_preset_stays_readable_however_large_the_kernel(name: str) -> None:
    """Of a dense layer the kernel is as large as its input."""
    assert np.abs(preset(name, 0, (1, 1, 85, 128))).sum() < 1e6
