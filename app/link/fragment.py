"""A link's fragment, ``#v1&op=convolution&kernel=3,5&source=sample:cross``, read and written in one way for each state.

The page's ``fragment.js`` in Python, without its patience: what cannot be read is refused, since it would be kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from ..core.errors import Problem, Unfit, counted
from ..operations import registry
from . import values
from .values import Unreadable

Json = Any

VERSION = "v1"
MOST_BYTES = 8192
MOST_LAYERS = 64  # of one link: a layer takes ten bytes at least, and is one of many to be computed
UNKEPT = ("token", "kept")  # the server's own, and a day that was told when uploads were last asked about
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_RAW = re.compile(r"#?[\x21-\x7e]+\Z")  # a fragment of an address: ASCII without blanks
# Of the page alone, and such as a later page may add: text without control characters.
_PLAIN = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z")
_KEPT_RAW = ":;,/=@$"  # what stands in a link as it is
_COUNTS = ("chosen", "step", "lane")


@dataclass(frozen=True, slots=True)
class LinkedLayer:
    """One layer of a link: what the API takes, and where its weights come from."""

    spec: Mapping[str, Json]
    weights: Mapping[str, Json] | None = None
    others: Mapping[str, str] = field(default_factory=dict)  # parts that only the page reads


@dataclass(frozen=True, slots=True)
class Link:
    """The contents of a link. ``page`` are the parts about what is looked at, as text.

    A link that leads to a lesson step as the lesson has it holds no layers.
    """

    layers: tuple[LinkedLayer, ...]
    source: Mapping[str, Json] | None = None
    page: Mapping[str, str] = field(default_factory=dict)

    def count(self, key: str) -> int | None:
        """A whole number among the parts of the page."""
        text = self.page.get(key)
        return int(text) if text is not None and text.isdigit() else None

    @property
    def chosen(self) -> int:
        """The place of the layer that is looked at: the last where the link does not say."""
        last, wanted = len(self.layers) - 1, self.count("chosen")
        return last if wanted is None else min(wanted, last)


def read_link(fragment: str) -> Link:
    """The state that a link holds; raises Problem with the key at fault."""
    if len(fragment) > MOST_BYTES:
        raise Problem(
            code="link_too_long",
            status=413,
            title="The link is too long",
            field="fragment",
            value=counted(len(fragment), "byte"),
            reason=f"a link holds {MOST_BYTES:,} bytes",
            remedy="Upload the values and use their id.",
            pointer="/fragment",
        )
    if not _RAW.match(fragment):
        raise _unfit("fragment", fragment, "a link is ASCII without blanks", "Copy the whole link again.")
    version, *parts = fragment.removeprefix("#").split("&")
    if version != VERSION:
        reason = f"this server reads links that begin with {VERSION}"
        raise _unfit("fragment", version, reason, "Copy the whole link again.")
    given, further = _parts(parts)
    if "lesson" in given:
        given["lesson"] = _value("lesson", values.lesson_place, given["lesson"])
    layers = []
    settings = given
    if "op" in given or "lesson" not in given:
        layer, settings = _layer(given)
        layers.append(layer)
    for text in further:
        inner, none = _parts(text.split("&"))
        if none:
            raise _unfit("layer", text, "a layer holds no layers", "Copy the whole link again.")
        one, others = _layer(inner)
        layers.append(LinkedLayer(one.spec, one.weights, others))
    if len(layers) > MOST_LAYERS:
        reason = f"a short link holds {MOST_LAYERS} layers"
        raise _unfit("layer", counted(len(layers), "layer"), reason, "Use fewer layers, or the link itself.")
    source = settings.pop("source", None)
    found = None if source is None else _value("source", values.source_value, source)
    for key in _COUNTS:
        if key in settings:
            settings[key] = str(_value(key, lambda text: values.whole_number(text, 0), settings[key]))
    return Link(tuple(layers), found, settings)


def write_link(link: Link) -> str:
    """The one text of a state: equal states give the same, in whatever order and spelling they came."""
    parts = _layer_parts(link.layers[0]) if link.layers else []
    if link.source is not None:
        parts.append(("source", values.source_text(link.source)))
    parts += [
        ("layer", _joined([*_layer_parts(layer), *sorted(layer.others.items())])) for layer in link.layers[1:]
    ]
    parts += sorted(link.page.items())
    return f"#{VERSION}&{_joined(parts)}"


def _layer_parts(layer: LinkedLayer) -> list[tuple[str, str]]:
    spec = dict(layer.spec)
    name = spec.pop("operation")
    defaults = {
        one["name"]: one["default"]
        for one in registry()[name].describe()["parameters"]
        if "rules" not in spec
    }
    parts = [("op", name)]
    parts += [
        (key, values.parameter_text(value))
        for key, value in sorted(spec.items())
        if key not in defaults or _plain(defaults[key]) != _plain(value)
    ]
    if layer.weights is not None:
        parts.append(("weights", values.weights_text(layer.weights)))
    return parts


def _plain(value: Json) -> Json:
    """A value that compares by kind too: 1 is not true."""
    return (type(value).__name__ if isinstance(value, bool) else "", value)


def _joined(parts: list[tuple[str, str]]) -> str:
    return "&".join(f"{key}={quote(value, safe=_KEPT_RAW)}" for key, value in parts)


def _parts(parts: list[str]) -> tuple[dict[str, str], list[str]]:
    """Parts by key, the last of each, and the layers after the first."""
    given: dict[str, str] = {}
    further: list[str] = []
    for part in filter(None, parts):
        key, value = values.two(part, "=")
        key = _decoded(key).strip().lower()
        value = _decoded(value)
        if not _KEY.match(key):
            raise _unfit("fragment", part, "this is no part of a link", "Copy the whole link again.")
        if not _PLAIN.match(value):
            raise _unfit(key, value, "a link has no control characters", "Copy the whole link again.")
        if key == "layer":
            further.append(value)
        elif key not in UNKEPT:
            given[key] = value
    return given, further


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        reason = "a percent sign is not followed by a character"
        raise _unfit("fragment", text, reason, "Copy the whole link again.") from None


def _layer(given: dict[str, str]) -> tuple[LinkedLayer, dict[str, str]]:
    """A layer out of its parts, and the parts that are none of it."""
    others = dict(given)
    wanted = others.pop("op", next(iter(registry()))).strip().lower()
    operation = registry().get(wanted)
    if operation is None:
        remedy = f"Use one of {', '.join(registry())}."
        raise _unfit("op", wanted, "no operation has this name", remedy)
    spec: dict[str, Json] = {"operation": wanted}
    for parameter in operation.describe()["parameters"]:
        key = parameter["name"]
        if key in others:
            read = _reader(parameter)
            spec[key] = _value(key, read, others.pop(key))
    if "name" in others:
        spec["name"] = _value("name", values.layer_name, others.pop("name"))
    if "inputs" in others:
        names = others.pop("inputs").split(",")
        spec["inputs"] = [_value("inputs", values.layer_name, name) for name in names]
    weights = others.pop("weights", None)
    found = None if weights is None else _value("weights", values.weights_value, weights)
    return LinkedLayer(spec, found), others


def _reader(parameter: Mapping[str, Json]) -> Callable[[str], Json]:
    return lambda text: values.parameter_value(parameter, text)


def _value(key: str, read: Callable[[str], Json], text: str) -> Json:
    try:
        return values.forgiving(read, text)
    except Unreadable as error:
        raise _unfit(key, text, error.reason, error.remedy) from None


def _unfit(key: str, value: str, reason: str, remedy: str) -> Unfit:
    return Unfit(key, value[:200], reason, remedy, pointer="/fragment")
