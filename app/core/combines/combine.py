"""The record that a combine is: what a tap contributes, how contributions become one value. Knows no geometry.

A combine is made of three pieces, each out of a small vocabulary: a ``term`` per tap, a ``reduce`` over the terms
of a window, and a ``finish``. Their gradients are in ``pullback.py``.
The pieces are defined here in float64, for the replay, and once more in
``static/js/layer/combine.js``, for the page; both read which pieces a combine has from its record, so that a new
combine of known pieces is one file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..padding import BEYOND
from .pullback import REDUCE_BACK, power_back, root_back

Float64 = NDArray[np.float64]

# The term of one tap: the cell times the kernel's weight, times the footprint's own weight, the cell itself,
# or its magnitude to the power p.
Term = Literal["product", "factor", "value", "power"]
# How the terms of a window become one value. ``pick``: lane l takes the term of tap l.
Reduce = Literal["sum", "product", "largest", "smallest", "pick"]
# ``pick`` where steps have phases: lane l takes the channel of its group that the step's phase says.
# The step after the reduction: nothing, a division, or the p-th root.
Close = Literal["none", "divide", "root"]
Cost = Literal["multiply_adds", "comparisons", "additions"]


@dataclass(frozen=True, slots=True)
class Constants:
    """The constants of a combine besides the window: the divisor of a mean, the exponent of a norm.

    ``divisor``: ``elements`` counts the input cells of a window, ``padded`` also the padding but never what
    lies beyond it (the overhang of ceil_mode), a number stands for itself. The divisor of a norm is ``elements``
    or none: with it the root is taken of the mean over the input cells, times all taps of the window.
    """

    divisor: str | int | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The cells that some steps read, (steps, channels, taps), and per step and tap a source index or a code < 0.

    ``factors`` (steps, taps) are the footprint's own weights, where it has any; ``picks`` (steps,) say which term
    each step takes, where that is for the step to say.
    """

    cells: Float64
    codes: NDArray[np.intp]
    factors: Float64 | None = None
    picks: NDArray[np.intp] | None = None


@dataclass(frozen=True, slots=True)
class Effort:
    """Elementary operations that the fast kernels take: for each product, read, step of an axis' pass, output cell.

    One is 0.2 ns of a core; ``python -m benchmarks.charges`` measures them.
    """

    product: float = 0.0
    read: float = 0.0
    step: float = 0.0
    cell: float = 0.0


@dataclass(frozen=True, slots=True)
class Words:
    """How a combine is told, on the page and in figures.

    ``made`` names the value beside the kernel: ``sum``, ``largest``. ``sign`` stands between the grids of a figure
    that shows no kernel. ``opening``, ``between`` and ``closing`` write the terms: ``max(3, 1, 4)``. A sign or a
    closing may hold ``{p}`` and ``{divisor}``. ``back`` is what one tap passes back to its cell, of ``g``, the gradient
    of the value: ``g · w``.
    """

    made: str
    sign: str
    opening: str = ""
    between: str = " + "
    closing: str = ""
    back: str = ""


