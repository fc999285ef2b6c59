"""Code in: text to a layer of ours. Knows declarations, no framework by name; nothing of the text is executed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ..core.errors import Unfit, Unreadable
from ..core.geometry import geometry
from ..core.spec import LayerSpec
from ..core.writing import CHANNELS, REQUIRED, Argument
from . import find, padded
from .bind import Call, chosen
from .forms import FORMS, Place
from .known import Known
from .scan import tokens, unreadable
from .values import Given, Reader, Shape, Value

ROOM = 32  # cells beside the window of the input that a setting is tried on
MOST_TRIED = 512


@dataclass(frozen=True, slots=True)
class Reading:
    """A layer that was read: its spec, whose words it was in, and what else the text says."""

    spec: LayerSpec
    framework: str
    notes: tuple[str, ...]
    input_channels: int | None
    axes: int | None


@dataclass
class Draft:
    """A layer while it is read: our settings, where each was said, and what is known besides."""

    text: str
    call: Call
    known: Known
    settings: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Value] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    channels: int | None = None
    axes: int | None = None
    weight: Shape | None = None
    rules: str = "any"


def read(text: str) -> Reading:
    """The first layer of a text; raises Unreadable, which points at characters, or TooLarge."""
    found = tokens(text)
    reader = Reader(text, found)
    call = find.calls(text, found, reader) or find.attributes(text, found, reader)
    if call is None:
        raise find.unknown(text, found)
    known, given = chosen(text, call)
    draft = Draft(text, call, known, axes=known.axes, rules=known.framework)
    for argument in known.writing.arguments:
        _take(draft, argument, given.get(argument.name))
    draft.settings |= known.writing.sets
    _check_sizes(draft, given)
    _take_weight(draft)
    _take_mode(draft, given)
    padded.take(draft, found, reader)
    _take_followers(draft, found, reader)
    spec = _spec(draft)
    _try(draft, spec)
    return Reading(spec, known.framework, tuple(draft.notes), draft.channels, draft.axes)


def _take(draft: Draft, argument: Argument, given: Given | None) -> None:
    """One argument into our settings: what was given, or the framework's default."""
    if argument.field is None:
        return
    call = draft.call
    if given is None:
        if argument.default is REQUIRED and argument.form != "tensor":
            reason = f"{argument.name} is missing, and {call.name} has no default for it"
            raise unreadable(draft.text, call.start, call.end, reason, f"Add {argument.name}.")
        value = None if argument.default is REQUIRED else argument.default
        if argument.form == "presence":
            value = False
        elif argument.form == "auto_pad":
            return
        elif argument.form == "activation":
            value = "none"
    else:
        place = Place(draft.text, argument, given.value)
        if given.value.what is None and argument.form not in ("presence", "activation"):
            if argument.default is not None:
                raise place.refused(f"{argument.name} cannot be None", "Use a number.")
            value = None
        elif given.value.what is None:
            value = "none" if argument.form == "activation" else False
        else:
            value = FORMS[argument.form](place)
            _measure(draft, argument, place, value)
    if given is not None and argument.field not in draft.places:
        draft.places[argument.field] = given.value
    _put(draft, argument, value)


def _put(draft: Draft, argument: Argument, value: Any) -> None:
    ours = argument.field
    if ours == CHANNELS:
        draft.channels = value
    elif ours == "weight":
        draft.weight = value
    elif ours == "keepdims":
        if value:  # the grid of one cell per channel, which is what the other rules give
            draft.rules = "any"
    elif ours in draft.known.operation.spec.model_fields:
        nullable = draft.known.operation.spec.model_fields[ours].default is None
        if value is None and argument.form == "pads":
            draft.settings.setdefault(ours, 0)
        elif value is not None or nullable:
            if argument.form == "auto_pad" and value is not None and draft.settings.get(ours):
                place = draft.places[ours]
                reason = "pads and auto_pad cannot be used together"
                raise unreadable(draft.text, place.start, place.end, reason, "Leave one of them out.")
            if value is not None or ours not in draft.settings:
                draft.settings[ours] = value


def _measure(draft: Draft, argument: Argument, place: Place, value: Any) -> None:
    """Learn the number of axes from a list, and refuse one of another length."""
    if argument.form not in ("per_axis", "list", "padding", "pads", "scales", "sizes"):
        return
    if not isinstance(value, tuple) or (len(value) == 1 and argument.form != "pads"):
        return
    if draft.axes is None:
        draft.axes = len(value)
    elif len(value) != draft.axes:
        axes = "1 axis" if draft.axes == 1 else f"{draft.axes} axes"
        raise place.refused(
            f"this is for {len(value)} axes, and the layer has {axes}", "Give one number per axis."
        )


def _check_sizes(draft: Draft, given: Mapping[str, Given]) -> None:
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


