"""The requests that have networks trained: experiments, gradients, own examples. Knows no route."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...core.learning.loop import How
from ...core.learning.losses import LOSSES
from ...core.learning.optimisers import OPTIMISERS, Settings
from ...core.learning.recurrent import Recurrence
from ...core.learning.starts import STARTS
from ...core.network.graph import Node
from ...core.values import NestedArray
from ...data.augmentation import Augmentation
from ...data.sets import MOST_EXAMPLES, Data
from ...images.sources import ImageSource, SampleSource, ValueSource
from .requests import EXAMPLE_LAYER, EXAMPLE_SOURCE, OTHERS, U32, TensorRequest, WeightedRequest

MOST_STEPS = 100_000
MOST_BATCH = 1024
MOST_OWN = 2_000
MOST_CHANGES = 200

if TYPE_CHECKING:
    LossName = str
    OptimiserName = str
    StartName = str
else:  # the closed sets have one home each, and the schema lists what they hold
    LossName = Literal[tuple(LOSSES)]
    OptimiserName = Literal[tuple(OPTIMISERS)]
    StartName = Literal[tuple(STARTS)]

EXAMPLE_NETWORK: list[dict[str, Any]] = [
    {
        "operation": "convolution",
        "filters": 4,
        "padding": "same",
        "bias": True,
        "activation": "relu",
        "name": "conv1",
    },
    {"operation": "max_pooling"},
    {"operation": "dense", "filters": 2, "bias": True, "name": "votes"},
]
EXAMPLE_TRAIN: dict[str, Any] = {
    "layers": EXAMPLE_NETWORK,
    "data": {"kind": "strokes", "size": 9, "count": 100, "validation": 100},
    "optimiser": {"kind": "adam", "rate": 0.01},
    "batch": 20,
    "steps": 20,
    "report": 10,
}
EXAMPLE_FORECAST: dict[str, Any] = {
    "layers": [
        {
            "operation": "convolution",
            "kernel": 2,
            "dilation": dilation,
            "filters": 4,
            "padding": "causal",
            "bias": True,
            "activation": "relu",
        }
        for dilation in (1, 2, 4)
    ]
    + [{"operation": "convolution", "kernel": 1, "filters": 1, "bias": True}],
    "data": {"kind": "seasons", "length": 120, "held": 12},
    "optimiser": {"kind": "adam", "rate": 0.01},
    "steps": 20,
    "horizon": 6,
}
Closed = ConfigDict(frozen=True, extra="forbid", strict=True)
Rate = Annotated[float, Field(ge=0, le=1e12)]
Fraction = Annotated[float, Field(ge=0, lt=1)]


class OptimiserSettings(BaseModel):
    """An optimiser and what it is told; what an optimiser does not take is not looked at."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "adam", "rate": 0.01}]}, **Closed)

    kind: OptimiserName = Field(
        "adam", description="As PyTorch defines it; GET data says where Keras differs."
    )
    rate: Rate | None = Field(None, description="The learning rate; left out, the optimiser's usual one.")
    momentum: Fraction = Field(0.9, description="Of momentum and Nesterov.")
    alpha: Fraction = Field(0.99, description="Of RMSprop: how much of the mean of squares stays.")
    beta1: Fraction = Field(0.9, description="Of Adam: how much of the mean of gradients stays.")
    beta2: Fraction = Field(0.999, description="Of Adam: how much of the mean of squares stays.")
    epsilon: Annotated[float, Field(gt=0, le=1)] = Field(1e-8, description="Of Adam and RMSprop.")
    decay: Annotated[float, Field(ge=0, le=1e6)] = Field(
        0.0, description="Weight decay: added to the gradient, and for AdamW beside it."
    )
    clip: Annotated[float, Field(gt=0, le=1e12)] | None = Field(
        None, description="The largest norm that all gradients together may have; left out, any."
    )

    def settings(self) -> Settings:
        """As the core takes them."""
        rate = OPTIMISERS[self.kind].rate if self.rate is None else self.rate
        others = ("kind", "momentum", "alpha", "beta1", "beta2", "epsilon", "decay", "clip")
        return Settings(rate=rate, **{name: getattr(self, name) for name in others})


