"""From the request of an experiment to its training, in short pieces, and what is kept of it. Knows no socket."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...code.write.snippet import Snippet
from ...code.write.training_keras import programs_of
from ...core.errors import NotFound, Problem, Unfit, counted
from ...core.learning.diagnosis import diverged, findings
from ...core.learning.examples import Examples
from ...core.learning.loop import Checkpoint, How, Judged, Report, Snapshot, Training
from ...core.learning.optimisers import OPTIMISERS, State
from ...core.learning.sequences import Series
from ...core.learning.sequences import examples_of as windows_of
from ...core.learning.starts import started
from ...core.network.graph import network_of
from ...core.network.parameters import Parameters
from ...core.network.shapes import Shapes, shapes_of
from ...data.augmentation import Augmentation, augmented, check_augmentation
from ...data.bundle import Bundle, as_pixels, of_pixels
from ...data.own import examples_in
from ...data.series import DrawnSeries, RecordedData, SeriesData, drawn, recorded
from ...data.sets import StoredData, examples_of, split
from ...data.table import table_in
from ...images.store.claims import new_claim
from ...images.store.store import Stored
from ...operations import registry
from ..http.training import Changes, ExamplesRequest, TrainRequest
from .networks import check_network, gives, named, tensors_of
from .training_costs import CHECKPOINT_STEPS, KEPT_BYTES, check_step, judged_at_once

if TYPE_CHECKING:
    from .jobs import Services

Array = NDArray[np.floating]
Json = dict[str, Any]

DRAWN_WORK = 400  # elementary operations of one cell of an example that is drawn
VARIANTS = 8  # of one example, as augmentation changes it


def augment_of(how: Augmentation, seed: int) -> Any:
    """The augmentation of a training step's examples, or None."""
    if not how.changes:
        return None
    return lambda x, step: augmented(x, how, seed, step)


def how_of(request: TrainRequest) -> How:
    """The settings of a request as the loop takes them; a series asks for values, unless a loss is named."""
    usual = isinstance(request.data, (DrawnSeries, RecordedData)) and "loss" not in request.model_fields_set
    loss = "mean_squared_error" if usual else request.loss
    return How(loss, request.optimiser.settings(), request.batch, request.seed)


async def examples_for(served: Services, request: TrainRequest | ExamplesRequest) -> Examples:
    """The data of an experiment."""
    data = request.data
    if isinstance(data, StoredData):
        x, labels, classes = examples_in(await bundle_of(served, data.id, "/data/id"))
        return await served.compute.load(lambda: split(x, labels, classes, data, request.seed))
    if isinstance(data, (DrawnSeries, RecordedData)):
        series = await series_for(served, data, request.seed)
        check_augmentation(request.augmentation)
        return await served.compute.load(lambda: windows_of(series))
    cells = (data.count + data.validation) * data.size**2
    await served.admission.charge_work(cells * DRAWN_WORK)
    return await served.compute.load(lambda: examples_of(data, request.seed))


async def series_for(served: Services, data: SeriesData, seed: int) -> Series:
    """The series that a set says: drawn by code, or a column of a kept table."""
    if isinstance(data, RecordedData):
        table = table_in(await bundle_of(served, data.id, "/data/id"))
        return await served.compute.load(lambda: recorded(data, table))
    await served.admission.charge_work(data.length * DRAWN_WORK)
    return await served.compute.load(lambda: drawn(data, seed))


async def prepare(served: Services, request: TrainRequest) -> Training:
    """An experiment ready to train; every refusal comes from here, before any of it is done."""
    served.compute.admit()
    request.check_weights()
    examples = await examples_for(served, request)
    shapes = shapes_of(request.network, examples.shape)
    last = shapes.network.last
    check_network(shapes, last, served.settings)
    check_step(shapes, request.batch)
    given = {}
    for node in shapes.network.order:
        placed = shapes.placed[node.name]
        if placed.geometry.weighted and await gives(served, request, node):
            given[node.name] = named(await tensors_of(served, request, placed), placed)
    row = Parameters.of(shapes).row(started(shapes, request.start, request.seed, given), request.dtype)
    if not row.size:
        raise Unfit(
            "layers",
            counted(len(shapes.network.layers), "layer"),
            "none of the layers has a weight, so there is nothing to train",
            "Add a convolution or a dense layer.",
            pointer="/layers",
        )
    if not np.isfinite(row).all():
        raise Unfit(
            "weights",
            "NaN or an infinity",
            "training cannot begin with parameters that are not finite",
            "Give finite weights, or leave them out.",
            pointer="/weights",
        )
    training = Training(
        shapes, examples, row, how_of(request), augment_of(request.augmentation, request.seed)
    )
    for layer, tensors in given.items():
        if layer in training.statistics:
            training.restore_statistics(
                dict(training.measured()) | {f"{layer}.{name}": one for name, one in tensors.items()}
            )
    training.judged_at_once = judged_at_once(shapes)
    await go_on(served, training, request.checkpoint)
    return training


