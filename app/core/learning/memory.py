"""How far back a network's last output depends on its input: the field in steps, and the gradient at each lag.

Knows networks on one axis and arrays; knows no data set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import Unfit, counted
from ..network.backward import BatchNetwork, Statistics
from ..network.receptive import receptive_fields
from ..network.shapes import Shapes
from ..place import SOURCE

Array = NDArray[np.floating]
Float64 = NDArray[np.float64]
Verdict = Literal["short", "enough", "beyond"]


@dataclass(frozen=True, slots=True)
class Memory:
    """The steps that one output sees: ``past`` before now and ``future`` after it, of ``size`` from end to end.

    ``padded`` is how many outputs at the beginning read padding; ``depth`` how many layers follow each other.
    """

    size: int
    past: int
    future: int
    padded: int
    depth: int

    def verdict(self, period: int, window: int) -> Verdict:
        """Whether a season fits into what is seen, and what is seen into an example."""
        if self.past + 1 < period:
            return "short"
        return "beyond" if self.padded >= window else "enough"


def memory_of(shapes: Shapes) -> Memory:
    """The field of a network's outputs in steps; raises Unfit where they do not advance a step each."""
    placed = shapes.placed[shapes.network.last.name]
    steps, outputs = shapes.input_shape[1], math.prod(placed.shape)
    view = receptive_fields(shapes)[shapes.network.last.name].views[0]
    if outputs > 1 and view.jump != 1:
        raise Unfit(
            "layers",
            counted(outputs, "output"),
            f"each lies {view.jump} after the one before, and a series asks for one value a step",
            "Use strides of 1.",
            pointer=shapes.network.last.pointer,
        )
    behind = steps - outputs  # output k stands for step k + behind
    seen = view.at(outputs - 1)
    past = steps - 1 - seen.first
    future = max(0, seen.first + seen.extent - steps)
    padded = max(0, past - behind) if outputs > 1 else int(seen.first < 0)
    return Memory(seen.extent, past, future, min(padded, outputs), depth_of(shapes))


def depth_of(shapes: Shapes) -> int:
    """Layers that follow each other on the longest way through."""
    found: dict[str, int] = {SOURCE: 0}
    for node in shapes.network.order:
        found[node.name] = 1 + max(found[name] for name in node.inputs)
    return found[shapes.network.last.name]


def lags_of(shapes: Shapes, row: Array, x: Array, statistics: Statistics | None = None) -> Float64:
    """``mean |∂y_T / ∂x_{T−n}|`` over examples (count, 1, steps) for n from 0, y_T being the last output."""
    count = len(x)
    wide = np.ascontiguousarray(x.reshape(count, -1).T.astype(row.dtype)).reshape(*x.shape[1:], count)
    network = BatchNetwork(shapes, count, row, statistics=statistics, to_source=True)
    output = network.forward(wide)
    upstream = np.zeros_like(output)
    upstream.reshape(-1, count)[-1] = 1
    back = network.backward(upstream)
    if back is None:
        return np.zeros(x.shape[-1])
    found: Float64 = np.abs(back.astype(np.float64)).mean(axis=(0, 2))[::-1]
    return found
