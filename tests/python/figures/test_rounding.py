"""In figures a value that is nothing but the rounding of its sum is printed as about zero, and no other is."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.engine.trace import Layer
from app.figures.content.shown import IDENTITY, Replay
from app.figures.drawing.numbers import ABOUT_ZERO

from ..core.drawing import layers
from .figures import drawn

Json = dict[str, Any]

# 0.1 + 0.2 − 0.3 is no zero in floating point.
CANCELLED: Json = {
    "layers": [{"operation": "convolution", "kernel": 3}],
    "source": {"kind": "values", "values": [0.1, 0.2, -0.3, 5]},
    "weights": {"kind": "values", "values": [[[1, 1, 1]]]},
    "step": 0,
}


def texts(request: Json) -> str:
    """All words of a figure as one line."""
    return " ".join("".join(ET.fromstring(drawn(request)).itertext()).split())


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"layers": [{"operation": "convolution", "kernel": 3, "activation": "relu"}]},
        {"layers": [{"operation": "average_pooling", "kernel": 3, "stride": 1}], "weights": None},
        {
            "layers": [{"operation": "convolution", "kernel": 3, "bias": True}],
            "source": {"kind": "values", "values": [0.1, 0.2, 0, 5]},
            "weights": {"kind": "values", "values": [[[1, 1, 1]]], "bias": [-0.3]},
        },
    ],
    ids=["sum", "rectified", "mean", "bias"],
)
def test_a_sum_whose_terms_cancel_is_about_zero(change: Json) -> None:
    request = {key: value for key, value in {**CANCELLED, **change}.items() if value is not None}
    lines = texts(request)
    assert "≈ 0" in lines
    assert "·10⁻" not in lines.split("Step 1 of")[-1]


def test_the_cell_and_the_alternative_text_say_the_same() -> None:
    lines = texts(CANCELLED)
    assert ABOUT_ZERO in lines
    assert "gives, ≈ 0." in lines


def test_a_small_value_that_is_no_rounding_keeps_its_number() -> None:
    lines = texts({**CANCELLED, "source": {"kind": "values", "values": [1e-7, 1e-7, -3e-7, 1]}})
    assert "−1·10⁻⁷" in lines
    assert ABOUT_ZERO not in lines


def test_what_an_activation_makes_small_is_no_rounding() -> None:
    request = {
        "layers": [{"operation": "convolution", "kernel": 1, "activation": "sigmoid"}],
        "source": {"kind": "values", "values": [-20, 3]},
        "weights": {"kind": "values", "values": [[[1]]]},
        "step": 0,
    }
    lines = texts(request)
    assert "2.061·10⁻⁹" in lines
    assert ABOUT_ZERO not in lines


def test_a_maximum_copies_a_small_value() -> None:
    request = {
        "layers": [{"operation": "max_pooling", "kernel": 3, "stride": 1}],
        "source": {"kind": "values", "values": [-1000, 1e-7, -3, 5]},
        "step": 0,
    }
    assert "1·10⁻⁷" in texts(request)


@given(layers(most_work=100_000), st.data())
def test_what_is_called_rounding_is_below_what_the_sizes_of_the_terms_allow(
    layer: Layer, data: st.DataObject
) -> None:
    lane = data.draw(st.integers(0, layer.geometry.walk.lanes - 1))
    walk = layer.geometry.walk
    step = data.draw(st.integers(0, walk.steps - 1))
    channel = lane // walk.lanes_per_group * walk.channels_per_group
    shown = Replay(layer, lane, channel, scattering=False).at(step)
    assert not shown.noise[shown.values == 0].any()
    assert not shown.noise[np.isnan(shown.values)].any()
    assert shown.window is not None
    assert shown.position is not None
    if layer.geometry.combination.term != "product" or layer.geometry.activation != IDENTITY:
        return
    assert shown.window.weights is not None
    sizes = np.abs(shown.window.values * shown.window.weights).sum() + abs(shown.bias or 0)
    value = abs(float(shown.values[shown.position]))
    unit = float(np.finfo(layer.x.dtype).eps) / 2
    allowed = sizes * unit * max(2.0, np.sqrt(shown.window.values.size))
    assert bool(shown.noise[shown.position]) == (0 < value <= allowed)
