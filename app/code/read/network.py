"""A pasted Sequential as the layers of a network: PyTorch's and Keras', nested ones too. Parses, executes nothing.

Each layer is read by the reader of single layers, or by a table of those that slide no window. One that is not known is
passed through: it stands in the network as a layer that changes nothing, with a note that names it and its line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ...core.activations import ACTIVATIONS
from ...core.errors import Problem
from ...core.place import NAME, RESERVED
from ...core.spec import LayerSpec
from ...operations import registry
from .read import read

MOST_TEXT = 200_000  # characters that are parsed
MOST_LAYERS = 1024
MOST_DEPTH = 12  # of Sequentials within each other
MOST_HEAD = 4_000  # characters of plain assignments that stand before each layer
WINDOWLESS = re.compile(r"It takes [\d,]+ numbers")


@dataclass
class NetworkReading:
    """The layers that a text says in their order, whose words they were in, and what else there is to say."""

    layers: list[LayerSpec] = field(default_factory=list)
    framework: str = "pytorch"
    notes: list[str] = field(default_factory=list)
    passed_through: list[str] = field(default_factory=list)
    input_channels: int | None = None
    input_features: int | None = None
    axes: int | None = None


@dataclass(frozen=True)
class _Found:
    """One layer as it stands in the text: its call and the name that it was given."""

    call: ast.Call
    name: str


class _NotKnown(Exception):
    """A layer that is not understood, and why."""


def read_sequential(text: str) -> NetworkReading | None:
    """The layers of the first Sequential of a text; None where there is none, or it cannot be parsed."""
    if "Sequential" not in text or len(text) > MOST_TEXT:
        return None
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    whole = next((one for one in _calls(tree) if _name(one.func) == "Sequential"), None)
    if whole is None:
        return None
    found = NetworkReading()
    said = _literals(tree)
    head = _head(text, tree)
    if "keras" in ast.unparse(whole.func) or "layers." in (ast.get_source_segment(text, whole) or ""):
        found.framework = "keras"
    for one in _members(whole, "", said, 0):
        if len(found.layers) == MOST_LAYERS:
            found.notes.append(f"Only the first {MOST_LAYERS:,} layers are read.")
            break
        _take(found, text, head, one)
    return found if found.layers else None


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    """All calls in the order of the text, an outer one before those within it."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return iter(sorted(calls, key=lambda call: (call.lineno, call.col_offset, -(call.end_col_offset or 0))))


def _name(func: ast.expr) -> str:
    """The last part of a dotted name."""
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def _literals(tree: ast.Module) -> dict[str, ast.expr]:
    """Lists and Sequentials that a name was given, by the name."""
    return {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value, (ast.List, ast.Tuple, ast.Call))
    }


def _head(text: str, tree: ast.Module) -> str:
    """The plain numbers that names were given, which layers may speak of."""
    lines = [ast.unparse(node) for node in tree.body if _is_plain(node)]
    head = "\n".join(lines)
    return f"{head}\n" if head and len(head) <= MOST_HEAD else ""


def _is_plain(node: ast.stmt) -> bool:
    """Whether it gives a name something that no call makes."""
    return isinstance(node, ast.Assign) and not any(isinstance(one, ast.Call) for one in ast.walk(node.value))


def _members(call: ast.Call, prefix: str, said: dict[str, ast.expr], depth: int) -> Iterator[_Found]:
    """The layers of a Sequential, those of nested ones in their place."""
    if depth > MOST_DEPTH:
        return
    for given, name in _arguments(call.args, said, depth):
        whole = f"{prefix}{name}"
        known = said.get(given.id) if isinstance(given, ast.Name) else None
        value = known if isinstance(known, ast.Call) else given
        if not isinstance(value, ast.Call):
            continue
        if _name(value.func) == "Sequential":
            yield from _members(value, f"{whole}." if whole else "", said, depth + 1)
        elif _name(value.func) not in ("Input", "InputLayer"):
            yield _Found(value, whole if name else "")


