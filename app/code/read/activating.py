"""Activations in code: which of ours a name is, and whether its arguments make it another. Executes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.activations import ACTIVATIONS
from ...core.activations.gelu import ACTIVATION as GELU
from ...core.activations.leaky_relu import ACTIVATION as LEAKY_RELU
from ...core.activations.leaky_relu import SLOPE
from ...core.activations.none import ACTIVATION as NONE
from ...core.activations.relu import ACTIVATION as RELU
from ...core.activations.softmax import ACTIVATION as SOFTMAX
from .known import framework_of
from .values import Given, Opaque

BY_NAME = {name: one.name for one in ACTIVATIONS.values() for name in one.names}
# Operators of ONNX that are an activation by themselves.
OPERATORS = {
    one.onnx[0][0]: one.name for one in ACTIVATIONS.values() if len(one.onnx) == 1 and one.name != NONE.name
}
WRAPPER = "Activation"  # Keras' layer that takes the activation as its argument
# The value of a slope, and of the choice between erf and its approximation, where code leaves it out.
SLOPES = {"keras": 0.2, "tensorflow": 0.2}
KERAS_LAYER_SLOPE = 0.3
TANH = (True, "tanh")
ERF = (False, "none", None)


@dataclass(frozen=True, slots=True)
class Output:
    """The layer that an activation belongs to: its framework, and the axes of its output that hold the channels."""

    framework: str
    channels: tuple[int, ...]
    default_channels: bool  # whether PyTorch takes the channels where no axis is given


def named(word: str) -> str | None:
    """The activation of ours that a called word names, none of them by ``identity`` or ``linear``."""
    found = BY_NAME.get(word.lower())
    return None if found == NONE.name else found


def is_none(word: str) -> bool:
    """Whether a word names that nothing follows."""
    return BY_NAME.get(word.lower()) == NONE.name


def is_activation(word: str) -> bool:
    """Whether a word is an activation's, with whatever arguments."""
    return word == WRAPPER or named(word) is not None


def difference(path: tuple[str, ...], given: Sequence[Given], layer: Output) -> str | None:
    """Why a call of a known activation is none of ours, as the end of a sentence; None where it is."""
    word = path[-1]
    is_class = word[:1].isupper()
    framework = "jax" if path[0] == "jax" else framework_of(path) or layer.framework
    name = named(word)
    if name == RELU.name:
        bounds = {one.name for one in given} & {"max_value", "negative_slope", "threshold"}
        bounded = bounds or (framework == "keras" and is_class and given)
        return "its bounds or slope are not computed here" if bounded else None
    if name == LEAKY_RELU.name:
        return _slope(given, is_class, framework)
    if name == GELU.name:
        return _approximation(path, given, is_class, framework)
    return _axis(given, is_class, framework, layer) if name == SOFTMAX.name else None


def _argument(given: Sequence[Given], place: int, *names: str) -> tuple[bool, object]:
    """Whether an argument is given by one of its names or at its place, and what it is."""
    for one in given:
        if one.name in names:
            return True, one.value.what
    plain = [one.value.what for one in given if one.name is None]
    return (True, plain[place]) if place < len(plain) else (False, None)


def _slope(given: Sequence[Given], is_class: bool, framework: str) -> str | None:
    has, slope = _argument(given, 0 if is_class else 1, "negative_slope", "alpha")
    if not has or isinstance(slope, (tuple, str)):  # an operator's inputs and outputs are no slope
        slope = KERAS_LAYER_SLOPE if framework == "keras" and is_class else SLOPES.get(framework, SLOPE)
    if slope == SLOPE:
        return None
    return f"its slope is {'not written out' if isinstance(slope, Opaque) else slope}, and {SLOPE} is computed here"


def _approximation(
    path: tuple[str, ...], given: Sequence[Given], is_class: bool, framework: str
) -> str | None:
    has, how = _argument(given, 0 if is_class else 1, "approximate")
    if not has or isinstance(how, tuple):
        how = framework == "jax" or (framework == "keras" and path[-2:-1] in (("ops",), ("K",)))
    if how in ERF:
        return None
    reason = "is the approximation by tanh" if how in TANH else "may be an approximation"
    return f"it {reason}, and the exact one, by erf, is computed here"


def _axis(given: Sequence[Given], is_class: bool, framework: str, layer: Output) -> str | None:
    has, axis = _argument(given, 0, "axis", "dim")
    if not isinstance(axis, int):  # of a function, the values come first
        has, axis = _argument(given, 0 if is_class else 1, "axis", "dim")
    if not has or axis is None or isinstance(axis, (tuple, str)):
        if framework == "pytorch":
            taken = layer.default_channels
            return None if taken else "it does not say its axis, and the channels are computed here"
        axis = -1
    if axis in layer.channels:
        return None
    reason = "not written out" if isinstance(axis, Opaque) else axis
    return f"its axis is {reason}, and the one of the channels is computed here"
