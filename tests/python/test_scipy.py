"""SciPy as an outside reference: its correlation and its filters know nothing of ours."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from scipy import ndimage, signal

from app.core.trace import Layer

from .drawing import layers


def padded_input(layer: Layer) -> np.ndarray:
    """The input padded by NumPy, whose modes have other names."""
    axes = layer.geometry.walk.axes
    widths = [(0, 0), *((axis.source.begin, axis.source.end + axis.source.overhang) for axis in axes)]
    mode = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    return np.pad(layer.x.astype(np.float64), widths, mode=mode[axes[0].source.mode])  # type: ignore[call-overload,no-any-return]


def strided(layer: Layer, full: np.ndarray) -> np.ndarray:
    """The positions of a stride-1 result at which the walk stops."""
    walk = layer.geometry.walk
    places = (slice(0, (axis.steps - 1) * axis.reads.stride + 1, axis.reads.stride) for axis in walk.axes)
    return full[tuple(places)]


@given(layers(combine="sum_of_products"))
def test_convolution_is_scipys_correlation(layer: Layer) -> None:
    walk = layer.geometry.walk
    assert layer.weight is not None
    x = padded_input(layer)
    spread = tuple((axis.reads.taps - 1) * axis.reads.gap + 1 for axis in walk.axes)
    gaps = tuple(slice(None, None, axis.reads.gap) for axis in walk.axes)
    for lane, output in enumerate(layer.run()):
        group = lane // walk.lanes_per_group
        total = np.zeros(walk.step_shape)
        for channel in range(walk.channels_per_group):
            kernel = np.zeros(spread)
            kernel[gaps] = layer.weight[lane, channel]
            plane = x[group * walk.channels_per_group + channel]
            total += strided(layer, signal.correlate(plane, kernel, mode="valid", method="fft"))
        if layer.bias is not None:
            total += layer.bias[lane]
        if layer.geometry.activation == "relu":
            total = np.maximum(total, 0)
        np.testing.assert_allclose(output, total, rtol=1e-4, atol=1e-4)


@given(layers(combine="max"))
def test_max_pooling_is_scipys_maximum_filter(layer: Layer) -> None:
    walk = layer.geometry.walk
    widths = [(axis.source.begin, axis.source.end + axis.source.overhang) for axis in walk.axes]
    spread = tuple((axis.reads.taps - 1) * axis.reads.gap + 1 for axis in walk.axes)
    footprint = np.zeros(spread, bool)
    footprint[tuple(slice(None, None, axis.reads.gap) for axis in walk.axes)] = True
    for plane, output in zip(layer.x, layer.run(), strict=True):
        x = np.pad(plane.astype(np.float64), widths, constant_values=-np.inf)
        # The filter's window is centred; moved so that it begins at its cell.
        origin = [-(size // 2) for size in spread]
        full = ndimage.maximum_filter(x, footprint=footprint, mode="constant", cval=-np.inf, origin=origin)
        expected = strided(layer, full)
        if layer.geometry.activation == "relu":
            expected = np.maximum(expected, 0)
        np.testing.assert_array_equal(output, expected.astype(np.float32))
