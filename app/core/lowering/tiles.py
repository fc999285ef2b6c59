"""The lowering by tiles: every tap of a tile of steps is written out (im2col), then one product.

It suits a single axis, strides as large as the kernel, and rows too narrow for a product each. Knows walks and arrays.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ..walk import Walk
from .cells import Fetch, View, reach
from .part import Array
from .product import WIDE, multiply, pitch
from .scratch import BAND_BYTES, Room

KEPT_TILES = 256


@dataclass(frozen=True, slots=True)
class Tiles:
    """Tiles of at most ``most`` steps and ``groups`` groups; ``unit`` steps of the first axis stay together."""

    walk: Walk
    groups: int
    most: int
    unit: int
    _tiles: dict[tuple[int, ...], tuple[Fetch, View]] = field(default_factory=dict)

    @classmethod
    def of(cls, walk: Walk, itemsize: int, band_bytes: int = BAND_BYTES) -> Tiles:
        """Tiles whose columns stay in the second-level cache."""
        column = walk.channels_per_group * walk.taps
        if walk.padded_sizes != walk.input_shape[1:]:  # beside it lie the cells that it is written out from
            new = math.prod(min(axis.affine.stride, axis.affine.taps) for axis in walk.axes)
            column += walk.channels_per_group * new * (2 if walk.fills else 6)
        column *= itemsize
        groups = max(1, min(walk.groups, band_bytes // (column * min(walk.steps, 4 * WIDE))))
        most = max(16, band_bytes // (column * groups))
        return cls(walk, groups, most, _tall(walk.step_shape, 0, most))

    def arranged(self, weight: Array) -> Array:
        """The weights as matrices: (groups, filters, channels · taps)."""
        return np.ascontiguousarray(weight).reshape(self.walk.groups, self.walk.lanes_per_group, -1)

    def run(self, x: Array, matrix: Array, bias: Array | None, out: Array, rows: slice) -> None:
        """Compute the steps of ``rows`` of an input (channels, *sizes) into ``out`` (lanes, rows, *others)."""
        walk = self.walk
        flat = out.reshape(walk.groups, walk.lanes_per_group, -1)
        shape = (rows.stop - rows.start, *walk.step_shape[1:])
        for group in range(0, walk.groups, self.groups):
            some = slice(group, min(walk.groups, group + self.groups))
            channels = x[some.start * walk.channels_per_group : some.stop * walk.channels_per_group]
            place = 0
            for box in boxes(shape, self.most):
                steps = math.prod(cut.stop - cut.start for cut in box)
                own = (slice(box[0].start + rows.start, box[0].stop + rows.start), *box[1:])
                columns = self._columns(channels, own, steps)
                result = flat[some, :, place : place + steps]
                multiply(matrix[some], columns, result)
                if bias is not None:
                    result += bias.reshape(walk.groups, -1, 1)[some]
                place += steps

    def _columns(self, x: Array, box: tuple[slice, ...], steps: int) -> Array:
        """All windows of a box of steps: (groups, depth, steps)."""
        key = (len(x), *(edge for cut in box for edge in (cut.start, cut.stop)))
        tile = self._tiles.get(key)
        if tile is None:
            if len(self._tiles) >= KEPT_TILES:
                self._tiles.clear()
            tile = self._tiles[key] = self._plan(len(x), box, x.itemsize)
        fetch, view = tile
        room = Room()
        windows = view.into(fetch.bring(x, room))
        columns = room.take((*view.shape[: 2 + len(box)], pitch(steps)), x.dtype)[..., :steps]
        np.copyto(columns.reshape(view.shape), windows)
        return columns.reshape(view.shape[0], -1, steps)

    def _plan(self, channels: int, box: tuple[slice, ...], itemsize: int) -> tuple[Fetch, View]:
        walk = self.walk
        depth = walk.channels_per_group
        reaches = tuple(map(reach, walk.axes, box))
        fetch = Fetch.of(walk, channels, reaches)
        taps = ((index, axis.affine.gap, axis.affine.taps) for index, axis in enumerate(walk.axes))
        steps = (
            (index, axis.affine.stride, cut.stop - cut.start)
            for index, (axis, cut) in enumerate(zip(walk.axes, box, strict=True))
        )
        ways = (-1, depth, channels // depth), (-1, 1, depth), *taps, *steps
        return fetch, fetch.view(reaches, itemsize, *ways)


def _tall(shape: tuple[int, ...], axis: int, most: int) -> int:
    """Steps of an axis that fit into a tile with all of the axes after it, a whole number of columns of ``WIDE``."""
    rest = math.prod(shape[axis + 1 :])
    tall = max(1, min(shape[axis], most // rest))
    even = WIDE // math.gcd(WIDE, rest)
    return tall if tall < even else tall // even * even


def boxes(shape: tuple[int, ...], most: int) -> Iterator[tuple[slice, ...]]:
    """Cut all steps into boxes of at most ``most`` that follow each other in row-major order."""
    axis = next(
        axis for axis in range(len(shape)) if axis == len(shape) - 1 or math.prod(shape[axis + 1 :]) <= most
    )
    tall = _tall(shape, axis, most)
    rest = tuple(slice(0, count) for count in shape[axis + 1 :])
    for lead in itertools.product(*map(range, shape[:axis])):
        for top in range(0, shape[axis], tall):
            yield (*(slice(one, one + 1) for one in lead), slice(top, min(shape[axis], top + tall)), *rest)
