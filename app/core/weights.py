"""Where weights come from: named presets drawn by formula, typed values, edits. Knows no operation and no files."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from .errors import Unfit, counted, malformed
from .spec import AS_IS
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


class StoredWeights(_WeightSource):
    """An uploaded ``.npy`` tensor, by its content id."""

    kind: Literal["stored"]
    id: str = Field(description="The id that POST images answered.", pattern="^[0-9a-f]{64}$")


Weights = Annotated[PresetWeights | ValueWeights | StoredWeights, Field(discriminator="kind")]
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
    which it is given.
    """

    weight: tuple[int, ...]
    bias: tuple[int, ...] | None
    drawn: tuple[int, ...]
    arranged: Callable[[Array], Array]
    dtype: str = "float32"


def resolve_weights(
    source: PresetWeights | ValueWeights | StoredWeights, wanted: Wanted, stored: NDArray[Any] | None = None
) -> tuple[Array, Array | None]:
    """The weight tensor of exactly the wanted shape and the bias; ``stored`` is the array that StoredWeights name."""
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
    if len(source.bias) != bias_shape[0]:
        raise Unfit(
            "weights.bias",
            source.bias,
            f"{counted(len(source.bias), 'number')} for {counted(bias_shape[0], 'filter')}",
            f"Give {bias_shape[0]}.",
            pointer="/weights/bias",
        )
    return weight, np.array(source.bias, wanted.dtype)


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