def _arguments(
    given: list[ast.expr], said: dict[str, ast.expr], depth: int
) -> Iterator[tuple[ast.expr, str]]:
    """The entries of lists, stars and OrderedDicts, each with its name."""
    for one in given:
        value = one.value if isinstance(one, ast.Starred) else one
        if isinstance(value, ast.Name) and isinstance(said.get(value.id), (ast.List, ast.Tuple)):
            value = said[value.id]
        if isinstance(value, ast.Call) and _name(value.func) == "OrderedDict" and value.args:
            value = value.args[0]
        if isinstance(value, (ast.List, ast.Tuple)):
            pair = len(value.elts) == 2 and isinstance(value.elts[0], ast.Constant)
            if pair and isinstance(name := value.elts[0].value, str):  # type: ignore[attr-defined]
                yield value.elts[1], name
            elif depth < MOST_DEPTH:
                yield from _arguments(value.elts, said, depth + 1)
        else:
            yield value, ""


def _take(found: NetworkReading, text: str, head: str, one: _Found) -> None:
    """One layer into the network."""
    name = _free(found, one.name)
    try:
        spec = _windowless(one.call, found.framework)
        if spec is None:
            segment = ast.get_source_segment(text, one.call) or ""
            told = read(head + segment)
            spec = told.spec.model_dump(mode="json", exclude_unset=True)
            if found.input_channels is None and found.input_features is None:
                found.input_channels, found.input_features = told.input_channels, told.input_features
            found.axes = found.axes or told.axes
            found.notes += [
                f"Line {one.call.lineno}: {note}" for note in told.notes if not WINDOWLESS.match(note)
            ]
        if (found.framework, spec["operation"]) == ("keras", "reshape"):
            found.notes.append(
                f"Line {one.call.lineno}: Keras flattens with the channels last, here they stand first: weights of the "
                "dense layer behind it lie in another order."
            )
        made = registry()[spec["operation"]].spec.model_validate({**spec, **({"name": name} if name else {})})
    except (Problem, ValidationError, _NotKnown) as problem:
        made = _passed(found, one, name, problem)
    found.layers.append(made)


def _passed(found: NetworkReading, one: _Found, name: str, problem: Exception) -> LayerSpec:
    """A layer that changes nothing in place of one that is not understood."""
    called = _name(one.call.func) or "a call"
    given = name or _free(found, f"not_understood_{called}")
    reason = problem.reason if isinstance(problem, Problem) else str(problem).splitlines()[0]
    found.notes.append(
        f"{called} on line {one.call.lineno} is not understood and passed through as {given}: {reason}."
    )
    found.passed_through.append(given)
    return registry()["activation"].spec.model_validate({"operation": "activation", "name": given})


def _free(found: NetworkReading, name: str) -> str:
    """A name that layers take and that none has yet; nothing where none was given."""
    if not name:
        return ""
    name = re.sub(r"[^A-Za-z0-9_.]", "_", name)[:56]
    if not NAME.match(name) or name in RESERVED:
        name = f"layer_{name}"[:56]
    taken = {layer.name for layer in found.layers}
    made, number = name, 1
    while made in taken:
        number += 1
        made = f"{name}_{number}"
    return made


# --- Layers that slide no window ------------------------------------------------------------------------------


def _windowless(call: ast.Call, framework: str) -> dict[str, Any] | None:
    """The spec of a layer that the reader of windows does not know; None where it is for that reader."""
    name = _name(call.func)
    activation = next((one.name for one in ACTIVATIONS.values() if name.lower() in one.names), None)
    if name == "Activation":
        word = str(_value(call, 0, "activation", "")).lower()
        activation = next((one.name for one in ACTIVATIONS.values() if word in one.names), None)
        if activation is None:
            raise _NotKnown(f"{word or 'its function'} is no activation that is known here")
    if activation is not None:
        if name.lower() == "linear":
            return None  # PyTorch's Linear is a dense layer
        _check_slope(call, name)
        return {"operation": "activation", "activation": activation}
    make = next((make for pattern, make in TABLE if re.fullmatch(pattern, name)), None)
    return None if make is None else make(call, framework)


