"""The mean of the window's cells: their sum by a number given, or by a count of cells."""

from __future__ import annotations

from .combine import Combine, Effort, Words

COMBINE = Combine(
    name="mean",
    fill=0.0,
    term="value",
    reduce="sum",
    finish="divide",
    words=Words(made="mean", sign="mean →", opening="(", closing=") / {divisor}", back="g / {divisor}"),
    effort=Effort(read=5),
    code={"reduce": "mean", "lax": "add", "start": "0.0"},
)
