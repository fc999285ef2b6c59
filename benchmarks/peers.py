"""The same layers in other libraries, one thread each: one call per chain of layers, from the same tensors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.engine.trace import Layer
from app.core.geometry import geometry
from app.core.operation import Operation
from app.core.spec import LayerSpec
from app.operations import registry

from .layers import Row

Array = NDArray[Any]
Call = Callable[[], Any]


@dataclass(frozen=True)
class Work:
    """A row with its tensors: what every library is given."""

    row: Row
    x: Array
    layers: tuple[tuple[LayerSpec, Layer], ...]

    @classmethod
    def of(cls, row: Row, dtype: str = "float32") -> Work:
        """Seeded normal tensors; weights are scaled so that a chain of layers keeps its magnitude."""
        rng = np.random.default_rng(0)
        x = rng.standard_normal(row.shape).astype(dtype)
        shape, made = row.shape, []
        for given in row.layers:
            operation: Operation = registry()[given["operation"]]
            spec = operation.spec.model_validate(given)
            built = geometry(operation, spec, shape)
            weight = None
            if built.weight_shape:
                scale = (built.walk.channels_per_group * built.walk.taps) ** -0.5
                weight = (rng.standard_normal(built.weight_shape) * scale).astype(dtype)
            made.append((spec, Layer(operation, built, x, weight, None)))
            shape = built.walk.output_shape
        return cls(row, x, tuple(made))


def convscope(work: Work) -> Call:
    """Ours: a new ``Layer`` for every call, as the server makes one for every request."""
    parts = [(layer.operation, layer.geometry, layer.weight) for _, layer in work.layers]

    def chain() -> Array:
        y = work.x
        for operation, built, weight in parts:
            y = Layer(operation, built, y, weight, None).run()
        return y

    if len(parts) > 1:
        return chain
    operation, built, weight = parts[0]
    x = work.x
    return lambda: Layer(operation, built, x, weight, None).run()


def torch_eager(work: Work) -> Call:
    """PyTorch as it is called; the runner enters ``inference_mode``."""
    import torch

    first = torch.from_numpy(work.x)[None]
    calls = [_torch_call(spec, layer) for spec, layer in work.layers]

    def chain() -> Any:
        y = first
        for call in calls:
            y = call(y)
        return y

    if len(calls) > 1:
        return chain
    call = calls[0]
    return lambda: call(first)


def _torch_call(spec: Any, layer: Layer) -> Callable[[Any], Any]:
    import torch
    from torch.nn import functional

    weight = None if layer.weight is None else torch.from_numpy(layer.weight)
    axes = len(layer.geometry.walk.axes)
    match layer.operation.name:
        case "convolution":
            run = functional.conv1d if axes == 1 else functional.conv2d
            stride, padding, dilation, groups = spec.stride, spec.padding, spec.dilation, spec.groups
            return lambda y: run(y, weight, None, stride, padding, dilation, groups)
        case "transposed_convolution":
            return lambda y: functional.conv_transpose2d(y, weight, None, spec.stride, spec.padding)
        case "max_pooling":
            return lambda y: functional.max_pool2d(y, spec.kernel, spec.stride, spec.padding)
        case "average_pooling":
            return lambda y: functional.avg_pool2d(y, spec.kernel, spec.stride, spec.padding)
        case "global_average_pooling":
            return lambda y: functional.adaptive_avg_pool2d(y, 1)
    raise LookupError(layer.operation.name)


def onnx_model(work: Work) -> Any:
    """The chain as an ONNX model with its weights in it, from ``x`` to ``y``."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes, weights, name = [], [], "x"
    for number, (spec, layer) in enumerate(work.layers):
        inputs = [name]
        if layer.weight is not None:
            inputs.append(f"w{number}")
            weights.append(numpy_helper.from_array(layer.weight, f"w{number}"))
        name = "y" if number == len(work.layers) - 1 else f"y{number}"
        kind, attributes = _onnx_attributes(spec, layer)
        nodes.append(helper.make_node(kind, inputs, [name], **attributes))
    dtype = {"float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE}[work.x.dtype.name]
    shape = work.layers[-1][1].geometry.walk.output_shape
    graph = helper.make_graph(
        nodes,
        "chain",
        [helper.make_tensor_value_info("x", dtype, [1, *work.x.shape])],
        [helper.make_tensor_value_info("y", dtype, [1, *shape])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def _onnx_attributes(spec: Any, layer: Layer) -> tuple[str, dict[str, Any]]:
    axes = len(layer.geometry.walk.axes)

    def each(value: int | None) -> list[int]:
        return [spec.kernel if value is None else value] * axes

    name = layer.operation.name
    if name == "global_average_pooling":
        return "GlobalAveragePool", {}
    window = {"kernel_shape": each(spec.kernel), "strides": each(spec.stride), "pads": each(spec.padding) * 2}
    if name in ("convolution", "transposed_convolution"):
        more = {"dilations": each(spec.dilation), "group": spec.groups}
        return "Conv" if name == "convolution" else "ConvTranspose", {**window, **more}
    if name == "average_pooling":
        return "AveragePool", {**window, "count_include_pad": int(spec.count_include_pad)}
    assert name == "max_pooling", name
    return "MaxPool", window


def onnxruntime_session(work: Work) -> Call:
    """ONNX Runtime on one thread, every optimisation on, as is its default."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        onnx_model(work).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    feed = {"x": work.x[None]}
    return lambda: session.run(None, feed)[0]


def onnx_reference(work: Work) -> Call:
    """ONNX's own reference in NumPy."""
    from onnx.reference import ReferenceEvaluator

    evaluator: Any = ReferenceEvaluator(onnx_model(work))
    feed = {"x": work.x[None]}
    return lambda: evaluator.run(None, feed)[0]
