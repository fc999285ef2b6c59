"""Augmentation: each time an example is seen it is shifted, flipped, zoomed, tilted or overlaid with noise.

It changes what is trained on and never what is judged. The numbers of a training step follow from seed and step, each
kind from its own stream, so that one switched on moves no other.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ..core.errors import Unfit
from ..core.learning.streams import stream
from .warp import warped

Array = NDArray[np.floating]

SHIFT, FLIP, ZOOM, TILT, NOISE = range(5)


class Augmentation(BaseModel):
    """How much each example is changed, each time anew; what is 0 is left alone."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, json_schema_extra={"examples": [{"shift": 2, "tilt": 10}]}
    )

    shift: Annotated[float, Field(ge=0, le=64)] = Field(
        0.0, description="The most cells that a picture moves on each axis; whole cells, the edge goes on."
    )
    flip: bool = Field(False, description="Mirror every other picture, left to right.")
    zoom: Annotated[float, Field(ge=0, le=0.9)] = Field(
        0.0, description="The largest share by which a picture grows or shrinks."
    )
    tilt: Annotated[float, Field(ge=0, le=180)] = Field(0.0, description="The most degrees that it turns.")
    noise: Annotated[float, Field(ge=0, le=10)] = Field(
        0.0, description="The deviation of noise that is added, in deviations of the data."
    )

    @property
    def changes(self) -> bool:
        """Whether anything is changed at all."""
        return bool(self.shift or self.flip or self.zoom or self.tilt or self.noise)


def augmented(x: Array, how: Augmentation, seed: int, step: int) -> Array:
    """A batch (examples, channels, *sizes) of one training step, changed; on one axis nothing is tilted or zoomed."""
    count = len(x)

    def numbers(part: int) -> np.random.Generator:
        return stream(seed, "augmentation", step, part)

    if how.flip:
        mirrored = numbers(FLIP).random(count) < 0.5
        x = np.where(mirrored.reshape(-1, *(1,) * (x.ndim - 1)), x[..., ::-1], x)
    if x.ndim == 4 and (how.zoom or how.tilt):
        angle = np.deg2rad(numbers(TILT).uniform(-how.tilt, how.tilt, count))
        scale = 1 + numbers(ZOOM).uniform(-how.zoom, how.zoom, count)
        x = warped(x, angle, scale, np.zeros((count, 2)))
    if how.shift:
        most = int(how.shift)
        moved = numbers(SHIFT).integers(-most, most, (count, x.ndim - 2), endpoint=True)
        x = shifted(x, moved)
    if how.noise:
        x = x + numbers(NOISE).normal(0, how.noise, x.shape).astype(x.dtype)
    return x


def shifted(x: Array, moved: NDArray[np.integer]) -> Array:
    """Each example moved by whole cells, (examples, axes); where it came from, its edge goes on."""
    count, channels, *sizes = x.shape
    index: list[NDArray[np.integer]] = [
        np.arange(count).reshape(-1, *(1,) * (x.ndim - 1)),
        np.arange(channels).reshape(-1, *(1,) * len(sizes)),
    ]
    for axis, size in enumerate(sizes):
        cells = np.clip(np.arange(size) - moved[:, axis, None], 0, size - 1)
        shape = [count, 1, *(1,) * len(sizes)]
        shape[2 + axis] = size
        index.append(cells.reshape(shape))
    found: Array = x[tuple(index)]
    return found


def check_augmentation(how: Augmentation) -> None:
    """Refuse what would change a series and leave the values that it is asked for."""
    for name in ("shift", "flip", "zoom", "tilt"):
        if getattr(how, name):
            raise Unfit(
                name,
                getattr(how, name),
                "a series is asked for the values that come next, which this would not change with it",
                "Leave it out, or use noise.",
                pointer=f"/augmentation/{name}",
            )
