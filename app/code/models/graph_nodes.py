"""Operators of ONNX as layers: one function an operator, on tensors of the draft and constants. Knows no file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.activations import ACTIVATIONS
from ...core.activations.leaky_relu import SLOPE
from .draft import Draft
from .things import NotUnderstood, Tensor

Array = NDArray[Any]
Value = Tensor | Array | None
AUTO_PADS = {"SAME_UPPER": "same_upper", "SAME_LOWER": "same_lower", "VALID": "valid"}
ACTIVATION_OPERATORS = {
    one.onnx[0][0]: one.name
    for one in ACTIVATIONS.values()
    if len(one.onnx) == 1 and one.onnx[0][0] != "Identity"
} | {"Gelu": "gelu"}


@dataclass
class Node:
    """One operator with its values: tensors of the draft, constants, or None for an input that is left out."""

    draft: Draft
    kind: str
    given: list[Value]
    attributes: Mapping[str, Any]
    name: str
    opset: int
    readers: Mapping[int, int] = field(default_factory=dict)  # how often the output of a layer is read

    @property
    def x(self) -> Tensor:
        """The first input, which is a tensor."""
        first = self.given[0] if self.given else None
        if not isinstance(first, Tensor):
            raise NotUnderstood("its first input is a constant")
        return first

    @property
    def axes(self) -> int:
        """The spatial axes of the first input."""
        if self.x.axes is None:
            raise NotUnderstood("the rank of its input is not told in the file")
        return self.x.axes

    def constant(self, place: int) -> Array | None:
        """An input that is a constant; None where there is none."""
        value = self.given[place] if len(self.given) > place else None
        if isinstance(value, Tensor):
            raise NotUnderstood("an input is computed that is a constant in the layers here")
        return value

    def needed(self, place: int) -> Array:
        """An input that must be a constant."""
        value = self.constant(place)
        if value is None:
            raise NotUnderstood("an input of it is missing")
        return value

    def add(
        self, spec: dict[str, Any], inputs: Sequence[Tensor] = (), notes: Sequence[str] = (), **tensors: Array
    ) -> Tensor:
        """One layer with its tensors."""
        made = self.draft.add(spec, inputs or [self.x], 0, name=self.name, called=self.kind, notes=notes)
        self.draft.nodes[made.node].tensors = {
            name: np.ascontiguousarray(one, np.float32) for name, one in tensors.items()
        }
        return made


Operator = Callable[[Node], Tensor]
OPERATORS: dict[str, Operator] = {}


def operator(*kinds: str) -> Callable[[Operator], Operator]:
    """Register what operators of these types are."""

    def register(make: Operator) -> Operator:
        for kind in kinds:
            OPERATORS[kind] = make
        return make

    return register


def integers(given: Any) -> list[int]:
    """A list of whole numbers as attributes and constants have them."""
    return [int(one) for one in np.asarray(given).reshape(-1).tolist()]


def window(node: Node, kernel: Sequence[int]) -> dict[str, Any]:
    """Stride, padding and dilation of a window; ONNX lists all beginnings and then all ends."""
    axes = len(kernel)
    attributes = node.attributes
    spec: dict[str, Any] = {"kernel": list(kernel), "stride": integers(attributes.get("strides", [1] * axes))}
    dilations = integers(attributes.get("dilations", [1] * axes))
    if any(one != 1 for one in dilations):
        spec["dilation"] = dilations
    auto = attributes.get("auto_pad", "NOTSET")
    if auto in AUTO_PADS:
        spec["padding"] = AUTO_PADS[auto]
    elif any(integers(attributes.get("pads", [0]))):
        pads = integers(attributes["pads"])
        spec["padding"] = [[pads[at], pads[at + axes]] for at in range(axes)]
    return spec


@operator("Conv")
def conv(node: Node) -> Tensor:
    """A convolution; its weight lies as ours does."""
    weight, bias = node.needed(1), node.constant(2)
    spec = {"operation": "convolution", "filters": int(weight.shape[0]), **window(node, weight.shape[2:])}
    if (groups := int(node.attributes.get("group", 1))) != 1:
        spec["groups"] = groups
    if bias is not None:
        return node.add({**spec, "bias": True}, weight=weight, bias=bias)
    return node.add(spec, weight=weight)


@operator("ConvTranspose")
def conv_transpose(node: Node) -> Tensor:
    """A transposed convolution; its weight has the input's channels first, as ours does."""
    weight, bias = node.needed(1), node.constant(2)
    groups = int(node.attributes.get("group", 1))
    spec = {
        "operation": "transposed_convolution",
        "filters": int(weight.shape[1]) * groups,
        **window(node, weight.shape[2:]),
    }
    if groups != 1:
        spec["groups"] = groups
    extra = integers(node.attributes.get("output_padding", [0]))
    if any(extra):
        spec["output_padding"] = extra
    if "output_shape" in node.attributes:
        spec["output_size"] = integers(node.attributes["output_shape"])
        spec.pop("padding", None)
    if bias is not None:
        return node.add({**spec, "bias": True}, weight=weight, bias=bias)
    return node.add(spec, weight=weight)


