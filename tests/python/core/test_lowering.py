"""Every lowering, whether the rule would pick it or not, is held to the replayed walk."""

from __future__ import annotations

import dataclasses
import itertools
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.core.engine.trace import Layer, replay
from app.core.lowering.at_once import AtOnce
from app.core.lowering.correlation import Lowering, lowering
from app.core.lowering.kept import WALKS
from app.core.lowering.phases import Phases, splits
from app.core.lowering.rows import Rows
from app.core.lowering.taps import Taps
from app.core.lowering.tiles import Tiles
from app.core.walk.walk import Walk

from .drawing import layer_of, layers
from .test_walk import agree, tolerance

pytestmark = pytest.mark.long

# Few bytes to a band make many bands, and bands that are narrower than a row.
BAND_BYTES = (1 << 9, 1 << 13, 1 << 20)


def at_once(walk: Walk, dtype: np.dtype[np.floating], band_bytes: int) -> Lowering | None:
    return AtOnce.of(walk)


def tiles(walk: Walk, dtype: np.dtype[np.floating], band_bytes: int) -> Lowering | None:
    return Tiles.of(walk, dtype.itemsize, band_bytes)


def by_rows(walk: Walk, dtype: np.dtype[np.floating], band_bytes: int) -> Lowering | None:
    return Rows.of(walk, dtype.itemsize, band_bytes) if len(walk.axes) > 1 else None


def written_out(walk: Walk, dtype: np.dtype[np.floating], band_bytes: int) -> Lowering | None:
    """By rows with their taps written out, however few filters there are."""
    made = by_rows(walk, dtype, band_bytes)
    return dataclasses.replace(made, shifted=False) if isinstance(made, Rows) else None


def phases(walk: Walk, dtype: np.dtype[np.floating], band_bytes: int) -> Lowering | None:
    """By phases, of which every other one goes by tiles; one phase where no cells are spread."""
    if any(axis.source.spread > 1 for axis in walk.axes) and not splits(walk):
        return None
    made = itertools.cycle((by_rows, tiles))
    size = dtype.itemsize
    return Phases.of(walk, lambda phase: next(made)(phase, dtype, band_bytes) or Tiles.of(phase, size))


def by_taps(walk: Walk, dtype: np.dtype[np.floating], band_bytes: int) -> Lowering | None:
    return Taps.of(walk, dtype.itemsize, band_bytes) if Taps.fits(walk) else None


Make = Callable[[Walk, np.dtype[np.floating], int], Lowering | None]
LOWERINGS = (at_once, tiles, by_rows, written_out, by_taps, phases)
depthwise = st.builds(
    lambda channels, kernel, across, dilation, padding, extra: layer_of(
        {
            "operation": "convolution",
            "kernel": list(kernel),
            "stride": [1, across],
            "dilation": dilation,
            "padding": padding,
            "groups": channels,
            "filters": channels,
            "bias": channels % 2 == 0,
        },
        (channels, *((taps - 1) * dilation + 1 + more for taps, more in zip(kernel, extra, strict=True))),
    ),
    st.integers(1, 7),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(0, 2),
    st.tuples(st.integers(0, 12), st.integers(3, 12)),
)
convolutions = st.one_of(
    layers(most_work=200_000, combine="sum_of_products").map(
        lambda layer: dataclasses.replace(
            layer, geometry=dataclasses.replace(layer.geometry, activation="none")
        )
    ),
    depthwise,
)


def computed(how: Lowering, layer: Layer, rows: slice) -> np.ndarray:
    walk = layer.geometry.walk
    out = np.full((walk.lanes, rows.stop - rows.start, *walk.step_shape[1:]), np.nan, layer.x.dtype)
    assert layer.read_weight is not None
    with np.errstate(all="ignore"):
        weight = how.arranged(np.ascontiguousarray(layer.read_weight))
        how.run(layer.x, weight, layer.bias, out, rows)
    return out


