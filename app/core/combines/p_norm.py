"""The p-norm of the window's cells: the p-th root of the sum of their magnitudes to the power p."""

from __future__ import annotations

from .combine import Combine, Effort, Words

COMBINE = Combine(
    name="p_norm",
    fill=0.0,
    term="power",
    reduce="sum",
    finish="root",
    words=Words(
        made="norm", sign="L{p:g} →", opening="(", closing=")", back="g · sign(x) · |x|^(p − 1) · y^(1 − p)"
    ),
    effort=Effort(read=5),
    code={"reduce": "sum", "lax": "add", "start": "0.0"},
)
