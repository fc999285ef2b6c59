"""Whole networks forward beside PyTorch and ONNX Runtime: ``python -m benchmarks.networks``. One thread, float32.

Every network is computed from the same tensors by all, turn by turn in one process, so that a change of the machine's
clock meets all of them. The floor is what the bare matrix products of the convolutions cost in NumPy on this machine:
one product for each layer and group, of operands that lie ready. Numbers are compared before they are timed.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import geometric_mean
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from app.core.network.forward import Run, Tensors, output_of
from app.core.network.graph import network_of
from app.core.network.shapes import Placed, Shapes, shapes_of
from app.operations import registry

from .machine import describe, median

Array = NDArray[np.floating]
Json = dict[str, Any]

AIM, MOST = 1.0, 1.3  # of PyTorch's time: the geometric mean, and the slowest network
SECONDS = 6.0  # for the turns of one network
TURNS = range(7, 200)
TOLERANCE = 2e-3  # of the largest value: sums of thousands of products in float32


class Layers(list[Json]):
    """A network that is written layer by layer; each method gives the name of the layer that it adds."""

    def put(self, operation: str, inputs: str | Sequence[str] | None = None, **more: Any) -> str:
        """Add a layer that reads the last one, or those that are named."""
        name = f"layer{len(self)}"
        read = {} if inputs is None else {"inputs": [inputs] if isinstance(inputs, str) else list(inputs)}
        self.append({"operation": operation, "name": name, **read, **more})
        return name

    def conv(self, filters: int, kernel: int = 3, inputs: str | None = None, **more: Any) -> str:
        """A convolution, with rectifier unless another activation is given."""
        given = {"padding": kernel // 2, "activation": "relu", "bias": True, **more}
        return self.put("convolution", inputs, filters=filters, kernel=kernel, **given)

    def normed(self, filters: int, kernel: int = 3, inputs: str | None = None, **more: Any) -> str:
        """A convolution without bias, and batch normalisation with rectifier unless another activation is given."""
        activation = more.pop("activation", "relu")
        self.conv(filters, kernel, inputs, activation="none", bias=False, **more)
        return self.put("batch_normalisation", activation=activation)


def lenet() -> Layers:
    net = Layers()
    for filters, padding in ((6, 2), (16, 0)):
        net.conv(filters, 5, padding=padding)
        net.put("max_pooling", kernel=2)
    for size in (120, 84):
        net.put("dense", filters=size, bias=True, activation="relu")
    net.put("dense", filters=10, bias=True)
    return net


def vgg11() -> Layers:
    net = Layers()
    for filters in ((64,), (128,), (256, 256), (512, 512), (512, 512)):
        for count in filters:
            net.conv(count)
        net.put("max_pooling", kernel=2)
    return net


def resnet18() -> Layers:
    net = Layers()
    net.normed(64, 7, stride=2)
    last = net.put("max_pooling", kernel=3, stride=2, padding=1)
    for stage, filters in enumerate((64, 128, 256, 512)):
        for block in range(2):
            first = stage > 0 and block == 0
            entry = last
            net.normed(filters, inputs=entry, stride=2 if first else 1)
            body = net.normed(filters, activation="none")
            if first:
                entry = net.normed(filters, 1, entry, stride=2, activation="none")
            last = net.put("add", (body, entry), activation="relu")
    net.put("global_average_pooling")
    net.put("dense", filters=1000, bias=True)
    return net


def mobilenet() -> Layers:
    net = Layers()
    net.normed(32, stride=2)
    channels = 32
    for filters in (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024):
        net.normed(channels, stride=1 if filters in (64, channels) else 2, groups=channels)
        net.normed(filters, 1)
        channels = filters
    net.put("global_average_pooling")
    net.put("dense", filters=1000, bias=True)
    return net


def unet() -> Layers:
    net = Layers()
    kept = []
    for filters in (16, 32):
        net.conv(filters)
        kept.append(net.conv(filters))
        net.put("max_pooling", kernel=2)
    net.conv(64)
    net.conv(64)
    for filters, other in zip((32, 16), kept[::-1], strict=True):
        up = net.put("transposed_convolution", filters=filters, kernel=2, stride=2, bias=True)
        net.put("concatenate", (other, up))
        net.conv(filters)
        net.conv(filters)
    net.conv(1, 1, activation="none")
    return net


def tcn() -> Layers:
    net = Layers()
    last = net.conv(32, 1, activation="none")
    for level in range(8):
        given = {"kernel": 3, "padding": "causal", "dilation": 2**level}
        net.conv(32, inputs=last, **given)
        body = net.conv(32, **given)
        last = net.put("add", (body, last), activation="relu")
    net.conv(1, 1, activation="none")
    return net


NETWORKS: dict[str, tuple[tuple[int, ...], Callable[[], Layers]]] = {
    "LeNet-5, 1×28²": ((1, 28, 28), lenet),
    "VGG-11's convolutions, 3×224²": ((3, 224, 224), vgg11),
    "ResNet-18, 3×224²": ((3, 224, 224), resnet18),
    "MobileNetV1, 3×224²": ((3, 224, 224), mobilenet),
    "U-Net 16-32-64, 1×128²": ((1, 128, 128), unet),
    "TCN, 8 levels × 32, 4,096 steps": ((1, 4096), tcn),
}


@dataclass(frozen=True)
class Work:
    """A network with its tensors: what every library is given."""

    shapes: Shapes
    x: Array
    tensors: dict[str, Tensors]

    @classmethod
    def of(cls, shape: tuple[int, ...], layers: Layers) -> Work:
        """Seeded normal tensors; weights are scaled so that a chain of layers keeps its magnitude."""
        rng = np.random.default_rng(0)
        specs = [registry()[layer["operation"]].spec.model_validate(layer) for layer in layers]
        shapes = shapes_of(network_of(specs, registry()), shape)
        tensors: dict[str, Tensors] = {}
        for node in shapes.network.order:
            geometry = shapes.placed[node.name].geometry
            if not geometry.weighted:
                tensors[node.name] = (None, None)
                continue
            weight = rng.standard_normal(geometry.weight_shape)
            if node.operation.name == "batch_normalisation":
                weight = rng.uniform(0.5, 1.5, geometry.weight_shape)
            else:
                reads = geometry.walk.channels_per_group * geometry.walk.taps
                if node.operation.name == "transposed_convolution":
                    reads = geometry.walk.channels_per_group
                weight *= math.sqrt(2 / reads)
            has_bias = getattr(node.spec, "bias", True)
            bias = rng.standard_normal(geometry.walk.lanes) / 10 if has_bias else None
            tensors[node.name] = (
                weight.astype(np.float32),
                None if bias is None else bias.astype(np.float32),
            )
        return cls(shapes, rng.standard_normal(shape).astype(np.float32), tensors)

    def ours(self) -> Array:
        """The output of the last layer."""
        return output_of(self.shapes, self.x, lambda placed: self.tensors[placed.node.name])[1]


def in_pytorch(torch: Any, work: Work) -> Callable[[], Any]:
    """The same network in eager mode; the caller enters ``inference_mode``."""
    calls = []
    last = "input"
    for node in work.shapes.network.order:
        placed = work.shapes.placed[node.name]
        calls.append((node.name, node.inputs, _torch_call(torch, placed, work.tensors[node.name])))
        last = node.name
    x = torch.from_numpy(work.x)[None]

    def forward() -> Any:
        known = {"input": x}
        for name, inputs, call in calls:
            known[name] = call(*(known[one] for one in inputs))
        return known[last]

    return forward


def _torch_call(torch: Any, placed: Placed, tensors: Tensors) -> Callable[..., Any]:
    functional = torch.nn.functional
    spec: Any = placed.node.spec
    weight: Any
    bias: Any
    weight, bias = (None if one is None else torch.from_numpy(one) for one in tensors)
    axes = len(placed.geometry.walk.axes)

    def bare() -> Callable[..., Any]:
        match placed.node.operation.name:
            case "convolution" if spec.padding == "causal":
                before = (weight.shape[-1] - 1) * spec.dilation
                return lambda y: functional.conv1d(
                    functional.pad(y, (before, 0)), weight, bias, 1, 0, spec.dilation
                )
            case "convolution":
                run = functional.conv1d if axes == 1 else functional.conv2d
                given = (spec.stride, spec.padding, spec.dilation, spec.groups)
                return lambda y: run(y, weight, bias, *given)
            case "transposed_convolution":
                return lambda y: functional.conv_transpose2d(y, weight, bias, spec.stride)
            case "batch_normalisation":
                zeros, ones = torch.zeros(len(bias)), torch.ones(len(bias))
                gain = weight.reshape(-1)
                return lambda y: functional.batch_norm(y, zeros, ones, gain, bias, eps=0.0)
            case "max_pooling":
                return lambda y: functional.max_pool2d(y, spec.kernel, spec.stride, spec.padding)
            case "global_average_pooling":
                return lambda y: functional.adaptive_avg_pool2d(y, 1)
            case "dense":
                flat = weight.reshape(len(weight), -1)
                return lambda y: functional.linear(y.flatten(1), flat, bias)
            case "add":
                return lambda a, b: a + b
            case "concatenate":
                return lambda *parts: torch.cat(parts, 1)
        raise LookupError(placed.node.operation.name)

    call = bare()
    if spec.activation == "none":
        return call
    # In place, as the models that people use write it.
    return lambda *inputs: functional.relu_(call(*inputs))


def products(work: Work) -> Callable[[], None]:
    """The bare matrix products of all weighted layers: operands lie ready, and nothing is written out."""
    pairs = []
    rng = np.random.default_rng(0)
    for placed in work.shapes.placed.values():
        walk = placed.geometry.walk
        if not placed.geometry.weighted or placed.node.operation.name == "batch_normalisation":
            continue
        depth = walk.channels_per_group * walk.taps
        if placed.node.operation.name == "transposed_convolution":
            depth //= 4  # of the four taps one meets a cell
        sides = ((walk.groups, walk.lanes_per_group, depth), (walk.groups, depth, walk.steps))
        one, two = (rng.standard_normal(side, np.float32) for side in sides)
        pairs.append((one, two, np.empty((walk.groups, walk.lanes_per_group, walk.steps), np.float32)))

    def forward() -> None:
        for one, two, out in pairs:
            np.matmul(one, two, out=out)

    return forward


def in_onnxruntime(work: Work) -> Callable[[], Any]:
    """The same network as an ONNX model, on one thread with every optimisation, which folds normalisations."""
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    nodes: list[Any] = []
    kept: list[Any] = []
    last, kind = "input", ""

    def keep(name: str, array: Array) -> str:
        kept.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    for node in work.shapes.network.order:
        placed = work.shapes.placed[node.name]
        weight, bias = work.tensors[node.name]
        last = node.name
        active = getattr(node.spec, "activation", "none") != "none"
        bare = f"{last}.bare" if active else last
        inputs = list(node.inputs)
        kind, more = _onnx_kind(placed)
        if kind == "Gemm":
            assert weight is not None
            nodes.append(helper.make_node("Flatten", inputs, [f"{last}.flat"]))
            inputs, weight = [f"{last}.flat"], weight.reshape(len(weight), -1)
        if weight is not None:
            shaped = weight.reshape(-1) if kind == "BatchNormalization" else weight
            inputs.append(keep(f"{last}.weight", shaped))
        if bias is not None:
            inputs.append(keep(f"{last}.bias", bias))
        if kind == "BatchNormalization":
            lanes = placed.shape[0]
            inputs += [keep(f"{last}.mean", np.zeros(lanes)), keep(f"{last}.variance", np.ones(lanes))]
        nodes.append(helper.make_node(kind, inputs, [bare], **more))
        if active:
            nodes.append(helper.make_node("Relu", [bare], [last]))
    given = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, *work.x.shape])
    rank = 2 if kind == "Gemm" else 1 + len(work.shapes.placed[last].shape)
    output = helper.make_tensor_value_info(last, TensorProto.FLOAT, [None] * rank)
    graph = helper.make_graph(nodes, "network", [given], [output], kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    feed = {"input": work.x[None]}
    return lambda: session.run(None, feed)[0]


def _onnx_kind(placed: Placed) -> tuple[str, dict[str, Any]]:
    """A layer's operator with its attributes."""
    spec: Any = placed.node.spec
    axes = len(placed.geometry.walk.axes)
    name = placed.node.operation.name
    match name:
        case "convolution":
            each = placed.geometry.walk.tap_shape
            before = (each[-1] - 1) * spec.dilation
            pads = [before, 0] if spec.padding == "causal" else [spec.padding] * 2 * axes
            return "Conv", {
                "kernel_shape": each,
                "strides": [spec.stride] * axes,
                "dilations": [spec.dilation] * axes,
                "group": spec.groups,
                "pads": pads,
            }
        case "transposed_convolution":
            return "ConvTranspose", {"kernel_shape": [spec.kernel] * axes, "strides": [spec.stride] * axes}
        case "batch_normalisation":
            return "BatchNormalization", {"epsilon": 0.0}
        case "max_pooling":
            stride = spec.kernel if spec.stride is None else spec.stride
            pads = [spec.padding] * 2 * axes
            return "MaxPool", {"kernel_shape": [spec.kernel] * axes, "strides": [stride] * axes, "pads": pads}
        case "global_average_pooling":
            return "GlobalAveragePool", {}
        case "dense":
            return "Gemm", {"transB": 1}
        case "add":
            return "Add", {}
        case "concatenate":
            return "Concat", {"axis": 1}
    raise LookupError(name)


