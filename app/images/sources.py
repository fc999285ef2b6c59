"""Where the input comes from: a sample, an upload, typed values or noise, as closed models. Knows no HTTP."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema

from ..core.errors import Problem, TooLarge, Unfit, counted, malformed
from ..core.values import FrozenArray, narrowed, nested_array
from .read.limits import DEFAULT_LIMITS, Limits
from .read.resample import (
    Channels,
    Scale,
    channel_count,
    target,
    working_array,
)
from .samples.samples import SAMPLES, SampleName
from .store.cache import ArrayCache
from .store.store import Store

Array = NDArray[np.floating]

LARGEST_SEED = 2**32 - 1
_cache = ArrayCache(max_bytes=128_000_000)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _size(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise malformed("a size is a whole number of cells", "Use a whole number such as 28, or null.")
    if value < 1:
        raise malformed("an input has at least one cell", "Use 1 or more.")
    return value


def _seed(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_SEED:
        raise malformed(f"a seed is a whole number from 0 to {LARGEST_SEED}", "Use a number such as 0.")
    return value


def _shape(value: object) -> tuple[int, ...]:
    if not isinstance(value, (list, tuple)) or not 2 <= len(value) <= 4:
        raise malformed(
            "a shape lists the channels and 1 to 3 sizes", "Use [3, 28, 28] for 3 channels of 28×28."
        )
    if not all(_is_whole(item) and item >= 1 for item in value):
        raise malformed("each number of a shape is whole and at least 1", "Use numbers such as 28.")
    return tuple(value)


def _statistics(value: object) -> tuple[float, ...] | None:
    if value is None:
        return None
    numbers = value if isinstance(value, (list, tuple)) else ()
    if not 1 <= len(numbers) <= 64:
        raise malformed(
            "this lists one number per channel, or one for all", "Use [0.5] or [0.485, 0.456, 0.406]."
        )
    for number in numbers:
        # Beyond ±1e6 the result would leave float32.
        if not isinstance(number, (int, float)) or isinstance(number, bool) or not abs(number) <= 1e6:
            raise malformed("each entry is a number within ±1,000,000", "Use numbers such as 0.5.")
    return tuple(float(number) for number in numbers)


def _deviations(value: object) -> tuple[float, ...] | None:
    numbers = _statistics(value)
    if numbers is not None and min(numbers) < 1e-6:
        raise malformed("what is divided by is positive", "Use numbers such as 0.5, at least 0.000001.")
    return numbers


def _list_schema(inner: dict[str, Any], least: int, most: int, *, nullable: bool) -> WithJsonSchema:
    schema: dict[str, Any] = {"type": "array", "items": inner, "minItems": least, "maxItems": most}
    return WithJsonSchema({"anyOf": [schema, {"type": "null"}]} if nullable else schema)


Size = Annotated[
    int | None,
    PlainValidator(_size),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}),
]
Seed = Annotated[
    int,
    PlainValidator(_seed),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": LARGEST_SEED}),
]
Shape = Annotated[
    tuple[int, ...],
    BeforeValidator(_shape),
    _list_schema({"type": "integer", "minimum": 1}, 2, 4, nullable=False),
]
Means = Annotated[
    tuple[float, ...] | None,
    BeforeValidator(_statistics),
    _list_schema({"type": "number", "minimum": -1e6, "maximum": 1e6}, 1, 64, nullable=True),
]
Deviations = Annotated[
    tuple[float, ...] | None,
    BeforeValidator(_deviations),
    _list_schema({"type": "number", "minimum": 1e-6, "maximum": 1e6}, 1, 64, nullable=True),
]
Values = Annotated[FrozenArray, *nested_array(4)]
Axes = Annotated[
    Literal[1, 2, 3] | None,
    Field(
        description="How many axes an array has after its channels; null: one or two axes are one channel. "
        "So axes = 1 makes a series of each row."
    ),
]


def _closed(*examples: dict[str, Any]) -> ConfigDict:
    return ConfigDict(
        frozen=True, extra="forbid", strict=True, json_schema_extra={"examples": list(examples)}
    )


class _Shown(BaseModel):
    """The common settings of samples and uploads: size, channels and scale."""

    model_config = _closed()

    size: Size = Field(
        None,
        description="Longest side after resampling, in cells; null keeps the input's own. "
        "A picture is never enlarged.",
    )
    channels: Channels = Field(
        "own",
        description="own keeps the input's channels; grey weighs them by Rec. 601; rgb repeats a grey plane.",
    )
    scale: Scale = Field(
        "own",
        description="own keeps the values (a picture's: 0-1); 0-1 and 0-255 map the darkest and lightest "
        "possible value; mean_std subtracts mean and divides by std, on the 0-1 scale.",
    )
    mean: Means = Field(
        None, description="For mean_std: one number per channel, or one for all; null takes the input's own."
    )
    std: Deviations = Field(
        None, description="For mean_std: one number per channel, or one for all; null takes the input's own."
    )


class SampleSource(_Shown):
    """A built-in input, drawn by code."""

    model_config = _closed(
        {"kind": "sample", "name": "cross"},
        {"kind": "sample", "name": "scene", "size": 64, "channels": "grey", "scale": "0-255"},
    )

    kind: Literal["sample"] = Field(description="A built-in input.")
    name: SampleName = Field(description="Which one; GET samples lists them.")


class ImageSource(_Shown):
    """An uploaded picture or array, by its content id."""

    model_config = _closed({"kind": "image", "id": "0" * 64, "size": 128, "channels": "rgb", "scale": "0-1"})

    kind: Literal["image"] = Field(description="An upload.")
    id: str = Field(description="The id that POST images answered.", pattern="^[0-9a-f]{64}$")
    axes: Axes = None


class ValueSource(BaseModel):
    """Typed values."""

    model_config = _closed(
        {"kind": "values", "values": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]},
        {"kind": "values", "values": [[[0, 0.5], ["NaN", "-Infinity"]]]},
        {"kind": "values", "values": [[0, 1, 0, 2], [3, 0, 4, 0]], "axes": 1},
    )

    kind: Literal["values"] = Field(description="Typed values.")
    values: Values = Field(
        description="Nested lists, channels first. Two levels are one channel of rows, one level is one "
        'channel of a series. "NaN", "Infinity" and "-Infinity" are numbers too.'
    )
    axes: Axes = None


class NoiseSource(BaseModel):
    """Seeded noise: the same seed gives the same numbers everywhere."""

    model_config = _closed({"kind": "noise", "shape": [3, 28, 28], "seed": 0, "distribution": "normal"})

    kind: Literal["noise"] = Field(description="Seeded noise.")
    shape: Shape = Field(description="Channels, then 1 to 3 sizes.")
    seed: Seed = Field(0, description="Which noise.")
    distribution: Literal["normal", "uniform"] = Field(
        "normal", description="normal has mean 0 and deviation 1; uniform lies in 0 to 1."
    )


Source = Annotated[
    SampleSource | ImageSource | ValueSource | NoiseSource,
    Field(discriminator="kind", description="Where the input comes from."),
]


def resolve(
    source: SampleSource | ImageSource | ValueSource | NoiseSource,
    store: Store,
    limits: Limits = DEFAULT_LIMITS,
) -> Array:
    """The input of a source, (channels, *spatial), read-only: float32, or float64 where it was given so."""
    if isinstance(source, ValueSource):
        array = _channelled(source.values.array, source.axes)
        _check_cells(array.shape, "source.values", limits)
        return array
    if isinstance(source, NoiseSource):
        _check_cells(source.shape, "source.shape", limits)
        return _cache.get(source, lambda: _noise(source))
    if source.size is not None and source.size > limits.working_size:
        raise _too_long(source.size, "that is more than this server works on", limits)
    if isinstance(source, SampleSource):
        return _cache.get((source, limits), lambda: _sample(source, limits))
    if store.gone(source.id):  # what was deleted or has expired is not to be had from memory either
        _cache.drop(lambda key: _is_of(key, source.id))
        return _upload(source, store, limits)
    return _cache.get((source, limits), lambda: _upload(source, store, limits))


def _is_of(key: object, id: str) -> bool:
    """Whether a key of the cache stands for an input made of that upload."""
    source = key[0] if isinstance(key, tuple) else None
    return isinstance(source, ImageSource) and source.id == id


def _noise(source: NoiseSource) -> Array:
    generator = np.random.default_rng(source.seed)
    if source.distribution == "normal":
        return generator.standard_normal(source.shape, dtype=np.float32)
    return generator.random(source.shape, dtype=np.float32)


def _sample(source: SampleSource, limits: Limits) -> Array:
    """A scalable sample is drawn at the size asked for; the others are pictures like any other."""
    sample = SAMPLES[source.name]
    side = source.size if sample.scalable and source.size is not None else sample.side
    size = None if sample.scalable else source.size
    channels = channel_count(sample.channels, source.channels)
    _check_cells((channels, *target((side,) * sample.axes, size)), "source.size", limits)
    span = (sample.low, sample.high)
    drawn = sample.draw(side)
    return working_array(drawn, size, source.channels, source.scale, source.mean, source.std, span)


def _upload(source: ImageSource, store: Store, limits: Limits) -> Array:
    """A stored picture, 0–1 unless said otherwise, or a stored array, as it is unless said otherwise."""
    pixels = store.get(source.id)
    picture = pixels.dtype.kind == "u"
    pixels = _channelled(pixels if picture else _array_as_input(pixels), source.axes)
    sides = target(pixels.shape[1:], source.size)
    if picture and max(sides) > limits.working_size:
        reason = f"the picture's own size is {sides[1]}×{sides[0]}, more than this server works on"
        raise _too_long(source.size, reason, limits)
    shape = (channel_count(pixels.shape[0], source.channels), *sides)
    _check_cells(shape, "source.size" if len(sides) == 2 else "source.id", limits)
    if pixels.dtype == np.float64 and (source.size, source.channels, source.scale) == (None, "own", "own"):
        return pixels
    scale: Scale = "0-1" if picture and source.scale == "own" else source.scale
    return working_array(pixels, source.size, source.channels, scale, source.mean, source.std)


def _array_as_input(array: NDArray[Any]) -> Array:
    """An uploaded array as numbers that an input can have."""
    if array.ndim > 4:
        raise Unfit(
            "source.id",
            "×".join(map(str, array.shape)),
            f"an input has channels and 1 to 3 axes, and this array has {counted(array.ndim, 'axis')}",
            "Use it as weights, or upload an array with at most 4 axes.",
            pointer="/source/id",
        )
    return array if array.dtype == np.float64 else narrowed(array)


def _channelled(array: NDArray[Any], axes: int | None) -> NDArray[Any]:
    """(channels, *spatial): one or two axes are one channel, unless it is said how many come after them."""
    if axes is None:
        return array if array.ndim > 2 else array[None]
    if array.ndim == axes:
        return array[None]
    if array.ndim == axes + 1:
        return array
    raise Unfit(
        "source.axes",
        axes,
        f"an array of {counted(array.ndim, 'axis')} has no such split into channels and axes",
        f"Use {array.ndim - 1}, {array.ndim} or null." if array.ndim in {2, 3} else "Use null.",
        pointer="/source/axes",
    )


def _check_cells(shape: tuple[int, ...], field: str, limits: Limits) -> None:
    cells = math.prod(shape)
    if cells > limits.input_cells:
        raise TooLarge(
            field,
            "×".join(map(str, shape)),
            f"this input has {counted(cells, 'cell')}, and this server computes up to {limits.input_cells:,}",
            "Use fewer channels or a smaller size.",
        )


def _too_long(size: int | None, reason: str, limits: Limits) -> Problem:
    return TooLarge("source.size", size, reason, f"Use at most {limits.working_size}.")
