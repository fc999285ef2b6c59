"""The requests of clients: closed, strict models of every body and socket message. Knows no route and no arithmetic."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    FailFast,
    Field,
    PlainValidator,
    Tag,
    WithJsonSchema,
)

from ...core.errors import Unfit, malformed, pointer_to
from ...core.frameworks.catalog import Target
from ...core.network.graph import MOST_LAYERS, Network, Node, network_of
from ...core.place import LayerName, LayerOrInput
from ...core.spec import (
    LARGEST_SHAPE,
    MOST_AXES,
    LayerSpec,
)
from ...core.weights import DEFAULT_WEIGHTS, Weights
from ...images.sources import Source
from ...operations import registry
from .problems import ALL, NAMED

if TYPE_CHECKING:
    AnySpec = LayerSpec
else:
    AnySpec = Annotated[
        Union[tuple(operation.spec for operation in registry().values())],  # noqa: UP007 - built at run time
        Field(discriminator="operation"),
    ]

EXAMPLE_LAYER: dict[str, Any] = {
    "operation": "convolution",
    "kernel": 3,
    "stride": 2,
    "padding": 1,
    "filters": 2,
}
EXAMPLE_SOURCE: dict[str, Any] = {"kind": "sample", "name": "grid"}
EXAMPLE_RUN: dict[str, Any] = {"layers": [EXAMPLE_LAYER], "source": EXAMPLE_SOURCE, "weights": None}

U32 = Annotated[int, Field(ge=0, le=2**32 - 1)]


def _shape(value: object) -> object:
    if value is None:
        return None
    if not isinstance(value, (list, tuple)) or not 2 <= len(value) <= 4:
        raise malformed("a shape is [channels, sizes of 1 to 3 axes]", "Use [3, 28, 28].")
    for size in value:
        if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= LARGEST_SHAPE:
            raise malformed(f"each size is a whole number from 1 to {LARGEST_SHAPE}", "Use [3, 28, 28].")
    return tuple(value)


def _lanes(value: object) -> object:
    if value is None:
        return None
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= 4096:
        raise malformed("lanes is a list of filters, counted from 0", "Use [0, 5], or null for all.")
    for lane in value:
        if isinstance(lane, bool) or not isinstance(lane, int) or lane < 0:
            raise malformed("each lane is a whole number from 0 on", "Use [0, 5], or null for all.")
    if len(set(value)) != len(value):
        raise malformed("each lane is asked for once", "Leave repetitions out.")
    return tuple(value)


_WHOLE_LIST = {
    "type": "array",
    "items": {"type": "integer", "minimum": 0},
    "minItems": 1,
    "uniqueItems": True,
}
InputShape = Annotated[
    tuple[int, ...] | None,
    BeforeValidator(_shape),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "array",
                    "items": {"type": "integer", "minimum": 1, "maximum": LARGEST_SHAPE},
                    "minItems": 2,
                    "maxItems": 4,
                },
                {"type": "null"},
            ]
        }
    ),
]
RequiredShape = Annotated[
    tuple[int, ...],
    BeforeValidator(_shape),
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "integer", "minimum": 1, "maximum": LARGEST_SHAPE},
            "minItems": 2,
            "maxItems": 4,
        }
    ),
]
Lanes = Annotated[
    tuple[int, ...] | None,
    BeforeValidator(_lanes),
    WithJsonSchema({"anyOf": [_WHOLE_LIST, {"type": "null"}]}),
]


@dataclass(frozen=True, slots=True)
class ChosenLayer:
    """The layer that a request is about, and its place among the layers."""

    index: int
    spec: LayerSpec

    def pointer(self, name: str = "") -> str:
        """The JSON pointer of one of the layer's parameters, or of the layer."""
        return f"/layers/{self.index}/{name}" if name else f"/layers/{self.index}"


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    layers: Annotated[list[AnySpec], Field(min_length=1, max_length=MOST_LAYERS), FailFast()] = Field(
        description="The layers in order. Each reads the one before it unless it says inputs."
    )
    asked: LayerName = Field(
        None, alias="layer", description="The layer that is asked for, by name; left out, the last."
    )

    @functools.cached_property
    def network(self) -> Network:
        """The layers joined; raises Unfit for what is no network."""
        return network_of(self.layers, registry())

    @property
    def node(self) -> Node:
        """The layer that is asked for; raises NotFound."""
        return self.network.chosen(self.asked)

    @property
    def chosen(self) -> ChosenLayer:
        """The layer that is asked for, with its place."""
        return ChosenLayer(self.node.index, self.node.spec)