def main(arguments: list[str] | None = None) -> None:
    """The table of networks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.networks", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of names of networks (default: all)")
    parser.add_argument("--layers", action="store_true", help="also each layer beside PyTorch's")
    options = parser.parse_args(arguments)
    import torch

    torch.set_num_threads(1)
    print(describe())
    print(
        "| network | ms | of PyTorch's time | of ONNX Runtime's | of the bare products' |\n|---|---|---|---|---|"
    )
    ratios = []
    with torch.inference_mode():
        for name, (shape, layers) in NETWORKS.items():
            if options.names and not any(part.lower() in name.lower() for part in options.names):
                continue
            work = Work.of(shape, layers())
            theirs, runtime = in_pytorch(torch, work), in_onnxruntime(work)
            wanted = theirs()[0].numpy()
            for other in (work.ours(), runtime()):
                apart = np.abs(other.reshape(wanted.shape) - wanted).max()
                assert apart <= TOLERANCE * np.abs(wanted).max(), f"{name}: {apart} apart"
            mine, *others = turns([work.ours, theirs, runtime, products(work)])
            found = [median([a / b for a, b in zip(mine, other, strict=True)]) for other in others]
            ratios.append(found[0])
            columns = " | ".join(f"{one:.2f}" for one in found)
            print(f"| {name} | {1000 * median(mine):.3g} | {columns} |", flush=True)
            if options.layers:
                by_layer(torch, work)
    mean = geometric_mean(ratios)
    print(f"| geometric mean | | {mean:.2f} (aim ≤ {AIM}, none above {MOST}) | | |")


def turns(calls: Sequence[Callable[[], Any]], seconds: float = SECONDS) -> list[list[float]]:
    """Seconds of each call, turn by turn."""
    for call in calls:
        call()
    times: list[list[float]] = [[] for _ in calls]
    begun = time.perf_counter()
    while len(times[0]) < TURNS.start or (
        len(times[0]) < TURNS.stop and time.perf_counter() - begun < seconds
    ):
        for call, found in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            found.append(time.perf_counter() - start)
    return times


def by_layer(torch: Any, work: Work) -> None:
    """Each layer with its real inputs: where the time goes."""
    rows = []
    run = Run(work.shapes, work.x, work.shapes.network.chosen(None))
    for node in work.shapes.network.order:
        placed = work.shapes.placed[node.name]
        tensors = work.tensors[node.name]
        inputs = [torch.from_numpy(np.ascontiguousarray(run.known[one]))[None] for one in node.inputs]
        call = _torch_call(torch, placed, tensors)

        def ours(placed: Placed = placed, tensors: Tensors = tensors) -> Array:
            return run.layer(placed, *tensors).run()

        def theirs(call: Callable[..., Any] = call, inputs: list[Any] = inputs) -> Any:
            return call(*inputs)

        mine, other = (median(one) for one in turns([ours, theirs], 0.3))
        rows.append((mine - other, mine, other, placed))
        run.keep(placed, ours())
    for _, mine, other, placed in sorted(rows, key=lambda one: -one[0])[:20]:
        walk = placed.geometry.walk
        rate = 2 * walk.lanes * walk.steps * walk.channels_per_group * walk.taps / mine / 1e9
        print(
            f"  {placed.node.name:10} {placed.node.operation.name:22} {placed.input_shape} -> {placed.shape}"
            f" {1000 * mine:.2f} ms, {mine / other:.2f}, {rate:.0f} GF/s"
        )


if __name__ == "__main__":
    main()
