"""The sets that networks learn from, as closed models, and what each gives: examples, split and standardised.

Knows strokes and glyphs; knows no network, no store and no request. The same model and seed give the same examples.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ..core.errors import Unfit
from ..core.learning.examples import Examples, Part
from ..core.learning.streams import stream
from . import glyphs, strokes
from .series import SeriesData
from .strokes import TITLES, Variation

Array = NDArray[np.floating]
Labels = NDArray[np.intp]

MOST_EXAMPLES = 20_000
StrokeName = Literal["cross", "ring", "square", "backslash", "slash"]
Digit = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
Share = Annotated[float, Field(ge=0, le=1)]


class _Drawn(BaseModel):
    """The settings of every set that code draws."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    count: Annotated[int, Field(ge=1, le=MOST_EXAMPLES)] = Field(500, description="Examples to train on.")
    validation: Annotated[int, Field(ge=0, le=MOST_EXAMPLES)] = Field(
        400, description="Unseen examples to judge by."
    )
    shift: Annotated[float, Field(ge=0, le=14)] = Field(
        1.0, description="The most that a drawing lies beside the middle, in cells."
    )
    tilt: Annotated[float, Field(ge=0, le=180)] = Field(
        10.0, description="The most that it is turned, in degrees."
    )
    scale: Annotated[float, Field(ge=0, le=0.8)] = Field(
        0.15, description="The largest share by which it is smaller."
    )
    noise: Annotated[float, Field(ge=0, le=10)] = Field(
        0.1, description="The deviation of the noise on every cell; ink is 1, paper 0."
    )
    wrong: Share = Field(
        0.0, description="The share of examples to train on that say another class than they show."
    )

    def variation(self) -> Variation:
        """How examples differ."""
        return Variation(self.shift, self.tilt, self.scale, getattr(self, "thickness", 0.0), self.noise)


class StrokesData(_Drawn):
    """Drawings of a few strokes: X, O, □, \\ and /."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "strokes", "size": 9}]})

    kind: Literal["strokes"] = Field(description="Strokes that are drawn by code.")
    classes: Annotated[list[StrokeName], Field(min_length=2, max_length=5)] = Field(
        ["cross", "ring"], description="Which strokes, each a class."
    )
    size: Annotated[int, Field(ge=3, le=28)] = Field(9, description="Cells a side.")
    thickness: Annotated[float, Field(ge=0.2, le=8)] = Field(1.3, description="Of the ink, in cells.")


class GlyphsData(_Drawn):
    """Digits from a font."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "glyphs", "size": 8}]})

    kind: Literal["glyphs"] = Field(description="Digits from a font.")
    classes: Annotated[list[Digit], Field(min_length=2, max_length=10)] = Field(
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], description="Which digits, each a class."
    )
    size: Annotated[int, Field(ge=5, le=28)] = Field(8, description="Cells a side.")


class StoredData(BaseModel):
    """The person's own examples, kept as one bundle."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"kind": "stored", "id": "0" * 64}]},
    )

    kind: Literal["stored"] = Field(description="Own examples.")
    id: str = Field(description="The id that POST data answered.", pattern="^[0-9a-f]{64}$")
    share: Annotated[float, Field(ge=0, le=0.9)] = Field(
        0.25, description="The share of examples, chosen by the seed, that the network is judged by."
    )
    wrong: Share = Field(
        0.0, description="The share of examples to train on that say another class than they show."
    )


Data = Annotated[StrokesData | GlyphsData | StoredData | SeriesData, Field(discriminator="kind")]


def examples_of(data: StrokesData | GlyphsData, seed: int) -> Examples:
    """The examples that code draws for a set and a seed."""
    _check_classes(data.classes)
    total = data.count + data.validation
    rng = stream(seed, "data")
    labels = rng.integers(0, len(data.classes), total)
    draw = strokes.draw if isinstance(data, StrokesData) else glyphs.draw
    x = draw(tuple(data.classes), labels, data.size, data.variation(), rng, stream(seed, "noise"))
    training = Part(x[: data.count], labels[: data.count])
    validation = Part(x[data.count :], labels[data.count :])
    names = tuple(TITLES.get(name, name) for name in data.classes)
    return prepared(training, validation, names, data.wrong, seed)


def split(x: Array, labels: Labels, classes: tuple[str, ...], data: StoredData, seed: int) -> Examples:
    """Own examples, split by the seed so that each class has its share in both parts."""
    rng = stream(seed, "split")
    judged = np.zeros(len(labels), bool)
    for place in range(len(classes)):
        mine = rng.permutation(np.flatnonzero(labels == place))
        most = max(0, len(mine) - 1)  # one of each class stays to train on
        judged[mine[: min(most, round(len(mine) * data.share))]] = True
    order = rng.permutation(len(labels))
    chosen = {True: order[judged[order]], False: order[~judged[order]]}
    parts = {which: Part(x[places], labels[places]) for which, places in chosen.items()}
    return prepared(parts[False], parts[True], classes, data.wrong, seed)


def prepared(training: Part, validation: Part, classes: tuple[str, ...], wrong: float, seed: int) -> Examples:
    """Wrong labels where they are asked for, and numbers standardised by what the training part alone says."""
    labels = mislabelled(training.labels, len(classes), wrong, stream(seed, "labels"))
    mean, deviation = statistics(training.x)
    return Examples(
        Part(_standardised(training.x, mean, deviation), labels),
        Part(_standardised(validation.x, mean, deviation), validation.labels),
        classes,
        mean,
        deviation,
    )


def mislabelled(labels: Labels, classes: int, share: float, rng: np.random.Generator) -> Labels:
    """A share of the labels, rounded to whole examples, moved to another class each."""
    count = round(share * len(labels))
    places = rng.permutation(len(labels))[:count]
    found = labels.copy()
    found[places] = (found[places] + rng.integers(1, classes, count)) % classes
    return found


def statistics(x: Array) -> tuple[Array, Array]:
    """Mean and deviation of each channel, (channels, 1, …); a deviation of 0 counts as 1."""
    axes = (0, *range(2, x.ndim))
    wide = x.astype(np.float64)
    with np.errstate(all="ignore"):  # what is not finite is refused where the examples are checked
        mean, deviation = wide.mean(axis=axes, keepdims=True)[0], wide.std(axis=axes, keepdims=True)[0]
    return mean, np.where(deviation > 0, deviation, 1)


def _standardised(x: Array, mean: Array, deviation: Array) -> Array:
    with np.errstate(all="ignore"):
        return ((x - mean) / deviation).astype(np.float32)


def _check_classes(classes: list[Any]) -> None:
    for place, name in enumerate(classes):
        if name in classes[:place]:
            raise Unfit(
                "classes",
                name,
                "it is listed twice",
                "List each class once.",
                pointer=f"/data/classes/{place}",
            )