class PlanRequest(_Request):
    """A layer and the shape of its input: given, or that of a source."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"layers": [EXAMPLE_LAYER], "input_shape": [3, 28, 28]}]}
    )

    input_shape: InputShape = Field(None, description="(channels, *sizes); give this or a source.")
    source: Source | None = Field(None, description="Where the input comes from; give this or input_shape.")


class FieldRequest(_Request):
    """A network, the shape of its input or its source, and the cell whose field is asked for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "layers": [EXAMPLE_LAYER, {"operation": "max_pooling"}],
                    "input_shape": [1, 16, 16],
                    "layer": "max_pooling1",
                    "cell": [1, 2],
                    "direction": "backward",
                }
            ]
        }
    )

    input_shape: InputShape = Field(None, description="(channels, *sizes); give this or a source.")
    source: Source | None = Field(None, description="Where the input comes from; give this or input_shape.")
    asked: LayerOrInput = Field(
        None, alias="layer", description="The layer of the cell, or input; left out, the last."
    )
    cell: Annotated[
        list[Annotated[int, Field(ge=0, le=LARGEST_SHAPE)]], Field(min_length=1, max_length=1 + MOST_AXES)
    ] = Field(
        description="Its place on the spatial axes, and before it the channel where channels are apart."
    )
    direction: Literal["backward", "forward"] = Field(
        "backward", description="backward: the cells that it depends on; forward: those that it reaches."
    )
    counts: bool = Field(False, description="Also tell how many ways lead to each cell.")
    channels: bool = Field(
        False, description="Keep channels apart; else a cell stands for all of its channels."
    )


MOST_PLANS = 100


class PlansRequest(BaseModel):
    """A list of what POST plan takes."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "plans": [
                        {"layers": [{**EXAMPLE_LAYER, "stride": stride}], "input_shape": [3, 28, 28]}
                        for stride in (1, 2)
                    ]
                }
            ]
        },
    )

    plans: Annotated[list[PlanRequest], Field(min_length=1, max_length=MOST_PLANS)] = Field(
        description=f"Up to {MOST_PLANS}; the answer has one for each, in this order."
    )


def _sizes(value: object) -> object:
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= MOST_AXES:
        raise malformed("sizes are one number per axis", "Use [56, 56].")
    for size in value:
        if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= LARGEST_SHAPE:
            raise malformed(f"each size is a whole number from 1 to {LARGEST_SHAPE}", "Use [56, 56].")
    return tuple(value)


def _open_layer(value: object) -> object:
    """Some of a layer's parameters; those that are there are checked like any layer's."""
    name = value.get("operation") if isinstance(value, dict) else None
    if not isinstance(name, str) or name not in registry():
        raise malformed("a layer names its operation", f"Use one of {', '.join(registry())}.")
    registry()[name].spec.model_validate(value)
    return value


class SolveRequest(BaseModel):
    """A layer with some parameters left open, an input's shape, and the sizes that the output shall have."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "layer": {"operation": "transposed_convolution"},
                    "input_shape": [1, 28, 28],
                    "sizes": [56, 56],
                }
            ]
        },
    )

    layer: Annotated[
        dict[str, Any],
        PlainValidator(_open_layer),
        WithJsonSchema(
            {
                "type": "object",
                "properties": {"operation": {"enum": list(registry())}},
                "required": ["operation"],
            }
        ),
    ] = Field(description="The operation, and the parameters that stay as they are.")
    input_shape: RequiredShape = Field(description="(channels, *sizes).")
    sizes: Annotated[
        tuple[int, ...],
        BeforeValidator(_sizes),
        WithJsonSchema(
            {
                "type": "array",
                "items": {"type": "integer", "minimum": 1, "maximum": LARGEST_SHAPE},
                "minItems": 1,
                "maxItems": MOST_AXES,
            }
        ),
    ] = Field(description="The output's size on each axis.")
    most: Annotated[int, Field(ge=1, le=1000)] = Field(
        50, description="How many settings to list; all are counted."
    )


OTHERS = "*"
NamedWeights = Annotated[dict[str, Weights], Field(min_length=1, max_length=MOST_LAYERS + 1)]


def _weights_tag(value: object) -> str:
    """Weights by name are an object without a kind, which is no name of a layer."""
    by_name = isinstance(value, dict) and "kind" not in value and bool(value)
    return NAMED if by_name else ALL


