"""Constants and arithmetic on shapes in an ONNX graph, worked out while it is read. Knows no layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .things import NotUnderstood

Array = NDArray[Any]
MOST_NUMBERS = 40_000_000  # of one constant
MOST_WORKED = 1_000_000  # of one that arithmetic makes
UNKNOWN = -(2**40)  # stands for a size that the file does not tell, in arithmetic on shapes


def _axes(given: list[Array | None], attributes: Mapping[str, Any]) -> list[int] | None:
    axes = attributes.get("axes")
    if axes is None and len(given) > 1 and given[1] is not None:
        axes = given[1].reshape(-1).tolist()
    return None if axes is None else [int(one) for one in axes]


def _gather(given: list[Any], attributes: Mapping[str, Any]) -> Array:
    data: Array = np.asarray(given[0])
    places = np.asarray(given[1]).astype(np.int64)
    return np.asarray(np.take(data, places, axis=int(attributes.get("axis", 0))))


def _unsqueeze(given: list[Any], attributes: Mapping[str, Any]) -> Array:
    axes = _axes(given, attributes) or []
    if len(axes) > 8:
        raise NotUnderstood("it adds too many axes")
    return np.asarray(np.expand_dims(given[0], tuple(axes)))


def _squeeze(given: list[Any], attributes: Mapping[str, Any]) -> Array:
    axes = _axes(given, attributes)
    return np.asarray(np.squeeze(given[0], None if axes is None else tuple(axes)))


def _concat(given: list[Any], attributes: Mapping[str, Any]) -> Array:
    return np.concatenate(given, axis=int(attributes.get("axis", 0)))


def _slice(given: list[Any], attributes: Mapping[str, Any]) -> Array:
    data = given[0]
    if len(given) > 1:
        starts, ends = given[1].reshape(-1).tolist(), given[2].reshape(-1).tolist()
        axes = (
            given[3].reshape(-1).tolist() if len(given) > 3 and given[3] is not None else range(len(starts))
        )
        steps = (
            given[4].reshape(-1).tolist() if len(given) > 4 and given[4] is not None else [1] * len(starts)
        )
    else:
        starts, ends = attributes["starts"], attributes["ends"]
        axes, steps = attributes.get("axes", range(len(starts))), [1] * len(starts)
    cut = [slice(None)] * data.ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        cut[int(axis)] = slice(int(start), None if end >= 2**31 or end == -(2**63) else int(end), int(step))
    return np.asarray(data[tuple(cut)])


def _cast(given: list[Any], attributes: Mapping[str, Any]) -> Array:
    kinds = {1: np.float32, 6: np.int32, 7: np.int64, 9: np.bool_, 10: np.float16, 11: np.float64}
    kind = kinds.get(int(attributes.get("to", 1)))
    if kind is None:
        raise NotUnderstood("it casts to a type that is not known here")
    return np.asarray(given[0]).astype(kind)


def _reshape(given: list[Any], attributes: Mapping[str, Any]) -> Array:
    data, sizes = given[0], [int(one) for one in given[1].reshape(-1).tolist()]
    shape = [data.shape[at] if one == 0 and at < data.ndim else one for at, one in enumerate(sizes)]
    return np.asarray(data.reshape(shape))


def _constant_of_shape(given: list[Any], attributes: Mapping[str, Any]) -> Array:
    shape = tuple(int(one) for one in given[0].reshape(-1).tolist())
    if math.prod(shape) > MOST_NUMBERS or min(shape, default=0) < 0:
        raise NotUnderstood("a constant is too large")
    value = attributes.get("value")
    fill = np.zeros(1, np.float32) if value is None else np.asarray(value).reshape(-1)
    return np.broadcast_to(fill[:1].reshape((1,) * len(shape)), shape)  # one number, however large it is


def _range(given: list[Any], attributes: Mapping[str, Any]) -> Array:
    start, limit, step = (np.asarray(one).reshape(-1)[0] for one in given)
    if step == 0 or abs((limit - start) / step) > MOST_WORKED:
        raise NotUnderstood("a range is too long")
    return np.arange(start, limit, step)


def _divided(left: Any, right: Any) -> Array:
    if np.issubdtype(np.asarray(left).dtype, np.integer):
        return np.asarray(np.trunc(left / right)).astype(np.asarray(left).dtype)
    return np.asarray(left / right)


def _two(function: Callable[[Any, Any], Any]) -> Callable[[list[Any], Mapping[str, Any]], Array]:
    def run(given: list[Any], attributes: Mapping[str, Any]) -> Array:
        left, right = given
        if math.prod(np.broadcast_shapes(np.shape(left), np.shape(right))) > MOST_NUMBERS:
            raise NotUnderstood("a constant is too large")
        found = np.asarray(function(left, right))
        # A value made of an unknown size is unknown.
        if np.issubdtype(found.dtype, np.integer):
            lost = (np.asarray(left) <= UNKNOWN // 2) | (np.asarray(right) <= UNKNOWN // 2)
            found = np.where(np.broadcast_to(lost, found.shape), UNKNOWN, found)
        return found

    return run


def _one(function: Callable[[Any], Any]) -> Callable[[list[Any], Mapping[str, Any]], Array]:
    return lambda given, attributes: np.asarray(function(given[0]))


def _transposed(given: list[Any], attributes: Mapping[str, Any]) -> Array:
    return np.transpose(given[0], attributes.get("perm"))


FOLDED: dict[str, Callable[[list[Any], Mapping[str, Any]], Array]] = {
    "Gather": _gather,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Concat": _concat,
    "Slice": _slice,
    "Cast": _cast,
    "Reshape": _reshape,
    "ConstantOfShape": _constant_of_shape,
    "Range": _range,
    "Transpose": _transposed,
    "Identity": _one(np.asarray),
    "Floor": _one(np.floor),
    "Ceil": _one(np.ceil),
    "Neg": _one(np.negative),
    "Sqrt": _one(np.sqrt),
    "Reciprocal": _one(np.reciprocal),
    "Add": _two(np.add),
    "Sub": _two(np.subtract),
    "Mul": _two(np.multiply),
    "Div": _two(_divided),
    "Min": _two(np.minimum),
    "Max": _two(np.maximum),
}


def folded(kind: str, given: list[Any], attributes: Mapping[str, Any]) -> Array:
    """The constant that an operator makes of constants; raises NotUnderstood where it is none that is known."""
    if kind not in FOLDED:
        raise NotUnderstood("it is not worked out on constants here")
    try:
        with np.errstate(all="ignore"):
            found = FOLDED[kind](given, attributes)
    except (
        ValueError,
        TypeError,
        IndexError,
        KeyError,
        OverflowError,
        ArithmeticError,
        MemoryError,
    ) as error:
        raise NotUnderstood(f"its constants do not fit: {type(error).__name__}") from None
    if found.size > MOST_NUMBERS:
        raise NotUnderstood("a constant is too large")
    return found