@operator("MaxPool", "AveragePool", "LpPool")
def pool(node: Node) -> Tensor:
    """A pool with a window."""
    names = {"MaxPool": "max_pooling", "AveragePool": "average_pooling", "LpPool": "lp_pooling"}
    spec = {"operation": names[node.kind], **window(node, integers(node.attributes.get("kernel_shape", [1])))}
    if node.attributes.get("ceil_mode"):
        spec["ceil_mode"] = True
    if node.kind == "AveragePool" and node.attributes.get("count_include_pad"):
        spec["count_include_pad"] = True
    if node.kind == "LpPool":
        spec["p"] = node.attributes.get("p", 2)
    return node.add(spec)


@operator("GlobalAveragePool", "GlobalMaxPool")
def global_pool(node: Node) -> Tensor:
    """A pool over all cells of a channel."""
    kind = "average" if node.kind == "GlobalAveragePool" else "max"
    return node.add({"operation": f"global_{kind}_pooling"})


@operator("Gemm")
def gemm(node: Node) -> Tensor:
    """A dense layer: its factors are worked into weight and bias."""
    weight, bias = node.needed(1), node.constant(2)
    if node.attributes.get("transA") or node.axes:
        raise NotUnderstood("it multiplies something else than a vector")
    weight = weight if node.attributes.get("transB") else weight.T
    weight = weight * float(node.attributes.get("alpha", 1.0))
    return dense(node, weight, None if bias is None else bias * float(node.attributes.get("beta", 1.0)))


def dense(node: Node, weight: Array, bias: Array | None) -> Tensor:
    """A dense layer with a weight of (filters, inputs)."""
    if weight.ndim != 2:
        raise NotUnderstood("its weight is no matrix")
    spec: dict[str, Any] = {"operation": "dense", "filters": int(weight.shape[0])}
    if bias is None:
        return node.add(spec, weight=weight)
    bias = np.broadcast_to(bias.reshape(-1), (weight.shape[0],))
    return node.add({**spec, "bias": True}, weight=weight, bias=bias)


@operator("MatMul")
def matmul(node: Node) -> Tensor:
    """A dense layer without a bias; what is added behind it becomes its bias."""
    if node.axes:
        raise NotUnderstood("it multiplies something else than a vector")
    return dense(node, node.needed(1).T, None)


@operator("BatchNormalization")
def batch_normalisation(node: Node) -> Tensor:
    """As at inference."""
    gain, offset, mean, variance = (node.needed(at) for at in range(1, 5))
    notes = []
    if node.attributes.get("training_mode"):
        notes.append("a batch normalisation was exported in training, and runs as at inference here.")
    epsilon = float(np.float32(node.attributes.get("epsilon", 1e-5)))
    spec = {"operation": "batch_normalisation", "epsilon": float(f"{epsilon:.7g}")}
    return node.add(spec, (), notes, gain=gain, offset=offset, mean=mean, variance=variance)


@operator("Add", "Sub", "Mul", "Div", "Sum")
def arithmetic(node: Node) -> Tensor:
    """Tensors joined cell by cell, or a factor or a summand for each channel."""
    tensors = [one for one in node.given if isinstance(one, Tensor)]
    if len(tensors) == len(node.given) and len(tensors) > 1:
        if node.kind in ("Sub", "Div"):
            raise NotUnderstood("two tensors are only added and multiplied here")
        return node.add({"operation": "multiply" if node.kind == "Mul" else "add"}, tensors)
    if len(node.given) != 2 or len(tensors) != 1:
        raise NotUnderstood("it joins a tensor with several constants")
    constant_first = not isinstance(node.given[0], Tensor)
    constant = node.given[0] if constant_first else node.given[1]
    assert not isinstance(constant, Tensor)
    if constant is None or (constant_first and node.kind in ("Sub", "Div")):
        raise NotUnderstood("a constant stands before the tensor")
    return scaled(node, tensors[0], np.asarray(constant, np.float64))


