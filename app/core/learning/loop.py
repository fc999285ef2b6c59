"""The loop of training: batches forward, a loss, gradients backward, an update; reports, snapshots and checkpoints.

An experiment is a function of its settings and one seed: what a training step draws follows from the step's number. The
loop yields between short pieces of work, so that whoever runs it may pause or stop there. Knows no data set.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..network.backward import BatchNetwork, rate_of
from ..network.parameters import Parameters, statistics_of
from ..network.shapes import Shapes
from .dropping import masks
from .examples import Array, Examples, Part, asked, check_examples, check_output, check_sequence, targets
from .losses import LOSSES, Loss
from .optimisers import Settings, State, update
from .streams import stream

# Changes a batch (examples, channels, *sizes) of one training step; its numbers follow from that step's number.
Augment = Callable[[Array, int], Array]

MOST_JUDGED = 256  # examples of a part that a report judges; the last one judges all
JUDGED_AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class How:
    """The settings of an experiment that are not its network and not its examples."""

    loss: str = "cross_entropy"
    optimiser: Settings = field(default_factory=lambda: Settings("adam", 0.01))
    batch: int = 32
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """A part of the examples as evaluated: nothing is dropped, nothing is augmented. Values have no accuracy."""

    loss: float
    accuracy: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """Where training stands after ``step`` steps. ``loss`` is the mean of the steps since the report before."""

    step: int
    loss: float | None
    training: Judged
    validation: Judged | None
    norms: dict[str, tuple[float, float]]  # of each tensor, and of its gradient


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """All that is needed to go on after ``step`` steps."""

    step: int
    row: Array
    state: State
    statistics: Mapping[str, Array] = field(default_factory=dict)  # by full name: bn1.mean
    kind: str = ""  # of the optimiser whose rows the state has


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The parameters after ``step`` training steps, and what layers had measured by then."""

    step: int
    row: Array
    statistics: Mapping[str, Array] = field(default_factory=dict)  # by full name: bn1.mean

    @property
    def numbers(self) -> Array:
        """Parameters and statistics as one row, as ``numbers_of`` makes it."""
        return numbers_of(self.row, self.statistics)


def numbers_of(row: Array, statistics: Mapping[str, Array]) -> Array:
    """One row (parameters + statistics,): the parameters, then each statistic, in the order of their names."""
    return np.concatenate([row, *(one.ravel() for one in statistics.values())], dtype=row.dtype)