async def go_on(served: Services, training: Training, checkpoint: str | None) -> None:
    """Put back the state of a kept checkpoint, if there is one to go on from."""
    if checkpoint is not None:
        found = await bundle_of(served, checkpoint, "/checkpoint")
        training.restore(checkpoint_in(found, training))


async def bundle_of(served: Services, id: str, pointer: str) -> Bundle:
    """A kept bundle; what is no longer kept is told of where the request names it."""
    try:
        return of_pixels(await served.compute.load(lambda: served.store.get(id)))
    except NotFound:
        raise _gone(id, pointer) from None


def _gone(id: str, pointer: str) -> NotFound:
    problem = NotFound(
        "id",
        id,
        "this server does not have this bundle, or no longer",
        "Send it again, and use the id answered.",
    )
    problem.pointer = pointer
    return problem


Message = Json | Snapshot


@dataclass
class Course:
    """An experiment under way as what it tells: messages, snapshots, and None between short pieces of work."""

    training: Training
    request: TrainRequest
    kept: list[Checkpoint] = field(default_factory=list)
    stopped: str | None = None  # why it ended before its last step

    def __post_init__(self) -> None:
        training, self._asked = self.training, self.request
        self._base = (training.shapes, training.how, training.augment)
        self._begun = (training.shapes, training.how)  # as the first training step has them
        self._first: Report | None = None
        self._last: Report | None = None
        self._best: tuple[int, float] | None = None
        self._every = CHECKPOINT_STEPS
        self._steps = max(self.request.steps, self.training.step)
        self._pending = sorted(self.request.changes, key=lambda change: change.step)
        self._catch_up()
        if training.restored is not None:  # changes that had passed are part of it
            self.training.restore(training.restored)
        self.keep()

    def run(self) -> Iterator[Message | None]:
        """Everything, up to the last report."""
        while True:
            until = min(self._steps, self._pending[0].step) if self._pending else self._steps
            for found in self.training.run(until, self.request.report, self.request.snapshots):
                if isinstance(found, Report):
                    yield self._message(found)
                    if diverged(self.training, found):
                        self.stopped = "diverged"
                        return
                else:
                    yield found
                if found is None and self.training.step % self._every == 0:
                    self.keep()
            if self.training.step >= self._steps:
                return
            self._catch_up()

    def _catch_up(self) -> None:
        """Apply the changes of the training steps that have come."""
        while self._pending and self._pending[0].step <= self.training.step:
            change = self._pending.pop(0)
            self.change(change.settings, change.step)

    def keep(self) -> None:
        """Keep a checkpoint, and every other one only when they take too much."""
        if self.kept and self.kept[-1].step >= self.training.step:
            return
        self.kept.append(self.training.checkpoint())
        size = self.training.row.nbytes * (1 + len(OPTIMISERS[self.training.how.optimiser.kind].rows))
        if size * len(self.kept) > KEPT_BYTES and len(self.kept) > 2:
            self.kept = [*self.kept[:-1][::2], self.kept[-1]]
            self._every *= 2

    def _message(self, report: Report) -> Json:
        self._first, self._last = self._first or report, report
        if report.validation is not None and math.isfinite(report.validation.loss):
            loss = report.validation.loss
            if self._best is None or loss < self._best[1]:
                self._best = (report.step, loss)
        judged = report.validation or report.training
        return {
            "type": "step",
            "step": report.step,
            "loss": report.loss,
            "training_loss": report.training.loss,
            "training_accuracy": report.training.accuracy,
            "validation_loss": None if report.validation is None else report.validation.loss,
            "accuracy": judged.accuracy,
            "norms": {name: list(norms) for name, norms in report.norms.items()},
        }

    def back_to(self, step: int) -> None:
        """Go back to a training step that has passed, by the nearest checkpoint before it."""
        if step >= self.training.step:
            return
        kept = self._kept_at(step)
        self.kept = [one for one in self.kept if one.step <= kept.step]
        self.training.restore(kept)

    def _kept_at(self, step: int) -> Checkpoint:
        return max((one for one in self.kept if one.step <= step), key=lambda one: one.step)

    def forked(self, step: int) -> Course:
        """The same experiment as it was asked for, at the nearest checkpoint before a training step that has passed."""
        shapes, how, augment = self._base
        other = Training(shapes, self.training.examples, self.training.row, how, augment)
        other.judged_at_once = self.training.judged_at_once
        other.restore(self._kept_at(step))
        return Course(other, self._asked)

    def bundles(self) -> dict[str, Bundle]:
        """The bundles that are kept at the end."""
        return {
            "parameters": parameters_bundle(self.training),
            "checkpoint": checkpoint_bundle(self.training),
        }

    def steps_to(self, step: int) -> Iterator[None]:
        """Training steps up to one, without a word."""
        while self.training.step < step:
            self.training.train()
            if self.training.step % self._every == 0:
                self.keep()
            self._catch_up()
            yield None
        self._catch_up()

    def change(self, changes: Changes, step: int | None = None) -> None:
        """Settings that hold from here on, or from a training step that passed before a checkpoint.

        Raises Unfit for those that do not fit, and nothing has changed then.
        """
        if self.kept:
            self.keep()  # nothing goes back beyond a change without this
        given = changes.model_dump(exclude_unset=True, exclude={"dropout"})
        update = {name: getattr(changes, name) for name in given if getattr(changes, name) is not None}
        request = self.request.model_copy(update=update)
        shapes = self.training.shapes
        if changes.dropout:
            shapes = with_dropout(shapes, changes.dropout)
        check_step(shapes, request.batch)
        augment = augment_of(request.augmentation, request.seed)
        self.training = self.training.changed(shapes, how_of(request), augment)
        if (self.training.step if step is None else step) == 0:
            self._begun = (shapes, self.training.how)
        self.request = request
        self._steps = max(request.steps, self.training.step)

    def programs(self) -> dict[str, Snippet]:
        """The programs that repeat its first training steps, whatever has been changed since."""
        return programs_of(*self._begun, self.training.examples)

    def end(self) -> Json:
        """The last message of an experiment, without the ids of kept bundles."""
        programs = self.programs()
        last = self._last
        found = [] if last is None else findings(self.training, self._first, last)
        answer: Json = {
            "type": "end",
            "step": self.training.step,
            "seed": self.request.seed,
            "stopped": self.stopped,
            "classes": list(self.training.examples.classes),
            "training": None if last is None else _judged(last.training),
            "validation": None if last is None or last.validation is None else _judged(last.validation),
            "best": None if self._best is None else {"step": self._best[0], "validation_loss": self._best[1]},
            "diagnosis": [one.to_json() for one in found],
            "code": {name: one.code if one.expressible else None for name, one in programs.items()},
        }
        return answer


