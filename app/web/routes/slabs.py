"""A large output as the bytes of an ``.npy`` file, slab by slab: what is held does not grow with it. Knows no HTTP."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.engine.trace import Layer, Trace
from ...core.errors import Busy, TooMany
from ...images.read.npy import little_endian, npy_head_of
from ..http.answering import ROOM, SLICE_BYTES
from ..server.compute import Compute
from ..server.progress import tell

SLAB_BYTES = 1 << 24  # computed at once: with several lanes in it a kernel is as fast as with all of them
ROOM_S = 0.25  # between two looks for room, for an answer that has begun


@dataclass(frozen=True, slots=True)
class Slab:
    """Cells that lie one after another in C order: some whole lanes, or some rows of one lane."""

    lanes: range
    rows: range


class Slabs:
    """The file of one output. Its reader sets the pace.

    After ``rest_s`` without a read everything is let go, the room too; with the next read the layer is built
    ``again`` and the slab computed anew, to the very same bytes.
    """

    def __init__(
        self, layer: Layer, again: Callable[[], Awaitable[Layer]], compute: Compute, rest_s: float
    ) -> None:
        self._layer: Layer | None = layer
        self._again = again
        self._compute = compute
        self._rest_s = rest_s
        self._shape = layer.geometry.walk.output_shape
        self._dtype = little_endian(layer.x.dtype)
        self._head = npy_head_of(layer.geometry.output_shape, self._dtype)
        self._slab: NDArray[np.floating] | None = None
        self._takes = held_by(layer) + SLAB_BYTES
        self._room = ROOM.get()
        if self._room is not None:
            self._room.take(self._takes)
        self._has_room = True

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return len(self._head) + math.prod(self._shape) * self._dtype.itemsize

    @property
    def rests(self) -> bool:
        """Whether everything was let go."""
        return self._layer is None

    async def begin(self) -> None:
        """Compute the first slab: what is refused is refused before the answer begins."""
        await self._fill(next(self._slabs()))

    async def slices(self) -> AsyncGenerator[bytes, None]:
        """The file in slices."""
        yield self._head
        for slab in self._slabs():
            start, stop = 0, self._bytes_of(slab)
            while start < stop:
                if self._slab is None:
                    await self._fill(slab)
                assert self._slab is not None
                part = self._slab.reshape(-1).view(np.uint8)[start : start + SLICE_BYTES].tobytes()
                start += len(part)
                timer = asyncio.get_running_loop().call_later(self._rest_s, self._rest)
                try:
                    yield part
                finally:
                    timer.cancel()
            self._slab = None
            tell(slab.lanes.start * self._shape[1] + slab.rows.stop, self._shape[0] * self._shape[1])

    def _slabs(self) -> Iterator[Slab]:
        lanes, rows, *rest = self._shape
        row_bytes = math.prod(rest) * self._dtype.itemsize
        most = max(1, SLAB_BYTES // (row_bytes * rows))
        tall = rows if row_bytes * rows <= SLAB_BYTES else max(1, SLAB_BYTES // row_bytes)
        for first in range(0, lanes, most):
            for top in range(0, rows, tall):
                yield Slab(range(first, min(lanes, first + most)), range(top, min(rows, top + tall)))

    def _bytes_of(self, slab: Slab) -> int:
        return len(slab.lanes) * len(slab.rows) * math.prod(self._shape[2:]) * self._dtype.itemsize

    async def _fill(self, slab: Slab) -> None:
        """Compute a slab, in pieces as short as any other's."""
        while not self._has_room:
            try:
                self._room.take(self._takes)  # type: ignore[union-attr]
            except (Busy, TooMany):
                await asyncio.sleep(ROOM_S)
            else:
                self._has_room = True
        if self._layer is None:
            self._layer = await self._again()
        layer = self._layer
        made = np.empty((len(slab.lanes), len(slab.rows), *self._shape[2:]), self._dtype)
        complete = len(slab.lanes) == self._shape[0]
        trace = await self._compute.run(
            layer.x.size, lambda: Trace(layer, None if complete else tuple(slab.lanes), window=False)
        )
        for top in range(slab.rows.start, slab.rows.stop, trace.rows_per_piece):
            rows = slice(top, min(slab.rows.stop, top + trace.rows_per_piece))
            into = made[:, rows.start - slab.rows.start : rows.stop - slab.rows.start]
            await self._compute.run(
                layer.geometry.work,
                lambda rows=rows, into=into: np.copyto(into, trace.values(rows)),  # type: ignore[misc]
            )
        self._slab = made

    def _rest(self) -> None:
        self._layer = self._slab = None
        if self._room is not None:
            self._room.give(self._takes)
            self._has_room = False


def held_by(layer: Layer) -> int:
    """Bytes that a layer holds while it computes: its tensors, and its input with the padding."""
    padded = math.prod(layer.geometry.padded_shape) * layer.x.itemsize
    weight = 0 if layer.weight is None else layer.weight.nbytes
    return layer.x.nbytes + padded + weight