@pytest.mark.parametrize("make", LOWERINGS)
@given(layer=convolutions, band_bytes=st.sampled_from(BAND_BYTES))
def test_a_lowering_and_the_replay_agree(make: Make, layer: Layer, band_bytes: int) -> None:
    walk = layer.geometry.walk
    how = make(walk, layer.x.dtype, band_bytes)
    assume(how is not None)
    assert how is not None
    output = computed(how, layer, slice(0, walk.step_shape[0]))
    assert agree(output.reshape(walk.lanes, -1), replay(layer), tolerance(layer))


@pytest.mark.parametrize("make", LOWERINGS)
@given(layer=convolutions, band_bytes=st.sampled_from(BAND_BYTES), data=st.data())
def test_rows_have_the_bits_of_the_whole_run(
    make: Make, layer: Layer, band_bytes: int, data: st.DataObject
) -> None:
    walk = layer.geometry.walk
    how = make(walk, layer.x.dtype, band_bytes)
    assume(how is not None)
    assert how is not None
    rows = walk.step_shape[0]
    first = data.draw(st.integers(0, rows - 1)) // how.unit * how.unit
    last = min(rows, first + how.unit * data.draw(st.integers(1, 3)))
    np.testing.assert_array_equal(
        computed(how, layer, slice(first, last)), computed(how, layer, slice(0, rows))[:, first:last]
    )


@pytest.mark.parametrize("sides", [(13, 10), (9, 40), (40, 9), (30, 30)])
def test_few_rows_tap_by_tap_have_the_bits_of_all(sides: tuple[int, int]) -> None:
    """A pass over few rows is short, and one over all of them is not."""
    spec = {"operation": "convolution", "kernel": 3, "padding": 1, "groups": 5, "filters": 5}
    layer = layer_of(spec, (5, *sides))
    how = by_taps(layer.geometry.walk, layer.x.dtype, BAND_BYTES[-1])
    assert how is not None
    whole = computed(how, layer, slice(0, sides[0]))
    for first in range(sides[0]):
        one = slice(first, first + 1)
        np.testing.assert_array_equal(computed(how, layer, one), whole[:, one])


