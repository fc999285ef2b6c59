"""Code in: text to a layer of ours. Knows declarations, no framework by name; nothing of the text is executed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from ...core.activations import ACTIVATIONS
from ...core.activations.softmax import ACTIVATION as SOFTMAX
from ...core.errors import Unfit, counted
from ...core.frameworks.catalog import WITH_RULES
from ...core.frameworks.writing import (
    CHANNELS,
    FEATURES,
    REQUIRED,
    Argument,
)
from ...core.geometry import geometry
from ...core.spec import LayerSpec
from . import (
    around,
    cropping,
    find,
    idioms,
    layouts,
    others,
    padded,
    settle,
)
from .activating import Output
from .bind import Call, chosen
from .draft import Draft
from .forms import FORMS, Place
from .scan import Token, tokens, unreadable
from .values import Given, Reader

ROOM = 32  # cells beside the window of the input that a setting is tried on
MOST_TRIED = 512
NOTHING = {"presence": False, "activation": "none"}  # of a tensor that is not there, and of no activation
COUNTED = ("per_axis", "list", "padding", "pads", "scales", "sizes", "dims", "rank", "sides")


@dataclass(frozen=True, slots=True)
class Reading:
    """A layer that was read: its spec, whose words it was in, and what else the text says.

    Only what the text says counts as set in the spec. ``input_features`` are the cells of the input in all,
    channels included, where the layer takes just so many. ``pair`` is the call where it is two layers, of which
    ``spec`` is the first.
    """

    spec: LayerSpec
    framework: str
    notes: tuple[str, ...]
    input_channels: int | None
    axes: int | None
    input_features: int | None = None
    pair: str | None = None


def read(text: str) -> Reading:
    """The first layer of a text; raises Unreadable, which points at characters, or TooLarge."""
    found = tokens(text)
    reader = Reader(text, found)
    call = (
        find.calls(text, found, reader) or idioms.call(found, reader) or find.attributes(text, found, reader)
    )
    if call is None:
        raise find.unknown(text, found)
    call = _with_its_surroundings(call, found, reader)
    known, given = chosen(text, call)
    rules = known.framework if known.framework in WITH_RULES else "any"
    given, axes = layouts.inner(text, known.writing, given, known.axes)
    draft = Draft(text, call, known, axes, rules)
    for argument in known.writing.arguments:
        _take(draft, argument, given.get(argument.name))
    draft.settings |= known.writing.sets
    settle.sizes(draft, given)
    settle.input_shape(draft, given)
    settle.made(draft, given)
    settle.weight(draft, given)
    settle.channelwise(draft)
    settle.wrapped(draft)
    settle.named(draft)
    settle.divided(draft)
    settle.scaled(draft)
    settle.mode(draft, given)
    if known.writing.spread:
        cropping.take(draft)
    padded.take(draft, found, reader)
    _take_surroundings(draft, found, reader, layouts.layout_of(known.writing, given))
    spec = _spec(draft)
    _try(draft, spec)
    pair = text[call.start : call.end] if known.writing.pair else None
    return Reading(
        spec, known.framework, tuple(draft.notes), draft.channels, draft.axes, draft.features, pair
    )


def _with_its_surroundings(call: Call, found: list[Token], reader: Reader) -> Call:
    """The call with what stands around it as arguments, which take the place of its own."""
    more = around.given(found, reader, call)
    names = {one.name for one in more}
    return replace(call, given=(*(one for one in call.given if one.name not in names), *more))


def _take(draft: Draft, argument: Argument, given: Given | None) -> None:
    """One argument into our settings: what was given, or apart from that the framework's default."""
    if argument.field is None:
        if given is not None and not argument.is_written:
            draft.foreign[argument.name] = given.value.what
        return
    if given is not None and given.value.what is None and argument.optional:
        given = None
    if given is not None:
        draft.places.setdefault(argument.field, given.value)
        _put(draft, argument, _said(draft, argument, given), said=True)
        return
    if argument.default is REQUIRED and argument.form not in ("tensor", "made"):
        call, reason = draft.call, f"{argument.name} is missing, and {draft.call.name} has no default for it"
        raise unreadable(draft.text, call.start, call.end, reason, f"Add {argument.name}.")
    if argument.form not in ("auto_pad", "layout", "shape"):
        _put(draft, argument, _default(argument), said=False)


