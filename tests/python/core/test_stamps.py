"""The scattering walk: stamps add up to what gathering gives, from any step on, by two independent ways."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.core.engine.stamps import Stamps, replay_stamps
from app.core.engine.trace import PIECE_WORK, Layer, replay
from app.core.errors import Unfit
from app.core.walk.walk import blocks
from app.web.http.requests import FramesRequest
from app.web.stream.jobs import Frames
from app.web.stream.protocol import HEADER, Header, Kind

from .drawing import layer_of, layers

Json = dict[str, Any]
TRANSPOSED: Json = {"operation": "transposed_convolution"}


def without_activation(layer: Layer) -> np.ndarray:
    """The output by gathering, in float64, before the activation."""
    if layer.geometry.activation != "none":
        assume(False)
    return replay(layer).reshape(layer.geometry.walk.output_shape)


@given(layers(operation="transposed_convolution", most_work=30_000))
def test_stamping_and_gathering_give_the_same(layer: Layer) -> None:
    np.testing.assert_allclose(replay_stamps(layer), without_activation(layer), rtol=1e-9, atol=1e-9)


@given(layers(operation="transposed_convolution", most_work=100_000), st.data())
def test_what_was_before_and_what_each_step_adds_make_the_output(layer: Layer, data: st.DataObject) -> None:
    expected = without_activation(layer)
    scatter = layer.geometry.scatter
    assert scatter is not None
    lanes = tuple(data.draw(st.lists(st.integers(0, scatter.lanes - 1), min_size=1, unique=True)))
    first = data.draw(st.integers(0, scatter.steps))
    stamps = Stamps(layer, lanes, window=True)
    before = stamps.before(first)
    height = data.draw(st.integers(1, before.shape[0]))
    bands = [slice(top, min(before.shape[0], top + height)) for top in range(0, before.shape[0], height)]
    total = np.concatenate([before.values(rows) for rows in bands], axis=1)
    for block in blocks(scatter.step_shape, first, scatter.steps, 7):
        columns = stamps.columns(block)
        added = np.zeros((len(lanes), stamps.taps, scatter.steps), columns.values.dtype)
        added[:, :, block.first : block.first + block.count] = columns.values.reshape(
            len(lanes), stamps.taps, block.count
        )
        stamps.add(total, added.reshape(len(lanes), stamps.taps, *scatter.step_shape))
        assert columns.windows is not None
        flat = layer.x.reshape(scatter.groups, scatter.channels_per_group, -1)
        read = flat[stamps.groups][:, :, block.first : block.first + block.count]
        np.testing.assert_array_equal(columns.windows, read.reshape(-1, block.count))
    np.testing.assert_allclose(total, expected[list(lanes)], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("number", [np.nan, np.inf, 0.5])
def test_steps_that_are_still_to_come_add_nothing_whatever_the_weight(number: float) -> None:
    """0 times an infinity is no number: later cells are left out, and not only set to 0."""
    layer = layer_of({**TRANSPOSED, "kernel": 3, "stride": 2, "filters": 2, "bias": True}, (2, 5, 4))
    assert layer.weight is not None
    weight = layer.weight.copy()
    weight[1, 0, 1, 1] = number
    layer = dataclasses.replace(layer, weight=weight)
    stamps = Stamps(layer, (1, 0), window=False)
    scatter, first = stamps.walk, 7
    columns = [stamps.columns(block).values for block in blocks(scatter.step_shape, 0, scatter.steps, 100)]
    added = np.concatenate(columns, axis=1).reshape(2, stamps.taps, -1).copy()
    added[:, :, first:] = 0
    assert layer.bias is not None
    expected = np.zeros((2, *scatter.output_shape[1:]), np.float32) + layer.bias[[1, 0], None, None]
    stamps.add(expected, added.reshape(2, stamps.taps, *scatter.step_shape))
    before = stamps.before(first)
    found = np.concatenate([before.values(slice(row, row + 1)) for row in range(before.shape[0])], axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_the_first_frame_of_a_walk_that_begins_at_its_last_step_is_one_piece_of_work() -> None:
    """It took all of a lane's taps at once: ten seconds for a large layer."""
    spec = {**TRANSPOSED, "kernel": 31, "filters": 8}
    layer = layer_of(spec, (4, 256, 256))
    assert layer.geometry.work > 10 * PIECE_WORK
    body = {"layers": [spec], "source": {"kind": "noise", "shape": [4, 256, 256]}, "walk": "scatter"}
    request = FramesRequest.model_validate({**body, "first": 256 * 256 - 1})
    pieces = list(Frames(layer, request).pieces())
    assert pieces[0].work <= PIECE_WORK
    assert max(piece.work for piece in pieces) <= PIECE_WORK
    header = Header.unpack(pieces[0].make())
    assert (header.kind, header.first) == (Kind.PARTIAL, 0)