AnyWeights = Annotated[
    Annotated[Weights, Tag(ALL)] | Annotated[NamedWeights, Tag(NAMED)], Discriminator(_weights_tag)
]


class WeightedRequest(_Request):
    """Layers and their weights, and which of the layers is asked for."""

    weights: AnyWeights | None = Field(
        None,
        description="Where the weights come from: one object for all layers, or one by the name of each, and under * "
        "for all others. Left out, the preset mixed.",
    )
    dtype: Literal["float32", "float64"] = Field(
        "float32",
        description="The type of the computed numbers. Pictures and noise are read as float32 and then widened.",
    )

    def weights_of(self, node: Node) -> Weights:
        """Where a layer's weights come from."""
        given = self.weights
        if isinstance(given, dict):
            given = given.get(node.name, given.get(OTHERS))
        return given or DEFAULT_WEIGHTS

    def check_weights(self) -> None:
        """Refuse weights of a layer that is not there, or that has none."""
        if not isinstance(self.weights, dict):
            return
        network = self.network
        for name in self.weights:
            if name == OTHERS:
                continue
            node = network.by_name.get(name)
            if node is None or not node.operation.combination.weighted:
                reason = (
                    "no layer has this name" if node is None else f"{node.operation.title} has no weights"
                )
                known = [one.name for one in network.layers if one.operation.combination.weighted]
                remedy = f"Use one of {', '.join([*known[:6], OTHERS])}."
                raise Unfit("weights", name, reason, remedy, pointer=pointer_to("/weights", name))


class TensorRequest(WeightedRequest):
    """Layers, their input and their weights."""

    source: Source = Field(description="Where the input comes from.")


Included = Annotated[
    list[Literal["output", "indices", "input", "weight", "bias", "plan", "layers"]],
    FailFast(),  # a list of a million faults is told as its first
    Field(max_length=16),
]


class RunRequest(TensorRequest):
    """A layer to run, and what the answer holds."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_RUN]})

    include: Included = Field(
        ["output"],
        description="The parts of a JSON answer; .npy and PNG hold the output. indices are those of the maxima, "
        "row-major in the channel's input plane, null where the operation takes no maximum; layers are the outputs of "
        "all layers that the one asked for depends on, and its own, by name.",
    )


class FramesRequest(TensorRequest):
    """A layer whose steps are wanted, and which of their columns."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**EXAMPLE_RUN, "first": 0, "window": True}]})

    first: U32 = Field(0, description="The first step wanted, in row-major order.")
    count: U32 | None = Field(None, description="How many steps; left out, all that follow.")
    lanes: Lanes = Field(None, description="Output channels wanted; left out, all.")
    window: bool = Field(False, description="Also send what each step reads.")
    walk: Literal["gather", "scatter"] = Field(
        "gather",
        description="How to watch: gather has a step per output cell; scatter, for transposed convolution, a step "
        "per input cell, which sends the output before the first step and then what each step adds, tap by tap.",
    )
    input: bool = Field(False, description="Send the input tensor first.")
    weight: bool = Field(False, description="Send the weight and bias tensors first.")


class CodeRequest(TensorRequest):
    """A layer to be written as code."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**EXAMPLE_RUN, "target": "pytorch"}]})

    target: Target = Field(description="The framework to write for.")


class MatchRequest(_Request):
    """A network on its input, and the kept bundle whose tensors are to be its weights."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"layers": [EXAMPLE_LAYER], "input_shape": [3, 28, 28], "bundle": "0" * 64}]
        }
    )

    input_shape: Annotated[
        list[Annotated[int, Field(ge=1, le=LARGEST_SHAPE)]], Field(min_length=2, max_length=1 + MOST_AXES)
    ] = Field(description="(channels, *sizes) of the network's input.")
    bundle: str = Field(description="The id that POST bundles answered.", pattern="^[0-9a-f]{64}$")


class ReadRequest(BaseModel):
    """Code that says a layer, to be read; nothing of it is executed."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"text": "nn.Conv2d(3, 64, 7, stride=2, padding=3)"}]},
    )

    text: str = Field(
        description="A layer in the words of PyTorch, Keras or ONNX, alone or within a program: a call, a node, or "
        "a node's attributes as Netron lists them."
    )
    network: bool = Field(
        False,
        description="Read all layers of a model (a Sequential, a class, a functional or printed model, Keras' JSON) "
        "where the text has one, and not the first layer alone.",
    )
