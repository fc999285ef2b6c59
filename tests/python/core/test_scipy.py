"""SciPy as an outside reference: its correlation and its filters know nothing of ours."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume, given
from scipy import ndimage, signal

from app.core.engine.trace import Layer

from .drawing import layers


def padded_input(layer: Layer) -> np.ndarray:
    """The input with zeros between its cells where the walk has them, padded by NumPy, whose modes have other names."""
    walk = layer.geometry.walk
    sources = [axis.source for axis in walk.axes]
    spread = np.zeros((len(layer.x), *(source.length for source in sources)))
    spread[(slice(None), *(slice(None, None, source.spread) for source in sources))] = layer.x
    widths = [(0, 0), *((source.begin, source.end + source.overhang) for source in sources)]
    modes = {
        "zeros": "constant",
        "reflect": "reflect",
        "symmetric": "symmetric",
        "replicate": "edge",
        "circular": "wrap",
    }
    mode = modes.get(sources[0].mode, "constant")
    options = {"constant_values": walk.fill} if mode == "constant" else {}
    return np.pad(spread, widths, mode=mode, **options)  # type: ignore[call-overload,no-any-return]


def strided(layer: Layer, full: np.ndarray) -> np.ndarray:
    """The positions of a stride-1 result at which the walk stops."""
    places = []
    for axis in layer.geometry.walk.axes:
        first = axis.affine.start + axis.source.begin
        last = first + (axis.steps - 1) * axis.affine.stride
        places.append(slice(first, last + 1, axis.affine.stride))
    return full[tuple(places)]


@given(layers(combine="sum_of_products", activated=False))
def test_convolution_is_scipys_correlation(layer: Layer) -> None:
    walk = layer.geometry.walk
    weight = layer.read_weight
    assert weight is not None
    x = padded_input(layer)
    spread = tuple((axis.affine.taps - 1) * axis.affine.gap + 1 for axis in walk.axes)
    gaps = tuple(slice(None, None, axis.affine.gap) for axis in walk.axes)
    for lane, output in enumerate(layer.run()):
        group = lane // walk.lanes_per_group
        total = np.zeros(walk.step_shape)
        for channel in range(walk.channels_per_group):
            kernel = np.zeros(spread)
            kernel[gaps] = weight[lane, channel]
            plane = x[group * walk.channels_per_group + channel]
            total += strided(layer, signal.correlate(plane, kernel, mode="valid", method="fft"))
        if layer.bias is not None:
            total += layer.bias[lane]
        np.testing.assert_allclose(output, total, rtol=1e-4, atol=1e-4)


@given(layers(combine="sum_of_products", activated=False))
def test_transposed_convolution_is_scipys_full_convolution_of_spread_cells(layer: Layer) -> None:
    """Convolution proper, of the input with zeros between its cells, cut out where the output begins."""
    scatter = layer.geometry.scatter
    assume(scatter is not None)
    assert scatter is not None
    assert layer.weight is not None
    kernels = layer.geometry.as_written(layer.weight)
    spread = np.zeros((len(layer.x), *((axis.steps - 1) * axis.writes.stride + 1 for axis in scatter.axes)))
    spread[(slice(None), *(slice(None, None, axis.writes.stride) for axis in scatter.axes))] = layer.x
    for lane, output in enumerate(layer.run()):
        first = lane // scatter.lanes_per_group * scatter.channels_per_group
        full: Any = 0
        for channel in range(scatter.channels_per_group):
            kernel = np.zeros([(axis.writes.taps - 1) * axis.writes.gap + 1 for axis in scatter.axes])
            kernel[tuple(slice(None, None, axis.writes.gap) for axis in scatter.axes)] = kernels[
                lane, channel
            ]
            full = full + signal.convolve(spread[first + channel], kernel, mode="full", method="direct")
        expected = np.zeros(output.shape)
        begins = [-axis.writes.start for axis in scatter.axes]
        cut = full[
            tuple(slice(begin, begin + axis.output) for begin, axis in zip(begins, scatter.axes, strict=True))
        ]
        expected[tuple(slice(0, length) for length in cut.shape)] = cut
        if layer.bias is not None:
            expected += layer.bias[lane]
        np.testing.assert_allclose(output, expected, rtol=1e-4, atol=1e-4)


@given(layers(combine="max", activated=False))
def test_max_pooling_is_scipys_maximum_filter(layer: Layer) -> None:
    walk = layer.geometry.walk
    assume(walk.affine)
    widths = [(axis.source.begin, axis.source.end + axis.source.overhang) for axis in walk.axes]
    spread = tuple((axis.affine.taps - 1) * axis.affine.gap + 1 for axis in walk.axes)
    footprint = np.zeros(spread, bool)
    footprint[tuple(slice(None, None, axis.affine.gap) for axis in walk.axes)] = True
    for plane, output in zip(layer.x, layer.run(), strict=True):
        x = np.pad(plane.astype(np.float64), widths, constant_values=-np.inf)
        # The filter's window is centred; moved so that it begins at its cell.
        origin = [-(size // 2) for size in spread]
        full = ndimage.maximum_filter(x, footprint=footprint, mode="constant", cval=-np.inf, origin=origin)
        expected = strided(layer, full)
        np.testing.assert_array_equal(output, expected.astype(np.float32))
