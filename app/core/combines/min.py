"""The smallest cell of the window; NaN wins, and a window of padding alone gives ∞."""

from __future__ import annotations

import math

from .combine import Combine, Effort, Words

COMBINE = Combine(
    name="min",
    fill=math.inf,
    term="value",
    reduce="smallest",
    words=Words(
        made="smallest",
        sign="min →",
        opening="min(",
        between=", ",
        closing=")",
        back="g where x is the first of the smallest, else 0",
    ),
    effort=Effort(read=3),
    note="Padding of a minimum is ∞: it never wins.",
    code={"reduce": "min", "lax": "min", "start": "jnp.inf"},
)