def _check_slope(call: ast.Call, name: str) -> None:
    if name.lower() in ("leakyrelu", "leaky_relu"):
        slope = _value(call, 0, "negative_slope", 0.01)
        if slope != 0.01:
            raise _NotKnown(f"leaky ReLU has the slope 0.01 here, and this one has {slope}")
    if name.lower() == "gelu" and _value(call, 0, "approximate", "none") not in ("none", False):
        raise _NotKnown("GELU is exact here, and this one is approximate")


def _value(call: ast.Call, place: int, name: str, default: Any) -> Any:
    """An argument that is a literal, by its name or its place."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return _literal(keyword.value, name)
    return _literal(call.args[place], name) if len(call.args) > place else default


def _literal(node: ast.expr, name: str) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        raise _NotKnown(f"{name} is no plain number") from None


def _batch_normalisation(call: ast.Call, framework: str) -> dict[str, Any]:
    if framework == "keras":
        return {"operation": "batch_normalisation", "epsilon": _value(call, 2, "epsilon", 1e-3)}
    return {"operation": "batch_normalisation", "epsilon": _value(call, 1, "eps", 1e-5)}


def _dropout(call: ast.Call, framework: str) -> dict[str, Any]:
    rate = _value(call, 0, "rate" if framework == "keras" else "p", 0.5)
    return {"operation": "dropout", "rate": rate}


def _flatten(call: ast.Call, framework: str) -> dict[str, Any]:
    if framework == "pytorch" and (_value(call, 0, "start_dim", 1), _value(call, 1, "end_dim", -1)) != (
        1,
        -1,
    ):
        raise _NotKnown("it flattens some axes alone")
    return {"operation": "reshape", "shape": [-1]}


def _unflatten(call: ast.Call, framework: str) -> dict[str, Any]:
    if _value(call, 0, "dim", 1) != 1:
        raise _NotKnown("it splits another axis than the channels")
    return {"operation": "reshape", "shape": list(_value(call, 1, "unflattened_size", ()))}


def _shuffle(operation: str, name: str) -> Callable[[ast.Call, str], dict[str, Any]]:
    def make(call: ast.Call, framework: str) -> dict[str, Any]:
        return {"operation": operation, "factor": _value(call, 0, name, None)}

    return make


def _padding(call: ast.Call, framework: str) -> dict[str, Any]:
    """PyTorch lists the sides of the last axis first; Keras pairs, the first axis first."""
    name = _name(call.func)
    given = _value(call, 0, "padding", 1)
    if framework == "keras":
        sides: Any = (
            given if isinstance(given, int) else [one if isinstance(one, int) else list(one) for one in given]
        )
    elif isinstance(given, int):
        sides = given
    else:
        flat = list(given)
        sides = [flat[at : at + 2] for at in range(len(flat) - 2, -1, -2)]
    mode = next((ours for theirs, ours in PADDINGS.items() if name.startswith(theirs)), "zeros")
    spec: dict[str, Any] = {"operation": "padding", "padding": sides, "padding_mode": mode}
    if mode == "constant":
        spec["padding_value"] = _value(call, 1, "value", 0.0)
    return spec


PADDINGS = {
    "Zero": "zeros",
    "Constant": "constant",
    "Reflection": "reflect",
    "Replication": "replicate",
    "Circular": "circular",
}
TABLE: tuple[tuple[str, Callable[[ast.Call, str], dict[str, Any]]], ...] = (
    (r"(Lazy)?BatchNorm[123]d|SyncBatchNorm|BatchNormalization", _batch_normalisation),
    (r"(Spatial|Alpha|Feature)?Dropout([123][dD])?", _dropout),
    (r"Flatten", _flatten),
    (r"Unflatten", _unflatten),
    (r"PixelShuffle", _shuffle("pixel_shuffle", "upscale_factor")),
    (r"PixelUnshuffle", _shuffle("pixel_unshuffle", "downscale_factor")),
    (r"(Zero|Constant|Reflection|Replication|Circular)Pad[123]d|ZeroPadding[123]D", _padding),
)
