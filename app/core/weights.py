"""Where weights come from: named presets drawn by formula, typed values, edits. Knows no operation and no files."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema

from .errors import Unfit, counted, malformed, pointer_to
from .spec import AS_IS, LayerSpec
from .tensors import OwnTensors
from .values import FLOAT32_MAX, NON_FINITE, NestedArray

Float64 = NDArray[np.float64]
Array = NDArray[np.floating]

MOST_EDITS = 65_536
SMALL_KERNEL = 9  # taps up to which a smoothing is written in whole numbers
CACHED_NUMBERS = 65_536  # a larger preset is drawn anew: a cache of many would hold a gigabyte
EXACT_TAPS = 57  # taps up to which float64 holds every binomial coefficient exactly


def _offsets(taps: int) -> Float64:
    """Signed distance of each tap from the middle of its axis: −1, 0, 1 for three taps, −½, ½ for two."""
    return np.arange(taps, dtype=np.float64) - (taps - 1) / 2


def _binomial(taps: int) -> Float64:
    """The smoothing of ``taps`` cells with binomial weights, which tends to a Gaussian: (1, 2, 1) / 4.

    With more than ``EXACT_TAPS`` the coefficients C(n, k), n = taps − 1, soon leave float64. They are taken
    relative to the largest then, from the middle outwards by C(n, k + 1) = C(n, k) · (n − k) / (k + 1); far
    taps round to 0.
    """
    last = taps - 1
    if taps <= EXACT_TAPS:
        row = np.array([math.comb(last, tap) for tap in range(taps)], dtype=np.float64)
    else:
        middle = last // 2
        upper = np.arange(middle, last)
        falling = np.cumprod(np.concatenate([[1.0], (last - upper) / (upper + 1)]))
        row = np.concatenate([falling[::-1][:middle], falling])
    smoothing: Float64 = row / row.sum()
    return smoothing


def _outer(rows: list[Float64]) -> Float64:
    kernel: Float64 = functools.reduce(np.multiply.outer, rows)
    return kernel


def _difference(taps: int) -> Float64:
    """A smoothed derivative: for three taps (−1, 0, 1); a binomial times its signed offsets, largest entry 1."""
    row = _offsets(taps) * _binomial(taps)
    largest = np.abs(row).max()
    return row / largest if largest else np.ones(1)


def _sobel(shape: tuple[int, ...], axis: int) -> Float64:
    """A derivative along one axis, smoothed along the others with (1, 2, 1): Sobel's kernel for 3×3.

    Where the whole numbers would grow beyond reading, the largest is 1 instead.
    """
    smooth = [_binomial(taps) for taps in shape]
    rows = [row / (row.min() if len(row) <= SMALL_KERNEL else row.max()) for row in smooth]
    rows[axis] = _difference(shape[axis])
    return _outer(rows)


def _laplacian(shape: tuple[int, ...]) -> Float64:
    """The second differences of all axes at the middle tap: for 3×3, 1 at the four sides and −4 within."""
    kernel = np.zeros(shape)
    middle = tuple(taps // 2 for taps in shape)
    for axis, taps in enumerate(shape):
        for neighbour in (middle[axis] - 1, middle[axis] + 1):
            if 0 <= neighbour < taps:
                kernel[(*middle[:axis], neighbour, *middle[axis + 1 :])] += 1
                kernel[middle] -= 1
    return kernel


def _emboss(shape: tuple[int, ...]) -> Float64:
    """A ramp along the diagonal with 1 in the middle: ((−2, −1, 0), (−1, 1, 1), (0, 1, 2)) for 3×3."""
    grids = np.meshgrid(*(_offsets(taps) for taps in shape), indexing="ij")
    kernel: Float64 = np.asarray(sum(grids), dtype=np.float64)
    kernel[tuple(taps // 2 for taps in shape)] = 1
    return kernel


def _line(shape: tuple[int, ...], mirrored: bool) -> Float64:
    r"""1 on the diagonal ``\`` (mirrored: ``/``) and −1 off it, the detectors of the classic "is it an X?"."""
    places = np.stack(np.meshgrid(*(np.linspace(0, 1, taps) for taps in shape), indexing="ij"))
    if mirrored:
        places[-1] = 1 - places[-1]
    reach = 0.5 / max(1, max(shape) - 1) + 1e-9
    on = np.abs(places - places[0]).max(axis=0) <= reach
    return np.where(on, 1.0, -1.0)


def _identity(shape: tuple[int, ...]) -> Float64:
    kernel = np.zeros(shape)
    kernel[tuple(taps // 2 for taps in shape)] = 1
    return kernel


# Each draws one channel of a filter from the kernel's shape.
PATTERNS: dict[str, Callable[[tuple[int, ...]], Float64]] = {
    "identity": _identity,
    "sobel_vertical": lambda shape: _sobel(shape, len(shape) - 1),
    "sobel_horizontal": lambda shape: _sobel(shape, max(0, len(shape) - 2)),
    "gaussian": lambda shape: _outer([_binomial(taps) for taps in shape]),
    "laplacian": _laplacian,
    "emboss": _emboss,
    "box": lambda shape: np.full(shape, 1 / math.prod(shape)),
    "diagonal": lambda shape: _line(shape, mirrored=False),
    "antidiagonal": lambda shape: _line(shape, mirrored=True),
}
MIXED = (
    "sobel_vertical",
    "sobel_horizontal",
    "laplacian",
    "gaussian",
    "emboss",
    "diagonal",
    "antidiagonal",
    "identity",
)
PresetName = Literal[
    "mixed",
    "identity",
    "sobel_vertical",
    "sobel_horizontal",
    "gaussian",
    "laplacian",
    "emboss",
    "box",
    "diagonal",
    "antidiagonal",
    "random",
]


def _bias(value: object) -> tuple[float, ...] | None:
    if value is None:
        return None
    if not isinstance(value, (list, tuple)):
        raise malformed("bias is a list with one number per filter", "Use [0.5, -1] for two filters.")
    return tuple(_number(item, "each bias") for item in value)


def _number(value: object, name: str) -> float:
    """A number, or one of the words for what JSON has no number for."""
    if isinstance(value, str) and value in NON_FINITE:
        return NON_FINITE[value]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or FLOAT32_MAX < abs(value) < math.inf:
        raise malformed(f"{name} is a number that float32 can hold", "Use numbers such as 0.5.")
    return float(value)


def _edits(value: object) -> tuple[tuple[int, float], ...]:
    if not isinstance(value, (list, tuple)) or len(value) > MOST_EDITS:
        raise malformed(
            f"edits are a list of at most {MOST_EDITS} pairs [index, value]",
            "Use [[4, 1.5]] to set weight 4.",
        )
    pairs = []
    for pair in value:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise malformed("an edit is a pair [index, value]", "Use [[4, 1.5]] to set weight 4.")
        index, number = pair
        if isinstance(index, bool) or not isinstance(index, int) or index < 0:
            raise malformed("an edit's index is a whole number from 0 on", "Count weights in C order.")
        pairs.append((index, _number(number, "an edit's value")))
    return tuple(pairs)


Bias = Annotated[
    tuple[float, ...] | None,
    PlainValidator(_bias),
    AS_IS,
    WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "number"}}, {"type": "null"}]}),
]
Edits = Annotated[
    tuple[tuple[int, float], ...],
    PlainValidator(_edits),
    AS_IS,
    WithJsonSchema(
        {
            "type": "array",
            "maxItems": MOST_EDITS,
            "items": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        }
    ),
]


_NUMBER = {"anyOf": [{"type": "number"}, {"enum": list(NON_FINITE)}]}


class _WeightSource(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    bias: Bias = Field(
        None, description="One number per filter; left out, zeros. Read only when the layer has a bias."
    )


class PresetWeights(_WeightSource):
    """Weights drawn by a named formula for any kernel, with single values edited."""

    kind: Literal["preset"]
    name: PresetName = Field("mixed", description="The pattern of every filter; mixed cycles through them.")
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = Field(0, description="Seed of random.")
    edits: Edits = Field((), description="Single weights set by hand: [index in C order, value].")

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "preset", "name": "sobel_vertical"}]})


class ValueWeights(_WeightSource):
    """The whole tensor, (out_channels, in_channels / groups, *kernel), as nested lists."""

    kind: Literal["values"]
    values: NestedArray = Field(description="Nested lists of numbers, filters first.")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "values", "values": [[[[0, 1], [1, 0]]]]}]}
    )


MOST_TENSORS = 8


class TensorWeights(BaseModel):
    """A layer's tensors by name, such as weight and bias; those left out are as before any training."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"kind": "tensors", "tensors": {"gain": [1, 2], "mean": [0.5, 0]}}]},
    )

    kind: Literal["tensors"]
    tensors: Annotated[dict[str, NestedArray], Field(min_length=1, max_length=MOST_TENSORS)] = Field(
        description="Nested lists of numbers by the name of the tensor, as the plan's tensors name them."
    )