def _default(argument: Argument) -> Any:
    """The default of a framework, in our words."""
    if argument.form in NOTHING:
        return NOTHING[argument.form]
    return None if argument.default is REQUIRED else argument.default


def _said(draft: Draft, argument: Argument, given: Given) -> Any:
    """A framework's value, in our words."""
    place = Place(draft.text, argument, given.value)
    if given.value.what is not None:
        value = FORMS[argument.form](place)
        _measure(draft, argument, place, value)
        return value
    if argument.form in NOTHING:
        return NOTHING[argument.form]
    if argument.default is not None:
        raise place.refused(f"{argument.name} cannot be None", "Use a number.")
    return None


def _put(draft: Draft, argument: Argument, value: Any, *, said: bool) -> None:
    ours = argument.field
    if ours == CHANNELS:
        draft.channels = value
    elif ours == FEATURES:
        draft.features = value
    elif ours == "weight":
        draft.weight = value
    elif ours == "keepdims":
        if value:  # the grid of one cell per channel, which is what the other rules give
            draft.rules = "any"
    elif ours not in draft.fields:
        assert ours is not None
        draft.foreign[ours] = value
    elif value is None and argument.form == "pads":
        draft.standing.setdefault(ours, 0)
    elif value is not None or draft.fields[ours].default is None:
        if argument.form == "auto_pad" and value is not None and draft.settings.get(ours):
            raise draft.refused(ours, "pads and auto_pad cannot be used together", "Leave one of them out.")
        if said and value is not None:
            draft.settings[ours] = value
        elif ours not in draft.settings:
            draft.standing[ours] = value


def _measure(draft: Draft, argument: Argument, place: Place, value: Any) -> None:
    """Learn the number of axes from a list, and refuse one of another length."""
    if argument.form == "list" and isinstance(value, int) and draft.axes is None:
        draft.axes = 1  # a list that is written as its one number
    if argument.form not in COUNTED or not isinstance(value, tuple):
        return
    if len(value) == 1 and (draft.axes is not None or argument.form == "dims") and argument.form != "pads":
        return
    if draft.axes is None:
        draft.axes = len(value)
    elif len(value) != draft.axes:
        axes = counted(draft.axes, "axis")
        raise place.refused(
            f"this is for {counted(len(value), 'axis')}, and the layer has {axes}",
            "Give one number per axis.",
        )


def _output(draft: Draft, layout: tuple[str, ...]) -> Output:
    """Where the layer's output has its channels."""
    axes, framework, operation = draft.axes or 2, draft.known.framework, draft.known.operation
    flat = operation.result == "vector" or operation.geometry == "whole_input"
    places: tuple[int, ...] = (1, -1 - axes)  # behind the batch, where there is one
    if flat:
        places = (0, 1, -1)
    elif layout or framework in ("keras", "tensorflow") or draft.known.module.startswith("flax"):
        if not layouts.is_channels_first(layout):
            places = (axes + 1, -1)
    elif framework == "jax":
        places = (0, 1, -1 - axes)
    return Output(framework, places, flat or draft.axes != 1)


