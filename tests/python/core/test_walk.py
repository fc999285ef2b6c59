"""Laws of every operation: kernel, replay, trace, footprints and plan agree."""

from __future__ import annotations

import dataclasses
import functools
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.activations import ACTIVATIONS
from app.core.engine.trace import (
    HELD_BYTES,
    Layer,
    Trace,
    replay,
    replay_windows,
    trace,
)
from app.core.walk.walk import blocks
from app.operations import registry

from .drawing import layer_of, layers

# A sum of n float32 products, in whatever order, lies within c · n · eps · Σ|terms| of the exact one; c = 2
# leaves room for the rounding of the products and of the bias.
ROUNDING = 2.0


def tolerance(layer: Layer) -> np.ndarray:
    """The rounding that each output cell is allowed: (lanes, steps)."""
    eps = float(np.finfo(layer.x.dtype).eps)
    if layer.geometry.combination.reduce not in (
        "sum",
        "product",
    ):  # nothing is rounded but by the activation
        return activated(layer, np.zeros((layer.geometry.walk.lanes, layer.geometry.walk.steps)), eps)
    walk = dataclasses.replace(layer.geometry.walk, fill=abs(layer.geometry.walk.fill))
    absolute = dataclasses.replace(
        layer,
        geometry=dataclasses.replace(layer.geometry, walk=walk, activation="none"),
        x=np.abs(layer.x),
        weight=None if layer.weight is None else np.abs(layer.weight),
        bias=None if layer.bias is None else np.abs(layer.bias),
    )
    # A power and its root round too, the more the larger the exponent.
    terms = layer.geometry.walk.taps * layer.geometry.walk.channels_per_group + 2
    terms += math.ceil(4 * (layer.geometry.constants.p or 0))
    return activated(layer, ROUNDING * terms * eps * replay(absolute), eps)


def activated(layer: Layer, allowed: np.ndarray, eps: float) -> np.ndarray:
    """The rounding after the activation: no slope exceeds 1.2, and its own steps round too."""
    if layer.geometry.activation in ("none", "relu"):
        return allowed
    if (
        ACTIVATIONS[layer.geometry.activation].across == "channels"
    ):  # a share moves by at most the largest move of its channels
        allowed = np.broadcast_to(allowed.max(axis=0, keepdims=True), allowed.shape)
    return 1.2 * allowed + 8 * eps * (1 + np.abs(replay(layer)))


def agree(a: np.ndarray, b: np.ndarray, allowed: np.ndarray) -> bool:
    """|a − b| ≤ allowed, or the same infinity, or no number in both: windows that read no cell give those."""
    with np.errstate(invalid="ignore"):
        return bool(((np.abs(a - b) <= allowed) | (a == b) | (np.isnan(a) & np.isnan(b))).all())


@given(layers())
def test_animation_and_kernel_agree(layer: Layer) -> None:
    output = layer.run()
    assert output.shape == layer.geometry.walk.output_shape
    np.testing.assert_array_equal(np.concatenate(list(layer.bands()), axis=1), output)
    assert agree(output.reshape(output.shape[0], -1), replay(layer), tolerance(layer))