class StoredWeights(_WeightSource):
    """An uploaded ``.npy`` tensor, or what a kept bundle has of a layer, by the content's id."""

    kind: Literal["stored"]
    id: str = Field(
        description="The id that POST images, POST bundles, POST weights or training answered.",
        pattern="^[0-9a-f]{64}$",
    )
    layer: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        None, description="The layer of the bundle; left out, the one that is called as this layer."
    )


def _one_kind(given: object) -> object:
    """The kind ``bundle``, which requests once had, is read as stored weights."""
    return {**given, "kind": "stored"} if isinstance(given, dict) and given.get("kind") == "bundle" else given


WeightSource = PresetWeights | ValueWeights | TensorWeights | StoredWeights
Weights = Annotated[Annotated[WeightSource, Field(discriminator="kind")], BeforeValidator(_one_kind)]
DEFAULT_WEIGHTS = PresetWeights(kind="preset")


def preset(name: str, seed: int, shape: tuple[int, ...], dtype: str = "float32") -> Array:
    """A preset's weights for ``shape`` (filters, channels of a group, *kernel), read-only.

    A pattern is spread evenly over the channels, so that a grey picture repeated in three planes gives what
    it gives in one; ``identity`` lets filter o through from channel o mod channels. ``random`` is normal
    with the deviation √(2 / fan-in) of He et al., 2015. Small tensors are cached.
    """
    drawn = _drawn if math.prod(shape) > CACHED_NUMBERS else _cached
    return drawn(name, seed, shape, dtype)


