"""Small models of ONNX with every operator that is a layer here, built by the onnx package. Knows no reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RNG = np.random.default_rng(18)


def numbers(*shape: int) -> np.ndarray[Any, Any]:
    return RNG.normal(0, 0.5, shape).astype(np.float32)


def model(
    nodes: Sequence[onnx.NodeProto],
    constants: dict[str, np.ndarray[Any, Any]],
    shape: Sequence[int | str],
    output: str = "y",
    opset: int = 17,
    kind: int = TensorProto.FLOAT,
) -> onnx.ModelProto:
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("x", kind, list(shape))],
        [helper.make_tensor_value_info(output, kind, None)],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def node(kind: str, inputs: str, output: str, **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(kind, inputs.split(), [output], name=f"n_{output}", **attributes)


def lenet() -> onnx.ModelProto:
    """As PyTorch exports it: convolutions, pools, Flatten, Gemm."""
    constants = {
        "conv1.weight": numbers(6, 1, 5, 5),
        "conv1.bias": numbers(6),
        "conv2.weight": numbers(16, 6, 5, 5),
        "conv2.bias": numbers(16),
        "fc1.weight": numbers(20, 400),
        "fc1.bias": numbers(20),
        "fc2.weight": numbers(10, 20),
        "fc2.bias": numbers(10),
    }
    return model(
        [
            node("Conv", "x conv1.weight conv1.bias", "a", kernel_shape=[5, 5], pads=[2, 2, 2, 2]),
            node("Relu", "a", "b"),
            node("MaxPool", "b", "c", kernel_shape=[2, 2], strides=[2, 2]),
            node("Conv", "c conv2.weight conv2.bias", "d"),
            node("Tanh", "d", "e"),
            node("AveragePool", "e", "f", kernel_shape=[2, 2], strides=[2, 2]),
            node("Flatten", "f", "g"),
            node("Gemm", "g fc1.weight fc1.bias", "h", transB=1),
            node("Sigmoid", "h", "i"),
            node("Gemm", "i fc2.weight fc2.bias", "j", transB=1, alpha=0.5, beta=2.0),
            node("Softmax", "j", "y"),
        ],
        constants,
        ["batch", 1, 28, 28],
    )


def residual() -> onnx.ModelProto:
    """Branches, normalisation, groups, joins, a view by Shape, Gather and Concat, MatMul with Add."""
    constants = {
        "c1.weight": numbers(8, 4, 3, 3),
        "gain": numbers(8),
        "offset": numbers(8),
        "mean": numbers(8),
        "variance": np.abs(numbers(8)) + 0.5,
        "skip.weight": numbers(8, 4, 1, 1),
        "dw.weight": numbers(8, 1, 3, 3),
        "zero": np.array(0, np.int64),
        "minus": np.array([-1], np.int64),
        "axes0": np.array([0], np.int64),
        "m.weight": numbers(16 * 9, 5),
        "m.bias": numbers(5),
        "scale": numbers(1, 8, 1, 1),
        "shift": np.array(0.25, np.float32),
    }
    return model(
        [
            node("Conv", "x c1.weight", "a", pads=[1, 1, 1, 1], strides=[2, 2]),
            node("BatchNormalization", "a gain offset mean variance", "b", epsilon=1e-3),
            node("Relu", "b", "c"),
            node("Conv", "c dw.weight", "d", group=8, pads=[1, 1, 1, 1]),
            node("Conv", "x skip.weight", "e", strides=[2, 2]),
            node("Add", "d e", "f"),
            node("Mul", "f scale", "g"),
            node("Add", "g shift", "h"),
            node("Sigmoid", "h", "i"),
            node("Mul", "h i", "j"),
            node("Concat", "j c", "k", axis=1),
            node("Shape", "k", "s0"),
            node("Gather", "s0 zero", "s1"),
            node("Unsqueeze", "s1 axes0", "s2"),
            node("Concat", "s2 minus", "s3", axis=0),
            node("Reshape", "k s3", "l"),
            node("Dropout", "l", "m"),
            node("MatMul", "m m.weight", "n"),
            node("Add", "n m.bias", "o"),
            node("Identity", "o", "y"),
        ],
        constants,
        [1, 4, 6, 6],
    )


def windows() -> onnx.ModelProto:
    """Dilation, uneven padding, transposed, pads, resize, pixel shuffle, crops, global pools."""
    constants = {
        "w1": numbers(4, 2, 3, 3),
        "t1.weight": numbers(4, 3, 3, 3),
        "t1.bias": numbers(3),
        "pads": np.array([0, 0, 1, 2, 0, 0, 0, 1], np.int64),
        "value": np.array(0.5, np.float32),
        "starts": np.array([1, 2], np.int64),
        "ends": np.array([-1, 2**62], np.int64),
        "axes": np.array([2, 3], np.int64),
        "up.weight": numbers(8, 3, 1, 1),
    }
    return model(
        [
            node("Conv", "x w1", "a", dilations=[2, 1], pads=[1, 0, 2, 1]),
            node("LeakyRelu", "a", "b", alpha=0.01),
            node(
                "ConvTranspose",
                "b t1.weight t1.bias",
                "c",
                strides=[2, 2],
                pads=[1, 1, 1, 1],
                output_padding=[1, 1],
            ),
            node("Pad", "c pads value", "d"),
            node("Slice", "d starts ends axes", "f"),
            node("Conv", "f up.weight", "g"),
            node("DepthToSpace", "g", "h", blocksize=2, mode="CRD"),
            node("MaxPool", "h", "i", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
            node("GlobalAveragePool", "i", "j"),
            node("GlobalMaxPool", "i", "k"),
            node("Add", "j k", "l"),
            node("Squeeze", "l axes", "y"),
        ],
        constants,
        [1, 2, 9, 8],
    )


def resize(inputs: list[str], output: str, how: str) -> onnx.NodeProto:
    return helper.make_node("Resize", inputs, [output], mode="linear", coordinate_transformation_mode=how)


def resizes() -> onnx.ModelProto:
    constants: dict[str, np.ndarray[Any, Any]] = {
        "scales": np.array([1, 1, 2, 3], np.float32),
        "sizes": np.array([1, 2, 9, 10], np.int64),
    }
    return model(
        [
            helper.make_node(
                "Resize", ["x", "", "scales"], ["a"], mode="nearest", nearest_mode="floor",
                coordinate_transformation_mode="asymmetric",
            ),
            resize(["x", "", "", "sizes"], "b", "half_pixel"),
            resize(["b", "", "scales"], "c", "align_corners"),
            node("GlobalAveragePool", "a", "d"),
            node("Mul", "c d", "y"),
        ],
        constants,
        [1, 2, 5, 4],
    )  # fmt: skip


def series() -> onnx.ModelProto:
    """One axis: causal padding, dilation, a mean over time."""
    constants = {
        "pads": np.array([0, 0, 2, 0, 0, 0], np.int64),
        "w": numbers(4, 1, 2),
        "h.weight": numbers(2, 4),
        "h.bias": numbers(2),
    }
    return model(
        [
            node("Pad", "x pads", "a"),
            node("Conv", "a w", "b", dilations=[2]),
            node("Hardmax", "b", "c0"),
            node("Relu", "b", "c"),
            node("ReduceMean", "c", "d", axes=[2], keepdims=0),
            node("Gemm", "d h.weight h.bias", "y", transB=1),
        ],
        constants,
        [1, 1, 32],
    )


def old() -> onnx.ModelProto:
    """Opset 7: attributes where later opsets have inputs."""
    constants = {
        "w": numbers(3, 2, 3, 3),
        "b": numbers(3),
        "shape": np.array([0, -1], np.int64),
        "m": numbers(12, 4),
    }
    return model(
        [
            node("Conv", "x w b", "a"),
            node("Clip", "a", "b0", min=0.0),
            node("Pad", "b0", "c", pads=[0, 0, 1, 1, 0, 0, 1, 1]),
            node("MaxPool", "c", "d", kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 0, 0]),
            node("AveragePool", "d", "e", kernel_shape=[2, 2], count_include_pad=1, pads=[0, 0, 1, 1]),
            node("MaxPool", "e", "f", kernel_shape=[2, 2]),
            node("Reshape", "e shape", "g"),
            node("Gemm", "g m m0", "y"),
        ],
        {**constants, "m": numbers(27, 4), "m0": numbers(4)},
        [1, 2, 6, 6],
        opset=7,
    )


MODELS: dict[str, Callable[[], onnx.ModelProto]] = {
    one.__name__: one for one in (lenet, residual, windows, resizes, series, old)
}
