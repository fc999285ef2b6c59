"""From pixels to the working array: size, channels, scale. Knows no source and no store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...core.errors import Unfit, counted

Array = NDArray[np.float32]
Pixels = NDArray[Any]  # (channels, *spatial)
Channels = Literal["own", "grey", "rgb"]
Scale = Literal["own", "0-1", "0-255", "mean_std"]

LUMA = (0.299, 0.587, 0.114)  # Rec. 601: how much red, green and blue count for brightness

# Hamming averages over every source pixel that a cell covers, so that nothing aliases, and is about as sharp
# as bicubic. All its weights are positive: no result lies outside the values it was made from (Lanczos and
# bicubic overshoot at edges, and an input of −0.03 or 1.04 would puzzle a reader). Box is uneven unless the
# ratio of sizes is whole.
FILTER = Image.Resampling.HAMMING
BAND_PIXELS = 2_000_000  # how much of a large picture is held in floating point at a time


def working_array(
    pixels: Pixels,
    size: int | None,
    channels: Channels = "own",
    scale: Scale = "0-1",
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    span: tuple[float, float] | None = None,
) -> Array:
    """Pixels as the float32 array that is worked on: grey or RGB, resampled, scaled.

    ``size`` is the longest side; nothing is ever enlarged. ``span`` are the values that stand for 0 and 1;
    left out, the type's range for whole numbers, and the smallest and largest finite value for others.
    """
    array = _resampled(pixels, size, channels)
    if scale == "own":
        return array
    low, high = span or _span(pixels)
    if scale == "0-255":
        return (array - np.float32(low)) * np.float32(255 / (high - low))
    array = (array - np.float32(low)) / np.float32(high - low)
    return _standardised(array, mean, std) if scale == "mean_std" else array


def target(sides: tuple[int, ...], size: int | None) -> tuple[int, ...]:
    """The sides with the longest brought down to ``size``, the others in proportion and at least one cell.

    Halves round up, in whole numbers, so that the browser's mirror cannot differ.
    """
    longest = max(sides)
    if size is None or size >= longest:
        return sides
    return tuple(max(1, (2 * side * size + longest) // (2 * longest)) for side in sides)


def channel_count(own: int, channels: Channels) -> int:
    """How many channels there will be; grey and rgb are made of 1 or 3."""
    if channels == "own":
        return own
    if own not in (1, 3):
        raise Unfit(
            "source.channels",
            channels,
            f"the input has {counted(own, 'channel')}, and {channels} is made from 1 or 3",
            "Use own.",
            pointer="/source/channels",
        )
    return 1 if channels == "grey" else 3


def _resampled(pixels: Pixels, size: int | None, channels: Channels) -> Array:
    """Grey and resampled as asked, in the pixels' own units.

    The picture passes in bands of rows: each is brought to its width, then the whole to its height. That is
    what Pillow does in one go, with a fraction of the memory.
    """
    count = channel_count(pixels.shape[0], channels)
    sides = pixels.shape[1:]
    goal = target(sides, size)
    if goal == sides:
        array = _chosen(pixels, channels)
    else:
        if len(sides) != 2:
            raise Unfit(
                "source.size",
                size,
                f"only pictures are resampled, and this input has {counted(len(sides), 'spatial axis')}",
                f"Use null, or {max(sides)}.",
                pointer="/source/size",
            )
        (height, width), (rows, cols) = sides, goal
        planes = 3 if channels == "own" and pixels.shape[0] == 3 else pixels.shape[0]
        planes = 1 if channels == "grey" else planes
        narrow = np.empty((planes, height, cols), np.float32)
        band = max(1, BAND_PIXELS // (width * pixels.shape[0]))
        for first in range(0, height, band):
            part = pixels[:, first : first + band]
            part = _chosen(part, "grey" if channels == "grey" else "own")
            for plane, wide in enumerate(part):
                narrow[plane, first : first + band] = _resize(wide, wide.shape[0], cols)
        array = np.stack([_resize(plane, rows, cols) for plane in narrow])
    return np.repeat(array, count, axis=0) if array.shape[0] < count else array


def _resize(plane: Array, rows: int, cols: int) -> Array:
    """One plane resampled by Pillow in mode F, where nothing is rounded."""
    if plane.shape == (rows, cols):
        return plane
    picture = Image.fromarray(np.ascontiguousarray(plane))
    return np.asarray(picture.resize((cols, rows), FILTER), dtype=np.float32)


def _chosen(pixels: Pixels, channels: Channels) -> Array:
    """float32 planes, made grey if asked."""
    if channels == "grey" and pixels.shape[0] == 3:
        grey = np.zeros(pixels.shape[1:], np.float32)
        for plane, weight in zip(pixels, LUMA, strict=True):
            grey += plane.astype(np.float32) * np.float32(weight)
        return grey[None]
    return np.array(pixels, dtype=np.float32)


def _span(pixels: Pixels) -> tuple[float, float]:
    if pixels.dtype.kind == "u":
        return 0.0, float(np.iinfo(pixels.dtype).max)
    finite = pixels[np.isfinite(pixels)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return (low, high) if high > low else (low, low + 1.0)


def _standardised(array: Array, mean: Sequence[float] | None, std: Sequence[float] | None) -> Array:
    """(value − mean) / std per channel, on the 0–1 scale; left out, each channel's own.

    A channel of one value only has no deviation to divide by and becomes 0.
    """
    axes = tuple(range(1, array.ndim))
    own_std = array.std(axis=axes, dtype=np.float64)
    means = array.mean(axis=axes, dtype=np.float64) if mean is None else _per_channel(mean, array, "mean")
    stds = np.where(own_std > 1e-7, own_std, 1.0) if std is None else _per_channel(std, array, "std")
    shape = (-1, *(1,) * len(axes))
    return ((array - means.reshape(shape)) / stds.reshape(shape)).astype(np.float32)


def _per_channel(given: Sequence[float], array: Array, name: str) -> NDArray[np.float64]:
    count = array.shape[0]
    if len(given) not in (1, count):
        raise Unfit(
            f"source.{name}",
            list(given),
            f"{counted(len(given), 'value')} for {counted(count, 'channel')}",
            f"Give one value, or {count}." if count > 1 else "Give one value.",
            pointer=f"/source/{name}",
        )
    return np.broadcast_to(np.array(given, np.float64), count)
