"""Specs as ONNX operators. The text is the specification; the checker and shape inference say most of it.

A refusal of the text that neither of them checks is quoted from the text. Where the text contradicts itself or
shape inference, the answer is marked as unsettled. ONNX Runtime is another implementation, and only compared.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .answers import (
    Answer,
    Json,
    input_values,
    pairs,
    refusal,
    shaped,
    weight_values,
)
from .drawing import listed

onnx: Any = importlib.import_module("onnx")
helper: Any = importlib.import_module("onnx.helper")
FLOAT: int = onnx.TensorProto.FLOAT

OPSET = 22
VERSIONS = {"onnx": onnx.__version__, "opset": str(OPSET)}
OPERATORS = {
    "convolution": "Conv",
    "transposed_convolution": "ConvTranspose",
    "max_pooling": "MaxPool",
    "average_pooling": "AveragePool",
    "lp_pooling": "LpPool",
    "global_average_pooling": "GlobalAveragePool",
    "global_max_pooling": "GlobalMaxPool",
    "nearest_upsampling": "Resize",
    "bilinear_upsampling": "Resize",
    "dense": "Gemm",
}
RULES = {"valid": "VALID", "same": "SAME_UPPER", "same_lower": "SAME_LOWER"}
TEXT = {  # the words of the text where it refuses what no program of ONNX does
    "auto_pad": "auto_pad must be either NOTSET, SAME_UPPER, SAME_LOWER or VALID.",
    "group": "X.shape[1] == (W.shape[1] * group) == C and W.shape[0] mod G == 0.",
    "transposed group": "The number of channels in the output should be equal to W.shape[1] * group",
    "output_padding": 'Each padding value in "output_padding" must be less than the corresponding stride/dilation '
    "dimension.",
    "sizes": "One of 'scales' and 'sizes' MUST be specified and it is an error if both are specified.",
}


def check_quotations() -> None:
    """Every quotation is in the text of an operator."""
    said = ""
    for name in sorted(set(OPERATORS.values())):
        schema = onnx.defs.get_schema(name)
        parts = [schema.doc, *(attribute.description for attribute in schema.attributes.values())]
        said += " ".join((*parts, *(one.description for one in schema.inputs)))
    for quotation in TEXT.values():
        if quotation not in said:
            raise AssertionError(f"no operator says: {quotation}")


def answer(spec: Json, shape: list[int]) -> Answer:
    """The answer of the text, the checker and strict shape inference."""
    operation, axes = spec["operation"], len(shape) - 1
    if operation not in OPERATORS:
        return refusal(f"ONNX has no operator for {operation}", "no such layer")
    padding = spec.get("padding", 0)
    if isinstance(padding, str) and padding not in RULES:
        return refusal(TEXT["auto_pad"], "no such name")
    model = _model(spec, shape)
    try:
        onnx.checker.check_model(model)
        inferred = _inferred(model)
    except Exception as problem:  # whatever it is, it is what ONNX says
        words = str(problem).strip().splitlines()[0].removeprefix("[ShapeInferenceError] ").strip()
        words = words.removeprefix("Inference error(s): ").split("[ShapeInferenceError] ")[-1]
        return _no_shape(spec, shape, words)
    return _against_the_text(spec, shape, axes) or _settled(spec, shape, inferred)


def _no_shape(spec: Json, shape: list[int], words: str) -> Answer:
    if "differ in rank" in words and spec.get("output_size") is not None:
        small = "output_shape is smaller than the input: no rule of the text, but shape inference gives up"
        return shaped((spec["filters"], *listed(spec["output_size"], len(shape) - 1)), unsettled=small)
    return refusal(words, "no such argument" if words.startswith("Unrecognized attribute") else "words")


def _inferred(model: Any) -> tuple[int, ...]:
    found = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    dims = found.graph.output[0].type.tensor_type.shape.dim
    return tuple(dim.dim_value for dim in dims[1:])


def _against_the_text(spec: Json, shape: list[int], axes: int) -> Answer | None:
    """The refusal of the text where inference lets the spec pass."""
    groups, filters = spec.get("groups", 1), spec.get("filters", 1)
    if groups < 1 or shape[0] % groups or filters % groups:
        return refusal(TEXT["group" if spec["operation"] == "convolution" else "transposed group"])
    both = spec.get("size") is not None, spec.get("factor") is not None
    if spec["operation"].endswith("_upsampling") and both[0] == both[1]:
        return refusal(TEXT["sizes"])
    extra = listed(spec.get("output_padding", 0), axes)
    strides, dilations = listed(spec.get("stride") or 1, axes), listed(spec.get("dilation", 1), axes)
    if any(op >= max(s, d) for op, s, d in zip(extra, strides, dilations, strict=True) if op):
        return refusal(TEXT["output_padding"])
    return None


def _settled(spec: Json, shape: list[int], inferred: tuple[int, ...]) -> Answer:
    """The text's shape, and whether it is the only one that the text and inference give.

    Shape inference divides towards zero, so that it makes one window out of a kernel that does not fit, and its
    transposed SAME is not the text's where the kernel is smaller than the stride. No other difference is allowed.
    """
    if spec["operation"] == "transposed_convolution":
        sizes, doubt = _transposed_sizes(spec, shape)
    elif "kernel" in spec:
        sizes, doubt = _window_sizes(spec, shape)
    else:
        return shaped(inferred)
    found = (inferred[0], *sizes)
    if found != inferred and doubt is None and not _inference_errs(spec, shape):
        raise AssertionError(f"{spec} on {shape}: {found} by the text, {inferred} by inference")
    return shaped(found, unsettled=doubt)


Axis = tuple[int, int, int, int, int]  # size, kernel's extent, stride, begin, end


def _axes(spec: Json, shape: list[int]) -> list[Axis]:
    axes = len(shape) - 1
    kernel, dilation = listed(spec["kernel"], axes), listed(spec.get("dilation", 1), axes)
    stride, padding = listed(spec.get("stride") or 1, axes), spec.get("padding", 0)
    sides = [(0, 0)] * axes if isinstance(padding, str) else pairs(padding, axes)
    return [
        (size, d * (k - 1) + 1, s, begin, end)
        for size, k, d, s, (begin, end) in zip(shape[1:], kernel, dilation, stride, sides, strict=True)
    ]


def _window_sizes(spec: Json, shape: list[int]) -> tuple[list[int], str | None]:
    """The text of Conv and the pools; with ceil_mode windows that would start in the end padding are ignored."""
    padding, ceil_mode = spec.get("padding", 0), spec.get("ceil_mode", False)
    sizes, doubt = [], None
    if spec.get("p", 1) < 1:
        doubt = "the text gives p no limit"
    for size, span, stride, begin, end in _axes(spec, shape):
        if padding in ("same", "same_lower"):
            sizes.append(-(size // -stride))
            continue
        room = size + begin + end - span
        count = -(room // -stride) + 1 if ceil_mode else room // stride + 1
        if ceil_mode and (count - 1) * stride >= size + begin:
            count -= 1
            if spec["operation"] == "lp_pooling":
                doubt = "only LpPool's text does not say that a window in the end padding is ignored"
        if ceil_mode and padding == "valid" and count != room // stride + 1:
            doubt = "the text's formula for VALID with ceil_mode is that of floor; inference rounds up"
        sizes.append(count)
    return sizes, doubt


def _transposed_sizes(spec: Json, shape: list[int]) -> tuple[list[int], str | None]:
    axes = len(shape) - 1
    same = spec.get("padding") in ("same", "same_lower")
    extra = listed(spec.get("output_padding", 0), axes)
    settings = list(zip(_axes(spec, shape), extra, strict=True))
    if spec.get("output_size") is not None:
        sizes = listed(spec["output_size"], axes)
        doubt = "both output_shape and auto_pad give the size" if same else None
        beyond = any(
            (size - 1) * stride + span + stride - 1 < output
            for output, ((size, span, stride, _, _), _) in zip(sizes, settings, strict=True)
        )
        if beyond:
            doubt = "output_shape is larger than all that the kernel writes to and the stride leaves open"
        return sizes, doubt
    if same:
        doubt = "auto_pad SAME gives input * stride, output_padding asks for more" if any(extra) else None
        return [size * stride for (size, _, stride, _, _), _ in settings], doubt
    return [(size - 1) * s + span + op - b - e for (size, span, s, b, e), op in settings], None


def _inference_errs(spec: Json, shape: list[int]) -> bool:
    if spec["operation"] == "transposed_convolution":
        # A negative size is inferred as 0; SAME with a kernel below the stride as what the kernel writes to.
        outputs = _transposed_sizes(spec, shape)[0]
        return min(outputs) < 0 or any(span < stride for _, span, stride, _, _ in _axes(spec, shape))
    return any(size + begin + end < span for size, span, _, begin, end in _axes(spec, shape))


# --- Models -------------------------------------------------------------------------------------------------


def _model(spec: Json, shape: list[int]) -> Any:
    """One node (two for a dense layer) with its weights; attributes as the spec has them, known or not."""
    operation, axes = spec["operation"], len(shape) - 1
    if operation == "dense":
        nodes, constants, rank = _dense(spec, shape)
    elif operation.endswith("_upsampling"):
        nodes, constants, rank = _resize(spec, shape)
    else:
        nodes, constants, rank = _windowed(spec, shape)
    output = helper.make_tensor_value_info("y", FLOAT, ["n", "c", "d1", "d2", "d3"][:rank])
    given = helper.make_tensor_value_info("x", FLOAT, [1, *shape])
    tensors = [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "layer", [given], [output], tensors)
    assert rank <= axes + 2, "no operation adds an axis"
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)


Parts = tuple[list[Any], dict[str, Any], int]


def _windowed(spec: Json, shape: list[int]) -> Parts:
    axes, operation = len(shape) - 1, spec["operation"]
    attributes = _attributes(spec, axes)
    constants: dict[str, Any] = {}
    if "filters" in spec:
        groups = max(spec.get("groups", 1), 1)
        pair = (spec["filters"], shape[0] // groups)
        if operation == "transposed_convolution":
            pair = (shape[0], spec["filters"] // groups)
        constants["w"] = weight_values((*pair, *(max(size, 0) for size in attributes["kernel_shape"])))
    node = helper.make_node(OPERATORS[operation], ["x", *constants], ["y"], **attributes)
    return [node], constants, axes + 2


def _attributes(spec: Json, axes: int) -> Json:
    names = {"kernel": "kernel_shape", "stride": "strides", "dilation": "dilations"}
    names |= {"output_padding": "output_padding", "output_size": "output_shape"}
    found: Json = {
        theirs: listed(spec[ours], axes) for ours, theirs in names.items() if spec.get(ours) is not None
    }
    plain = {"groups": "group", "ceil_mode": "ceil_mode", "count_include_pad": "count_include_pad", "p": "p"}
    found |= {theirs: int(spec[ours]) for ours, theirs in plain.items() if ours in spec}
    if spec.get("divisor") is not None:
        found["divisor_override"] = spec["divisor"]
    if spec.get("padding_mode", "zeros") != "zeros":
        found["padding_mode"] = spec["padding_mode"]
    padding = spec.get("padding")
    if isinstance(padding, str):
        found["auto_pad"] = RULES[padding]
    elif padding is not None:
        begins, ends = zip(*pairs(padding, axes), strict=True)
        found["pads"] = [*begins, *ends]
    return found


def _resize(spec: Json, shape: list[int]) -> Parts:
    mode = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    if spec["operation"] == "bilinear_upsampling":
        corners = "align_corners" if spec.get("align_corners") else "half_pixel"
        mode = {"mode": "linear", "coordinate_transformation_mode": corners}
    constants: dict[str, Any] = {}
    axes = len(shape) - 1
    if spec.get("factor") is not None:
        constants["scales"] = np.array([1, 1, *listed(spec["factor"], axes)], dtype=np.float32)
    if spec.get("size") is not None:
        constants["sizes"] = np.array([1, shape[0], *listed(spec["size"], axes)], dtype=np.int64)
    inputs = ["x", "", *(name if name in constants else "" for name in ("scales", "sizes"))]
    return [helper.make_node("Resize", inputs, ["y"], **mode)], constants, axes + 2


def _dense(spec: Json, shape: list[int]) -> Parts:
    constants = {"w": weight_values((spec["filters"], math.prod(shape)))}
    flatten = helper.make_node("Flatten", ["x"], ["flat"])
    return [flatten, helper.make_node("Gemm", ["flat", "w"], ["y"], transB=1)], constants, 2


# --- ONNX Runtime -------------------------------------------------------------------------------------------


def session() -> Callable[[Json, list[int]], Answer]:
    """What ONNX Runtime answers to a spec, to be held against ``answer``."""
    runtime: Any = importlib.import_module("onnxruntime")
    runtime.set_default_logger_severity(4)

    def run(spec: Json, shape: list[int]) -> Answer:
        # A kernel without a cell never returns; where there is no model, nothing can be run.
        windows = [spec.get("kernel", 1), spec.get("stride") or 1, spec.get("dilation", 1)]
        unknown = isinstance(spec.get("padding"), str) and spec["padding"] not in RULES
        if spec["operation"] not in OPERATORS or unknown or np.min([np.min(one) for one in windows]) < 1:
            return refusal("not run")
        try:
            model = _model(spec, shape).SerializeToString()
            found = runtime.InferenceSession(model).run(None, {"x": input_values(tuple(shape))[None]})[0]
        except Exception as problem:
            return refusal(str(problem).split("Status Message: ")[-1])
        return shaped(found.shape[1:])

    return run
