"""A large output as a PNG, drawn band by band: a byte of each cell is held, not the numbers. Knows no HTTP."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator

import numpy as np

from ...core.engine.trace import Array, Layer
from ...images.write.encode import Sheet, span_of
from ..http.answering import hold
from ..server.compute import Compute
from ..server.progress import tell
from ..stream.costs import AS_PNG

COPIES = 2  # bytes of a cell: on the sheet and, where it does not shrink, in the file


async def sheet_of(layer: Layer, compute: Compute) -> bytes:
    """The file. The output is computed twice: its smallest and largest number are known after the first time."""
    shape = layer.geometry.walk.output_shape
    hold(COPIES * math.prod(shape))
    low, high = np.inf, -np.inf
    async for band, _ in _bands(layer, compute):
        least, most = await compute.run(band.size, lambda band=band: span_of(band))  # type: ignore[misc]
        low, high = min(low, least), max(high, most)
    columns = layer.geometry.result == "columns"  # a matrix is one map, its bands are columns of it
    drawn = (shape[0], math.prod(shape[1:])) if columns else shape
    sheet = Sheet(drawn, (low, high))
    each = math.prod(shape[2:]) if columns else 1  # of a row, positions on the first axis of what is drawn
    async for rows, first in _bands(layer, compute):
        band = rows.reshape(len(rows), -1) if columns else rows
        await compute.run(band.size * 20, lambda band=band, at=first * each: sheet.put(band, at))  # type: ignore[misc]
        tell(first, shape[1])
    return await compute.run(math.prod(shape) * AS_PNG, sheet.png)


async def _bands(layer: Layer, compute: Compute) -> AsyncIterator[tuple[Array, int]]:
    """The output, a bounded piece of work after the other, each with its first row."""
    bands, first = layer.bands(), 0
    while (band := await compute.run(layer.geometry.work, lambda: next(bands, None))) is not None:
        yield band, first
        first += band.shape[1]
