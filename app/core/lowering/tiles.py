"""The lowering by tiles: every tap of a tile of steps is written out (im2col), then one product.

It suits a single axis, strides as large as the kernel, rows too narrow for a product each, and so many filters that
writing windows out is little beside multiplying them. Knows walks and arrays.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from ..walk.walk import Walk
from .cells import Fetch, View, reach
from .part import Array
from .product import WIDE, multiply, pitch
from .scratch import BAND_BYTES, Room

KEPT_TILES = 256
# Filters, and what each multiplies of a column, from which on windows that are shared save little.
MANY_FILTERS, DEEP = 64, 512


@dataclass(frozen=True, slots=True)
class _Tile:
    """The product of one tile, worked out once: Python between two products is time for every tile."""

    place: slice  # in the output, laid flat
    fetch: Fetch
    view: View  # of the fetched cells, as they are written out
    columns: tuple[int, int, int]  # (groups, depth, pitch)
    written: View  # of the columns, where they are written


@dataclass(frozen=True, slots=True)
class Tiles:
    """Tiles of at most ``most`` steps and ``groups`` groups; ``unit`` steps of the first axis stay together."""

    walk: Walk
    groups: int
    most: int
    unit: int
    _tiles: dict[tuple[int, int, int], list[_Tile]] = field(default_factory=dict)

    @staticmethod
    def suits(walk: Walk) -> bool:
        """Whether a column is used by so many filters that writing it out costs little."""
        return walk.lanes_per_group >= MANY_FILTERS and walk.channels_per_group * walk.taps >= DEEP

    @classmethod
    def of(cls, walk: Walk, itemsize: int, band_bytes: int = BAND_BYTES) -> Tiles:
        """Tiles whose columns stay in the second-level cache.

        Where they suit, a tile has at least as many columns as there are filters, so that BLAS packs the weights for
        as much as it packs the columns for; the columns then take as much memory as the weights.
        """
        column = walk.channels_per_group * walk.taps
        if walk.padded_sizes != walk.input_shape[1:]:  # beside it lie the cells that it is written out from
            new = math.prod(min(axis.affine.stride, axis.affine.taps) for axis in walk.axes)
            column += walk.channels_per_group * new * (2 if walk.fills else 6)
        column *= itemsize
        groups = max(1, min(walk.groups, band_bytes // (column * min(walk.steps, 4 * WIDE))))
        most = max(16, band_bytes // (column * groups), walk.lanes_per_group if cls.suits(walk) else 0)
        return cls(walk, groups, most, height(walk.step_shape, 0, most))

    def arranged(self, weight: Array) -> Array:
        """The weights as matrices: (groups, filters, channels · taps)."""
        return np.ascontiguousarray(weight).reshape(self.walk.groups, self.walk.lanes_per_group, -1)

    def run(self, x: Array, matrix: Array, bias: Array | None, out: Array, rows: slice) -> None:
        """Compute the steps of ``rows`` of an input (channels, *sizes) into ``out`` (lanes, rows, *others)."""
        walk = self.walk
        flat = out.reshape(walk.groups, walk.lanes_per_group, -1)
        for group in range(0, walk.groups, self.groups):
            some = slice(group, min(walk.groups, group + self.groups))
            channels = x[some.start * walk.channels_per_group : some.stop * walk.channels_per_group]
            mine = matrix[some]
            for tile in self._planned(some.stop - some.start, rows, x.itemsize):
                room = Room()
                windows = tile.view.into(tile.fetch.bring(channels, room))
                columns = room.take(tile.columns, x.dtype)
                np.copyto(tile.written.into(columns), windows)
                result = flat[some, :, tile.place]
                multiply(mine, columns[..., : result.shape[2]], result)
                if bias is not None:
                    result += bias.reshape(walk.groups, -1, 1)[some]

    def _planned(self, groups: int, rows: slice, itemsize: int) -> Iterable[_Tile]:
        """The tiles of some rows, for so many groups: kept unless they are very many."""
        key = (groups, rows.start, rows.stop)
        tiles = self._tiles.get(key)
        if tiles is not None:
            return tiles
        made = (
            self._plan(groups, rows.start, box, itemsize)
            for box in boxes((rows.stop - rows.start, *self.walk.step_shape[1:]), self.most)
        )
        first = list(itertools.islice(made, KEPT_TILES))
        if len(first) == KEPT_TILES:
            return itertools.chain(first, made)
        if sum(map(len, self._tiles.values())) + len(first) > KEPT_TILES:
            self._tiles.clear()
        self._tiles[key] = first
        return first

    def _plan(self, groups: int, top: int, box: tuple[slice, ...], itemsize: int) -> _Tile:
        """One box of steps, of rows that begin at ``top``."""
        walk = self.walk
        counts = tuple(cut.stop - cut.start for cut in box)
        at = 0  # of the first step among all of these rows
        for cut, count in zip(box, (0, *walk.step_shape[1:]), strict=True):
            at = at * count + cut.start
        place = slice(at, at + math.prod(counts))
        box = (slice(box[0].start + top, box[0].stop + top), *box[1:])
        channels = walk.channels_per_group
        reaches = tuple(map(reach, walk.axes, box))
        fetch = Fetch.of(walk, groups * channels, reaches)
        taps = ((index, axis.affine.gap, axis.affine.taps) for index, axis in enumerate(walk.axes))
        steps = (
            (index, axis.affine.stride, count)
            for index, (axis, count) in enumerate(zip(walk.axes, counts, strict=True))
        )
        view = fetch.view(reaches, itemsize, (-1, channels, groups), (-1, 1, channels), *taps, *steps)
        wide = pitch(place.stop - place.start)
        shape = (*view.shape[: 2 + len(box)], wide)
        before = [math.prod(shape[index + 1 :]) * itemsize for index in range(len(shape) - 1)]
        along = [math.prod(counts[index + 1 :]) * itemsize for index in range(len(counts))]
        written = View(view.shape, 0, (*before, *along))
        return _Tile(place, fetch, view, (groups, channels * walk.taps, wide), written)


def height(shape: tuple[int, ...], axis: int, most: int) -> int:
    """Steps of an axis that fit into a tile with all of the axes after it, a whole number of columns of ``WIDE``."""
    below = math.prod(shape[axis + 1 :])
    tall = max(1, min(shape[axis], most // below))
    even = WIDE // math.gcd(WIDE, below)
    return tall if tall < even else tall // even * even


def boxes(shape: tuple[int, ...], most: int) -> Iterator[tuple[slice, ...]]:
    """Cut all steps into boxes of at most ``most`` that follow each other in row-major order."""
    axis = next(
        axis for axis in range(len(shape)) if axis == len(shape) - 1 or math.prod(shape[axis + 1 :]) <= most
    )
    tall = height(shape, axis, most)
    inner = tuple(slice(0, count) for count in shape[axis + 1 :])
    for lead in itertools.product(*map(range, shape[:axis])):
        for top in range(0, shape[axis], tall):
            yield (*(slice(one, one + 1) for one in lead), slice(top, min(shape[axis], top + tall)), *inner)
