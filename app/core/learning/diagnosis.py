"""Faults of a training, in words: diverging, one class only, units that never fire, overfitting.

Each finding rests on a number that is told with it. Knows reports and a network's outputs; knows no page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..activations import ACTIVATIONS
from ..errors import counted
from .loop import Report, Training, classes_of

DEAD_SHARE = 0.5  # of the maps of a layer that give 0 for every example, from which on it is told
UNSEEN = 100  # times its first loss that the unseen may come to; learning by heart does not reach it
GAP = 0.1  # of accuracy, between training and validation
LOOKED_AT = 128  # examples


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: ``kind`` for programs, the words for people."""

    kind: str
    reason: str
    remedy: str

    def to_json(self) -> dict[str, str]:
        """As an answer tells it."""
        return {"kind": self.kind, "reason": self.reason, "remedy": self.remedy}


def diverged(training: Training, report: Report | None = None) -> bool:
    """Whether the numbers have left what can be computed with; no further step brings them back."""
    if report is not None and report.loss is not None and not math.isfinite(report.loss):
        return True
    return not np.isfinite(training.row).all()


def findings(training: Training, first: Report | None, last: Report) -> list[Finding]:
    """All that is wrong with where training stands."""
    if diverged(training, last):
        return [
            Finding(
                "diverged",
                f"after {counted(last.step, 'training step')} the parameters are no numbers any more: "
                "each step went too far",
                f"Use a learning rate below {training.how.optimiser.rate:g}, a tenth of it for a start, or clipping.",
            )
        ]
    found = [_exploding(training, first, last), _one_class(training), *_dead(training), _overfitting(last)]
    return [one for one in found if one is not None]


def _exploding(training: Training, first: Report | None, last: Report) -> Finding | None:
    if first is None or not last.step:
        return None
    before, now, whose = first.training.loss, last.training.loss, "the loss"
    if now <= 2 * before and first.validation is not None and last.validation is not None:
        # Huge parameters can have the examples that they were made by right, and be wrong without measure elsewhere.
        before, now, whose = (
            first.validation.loss * UNSEEN / 2,
            last.validation.loss,
            "the loss of the unseen",
        )
    if now <= 2 * before:
        return None
    return Finding(
        "exploding",
        f"{whose} has grown to {now:.3g}: each step goes too far",
        f"Use a learning rate below {training.how.optimiser.rate:g}, a tenth of it for a start, or clipping.",
    )


def _one_class(training: Training) -> Finding | None:
    part = training.examples.training.first(LOOKED_AT)
    if part.values is not None:
        return None
    predicted = classes_of(training.outputs(part.x), training.loss)
    if len(np.unique(predicted)) > 1 or len(np.unique(part.labels)) == 1:
        return None
    name = training.examples.classes[int(predicted[0])]
    return Finding(
        "one_class",
        f"the network says {name} to each of {counted(len(part), 'example')}",
        "Train longer, start from another seed, or give as many examples of each class.",
    )


def _dead(training: Training) -> list[Finding]:
    """Layers whose rectifier lets nothing through, whatever it is shown: no gradient comes through either."""
    part = training.examples.training.first(LOOKED_AT)
    found = []
    values = training.values(part.x)
    for node in training.shapes.network.order:
        built = training.shapes.placed[node.name].geometry
        if built.weight_shape is None or not _cuts_off(built.activation):
            continue
        output = values[node.name]
        dead = np.asarray(output.reshape(len(output), -1).max(axis=1) <= 0)
        if dead.mean() >= DEAD_SHARE:
            found.append(
                Finding(
                    "dead",
                    f"{int(dead.sum())} of {counted(len(dead), 'map')} of {node.name} give nothing but 0 "
                    f"for {counted(len(part), 'example')}",
                    "Use a smaller learning rate, leaky ReLU, or another start.",
                )
            )
    return found


def _cuts_off(activation: str) -> bool:
    """Whether an activation makes 0 of what is negative and lets no gradient back through it."""
    record = ACTIVATIONS[activation]
    after = np.array([-1.0, -2.0])
    record.apply(after, 0)
    return record.across == "cell" and not after.any()


def _overfitting(last: Report) -> Finding | None:
    judged = last.validation
    if judged is None or judged.accuracy is None or last.training.accuracy is None:
        return None
    if last.training.accuracy - judged.accuracy < GAP:
        return None
    return Finding(
        "overfitting",
        f"{last.training.accuracy:.0%} of the examples to train on are right and {judged.accuracy:.0%} of the unseen",
        "Use more examples, augmentation or dropout, or a smaller network.",
    )
