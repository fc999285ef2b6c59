"""GELU: every value times the share of a standard normal distribution that lies below it; exact, by erf."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .activation import Activation, Array

# Beyond the first number erf is 1 in the precision at hand; a series of the second degree has all its digits.
_FIT = {np.dtype(np.float32): (4.0, 18), np.dtype(np.float64): (6.0, 40)}


def _interpolated(function: Callable[[NDArray[np.float64]], NDArray[np.float64]], degree: int) -> list[float]:
    """Chebyshev coefficients of the polynomial through a function's values at the Chebyshev points."""
    points = np.polynomial.chebyshev.chebpts1(degree + 1)
    fitted: list[float] = np.polynomial.chebyshev.chebfit(points, function(points), degree).tolist()
    return fitted


@functools.cache
def _series(dtype: np.dtype[np.floating]) -> tuple[float, tuple[float, ...]]:
    """A span, and the Chebyshev coefficients of ``erf(span · t) / t`` over ``u = 2t² − 1``: erf is odd."""
    span, degree = _FIT[dtype]

    def even(u: NDArray[np.float64]) -> NDArray[np.float64]:
        t = np.sqrt((u + 1) / 2)
        return np.array([math.erf(span * at) / at for at in t])

    return span, tuple(_interpolated(even, degree))


def erf(values: Array) -> Array:
    """The error function to the precision of its argument, by Clenshaw's recurrence; NaN stays NaN."""
    span, coefficients = _series(values.dtype)
    kind = values.dtype.type
    t = np.clip(values / kind(span), -1, 1)
    twice = 2 * (2 * t * t - 1)
    ahead, behind = np.zeros_like(t), np.zeros_like(t)
    for coefficient in reversed(coefficients[1:]):
        ahead, behind = twice * ahead - behind + kind(coefficient), ahead
    result: Array = t * (twice / 2 * ahead - behind + kind(coefficients[0]))
    np.copyto(
        result, t, where=np.abs(t) == 1
    )  # exactly 1, so that nothing is left of a large negative number
    return result


def _apply(values: Array, channels: int) -> None:
    kind = values.dtype.type
    values *= kind(0.5) * (1 + erf(values / kind(math.sqrt(2))))


def _pullback(gradient: Array, before: Array, after: Array, channels: int) -> Array:
    kind = before.dtype.type
    below = kind(0.5) * (1 + erf(before / kind(math.sqrt(2))))
    density = np.exp(before * before * kind(-0.5)) * kind(1 / math.sqrt(2 * math.pi))
    return gradient * (below + before * density)


ACTIVATION = Activation(
    name="gelu",
    title="GELU",
    rank=5,
    description="Multiplies every output x by the chance that a standard normal number lies below x.",
    formula="x / 2 * (1 + erf(x / sqrt(2)))",
    apply=_apply,
    pullback=_pullback,
    derivative="(1 + erf(x / sqrt(2))) / 2 + x * exp(-x * x / 2) / sqrt(2 * pi)",
    keeps=True,
    effort=225,
    code={
        "numpy": "y / 2 * (1 + np.vectorize(math.erf)(y / np.sqrt(2)))",
        "jax": "jax.nn.gelu(y, approximate=False)",
        "pytorch": "torch.nn.functional.gelu(y)",
        "keras": "keras.ops.gelu(y, approximate=False)",
    },
    imports={"numpy": "import math", "jax": "import jax"},
    onnx=(("Gelu", {}, ("y",)),),
    names=("gelu",),
)
