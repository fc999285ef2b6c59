"""The tensors of a bundle matched to the layers of a network, by name and then by order and shape. Knows no file."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import Unfit
from ..core.network.shapes import Placed, Shapes
from ..core.weights import Resolved, Wanted

Array = NDArray[Any]
MOST_NAMED = 200
# The names that frameworks give to the tensors of a layer, by our names.
NAMES: Mapping[str, tuple[str, ...]] = {
    "weight": ("weight", "kernel", "w", "depthwise_kernel", "pointwise_kernel"),
    "bias": ("bias", "b"),
    "gain": ("gain", "weight", "gamma", "scale"),
    "offset": ("offset", "bias", "beta"),
    "mean": ("mean", "running_mean", "moving_mean"),
    "variance": ("variance", "running_var", "moving_variance", "var"),
}
COUNTERS = re.compile(r"num_batches_tracked$|seed_generator|iterations?$|/count$")


@dataclass
class Matched:
    """The tensors that fit, those that do not, those that a layer lacks, and those that no layer takes."""

    arrays: dict[str, Array] = field(default_factory=dict)  # by our full names
    fits: list[dict[str, Any]] = field(default_factory=list)
    unfit: list[dict[str, Any]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)


def tensors_of(placed: Placed) -> dict[str, tuple[int, ...]]:
    """The tensors that a layer takes, with their shapes."""
    geometry, own = placed.geometry, placed.node.operation.own
    if own is not None:
        return dict.fromkeys(own.names, (geometry.walk.lanes,))
    given = {"weight": geometry.weight_shape, "bias": geometry.bias_shape}
    return {name: shape for name, shape in given.items() if shape is not None}


def matched(shapes: Shapes, given: Mapping[str, Array]) -> Matched:
    """Tensors by name where layers are called alike, else those of one shape in the order in which they stand."""
    found = Matched()
    left = {name: one for name, one in given.items() if not COUNTERS.search(name)}
    unmatched: list[tuple[str, str, tuple[int, ...]]] = []
    for node in shapes.network.order:
        for name, shape in tensors_of(shapes.placed[node.name]).items():
            theirs = next((one for one in _candidates(node.name, name) if one in left), None)
            if theirs is None:
                unmatched.append((node.name, name, shape))
            elif (array := fitted(left[theirs], shape, name)) is not None:
                _take(found, node.name, name, theirs, array)
                del left[theirs]
            else:
                mismatch = {"tensor": theirs, "shape": list(left[theirs].shape), "wanted": list(shape)}
                found.unfit.append({"layer": node.name, **mismatch})
                del left[theirs]
    _by_order(found, unmatched, left)
    found.left_over = list(left)[:MOST_NAMED]
    return found


def _candidates(layer: str, name: str) -> Iterator[str]:
    for theirs in NAMES.get(name, (name,)):
        for separator in (".", "/"):
            for ending in ("", ":0"):
                yield f"{layer}{separator}{theirs}{ending}"


def _by_order(
    found: Matched, unmatched: list[tuple[str, str, tuple[int, ...]]], left: dict[str, Array]
) -> None:
    """Where no name tells, the next tensor in the bundle whose last word is right and whose shape fits."""
    for layer, name, shape in unmatched:
        for theirs, one in left.items():
            last = re.split(r"[./]", theirs.removesuffix(":0"))[-1]
            if last in NAMES.get(name, (name,)) and (array := fitted(one, shape, name)) is not None:
                _take(found, layer, name, theirs, array)
                del left[theirs]
                break
        else:
            if len(found.missing) < MOST_NAMED:
                found.missing.append(f"{layer}.{name}")


def _take(found: Matched, layer: str, name: str, theirs: str, array: Array) -> None:
    found.arrays[f"{layer}.{name}"] = np.ascontiguousarray(array, np.float32)
    found.fits.append({"layer": layer, "tensor": name, "from": theirs})


def fitted(array: Array, shape: tuple[int, ...], name: str) -> Array | None:
    """A tensor in the shape that a layer takes: as it is, flattened alike, or with Keras' channels last; else None."""
    if array.dtype.kind not in "fiub":
        return None
    if array.shape == shape:
        return array
    if array.size != math.prod(shape):
        return None
    if array.shape[:1] == shape[:1] and (array.ndim == 2 or len(shape) == 2 or name != "weight"):
        return array.reshape(shape)
    if name == "weight" and array.ndim >= 2:
        last = np.moveaxis(array, (-1, -2), (0, 1))  # (*kernel, in, out) as (out, in, *kernel)
        if last.shape == shape or (array.ndim == 2 and last.shape[:1] == shape[:1]):
            return last.reshape(shape)
        if np.moveaxis(array, (-2, -1), (0, 1)).shape == shape:  # depthwise: (*kernel, channels, 1)
            return np.moveaxis(array, (-2, -1), (0, 1))
    return array.reshape(shape) if name != "weight" and array.ndim <= 1 else None


def resolve_bundle(arrays: Mapping[str, Array], wanted: Wanted) -> Resolved | None:
    """A layer's tensors out of a bundle, by their names; None where the bundle has none of them.

    A dense layer takes its matrix in the shape that its input gives it: the numbers lie in the same order.
    """
    if wanted.own is not None:
        return _of_own(arrays, wanted)
    if "weight" not in arrays:
        return None
    weight = _shaped("weight", arrays["weight"], wanted.weight, wanted.dtype)
    if wanted.bias is None:
        return Resolved(weight, None)
    if "bias" not in arrays:
        return Resolved(weight, np.zeros(wanted.bias, wanted.dtype))
    return Resolved(weight, _shaped("bias", arrays["bias"], wanted.bias, wanted.dtype))


def _of_own(arrays: Mapping[str, Array], wanted: Wanted) -> Resolved | None:
    own, spec = wanted.own, wanted.spec
    assert own is not None, "the caller has looked"
    assert spec is not None, "own tensors come with the spec that says what they come to"
    channels = wanted.weight[0]
    named = {name: one for name, one in arrays.items() if name in own.names}
    if not named:
        return None
    given = {name: _shaped(name, one, (channels,), "float64") for name, one in named.items()}
    for one in own.tensors:
        if one.least is not None and one.name in given and (given[one.name] < one.least).any():
            raise Unfit(
                "weights",
                one.name,
                f"a {one.name} is {one.least:g} or more",
                "Use weights that training has left.",
                pointer="/weights",
            )
    tensors = own.started(channels) | given
    with np.errstate(all="ignore"):
        factor, summand = own.folded(tensors, spec)
    single = {name: one.astype(np.float32) for name, one in tensors.items()}
    weight = factor.astype(wanted.dtype).reshape(wanted.weight)
    return Resolved(weight, summand.astype(wanted.dtype), single)


def _shaped(name: str, array: Array, shape: tuple[int, ...], dtype: str) -> Array:
    if array.shape != shape and not (array.size == math.prod(shape) and array.shape[:1] == shape[:1]):
        raise Unfit(
            "weights",
            "×".join(map(str, array.shape)),
            f"the {name} of these weights has another shape than the layer's, which is {'×'.join(map(str, shape))}",
            "Use the weights of this network, or change filters, groups or kernel.",
            pointer="/weights",
        )
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=dtype).reshape(shape)
