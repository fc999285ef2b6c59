"""Where a snippet's arrays can be had again: lines of NumPy that draw them, or words. Knows no source, no files."""

from __future__ import annotations

import math

from ...core.geometry import Geometry
from .tensors import Origin


def noise(shape: tuple[int, ...], seed: int, distribution: str) -> Origin:
    """The line that draws seeded noise, as ``app/images/sources.py`` does."""
    how = "standard_normal" if distribution == "normal" else "random"
    return Origin(f"np.random.default_rng({seed}).{how}({shape}, dtype=np.float32)")


def random_weight(built: Geometry, seed: int) -> Origin:
    """The line that draws the preset random, as ``app/core/weights.py`` does."""
    walk = built.walk
    drawn = walk.weight_shape
    deviation = math.sqrt(2 / math.prod(drawn[1:]))
    line = f"np.random.default_rng({seed}).normal(0, {deviation!r}, {drawn}).round(4).astype(np.float32)"
    if built.weight_layout == "channels":
        each = (walk.groups, walk.lanes_per_group, walk.channels_per_group, *walk.tap_shape)
        line += f".reshape({each}).swapaxes(1, 2).reshape({built.weight_shape})"
    return Origin(line)
