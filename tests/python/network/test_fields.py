"""Fields are exact: NaN put into a cell comes out where the field says, on networks of all operations."""

from __future__ import annotations

import os
import random

import numpy as np
import pytest

from app.core.network.fields import Cell, fields_of
from app.core.network.forward import output_of
from app.core.network.shapes import Shapes

from .nets import conv, drawn, normal, pool, shapes

# How many random graphs each profile draws; the profile is CONVSCOPE_FIELDS.
PROFILES = {"quick": 240, "thorough": 10_000}
GRAPHS = PROFILES[os.environ.get("CONVSCOPE_FIELDS", "quick")]
PARTS = 8


def spoilt(net: Shapes, name: str, x: np.ndarray, seed: int) -> np.ndarray:
    """Where a layer's output is no number: (channels, *sizes)."""
    with np.errstate(all="ignore"):
        _, output = output_of(net, x, normal(seed), name)
    return np.isnan(output.reshape(net.shape_of(name)))


@pytest.mark.parametrize("part", range(PARTS))
def test_what_a_field_says_is_where_a_nan_comes_out_in_random_networks(part: int) -> None:
    rng = random.Random(os.environ.get("CONVSCOPE_FIELD_SEED", "1") + f" {part}")
    done = skipped = 0
    while done < GRAPHS // PARTS:
        net = drawn(rng)
        seed = rng.randrange(2**31)
        x = np.random.default_rng(seed).uniform(0.5, 1.5, net.input_shape).astype(np.float32)
        last = net.network.last.name
        if any(spoilt(net, node.name, x, seed).any() for node in net.network.layers):
            skipped += 1  # windows without a cell give no number on their own
            continue
        apart = rng.random() < 0.5
        place = tuple(rng.randrange(size) for size in net.input_shape[1:])
        channel = rng.randrange(net.input_shape[0]) if apart else None
        fields = fields_of(net, Cell("input", place, channel), "forward", channels=apart)
        x[(slice(None) if channel is None else channel, *place)] = np.nan
        where = {node.name: spoilt(net, node.name, x, seed) for node in net.network.layers}
        for name, out in where.items():
            expected = out if apart else out.any(axis=0, keepdims=True)
            mask = fields.mask(name) > 0 if name in fields.ways else np.zeros_like(expected)
            assert (mask == expected).all(), _problem_text(net, name, place, channel)
        _check_backward(net, last, where[last], place, channel, rng)
        done += 1
    assert skipped < 20 * done


def _check_backward(
    net: Shapes, last: str, out: np.ndarray, place: tuple[int, ...], channel: int | None, rng: random.Random
) -> None:
    """A cell of the last layer sees the spoilt one exactly when it came out spoilt."""
    for _ in range(2):
        cell = tuple(rng.randrange(size) for size in out.shape[1:])
        lane = rng.randrange(len(out)) if channel is not None else None
        fields = fields_of(net, Cell(last, cell, lane), "backward", channels=channel is not None)
        expected = out[(slice(None) if lane is None else lane, *cell)].any()
        seen = "input" in fields.ways and fields.mask("input")[(channel or 0, *place)] > 0
        assert bool(seen) == bool(expected), _problem_text(net, last, cell, lane)


def _problem_text(net: Shapes, *more: object) -> str:
    layers = [
        (one.name, one.operation.name, one.inputs, one.spec.model_dump(exclude_unset=True))
        for one in net.network.layers
    ]
    return f"{net.input_shape} {layers} {more}"


@pytest.mark.parametrize("channels", [False, True])
def test_counts_of_ways_are_those_of_a_network_of_ones(channels: bool) -> None:
    net = shapes(
        [
            conv(3, padding=1, filters=2, name="a"),
            {"operation": "transposed_convolution", "kernel": 3, "stride": 2, "filters": 2},
            conv(3, stride=2, filters=2, groups=2, name="b"),
            conv(1, inputs=["b"], filters=3),
        ],
        (2, 7, 6),
    )
    x = np.zeros(net.input_shape, np.float32)
    x[(0 if channels else slice(None), 3, 2)] = 1

    def ones(placed: object) -> tuple[np.ndarray, None]:
        return np.ones(placed.geometry.weight_shape, np.float32), None  # type: ignore[attr-defined]

    fields = fields_of(
        net, Cell("input", (3, 2), 0 if channels else None), "forward", counts=True, channels=channels
    )
    _, output = output_of(net, x, ones)
    expected = output if channels else (output[:1] / output.max() * fields.mask("conv1").max())
    np.testing.assert_allclose(fields.mask("conv1"), expected, rtol=1e-5)


def test_a_transposed_convolution_of_three_by_two_counts_one_two_four() -> None:
    net = shapes([{"operation": "transposed_convolution", "kernel": 3, "stride": 2}], (1, 4, 4))
    counts = {}
    for place in ((3, 3), (3, 4), (4, 4)):
        fields = fields_of(net, Cell("transposed_conv1", place), "backward", counts=True)
        counts[place] = fields.mask("input").sum()
    assert list(counts.values()) == [1, 2, 4]


def test_a_field_of_two_paths_is_no_box() -> None:
    net = shapes(
        [
            conv((1, 3), padding=[0, 1], name="row"),
            conv((3, 1), padding=[1, 0], inputs=["input"], name="col"),
            conv(1, inputs=["row", "col"]),
        ],
        (1, 5, 5),
    )
    cells = fields_of(net, Cell("conv1", (2, 2)), "backward").to_json()["input"]
    assert cells == {"shape": [5, 5], "cells": [[7, 1], [11, 3], [17, 1]]}


def test_a_field_leaves_out_the_layers_that_it_does_not_reach() -> None:
    net = shapes([conv(1, name="a"), pool(2, name="b"), conv(1, inputs=["b"], name="c")], (1, 4, 4))
    assert list(fields_of(net, Cell("b", (0, 0)), "backward").to_json()) == ["input", "a"]
    assert list(fields_of(net, Cell("b", (0, 0)), "forward").to_json()) == ["c"]


def test_some_of_several_inputs_are_not_reached_where_channels_become_cells() -> None:
    """The step of phase 0 takes the first channel of each group: of two groups one lies in a, the other in b."""
    net = shapes(
        [
            conv(1, name="a", filters=4),
            conv(1, name="b", filters=4, inputs=["input"]),
            {"operation": "pixel_shuffle", "inputs": ["a", "b"], "factor": [4, 1]},
            {"operation": "reshape"},
        ],
        (1, 2, 2),
    )
    fields = fields_of(net, Cell("pixel_shuffle1", (0, 0)), "backward").to_json()
    assert set(fields) == {"input", "a", "b"}
    shuffled = shapes(
        [
            conv(1, name="a", filters=2),
            conv(1, name="b", filters=2, inputs=["input"]),
            {"operation": "pixel_shuffle", "inputs": ["a", "b"], "factor": [4, 1]},
        ],
        (1, 2, 2),
    )
    fields = fields_of(shuffled, Cell("pixel_shuffle1", (0, 0)), "backward").to_json()
    assert set(fields) == {"input", "a"}
