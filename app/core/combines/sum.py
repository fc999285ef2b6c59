"""The sum of the window's cells."""

from __future__ import annotations

from .combine import Combine, Effort, Words

COMBINE = Combine(
    name="sum",
    fill=0.0,
    term="value",
    reduce="sum",
    words=Words(made="sum", sign="sum →", opening="(", closing=")", back="g"),
    effort=Effort(read=5),
    code={"reduce": "sum", "join": "+", "lax": "add", "start": "0.0"},
)
