"""The record that an activation is: a formula, its arithmetic in place, its names in frameworks. Knows no layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


class Pullback(Protocol):
    """The gradient of what went in, out of ``gradient``, that of what came out; every array is left as it is.

    ``before`` and ``after`` are the values before and after the activation. ``before`` may be the same array as
    ``after`` unless the activation ``keeps`` what went in.
    """

    def __call__(self, gradient: Array, before: Array, after: Array, channels: int) -> Array:
        """A new array, or ``gradient`` itself where nothing changes."""


class Apply(Protocol):
    """Changes ``values`` in place; ``channels`` is the axis along which the channels lie."""

    def __call__(self, values: Array, channels: int) -> None:
        """Replace every value by the activation's."""


@dataclass(frozen=True, slots=True)
class Activation:
    """The function that every output value passes through after the layer.

    ``formula`` is what people read and what the page computes with: ``x`` is the value; numbers, ``+ − * /``,
    parentheses, and the functions exp, tanh, erf, sqrt, max and min (``static/js/layer/activations.js`` reads
    it). Where the activation is ``across`` channels, ``x`` is the cell's value in each channel and the formula is
    read by people only. ``apply`` is the same in NumPy; infinities and NaN go where the arithmetic sends them.
    ``pullback`` multiplies a gradient by the derivative, which ``derivative`` writes down; at a kink it is the
    derivative from the left, as in PyTorch.
    ``code`` holds, per target of code out, an expression of ``y``, whose channels lie on axis ``{channels}``;
    ``imports`` what that expression needs. ``onnx`` are nodes: operator, attributes, and inputs out of ``y`` and
    ``last``, the result of the node before. ``names`` are what pasted code calls it, in lower case.
    """

    name: str
    title: str
    rank: int  # its place in a menu
    description: str
    formula: str
    apply: Apply
    pullback: Pullback
    derivative: str  # as people read it, of x and of y = f(x)
    keeps: bool = False  # whether its pullback looks at what went in
    across: Literal["cell", "channels"] = "cell"
    effort: float = 0.0  # elementary operations of an output cell; one is 0.2 ns of a core
    code: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    onnx: tuple[tuple[str, Mapping[str, Any], tuple[str, ...]], ...] = ()
    names: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether any value becomes another."""
        return self.formula != "x"

    def to_json(self) -> dict[str, Any]:
        """The record as the page reads it."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "formula": self.formula,
            "across": self.across,
        }


def in_place(function: Callable[[Array], Array]) -> Apply:
    """An activation that looks at one value at a time: ``values`` (channels, …) become ``function(values)``."""

    def apply(values: Array, channels: int) -> None:
        values[...] = function(values)

    return apply
