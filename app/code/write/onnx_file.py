"""A network as the bytes of an .onnx file with its weights: the nodes of the snippet, its constants as numbers.

The snippet's own lines are read as literals and a few forms of NumPy; none of it is executed. Knows no request.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import Unsupported
from ...core.frameworks.catalog import Target
from . import onnx
from .network import Part, Program, onnx_graph
from .snippet import Inexpressible

Array = NDArray[Any]
MADE: Mapping[str, Callable[..., Any]] = {
    "array": np.array,
    "ones": np.ones,
    "outer": np.multiply.outer,
    "ascontiguousarray": np.ascontiguousarray,
}
TARGET: Target = "onnx"  # the target that has such a file
METHODS = ("reshape", "astype")
TYPES = {"int64": np.int64, "float32": np.float32}


def model_bytes(program: Program) -> bytes:
    """The file; raises Inexpressible where a layer has no operators, and Unsupported without the package."""
    try:
        from onnx import TensorProto, checker, helper, numpy_helper  # noqa: PLC0415 - an extra
    except ImportError:
        raise Unsupported(
            "accept",
            "application/x-onnx",
            "this server writes no .onnx files: the package onnx is not installed",
            "Start it with ./run --with onnx, or take the snippet.",
        ) from None
    written = onnx_graph(program)
    known: dict[str, Any] = {}
    for part in program.parts:
        for ours, theirs in program.tensors(part).items():
            if part.subject.has(ours):
                known[theirs] = part.subject.tensor(ours)
    for line in written.before:
        statement = ast.parse(line).body[0]
        assert isinstance(statement, ast.Assign), "the writer's own lines are assignments"
        assert isinstance(statement.targets[0], ast.Name), "to a name"
        known[statement.targets[0].id] = value_of(statement.value, known)
    nodes = [node_of(line, helper.make_node) for line in written.nodes]
    constants = [
        numpy_helper.from_array(
            np.ascontiguousarray(value_of(ast.parse(text, mode="eval").body, known)), name
        )
        for name, text in written.constants.items()
    ]
    last = program.parts[-1]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, *program.x.shape])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, *last.shape])],
        constants,
    )
    model = helper.make_model(
        graph, producer_name="Convscope", opset_imports=[helper.make_opsetid("", onnx.OPSET)], ir_version=10
    )
    checker.check_model(model)
    return bytes(model.SerializeToString())


def node_of(line: str, make: Callable[..., Any]) -> Any:
    """One of the writer's lines as a node: its arguments are literals."""
    call = ast.parse(line.rstrip().rstrip(","), mode="eval").body
    assert isinstance(call, ast.Call), "the writer's own lines are calls"
    kind, inputs, outputs = (ast.literal_eval(one) for one in call.args)
    attributes = {str(one.arg): ast.literal_eval(one.value) for one in call.keywords}
    return make(kind, inputs, outputs, name=f"{kind}_{outputs[0]}", **attributes)


def value_of(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """A constant that the writer wrote: a literal, a tensor by its name, arithmetic, and NumPy's few functions."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return known[node.id]
    if isinstance(node, (ast.List, ast.Tuple)):
        return [value_of(one, known) for one in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -value_of(node.operand, known)
    if isinstance(node, ast.BinOp):
        return _worked(node, known)
    if isinstance(node, ast.Attribute) and node.attr in TYPES:
        return TYPES[node.attr]
    if isinstance(node, ast.Attribute) and node.attr == "inf":
        return np.inf
    if isinstance(node, ast.Subscript):
        return _turned(value_of(node.value, known), node.slice)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        args = [value_of(one, known) for one in node.args]
        kwargs = {str(one.arg): value_of(one.value, known) for one in node.keywords}
        if node.func.attr in METHODS:
            return getattr(value_of(node.func.value, known), node.func.attr)(*args, **kwargs)
        if node.func.attr in MADE:
            return MADE[node.func.attr](*args, **kwargs)
    raise Inexpressible(f"no file is written here of {ast.unparse(node)[:60]}.")


def _worked(node: ast.BinOp, known: Mapping[str, Any]) -> Any:
    left, right = value_of(node.left, known), value_of(node.right, known)
    signs: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
        ast.Mult: np.multiply,
        ast.Div: np.true_divide,
        ast.Add: np.add,
        ast.Pow: np.power,
    }
    found = signs[type(node.op)](left, right)
    return found.astype(np.float32) if isinstance(found, np.ndarray) and found.dtype == np.float64 else found


def _turned(array: Array, place: ast.expr) -> Array:
    """A tensor in brackets: whole axes and turned ones."""
    entries: Sequence[ast.expr] = place.elts if isinstance(place, ast.Tuple) else [place]
    cuts = []
    for one in entries:
        assert isinstance(one, ast.Slice), "the writer only turns kernels around"
        cuts.append(slice(None, None, -1 if one.step is not None else None))
    return array[tuple(cuts)]


def network_file(parts: Sequence[Part], x: Array) -> bytes:
    """The bytes of the .onnx file of a network on an input of the shape of ``x``."""
    return model_bytes(Program.of(parts, x))
