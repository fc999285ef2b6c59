"""The lowering by rows: at most the taps along a row are written out, and neighbouring rows share them.

A product's batch items may overlap in memory, so the windows of neighbouring output rows are views into one band
of input rows (MEC, arXiv:1706.06873). Rows that are dilated are as many interleaved undilated ones. Where a group
has few filters not even the taps along a row are written out: each counts as a filter of its own, and the products
are added up, shifted against each other (as kn2row does, arXiv:1704.04428). Knows walks and arrays.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

import numpy as np

from ..walk.walk import Walk
from .cells import (
    Fetch,
    Reach,
    View,
    reach,
)
from .part import Array
from .product import (
    WIDE,
    cut,
    multiply,
    pitch,
)
from .scratch import BAND_BYTES, Room

KEPT_BANDS = 256
PADDED_EACH = 2  # taps along a row: each is brought by itself; with more it is less work to pad a row once


@dataclass(frozen=True, slots=True)
class _Band:
    """The products of one band, worked out once for all inputs."""

    fetches: tuple[Fetch, ...]
    view: View | None  # of the fetched cells, as they are written out; None where each fetch is, in place
    lowered: tuple[int, ...]  # (groups, input rows, channels · taps that are written out, pitch)
    wide: int  # columns of the lowered band that hold something


@dataclass(frozen=True, slots=True)
class Rows:
    """Bands of ``tall`` rows, ``wide`` columns and ``groups`` groups.

    Output rows ``p``, ``p + phases``, … read input rows that lie a whole number of gaps apart: among those the
    kernel is undilated and moves by ``hop``. ``shifted`` says that taps along a row count as filters.
    """

    walk: Walk
    shifted: bool
    phases: int
    hop: int
    wide: int
    groups: int
    tall: int
    itemsize: int
    unit: int = 1  # every row is a product of its own
    _bands: dict[tuple[int, ...], _Band] = field(default_factory=dict)

    @classmethod
    def of(cls, walk: Walk, itemsize: int, band_bytes: int = BAND_BYTES) -> Rows:
        """Bands that stay in the second-level cache and are much taller than the kernel."""
        down, across = walk.axes[-2].affine, walk.axes[-1].affine
        gap = down.gap if down.taps > 1 else 1
        common = math.gcd(gap, down.stride)
        phases, hop = gap // common, down.stride // common
        share = walk.channels_per_group * walk.taps // (down.taps * across.taps)
        shifted = across.stride == 1 and (walk.lanes_per_group == 1 or 4 * walk.lanes_per_group <= share)
        extra = (across.taps - 1) * across.gap if shifted else 0
        lanes = walk.lanes_per_group * (across.taps if shifted else 1)
        height = share if shifted else share * across.taps  # of an input row in the lowered band
        columns = walk.step_shape[-1]
        wide = min(columns, max(cut(lanes, height * down.taps, columns + extra).wide - extra, 4 * WIDE))
        # Bytes that a column costs once, for the overlap of two bands, and for each row of the output.
        # Of an input row: written out, and as it was fetched, which by index takes two copies more.
        kept = height + share * across.stride * (1 if walk.fills else 3)
        once = kept * max(0, down.taps - hop) * itemsize
        each = (kept * hop + (lanes if shifted else 0)) * itemsize
        least = 8 if shifted else max(8, 3 * down.taps // hop)
        while wide > 2 * WIDE and (once + each * least) * (wide + extra) > band_bytes:
            wide = -(-wide // (2 * WIDE)) * WIDE
        groups = max(1, min(walk.groups, band_bytes // ((once + each * 4 * least) * (wide + extra))))
        tall = max(1, (band_bytes // ((wide + extra) * groups) - once) // each)
        return cls(walk, shifted, phases, hop, wide, groups, tall, itemsize)

    def arranged(self, weight: Array) -> Array:
        """The weights in the order of the lowered band: (groups, filters, taps down · channels · other taps)."""
        walk = self.walk
        shaped = weight.reshape(walk.groups, walk.lanes_per_group, walk.channels_per_group, *walk.tap_shape)
        last = shaped.ndim - 1
        others = (2, *range(3, last - 1))  # channels, other taps
        if self.shifted:
            order, filters = (0, last, 1, last - 1, *others), walk.lanes_per_group * walk.tap_shape[-1]
        else:
            order, filters = (0, 1, last - 1, *others, last), walk.lanes_per_group
        return np.ascontiguousarray(shaped.transpose(order)).reshape(walk.groups, filters, -1)

    def run(self, x: Array, matrix: Array, bias: Array | None, out: Array, rows: slice) -> None:
        """Compute the steps of ``rows`` of an input (channels, *sizes) into ``out`` (lanes, rows, *others)."""
        walk = self.walk
        planar = len(walk.axes) == 2
        lead_steps = [] if planar else [range(rows.start, rows.stop), *map(range, walk.step_shape[1:-2])]
        low, high = (rows.start, rows.stop) if planar else (0, walk.step_shape[-2])
        result = out.reshape(walk.groups, walk.lanes_per_group, *out.shape[1:])
        for group in range(0, walk.groups, self.groups):
            some = slice(group, min(walk.groups, group + self.groups))
            channels = x[some.start * walk.channels_per_group : some.stop * walk.channels_per_group]
            mine = matrix[some, None]
            for lead in itertools.product(*lead_steps):
                plane = result[some]  # (groups, lanes, rows, columns) after this
                for index, one in enumerate(lead):
                    plane = plane[:, :, one - (0 if index else rows.start)]
                for left in range(0, walk.step_shape[-1], self.wide):
                    columns = slice(left, min(walk.step_shape[-1], left + self.wide))
                    for phase in range(low, min(high, low + self.phases)):
                        stripe = plane[:, :, phase - low :: self.phases, columns]
                        for top in range(0, stripe.shape[2], self.tall):
                            band = stripe[:, :, top : top + self.tall]
                            first = phase + top * self.phases
                            self._compute(self._band(lead, first, columns, band.shape), channels, mine, band)
                            if bias is not None:
                                band += bias.reshape(walk.groups, -1, 1, 1)[some]

    def _compute(self, band: _Band, x: Array, matrix: Array, out: Array) -> None:
        """One band into ``out`` (groups, lanes, rows, columns)."""
        room = Room()
        lowered = room.take(band.lowered, x.dtype)
        used = lowered[..., : band.wide]
        if band.view is None:
            taps = len(band.fetches)
            for tap, fetch in enumerate(band.fetches):
                places = used[:, :, tap::taps].swapaxes(
                    1, 2
                )  # (groups, channels, rows, columns), one of which is 1
                fetch.fill_in(x, places[0] if len(places) == 1 else places[:, 0], room)
        else:
            view = band.view.into(band.fetches[0].bring(x, room))
            np.copyto(used.reshape(view.shape), view)
        group, row, one, item = lowered.strides
        taps = self.walk.axes[-2].affine.taps
        groups, lanes, rows, wide = out.shape
        overlapping = np.ndarray(
            (groups, rows, taps * lowered.shape[2], lowered.shape[3]),
            x.dtype,
            lowered.data,
            0,
            (group, self.hop * row, one, item),
        )
        if not self.shifted:
            multiply(matrix, overlapping[..., :wide], out.swapaxes(1, 2))
            return
        lowered[..., band.wide :] = 0
        reads = self.walk.axes[-1].affine
        products = room.take((groups, rows, matrix.shape[2], lowered.shape[3]), x.dtype)
        multiply(matrix, overlapping, products)
        group, row, one, item = products.strides
        shifted = np.ndarray(
            (reads.taps, groups, lanes, rows, wide),
            x.dtype,
            products.data,
            0,
            (lanes * one + reads.gap * item, group, one, row, item),
        )
        np.add.reduce(shifted, axis=0, out=out)

    def _band(self, lead: tuple[int, ...], first: int, columns: slice, shape: tuple[int, ...]) -> _Band:
        """The output rows ``first``, ``first + phases``, …, ``shape`` (groups, lanes, rows, columns) of them."""
        key = (*lead, first, columns.start, shape[0], shape[2])
        band = self._bands.get(key)
        if band is None:
            if len(self._bands) >= KEPT_BANDS:
                self._bands.clear()
            band = self._bands[key] = self._plan(lead, first, columns, shape)
        return band

    def _plan(self, lead: tuple[int, ...], first: int, columns: slice, shape: tuple[int, ...]) -> _Band:
        walk, (groups, _, rows, wide) = self.walk, shape
        channels = walk.channels_per_group
        *before, down, across = walk.axes
        taps, gap = down.affine.taps, down.affine.gap if down.affine.taps > 1 else 1
        height = (rows - 1) * self.hop + taps
        reaches = (
            *(reach(axis, slice(one, one + 1)) for axis, one in zip(before, lead, strict=True)),
            Reach(reach(down, slice(first, first + 1)).first, height, gap),
            reach(across, columns),
        )
        fetch = Fetch.of(walk, groups * channels, reaches)
        index = len(before)
        along = (index + 1, across.affine.gap, across.affine.taps), (index + 1, across.affine.stride, wide)
        if self.shifted:
            wide = reaches[-1].count
            along = (index + 1, 1, 1), (index + 1, 1, wide)
        view = fetch.view(
            reaches,
            self.itemsize,
            (-1, channels, groups),
            (index, gap, height),
            (-1, 1, channels),
            *((place, axis.affine.gap, axis.affine.taps) for place, axis in enumerate(before)),
            *along,
        )
        lowered = (groups, height, math.prod(view.shape[2:-1]), pitch(wide))
        if fetch.shape is not None and not before and 1 in (groups, channels):
            if self.shifted:
                return _Band((fetch,), None, lowered, wide)
            if walk.fills and across.affine.taps <= PADDED_EACH:
                firsts = (reaches[-1].first + tap * across.affine.gap for tap in range(across.affine.taps))
                each = (Reach(first, wide, across.affine.stride) for first in firsts)
                fetches = (Fetch.of(walk, groups * channels, (reaches[0], one), copied=True) for one in each)
                return _Band(tuple(fetches), None, lowered, wide)
        return _Band((fetch,), view, lowered, wide)
