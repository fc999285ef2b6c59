"""How a framework writes a layer, as data: names, order and defaults of its arguments. Knows no text, no layer.

An operation's file holds its writings. Code out writes the first, code in reads them all, so that both follow
from one declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal

Form = Literal[
    "per_axis",  # a number, or one per axis: 3, (3, 5)
    "list",  # always one per axis: [3, 3]
    "padding",  # a name, a number, or one number per axis
    "name",  # a padding rule's name alone
    "pads",  # all begins, then all ends: [0, 1, 0, 1]
    "auto_pad",  # ONNX's names of padding rules
    "count",  # one whole number
    "number",  # one number, whole or not
    "flag",  # True or False
    "bit",  # 1 or 0
    "word",  # a name that is the same in both
    "activation",  # what follows the layer
    "presence",  # a tensor, or None
    "tensor",  # a weight, whose shape says kernel and filters
    "scales",  # factors behind two ones, for batch and channels
    "sizes",  # sizes behind batch and channels
    "dims",  # a number, one per axis, or one per axis of an array with batch and channels
    "rank",  # always one per axis of the whole array
    "sides",  # a name, a number, or (begin, end) per axis, with or without batch and channels
    "layout",  # where the channels stand: "NHWC", or ("NHWC", "HWIO", "NHWC")
    "made",  # the shape of the output with batch and channels
    "shape",  # the shape of the input without its batch
]


class _Required(Enum):
    REQUIRED = "required"


REQUIRED: Final = _Required.REQUIRED

# Fields that are no parameter of ours: what a framework wants to be told of the input.
CHANNELS, FEATURES, INPUT = "input channels", "input features", "input shape"
# Others that are no parameter of ours either, and that reading works out.
LAYOUT, MULTIPLIER, MADE = "layout", "filters per channel", "output shape"
SPREAD, CONSISTENT, SWAPPED = "spread input", "padding of the forward layer", "kernel of the forward layer"
SCALED = "scaled windows"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument as a framework has it.

    ``field`` is the parameter of ours that it says, None where it says nothing to us. ``only`` are the values
    that it must have for this operation; with three of them, the one for each number of axes. ``keyword`` says
    that it is never given by position. ``like`` names the field that a None stands for; ``optional`` says that
    None stands for the default. ``also`` are other names that it goes by. ``order`` is where a weight has its
    axes: ``kIO`` is the kernel, input channels, output channels; left out, it is as PyTorch has it. ``words`` are
    the names of rules that sides go by. An argument
    whose name has a blank is never written: it says what stands around a call.
    """

    name: str
    field: str | None = None
    default: Any = REQUIRED
    form: Form = "word"
    only: tuple[Any, ...] = ()
    keyword: bool = False
    like: str | None = None
    optional: bool = False
    also: tuple[str, ...] = ()
    order: str = ""
    words: tuple[str, ...] = ("same", "valid")

    @property
    def is_written(self) -> bool:
        """Whether a person writes it, which is not so for what stands around a call."""
        return " " not in self.name


@dataclass(frozen=True, slots=True)
class Writing:
    """One way to write an operation: the names it goes by, ``{}`` for the number of axes, and its arguments.

    ``sets`` are settings of ours that follow from the name alone; ``axes`` limits the numbers of axes.
    ``channelwise`` says that there is a group for each channel of the input, ``spread`` that padding is put
    around the input with its zeros between; ``note`` is told of whatever is read by this writing; ``pair`` says that
    the call is two layers, of which this is the first.
    """

    names: tuple[str, ...]
    arguments: tuple[Argument, ...] = ()
    sets: Mapping[str, Any] = field(default_factory=dict)
    axes: tuple[int, ...] = (1, 2, 3)
    channelwise: bool = False
    spread: bool = False
    note: str = ""
    pair: bool = False

    def name(self, axes: int) -> str:
        """The first name, which is the one that is written."""
        return self.names[0].format(axes)


def over(name: str, of: str, default: Any = REQUIRED, *, like: str | None = None) -> Argument:
    """An argument with a number for every axis."""
    return Argument(name, of, default, "per_axis", like=like)


def listed(name: str, of: str, default: Any = REQUIRED) -> Argument:
    """The same where it is always a list and never given by position."""
    return Argument(name, of, default, "list", keyword=True)


def count(name: str, of: str, default: Any = REQUIRED) -> Argument:
    """An argument that is one whole number."""
    return Argument(name, of, default, "count")


def flag(name: str, of: str, default: bool) -> Argument:
    """An argument that is true or false."""
    return Argument(name, of, default, "flag")


def bit(name: str, of: str, default: int) -> Argument:
    """A flag as ONNX has it."""
    return Argument(name, of, bool(default), "bit", keyword=True)


def skipped(*names: str) -> tuple[Argument, ...]:
    """Arguments that say nothing about what is computed."""
    return tuple(Argument(name, None, None) for name in names)


def fixed(name: str, *values: Any, default: Any = REQUIRED) -> Argument:
    """An argument that tells this operation from others of the same name."""
    return Argument(name, None, default, only=values)
