"""The fast engine that kernels share: bands of padded input, matrix products that fit the caches, reductions.

Knows walks and arrays, and no operation. A kernel takes a ``Part`` and some rows of the first axis, which it
computes without the others. ``correlate`` and ``separable`` are what operations use.
"""
