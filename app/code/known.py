"""Every name that a layer goes by in some framework, out of the registry. Knows no text."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from ..core.operation import Operation
from ..core.writing import Writing
from ..operations import registry

# What people import modules as.
ALIASES = {
    "F": "torch.nn.functional",
    "functional": "torch.nn.functional",
    "nn": "torch.nn",
    "layers": "keras.layers",
    "tf": "keras",
    "tfkl": "keras.layers",
    "K": "keras.ops",
    "ops": "keras.ops",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A name of a layer: the operation, the framework, how it is written, and its axes where the name says them."""

    path: tuple[str, ...]
    operation: Operation
    framework: str
    writing: Writing
    axes: int | None

    @property
    def precision(self) -> int:
        """How many arguments must have a certain value: the more, the earlier it is tried."""
        return sum(bool(argument.only) for argument in self.writing.arguments)


@functools.cache
def names() -> Mapping[str, tuple[Known, ...]]:
    """All writings by the last word of their names."""
    found: dict[str, list[Known]] = {}
    for operation in registry().values():
        for framework, record in operation.frameworks.items():
            for writing in record.writings:
                for pattern in writing.names:
                    numbered = "{}" in pattern
                    for axes in writing.axes if numbered else (None,):
                        path = tuple(pattern.format(axes).split("."))
                        told = axes if numbered or len(writing.axes) > 1 else writing.axes[0]
                        found.setdefault(path[-1], []).append(
                            Known(path, operation, framework, writing, told)
                        )
    return {name: tuple(sorted(known, key=lambda one: -one.precision)) for name, known in found.items()}


def candidates(path: tuple[str, ...]) -> tuple[Known, ...]:
    """What a dotted name may be; what stands before the last word decides where it can."""
    known = names().get(path[-1], ())
    if len(path) == 1:
        return known
    before = path[-2]
    module = tuple(ALIASES.get(before, before).split("."))
    fitting = tuple(one for one in known if one.path[:-1][-len(module) :] == module)
    return fitting or known


def of_onnx(name: str) -> tuple[Known, ...]:
    """What an operator of ONNX is."""
    return tuple(one for one in names().get(name, ()) if one.framework == "onnx")


@functools.cache
def onnx_attributes() -> frozenset[str]:
    """The names of all attributes of the operators that are known."""
    return frozenset(
        argument.name
        for known in names().values()
        for one in known
        if one.framework == "onnx"
        for argument in one.writing.arguments
        if argument.keyword
    )
