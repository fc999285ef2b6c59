"""Every name that a layer goes by in some framework, out of the registry. Knows no text."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from ...core.frameworks.writing import Writing
from ...core.operation import Operation
from ...operations import registry

# Names that people import modules under, with the modules that each may be, the likeliest first.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "torch": ("torch", "torch.nn", "torch.nn.functional"),
    "F": ("torch.nn.functional",),
    "functional": ("torch.nn.functional",),
    "nn": ("torch.nn", "flax.linen", "flax.nnx", "tensorflow.nn"),
    "layers": ("keras.layers",),
    "tfkl": ("keras.layers",),
    "K": ("keras.ops",),
    "ops": ("keras.ops",),
    "lax": ("jax.lax",),
    "linen": ("flax.linen",),
    "nnx": ("flax.nnx",),
    "op": ("",),  # the operators of ONNX as onnxscript has them
}
TENSORFLOW, FLAX, TORCH = {"tf", "tensorflow"}, {"flax"}, {"torch"}


@dataclass(frozen=True, slots=True)
class Known:
    """A name of a layer: the operation, the framework, how it is written, and its axes where the name says them."""

    path: tuple[str, ...]
    operation: Operation
    framework: str
    writing: Writing
    axes: int | None

    @property
    def module(self) -> str:
        """The module that holds the name: ``torch.nn``; empty for ONNX."""
        return ".".join(self.path[:-1])

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
                        fixed_axes = axes if numbered or len(writing.axes) > 1 else writing.axes[0]
                        found.setdefault(path[-1], []).append(
                            Known(path, operation, framework, writing, fixed_axes)
                        )
    return {name: tuple(sorted(known, key=lambda one: -one.precision)) for name, known in found.items()}


def modules(path: tuple[str, ...]) -> tuple[str, ...]:
    """The modules that what stands before a name may be; none where it is no module that is known."""
    if len(path) < 2:
        return ()
    before, further = path[-2], set(path[:-2])
    if further & {"self", "cls"}:
        return ()
    if before != "nn":
        return ALIASES.get(before, ())
    for words, framework in ((TENSORFLOW, "tensorflow"), (FLAX, "flax"), (TORCH, "torch")):
        if further & words:
            return tuple(one for one in ALIASES["nn"] if one.startswith(framework))
    return ALIASES["nn"]


def candidates(path: tuple[str, ...]) -> tuple[Known, ...]:
    """The layers that a dotted name may be; a known module before it leaves only its own, in the modules' order.

    Behind a module that is not known stands a layer of ours if it is a class; a function or method may be anything.
    """
    known = names().get(path[-1], ())
    if not (within := modules(path)):
        return known if len(path) == 1 or path[-1][:1].isupper() else ()
    return tuple(
        sorted((one for one in known if one.module in within), key=lambda one: within.index(one.module))
    )


def framework_of(path: tuple[str, ...]) -> str | None:
    """The framework that a dotted name belongs to by its modules, where they say one."""
    within = modules(path)
    frameworks = {one.split(".")[0] for one in within}
    if len(frameworks) != 1:
        return None
    return {"torch": "pytorch", "flax": "jax", "": "onnx"}.get(name := frameworks.pop(), name)


def of_onnx(name: str) -> tuple[Known, ...]:
    """The layers that an operator of ONNX may be."""
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