@dataclass(frozen=True, slots=True)
class Combine:
    """One way to combine a window into a value.

    ``fill`` is what zero-mode padding holds. ``note`` is what a plan says where there is padding. ``code`` has the
    fragments that snippets are written from: ``reduce`` is NumPy's method over a window, ``lax`` and ``start`` are
    what ``lax.reduce_window`` takes.
    """

    name: str
    fill: float
    term: Term
    reduce: Reduce
    words: Words
    effort: Effort
    finish: Close = "none"
    note: str | None = None
    code: Mapping[str, str] = field(default_factory=dict)

    @property
    def weighted(self) -> bool:
        """Whether it multiplies by a kernel."""
        return self.term == "product"

    @property
    def selects(self) -> bool:
        """Whether the value is one of the window's own cells, the winner, whose index can be told."""
        return self.reduce in ("largest", "smallest")

    @property
    def cost(self) -> Cost | None:
        """The unit of a window's cost: of n terms n multiply-adds, or n − 1 products, comparisons or additions."""
        if self.term in ("product", "factor") or self.reduce == "product":
            return "multiply_adds"
        if self.selects:
            return "comparisons"
        return None if self.reduce == "pick" else "additions"

    def apply(
        self, reading: Reading, weight: Float64 | None, bias: Float64 | None, constants: Constants
    ) -> Float64:
        """The values (steps, lanes) of some steps: the slow definition that the fast kernels are held to.

        ``weight`` is (lanes, channels, taps) or None, ``bias`` (lanes,) or None.
        """
        terms = _terms(self.term, reading, weight, constants)
        values: Float64 = _picked(terms, reading) if self.reduce == "pick" else _REDUCE[self.reduce](terms)
        values = _finished(self.finish, values, reading, constants)
        return values if bias is None else values + bias

    def pullback(
        self, reading: Reading, weight: Float64 | None, constants: Constants, gradient: Float64
    ) -> tuple[Float64, Float64 | None]:
        """The gradients of the cells (steps, channels, taps) and of the weight (lanes, channels, taps), tap by tap.

        ``gradient`` (steps, lanes) is that of the values. The slow definition: ``apply`` the other way.
        """
        terms = _terms(self.term, reading, weight, constants)
        if self.finish == "root":
            assert constants.p is not None, "a norm needs its exponent"
            scale = _scale(reading, constants)
            reduced = _REDUCE[self.reduce](terms) * scale
            gradient = np.asarray(root_back(reduced, constants.p, gradient) * scale, np.float64)
        elif self.finish == "divide":
            divisor = constants.divisor
            gradient = gradient / (divisor if isinstance(divisor, int) else _counted(reading, constants))
        if reading.picks is None:
            passed = REDUCE_BACK[self.reduce](terms, gradient)
        else:
            passed = np.zeros(terms.shape)
            np.put_along_axis(passed, reading.picks[:, None, None], gradient[..., None], axis=-1)
        passed = passed.reshape(*passed.shape[:2], *reading.cells.shape[1:])  # (steps, lanes, channels, taps)
        if self.term == "product":
            assert weight is not None, "a sum of products needs a weight"
            to_weight: Float64 = np.einsum("slct,sct->lct", passed, reading.cells)
            to_cells: Float64 = np.einsum("slct,lct->sct", passed, weight)
            return to_cells, to_weight
        cells = passed.sum(axis=1)
        if self.term == "factor":
            assert reading.factors is not None, "a weighted sum needs the footprint's weights"
            cells = np.where((reading.codes <= BEYOND)[:, None], 0, cells * reading.factors[:, None])
        elif self.term == "power":
            assert constants.p is not None, "a norm needs its exponent"
            cells = np.asarray(power_back(reading.cells, constants.p, cells), np.float64)
        return cells, None

    def to_json(self) -> dict[str, Any]:
        """The record as the page reads it."""
        return {
            "name": self.name,
            "term": self.term,
            "reduce": self.reduce,
            "finish": self.finish,
            "cost": self.cost,
            "words": {
                "made": self.words.made,
                "opening": self.words.opening,
                "between": self.words.between,
                "closing": self.words.closing,
            },
        }


def _picked(terms: Float64, reading: Reading) -> Float64:
    """Each lane its term, or the one that the step says."""
    if reading.picks is None:
        return terms[:, 0]
    return np.take_along_axis(terms[:, 0], reading.picks[:, None], axis=1)


_REDUCE = {
    "sum": lambda terms: terms.sum(axis=-1),
    "product": lambda terms: terms.prod(axis=-1),
    "largest": lambda terms: terms.max(axis=-1),
    "smallest": lambda terms: terms.min(axis=-1),
}


def _terms(term: Term, reading: Reading, weight: Float64 | None, constants: Constants) -> Float64:
    """The term of each tap: (steps, lanes, channels · taps), with one lane where all lanes see the same."""
    cells = reading.cells[:, None]  # (steps, 1, channels, taps)
    if term == "product":
        assert weight is not None, "a sum of products needs a weight"
        cells = cells * weight[None]
    elif term == "factor":
        assert reading.factors is not None, "a weighted sum needs the footprint's weights"
        beyond = (reading.codes <= BEYOND)[:, None, None]
        cells = np.where(beyond, 0, cells * reading.factors[:, None, None])
    elif term == "power":
        assert constants.p is not None, "a norm needs its exponent"
        cells = np.abs(cells) ** constants.p
    return cells.reshape(*cells.shape[:2], -1)


def _finished(finish: Close, values: Float64, reading: Reading, constants: Constants) -> Float64:
    if finish == "root":
        assert constants.p is not None, "a norm needs its exponent"
        rooted: Float64 = (values * _scale(reading, constants)) ** (1 / constants.p)
        return rooted
    if finish == "none":
        return values
    if isinstance(constants.divisor, int):
        return values / constants.divisor
    mean: Float64 = values / _counted(reading, constants)  # no number where nothing is counted
    return mean


def _scale(reading: Reading, constants: Constants) -> Float64:
    """The factor of a norm's sum, (steps, 1): taps by counted cells where it is scaled, else 1."""
    if constants.divisor is None:
        return np.ones((len(reading.codes), 1))
    scale: Float64 = reading.codes.shape[-1] / _counted(reading, constants)
    return scale


def _counted(reading: Reading, constants: Constants) -> NDArray[np.intp]:
    """How many cells of each step's window the divisor counts: (steps, 1)."""
    counted = reading.codes > BEYOND if constants.divisor == "padded" else reading.codes >= 0
    total: NDArray[np.intp] = counted.sum(axis=-1, keepdims=True)
    return total
