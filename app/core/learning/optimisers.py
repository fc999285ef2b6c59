"""Optimisers, as PyTorch defines them. Knows a row of parameters and the row of their gradients, no network.

Where Keras computes otherwise, ``keras`` says so: it matters when a curve is compared with one of Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


@dataclass(slots=True)
class State:
    """The state of an optimiser between two training steps: the steps done, and rows by name."""

    steps: int = 0
    rows: dict[str, Array] = field(default_factory=dict)

    def row(self, name: str, like: Array) -> Array:
        """The row of that name in the shape of ``like``, 0 when it is first asked for."""
        found = self.rows.get(name)
        if found is None:
            found = self.rows[name] = np.zeros_like(like)
        return found

    def copy(self) -> State:
        """A copy that later steps do not change."""
        return State(self.steps, {name: row.copy() for name, row in self.rows.items()})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of an optimiser. ``decay`` is that of the weights, ``clip`` the largest norm of all gradients."""

    kind: str
    rate: float
    momentum: float = 0.9
    alpha: float = 0.99
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    decay: float = 0.0
    clip: float | None = None


@dataclass(frozen=True, slots=True)
class Optimiser:
    """One way to change parameters. ``update`` changes the row in place; ``takes`` are the settings that it reads."""

    name: str
    title: str
    formula: str
    rate: float  # PyTorch's default, or a usual one where it has none
    update: Callable[[Array, Array, State, Settings], None]
    takes: tuple[str, ...]
    rows: tuple[str, ...] = ()  # of its state
    decoupled: bool = False  # whether the decay shrinks the weights beside the gradient
    keras: str = ""


def _sgd(row: Array, gradient: Array, state: State, how: Settings) -> None:
    """``w ← w − η g``."""
    row -= row.dtype.type(how.rate) * gradient


def _momentum(row: Array, gradient: Array, state: State, how: Settings) -> None:
    """``v ← μ v + g``, ``w ← w − η v``."""
    velocity = state.row("velocity", row)
    velocity *= row.dtype.type(how.momentum)
    velocity += gradient
    row -= row.dtype.type(how.rate) * velocity


def _nesterov(row: Array, gradient: Array, state: State, how: Settings) -> None:
    """``v ← μ v + g``, ``w ← w − η (g + μ v)``."""
    velocity, kind = state.row("velocity", row), row.dtype.type
    velocity *= kind(how.momentum)
    velocity += gradient
    row -= kind(how.rate) * (gradient + kind(how.momentum) * velocity)


def _rmsprop(row: Array, gradient: Array, state: State, how: Settings) -> None:
    """``s ← α s + (1 − α) g²``, ``w ← w − η g / (√s + ε)``."""
    square, kind = state.row("square", row), row.dtype.type
    square *= kind(how.alpha)
    square += kind(1 - how.alpha) * gradient * gradient
    below = np.sqrt(square)
    below += kind(how.epsilon)
    row -= kind(how.rate) * gradient / below


def _adam(row: Array, gradient: Array, state: State, how: Settings) -> None:
    """``m ← β₁ m + (1 − β₁) g``, ``v ← β₂ v + (1 − β₂) g²``, ``w ← w − η m̂ / (√v̂ + ε)`` with m̂ = m / (1 − β₁ᵗ)."""
    mean, square, kind = state.row("mean", row), state.row("square", row), row.dtype.type
    mean *= kind(how.beta1)
    mean += kind(1 - how.beta1) * gradient
    square *= kind(how.beta2)
    part = gradient * gradient
    part *= kind(1 - how.beta2)
    square += part
    np.sqrt(square, out=part)
    part *= kind(1 / (1 - how.beta2**state.steps) ** 0.5)
    part += kind(how.epsilon)
    np.divide(mean, part, out=part)
    part *= kind(how.rate / (1 - how.beta1**state.steps))
    row -= part


_MOMENTUM_IN_KERAS = "v ← μ v − η g, w ← w + v: the same as long as the rate stays"
OPTIMISERS: Mapping[str, Optimiser] = MappingProxyType(
    {
        one.name: one
        for one in (
            Optimiser("sgd", "SGD", "w ← w − η g", 0.1, _sgd, ("decay",)),
            Optimiser(
                "momentum",
                "Momentum",
                "v ← μ v + g, w ← w − η v",
                0.05,
                _momentum,
                ("momentum", "decay"),
                ("velocity",),
                keras=_MOMENTUM_IN_KERAS,
            ),
            Optimiser(
                "nesterov",
                "Nesterov",
                "v ← μ v + g, w ← w − η (g + μ v)",
                0.05,
                _nesterov,
                ("momentum", "decay"),
                ("velocity",),
                keras=_MOMENTUM_IN_KERAS,
            ),
            Optimiser(
                "rmsprop",
                "RMSprop",
                "s ← α s + (1 − α) g², w ← w − η g / (√s + ε)",
                0.01,
                _rmsprop,
                ("alpha", "epsilon", "decay"),
                ("square",),
                keras="α is 0.9, the rate 0.001 and ε 1e-7, which stands inside the root",
            ),
            Optimiser(
                "adam",
                "Adam",
                "w ← w − η m̂ / (√v̂ + ε)",
                0.001,
                _adam,
                ("beta1", "beta2", "epsilon", "decay"),
                ("mean", "square"),
                keras="ε is 1e-7 and is added before the correction of v",
            ),
            Optimiser(
                "adamw",
                "AdamW",
                "w ← w − η λ w, then Adam",
                0.001,
                _adam,
                ("beta1", "beta2", "epsilon", "decay"),
                ("mean", "square"),
                decoupled=True,
                keras="ε is 1e-7, and the decay 0.004",
            ),
        )
    }
)


def clipped(gradient: Array, most: float | None) -> float:
    """Scale the gradient in place by ``min(1, most / (norm + 1e-6))``, as PyTorch does; the norm before."""
    norm = float(np.sqrt(np.vdot(gradient, gradient)))
    if most is not None and norm > most:
        gradient *= gradient.dtype.type(min(1.0, most / (norm + 1e-6)))
    return norm


def update(row: Array, gradient: Array, state: State, how: Settings) -> float:
    """Update the row (parameters,) in place: clipping, decay, optimiser; the gradient's norm before clipping.

    Decay is ``row −= rate · decay · row`` where it is decoupled (AdamW), else ``gradient += decay · row``.
    """
    optimiser = OPTIMISERS[how.kind]
    norm = clipped(gradient, how.clip)
    state.steps += 1
    if how.decay and optimiser.decoupled:
        row *= row.dtype.type(1 - how.rate * how.decay)
    elif how.decay:
        gradient += row.dtype.type(how.decay) * row
    optimiser.update(row, gradient, state, how)
    return norm


def settings_of(kind: str, rate: float | None, **given: Any) -> Settings:
    """Settings with the defaults of an optimiser."""
    return Settings(kind, OPTIMISERS[kind].rate if rate is None else rate, **given)
