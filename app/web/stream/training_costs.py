"""How much time and memory training takes, known before any of it is done. Knows shapes and requests, runs nothing."""

from __future__ import annotations

import math

from ...core.engine.trace import PIECE_WORK
from ...core.errors import TooLarge
from ...core.learning.loop import JUDGED_AT_ONCE, Training
from ...core.learning.optimisers import OPTIMISERS
from ...core.network.shapes import Placed, Shapes
from ..http.training import TrainRequest

STEP_WORK = 25 * PIECE_WORK  # elementary operations of one training step: a fifth of a second
STEP_NUMBERS = 32_000_000  # that a training step holds: 128 MB
BACK = 3  # a training step takes as much as so many runs
CHECKPOINT_STEPS = 50
KEPT_BYTES = 8_000_000  # of checkpoints that an experiment keeps to go back to


def step_work(shapes: Shapes, batch: int) -> int:
    """Elementary operations of one training step."""
    return BACK * batch * sum(placed.geometry.work for placed in shapes.placed.values())


def check_step(shapes: Shapes, batch: int) -> None:
    """Refuse a training step that would take too long or hold too much; the batch is named."""
    placed = [shapes.placed[node.name] for node in shapes.network.order]
    work = step_work(shapes, batch)
    numbers = batch * sum(map(_numbers, placed))
    for asked, most, unit in (
        (work, STEP_WORK, "elementary operations"),
        (numbers, STEP_NUMBERS, "numbers held"),
    ):
        if asked > most:
            raise TooLarge(
                "batch",
                batch,
                f"a training step would take {asked:,} {unit}, and may take {most:,}",
                "Use a smaller batch, smaller examples or fewer filters.",
                asked / most,
                pointer="/batch",
            )


def judged_at_once(shapes: Shapes) -> int:
    """Examples that are judged in one piece: fewer where so many would take too long or hold too much."""
    work = max(1, sum(placed.geometry.work for placed in shapes.placed.values()))
    numbers = max(1, sum(map(_numbers, shapes.placed.values())))
    return max(1, min(JUDGED_AT_ONCE, STEP_WORK // work, STEP_NUMBERS // numbers))


def held_bytes(training: Training, request: TrainRequest) -> int:
    """Memory of an experiment while it is computed and read: batches, examples, checkpoints, and what it told."""
    batches = request.batch + training.judged_at_once
    numbers = batches * sum(map(_numbers, training.shapes.placed.values()))
    examples = training.examples
    cells = 2 * (examples.training.x.size + examples.validation.x.size)
    rows = 1 + len(OPTIMISERS[training.how.optimiser.kind].rows)
    checkpoints = min(KEPT_BYTES, rows * training.row.nbytes * (1 + request.steps // CHECKPOINT_STEPS))
    every = request.snapshots or request.steps + 1
    snapshots = min(KEPT_BYTES, training.row.nbytes * (1 + request.steps // every))
    return int((numbers + cells) * training.row.itemsize + 2 * checkpoints + snapshots)


def _numbers(placed: Placed) -> int:
    """Bytes that a layer holds of one example: its output and the gradient of it, its padded input, and its columns."""
    walk = placed.geometry.walk
    held = 3 * math.prod(walk.output_shape) + 2 * math.prod(placed.geometry.padded_shape)
    if placed.geometry.weighted:
        scatter = placed.geometry.scatter
        held += 2 * (
            walk.channels * walk.taps * walk.steps
            if scatter is None
            else walk.lanes * walk.taps * scatter.steps
        )
    return held