def test_frames_before_the_first_step_cover_the_output_once() -> None:
    spec = {**TRANSPOSED, "kernel": 5, "filters": 3, "stride": 2}
    layer = layer_of(spec, (2, 300, 70))
    source = {"kind": "noise", "shape": [2, 300, 70]}
    request = FramesRequest.model_validate(
        {"layers": [spec], "source": source, "walk": "scatter", "first": 9000, "count": 0, "lanes": [2, 0]}
    )
    cells = math.prod(layer.geometry.walk.output_shape[1:])
    found = np.full(2 * cells, np.nan, np.float32)
    flags = []
    for piece in Frames(layer, request).pieces():
        frame = piece.make()
        header = Header.unpack(frame)
        place = slice(header.first, header.first + header.count)
        assert np.isnan(found[place]).all()
        found[place] = np.frombuffer(frame, "<f4", offset=HEADER.size)
        flags.append(header.last)
    assert flags == [False] * (len(flags) - 1) + [True]
    before = Stamps(layer, (2, 0), window=False).before(9000)
    np.testing.assert_allclose(
        found, before.values(slice(0, before.shape[0])).reshape(-1), rtol=1e-5, atol=1e-5
    )


def test_a_kernel_of_one_cell_shows_nothing_at_stride_1_and_the_zeros_at_stride_2() -> None:
    same = layer_of({**TRANSPOSED, "kernel": 1}, (1, 4, 4))
    assert same.weight is not None
    np.testing.assert_allclose(same.run(), same.x * same.weight.item(), rtol=1e-6)
    spread = layer_of({**TRANSPOSED, "kernel": 1, "stride": 2}, (1, 4, 4))
    assert spread.weight is not None
    output = spread.run()
    assert output.shape == (1, 7, 7)
    np.testing.assert_allclose(output[0, ::2, ::2], spread.x[0] * spread.weight.item(), rtol=1e-6)
    assert np.count_nonzero(output) == 16


def test_an_operation_that_only_gathers_has_no_stamps() -> None:
    layer = layer_of({"operation": "convolution"}, (1, 5, 5))
    with pytest.raises(Unfit, match="no walk that scatters"):
        Stamps(layer, None, window=False)


@pytest.mark.parametrize(
    ("spec", "size", "output"),
    [
        # (input − 1) · stride − 2 · padding + dilation · (kernel − 1) + output_padding + 1
        ({"kernel": 3, "stride": 2}, 4, 9),
        ({"kernel": 3, "stride": 2, "padding": 1}, 4, 7),
        ({"kernel": 3, "stride": 2, "padding": 1, "output_padding": 1}, 4, 8),
        ({"kernel": 4, "stride": 2, "padding": 1}, 64, 128),
        ({"kernel": 3, "stride": 2, "padding": "same"}, 4, 8),
        ({"kernel": 3, "dilation": 2}, 4, 8),
        ({"kernel": 2, "stride": 3, "padding": "same"}, 4, 12),
        ({"kernel": 2, "stride": 3, "rules": "keras"}, 4, 12),
        ({"kernel": 2, "stride": 3}, 4, 11),
        ({"kernel": 3, "stride": 2, "output_size": 10}, 5, 10),
    ],
)
def test_known_sizes_of_transposed_convolution(spec: Json, size: int, output: int) -> None:
    layer = layer_of({**TRANSPOSED, **spec}, (1, size))
    assert layer.run().shape == (1, output)
    formula = "".join(text for text, _ in layer.geometry.formulas[0])
    assert formula.endswith(f" = {output}")


def test_what_output_padding_adds_is_real_and_not_zero() -> None:
    """With padding 1 the last row that it gives back holds kernel contributions; beyond them stands the bias."""
    spec = {**TRANSPOSED, "kernel": 3, "stride": 2, "padding": 1, "bias": True}
    layer = layer_of({**spec, "output_padding": 1}, (1, 4))
    assert layer.weight is not None
    assert layer.bias is not None
    assert layer.run()[0, -1] == pytest.approx(
        layer.x[0, -1] * layer.weight[0, 0, 2] + layer.bias[0], rel=1e-5
    )
