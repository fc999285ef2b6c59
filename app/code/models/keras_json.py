"""What Keras' model.to_json() writes, of versions 2 and 3: lists and graphs of layers. Knows the form, no layer."""

from __future__ import annotations

import json
from typing import Any

from ...core.errors import counted
from . import library
from .calls import Call, layer_called, taken
from .draft import Draft
from .things import LayerObject, NotUnderstood, Stopped, Tensor

Json = dict[str, Any]
MOST_DEPTH = 8
KEPT = [
    "filters",
    "kernel_size",
    "strides",
    "padding",
    "dilation_rate",
    "groups",
    "activation",
    "use_bias",
    "pool_size",
    "units",
    "rate",
    "epsilon",
    "axis",
    "target_shape",
    "size",
    "interpolation",
    "cropping",
    "depth_multiplier",
    "data_format",
    "negative_slope",
    "alpha",
    "max_value",
    "output_size",
    "threshold",
    "output_padding",
    "keepdims",
    "value",
    "scale",
    "offset",
]


def is_keras_json(text: str) -> bool:
    """Whether a text is a model of Keras in JSON."""
    start = text.lstrip()[:1]
    return start == "{" and '"class_name"' in text and '"layers"' in text


def read_keras_json(text: str) -> tuple[Draft, Tensor] | None:
    """The layers that the text says; None where it is no such JSON."""
    try:
        model = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(model, dict) and isinstance(model.get("config"), dict):
        draft = Draft("keras")
        output = _model(draft, model, None, 0)
        return None if output is None else (draft, output)
    return None


def _model(draft: Draft, model: Json, given: Tensor | None, depth: int) -> Tensor | None:
    if depth > MOST_DEPTH:
        raise Stopped("Models are nested deeper than is followed here.")
    config = model["config"]
    layers = config if isinstance(config, list) else config.get("layers")
    if not isinstance(layers, list):
        return None
    layers = [one for one in layers if isinstance(one, dict) and isinstance(one.get("config"), dict)]
    linked = any(one.get("inbound_nodes") for one in layers)
    if linked:
        return _graph(draft, config, layers, given, depth)
    x = given or _source(draft, layers, config)
    for one in layers:
        if one.get("class_name") != "InputLayer":
            x = _layer(draft, one, [x], depth)
    return x


def _source(draft: Draft, layers: list[Json], config: Any) -> Tensor:
    """The input, with the sizes that the first layer or the model tells."""
    first = layers[0]["config"] if layers else {}
    shape = first.get("batch_shape") or first.get("batch_input_shape")
    if shape is None and isinstance(config, dict):
        shape = config.get("build_input_shape")
    if isinstance(shape, list) and len(shape) > 1:
        draft.source = draft.input(library.source_of(tuple(shape[1:])))
    return draft.source


def _graph(draft: Draft, config: Json, layers: list[Json], given: Tensor | None, depth: int) -> Tensor | None:
    """Layers by name, each once what it reads is there."""
    made: dict[str, Tensor] = {}
    waiting = list(layers)
    last: Tensor | None = None
    while waiting:
        ready = [one for one in waiting if all(name in made for name in _reads(one))]
        if not ready:
            raise NotUnderstood("its layers read each other in a circle, or one that is not there")
        for one in ready:
            name = str(one.get("name") or one["config"].get("name", ""))
            if one.get("class_name") == "InputLayer":
                made[name] = given or _input(draft, one["config"], first=not made)
            else:
                made[name] = last = _layer(draft, one, [made[each] for each in _reads(one)], depth)
        waiting = [one for one in waiting if one not in ready]
    outputs = [name for name in _names(config.get("output_layers")) if name in made]
    if len(outputs) > 1:
        draft.note(f"The model has {counted(len(outputs), 'output')}: {outputs[0]} is the network's.")
    return made[outputs[0]] if outputs else last


def _input(draft: Draft, config: Json, *, first: bool) -> Tensor:
    batch_shape = config.get("batch_shape") or config.get("batch_input_shape")
    source = library.source_of(tuple(batch_shape[1:])) if isinstance(batch_shape, list) else Tensor(-1)
    one = draft.input(source)
    if first:
        draft.source = one
    return one


def _names(tensors: Any) -> list[str]:
    """Layers that a list names: [["dense", 0, 0]] or ["dense", 0, 0]."""
    if not isinstance(tensors, list) or not tensors:
        return []
    if isinstance(tensors[0], str):
        return [tensors[0]]
    return [one[0] for one in tensors if isinstance(one, list) and one and isinstance(one[0], str)]


def _reads(layer: Json) -> list[str]:
    """The names of the layers that one reads, in both forms."""
    nodes = layer.get("inbound_nodes")
    if not isinstance(nodes, list) or not nodes:
        return []
    first = nodes[0]
    if isinstance(first, dict):
        found: list[str] = []
        _histories(first.get("args"), found, 0)
        _histories(first.get("kwargs"), found, 0)
        return found
    named = _names(first)
    if isinstance(first, list):
        for one in first:
            if isinstance(one, list) and len(one) > 3 and isinstance(one[3], dict):
                named += [each for value in one[3].values() for each in _names(value)]
    return named


def _histories(value: Any, found: list[str], depth: int) -> None:
    if depth > MOST_DEPTH or len(found) > 256:
        return
    if isinstance(value, list):
        for one in value:
            _histories(one, found, depth + 1)
    elif isinstance(value, dict):
        history = (
            value.get("config", {}).get("keras_history") if isinstance(value.get("config"), dict) else None
        )
        if isinstance(history, list) and history and isinstance(history[0], str):
            found.append(history[0])
        else:
            for one in value.values():
                _histories(one, found, depth + 1)


def _layer(draft: Draft, layer: Json, inputs: list[Tensor], depth: int) -> Tensor:
    called, config = str(layer.get("class_name", "layer"))[:64], layer["config"]
    name = str(config.get("name") or layer.get("name") or "")
    if called in ("Sequential", "Functional", "Model"):
        made = _model(draft, layer, inputs[0] if inputs else None, depth + 1)
        if made is not None:
            return made
    if not inputs:
        raise NotUnderstood(f"{called} reads nothing")
    if called in ("TFOpLambda", "Operation") and str(config.get("function", "")).endswith(("add", "AddV2")):
        called = "Add"
    kwargs = {key: _plain(config[key]) for key in KEPT if key in config}
    if called == "BatchNormalization":
        kwargs.pop("axis", None)
    if called == "Activation" or kwargs.get("activation") == "linear":
        kwargs = {key: value for key, value in kwargs.items() if value != "linear"}
    if called == "Activation":
        word = str(kwargs.get("activation", "linear"))
        call = Call(draft, ("keras", "activations", word), [], {}, 0, name, inputs)
        return taken(call)
    if called == "Concatenate":
        return taken(
            Call(draft, ("keras", "layers", called), [], {"axis": kwargs.get("axis", -1)}, 0, name, inputs)
        )
    return layer_called(draft, LayerObject(("keras", "layers", called), [], kwargs, 0, name), inputs, 0)


def _plain(value: Any) -> Any:
    """A value of JSON as code has it: lists as tuples, an activation that is an object by its name."""
    if isinstance(value, list):
        return tuple(_plain(one) for one in value)
    if isinstance(value, dict):
        config = value.get("config")
        return str(config if isinstance(config, str) else value.get("class_name", "")).lower()
    return value
