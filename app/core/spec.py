"""Parameter types that operations build their specs from. Knows types and words, no arithmetic and no HTTP."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    PlainValidator,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    model_serializer,
    model_validator,
)

from .activations import ACTIVATIONS
from .errors import malformed
from .frameworks.catalog import DEFAULTS_OF_POOLS, DEFAULTS_WITH_FILTERS, TITLES, WITH_RULES, Rules
from .padding import PADDING_MODES, PADDING_RULES
from .place import PLACE, LayerInputs, LayerName

MOST_AXES = 3
LARGEST = (
    4096  # the hard maximum of a number that windows are made of; sizes and costs have limits of their own
)
LARGEST_OUTPUT = 16_384  # of an axis whose size is chosen: its windows are listed one by one
LARGEST_SHAPE = (
    2**24
)  # of channels, of filters, and of an input's axis: a plan is arithmetic and takes them all

PerAxisValue = int | tuple[int, ...]
PaddingValue = str | int | tuple[int | tuple[int, int], ...]


def whole_number(value: object, name: str = "this", most: int = LARGEST) -> int:
    """A whole number within ±``most``, or a refusal; true and 3.0 are no whole numbers."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise malformed(f"{name} must be a whole number", "Use a whole number such as 3.")
    if abs(value) > most:
        raise malformed(f"{name} is beyond what is computed here", f"Use at most {most}.")
    return value


def _per_axis(value: object, most: int = LARGEST) -> PerAxisValue:
    if isinstance(value, (list, tuple)):
        if not 1 <= len(value) <= MOST_AXES:
            raise malformed("a list holds one number per axis", f"Give 1 to {MOST_AXES} numbers.")
        return tuple(whole_number(item, "each entry", most) for item in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return whole_number(value, most=most)
    raise malformed("this must be a whole number or a list of them", "Use a number such as 3, or [3, 5].")


def _per_axis_or_null(value: object, most: int = LARGEST) -> PerAxisValue | None:
    return None if value is None else _per_axis(value, most)


def padding_of(value: object, names: tuple[str, ...] = tuple(PADDING_RULES)) -> PaddingValue:
    """Padding as a rule's name, a number, or entries per axis; or a refusal."""
    if isinstance(value, str):
        if value not in names:
            raise malformed("no padding rule has this name", f"Use one of {', '.join(names)}.")
        return value
    if isinstance(value, (list, tuple)):
        if not 1 <= len(value) <= MOST_AXES:
            raise malformed("a list holds one entry per axis", f"Give 1 to {MOST_AXES} entries.")
        return tuple(_side(item) for item in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return whole_number(value)
    raise malformed(
        "this must be a rule's name, a whole number, or one entry per axis",
        'Use "same", 1, or [[1, 2], [0, 0]].',
    )


def _side(entry: object) -> int | tuple[int, int]:
    if isinstance(entry, (list, tuple)):
        if len(entry) != 2:
            raise malformed("an axis has two sides", "Give [begin, end], such as [1, 2].")
        return whole_number(entry[0], "each side"), whole_number(entry[1], "each side")
    return whole_number(entry, "each entry")


_INTEGERS = {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": MOST_AXES}
_PER_AXIS_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "integer"}, _INTEGERS]}
_PAIR = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
SIDES_SCHEMA = {
    "type": "array",
    "items": {"anyOf": [{"type": "integer"}, _PAIR]},
    "minItems": 1,
    "maxItems": MOST_AXES,
}

# The validators above make the values, so they are written out as they are.
AS_IS = PlainSerializer(lambda value: value, return_type=Any)

