"""Records the values of every node of a large network in ONNX Runtime: ``python -m tests.frameworks.nodes``.

The structures are those that the onnx package ships without weights; each tensor is drawn from a seed here, so that a
recording holds a few numbers of each value and no weight. It needs onnx and onnxruntime.
"""

from __future__ import annotations

import importlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

onnx: Any = importlib.import_module("onnx")
LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"
RECORDED = Path(__file__).parent / "recorded" / "onnxruntime_nodes.json"
STRUCTURES = ("squeezenet", "resnet50")
SAMPLES = 6  # numbers of each value
Array = np.ndarray[Any, Any]


def model_of(structure: str) -> Any:
    """A structure with seeded tensors in place of its constants of one number each."""
    proto = onnx.load(LIGHT / f"light_{structure}.onnx")
    graph = proto.graph
    shapes = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    made = {
        node.output[0]: tuple(int(size) for size in shapes[node.input[0]])
        for node in graph.node
        if node.op_type == "ConstantOfShape"
    }
    floats = onnx.TensorProto.FLOAT
    made |= {one.name: tuple(one.dims) for one in graph.initializer if one.data_type == floats}
    kept = [node for node in graph.node if node.op_type != "ConstantOfShape"]
    used = {(name, node.op_type, place) for node in kept for place, name in enumerate(node.input)}
    roles = {name: (kind, place) for name, kind, place in sorted(used)}
    others = [one for one in graph.initializer if one.name not in made and one.name in roles]
    tensors = [
        onnx.numpy_helper.from_array(_drawn(number, shape, *roles[name]), name)
        for number, (name, shape) in enumerate(sorted(made.items()))
        if name in roles
    ]
    inputs = [one for one in graph.input if one.name not in made and one.name not in shapes]
    for field, values in (("node", kept), ("initializer", [*others, *tensors]), ("input", inputs)):
        graph.ClearField(field)
        getattr(graph, field).extend(values)
    proto.ir_version = 8  # from 4 on a tensor need not be an input
    return proto


def _drawn(seed: int, shape: tuple[int, ...], kind: str, place: int) -> Array:
    """A tensor by what it is: a weight keeps the magnitude, a normalisation has a positive gain and variance."""
    rng = np.random.default_rng((18, seed))
    if kind == "BatchNormalization" and place in (1, 4):
        drawn = rng.uniform(0.5, 1.5, shape)
    elif len(shape) > 1:
        drawn = rng.normal(0, math.sqrt(2 / math.prod(shape[1:])), shape)
    else:
        drawn = rng.normal(0, 0.1, shape)
    if kind == "Gemm":  # of numbers that 16 sums have made large
        drawn = drawn / 1e4
    return drawn.astype(np.float32)


def source() -> Array:
    """The picture that goes in: (1, 3, 224, 224)."""
    return np.random.default_rng(18).normal(size=(1, 3, 224, 224)).astype(np.float32)


def digest_of(value: Array) -> list[float]:
    """How many numbers a value has, the mean of the magnitudes, and some numbers of a value."""
    flat = np.asarray(value, np.float64).reshape(-1)
    places = np.linspace(0, flat.size - 1, SAMPLES).astype(int)
    numbers = (np.abs(flat).mean(), *flat[places])
    return [flat.size, *(float(f"{one:.7g}") for one in numbers)]


def record() -> dict[str, dict[str, list[float]]]:
    """Some numbers of the value of every node of every structure."""
    runtime: Any = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    found = {}
    for structure in STRUCTURES:
        proto = model_of(structure)
        names = [node.output[0] for node in proto.graph.node]
        proto.graph.ClearField("output")
        for name in names:
            proto.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
        session = runtime.InferenceSession(
            proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        values = session.run(names, {proto.graph.input[0].name: source()})
        found[structure] = {name: digest_of(value) for name, value in zip(names, values, strict=True)}
    return found


if __name__ == "__main__":
    rows = [
        f' "{structure}": {{\n'
        + ",\n".join(f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in values.items())
        + "\n }"
        for structure, values in record().items()
    ]
    RECORDED.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