def _drawn(name: str, seed: int, shape: tuple[int, ...], dtype: str) -> Array:
    filters, channels, *kernel = shape
    if name == "random":
        fan_in = channels * math.prod(kernel)
        drawn = np.random.default_rng(seed).normal(0, math.sqrt(2 / fan_in), shape)
        weight = np.round(drawn, 4)
    else:
        weight = np.empty(shape)
        patterns = MIXED[:filters] if name == "mixed" else (name,)
        for place, pattern in enumerate(patterns):  # each is drawn once, however many filters have it
            one = PATTERNS[pattern](tuple(kernel))
            if pattern == "identity":
                mine = np.arange(place, filters, len(patterns))
                weight[mine] = 0
                weight[mine, mine % channels] = one
            else:
                weight[place :: len(patterns)] = one / channels
    result = weight.astype(dtype)
    result.setflags(write=False)
    return result


_cached = functools.lru_cache(maxsize=64)(_drawn)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The tensors that a layer takes: ``weight`` and ``bias`` as they are given, or None for no bias.

    ``drawn`` is the weight as patterns are drawn, filters first, and ``arranged`` brings it into the order in
    which it is given. ``own`` are the tensors that both are made of, where the operation has such, and ``spec``
    says how.
    """

    weight: tuple[int, ...]
    bias: tuple[int, ...] | None
    drawn: tuple[int, ...]
    arranged: Callable[[Array], Array]
    dtype: str = "float32"
    own: OwnTensors | None = None
    spec: LayerSpec | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The tensors of a layer: weight and bias as they are given, and what they were made of where that is known."""

    weight: Array
    bias: Array | None
    own: Mapping[str, Array] | None = None


def resolve_weights(
    source: WeightSource, wanted: Wanted, stored: NDArray[Any] | None = None
) -> tuple[Array, Array | None]:
    """The weight tensor of exactly the wanted shape and the bias; ``stored`` is the array that StoredWeights name."""
    found = resolve_tensors(source, wanted, stored)
    return found.weight, found.bias


def resolve_tensors(source: WeightSource, wanted: Wanted, stored: NDArray[Any] | None = None) -> Resolved:
    """The same with an operation's own tensors; raises Unfit for another kind or shape."""
    if wanted.own is not None and not isinstance(source, (ValueWeights, StoredWeights)):
        return _of_own(source, wanted, wanted.own)
    if isinstance(source, TensorWeights):
        return _of_tensors(source, wanted)
    return Resolved(*_weight_and_bias(source, wanted, stored))


def _of_tensors(source: TensorWeights, wanted: Wanted) -> Resolved:
    """Weight and bias by name."""
    shapes = {"weight": wanted.weight, **({} if wanted.bias is None else {"bias": wanted.bias})}
    given = _named(source, shapes, wanted.dtype)
    if "weight" not in given:
        shape = _times(wanted.weight)
        raise Unfit(
            "tensors",
            list(given),
            f"there is no weight, which is {shape}",
            "Give it.",
            pointer="/weights/tensors",
        )
    bias = None if wanted.bias is None else given.get("bias", np.zeros(wanted.bias, wanted.dtype))
    return Resolved(given["weight"], bias)


