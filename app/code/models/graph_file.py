"""An .onnx file as the layers of a network with their tensors, read in a process apart. Knows no server."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import Problem, TooLarge, Unfit, Unsupported, counted
from .draft import Draft, NetworkReading
from .graph_constants import FOLDED, folded
from .graph_layouts import shape_constant
from .graph_nodes import Node, Value, layer
from .things import NotUnderstood, Stopped, Tensor

Array = NDArray[Any]
MOST_NODES = 20_000
OLDEST = 7  # opset
MOST_OF_ONE_KIND = 4  # notes about operators of one type
QUANTISED = re.compile(r"QuantizeLinear|^QLinear|Integer$|^DynamicQuantize|^QGemm")
TYPES = {1: "float32", 6: "int32", 7: "int64", 9: "bool", 10: "float16", 11: "float64", 16: "bfloat16"}
MOST_NUMBERS = 40_000_000
SUFFIXES = (".weight", "_weight", "/weight", ".kernel", "/kernel", ".W", "_W", ".w_0", "_w_0", "_w")


def needs() -> Unsupported:
    """The refusal of a server without the package."""
    return Unsupported(
        "content-type",
        "application/x-onnx",
        "this server reads no .onnx files: the package onnx is not installed",
        "Start it with ./run --with onnx, or pip install convscope[onnx]; or paste the code of the model.",
    )


def broken(reason: str, remedy: str = "Export the model again.") -> Unfit:
    """The refusal of a file."""
    return Unfit("model", "an .onnx file", reason, remedy)


def read_onnx(data: bytes) -> NetworkReading:
    """The network of a file; raises Unfit, TooLarge or Unsupported, and never reads another file."""
    try:
        import onnx  # noqa: PLC0415 - an extra
    except ImportError:
        raise needs() from None
    try:
        model = onnx.load_model_from_string(data)
    except Exception:
        raise broken("it is no .onnx file that can be read", "Send a file that onnx.save wrote.") from None
    return _Reader(model).read()


class _Reader:
    def __init__(self, model: Any) -> None:
        self.model, self.graph = model, model.graph
        self.draft = Draft("onnx")
        self.values: dict[str, Value] = {}
        self.passed: dict[str, int] = {}
        self.opset = max(
            (one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), default=0
        )

    def read(self) -> NetworkReading:
        """All of the graph in order."""
        self._check()
        for initializer in self.graph.initializer:
            self.values[initializer.name] = array_of(initializer)
        self._input()
        readers = self._readers()
        for node in self._ordered():
            self._take(node, readers)
        found = self.draft.finished(self._output())
        if found is None:
            raise broken("no layer leads from its input to its output")
        return found

    def _check(self) -> None:
        if not self.graph.node:
            raise broken("it has no operators")
        if len(self.graph.node) > MOST_NODES:
            count = counted(len(self.graph.node), "operator")
            raise TooLarge(
                "model",
                count,
                f"a file may have {MOST_NODES:,} operators",
                "Export the part of the model that matters.",
            )
        if self.opset and self.opset < OLDEST:
            raise Unfit(
                "model",
                f"opset {self.opset}",
                f"opsets from {OLDEST} on are read",
                "Export it again with a newer opset, such as 17.",
            )
        for node in self.graph.node:
            if QUANTISED.search(node.op_type):
                raise Unfit(
                    "model",
                    node.op_type[:40],
                    "it is quantised, and layers here compute with floating-point numbers",
                    "Send the model as it was before it was quantised.",
                )

    def _input(self) -> None:
        """The one input that a network reads; further ones are unknown."""
        free = [one for one in self.graph.input if one.name not in self.values]
        pictures = [one for one in free if one.type.tensor_type.elem_type in (1, 10, 11, 16)]
        if not pictures:
            raise broken("it has no input of floating-point numbers")
        first = max(pictures, key=lambda one: len(one.type.tensor_type.shape.dim) >= 3)
        sizes = [
            one.dim_value if one.HasField("dim_value") else 0 for one in first.type.tensor_type.shape.dim
        ]
        rank = len(sizes)
        if not 2 <= rank <= 5:
            raise Unfit(
                "model",
                counted(rank, "axis"),
                "its input is no batch of grids or vectors",
                "Use a model of series or pictures.",
            )
        shape = tuple(sizes[1:])
        known = all(0 < one <= 2**20 for one in shape)
        axes = rank - 2
        channels = shape[0] if shape[0] > 0 else None
        full = ((*shape, 1) if axes == 0 else shape) if known else None
        self.draft.source = Tensor(-1, axes, channels, full)
        self.values[first.name] = self.draft.source
        for one in free:
            if one is not first:
                self.draft.note(
                    f"{one.name[:60]} is another input, and a network reads one here: {first.name[:60]}."
                )
        if not known:
            self.draft.note(
                f"The sizes of {first.name[:60]} are not told in the file: any that fit are taken."
            )

    def _readers(self) -> dict[str, int]:
        """How often each value is read."""
        found: dict[str, int] = {}
        for node in self.graph.node:
            for name in node.input:
                found[name] = found.get(name, 0) + 1
        for one in self.graph.output:
            found[one.name] = found.get(one.name, 0) + 1
        return found

    def _ordered(self) -> Iterable[Any]:
        """Operators after what they read; raises Unfit for a circle."""
        made = {*self.values, "", *(one.name for one in self.graph.input)}
        waiting = list(self.graph.node)
        producing = {name for node in waiting for name in node.output}
        while waiting:
            later: list[Any] = []
            for node in waiting:
                if all(name in made or name not in producing for name in node.input):
                    made.update(node.output)
                    yield node
                else:
                    later.append(node)
            if len(later) == len(waiting):
                raise broken("its operators read each other in a circle")
            waiting = later

    def _take(self, proto: Any, readers: dict[str, int]) -> None:
        """One operator: a constant, a layer, or one that is passed through."""
        given: list[Value] = [self.values.get(name) if name else None for name in proto.input]
        outputs = [name for name in proto.output if name]
        if not outputs:
            return
        attributes = {one.name: attribute_of(one) for one in proto.attribute}
        try:
            value = self._value(proto, given, attributes, readers)
        except (NotUnderstood, Problem) as problem:
            reason = problem.reason if isinstance(problem, Problem) else str(problem)
            value = self._passed(proto, given, reason)
        except (ValueError, TypeError, IndexError, KeyError, OverflowError, AttributeError, ArithmeticError):
            value = self._passed(proto, given, "its attributes or constants do not fit it")
        if isinstance(value, Tensor) and value.node >= 0:
            self.draft.nodes[value.node].value = outputs[0]
        for name in outputs:
            self.values[name] = value

    def _value(
        self, proto: Any, given: list[Value], attributes: dict[str, Any], readers: dict[str, int]
    ) -> Value:
        kind = proto.op_type
        if proto.domain not in ("", "ai.onnx"):
            raise NotUnderstood("it is no operator of ONNX itself")
        if kind == "Constant":
            return _constant(attributes)
        tensors = [one for one in given if isinstance(one, Tensor)]
        if kind == "Shape" and tensors:
            start, end = attributes.get("start", 0), attributes.get("end")
            return shape_constant(tensors[0])[slice(start, end)]
        if not tensors:
            if kind in FOLDED and all(one is not None for one in given[:2]):
                return folded(kind, given, attributes)
            return None
        counts = {
            one.node: readers.get(name, 0)
            for name, one in zip(proto.input, given, strict=True)
            if isinstance(one, Tensor)
        }
        node = Node(self.draft, kind, given, attributes, self._name(proto, given), self.opset, counts)
        if kind == "Transpose" and node.x.node == -1 and node.x.axes and not self.draft.nodes:
            return self._turned(node, attributes)
        return layer(node)

    def _turned(self, node: Node, attributes: dict[str, Any]) -> Tensor:
        """An input whose channels stand last, as TensorFlow exports it: here it has them first."""
        rank = 2 + node.axes
        if list(attributes.get("perm", [])) != [0, rank - 1, *range(1, rank - 1)]:
            raise NotUnderstood("axes are not exchanged here")
        shape = node.x.shape
        turned = None if shape is None else (shape[-1], *shape[:-1])
        self.draft.source = Tensor(-1, node.axes, None if turned is None else turned[0], turned)
        self.draft.note("The input has its channels last in the file, and first here.")
        return self.draft.source

    def _passed(self, proto: Any, given: list[Value], reason: str) -> Value:
        tensors = [one for one in given if isinstance(one, Tensor)]
        kind = proto.op_type[:40] or "An operator"
        if not tensors:
            return None
        self.passed[kind] = self.passed.get(kind, 0) + 1
        return self.draft.passed(kind, 0, reason, tensors[:1])

    def _name(self, proto: Any, given: Sequence[Value]) -> str:
        """A layer's name: that of its weight without its ending, or that of the operator."""
        weight = (
            proto.input[1]
            if len(proto.input) > 1 and len(given) > 1 and not isinstance(given[1], Tensor)
            else ""
        )
        for ending in SUFFIXES:
            if weight.endswith(ending) and len(weight) > len(ending):
                return str(weight.removesuffix(ending)).strip("/").replace("/", ".")
        return str(proto.name).strip("/").replace("/", ".").replace("::", ".")

    def _output(self) -> Tensor:
        found = [self.values.get(one.name) for one in self.graph.output]
        tensors = [one for one in found if isinstance(one, Tensor) and one.node >= 0]
        if not tensors:
            raise broken("no layer leads from its input to its output")
        if len(tensors) > 1:
            self.draft.note(f"The model has {counted(len(tensors), 'output')}: the first is the network's.")
        return tensors[0]


