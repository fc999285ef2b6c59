"""Settings that several arguments decide together: weights, groups, padding that wraps. Knows no framework by name."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ...core.errors import counted
from ...core.frameworks.writing import INPUT, MADE, MULTIPLIER, SCALED
from ...core.shapes import extent
from .draft import Draft
from .layouts import is_channels_first, layout_of, weight_sizes
from .scan import unreadable
from .values import Given

COLOURS = 3  # channels that a depthwise layer is shown on where nothing says how many there are
MODES = ("circular", "reflect")  # paddings by name that are a mode of ours, as much as same has in all


def sizes(draft: Draft, given: Mapping[str, Given]) -> None:
    """An upsampling needs a size or a factor; an unknown one is noted."""
    fields = {argument.field: argument for argument in draft.known.writing.arguments}
    if "size" not in fields or "factor" not in fields:
        return
    if draft.settings.get("size") is not None or draft.settings.get("factor") is not None:
        return
    if fields["factor"].form == "scales":
        draft.notes.append(
            "How large the output is comes from an input of the node: a factor of 2 is assumed."
        )
        return
    call, name = draft.call, fields["factor"].name
    reason = f"neither {fields['size'].name} nor {name} is given"
    raise unreadable(draft.text, call.start, call.end, reason, f"Add {name}.")


def mode(draft: Draft, given: Mapping[str, Given]) -> None:
    """A mode with a word for each number of axes says how many there are."""
    for argument in draft.known.writing.arguments:
        if len(argument.only) == 3 and argument.name in given and draft.axes is None:
            word = given[argument.name].value.what
            draft.axes = argument.only.index(word.lower()) + 1 if isinstance(word, str) else None


def made(draft: Draft, given: Mapping[str, Given]) -> None:
    """The output's size and its channels, where the call says them."""
    numbers = draft.foreign.get(MADE)
    if not numbers:
        if MADE in {argument.field for argument in draft.known.writing.arguments}:
            assumed = (
                "size · stride cells of same" if draft.value("padding") == "same" else "the fewest cells"
            )
            draft.notes.append(f"The output's shape is not written out here: {assumed} are assumed.")
        return
    first = is_channels_first(layout_of(draft.known.writing, given))
    draft.settings["output_size"] = numbers[2:] if first else numbers[1:-1]
    draft.settings.setdefault("filters", numbers[1] if first else numbers[-1])


def input_shape(draft: Draft, given: Mapping[str, Given]) -> None:
    """Channels and cells of the input, where the layer says them."""
    numbers = draft.foreign.get(INPUT)
    if not numbers:
        return
    if draft.known.operation.result == "vector":
        draft.features = math.prod(numbers)
        return
    first = layout_of(draft.known.writing, given)[:1] == ("NCHW",)
    draft.channels = numbers[0] if first else numbers[-1]


def weight(draft: Draft, given: Mapping[str, Given]) -> None:
    """Filters, kernel and channels out of a weight's shape, or a note that they are not known."""
    tensors = [argument for argument in draft.known.writing.arguments if argument.form == "tensor"]
    if not tensors:
        return
    if draft.weight is not None and draft.weight.turned and "flip" in draft.fields:
        draft.settings["flip"] = True
    if draft.weight is None or not draft.weight.sizes:
        _assume(draft)
        return
    shape, place = draft.weight.sizes, draft.places["weight"]
    if draft.known.operation.result == "vector":
        draft.settings["filters"] = shape[0]
        draft.features = math.prod(shape[1:])
        return
    if not 3 <= len(shape) <= 5:
        reason = f"a weight has 3 to 5 axes, and this one {len(shape)}"
        raise unreadable(
            draft.text, place.start, place.end, reason, "Give it as (filters, channels, *kernel)."
        )
    layout = layout_of(draft.known.writing, given)
    groups = draft.value("groups")
    order = layout[1] if len(layout) == 3 else tensors[0].order
    if not order:
        first, second = shape[0], shape[1] * groups
        channels_first = draft.known.operation.weight_layout == "channels"
        filters, channels, kernel = (
            (second, first, shape[2:]) if channels_first else (first, second, shape[2:])
        )
    else:
        found = weight_sizes(shape, order)
        if found is None:
            reason = f"this weight has {counted(len(shape), 'axis')}, and {order} names {len(order)}"
            raise unreadable(draft.text, place.start, place.end, reason, "Give one letter for each axis.")
        filters, channels, kernel = found[0], found[1] * groups, found[2]
        if draft.foreign.get("kernel of the forward layer"):
            filters, channels = found[1], found[0]
    draft.channels = channels
    if draft.known.writing.channelwise:
        draft.foreign[MULTIPLIER] = filters
    else:
        draft.settings["filters"] = filters
    if draft.settings.get("kernel") is None:
        draft.settings["kernel"] = kernel
        draft.places["kernel"] = place
    draft.axes = draft.axes or len(kernel)