@pytest.mark.parametrize("make", LOWERINGS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
@given(layer=convolutions, band_bytes=st.sampled_from(BAND_BYTES), data=st.data())
def test_an_extreme_value_touches_the_windows_that_read_it_and_no_others(
    make: Make, value: float, layer: Layer, band_bytes: int, data: st.DataObject
) -> None:
    walk = layer.geometry.walk
    how = make(walk, layer.x.dtype, band_bytes)
    assume(how is not None)
    assert how is not None
    cell = tuple(data.draw(st.integers(0, size - 1)) for size in layer.x.shape)
    changed = layer.x.copy()
    changed[cell] = value
    everything = slice(0, walk.step_shape[0])
    before, after = computed(how, layer, everything), computed(how, _with(layer, changed), everything)
    reads = replay(_with(layer, np.where(changed == layer.x, 0, np.float32(np.nan))))
    untouched = ~np.isnan(reads.reshape(before.shape))
    np.testing.assert_array_equal(after[untouched], before[untouched])
    if not np.isfinite(value):
        assert not np.isfinite(after[~untouched]).any()


def _with(layer: Layer, x: np.ndarray) -> Layer:
    return dataclasses.replace(layer, x=x.astype(np.float32))


@given(convolutions)
def test_float64_is_computed_in_float64(layer: Layer) -> None:
    assert layer.weight is not None
    double = dataclasses.replace(
        layer,
        x=layer.x.astype(np.float64),
        weight=layer.weight.astype(np.float64),
        bias=None if layer.bias is None else layer.bias.astype(np.float64),
    )
    output = double.run()
    assert output.dtype == np.float64
    assert agree(output.reshape(len(output), -1), replay(double), tolerance(double))


CASES: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
    "whole": ({"kernel": 3, "stride": 2, "padding": 1, "filters": 64}, (3, 6, 6)),
    "tiles": ({"kernel": 3, "padding": 1, "filters": 64}, (64, 28, 28)),
    "one axis": ({"kernel": 2, "dilation": 64, "filters": 32}, (32, 4000)),
    "rows": ({"kernel": 3, "padding": 1, "filters": 16}, (3, 300, 300)),
    "shifted": ({"kernel": 5, "padding": 2}, (3, 300, 300)),
    "depthwise": ({"kernel": 3, "padding": 1, "groups": 3, "filters": 3}, (3, 300, 300)),
    "many channels": ({"kernel": 3, "padding": 1, "groups": 32, "filters": 32}, (32, 30, 30)),
    "dilated": ({"kernel": 3, "dilation": 4, "padding": 4, "filters": 16}, (3, 300, 300)),
    "reflect": ({"kernel": 3, "padding": 1, "filters": 16, "padding_mode": "reflect"}, (3, 300, 300)),
    "large kernel": ({"kernel": 31, "padding": 15}, (1, 256, 256)),
    "volume": ({"kernel": 3, "padding": 1, "filters": 8}, (4, 24, 24, 48)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_rule_picks_what_its_cases_are_named_for(name: str) -> None:
    spec, shape = CASES[name]
    layer = layer_of({"operation": "convolution", **spec}, shape)
    how = lowering(layer.geometry.walk, layer.x.dtype)
    shifted = name in ("shifted", "depthwise", "large kernel")
    kinds = {"whole": AtOnce, "tiles": Tiles, "one axis": Tiles, "many channels": Taps}
    assert isinstance(how, kinds.get(name, Rows))
    assert getattr(how, "shifted", False) == shifted


@pytest.mark.parametrize("name", CASES)
def test_threads_run_one_layer_at_the_same_time(name: str) -> None:
    spec, shape = CASES[name]
    layer = layer_of({"operation": "convolution", **spec}, shape)
    expected = layer.run()
    with ThreadPoolExecutor(4) as threads:
        for output in threads.map(lambda _: layer.run(), range(8)):
            np.testing.assert_array_equal(output, expected)


@pytest.mark.parametrize("name", CASES)
def test_a_run_takes_its_result_and_less_than_a_mebibyte(name: str) -> None:
    spec, shape = CASES[name]
    layer = layer_of({"operation": "convolution", **spec}, shape)
    assert extra_bytes(layer) <= 1 << 20


@pytest.mark.parametrize("size", [200, 400, 900])
@pytest.mark.parametrize("kernel", [2, 21, 101])
def test_means_of_large_windows_take_little_more(size: int, kernel: int) -> None:
    pool = {"operation": "average_pooling", "kernel": kernel, "stride": 1}
    assert extra_bytes(layer_of(pool, (2, size, size))) <= 1.1 * (1 << 20)


def test_more_tiles_than_are_kept_give_the_same() -> None:
    layer = layer_of({"operation": "convolution", "kernel": 3, "filters": 2}, (2, 9000))
    narrow = Tiles.of(layer.geometry.walk, 4, 1 << 9)
    everything = slice(0, layer.geometry.walk.step_shape[0])
    for _ in range(2):
        assert agree(computed(narrow, layer, everything), layer.run(), tolerance(layer))
    assert not narrow._tiles
    few = slice(0, 10 * narrow.unit)
    np.testing.assert_array_equal(computed(narrow, layer, few), computed(narrow, layer, everything)[:, few])
    assert len(narrow._tiles) == 1


def test_what_is_worked_out_is_kept_for_the_last_few_geometries() -> None:
    made = [
        layer_of({"operation": "convolution", "kernel": 3}, (1, 40, 40 + size)) for size in range(WALKS + 5)
    ]
    for layer in made:
        layer.run()
    assert sum(bool(layer.geometry.walk.prepared) for layer in made) <= WALKS
    assert all(layer.geometry.walk.prepared for layer in made[-5:])


def extra_bytes(layer: Layer) -> int:
    """The most memory that a run needs beside its result, in a thread that has run nothing before."""
    found = []

    def run() -> None:
        tracemalloc.start()
        output = layer.run()
        found.append(tracemalloc.get_traced_memory()[1] - output.nbytes)
        tracemalloc.stop()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]