def _of_own(source: PresetWeights | TensorWeights, wanted: Wanted, own: OwnTensors) -> Resolved:
    """Factor and summand of an operation's own tensors; a preset's bias is what would be added."""
    channels, spec = wanted.weight[0], wanted.spec
    assert spec is not None, "own tensors come with the spec that says what they come to"
    tensors = own.started(channels)
    if isinstance(source, TensorWeights):
        given = _named(source, dict.fromkeys(own.names, (channels,)), "float64")
        tensors |= {name: array.astype(np.float64) for name, array in given.items()}
        _check_least(tensors, own)
    elif source.name == "random":
        tensors = own.seeded(channels, source.seed)
    single = {name: array.astype(np.float32) for name, array in tensors.items()}
    with np.errstate(all="ignore"):
        factor, summand = own.folded({name: one.astype(np.float64) for name, one in single.items()}, spec)
        weight, bias = factor.astype(wanted.dtype).reshape(wanted.weight), summand.astype(wanted.dtype)
    if isinstance(source, PresetWeights) and (source.edits or source.bias is not None):
        weight = _edited(weight, source.edits) if source.edits else weight
        return Resolved(
            weight, bias if source.bias is None else given_bias(source.bias, bias.shape, wanted.dtype)
        )
    return Resolved(weight, bias, single)


def _named(source: TensorWeights, shapes: Mapping[str, tuple[int, ...]], dtype: str) -> dict[str, Array]:
    """The tensors given, each of the shape that it must have."""
    found = {}
    for name, given in source.tensors.items():
        pointer = pointer_to("/weights/tensors", name)
        if name not in shapes:
            reason = "the layer has no tensor of this name"
            raise Unfit("tensors", name, reason, f"Use {', '.join(shapes)}.", pointer=pointer)
        if given.array.shape != shapes[name]:
            reason = f"{name} is {_times(shapes[name])} here"
            remedy = "Give a tensor of that shape."
            raise Unfit("tensors", _times(given.array.shape), reason, remedy, pointer=pointer)
        with np.errstate(over="ignore"):
            found[name] = np.ascontiguousarray(given.array, dtype=dtype)
    return found


def _check_least(tensors: Mapping[str, Array], own: OwnTensors) -> None:
    for one in own.tensors:
        if one.least is not None and (tensors[one.name] < one.least).any():
            raise Unfit(
                "tensors",
                one.name,
                f"a {one.name} is {one.least:g} or more",
                "Give such numbers.",
                pointer=f"/weights/tensors/{one.name}",
            )


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _weight_and_bias(
    source: PresetWeights | ValueWeights | StoredWeights, wanted: Wanted, stored: NDArray[Any] | None
) -> tuple[Array, Array | None]:
    shape, bias_shape = wanted.weight, wanted.bias
    if isinstance(source, PresetWeights):
        weight = wanted.arranged(preset(source.name, source.seed, wanted.drawn, wanted.dtype))
        if source.edits:
            weight = _edited(weight, source.edits)
    else:
        given = source.values.array if isinstance(source, ValueWeights) else stored
        assert given is not None, "stored weights come with their array"
        if tuple(given.shape) != shape:
            raise Unfit(
                "weights",
                "×".join(map(str, given.shape)),
                f"the layer's weight is {'×'.join(map(str, shape))} ({_order(wanted)}, *kernel)",
                "Give a tensor of that shape, or change filters, groups or kernel.",
                pointer="/weights",
            )
        with np.errstate(over="ignore"):
            weight = np.ascontiguousarray(given, dtype=wanted.dtype)
    if bias_shape is None:
        return weight, None
    if source.bias is None:
        return weight, np.zeros(bias_shape, wanted.dtype)
    return weight, given_bias(source.bias, bias_shape, wanted.dtype)


def given_bias(bias: tuple[float, ...], shape: tuple[int, ...], dtype: str) -> Array:
    """A bias as it was given, of as many numbers as there are filters."""
    if len(bias) != shape[0]:
        raise Unfit(
            "weights.bias",
            bias,
            f"{counted(len(bias), 'number')} for {counted(shape[0], 'filter')}",
            f"Give {shape[0]}.",
            pointer="/weights/bias",
        )
    return np.array(bias, dtype)


def _order(wanted: Wanted) -> str:
    if wanted.weight == wanted.drawn:
        return "filters, channels of a group"
    return "channels, filters of a group"


def _edited(weight: Array, edits: tuple[tuple[int, float], ...]) -> Array:
    weight = weight.copy()
    flat = weight.reshape(-1)
    for index, value in edits:
        if index >= flat.size:
            raise Unfit(
                "weights.edits",
                index,
                f"the weight has {counted(flat.size, 'number')}",
                f"Use an index below {flat.size}.",
                pointer="/weights/edits",
            )
        flat[index] = value
    return weight
