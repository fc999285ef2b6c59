"""Where an array has its channels: strides and sizes with batch and channels in them, and the axes of a weight.

Knows no framework. An entry for batch or channels changes nothing that is computed here, or is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...core.errors import Unreadable
from ...core.frameworks.writing import LAYOUT, Writing
from .scan import unreadable
from .values import Given, Value, whole_numbers

MOST_AXES = 3
FORMS = ("dims", "rank", "sides")
SPATIAL = "DHW"


def layout_of(writing: Writing, given: Mapping[str, Given]) -> tuple[str, ...]:
    """The layouts that a call says, the input's first: ("NHWC",) or ("NCHW", "OIHW", "NCHW"); or none."""
    for argument in writing.arguments:
        if argument.field == LAYOUT and argument.name in given:
            what = given[argument.name].value.what
            if isinstance(what, str):
                return (NAMED.get(what.lower(), what.upper()),)
            if isinstance(what, tuple) and all(isinstance(one.what, str) for one in what):
                return tuple(one.what.upper() for one in what)
    return ()


NAMED = {"channels_last": "NHWC", "channels_first": "NCHW"}


def is_channels_first(layout: tuple[str, ...]) -> bool:
    """Whether the channels stand before the axes."""
    return bool(layout) and layout[0].find("C") == 1


def inner(
    text: str, writing: Writing, given: Mapping[str, Given], axes: int | None
) -> tuple[dict[str, Given], int | None]:
    """The arguments with what they say of batch and channels taken off, and the number of axes where it is told."""
    lists = {
        argument.name: given[argument.name]
        for argument in writing.arguments
        if argument.form in FORMS
        and argument.name in given
        and isinstance(given[argument.name].value.what, tuple)
    }
    ranked = {one.name for one in writing.arguments if one.form == "rank"}
    if not ranked and not any(argument.form == "dims" for argument in writing.arguments):
        return dict(given), axes
    changed = dict(given)
    ends = _ends_of_all(lists, ranked) if ranked else None
    first = is_channels_first(layout_of(writing, given))
    for name, one in lists.items():
        count = len(one.value.what)
        cut = ends if ranked else _ends(one.value, axes, first)
        if cut is None or sum(cut) >= count:
            continue
        before, behind = one.value.what[: cut[0]], one.value.what[count - cut[1] :]
        for entry in (*before, *behind):
            if not _is_bare(entry):
                raise _refused(text, entry)
        kept = one.value.what[cut[0] : count - cut[1]]
        changed[name] = replace(one, value=replace(one.value, what=kept))
        if axes is None and len(kept) <= MOST_AXES:
            axes = len(kept)
    return changed, axes


def _refused(text: str, entry: Value) -> Unreadable:
    reason = "a window over the batch or the channels is not computed here"
    return unreadable(text, entry.start, entry.end, reason, "Use 1 for batch and channels.")


def _is_bare(entry: Value) -> bool:
    """Whether an entry changes nothing on its axis: 1, or no padding at all."""
    return entry.what == 1 or whole_numbers(entry) == (0, 0)


def _ends(value: Value, axes: int | None, first: bool) -> tuple[int, int] | None:
    """How many entries at the beginning and at the end are for batch and channels."""
    count = len(value.what)
    cut = (2, 0) if first else (1, 1)
    if axes is not None:
        return cut if count == axes + 2 else None
    bare = all(_is_bare(value.what[place]) for place in ((0, 1) if first else (0, count - 1)))
    return cut if 3 <= count <= MOST_AXES + 2 and (bare or count > MOST_AXES) else None


def _ends_of_all(lists: Mapping[str, Given], ranked: set[str]) -> tuple[int, int] | None:
    """The same where every list is for the whole array: batch and channels are where all of them are bare."""
    values = [one.value.what for one in lists.values()]
    counts = {len(what) for name, what in zip(lists, values, strict=True) if name in ranked}
    if len(counts) != 1:
        return None
    count = counts.pop()
    for before, behind in ((2, 0), (1, 1), (1, 0)):
        spatial = count - before - behind
        outside = [*range(before), *range(count - behind, count)]
        if 1 <= spatial <= MOST_AXES and all(
            _is_bare(what[place]) for what in values if len(what) == count for place in outside
        ):
            return before, behind
    return (0, 0) if count <= MOST_AXES else (1, 1)


def weight_sizes(sizes: tuple[int, ...], order: str) -> tuple[int, int, tuple[int, ...]] | None:
    """Output channels, input channels and kernel of a weight whose axes stand in an order such as kIO or HWIO.

    M, the filters for each channel of a depthwise weight, stands where O does. None where the order does not fit.
    """
    letters = order.replace("k", SPATIAL[-(len(sizes) - 2) :]).replace("M", "O")
    if len(letters) != len(sizes) or "I" not in letters or "O" not in letters:
        return None
    outer = letters.index("O"), letters.index("I")
    kernel = tuple(size for place, size in enumerate(sizes) if place not in outer)
    return sizes[outer[0]], sizes[outer[1]], kernel