def _take_surroundings(draft: Draft, found: list[Token], reader: Reader, layout: tuple[str, ...]) -> None:
    """A bias and an activation that stand with the layer, and notes about what is guessed and what is left out."""
    brackets = around.partners(found)
    following = others.after(found, brackets, draft.call)
    what = around.behind(found, reader, draft.call, following, _output(draft, layout))
    if draft.settings.get("activation") == SOFTMAX.name and layouts.is_channels_first(layout):
        reason = (
            "Keras' softmax is over the last axis, and the channels, which are computed here, stand first"
        )
        raise draft.refused("activation", reason, "Leave it out, or put the channels last.")
    taken: tuple[int, ...] = ()
    title = ""
    if what.activation is None or draft.value("activation") == "none":
        taken = what.taken
    if taken and what.activation is not None:
        draft.settings["activation"] = what.activation
        title = ACTIVATIONS[what.activation].title
    if what.left_out is not None:
        index, reason = what.left_out
        line = others.line_of(draft.text, found[index])
        draft.notes.append(f"{found[index].text} on line {line} is left out: {reason}.")
    says_bias = any(argument.field == "bias" for argument in draft.known.writing.arguments)
    if what.bias and "bias" in draft.fields and not says_bias and not draft.known.writing.sets:
        draft.settings["bias"] = True
    if draft.call.guessed:
        draft.notes.insert(
            0, f"No operator is named here: {draft.call.name} is guessed from the attributes that are given."
        )
    if draft.known.writing.note:
        draft.notes.append(draft.known.writing.note)
    if draft.features is not None:
        draft.notes.append(
            f"It takes {counted(draft.features, 'number')}: the input has as many cells in all."
        )
    flattens = draft.known.operation.result == "vector"
    if (note := others.note(draft.text, found, brackets, draft.call, taken, title, flattens)) is not None:
        draft.notes.insert(0, note)


def _spec(draft: Draft) -> LayerSpec:
    """The settings as a spec; what our parameters do not take points at the argument that said it."""
    try:
        return draft.known.operation.spec.model_validate(draft.data())
    except ValidationError as error:
        first = error.errors()[0]
        context = first.get("ctx", {})
        reason = str(context.get("reason", first["msg"][:1].lower() + first["msg"][1:]))
        remedy = str(context.get("remedy") or f"Use {context.get('expected', 'another value')}.")
        raise draft.refused(str(first["loc"][0]), reason, remedy) from None


def _try(draft: Draft, spec: LayerSpec) -> None:
    """Try the layer on an input with room enough, so that what can never work points at its argument."""
    axes = draft.axes or 2
    numbers = [_largest(getattr(spec, name, 1)) for name in ("kernel", "dilation", "padding")]
    size = min(MOST_TRIED, ROOM + math.prod(numbers[:2]) + numbers[2])
    sizes = (size,) * axes
    if "output_size" in draft.settings and spec.rules == "any":
        sizes = _sizes_before(draft, size, axes)
    groups = max(1, int(getattr(spec, "groups", 1)))
    channels = groups if draft.channels is None else draft.channels
    if channels < 1:
        raise draft.refused(CHANNELS, "a layer has at least one input channel", "Use 1 or more.")
    if draft.features is not None and draft.features < 1:
        raise draft.refused(FEATURES, "a layer has at least one input", "Use 1 or more.")
    try:
        geometry.__wrapped__(draft.known.operation, spec, (channels, *sizes))
    except Unfit as problem:
        if problem.field in ("size", "kernel") and size == MOST_TRIED:
            return  # it may fit a larger input
        raise draft.refused(problem.field or "", problem.reason, problem.remedy) from None


def _sizes_before(draft: Draft, size: int, axes: int) -> tuple[int, ...]:
    """The input's sizes before an output that is given: ``⌈output / stride⌉``."""
    wanted, stride = draft.each("output_size"), draft.each("stride")
    if wanted is None or stride is None or len(wanted) != axes or len(stride) != axes:
        return (size,) * axes
    return tuple(max(1, -(-cells // max(1, step))) for cells, step in zip(wanted, stride, strict=True))


def _largest(value: Any) -> int:
    if isinstance(value, int):
        return value
    if isinstance(value, (tuple, list)):
        return max((_largest(entry) for entry in value), default=1)
    return 1
