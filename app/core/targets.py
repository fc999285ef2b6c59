"""Parameter types of layers that change a shape alone: sides that may crop, and the shape to come to."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from .errors import malformed
from .spec import (
    AS_IS,
    LARGEST,
    LARGEST_SHAPE,
    MOST_AXES,
    SIDES_SCHEMA,
    PaddingValue,
    padding_of,
    parameter,
    whole_number,
)


def _sides(value: object) -> PaddingValue:
    """Padding in numbers alone."""
    if isinstance(value, str):
        raise malformed("this has no kernel that a rule could follow", "Use 1, or [[1, 2], [0, 0]].")
    return padding_of(value)


def _target(value: object) -> tuple[int, ...]:
    """The sizes of a shape, channels first; −1 stands for what is left."""
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= 1 + MOST_AXES:
        raise malformed(
            "a shape is a list of channels and up to three sizes",
            "Use [-1] to flatten, or [16, 7, 7].",
        )
    sizes = tuple(whole_number(size, "each size", LARGEST_SHAPE) for size in value)
    if any(size < 1 and size != -1 for size in sizes) or sizes.count(-1) > 1:
        raise malformed("each size is 1 or more, and one of them may be -1", "Use [16, -1].")
    return sizes


# Cells around an input in numbers; a negative side crops.
Sides = Annotated[
    PaddingValue,
    PlainValidator(_sides),
    AS_IS,
    WithJsonSchema({"anyOf": [{"type": "integer"}, SIDES_SCHEMA]}),
]
TargetShape = Annotated[
    tuple[int, ...],
    PlainValidator(_target),
    AS_IS,
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "integer", "minimum": -1},
            "minItems": 1,
            "maxItems": 1 + MOST_AXES,
        }
    ),
]


def border_parameter() -> Any:
    """Cells added around the input, or cropped from it."""
    return parameter(
        1,
        "padding",
        "Padding",
        "Cells added around the input: a number, or [begin, end] per axis. A negative number crops as many.",
        unit="cells",
        minimum=-64,
        maximum=LARGEST,
        control_maximum=8,
        choices=(),
    )
