"""The data of a training as a loss reads it: examples, targets, and the check that a network fits them.

Knows arrays, classes and losses; knows neither where examples come from nor what a layer is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import Unfit, counted
from .losses import Loss

Array = NDArray[np.floating]
Labels = NDArray[np.intp]

MOST_NAMED = 6


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Examples (count, channels, *sizes) with the class of each, or with values (count, steps) that are asked for.

    ``counts`` (count, steps) is how much each value counts in the loss.
    """

    x: Array
    labels: Labels
    values: Array | None = None
    counts: Array | None = None

    def __len__(self) -> int:
        return len(self.x)

    def first(self, most: int) -> Part:
        """At most so many of them."""
        return self.slice(0, most)

    def slice(self, start: int, stop: int) -> Part:
        """Those from one up to another."""
        some = slice(start, stop)
        values = None if self.values is None else self.values[some]
        return Part(
            self.x[some], self.labels[some], values, None if self.counts is None else self.counts[some]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """The training examples, those that judge it, and the names of the classes; none where values are asked for.

    ``mean`` and ``deviation`` are what numbers were standardised by, (channels, 1, …); None where they were not.
    """

    training: Part
    validation: Part
    classes: tuple[str, ...]
    mean: Array | None = None
    deviation: Array | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """(channels, *sizes) of one example."""
        return tuple(self.training.x.shape[1:])


def asked(values: Array, outputs: int, dtype: str) -> Array:
    """Values (count, steps) as (outputs, count): the last outputs stand for the last steps."""
    found: Array = np.ascontiguousarray(values[:, values.shape[1] - outputs :].T, dtype)
    return found


def targets(loss: Loss, labels: Labels, classes: int, outputs: int, dtype: str) -> Array:
    """The outputs wanted, (outputs, examples): 1 for the right class, or a lone output's 0 or 1."""
    if outputs == 1:
        return labels[None].astype(dtype)
    found: Array = (np.arange(classes)[:, None] == labels).astype(dtype)
    return found


def check_output(loss: Loss, shape: tuple[int, ...], classes: int, name: str, pointer: str) -> int:
    """How many outputs a network has; raises Unfit where they are not what the loss reads of so many classes."""
    outputs = math.prod(shape)
    sizes = "×".join(map(str, shape))
    alone = outputs == 1 and classes == 2 and loss.classes != "shares"
    if outputs == shape[0] and (outputs == classes or alone):
        return outputs
    wanted = f"{counted(classes, 'output')}, one a class"
    if classes == 2 and loss.classes != "shares":
        wanted += ", or a single one"
    raise Unfit(
        "layers",
        sizes,
        f"{name}, the last layer, gives {sizes}, and the loss reads {wanted}",
        f"Let it end with a dense layer of {counted(classes, 'filter')}.",
        pointer=pointer,
    )


def check_sequence(loss: Loss, shape: tuple[int, ...], steps: int, name: str, pointer: str) -> int:
    """How many outputs a network has on a sequence of so many steps; raises Unfit where they are not one a step."""
    if loss.classes != "numbers":
        raise Unfit(
            "loss",
            loss.name,
            "it compares classes, and a series asks for values",
            "Use mean_squared_error or huber, or leave it out.",
            pointer="/loss",
        )
    if shape[0] == 1 and math.prod(shape) <= steps:
        return math.prod(shape)
    raise Unfit(
        "layers",
        "×".join(map(str, shape)),
        f"{name}, the last layer, gives {'×'.join(map(str, shape))}, and a series asks for one value a step",
        "Let it end with a convolution of kernel 1 and one filter.",
        pointer=pointer,
    )


def check_examples(examples: Examples) -> None:
    """Raise Unfit for examples that nothing can be learned from."""
    training, classes = examples.training, examples.classes
    for part, name in ((training, "training"), (examples.validation, "validation")):
        if not np.isfinite(part.x).all():
            place = int(np.argmax(~np.isfinite(part.x.reshape(len(part.x), -1)).all(axis=1)))
            raise Unfit(
                "data",
                name,
                f"example {place} of the {name} part holds a number that is not finite",
                "Replace NaN and infinities before you train.",
                pointer="/data",
            )
    if len(training) < (2 if training.values is None else 1):
        count = counted(len(training), "example")
        raise Unfit(
            "data", len(training), f"there is {count} to train on", "Give at least 2.", pointer="/data"
        )
    if training.values is not None:
        return
    found = np.unique(training.labels)
    if len(found) < 2:
        only = classes[int(found[0])]
        raise Unfit(
            "data",
            only,
            f"all examples to train on are of one class, {only}",
            "Give examples of at least two classes.",
            pointer="/data",
        )
    missing = [name for place, name in enumerate(classes) if place not in found]
    if missing:
        names = ", ".join(missing[:MOST_NAMED])
        raise Unfit(
            "data",
            names,
            f"no example to train on is of class {names}",
            "Give more examples, another seed, or leave the class out.",
            pointer="/data",
        )