def with_dropout(shapes: Shapes, rates: dict[str, float]) -> Shapes:
    """The same layers with other shares dropped; raises Unfit for a layer that drops nothing."""
    layers = []
    for node in shapes.network.layers:
        spec = node.spec.model_copy(update={"name": node.name, "inputs": node.inputs})
        if node.name in rates and node.operation.drops:
            spec = spec.model_copy(update={node.operation.drops: rates[node.name]})
        layers.append(spec)
    for name in rates:
        node_of = shapes.network.by_name.get(name)
        if node_of is None or not node_of.operation.drops:
            raise Unfit(
                "dropout",
                name,
                "no layer of this name drops anything",
                "Name a dropout layer of the network.",
            )
    return shapes_of(network_of(layers, registry()), shapes.input_shape)


def _judged(judged: Judged) -> Json:
    return {"loss": judged.loss, "accuracy": judged.accuracy, "count": judged.count}


def examples_bundle(examples: Examples) -> Bundle:
    """Both parts as they are learned from, and what their numbers were standardised by."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, part in (("training", examples.training), ("validation", examples.validation)):
        arrays |= {f"{name}.x": part.x, f"{name}.labels": part.labels.astype(np.int32)}
        for more, values in (("values", part.values), ("counts", part.counts)):  # of a series
            if values is not None:
                arrays[f"{name}.{more}"] = values
    for name, one in (("mean", examples.mean), ("deviation", examples.deviation)):
        if one is not None:
            arrays[name] = np.asarray(one, np.float64)
    return Bundle(arrays, {"classes": json.dumps(examples.classes, ensure_ascii=False)})


def with_variants(bundle: Bundle, examples: Examples, how: Augmentation, seed: int, place: int) -> Bundle:
    """One example to train on as the first training steps would change it, beside all examples."""
    part = examples.training
    if place >= len(part):
        raise Unfit(
            "variants_of",
            place,
            f"there are {counted(len(part), 'example')} to train on",
            f"Use at most {len(part) - 1}.",
            pointer="/variants_of",
        )
    one = part.x[place : place + 1]
    changed = [augmented(one, how, seed, step) for step in range(VARIANTS)]
    return Bundle({**bundle.arrays, "variants": np.concatenate(changed)}, bundle.metadata)


# --- Bundles that are kept ----------------------------------------------------------------------------------------


def parameters_bundle(training: Training) -> Bundle:
    """The parameters by their full names: conv1.weight."""
    arrays = dict(training.parameters.named(training.row))
    measured = {name: one.astype(training.row.dtype) for name, one in training.measured()}
    return Bundle(arrays | measured, {"step": str(training.step)})


def checkpoint_bundle(training: Training) -> Bundle:
    """All that is needed to go on from where training stands."""
    return bundle_of_checkpoint(training.checkpoint())


def bundle_of_checkpoint(kept: Checkpoint) -> Bundle:
    """All that is needed to go on: the row of parameters, and the optimiser's rows."""
    state = kept.state
    arrays = {"row": kept.row, **{f"optimiser.{name}": row for name, row in state.rows.items()}}
    arrays |= {f"statistics.{name}": one for name, one in kept.statistics.items()}
    header = {"step": str(kept.step), "updates": str(state.steps), "kind": kept.kind}
    return Bundle(arrays, {"checkpoint": json.dumps(header)})


