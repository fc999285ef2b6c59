"""Starts: the ranges that frameworks document, a stream for each layer; and the streams of a seed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.core.errors import Unfit
from app.core.learning.starts import STARTS, fans_of, started
from app.core.learning.streams import stream

from ..network.nets import conv, pool, shapes

NET = shapes(
    [
        conv(filters=16, bias=True, padding="same"),
        pool(),
        {"operation": "transposed_convolution", "kernel": 2, "filters": 4, "bias": True},
        {"operation": "dense", "filters": 40, "bias": True},
    ],
    (2, 8, 8),
)


def test_fans_count_what_pytorch_counts() -> None:
    fans = {
        name: fans_of(placed.geometry) for name, placed in NET.placed.items() if placed.geometry.weight_shape
    }
    assert {name: one.fan_in for name, one in fans.items()} == {
        "conv1": 2 * 9,
        "transposed_conv1": 4 * 4,  # weight.size(1) · taps: the filters, not the channels
        "dense1": 4 * 5 * 5,
    }
    assert fans["conv1"].glorot == (2 + 16) * 9


@pytest.mark.parametrize("name", sorted(STARTS))
def test_a_start_has_the_spread_that_its_framework_documents(name: str) -> None:
    found = started(NET, name, 7)
    for layer in ("conv1", "dense1"):
        weight, bias = found[layer]["weight"], found[layer]["bias"]
        fans = fans_of(NET.placed[layer].geometry)
        most = {
            "pytorch": 1 / math.sqrt(fans.fan_in),
            "icnr": 1 / math.sqrt(fans.fan_in),
            "keras": math.sqrt(6 / fans.glorot),
        }.get(name)
        if most is not None:
            assert 0.8 * most < np.abs(weight).max() <= most
            assert weight.std() == pytest.approx(most / math.sqrt(3), rel=0.15)
        if name == "he":
            assert weight.std() == pytest.approx(math.sqrt(2 / fans.fan_in), rel=0.15)
        assert (bias != 0).any() == (name == "pytorch")
        assert (weight != 0).any() == (name != "zero")


def test_icnr_starts_the_filters_of_one_pixel_shuffle_alike() -> None:
    weight = started(NET, "icnr", 0)["conv1"]["weight"]
    runs = weight.reshape(4, 4, -1)
    np.testing.assert_array_equal(runs, np.repeat(runs[:, :1], 4, axis=1))
    with pytest.raises(Unfit, match="6 filters cannot be split into runs of 4"):
        started(shapes([conv(filters=6)], (1, 8, 8)), "icnr", 0)


def test_a_layer_starts_the_same_whatever_the_others_are() -> None:
    other = shapes([conv(filters=16, bias=True, padding="same"), pool(4)], (2, 8, 8))
    np.testing.assert_array_equal(
        started(NET, "pytorch", 3)["conv1"]["weight"], started(other, "pytorch", 3)["conv1"]["weight"]
    )


def test_streams_of_a_seed_share_no_numbers() -> None:
    keys = [
        (1, "order", 0, 0),
        (1, "order", 1, 0),
        (1, "order", 0, 1),
        (1, "dropout", 0, 0),
        (2, "order", 0, 0),
    ]
    found = [stream(*key).random(64) for key in keys]  # type: ignore[arg-type]
    for one in range(len(found)):
        np.testing.assert_array_equal(found[one], stream(*keys[one]).random(64))  # type: ignore[arg-type]
        for other in range(one):
            assert not np.intersect1d(found[one], found[other]).size


def test_given_parameters_replace_the_start_of_their_layer_alone() -> None:
    ones = {"conv1": {"weight": np.ones((16, 2, 3, 3)), "bias": np.zeros(16)}}
    found = started(NET, "he", 1, ones)
    assert found["conv1"]["weight"].min() == 1
    np.testing.assert_array_equal(found["dense1"]["weight"], started(NET, "he", 1)["dense1"]["weight"])
