"""Operators of ONNX that lay cells out anew: shapes, pads, crops, resizes, moved channels. Knows no file."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .graph_constants import UNKNOWN
from .graph_nodes import Node, integers, operator
from .things import NotUnderstood, Tensor

Array = NDArray[Any]


@operator("Flatten")
def flatten(node: Node) -> Tensor:
    """All cells in one row."""
    axis = int(node.attributes.get("axis", 1))
    if axis not in (1, -1 - node.axes):
        raise NotUnderstood("it flattens some axes alone")
    return node.x if node.axes == 0 else node.add({"operation": "reshape", "shape": [-1]})


@operator("Reshape")
def reshape(node: Node) -> Tensor:
    """Another shape; the first size is the batch."""
    given = node.attributes.get("shape")
    target = integers(node.needed(1) if given is None else given)
    if len(target) < 2:
        raise NotUnderstood("it joins the batch with the rest")
    known = [None, *(node.x.shape or [node.x.channels, *[None] * node.axes])]
    sizes: list[int] = []
    for at, one in enumerate(target[1:], start=1):
        copied = known[at] if at < len(known) else None
        sizes.append(one if one > 0 else copied if one == 0 and copied is not None else -1)
    if sizes.count(-1) > 1 or (target[0] == -1 and -1 in sizes):
        raise NotUnderstood("two of its sizes are not told in the file")
    if node.axes == 0 and len(sizes) == 1:
        return node.x
    return node.add({"operation": "reshape", "shape": sizes})


@operator("Squeeze", "Unsqueeze")
def squeeze(node: Node) -> Tensor:
    """Axes of one cell left out, or added at the end."""
    attribute = node.attributes.get("axes")
    axes = (
        integers(attribute if attribute is not None else node.needed(1))
        if attribute is not None or len(node.given) > 1
        else []
    )
    rank = 2 + node.axes
    if node.kind == "Squeeze":
        left_out = {one % rank for one in axes} or set(range(2, rank))
        if left_out == set(range(2, rank)):
            return node.add({"operation": "reshape", "shape": [-1]}) if node.axes else node.x
    elif (
        sorted(one % (rank + len(axes)) for one in axes) == list(range(rank, rank + len(axes)))
        and node.axes == 0
    ):
        return node.add({"operation": "reshape", "shape": [-1, *[1] * len(axes)]})
    raise NotUnderstood("the axes that it leaves out or adds stand before others")


@operator("ReduceMean", "ReduceMax")
def reduce(node: Node) -> Tensor:
    """A mean or a maximum over all cells of each channel."""
    attribute = node.attributes.get("axes")
    axes = (
        integers(attribute)
        if attribute is not None
        else integers(node.needed(1))
        if len(node.given) > 1
        else []
    )
    rank = 2 + node.axes
    if {one % rank for one in axes} != set(range(2, rank)):
        raise NotUnderstood("only a mean over all cells of a channel is computed here")
    kind = "average" if node.kind == "ReduceMean" else "max"
    pooled = node.add({"operation": f"global_{kind}_pooling"})
    if node.attributes.get("keepdims", 1):
        return pooled
    return node.draft.add({"operation": "reshape", "shape": [-1]}, [pooled], 0, called=node.kind)


@operator("Pad")
def pad(node: Node) -> Tensor:
    """Cells around the input."""
    attribute = node.attributes.get("pads", node.attributes.get("paddings"))
    pads = integers(attribute if attribute is not None else node.needed(1))
    mode = str(node.attributes.get("mode", "constant"))
    rank = 2 + node.axes
    if len(pads) != 2 * rank or any(pads[at] or pads[at + rank] for at in (0, 1)):
        raise NotUnderstood("it pads the batch or the channels")
    modes = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    if mode not in modes:
        raise NotUnderstood(f"padding by {mode} is not computed here")
    value = node.attributes.get("value", 0.0)
    if attribute is None and len(node.given) > 2 and (given := node.constant(2)) is not None and given.size:
        value = float(given.reshape(-1)[0])
    spec: dict[str, Any] = {
        "operation": "padding",
        "padding": [[pads[at], pads[at + rank]] for at in range(2, rank)],
        "padding_mode": modes[mode],
    }
    if mode == "constant":
        spec |= {"padding_value": value} if value else {"padding_mode": "zeros"}
    return node.add(spec)


@operator("Slice")
def cut(node: Node) -> Tensor:
    """Cells left out at the ends of spatial axes."""
    if len(node.given) > 1:
        starts, ends = integers(node.needed(1)), integers(node.needed(2))
        axes = (
            integers(node.needed(3))
            if len(node.given) > 3 and node.given[3] is not None
            else list(range(len(starts)))
        )
        steps = (
            integers(node.needed(4))
            if len(node.given) > 4 and node.given[4] is not None
            else [1] * len(starts)
        )
    else:
        starts, ends = integers(node.attributes.get("starts", [])), integers(node.attributes.get("ends", []))
        axes, steps = integers(node.attributes.get("axes", range(len(starts)))), [1] * len(starts)
    rank = 2 + node.axes
    pairs = [[0, 0] for _ in range(node.axes)]
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        at = axis % rank - 2
        size = None if node.x.shape is None or at < 0 else node.x.shape[1 + at]
        if start == 0 and end >= 2**31 - 1 and step == 1:
            continue
        if at < 0 or step != 1 or (size is None and (start < 0 or 0 <= end < 2**31 - 1)):
            raise NotUnderstood("it takes some of the channels, or of the batch")
        first = max(start + size, 0) if start < 0 and size is not None else start
        left = (min(end, size) - size if end >= 0 else end) if size is not None else min(end, 0)
        pairs[at] = [-first, left]
    return node.add({"operation": "padding", "padding": pairs}) if any(map(any, pairs)) else node.x


@operator("Resize", "Upsample")
def resize(node: Node) -> Tensor:
    """Nearest and linear upsampling, where coordinates are as they are here."""
    mode = str(node.attributes.get("mode", "nearest"))
    usual = "half_pixel" if node.kind == "Resize" and node.opset >= 11 else "asymmetric"
    how = str(node.attributes.get("coordinate_transformation_mode", usual))
    nearest = str(node.attributes.get("nearest_mode", "round_prefer_floor" if node.opset >= 11 else "floor"))
    scales = node.attributes.get("scales")
    if scales is None:
        place = 1 if node.kind == "Upsample" or len(node.given) == 2 else 2
        given = node.constant(place)
        scales = None if given is None or not given.size else given.reshape(-1).tolist()
    sizes = node.constant(3) if len(node.given) > 3 else None
    spec: dict[str, Any] = {}
    if sizes is not None and sizes.size:
        spec["size"] = list(integers(sizes)[2:])
    elif scales is not None and len(scales) == 2 + node.axes:
        if any(one != int(one) for one in scales) and node.x.shape is not None:
            spec["size"] = [
                math.floor(size * scale) for size, scale in zip(node.x.shape[1:], scales[2:], strict=True)
            ]
        else:
            spec["factor"] = [int(one) for one in scales[2:]]
    else:
        raise NotUnderstood("its factors are not told in the file")
    if min(spec.get("size", [1])) < 1:
        raise NotUnderstood("its sizes are not told in the file")
    exact = "factor" in spec
    if mode == "nearest" and (
        (how == "asymmetric" and nearest == "floor") or (exact and how == "half_pixel")
    ):
        if how == "half_pixel" and nearest not in ("round_prefer_floor", "round_prefer_ceil"):
            raise NotUnderstood(f"nearest by {nearest} is not computed here")
        return node.add({"operation": "nearest_upsampling", **spec})
    if mode == "linear" and how in ("half_pixel", "pytorch_half_pixel", "align_corners"):
        return node.add({"operation": "bilinear_upsampling", **spec, "align_corners": how == "align_corners"})
    raise NotUnderstood(f"{mode} by {how} is not computed here")


@operator("DepthToSpace", "SpaceToDepth")
def shuffled(node: Node) -> Tensor:
    """Channels to cells of a finer grid, in PyTorch's order, or back."""
    factor = int(node.attributes.get("blocksize", 1))
    if node.kind == "DepthToSpace" and node.attributes.get("mode", "DCR") == "CRD":
        return node.add({"operation": "pixel_shuffle", "factor": factor})
    if node.x.channels == (factor**2 if node.kind == "DepthToSpace" else 1):
        return node.add(
            {"operation": f"pixel_{'' if node.kind == 'DepthToSpace' else 'un'}shuffle", "factor": factor}
        )
    raise NotUnderstood("it orders channels in another way than here")


@operator("Transpose")
def transpose(node: Node) -> Tensor:
    """Axes that stay where they are; at the input, channels that stood last."""
    permutation = integers(node.attributes.get("perm", []))
    if permutation == list(range(len(permutation))) or node.axes == 0:
        return node.x
    raise NotUnderstood("axes are not exchanged here")


@operator("Identity", "Cast")
def same(node: Node) -> Tensor:
    """The same cells."""
    return node.x


def shape_constant(x: Tensor) -> Array:
    """What Shape gives of a tensor: the batch is 1, and what the file does not tell is unknown."""
    if x.shape is not None:
        sizes = list(x.shape[:1] if x.axes == 0 else x.shape)
    elif x.axes is not None:
        sizes = [UNKNOWN if x.channels is None else x.channels, *[UNKNOWN] * x.axes]
    else:
        raise NotUnderstood("the rank of its input is not told in the file")
    return np.array([1, *sizes], np.int64)
