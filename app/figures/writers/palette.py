"""One palette for all frames of an animation: the figure's own colours exactly, then those of smooth edges.

Pure arrays; knows no file format.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..drawing.colours import channels
from ..drawing.marks import (
    Figure,
    Lines,
    Polygon,
    Rect,
    Text,
    flat,
)

Pixels = NDArray[np.uint8]  # (rows, cols, 3), or 4 with opacity
COLOURS = 256
CLEAR = COLOURS - 1  # the entry of what is not drawn at all, in a palette of a clear figure
OPAQUE = 128  # of 255: what is less is not drawn
EXACT = 224  # own colours at most; what is left is for the edges
COARSE = 3  # bits of a channel that are left out when edges are counted


def own_colours(figures: Iterable[Figure]) -> list[str]:
    """The colours that the marks of some figures have, the most used first."""
    counts: dict[str, int] = {}
    for figure in figures:
        used = [figure.ground]
        for mark in flat(figure.marks):
            match mark:
                case Rect() | Polygon():
                    used += [colour for colour in (mark.style.fill, mark.style.stroke) if colour is not None]
                case Lines():
                    used.append(mark.stroke)
                case Text():
                    used += [colour for _, colour in mark.pieces]
        for colour in used:
            counts[colour] = counts.get(colour, 0) + 1
    return sorted(counts, key=lambda colour: (-counts[colour], colour))


class Palette:
    """Colours, and the nearest of them for any other.

    With pictures that have an opacity one entry is for what is not drawn; what is drawn in part is taken as laid
    over ``ground``, since a palette knows no parts.
    """

    def __init__(self, own: list[str], samples: list[Pixels], ground: str = "#ffffff") -> None:
        self.clear = any(sample.shape[-1] > 3 for sample in samples)
        self._ground = np.array(channels(ground), np.float64)
        samples = [self._laid(sample) for sample in samples]
        room = COLOURS - self.clear
        exact = np.array([channels(colour) for colour in own[:EXACT]], np.int64).reshape(-1, 3)
        self.colours = np.concatenate([exact, _edges(exact, samples, room - len(exact))])
        # The place of every colour that was met; −1 for the others.
        self._places = np.full(2**24, -1, np.int16)

    @property
    def data(self) -> bytes:
        """Red, green and blue of all entries; black where none is needed."""
        filled = np.zeros((COLOURS, 3), np.uint8)
        filled[: len(self.colours)] = self.colours
        return filled.tobytes()

    def indices(self, pixels: Pixels) -> NDArray[np.uint8]:
        """A picture as places in the palette (rows, cols)."""
        packed = _packed(self._laid(pixels))
        found = self._places[packed]
        missing = np.unique(packed[found < 0])
        if missing.size:
            for start in range(0, missing.size, 4096):
                some = missing[start : start + 4096]
                parts = np.stack([some >> 16, some >> 8 & 255, some & 255], axis=-1)
                away = ((parts[:, None] - self.colours[None]) ** 2).sum(axis=-1)
                self._places[some] = away.argmin(axis=-1)
            found = self._places[packed]
        places = found.astype(np.uint8)
        if self.clear:
            places[pixels[..., 3] < OPAQUE] = CLEAR
        return places

    def _laid(self, pixels: Pixels) -> Pixels:
        """Pixels with an opacity, laid over the ground."""
        if pixels.shape[-1] == 3:
            return pixels
        part = pixels[..., 3:] / 255
        laid: Pixels = np.rint(pixels[..., :3] * part + self._ground * (1 - part)).astype(np.uint8)
        return laid


def _packed(pixels: Pixels) -> NDArray[np.int64]:
    parts = pixels.astype(np.int64)
    packed: NDArray[np.int64] = parts[..., 0] << 16 | parts[..., 1] << 8 | parts[..., 2]
    return packed


def _edges(exact: NDArray[np.int64], samples: list[Pixels], most: int) -> NDArray[np.int64]:
    """The commonest of the other colours, those close together taken as one."""
    packed = np.concatenate([_packed(sample).ravel() for sample in samples])
    known = exact[:, 0] << 16 | exact[:, 1] << 8 | exact[:, 2]
    colours, counts = np.unique(packed[~np.isin(packed, known)], return_counts=True)
    parts = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=-1)
    coarse = parts >> COARSE
    _, groups = np.unique(coarse[:, 0] << 16 | coarse[:, 1] << 8 | coarse[:, 2], return_inverse=True)
    weight = np.bincount(groups, counts)
    sums = np.stack([np.bincount(groups, counts * parts[:, channel]) for channel in range(3)], axis=-1)
    order = np.lexsort((np.arange(len(weight)), -weight))[:most]
    return np.rint(sums[order] / weight[order, None]).astype(np.int64)