def _assume(draft: Draft) -> None:
    """A note about what is in a weight that is not written out."""
    wanted = [] if draft.settings.get("filters") else ["the number of filters"]
    if draft.settings.get("kernel") is None and "kernel" in draft.fields:
        draft.settings.pop("kernel", None)
        wanted.append("the kernel's size")
    if not wanted:
        return
    names = {"the number of filters": "filters", "the kernel's size": "kernel"}
    assumed = [str(draft.fields[names[one]].default) for one in wanted]
    verb = "is" if len(wanted) == 1 else "are"
    draft.notes.append(
        f"{' and '.join(wanted).capitalize()} {verb} in the weight, which is not written out here: "
        f"{' and '.join(assumed)} {verb} assumed."
    )


def channelwise(draft: Draft) -> None:
    """A group for each channel of the input, with as many filters as the call says."""
    if not draft.known.writing.channelwise:
        return
    if draft.channels is None:
        draft.channels = COLOURS
        draft.notes.append(
            f"A depthwise layer has a group for each channel. How many come in is not written here: {COLOURS} are "
            "assumed."
        )
    draft.settings["groups"] = draft.channels
    draft.settings["filters"] = draft.channels * int(draft.foreign.get(MULTIPLIER) or 1)


def wrapped(draft: Draft) -> None:
    """A padding by the name of a mode: as much as leaves the size at stride 1, the larger half at the end."""
    name = draft.value("padding")
    by_side = any(one.field == "padding" and one.form == "sides" for one in draft.known.writing.arguments)
    if not by_side or name not in MODES or "padding_mode" not in draft.fields:
        return
    kernel, dilation = draft.each("kernel"), draft.each("dilation")
    if kernel is None or dilation is None:
        raise draft.refused(
            "padding", "how much this pads depends on a kernel that is not known", "Write it out."
        )
    spans = [extent(taps, gap) for taps, gap in zip(kernel, dilation, strict=True)]
    draft.settings["padding"] = tuple(((span - 1) // 2, span // 2) for span in spans)
    draft.settings["padding_mode"] = name


def named(draft: Draft) -> None:
    """A pool's padding that holds a whole window is taken where it is a rule's: only numbers can be too much for it."""
    padding, kernel, dilation = (draft.each(name) for name in ("padding", "kernel", "dilation"))
    if (
        not draft.known.operation.padding_below_kernel
        or kernel is None
        or dilation is None
        or padding is None
    ):
        return
    pairs = [one if isinstance(one, tuple) else (one, one) for one in padding]
    if isinstance(draft.value("padding"), str) or all(
        max(pair) < taps for pair, taps in zip(pairs, kernel, strict=True)
    ):
        return
    spans = [extent(taps, gap) for taps, gap in zip(kernel, dilation, strict=True)]
    rules = {"full": [(span - 1, span - 1) for span in spans], "causal": [(span - 1, 0) for span in spans]}
    if set(draft.each("stride") or ()) == {1}:
        rules["same"] = [((span - 1) // 2, span // 2) for span in spans]
        rules["same_lower"] = [(span // 2, (span - 1) // 2) for span in spans]
    for name, theirs in rules.items():
        if pairs == theirs:
            draft.settings["padding"] = name
            return


def scaled(draft: Draft) -> None:
    """A norm that scales clipped windows up is PyTorch's under ceil mode, whose padding at the end it has."""
    if not draft.foreign.get(SCALED):
        return
    pairs = [one if isinstance(one, tuple) else (one, one) for one in draft.each("padding") or ((1, 1),)]
    if any(pair[0] for pair in pairs):
        reason = "a norm that scales clipped windows up is read where they are clipped at the end alone"
        raise draft.refused("padding", reason, "Write padding at the end, or leave out the scale.")
    draft.rules = "pytorch"
    draft.settings.pop("padding", None)
    draft.settings["ceil_mode"] = True
    draft.notes.append("It scales up what its windows are clipped to, as PyTorch does under ceil mode.")


def divided(draft: Draft) -> None:
    """A sum that is divided by all taps is a mean that counts the padding; by 1 it stays a sum."""
    divisor = draft.settings.get("divisor")
    if "the divisor behind" not in {argument.name for argument in draft.known.writing.arguments}:
        return
    if divisor is not None and divisor == draft.taps():
        del draft.settings["divisor"]
        draft.settings["count_include_pad"] = True
    elif divisor == 1:
        draft.notes.append("The windows are added up and not divided: a mean by a divisor of 1.")