def _take_weight(draft: Draft) -> None:
    """Filters, kernel and channels out of a weight's shape, or a note that they are not known."""
    if not any(argument.form == "tensor" for argument in draft.known.writing.arguments):
        return
    if draft.weight is None:
        wanted = ["the number of filters"]
        if draft.settings.get("kernel") is None and "kernel" in draft.known.operation.spec.model_fields:
            draft.settings.pop("kernel", None)
            wanted.append("the kernel's size")
        defaults = draft.known.operation.spec.model_fields
        assumed = [str(defaults[ours].default) for ours in ("filters", "kernel")[: len(wanted)]]
        verb = "is" if len(wanted) == 1 else "are"
        draft.notes.append(
            f"{' and '.join(wanted).capitalize()} {verb} in the weight, which is not written out here: "
            f"{' and '.join(assumed)} {verb} assumed."
        )
        return
    sizes, groups = draft.weight.sizes, draft.settings.get("groups", 1)
    place = draft.places["weight"]
    if draft.known.operation.result == "vector":
        draft.settings["filters"] = sizes[0]
        return
    if not 3 <= len(sizes) <= 5:
        reason = f"a weight has 3 to 5 axes, and this one {len(sizes)}"
        raise unreadable(
            draft.text, place.start, place.end, reason, "Give it as (filters, channels, *kernel)."
        )
    first, second = sizes[0], sizes[1] * groups
    channels_first = draft.known.operation.weight_layout == "channels"
    draft.settings["filters"], draft.channels = (second, first) if channels_first else (first, second)
    if draft.settings.get("kernel") is None:
        draft.settings["kernel"] = sizes[2:]
        draft.places["kernel"] = place
    draft.axes = draft.axes or len(sizes) - 2


def _take_mode(draft: Draft, given: Mapping[str, Given]) -> None:
    """A mode with a word for each number of axes says how many there are."""
    for argument in draft.known.writing.arguments:
        if len(argument.only) == 3 and argument.name in given and draft.axes is None:
            word = given[argument.name].value.what
            draft.axes = argument.only.index(word.lower()) + 1 if isinstance(word, str) else None


def _take_followers(draft: Draft, found: list[Any], reader: Reader) -> None:
    """A ReLU right behind the layer, and a note about further layers, which are not taken."""
    index = draft.call.after
    while index < len(found) - 1:
        token, after = found[index], found[index + 1]
        node = token.kind == "string" and token.text == "Relu"
        if node or (token.kind == "name" and after.text == "(" and token.text in ("relu", "ReLU", "Relu")):
            if draft.settings.get("activation", "none") == "none":
                draft.settings["activation"] = "relu"
            break
        if token.kind == "name" and after.text == "(" and token.text[:1].isupper():
            break
        index += 1
    if (later := find.calls(draft.text, found, reader, draft.call.after)) is not None:
        draft.notes.append(f"One layer is read: {later.name} and what follows it are left out.")


def _spec(draft: Draft) -> LayerSpec:
    """The settings as a spec; what our parameters do not take points at the argument that said it."""
    operation = draft.known.operation
    data = {"operation": operation.name, "rules": draft.rules, **draft.settings}
    try:
        return operation.spec.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        context = first.get("ctx", {})
        reason = str(context.get("reason", first["msg"][:1].lower() + first["msg"][1:]))
        remedy = str(context.get("remedy") or f"Use {context.get('expected', 'another value')}.")
        raise _at(draft, str(first["loc"][0]), reason, remedy) from None


def _at(draft: Draft, ours: str, reason: str, remedy: str) -> Unreadable:
    """A refusal of one of our parameters, at the argument that said it, or at the whole call."""
    place = draft.places.get(ours)
    if place is None:
        return unreadable(draft.text, draft.call.start, draft.call.end, reason, remedy)
    return unreadable(draft.text, place.start, place.end, reason, remedy)


def _try(draft: Draft, spec: LayerSpec) -> None:
    """Try the layer on an input with room enough, so that what can never work points at its argument."""
    axes = draft.axes or 2
    numbers = [_largest(getattr(spec, name, 1)) for name in ("kernel", "dilation", "padding")]
    size = min(MOST_TRIED, ROOM + math.prod(numbers[:2]) + numbers[2])
    groups = max(1, int(getattr(spec, "groups", 1)))
    channels = groups if draft.channels is None else draft.channels
    if channels < 1:
        raise _at(draft, CHANNELS, "a layer has at least one input channel", "Use 1 or more.")
    try:
        geometry.__wrapped__(draft.known.operation, spec, (channels, *(size for _ in range(axes))))
    except Unfit as problem:
        if problem.field in ("size", "kernel") and size == MOST_TRIED:
            return  # it may fit a larger input
        raise _at(draft, problem.field or "", problem.reason, problem.remedy) from None


def _largest(value: Any) -> int:
    if isinstance(value, int):
        return value
    if isinstance(value, (tuple, list)):
        return max((_largest(entry) for entry in value), default=1)
    return 1