class GradientRequest(TensorRequest):
    """Layers with an input, and the gradient of the output that is carried back."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"layers": [{**EXAMPLE_LAYER, "name": "conv1"}], "source": EXAMPLE_SOURCE}]
        }
    )

    upstream: NestedArray | None = Field(
        None, description="The gradient of the output, in its shape; left out, ones."
    )
    training: bool = Field(
        False, description="Run as in training: dropout drops. Otherwise everything is as at inference."
    )
    seed: U32 = Field(0, description="Of what training drops.")


class Changes(BaseModel):
    """Settings that may change while a network trains; what is left out stays."""

    model_config = Closed

    optimiser: OptimiserSettings | None = None
    batch: Annotated[int, Field(ge=1, le=MOST_BATCH)] | None = None
    augmentation: Augmentation | None = None
    dropout: dict[str, Annotated[float, Field(ge=0, le=1)]] | None = Field(
        None, description="The share that a layer drops, by its name."
    )
    steps: Annotated[int, Field(ge=0, le=MOST_STEPS)] | None = None


class Change(BaseModel):
    """Settings that hold from a training step on."""

    model_config = Closed

    step: Annotated[int, Field(ge=0, le=MOST_STEPS)] = Field(
        description="The training step from which on they hold."
    )
    settings: Changes = Field(description="The settings that change there.")


class TrainRequest(WeightedRequest):
    """An experiment: a network, its data, how it is trained, and what is told of it on the way."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_TRAIN]})

    dtype: Literal["float32", "float64"] = Field(
        "float32", description="The type of the numbers that are computed."
    )
    start: StartName = Field(
        "pytorch", description="The start of the parameters of layers that weights does not name."
    )
    data: Data = Field(description="The examples that it learns from; GET data lists the sets.")
    augmentation: Augmentation = Field(
        Augmentation(), description="How examples are changed each time they are seen."
    )
    loss: LossName = Field(
        "cross_entropy",
        description="Cross-entropy reads the last layer before its softmax, binary cross-entropy before its sigmoid.",
    )
    optimiser: OptimiserSettings = Field(OptimiserSettings(), description="How parameters are changed.")
    batch: Annotated[int, Field(ge=1, le=MOST_BATCH)] = Field(32, description="Examples of a training step.")
    steps: Annotated[int, Field(ge=0, le=MOST_STEPS)] = Field(300, description="Training steps in all.")
    seed: U32 = Field(
        0, description="Of data, start, order, dropout, augmentation and noise, each with numbers of its own."
    )
    report: Annotated[int, Field(ge=1, le=MOST_STEPS)] = Field(
        10, description="Training steps from one report to the next."
    )
    snapshots: Annotated[int, Field(ge=0, le=MOST_STEPS)] = Field(
        0, description="Training steps from one snapshot of all parameters to the next; 0 sends none."
    )
    changes: Annotated[list[Change], Field(max_length=MOST_CHANGES)] = Field(
        [], description="Settings that change on the way, in the order of their steps."
    )
    checkpoint: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = Field(
        None, description="The checkpoint of an earlier answer to go on from, with the same network and data."
    )

    def gives(self, node: Node) -> bool:
        """Whether weights say what a layer's parameters are."""
        given = self.weights
        return given is not None and (not isinstance(given, dict) or node.name in given or OTHERS in given)


class StepRequest(TrainRequest):
    """An experiment, and the training step of it that is looked at."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**EXAMPLE_TRAIN, "at": 10}]})

    at: Annotated[int, Field(ge=0, le=MOST_STEPS)] = Field(
        0, description="Training steps that are done before the one that is looked at."
    )
    example: Annotated[int, Field(ge=0, le=MOST_BATCH)] | None = Field(
        None,
        description="The place in the batch of the example whose values are told; left out, that of the largest loss.",
    )


class ExamplesRequest(BaseModel):
    """A set and a seed, and with them every example that an experiment learns from."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"data": {"kind": "strokes", "size": 9}, "seed": 1}]}, **Closed
    )

    data: Data = Field(description="The set; GET data lists them.")
    seed: U32 = Field(0, description="Of the data, the noise and the wrong labels.")
    augmentation: Augmentation = Field(Augmentation(), description="How the variants are changed.")
    variants_of: Annotated[int, Field(ge=0, le=MOST_EXAMPLES)] | None = Field(
        None,
        description="The example to train on whose variants are wanted: eight, as augmentation makes them.",
    )


class RecurrentSettings(BaseModel):
    """A recurrent layer that is trained beside the network, on the same data and batches."""

    model_config = Closed

    hidden: Annotated[int, Field(ge=1, le=64)] = Field(16, description="Its units.")
    radius: Annotated[float, Field(ge=0, le=4)] = Field(
        1.0,
        description="The spectral radius that its matrix starts with: that of an orthogonal one, times this.",
    )
    linear: bool = Field(False, description="Without tanh.")
    clip: Annotated[float, Field(gt=0, le=1e12)] | None = Field(
        1.0, description="The largest norm of its gradients; null for the optimiser's own setting."
    )

    def settings(self) -> Recurrence:
        """As the core takes them."""
        return Recurrence(self.hidden, self.radius, self.linear)

    def how(self, given: How) -> How:
        """The experiment's settings with this clipping."""
        return replace(given, optimiser=replace(given.optimiser, clip=self.clip))


class ForecastRequest(TrainRequest):
    """An experiment on a series, and how far its network is to forecast."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_FORECAST]})

    horizon: Annotated[int, Field(ge=1, le=48)] = Field(
        24, description="Values that are forecast one from the other."
    )
    period: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        None,
        description="Steps of a season, for the seasonal-naive; left out, the strongest that the series shows.",
    )
    recurrent: RecurrentSettings | None = Field(
        None, description="A recurrent layer to compare with; left out, there is none."
    )
    checkpoints: Annotated[int, Field(ge=0, le=MOST_STEPS)] = Field(
        0,
        description="Training steps from one checkpoint of the network to the next, which lines tell; 0 tells none.",
    )


class OwnExample(BaseModel):
    """One example of a person's own, and what it is called."""

    model_config = Closed

    label: Annotated[str, Field(min_length=1, max_length=64)] = Field(description="Its class.")
    source: Annotated[SampleSource | ImageSource | ValueSource, Field(discriminator="kind")] = Field(
        description="A drawing as values, or an uploaded picture."
    )


class OwnExamples(BaseModel):
    """Labelled drawings and pictures, kept together as one bundle."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "examples": [
                        {
                            "label": "X",
                            "source": {"kind": "values", "values": [[1, 0, 1], [0, 1, 0], [1, 0, 1]]},
                        },
                        {
                            "label": "O",
                            "source": {"kind": "values", "values": [[1, 1, 1], [1, 0, 1], [1, 1, 1]]},
                        },
                    ]
                }
            ]
        },
        **Closed,
    )

    examples: Annotated[list[OwnExample], Field(min_length=1, max_length=MOST_OWN)] = Field(
        description="All of one shape."
    )
