"""The experiments behind effects that are claimed, and their table: ``python -m tests.effects.experiments``.

Each is trained for ten seeds, which draw data, start and order anew. Accuracy is that of unseen examples, in per cent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.core.learning.loop import How, Training
from app.core.learning.optimisers import settings_of
from app.core.learning.starts import start_row
from app.core.network.graph import network_of
from app.core.network.shapes import shapes_of
from app.data.augmentation import Augmentation, augmented
from app.data.sets import StrokesData, examples_of
from app.operations import registry

Json = dict[str, Any]
SEEDS = range(10)


def conv(filters: int) -> Json:
    return {
        "operation": "convolution",
        "kernel": 3,
        "padding": "same",
        "filters": filters,
        "bias": True,
        "activation": "relu",
    }


def dense(filters: int, activation: str = "none") -> Json:
    return {"operation": "dense", "filters": filters, "bias": True, "activation": activation}


POOL: Json = {"operation": "max_pooling", "kernel": 2}


@dataclass(frozen=True)
class Experiment:
    """A network, its data and how long it is trained."""

    layers: tuple[Json, ...]
    data: StrokesData
    epochs: int
    batch: int = 20
    rate: float = 0.01
    augmentation: Augmentation = Augmentation()  # noqa: RUF009 - frozen

    def accuracy(self, seed: int) -> tuple[float, float]:
        """Of unseen examples, in per cent, and the seconds that training took."""
        examples = examples_of(self.data, seed)
        specs = [registry()[layer["operation"]].spec.model_validate(layer) for layer in self.layers]
        shapes = shapes_of(network_of(specs, registry()), examples.shape)
        how = How(optimiser=settings_of("adam", self.rate), batch=self.batch, seed=seed)
        augment = None
        if self.augmentation.changes:

            def augment(x: Any, step: int) -> Any:
                return augmented(x, self.augmentation, seed, step)

        training = Training(shapes, examples, start_row(shapes, "pytorch", seed), how, augment)
        begun = time.perf_counter()
        for _ in range(self.epochs * training.steps_per_epoch):
            training.train()
        took = time.perf_counter() - begun
        judged = [one for one in training.report([], every_example=True) if one is not None][-1].validation
        assert judged is not None
        assert judged.accuracy is not None
        return 100 * judged.accuracy, took


X_OR_O = StrokesData(kind="strokes", size=9)
FEW = StrokesData(
    kind="strokes",
    size=12,
    count=60,
    validation=400,
    shift=2.0,
    noise=0.2,
    thickness=1.3,
    scale=0.3,
    tilt=15.0,
)
WRONG = StrokesData(
    kind="strokes",
    classes=["cross", "ring", "square", "backslash", "slash"],
    size=12,
    count=500,
    validation=500,
    shift=1.0,
    noise=0.05,
    wrong=0.25,
)
EXPERIMENTS: Mapping[str, Experiment] = {
    "X or O, conv + pool": Experiment((conv(4), POOL, conv(8), POOL, dense(2)), X_OR_O, 8, batch=32),
    "60 pictures, dense": Experiment((dense(32, "relu"), dense(2)), FEW, 60),
    "60 pictures, conv + pool, twice": Experiment((conv(4), POOL, conv(8), POOL, dense(2)), FEW, 60),
    "60 pictures, dense, augmented": Experiment(
        (dense(32, "relu"), dense(2)), FEW, 60, augmentation=Augmentation(shift=2)
    ),
    "wrong labels, dense": Experiment((dense(128, "relu"), dense(5)), WRONG, 30, batch=32),
    "wrong labels, dense, dropout": Experiment(
        (dense(128, "relu"), {"operation": "dropout", "rate": 0.5}, dense(5)), WRONG, 30, batch=32
    ),
}


def measured(name: str) -> tuple[list[float], list[float]]:
    """Accuracies and seconds of all seeds."""
    found = [EXPERIMENTS[name].accuracy(seed) for seed in SEEDS]
    return [accuracy for accuracy, _ in found], [took for _, took in found]


def row(name: str, accuracies: list[float], seconds: list[float]) -> str:
    """A line of the table in docs/measured.md."""
    mean, least, most = np.mean(accuracies), min(accuracies), max(accuracies)
    return f"| {name} | {mean:.1f} | {least:.1f} to {most:.1f} | {np.median(seconds):.2f} |"


def gains(one: list[float], other: list[float]) -> tuple[float, int]:
    """How many points one is ahead in the mean, and for how many seeds."""
    return float(np.mean(one) - np.mean(other)), sum(a > b for a, b in zip(one, other, strict=True))


def main(report: Callable[[str], None] = print) -> None:
    """The table."""
    report("| experiment | mean | from … to | training, s |\n|---|---|---|---|")
    for name in EXPERIMENTS:
        report(row(name, *measured(name)))


if __name__ == "__main__":
    main()
