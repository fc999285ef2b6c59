"""One training step with all that it works with: its batch, what each layer gave and got back, and the update.

Knows the loop; knows no page.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .loop import Training
from .optimisers import update


def inspected(training: Training, example: int | None = None) -> dict[str, NDArray[Any]]:
    """Run the next training step and return its arrays by name.

    ``chosen``, ``x``, ``labels`` and ``losses`` are of the whole batch; ``values``, ``back`` (the gradient of the sums
    of a layer) and ``mask`` of one example of it (left out, that of
    the largest loss), whose place is ``example``; ``before``, ``gradient`` and ``after`` of the parameters, and
    the optimiser's rows after the update.
    """
    step = training.step
    chosen = training.chosen(step)
    count = len(chosen)
    noted: dict[str, NDArray[Any]] = {}
    found: dict[str, NDArray[Any]] = {
        f"before.{name}": one.copy() for name, one in training.parameters.named(training.row)
    }
    x, target = training.batch(step)
    with np.errstate(all="ignore"):
        training.forward_and_back(noted)
        values = training.values_of_batch(count)
        output = values[training.shapes.network.last.name].reshape(-1, count)
        counts = training.counts_of(chosen)
        arrays = [output, target] if counts is None else [output, target, counts]
        losses = [training.loss.of(*(part[:, one : one + 1] for part in arrays))[0] for one in range(count)]
        place = int(np.argmax(losses)) if example is None else min(example, count - 1)
        found |= {
            "example": np.array([place], np.int32),
            "chosen": chosen.astype(np.int32),
            "x": np.ascontiguousarray(np.moveaxis(x, -1, 0)),
            "labels": training.examples.training.labels[chosen].astype(np.int32),
            "losses": np.array(losses, np.float64),
            **{f"values.{name}": np.ascontiguousarray(one[..., place]) for name, one in values.items()},
            **{f"back.{name}": np.ascontiguousarray(one[..., place]) for name, one in noted.items()},
            **{
                f"mask.{name}": np.ascontiguousarray(one[..., place])
                for name, one in training.masks_of(step, count).items()
            },
            **{f"gradient.{name}": one.copy() for name, one in training.parameters.named(training.gradient)},
        }
        update(training.row, training.gradient, training.state, training.how.optimiser)
    training.step += 1
    found |= {f"optimiser.{name}": row.copy() for name, row in training.state.rows.items()}
    return found | {f"after.{name}": one.copy() for name, one in training.parameters.named(training.row)}
