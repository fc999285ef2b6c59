"""One cell of the window, as it is: lane l of a channel takes tap l."""

from __future__ import annotations

from .combine import Combine, Effort, Words

COMBINE = Combine(
    name="copy",
    fill=0.0,
    term="value",
    reduce="pick",
    words=Words(made="copied", sign="→", back="g"),
    effort=Effort(cell=10),
)
