"""The sum of the window's cells times the footprint's own weights, which depend on the step."""

from __future__ import annotations

from .combine import Combine, Effort, Words

COMBINE = Combine(
    name="weighted_sum",
    fill=0.0,
    term="factor",
    reduce="sum",
    words=Words(made="sum", sign="→", back="g · its weight"),
    effort=Effort(step=130),
)
