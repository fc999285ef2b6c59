"""Where a layer stands in a network: its name and what it reads. Knows names, no layer and no parameter."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from .errors import malformed

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,63}\Z")
SOURCE = "input"  # what a layer reads that reads no other
RESERVED = (SOURCE, "kind")  # kind tells weights of all layers from weights by name
PLACE = frozenset(("name", "inputs"))  # fields that are no parameters
MOST_INPUTS = 64


def _layer_name(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not NAME.match(value):
        raise malformed(
            "a layer's name has 1 to 64 letters, digits, _ and ., and begins with a letter or _",
            "Use a name such as conv1.",
        )
    if value in RESERVED:
        raise malformed("this name is reserved", "Use another one, such as conv1.")
    return value


def _inputs(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= MOST_INPUTS:
        raise malformed(
            f"inputs is a list of 1 to {MOST_INPUTS} names of layers", 'Use ["conv1"], or ["input"].'
        )
    for name in value:
        if not isinstance(name, str) or not NAME.match(name):
            raise malformed("each of inputs is the name of a layer", 'Use ["conv1"], or ["input"].')
    return tuple(value)


def _layer_or_input(value: object) -> str | None:
    return SOURCE if value == SOURCE else _layer_name(value)


LayerName = Annotated[
    str | None,
    PlainValidator(_layer_name),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": f"^{NAME.pattern[:-2]}$"}, {"type": "null"}]}),
]
LayerOrInput = Annotated[
    str | None,
    PlainValidator(_layer_or_input),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": f"^{NAME.pattern[:-2]}$"}, {"type": "null"}]}),
]
LayerInputs = Annotated[
    tuple[str, ...] | None,
    PlainValidator(_inputs),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MOST_INPUTS},
                {"type": "null"},
            ]
        }
    ),
]
