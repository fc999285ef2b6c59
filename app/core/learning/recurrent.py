"""A recurrent layer with a value a step, for comparison with convolutions; it is trained as they are, on the same data.

``h_t = tanh(u x_t + W h_{t−1} + b)`` and ``y_t = v · h_t + c``, with h_{−1} = 0. Its steps follow one another, so it is
no walk and no operation. Knows examples and losses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .examples import Examples, asked
from .loop import How
from .losses import LOSSES
from .optimisers import State, update
from .streams import stream

Array = NDArray[np.floating]
Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Its settings: units, the spectral radius that W starts with, and whether tanh is left out."""

    hidden: int = 16
    radius: float = 1.0
    linear: bool = False

    @property
    def size(self) -> int:
        """How many parameters there are: ``h (h + 3) + 1``."""
        return self.hidden * (self.hidden + 3) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Tensors:
    """u, W, b, v and c as views into a row."""

    into: Array
    hidden: Array
    bias: Array
    out: Array
    offset: Array

    @classmethod
    def of(cls, row: Array, units: int) -> Tensors:
        """Views into a row (h² + 3h + 1,): u (h,), W (h, h), b (h,), v (h,), c (1,), h being ``units``."""
        cuts = np.cumsum([units, units * units, units, units])
        into, hidden, bias, out, offset = np.split(row, cuts)
        return cls(into, hidden.reshape(units, units), bias, out, offset)


def started(how: Recurrence, seed: int, dtype: str = "float32") -> Array:
    """W orthogonal times the radius, all else uniform within ±1/√h, as PyTorch has it."""
    rng = stream(seed, "start")
    row = rng.uniform(-1, 1, how.size) / math.sqrt(how.hidden)
    rotation, scale = np.linalg.qr(rng.normal(size=(how.hidden, how.hidden)))
    Tensors.of(row, how.hidden).hidden[...] = rotation * np.sign(np.diag(scale)) * how.radius
    return row.astype(dtype)


def forward(row: Array, how: Recurrence, x: Array) -> tuple[Array, Array]:
    """Outputs (steps, count) and states (steps + 1, hidden, count) for inputs (steps, count)."""
    own = Tensors.of(row, how.hidden)
    states = np.zeros((len(x) + 1, how.hidden, x.shape[1]), row.dtype)
    for step, now in enumerate(x):
        state = own.hidden @ states[step]
        state += own.into[:, None] * now
        state += own.bias[:, None]
        states[step + 1] = state if how.linear else np.tanh(state)
    return np.einsum("h,shc->sc", own.out, states[1:]) + own.offset, states


def backward(row: Array, how: Recurrence, x: Array, states: Array, gradient: Array) -> tuple[Array, Array]:
    """The gradients of the row and of the inputs, ``gradient`` (steps, count) being that of the outputs.

    ``∂h_{t−1} = Wᵀ (∂h_t · (1 − h_t²))``, from the last step to the first.
    """
    own = Tensors.of(row, how.hidden)
    found = np.zeros_like(row)
    into = Tensors.of(found, how.hidden)
    to_input = np.zeros_like(x)
    later = np.zeros_like(states[0])
    for step in range(len(x) - 1, -1, -1):
        state = states[step + 1]
        flow = own.out[:, None] * gradient[step] + later
        if not how.linear:
            flow *= 1 - state * state
        into.hidden[...] += flow @ states[step].T
        into.into[...] += flow @ x[step]
        into.bias[...] += flow.sum(axis=1)
        to_input[step] = own.into @ flow
        later = own.hidden.T @ flow
    into.out[...] = np.einsum("sc,shc->h", gradient, states[1:])
    into.offset[...] = gradient.sum()
    return found, to_input


class RecurrentTraining:
    """A recurrent layer under training, with the batches that a network of the same seed sees."""

    def __init__(self, examples: Examples, settings: Recurrence, how: How, dtype: str = "float32") -> None:
        part = examples.training
        assert part.values is not None, "a series asks for values"
        self.examples, self.settings, self.how = examples, settings, how
        self.row = started(settings, how.seed, dtype)
        self.state = State()
        self.step = 0
        self.norm = 0.0  # of the last gradient, before it is clipped
        steps = part.values.shape[1]
        self._x = np.ascontiguousarray(part.x[:, 0].T, dtype)
        self._target = asked(part.values, steps, dtype)
        self._counts = None if part.counts is None else asked(part.counts, steps, dtype)

    def _chosen(self) -> NDArray[np.intp]:
        count, batch = len(self.examples.training), self.how.batch
        epoch, place = divmod(self.step, -(-count // batch))
        order = stream(self.how.seed, "order", epoch).permutation(count)
        return order[place * batch : (place + 1) * batch]

    def train(self) -> float:
        """One training step; its loss."""
        chosen = self._chosen()
        x = self._x[:, chosen]
        with np.errstate(all="ignore"):  # what grows without bounds is told by the numbers
            output, states = forward(self.row, self.settings, x)
            given = (output, self._target[:, chosen])
            counts = () if self._counts is None else (self._counts[:, chosen],)
            value, back = LOSSES[self.how.loss].of(*given, *counts)
            gradient, _ = backward(self.row, self.settings, x, states, back)
            self.norm = update(self.row, gradient, self.state, self.how.optimiser)
        self.step += 1
        return value

    def outputs(self, x: Array) -> Array:
        """Its outputs for examples (count, 1, steps): (steps, count)."""
        with np.errstate(all="ignore"):
            return forward(self.row, self.settings, np.ascontiguousarray(x[:, 0].T, self.row.dtype))[0]

    def lags(self, x: Array) -> Float64:
        """``mean |∂y_T / ∂x_{T−n}|`` over examples, for n from 0."""
        wide = np.ascontiguousarray(x[:, 0].T, self.row.dtype)
        with np.errstate(all="ignore"):
            output, states = forward(self.row, self.settings, wide)
            upstream = np.zeros_like(output)
            upstream[-1] = 1
            _, back = backward(self.row, self.settings, wide, states, upstream)
        found: Float64 = np.abs(back.astype(np.float64)).mean(axis=1)[::-1]
        return found