_OPTIONAL_SCHEMA: dict[str, Any] = {"anyOf": [*_PER_AXIS_SCHEMA["anyOf"], {"type": "null"}]}
PerAxis = Annotated[PerAxisValue, PlainValidator(_per_axis), AS_IS, WithJsonSchema(_PER_AXIS_SCHEMA)]
OptionalPerAxis = Annotated[
    PerAxisValue | None,
    PlainValidator(_per_axis_or_null),
    AS_IS,
    WithJsonSchema(_OPTIONAL_SCHEMA),
]
# How many cells an output has on each axis, where that is chosen.
OutputSize = Annotated[
    PerAxisValue,
    PlainValidator(lambda value: _per_axis(value, LARGEST_OUTPUT)),
    AS_IS,
    WithJsonSchema(_PER_AXIS_SCHEMA),
]
OptionalOutputSize = Annotated[
    PerAxisValue | None,
    PlainValidator(lambda value: _per_axis_or_null(value, LARGEST_OUTPUT)),
    AS_IS,
    WithJsonSchema(_OPTIONAL_SCHEMA),
]
Padding = Annotated[
    PaddingValue,
    PlainValidator(padding_of),
    AS_IS,
    WithJsonSchema({"anyOf": [{"enum": list(PADDING_RULES)}, {"type": "integer"}, SIDES_SCHEMA]}),
]
# Rules of the cropping of a transposed convolution; full would crop all and causal has no meaning there.
CROPPING_RULES = ("valid", "same", "same_lower")
Cropping = Annotated[
    PaddingValue,
    PlainValidator(lambda value: padding_of(value, CROPPING_RULES)),
    AS_IS,
    WithJsonSchema({"anyOf": [{"enum": list(CROPPING_RULES)}, {"type": "integer"}, SIDES_SCHEMA]}),
]
PaddingMode = Literal["zeros", "constant", "reflect", "symmetric", "replicate", "circular"]
Whole = Annotated[int, PlainValidator(whole_number), WithJsonSchema({"type": "integer"})]
ChannelCount = Annotated[
    int,
    PlainValidator(lambda value: whole_number(value, most=LARGEST_SHAPE)),
    WithJsonSchema({"type": "integer"}),
]


def _number(value: object) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise malformed("this must be a number", "Use a number such as 0.5.")
    if not math.isfinite(value) or abs(value) > MOST_FILL:
        raise malformed("this is beyond what is computed here", f"Use a number within ±{MOST_FILL:g}.")
    return float(value)


MOST_FILL = 1e30
Number = Annotated[
    float,
    PlainValidator(_number),
    WithJsonSchema({"type": "number", "minimum": -MOST_FILL, "maximum": MOST_FILL}),
]


def _exponent(value: object) -> float:
    number = _number(value)
    if abs(number) > LARGEST:
        raise malformed("this is beyond what is computed here", f"Use at most {LARGEST}.")
    return int(number) if number.is_integer() else number


# The p of a norm; a whole one is written without a point.
Exponent = Annotated[
    float,
    PlainValidator(_exponent),
    AS_IS,
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": LARGEST}),
]

OptionalWhole = Annotated[
    int | None,
    PlainValidator(lambda value: None if value is None else whole_number(value)),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "null"}]}),
]


