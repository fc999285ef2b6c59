"""The largest cell of the window; NaN wins, and a window of padding alone gives −∞."""

from __future__ import annotations

import math

from .combine import Combine, Effort, Words

COMBINE = Combine(
    name="max",
    fill=-math.inf,
    term="value",
    reduce="largest",
    words=Words(
        made="largest",
        sign="max →",
        opening="max(",
        between=", ",
        closing=")",
        back="g where x is the first of the largest, else 0",
    ),
    effort=Effort(read=3),
    note="Padding of a maximum is −∞ in every framework: it never wins.",
    code={"reduce": "max", "lax": "max", "start": "-jnp.inf"},
)
