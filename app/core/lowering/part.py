"""The operands of a kernel: a walk with its tensors, whole or narrowed to some lanes. Knows no lowering."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..combines.combine import Constants
from ..walk.walk import Walk
from .cells import pad, windows

Array = NDArray[np.floating]


@dataclass(eq=False)
class Part:
    """A walk with its tensors. ``x`` is not padded: a kernel pads the band that it works on."""

    walk: Walk
    x: Array  # (channels, *sizes), C-contiguous
    weight: Array | None  # (lanes, channels of a group, *taps)
    bias: Array | None  # (lanes,)
    constants: Constants

    @functools.cached_property
    def padded(self) -> Array:
        """The whole input padded, for ``windows``: (channels, *padded sizes)."""
        return pad(self.walk, self.x)


def step_box(walk: Walk, rows: slice) -> tuple[slice, ...]:
    """The box of all steps whose first axis lies in ``rows``."""
    return (rows, *[slice(0, count) for count in walk.step_shape[1:]])


def across_inputs(part: Part, rows: slice, ufunc: np.ufunc) -> Array:
    """Each lane takes its cell of every input together: (lanes, rows, *other steps)."""
    walk = part.walk
    inputs = part.x.reshape(walk.channels_per_group, walk.groups, *part.x.shape[1:])
    together: Array = ufunc.reduce(inputs[:, :, rows], axis=0)
    return together


def one_by_one(inputs: Sequence[Array], ufunc: np.ufunc) -> Array:
    """The same as ``across_inputs`` of inputs (lanes, *steps) that lie apart."""
    together: Array = ufunc(inputs[0], inputs[1])
    for one in inputs[2:]:
        ufunc(together, one, out=together)
    return together


def copied(part: Part, rows: slice) -> Array:
    """Each lane takes one tap of its channel's window: (lanes, rows, *other steps), a copy."""
    view = windows(part.walk, part.padded, step_box(part.walk, rows))
    steps = view.shape[-len(part.walk.axes) :]
    return np.array(view).reshape(part.walk.lanes, *steps)
