"""Padding: named rules to (begin, end) per axis, and modes that say what a padded cell holds. Knows one axis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .shapes import same_total

IntArray = NDArray[np.intp]

FILL = -1  # a cell that holds the fill value
BEYOND = -2  # past the padding: only the overhang of ceil_mode reads there


def _same(size: int, span: int, stride: int) -> tuple[int, int]:
    total = same_total(size, span, stride)
    return total // 2, total - total // 2


def _same_lower(size: int, span: int, stride: int) -> tuple[int, int]:
    end, begin = _same(size, span, stride)
    return begin, end


Rule = Callable[[int, int, int], tuple[int, int]]

# Each takes (size, span, stride) and gives (begin, end); span is the kernel's extent with its dilation.
PADDING_RULES: dict[str, Rule] = {
    "valid": lambda size, span, stride: (0, 0),
    "same": _same,
    "same_lower": _same_lower,
    "full": lambda size, span, stride: (span - 1, span - 1),
    "causal": lambda size, span, stride: (span - 1, 0),
}


def _zeros(coordinates: IntArray, size: int) -> IntArray:
    return np.where((coordinates >= 0) & (coordinates < size), coordinates, FILL)


def _reflect(coordinates: IntArray, size: int) -> IntArray:
    folded = np.abs(coordinates)
    return np.where(folded >= size, 2 * (size - 1) - folded, folded)


def _symmetric(coordinates: IntArray, size: int) -> IntArray:
    folded = np.where(coordinates < 0, -1 - coordinates, coordinates)
    return np.where(folded >= size, 2 * size - 1 - folded, folded)


def _replicate(coordinates: IntArray, size: int) -> IntArray:
    return np.clip(coordinates, 0, size - 1)


def _circular(coordinates: IntArray, size: int) -> IntArray:
    return coordinates % size


# Each takes coordinates within the padding and the input's size, and gives source indices or FILL.
PADDING_MODES: dict[str, Callable[[IntArray, int], IntArray]] = {
    "zeros": _zeros,
    "constant": _zeros,
    "reflect": _reflect,
    "symmetric": _symmetric,
    "replicate": _replicate,
    "circular": _circular,
}


FILLED = ("zeros", "constant")  # modes whose padded cells hold the fill value


def widest_padding(mode: str, size: int) -> int | None:
    """The most cells that a mode can add on one side of an axis, or None where there is no limit.

    A reflection leaves out the edge cell, so it has ``size − 1`` cells to show; with its edge, and a circle, ``size``.
    """
    return {"reflect": size - 1, "symmetric": size, "circular": size}.get(mode)
