"""Padding around an input with zeros between its cells, read as what a transposed convolution crops.

A window that slides over such an input reads ``begin`` cells before it; of all that is stamped,
``span − 1 − begin`` cells at the beginning are never written out, where the span is that of the kernel with its
dilation. More padding than that adds cells, as output padding does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.frameworks.writing import CONSISTENT, SPREAD, SWAPPED
from ...core.shapes import extent
from .scan import unreadable

if TYPE_CHECKING:
    from .draft import Draft

TURNED = (
    "Without transpose_kernel=True the kernel is not turned around: a stamp is the kernel turned around here. "
    "Sizes are the same."
)


def take(draft: Draft) -> None:
    """Padding, and output padding where the rule adds cells."""
    foreign = draft.foreign
    if not foreign.get(SWAPPED) and not (draft.weight is not None and draft.weight.turned):
        draft.notes.append(TURNED)
    padding = draft.value("padding")
    per_axis = [draft.each(name) for name in ("kernel", "dilation", "stride")]
    if any(one is None for one in per_axis):
        return
    kernel, dilation, stride = (one for one in per_axis if one is not None)
    spans = [extent(taps, gap) for taps, gap in zip(kernel, dilation, strict=True)]
    if isinstance(padding, str):
        _by_name(draft, padding, spans, stride)
        return
    pairs = [(one, one) if isinstance(one, int) else one for one in draft.each("padding") or ()]
    if len(pairs) != len(spans):
        return
    crops = [
        (begin, end) if foreign.get(CONSISTENT) else (span - 1 - begin, span - 1 - end)
        for span, (begin, end) in zip(spans, pairs, strict=True)
    ]
    if min(begin for begin, _ in crops) < 0:
        place = draft.places.get("padding")
        start, stop = (draft.call.start, draft.call.end) if place is None else (place.start, place.end)
        reason = "more padding before the input than its kernel reaches adds cells at the beginning"
        raise unreadable(draft.text, start, stop, reason, "Use at most dilation · (kernel − 1).")
    draft.settings["padding"] = tuple((begin, max(0, end)) for begin, end in crops)
    extra = tuple(max(0, -end) for _, end in crops)
    if any(extra):
        draft.settings["output_padding"] = extra


def _by_name(draft: Draft, padding: str, spans: list[int], stride: tuple[int, ...]) -> None:
    """SAME is ours; VALID has max(span, stride) cells of the last stamp, and ours has the span."""
    if SPREAD in draft.foreign:
        place = draft.places["padding"]
        reason = "String padding is not implemented for transposed convolution using this op, as JAX says"
        raise unreadable(draft.text, place.start, place.end, reason, "Give (begin, end) for each axis.")
    extra = tuple(max(0, step - span) for span, step in zip(spans, stride, strict=True))
    if padding == "valid" and any(extra):
        draft.settings["output_padding"] = extra
