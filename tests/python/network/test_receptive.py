"""Receptive fields of cells in the source: sizes that people know, and for drawn networks what the exact fields say."""

from __future__ import annotations

import random

import numpy as np
import pytest

from app.core.network.fields import Cell, fields_of
from app.core.network.receptive import receptive_fields

from .nets import Json, conv, drawn, pool, shapes


def vgg16() -> list[Json]:
    return [layer for count in (2, 2, 3, 3, 3) for layer in [conv(3, padding=1)] * count + [pool(2)]]


def resnet50(*, last: bool) -> list[Json]:
    """The main path; the stride of a stage in the 3×3 of its first block, or at the end of the stage before."""
    layers = [conv(7, stride=2, padding=3), pool(3, stride=2, padding=1)]
    for stage, count in enumerate((3, 4, 6, 3)):
        for block in range(count):
            first = stage > 0 and block == 0 and not last
            ending = stage < 3 and block == count - 1 and last
            layers += [conv(1), conv(3, padding=1, stride=2 if first or ending else 1), conv(1)]
    return layers


def wavenet() -> list[Json]:
    return [*(conv(2, dilation=2**index, padding="causal") for index in range(6)), conv(1)]


def tcn() -> list[Json]:
    return [
        conv(8, dilation=dilation, padding="causal")
        for _ in range(3)
        for dilation in (1, 2, 4, 8)
        for _ in range(2)
    ]


def resnet50_whole(*, last: bool) -> list[Json]:
    """The same with its skips: a 1×1 convolution where the shape changes."""
    layers: list[Json] = [conv(7, stride=2, padding=3), pool(3, stride=2, padding=1, name="block0")]
    before, number = "block0", 0
    for stage, count in enumerate((3, 4, 6, 3)):
        for block in range(count):
            number += 1
            first = stage > 0 and block == 0 and not last
            ending = stage < 3 and block == count - 1 and last
            stride = 2 if first or ending else 1
            layers += [
                conv(1, name=f"a{number}", inputs=[before]),
                conv(3, padding=1, stride=stride, name=f"b{number}"),
                conv(1, name=f"c{number}"),
                conv(1, stride=stride, name=f"skip{number}", inputs=[before]),
                {
                    "operation": "add",
                    "inputs": [f"c{number}", f"skip{number}"],
                    "activation": "relu",
                    "name": f"block{number}",
                },
            ]
            before = f"block{number}"
    return layers


KNOWN = [
    (vgg16(), (1, 224, 224), 212, 32),
    (resnet50(last=False), (1, 224, 224), 427, 32),
    (resnet50(last=True), (1, 224, 224), 483, 32),
    (resnet50_whole(last=False), (1, 224, 224), 427, 32),
    (resnet50_whole(last=True), (1, 224, 224), 483, 32),
    (wavenet(), (1, 128), 64, 1),
    (tcn(), (1, 700), 631, 1),
]


@pytest.mark.parametrize(("layers", "shape", "size", "jump"), KNOWN)
def test_receptive_fields_are_those_that_are_published(
    layers: list[Json], shape: tuple[int, ...], size: int, jump: int
) -> None:
    net = shapes(layers, shape)
    receptive = receptive_fields(net)[net.network.last.name].to_json()
    assert receptive["size"] == receptive["least"] == [size] * (len(shape) - 1)
    assert receptive["jump"] == [jump] * (len(shape) - 1)
    assert set(receptive["holes"]) == {0}


def test_transposed_layers_see_sizes_that_depend_on_the_phase() -> None:
    net = shapes([{"operation": "transposed_convolution", "kernel": 3, "stride": 2}, conv(1)], (1, 8))
    receptive = receptive_fields(net)["conv1"].to_json()
    assert (receptive["size"], receptive["least"], receptive["jump"], receptive["jump_fraction"]) == (
        [2],
        [1],
        [0.5],
        [[1, 2]],
    )


def test_strides_over_dilated_layers_leave_holes() -> None:
    net = shapes([conv(3, dilation=2), conv(3, dilation=2)], (1, 20))
    assert receptive_fields(net)["conv2"].to_json()["holes"] == [4]


def test_branches_that_do_not_lie_upon_each_other_are_told_with_how_far() -> None:
    net = shapes(
        [
            conv(3, padding=1, name="a"),
            conv(3, padding=[[2, 0], [1, 1]], inputs=["input"], name="b"),
            conv(1, inputs=["a", "b"], name="both"),
        ],
        (1, 9, 9),
    )
    apart = receptive_fields(net)["both"].apart
    assert apart == ({"layer": "both", "inputs": ["a", "b"], "by": [-1, 0]},)


@pytest.mark.parametrize("seed", range(4))
def test_sizes_are_those_of_the_exact_fields_where_no_border_is_met(seed: int) -> None:
    """The span of the exact field of each cell is never larger, and equal where no border cuts it."""
    rng = random.Random(f"receptive {seed}")
    for _ in range(40):
        net = drawn(rng)
        receptive = receptive_fields(net)
        axes = len(net.input_shape) - 1
        for node in net.network.layers:
            shape = net.shape_of(node.name)
            if len(shape) - 1 != axes or any(
                axis.source.mode not in ("zeros", "constant")
                for one in net.network.before(node)
                for axis in net.placed[one.name].geometry.walk.axes
            ):
                continue
            place = tuple(rng.randrange(size) for size in shape[1:])
            ways = fields_of(net, Cell(node.name, place), "backward").ways.get("input")
            if ways is None:
                continue
            mask = ways.array()[0] > 0
            for axis, size in enumerate(receptive[node.name].to_json()["size"]):
                cells = np.flatnonzero(mask.any(axis=tuple(at for at in range(axes) if at != axis)))
                seen = receptive[node.name].views[axis]
                assert cells[-1] - cells[0] + 1 <= size
                if seen.moved is not None:
                    one = seen.at(place[axis])
                    assert one.first <= cells[0], (net.network, node.name, place)
                    assert cells[-1] < one.first + one.extent
                    if one.bits is not None and one.first >= 0 and one.first + one.extent <= mask.shape[axis]:
                        assert all(one.bits >> int(cell - one.first) & 1 for cell in cells)