@given(layers(), st.data())
def test_a_trace_from_any_step_carries_the_replayed_windows_and_the_output(
    layer: Layer, data: st.DataObject
) -> None:
    walk = layer.geometry.walk
    first = data.draw(st.integers(0, walk.steps - 1))
    lanes = tuple(data.draw(st.lists(st.integers(0, walk.lanes - 1), min_size=1, unique=True)))
    most = data.draw(st.integers(1, 40)) * (1 + walk.steps // 1000)
    allowed = tolerance(layer)[list(lanes)]
    windows = np.concatenate([window for window, _ in replay_windows(layer)])
    output = layer.run().reshape(walk.lanes, -1)
    groups = sorted({lane // walk.lanes_per_group for lane in lanes})
    step = first
    for columns in trace(layer, lanes, first=first, most=most):
        block = columns.block
        assert block.first == step
        assert 1 <= block.count <= most
        here = slice(step, step + block.count)
        slack = allowed[:, here]
        assert agree(columns.values, output[list(lanes)][:, here], slack)
        expected = np.moveaxis(windows[here][:, groups], 0, -1).reshape(-1, block.count)
        assert columns.windows is not None
        np.testing.assert_array_equal(columns.windows, expected.astype(np.float32))
        step += block.count
    assert step == walk.steps


@given(layers(most_work=100_000), st.data())
def test_no_output_cell_depends_on_a_cell_outside_its_footprint(layer: Layer, data: st.DataObject) -> None:
    walk = layer.geometry.walk
    cell = tuple(data.draw(st.integers(0, size - 1)) for size in layer.x.shape)
    changed = layer.x.copy()
    changed[cell] = np.nan
    # A mean of no cell at all is no number by itself, whatever the input holds.
    touched = np.isnan(dataclasses.replace(layer, x=changed).run()) & ~np.isnan(layer.run())
    mine = [range(*walk.channels_of(group).indices(walk.channels)) for group in range(walk.groups)]
    group = next(group for group, channels in enumerate(mine) if cell[0] in channels)
    reads = np.zeros((walk.taps, *walk.step_shape), dtype=bool)  # which tap of which step reads the cell
    for step in range(walk.steps):
        position: Any = [int(axis[0]) for axis in walk.positions(step, 1)]
        taps = [
            axis.source.resolve(axis.reads.coordinates(np.array(at))) == index
            for axis, at, index in zip(walk.axes, position, cell[1:], strict=True)
        ]
        reads[:, *position] = functools.reduce(np.multiply.outer, taps).ravel()
    picks = walk.picks(0, walk.steps)
    if picks is not None:  # the step says which channel of the group it takes
        reads &= (picks == mine[group].index(cell[0])).reshape(walk.step_shape)
    across = ACTIVATIONS[layer.geometry.activation].across == "channels"  # then every lane sees every group
    for lane in range(walk.lanes):
        if across:
            np.testing.assert_array_equal(touched[lane], reads.any(axis=0))
        elif lane // walk.lanes_per_group == group:
            copies = layer.geometry.combination.reduce == "pick"
            expected = reads[lane % walk.lanes_per_group] if copies else reads.any(axis=0)
            np.testing.assert_array_equal(touched[lane], expected)
        else:
            assert not touched[lane].any()


@given(layers())
def test_the_plan_tells_the_shape_and_the_cells_never_read(layer: Layer) -> None:
    described = layer.geometry.to_json()
    assert tuple(described["output_shape"]) == layer.result(layer.run()).shape
    read = np.zeros(layer.x.shape[1:], dtype=bool)
    walk = layer.geometry.walk
    places = [
        axis.source.resolve(axis.reads.coordinates(steps)).T
        for axis, steps in zip(walk.axes, walk.positions(0, walk.steps), strict=True)
    ]
    for taps in np.ndindex(walk.tap_shape):
        cells = np.stack([place[tap] for place, tap in zip(places, taps, strict=True)])
        within = (cells >= 0).all(axis=0)
        read[tuple(cells[:, within])] = True
    assert described["unread_cells"] == walk.channels * int((~read).sum())


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=3).map(tuple),
    st.integers(1, 30),
    st.data(),
)
def test_blocks_are_boxes_that_follow_each_other(
    shape: tuple[int, ...], most: int, data: st.DataObject
) -> None:
    steps = int(np.prod(shape))
    first = data.draw(st.integers(0, steps))
    last = data.draw(st.integers(first, steps))
    order = np.arange(steps).reshape(shape)
    met: list[int] = []
    for block in blocks(shape, first, last, most):
        assert block.count <= most
        places = order[block.box].ravel().tolist()
        assert places == list(range(block.first, block.first + block.count))
        met += places
    assert met == list(range(first, last))


def test_every_parameter_has_a_title_a_description_and_a_unit() -> None:
    for operation in registry().values():
        assert operation.summary
        for parameter in operation.describe()["parameters"]:
            assert parameter["title"], parameter
            assert parameter["description"], parameter
            assert parameter["unit"] or parameter["kind"] in ("choice", "boolean", "shape"), parameter


@pytest.mark.parametrize(
    ("spec", "shape", "output"),
    [
        # The table that people look up: (input, kernel, stride, padding, dilation) → output.
        ({"kernel": 3}, (1, 5, 5), (1, 3, 3)),
        ({"kernel": 3, "padding": 1}, (1, 5, 5), (1, 5, 5)),
        ({"kernel": 3, "padding": "full"}, (1, 5, 5), (1, 7, 7)),
        ({"kernel": 3, "stride": 2, "padding": 1}, (1, 6, 6), (1, 3, 3)),
        ({"kernel": 3, "dilation": 2}, (1, 7, 7), (1, 3, 3)),
        ({"kernel": 7, "stride": 2, "padding": 3, "filters": 64}, (3, 224, 224), (64, 112, 112)),
        ({"kernel": 3, "stride": 2, "padding": 1, "filters": 64}, (3, 6, 6), (64, 3, 3)),
        (
            {"kernel": 3, "stride": 2, "padding": "same", "dilation": 2, "filters": 8},
            (3, 512, 512),
            (8, 256, 256),
        ),
        ({"kernel": 2, "padding": "causal", "dilation": 8}, (1, 64), (1, 64)),
        ({"kernel": [1, 3, 3], "stride": [1, 2, 2]}, (1, 4, 8, 9), (1, 4, 3, 4)),
    ],
)
def test_known_convolution_shapes(
    spec: dict[str, object], shape: tuple[int, ...], output: tuple[int, ...]
) -> None:
    layer = layer_of({"operation": "convolution", **spec}, shape)
    assert layer.geometry.walk.output_shape == output


def test_stride_of_pooling_is_its_kernel_when_left_out() -> None:
    layer = layer_of({"operation": "max_pooling", "kernel": 3}, (1, 9, 9))
    assert layer.geometry.walk.output_shape == (1, 3, 3)


def test_ceil_mode_drops_a_window_that_would_start_in_the_end_padding() -> None:
    kept = layer_of({"operation": "max_pooling", "kernel": 2, "stride": 2, "ceil_mode": True}, (1, 5))
    assert kept.geometry.walk.output_shape == (1, 3)
    dropped = layer_of(
        {"operation": "max_pooling", "kernel": 2, "stride": 3, "padding": 1, "ceil_mode": True}, (1, 5)
    )
    assert dropped.geometry.walk.output_shape == (1, 2)
    assert "".join(text for text, _ in dropped.geometry.formulas[0]) == "⌈(5 + 2·1 − 2) / 3⌉ + 1 − 1 = 2"


@given(layers(), st.data())
def test_no_value_makes_a_kernel_warn(layer: Layer, data: st.DataObject) -> None:
    """Warnings are errors here: infinities, NaN and overflow are values of a layer and nothing to warn of."""
    x = layer.x.copy()
    for value in (np.nan, np.inf, -np.inf, np.finfo(x.dtype).max):
        x.reshape(-1)[data.draw(st.integers(0, x.size - 1))] = value
    changed = dataclasses.replace(layer, x=x)
    changed.run()
    for _ in trace(changed):
        pass


@pytest.mark.parametrize(
    ("channels", "size", "filters"), [(1, 3, 1), (1, 1, 3), (1, 1, 1), (2, 3, 1), (1, 300, 1)]
)
def test_zero_times_infinity_is_no_number_in_any_thread(channels: int, size: int, filters: int) -> None:
    spec = {"operation": "convolution", "kernel": 1, "filters": filters}
    layer = layer_of(spec, (channels, size))
    assert layer.weight is not None
    zeros, infinite = np.zeros(layer.x.shape, np.float32), np.full(layer.x.shape, np.inf, np.float32)
    described = np.geterr()
    with ThreadPoolExecutor(2) as pool:
        for x, weight in ((infinite, 0), (zeros, np.inf)):
            changed = dataclasses.replace(layer, x=x, weight=np.full_like(layer.weight, weight))
            for output in [changed.run(), *pool.map(lambda one: one.run(), [changed] * 4)]:
                assert np.isnan(output).all()
        assert pool.submit(np.geterr).result() == described == np.geterr()


def test_a_trace_holds_little_of_a_large_output_between_two_blocks() -> None:
    """Little work a value must not mean many values at once: a reader that stops leaves them there."""
    layer = layer_of({"operation": "max_pooling", "kernel": 1, "stride": 1}, (16, 300, 300))
    tracer = Trace(layer, None, window=False)
    most = 0
    for block in blocks(tracer.walk.step_shape, 0, tracer.walk.steps, 1024):
        tracer.columns(block)
        assert tracer._band_values is not None
        most = max(most, tracer._band_values.nbytes)
    assert 0 < most <= HELD_BYTES < tracer.walk.steps * 16 * 4