class Training:
    """An experiment under way. ``row`` are its parameters, ``step`` how many training steps are done."""

    def __init__(
        self,
        shapes: Shapes,
        examples: Examples,
        row: Array,
        how: How,
        augment: Augment | None = None,
    ) -> None:
        self.shapes, self.examples, self.how, self.augment = shapes, examples, how, augment
        self.parameters = Parameters.of(shapes)
        self.row = row.copy()
        self.gradient = np.zeros_like(row)
        self.state = State()
        self.statistics = statistics_of(shapes)
        self.step = 0
        self.judged_at_once = JUDGED_AT_ONCE
        self.restored: Checkpoint | None = None  # what it went on from
        self.loss: Loss = LOSSES[how.loss]
        last = shapes.network.last
        placed = shapes.placed[last.name]
        check_examples(examples)
        classes = len(examples.classes)
        if examples.training.values is None:
            self._outputs = check_output(self.loss, placed.shape, classes, last.name, last.pointer)
        else:
            steps = examples.training.values.shape[1]
            self._outputs = check_sequence(self.loss, placed.shape, steps, last.name, last.pointer)
        self._bare = placed.geometry.activation == self.loss.reads_before
        self._networks: dict[int, BatchNetwork] = {}
        dtype = row.dtype.name
        self._training = self._targets(examples.training, dtype)
        self._validation = self._targets(examples.validation, dtype)
        self._counts = self._counted(examples.training, dtype)
        self._judged_counts = self._counted(examples.validation, dtype)
        self._flat = examples.training.x.reshape(len(examples.training), -1).astype(row.dtype, copy=False)
        self._epoch: tuple[int, NDArray[np.intp]] = (-1, np.zeros(0, np.intp))

    @property
    def steps_per_epoch(self) -> int:
        """Training steps in which every example is seen once."""
        return -(-len(self.examples.training) // self.how.batch)

    def counts_of(self, chosen: NDArray[np.intp]) -> Array | None:
        """The weight of each output in the loss, (outputs, chosen examples); None where all count alike."""
        return None if self._counts is None else self._counts[:, chosen]

    def _counted(self, part: Part, dtype: str) -> Array | None:
        """How much each output counts, (outputs, examples)."""
        return None if part.counts is None else asked(part.counts, self._outputs, dtype)

    def _targets(self, part: Part, dtype: str) -> Array:
        if part.values is not None:
            return asked(part.values, self._outputs, dtype)
        return targets(self.loss, part.labels, len(self.examples.classes), self._outputs, dtype)

    def _network(self, count: int) -> BatchNetwork:
        """The network on batches of one size; all sizes share the parameters."""
        found = self._networks.get(count)
        if found is None:
            found = self._networks[count] = BatchNetwork(
                self.shapes, count, self.row, self.gradient, statistics=self.statistics, bare=self._bare
            )
        return found

    def chosen(self, step: int) -> NDArray[np.intp]:
        """The examples of a training step by number, (batch,): next in the epoch's order, fewer in its last step."""
        epoch, place = divmod(step, self.steps_per_epoch)
        if self._epoch[0] != epoch:
            rng = stream(self.how.seed, "order", epoch)
            self._epoch = (epoch, rng.permutation(len(self.examples.training)))
        return self._epoch[1][place * self.how.batch : (place + 1) * self.how.batch]

    def masks(self, step: int) -> Callable[[str, float, tuple[int, ...]], Array]:
        """A function from layer, rate and input shape to the factors that a training step multiplies the input by."""
        return masks(self.shapes.network, self.how.seed, step, self.row.dtype)

    def masks_of(self, step: int, count: int) -> dict[str, Array]:
        """The masks of a training step by layer, each of its input's shape: (channels, *sizes, count)."""
        mask = self.masks(step)
        found = {}
        for node in self.shapes.network.order:
            if rate := rate_of(node):
                shape = (*self.shapes.placed[node.name].input_shape, count)
                found[node.name] = mask(node.name, rate, shape)
        return found

    def batch(self, step: int) -> tuple[Array, Array]:
        """The batch of a training step: (channels, *sizes, examples) and the targets (outputs, examples)."""
        chosen = self.chosen(step)
        x = self._flat.take(chosen, axis=0)
        if self.augment is not None:
            x = self.augment(x.reshape(-1, *self.examples.shape), step).reshape(len(x), -1)
        wide = np.ascontiguousarray(x.T).reshape(*self.examples.shape, len(chosen))
        return wide, self._training[:, chosen]

    def forward_and_back(self, noted: dict[str, Array] | None = None) -> float:
        """The loss of the next training step, its gradient in ``gradient``; nothing is updated.

        ``noted`` gets the gradient of the sums of each layer.
        """
        x, target = self.batch(self.step)
        network = self._network(x.shape[-1])
        output = network.forward(x, self.masks(self.step))
        flat = output.reshape(self._outputs, -1)
        counts = self.counts_of(self.chosen(self.step))
        value, back = self.loss.of(flat, target) if counts is None else self.loss.of(flat, target, counts)
        network.backward(back.reshape(output.shape), noted)
        return value

    def train(self) -> float:
        """One training step; its loss."""
        with np.errstate(all="ignore"):  # what grows without bounds is told by the numbers
            value = self.forward_and_back()
            update(self.row, self.gradient, self.state, self.how.optimiser)
        self.step += 1
        return value

    def values_of_batch(self, count: int) -> dict[str, Array]:
        """Every layer's output (channels, *sizes, count) by name, of the last training step on a batch of ``count``."""
        return self._network(count).values

    def outputs(self, x: Array) -> Array:
        """The network's outputs for examples (count, channels, *sizes), as evaluated: (outputs, count)."""
        count = len(x)
        wide = np.ascontiguousarray(x.reshape(count, -1).T.astype(self.row.dtype, copy=False))
        with np.errstate(all="ignore"):
            return self._network(count).forward(wide.reshape(*self.examples.shape, count)).reshape(-1, count)

    def values(self, x: Array) -> dict[str, Array]:
        """Every layer's output for examples, as evaluated: (channels, *sizes, count) by name."""
        self.outputs(x)
        return self._network(len(x)).values

    def judge(self, part: Part, target: Array, counts: Array | None = None) -> Iterator[Judged | None]:
        """Evaluate a part, None after each piece of work; the last that is yielded is the result.

        ``target`` and ``counts`` are (outputs, examples) of the part. A forecast has no accuracy.
        """
        total = right = weight = 0.0
        for start in range(0, len(part), self.judged_at_once):
            few = part.slice(start, start + self.judged_at_once)
            output = self.outputs(few.x)
            some = slice(start, start + len(few))
            with np.errstate(all="ignore"):
                if counts is None:
                    mine, value = float(len(few)), self.loss.of(output, target[:, some])[0]
                else:
                    mine = float(counts[:, some].sum())
                    value = self.loss.of(output, target[:, some], counts[:, some])[0]
                total, weight = total + value * mine, weight + mine
            if few.values is None:
                right += float((classes_of(output, self.loss) == few.labels).sum())
            yield None
        accuracy = right / len(part) if part.values is None else None
        yield Judged(total / weight if weight else 0.0, accuracy, len(part))

    def report(self, losses: list[float], *, every_example: bool = False) -> Iterator[Report | None]:
        """Evaluate both parts, None after each piece of work; the last that is yielded is the report.

        ``losses`` are those of the training steps since the report before. Without ``every_example`` at most
        MOST_JUDGED of each part are evaluated.
        """
        training: Judged | None = None
        validation: Judged | None = None
        most = None if every_example else MOST_JUDGED
        parts = (
            (self.examples.training, self._training, self._counts),
            (self.examples.validation, self._validation, self._judged_counts),
        )
        for place, (part, target, counts) in enumerate(parts):
            some = part if most is None else part.first(most)
            if not len(some):
                continue
            for found in self.judge(some, target, None if counts is None else counts[:, : len(some)]):
                yield None
                if found is not None and place == 0:
                    training = found
                elif found is not None:
                    validation = found
        assert training is not None, "there are examples to train on"
        mean = sum(losses) / len(losses) if losses else None
        yield Report(self.step, mean, training, validation, self.norms())

    def norms(self) -> dict[str, tuple[float, float]]:
        """The size of each tensor and of its gradient in the last training step."""
        with np.errstate(all="ignore"):
            return {
                tensor.full_name: (
                    float(np.linalg.norm(tensor.of(self.row))),
                    float(np.linalg.norm(tensor.of(self.gradient))),
                )
                for tensor in self.parameters.tensors
            }

    def run(self, steps: int, every: int, snapshots: int = 0) -> Iterator[Report | Snapshot | None]:
        """Train up to ``steps`` steps in all, with a report before the first, after every so many, and at the end.

        With ``snapshots`` the parameters are given after every so many steps, before the first and at the end, each
        ahead of the report of its step. It yields None after each piece of work.
        """
        losses: list[float] = []
        if not self.step:
            if snapshots and steps:
                yield self.snapshot()
            if steps:
                yield from self.report(losses)
        while self.step < steps:
            losses.append(self.train())
            yield None
            if snapshots and self.step % snapshots == 0 and self.step < steps:
                yield self.snapshot()
            if self.step % every == 0 and self.step < steps:
                yield from self.report(losses)
                losses = []
        if snapshots:
            yield self.snapshot()
        yield from self.report(losses, every_example=True)

    def changed(self, shapes: Shapes, how: How, augment: Augment | None) -> Training:
        """The same experiment with other settings from here on: its parameters, and its optimiser's rows, stay.

        Another optimiser begins without rows. ``shapes`` may differ in what is dropped, not in parameters.
        """
        other = Training(shapes, self.examples, self.row, how, augment)
        other.step = self.step
        other.judged_at_once = self.judged_at_once
        other.restore_statistics(dict(self.measured()))
        if how.optimiser.kind == self.how.optimiser.kind:
            other.state = self.state.copy()
        return other

    def snapshot(self) -> Snapshot:
        """Where the parameters stand."""
        return Snapshot(self.step, self.row.copy(), {name: one.copy() for name, one in self.measured()})

    def checkpoint(self) -> Checkpoint:
        """The state from which training can go on."""
        measured = {name: one.copy() for name, one in self.measured()}
        return Checkpoint(self.step, self.row.copy(), self.state.copy(), measured, self.how.optimiser.kind)

    def measured(self) -> Iterator[tuple[str, Array]]:
        """The statistics that layers have measured, by full name: bn1.mean."""
        for layer, own in self.statistics.items():
            for name, one in own.items():
                yield f"{layer}.{name}", one

    def restore(self, kept: Checkpoint) -> None:
        """Go on from a checkpoint. Another optimiser begins without rows."""
        self.step, self.restored = kept.step, kept
        self.row[...] = kept.row
        same = kept.kind in ("", self.how.optimiser.kind)
        self.state = kept.state.copy() if same else State()
        self.restore_statistics(kept.statistics)

    def restore_statistics(self, kept: Mapping[str, Array]) -> None:
        """Put back the statistics that layers had measured."""
        for name, one in self.measured():
            one[...] = kept[name]


def classes_of(output: Array, loss: Loss) -> NDArray[np.intp]:
    """The class that the outputs (outputs, examples) speak for: the largest, or which side a lone one lies on."""
    if len(output) == 1:
        middle = 0.0 if loss.reads_before else 0.5
        return np.asarray(output[0] > middle, np.intp)
    found: NDArray[np.intp] = output.argmax(axis=0)
    return found


def epochs(count: int, batch: int, times: int) -> int:
    """Training steps of so many epochs."""
    return times * math.ceil(count / batch)
