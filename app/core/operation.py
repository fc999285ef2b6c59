"""The record that an operation is: rules by name, a spec, a kernel, examples. Knows no particular operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic.fields import FieldInfo

from .combines import COMBINES
from .combines.combine import Combine, Constants
from .frameworks.framework import Framework
from .lowering.part import Part
from .place import PLACE
from .spec import LayerSpec
from .tensors import OwnTensors

Array = NDArray[np.floating]

# A kernel computes whole rows of the first axis: (lanes, rows, *other axes).
Kernel = Callable[[Part, slice], Array]
# The same of inputs that lie apart, so that they need not be put together first: a new array.
Join = Callable[[Sequence[Array]], Array]


FAMILIES = ("convolution", "pooling", "resampling", "pointwise")  # in the order of a menu


@dataclass(frozen=True, eq=False, repr=False)  # hashed by identity: it is a key of caches
class Operation:
    """One operation of the convolution family.

    ``family`` is where menus list it. ``geometry`` names the rule that turns the spec into a walk, ``combine``
    what is done with a window. ``channels``: ``filters`` gives each of ``spec.filters`` lanes the channels of
    its group; ``each`` treats every channel alone; ``taps`` gives each channel as many lanes as a window has
    taps; ``phases`` makes one lane of as many channels as there are phases of steps, and the step's phase says
    which of them it takes; ``inputs`` splits the channels into ``spec.parts`` inputs and gives each lane cell o of
    all of them.
    ``weight_layout`` is the order of a weight's first two axes: ``filters`` first, or the input
    ``channels`` first, as transposed convolutions have it. ``flipped`` says that a window is multiplied by the
    kernel turned around; a spec's own ``flip`` turns it once more. ``result`` is the output's shape: a ``grid``
    per lane, a matrix of ``columns``, one per step, a ``vector`` with a number per lane, or the ``shape`` that the
    spec says, whose numbers are the lanes.
    ``padding_below_kernel`` refuses padding that could hold a whole window. ``constants`` fixes what the combine
    needs besides the window (``divisor``, ``p``), so that the spec need not. ``frameworks`` says how each
    framework has it. ``instead`` names the operations that are proposed beside it where an output of some size is
    wanted. ``join`` gives what ``kernel`` does from inputs that lie apart. ``own`` are the tensors of an operation
    that has others than weight and bias. ``drops`` names the parameter that says which share of cells training
    drops. ``prefix`` begins the names made for its layers, where the operation's own name is too long for that.
    """

    name: str
    title: str
    family: Literal["convolution", "pooling", "resampling", "pointwise"]
    summary: str
    spec: type[LayerSpec]
    geometry: str
    combine: str
    channels: Literal["filters", "each", "taps", "phases", "inputs"]
    kernel: Kernel
    weight_layout: Literal["filters", "channels"] = "filters"
    flipped: bool = False
    result: Literal["grid", "columns", "vector", "shape"] = "grid"
    padding_below_kernel: bool = False
    constants: Constants | None = None
    frameworks: Mapping[str, Framework] = field(default_factory=dict)
    examples: tuple[Mapping[str, Any], ...] = field(default=())
    instead: tuple[str, ...] = ()
    join: Join | None = None
    own: OwnTensors | None = None
    drops: str = ""
    prefix: str = ""

    @property
    def called(self) -> str:
        """The beginning of names of its layers: conv1, max_pooling2."""
        return self.prefix or self.name

    @property
    def padding_rules(self) -> tuple[str, ...]:
        """The names that its padding takes, where it has one."""
        info = self.spec.model_fields.get("padding")
        extra: Any = info and info.json_schema_extra
        return tuple(extra["x-control"]["choices"]) if extra else ()

    def __repr__(self) -> str:
        return f"Operation({self.name!r})"

    @property
    def combination(self) -> Combine:
        """The combine's record."""
        return COMBINES[self.combine]

    def _with_rules(self) -> list[str]:
        """The frameworks that have the operation, or defaults for it; the others are read as code alone."""
        having = [name for name, framework in self.frameworks.items() if framework.names]
        return list(dict.fromkeys((*having, *self.spec.framework_defaults)))

    def describe(self) -> dict[str, Any]:
        """All that a page or a script needs to offer this operation without knowing its name."""
        return {
            "name": self.name,
            "title": self.title,
            "family": self.family,
            "prefix": self.called,
            "summary": self.summary,
            "geometry": self.geometry,
            "combine": self.combine,
            "combination": self.combination.to_json(),
            "channels": self.channels,
            "fill": fill_json(self.combination.fill),
            "weight_layout": self.weight_layout,
            "flipped": self.flipped,
            "result": self.result,
            "padding_below_kernel": self.padding_below_kernel,
            **({} if self.constants is None else {"constants": asdict(self.constants)}),
            **({} if self.own is None else {"tensors": list(self.own.names)}),
            **({"drops": self.drops} if self.drops else {}),
            "frameworks": {
                name: {
                    **self.frameworks.get(name, Framework()).to_json(),
                    "defaults": dict(self.spec.framework_defaults.get(name, {})),
                }
                for name in self._with_rules()
            },
            "parameters": [
                describe_parameter(name, info)
                for name, info in sorted(self.spec.model_fields.items(), key=_own_first)
                if name != "operation" and name not in PLACE
            ],
            "examples": [dict(example) for example in self.examples],
        }


# In the order of a page: an operation's own parameters, then what every layer has.
LAST = ("filters", "bias", "activation", "rules")


def _own_first(item: tuple[str, FieldInfo]) -> int:
    return LAST.index(item[0]) + 1 if item[0] in LAST else 0


def fill_json(fill: float) -> float | int | str:
    """A fill value as JSON carries it."""
    if np.isinf(fill):
        return "-Infinity" if fill < 0 else "Infinity"
    return int(fill) if fill == int(fill) else fill


def describe_parameter(name: str, info: FieldInfo) -> dict[str, Any]:
    """One parameter as a control needs it; choices come from its type, limits from its metadata."""
    extra = info.json_schema_extra
    assert isinstance(extra, dict), f"{name} was not declared with parameter()"
    control: Any = extra["x-control"]
    choices = list(getattr(info.annotation, "__args__", ())) if control["kind"] == "choice" else None
    if control["choices"] is not None:
        choices = list(control["choices"])
    return {
        "name": name,
        "kind": control["kind"],
        "title": info.title,
        "description": info.description,
        "unit": control["unit"],
        "default": info.default,
        "minimum": control["minimum"],
        "maximum": control["maximum"],
        "control_maximum": control["control_maximum"],
        "choices": choices,
        "labels": control["labels"],
        "nullable": info.default is None,
        "left_out": control["left_out"],
    }