def parameter(
    default: object,
    kind: Literal["per_axis", "padding", "choice", "integer", "number", "boolean", "shape"],
    title: str,
    description: str,
    *,
    unit: str | None = None,
    minimum: int | None = None,
    maximum: int = LARGEST,
    control_maximum: int | None = None,
    left_out: str | None = None,
    choices: tuple[str, ...] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Any:
    """A field of a spec with what a control needs to show it: kind, unit, and where a slider begins and ends.

    ``left_out`` says what null stands for, where null is a value; ``choices`` are the names that a padding takes, and
    ``labels`` those that people read otherwise.
    """
    control: dict[str, Any] = {
        "kind": kind,
        "unit": unit,
        "minimum": minimum,
        "maximum": None if minimum is None else maximum,
        "control_maximum": control_maximum,
        "left_out": left_out,
        "choices": choices,
        "labels": dict(labels or {}),
    }
    return Field(default, title=title, description=description, json_schema_extra={"x-control": control})


def kernel_parameter(default: int) -> Any:
    """The kernel's size, as every windowed operation has it."""
    return parameter(
        default,
        "per_axis",
        "Kernel",
        "How many cells a window reads along each axis.",
        unit="cells",
        minimum=1,
        control_maximum=11,
    )


def stride_parameter(default: int | None) -> Any:
    """How far the window moves; None stands for the kernel's size."""
    same = "" if default is not None else " Left out, it equals the kernel, so that windows touch."
    return parameter(
        default,
        "per_axis",
        "Stride",
        f"How many cells the window moves from one step to the next.{same}",
        unit="cells",
        minimum=1,
        control_maximum=8,
        left_out="As the kernel" if default is None else None,
    )


def dilation_parameter() -> Any:
    """The distance between taps."""
    return parameter(
        1,
        "per_axis",
        "Dilation",
        "Distance between neighbouring taps; 1 is a solid window, 2 skips every other cell.",
        unit="cells",
        minimum=1,
        control_maximum=8,
    )


def padding_parameter() -> Any:
    """Cells added around the input."""
    return parameter(
        0,
        "padding",
        "Padding",
        "Cells added around the input: a number, [begin, end] per axis, or a rule. "
        "same gives ⌈size / stride⌉ outputs with the odd cell at the end (same_lower: at the beginning), "
        "full keeps every overlap, causal pads at the beginning only.",
        unit="cells",
        minimum=0,
        control_maximum=8,
        choices=tuple(PADDING_RULES),
    )


def output_size_parameter(default: int | None, description: str) -> Any:
    """How many cells the output has, where that is chosen."""
    return parameter(
        default,
        "per_axis",
        "Output size",
        description,
        unit="cells",
        minimum=1,
        maximum=LARGEST_OUTPUT,
        control_maximum=32,
        left_out="Automatic" if default is None else None,
    )


def adaptive_size_parameter() -> Any:
    """The output's size, from which the windows follow."""
    return output_size_parameter(
        2,
        "How many cells the output has along each axis. Window i reads from ⌊i · input / size⌋ up to "
        "⌈(i + 1) · input / size⌉; neighbours may overlap.",
    )


def factor_parameter(
    description: str = "How many times finer the grid becomes along each axis.",
) -> Any:
    """How many times finer a grid becomes."""
    return parameter(
        2,
        "per_axis",
        "Factor",
        description,
        unit="times",
        minimum=1,
        control_maximum=8,
    )


def ceil_mode_parameter() -> Any:
    """Whether the number of windows is rounded up, as the pools have it."""
    return parameter(
        False,
        "boolean",
        "Ceil mode",
        "Round the number of windows up, so that the last cells are read too; "
        "a last window that would start in the end padding is dropped.",
    )


def _activation(value: object) -> str:
    if not isinstance(value, str) or value not in ACTIVATIONS:
        raise malformed("no activation has this name", f"Use one of {', '.join(ACTIVATIONS)}.")
    return value


ActivationName = Annotated[
    str, PlainValidator(_activation), WithJsonSchema({"type": "string", "enum": list(ACTIVATIONS)})
]


class LayerSpec(BaseModel):
    """The settings of every layer: frozen, closed and strict.

    ``framework_defaults`` holds, by rules, the defaults that differ from the fields' own; a parameter left out
    takes that of the rules asked for. ``name`` and ``inputs`` place the layer in a network: they are no parameters,
    and what is computed of a layer is computed of its ``bare`` spec.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    framework_defaults: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    operation: str
    name: LayerName = Field(
        None,
        description="The name by which other layers and weights refer to it; made from its operation if left out.",
    )
    inputs: LayerInputs = Field(
        None,
        description="The layers that it reads, by name; input is the source. Left out, the layer before it.",
    )
    rules: Rules = parameter(
        "any",
        "choice",
        "Rules",
        "any refuses only what has no meaning; pytorch, keras and onnx refuse exactly what that framework "
        "refuses, and take its defaults.",
        labels={name: TITLES[name] for name in WITH_RULES},
    )
    activation: ActivationName = parameter(
        "none",
        "choice",
        "Activation",
        "The function that every output passes through after the layer.",
        choices=tuple(ACTIVATIONS),
        labels={one.name: one.title for one in ACTIVATIONS.values() if one.name != "none"},
    )

    @property
    def bare(self) -> Self:
        """The same layer without its place in a network; equal layers have equal bare specs."""
        if not PLACE & self.model_fields_set:
            return self
        made = self.model_copy(update=dict.fromkeys(PLACE))
        made.model_fields_set.difference_update(PLACE)
        return made

    @model_serializer(mode="wrap")
    def _without_empty_place(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A layer that stands alone is written without a place."""
        dumped: dict[str, Any] = handler(self)
        return {name: value for name, value in dumped.items() if value is not None or name not in PLACE}

    @model_validator(mode="wrap")
    @classmethod
    def _take_defaults_of_rules(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Defaults of the rules asked for; they do not count as set, so that other rules put their own in."""
        if not (isinstance(data, dict) and isinstance(data.get("rules"), str)):
            return handler(data)
        theirs = cls.framework_defaults.get(data["rules"], {})
        made = handler({**theirs, **data})
        made.model_fields_set.difference_update(theirs.keys() - data.keys())
        return made


class WeightedSpec(LayerSpec):
    """The settings of every layer with filters."""

    framework_defaults: ClassVar[Mapping[str, Mapping[str, Any]]] = DEFAULTS_WITH_FILTERS

    filters: ChannelCount = parameter(
        1,
        "integer",
        "Filters",
        "Output channels: each filter gives one output map.",
        unit="filters",
        minimum=1,
        maximum=LARGEST_SHAPE,
        control_maximum=64,
    )
    bias: bool = parameter(False, "boolean", "Bias", "Add one number per filter to every output cell.")


def groups_parameter() -> Any:
    """How many parts the channels are split into."""
    return parameter(
        1,
        "integer",
        "Groups",
        "Input channels and filters are split into this many groups that do not see each other; "
        "as many groups as channels is a depthwise convolution.",
        unit="groups",
        minimum=1,
        maximum=LARGEST_SHAPE,
        control_maximum=64,
    )


def parts_parameter() -> Any:
    """How many inputs the channels are, one after another."""
    return parameter(
        1,
        "integer",
        "Parts",
        "The channels are so many inputs of equal size, one after another. In a network it is the number of layers "
        "that are read.",
        unit="inputs",
        minimum=1,
        maximum=LARGEST_SHAPE,
        control_maximum=8,
    )


class UpsamplingSpec(LayerSpec):
    """The settings of both ways of upsampling."""

    factor: PerAxis = factor_parameter()
    size: OptionalOutputSize = output_size_parameter(
        None, "How many cells the output has along each axis; left out, the factor times the input's."
    )


class PoolSpec(LayerSpec):
    """The settings of every pool with a sliding window."""

    framework_defaults: ClassVar[Mapping[str, Mapping[str, Any]]] = DEFAULTS_OF_POOLS

    kernel: PerAxis = kernel_parameter(2)
    stride: OptionalPerAxis = stride_parameter(None)
    padding: Padding = padding_parameter()
    dilation: PerAxis = dilation_parameter()
    ceil_mode: bool = ceil_mode_parameter()


assert set(PADDING_MODES) == set(PaddingMode.__args__), "the schema and the padding modes must agree"  # type: ignore[attr-defined]


def per_axis(value: PerAxisValue, axes: int) -> tuple[int, ...]:
    """One number per axis; a single number or a list of one stands for all. The length has been checked."""
    if isinstance(value, int):
        return (value,) * axes
    return value * axes if len(value) == 1 else value