def attribute_of(one: Any) -> Any:
    """An attribute's value; graphs within are not followed."""
    if one.type == 1:
        return one.f
    if one.type == 2:
        return one.i
    if one.type == 3:
        return one.s.decode("utf-8", "replace")
    if one.type == 4:
        return array_of(one.t)
    if one.type == 6:
        return list(one.floats)
    return list(one.ints) if one.type == 7 else None


def _constant(attributes: dict[str, Any]) -> Array:
    for name in ("value", "value_float", "value_int", "value_floats", "value_ints"):
        if attributes.get(name) is not None:
            return np.asarray(attributes[name])
    raise NotUnderstood("it is a constant of a kind that is not known here")


def array_of(tensor: Any) -> Array:
    """The numbers of a tensor; raises Unfit where they lie elsewhere, or are none of ours."""
    from onnx import numpy_helper  # noqa: PLC0415 - an extra

    name = tensor.name[:60] or "a tensor"
    if tensor.data_location == 1 or tensor.external_data:
        raise broken(
            f"the numbers of {name} lie in another file",
            "Save it as one file: onnx.save(onnx.load(path), new, save_as_external_data=False).",
        )
    sizes = [int(one) for one in tensor.dims]
    count = 1
    for one in sizes:
        count *= one
        if one < 0 or count > MOST_NUMBERS:
            raise broken(f"{name} says that it is larger than a file may be")
    if tensor.data_type not in TYPES:
        raise Unfit(
            "model",
            f"type {tensor.data_type}",
            f"the numbers of {name} are of a type that layers here do not compute with",
            "Export the model with 32-bit floating-point numbers.",
        )
    try:
        found = np.asarray(numpy_helper.to_array(tensor))
    except Exception:
        raise broken(f"{name} has not as many numbers as its shape takes") from None
    if found.dtype.kind not in "fiub":
        found = found.astype(np.float32)
    return found.astype(np.float32) if found.dtype.itemsize == 2 and found.dtype.kind == "f" else found


def stopped(problem: Stopped) -> Unfit:
    """The refusal of a graph that is too long."""
    return broken(str(problem))
