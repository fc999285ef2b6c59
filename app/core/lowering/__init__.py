"""The fast engine that kernels share: bands of padded input, matrix products that fit the caches, reductions.

Knows walks and arrays, and no operation. A kernel takes a ``Part`` and some rows of the first axis, which it
computes without the others. ``correlate`` and ``separable`` are what operations use.
"""

from .cells import pad, windows
from .correlation import correlate
from .part import Array, Part, copied, whole
from .quiet import quiet
from .reduction import counts_of, divided_by, separable, window_counts

__all__ = [
    "Array",
    "Part",
    "copied",
    "correlate",
    "counts_of",
    "divided_by",
    "pad",
    "quiet",
    "separable",
    "whole",
    "window_counts",
    "windows",
]