def checkpoint_in(bundle: Bundle, training: Training) -> Checkpoint:
    """The checkpoint of a bundle, checked against the experiment that goes on; raises Unfit."""
    try:
        header = json.loads(bundle.metadata.get("checkpoint", ""))
        step, updates, kind = int(header["step"]), int(header["updates"]), header["kind"]
    except (ValueError, TypeError, KeyError):
        raise _no_checkpoint("it is none") from None
    optimiser = OPTIMISERS.get(kind) if isinstance(kind, str) else None
    if optimiser is None or not 0 <= step <= 10**9 or not 0 <= updates <= 10**9:
        raise _no_checkpoint("its numbers are none of an experiment")
    names = {"row", *(f"optimiser.{name}" for name in (optimiser.rows if updates else ()))}
    shapes = dict.fromkeys(names, training.row.shape)
    shapes |= {f"statistics.{name}": one.shape for name, one in training.measured()}
    if set(bundle.arrays) != set(shapes):
        raise _no_checkpoint(f"{kind} carries other rows than it has")
    for name, array in bundle.arrays.items():
        if array.shape != shapes[name] or array.dtype.kind != "f":
            given_shape = "×".join(map(str, array.shape))
            wanted = counted(training.row.size, "parameter")
            raise _no_checkpoint(f"{name} is {given_shape}, and the network has {wanted}")
        if not np.isfinite(array).all():
            raise _no_checkpoint(f"{name} holds numbers that are not finite")
    rows = {
        name.partition(".")[2]: array.astype(training.row.dtype)
        for name, array in bundle.arrays.items()
        if name.startswith("optimiser.")
    }
    measured = {
        name.partition(".")[2]: array
        for name, array in bundle.arrays.items()
        if name.startswith("statistics.")
    }
    row = bundle.arrays["row"].astype(training.row.dtype)
    return Checkpoint(step, row, State(updates, rows), measured, kind)


def _no_checkpoint(reason: str) -> Unfit:
    return Unfit(
        "checkpoint",
        "another bundle",
        f"this bundle is no checkpoint of this experiment: {reason}",
        "Use the checkpoint that an end of this experiment told, or leave it out.",
        pointer="/checkpoint",
    )


async def kept(served: Services, bundle: Bundle, client: str) -> Json:
    """Keep a bundle in its client's share, and what an answer tells of it; where it cannot be kept, the reason."""

    def put() -> Stored:
        return served.store.put(as_pixels(bundle), "bundle", new_claim(served.store.secret(), client))

    try:
        stored = await served.compute.load(put)
    except Problem as problem:
        return {"id": None, "problem": problem.to_json()}
    found = stored.to_json()
    return {"id": found["id"], "expires_s": found["expires_s"], "expires": found["expires"]}