def scaled(node: Node, x: Tensor, constant: Array) -> Tensor:
    """A factor or a summand for each channel, as a normalisation with mean 0 and variance 1."""
    each = per_channel(constant, x)
    factor, summand = np.ones_like(each), np.zeros_like(each)
    if node.kind in ("Add", "Sum"):
        summand = each
    elif node.kind == "Sub":
        summand = -each
    else:
        factor = each if node.kind == "Mul" else 1 / each
    if (factor == 1).all() and (summand == 0).all():
        return x
    if node.kind in ("Add", "Sum") and _takes_bias(node, x):
        made = node.draft.nodes[x.node]
        made.spec = made.spec.model_copy(update={"bias": True})
        made.tensors["bias"] = np.ascontiguousarray(summand, np.float32)
        return x
    ones = np.ones_like(each)
    return node.add(
        {"operation": "batch_normalisation", "epsilon": 0.0},
        [x],
        (),
        gain=factor,
        offset=summand,
        mean=0 * ones,
        variance=ones,
    )


def _takes_bias(node: Node, x: Tensor) -> bool:
    """Whether the layer before has no bias yet, and nothing else reads it."""
    if x.node < 0 or node.readers.get(x.node, 0) != 1:
        return False
    spec = node.draft.nodes[x.node].spec
    return getattr(spec, "bias", True) is False and "weight" in node.draft.nodes[x.node].tensors


def per_channel(constant: Array, x: Tensor) -> Array:
    """A constant as one number for each channel."""
    channels = x.channels
    if channels is None:
        raise NotUnderstood("how many channels there are is not told in the file")
    sizes = list(constant.shape)
    rank = 2 + (x.axes or 0)
    sizes = [1] * (rank - len(sizes)) + sizes
    if len(sizes) != rank or any(size != 1 for at, size in enumerate(sizes) if at != 1):
        raise NotUnderstood("its constant differs from cell to cell")
    if sizes[1] not in (1, channels):
        raise NotUnderstood("its constant is not one for each channel")
    return np.broadcast_to(constant.reshape(-1), (channels,)).astype(np.float64)


@operator("Concat")
def concat(node: Node) -> Tensor:
    """The channels of several tensors."""
    tensors = [one for one in node.given if isinstance(one, Tensor)]
    if len(tensors) != len(node.given):
        raise NotUnderstood("it joins a tensor with a constant")
    axis, rank = int(node.attributes.get("axis", 1)), 2 + node.axes
    if axis not in (1, 1 - rank):
        raise NotUnderstood(f"it joins along axis {axis}, and the channels are joined here")
    return tensors[0] if len(tensors) == 1 else node.add({"operation": "concatenate"}, tensors)


@operator("Softmax")
def softmax(node: Node) -> Tensor:
    """Softmax over the channels."""
    axis, rank = int(node.attributes.get("axis", -1 if node.opset >= 13 else 1)), 2 + node.axes
    one_cell = node.x.shape is not None and math.prod(node.x.shape[1:]) == 1
    if axis % rank != 1 or (node.opset < 13 and node.axes and not one_cell):
        raise NotUnderstood(f"its axis is {axis}, and the one of the channels is computed here")
    return node.add({"operation": "activation", "activation": "softmax"})


@operator("LeakyRelu")
def leaky_relu(node: Node) -> Tensor:
    """Leaky ReLU with our slope."""
    slope = float(f"{np.float32(node.attributes.get('alpha', 0.01)):.6g}")
    if slope != SLOPE:
        raise NotUnderstood(f"leaky ReLU has the slope {SLOPE} here, and this one has {slope:g}")
    return node.add({"operation": "activation", "activation": "leaky_relu"})


@operator("Dropout")
def dropout(node: Node) -> Tensor:
    """A dropout, which does nothing at inference."""
    rate = node.attributes.get("ratio")
    if rate is None and len(node.given) > 1 and node.given[1] is not None:
        rate = float(node.needed(1).reshape(-1)[0])
    rate = 0.5 if rate is None else rate
    return node.add({"operation": "dropout", "rate": round(float(rate), 6)})


@operator("Clip")
def clip(node: Node) -> Tensor:
    """A lower bound of 0 alone is a rectifier."""
    low, high = node.attributes.get("min"), node.attributes.get("max")
    if len(node.given) > 1 and (given := node.constant(1)) is not None and given.size:
        low = float(given.reshape(-1)[0])
    if len(node.given) > 2 and (given := node.constant(2)) is not None and given.size:
        high = float(given.reshape(-1)[0])
    if low == 0 and (high is None or high >= 3e38):
        return node.add({"operation": "activation", "activation": "relu"})
    raise NotUnderstood("its bounds are not computed here")


def layer(node: Node) -> Tensor:
    """The layer that an operator is; raises NotUnderstood."""
    if node.kind in OPERATORS:
        return OPERATORS[node.kind](node)
    if node.kind in ACTIVATION_OPERATORS:
        if node.kind == "Gelu" and node.attributes.get("approximate", "none") != "none":
            raise NotUnderstood("GELU is exact here, and this one is approximate")
        return node.add({"operation": "activation", "activation": ACTIVATION_OPERATORS[node.kind]})
    raise NotUnderstood("no operator of this name is known here")
