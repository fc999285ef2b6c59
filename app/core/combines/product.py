"""The product of the window's cells."""

from __future__ import annotations

from .combine import Combine, Effort, Words

COMBINE = Combine(
    name="product",
    fill=1.0,
    term="value",
    reduce="product",
    words=Words(
        made="product",
        sign="×→",
        opening="(",
        between=" · ",
        closing=")",
        back="g · the product of the others",
    ),
    effort=Effort(read=5),
    code={"reduce": "prod", "join": "*", "lax": "mul", "start": "1.0"},
)
