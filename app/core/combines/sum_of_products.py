"""The sum of the window's cells times the kernel's weights, over the channels of a group, and the bias."""

from __future__ import annotations

from .combine import Combine, Effort, Words

COMBINE = Combine(
    name="sum_of_products",
    fill=0.0,
    term="product",
    reduce="sum",
    words=Words(made="sum", sign="→", back="g · w"),
    effort=Effort(product=0.22, cell=4),
)
