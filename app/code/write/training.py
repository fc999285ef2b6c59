"""An experiment as a PyTorch program that repeats it: start, order, masks and batches come from its .npz.

The program trains with PyTorch's own layers and autograd and asserts the losses that Convscope shows. Knows layers as
the snippets of single ones write them, losses and optimisers; knows no server.
"""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.engine.trace import Layer
from ...core.learning.examples import Examples, asked
from ...core.learning.loop import How, Training
from ...core.learning.losses import LOSSES
from ...core.network.backward import rate_of
from ...core.network.shapes import Placed, Shapes
from ...core.place import SOURCE
from . import pytorch
from .snippet import Inexpressible, Snippet
from .subject import Subject

TOLERANCE = 1e-4
REPEATED = 50  # training steps
# The optimisers and losses in PyTorch's words; settings in braces.
OPTIMISERS: Mapping[str, str] = {
    "sgd": "SGD(network.parameters(), lr={rate}, weight_decay={decay})",
    "momentum": "SGD(network.parameters(), lr={rate}, momentum={momentum}, weight_decay={decay})",
    "nesterov": "SGD(network.parameters(), lr={rate}, momentum={momentum}, nesterov=True, weight_decay={decay})",
    "rmsprop": "RMSprop(network.parameters(), lr={rate}, alpha={alpha}, eps={epsilon}, weight_decay={decay})",
    "adam": "Adam(network.parameters(), lr={rate}, betas=({beta1}, {beta2}), eps={epsilon}, weight_decay={decay})",
    "adamw": "AdamW(network.parameters(), lr={rate}, betas=({beta1}, {beta2}), eps={epsilon}, weight_decay={decay})",
}
LOSS: Mapping[str, str] = {
    "cross_entropy": "F.cross_entropy(output, label)",
    "binary_cross_entropy": "F.binary_cross_entropy_with_logits(output, target)",
    "mean_squared_error": "F.mse_loss(output, target)",
    "huber": "F.huber_loss(output, target)",
}
# Values of which each counts as much as it is said; where none does the loss is 0.
COUNTED: Mapping[str, str] = {
    name: f"({each} * counts).sum() / counts.sum().clamp(min=1e-30)"
    for name, each in (
        ("mean_squared_error", "(output - target) ** 2"),
        ("huber", 'F.huber_loss(output, target, reduction="none")'),
    )
}


def write_training(shapes: Shapes, how: How, examples: Examples) -> Snippet:
    """The program; where PyTorch cannot say a layer, one that names it and says why."""
    names = names_of(shapes)
    made: list[str] = []
    loads: list[str] = []
    forward: list[str] = []
    notes: list[str] = []
    for node in shapes.network.order:
        placed = shapes.placed[node.name]
        bare = node is shapes.network.last and placed.geometry.activation == LOSSES[how.loss].reads_before
        try:
            lines = _layer(placed, names, made, loads, notes, bare=bare)
        except Inexpressible as problem:
            reason = f"{node.name}: {problem.reason}"
            return Snippet(f"# PyTorch cannot repeat this experiment. {reason}\n", (reason,), False)
        forward += [f"# {node.name}", *lines]
    settings = {
        name: getattr(how.optimiser, name)
        for name in ("rate", "momentum", "alpha", "beta1", "beta2", "epsilon", "decay")
    }
    clip = how.optimiser.clip
    classes = len(examples.classes)
    lone = classes == 2 and shapes.placed[shapes.network.last.name].shape[0] == 1
    if examples.training.values is not None:
        aims = ['target, counts = (torch.from_numpy(data[name][chosen]) for name in ("values", "counts"))']
        loss = COUNTED[how.loss]
    else:
        one = "label[:, None].float()" if lone else f"F.one_hot(label, {classes}).float()"
        aims = ['label = torch.from_numpy(data["labels"][chosen])', f"target = {one}"]
        loss = LOSS[how.loss]
    code = [
        "# An experiment of Convscope in PyTorch: the same start, order and masks give the same curve.",
        "import numpy as np",
        "import torch",
        "from torch import nn",
        "from torch.nn import functional as F",
        "",
        'data = np.load("experiment.npz")  # of POST experiment',
        "",
        "",
        "class Network(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        *(f"        {line}" for line in made),
        "",
        "    def forward(self, x, masks):",
        f"        {names[SOURCE]} = x",
        *(f"        {line}" for line in forward),
        f"        return {names[shapes.network.last.name]}.flatten(1)",
        "",
        "",
        "network = Network()",
        "with torch.no_grad():",
        *(f"    {line}" for line in loads),
        f"optimiser = torch.optim.{OPTIMISERS[how.optimiser.kind].format(**settings)}",
        "losses = []",
        "done = 0  # examples that were masked so far",
        'for chosen in data["order"]:',
        "    chosen = chosen[chosen >= 0]  # the last step of an epoch has fewer",
        '    x = torch.from_numpy(data["examples"][chosen])',
        *(f"    {line}" for line in aims),
        "    rows = slice(done, done + len(chosen))",
        '    masks = {name: torch.from_numpy(data[name][rows]) for name in data if name.startswith("mask.")}',
        "    done += len(chosen)",
        "    output = network(x, masks)",
        f"    loss = {loss}",
        "    optimiser.zero_grad()",
        "    loss.backward()",
        *([f"    nn.utils.clip_grad_norm_(network.parameters(), {clip})"] if clip is not None else []),
        "    optimiser.step()",
        "    losses.append(loss.item())",
        f'np.testing.assert_allclose(losses, data["losses"], rtol={TOLERANCE:g}, atol={TOLERANCE:g})',
        'print(f"{len(losses)} training steps, the last loss {losses[-1]:.6f}")',
    ]
    return Snippet("\n".join(code) + "\n", tuple(notes), True)


def names_of(shapes: Shapes, taken: tuple[str, ...] = ()) -> dict[str, str]:
    """A variable for the output of each layer, and for the source."""
    found: dict[str, str] = {}
    for name in (SOURCE, *(node.name for node in shapes.network.layers)):
        variable = re.sub(r"\W", "_", name)
        if keyword.iskeyword(variable) or variable in (
            "x",
            "y",
            "masks",
            "self",
            "F",
            "nn",
            "np",
            "torch",
            "training",
            *taken,
        ):
            variable += "_"
        while variable in found.values():
            variable += "_"
        found[name] = variable
    return found


def _layer(
    placed: Placed,
    names: Mapping[str, str],
    made: list[str],
    loads: list[str],
    notes: list[str],
    *,
    bare: bool,
) -> list[str]:
    """The lines of forward for one layer, with what it makes and loads noted."""
    node, built = placed.node, placed.geometry
    own = names[node.name]
    read = [names[name] for name in node.inputs]
    lines = [f"x = {read[0]}" if len(read) == 1 else f"x = torch.cat([{', '.join(read)}], 1)"]
    if rate_of(node):
        lines.append(f'x = x * masks["mask.{node.name}"].view_as(x)')
    walk = built.walk
    subject = subject_of(placed)
    if walk.across:
        sign = " * " if built.combination.reduce == "product" else " + "
        parts = walk.channels_per_group
        split = [f"x.chunk({parts}, 1)[{place}]" for place in range(parts)] if len(read) == 1 else read
        lines = [f"y = {sign.join(split)}"]
    elif node.operation.own is not None:  # a normalisation, in training by the statistics of the batch
        epsilon = node.spec.epsilon  # type: ignore[attr-defined]
        made.append(f"self.{own} = nn.BatchNorm{subject.axes}d({walk.channels}, eps={epsilon:g})")
        for tensor, mine in (("weight", "gain"), ("bias", "offset")):
            start = f'data["start.{node.name}.{mine}"]'
            loads.append(f"network.{own}.{tensor}.copy_(torch.from_numpy({start}))")
        lines.append(f"y = self.{own}(x)")
    elif subject.rule == "pointwise" and built.combination.reduce == "pick":
        lines.append("y = x")
    else:
        lines += _written(subject, own, node.name, made, loads, notes)
    if not bare:
        lines += subject.activated("pytorch", 1)
    return [*lines, f"{own} = y"]


def subject_of(placed: Placed) -> Subject:
    """The layer as a snippet would write it; no number of it is looked at."""
    built, node = placed.geometry, placed.node
    shapes = (built.walk.input_shape, built.weight_shape, built.bias_shape)
    x, weight, bias = (None if shape is None else np.zeros(shape, np.float32) for shape in shapes)
    assert x is not None
    layer = Layer(node.operation, built, x, weight, bias)
    return Subject(layer, node.spec, np.zeros(built.output_shape, np.float32))


def _written(
    subject: Subject, own: str, name: str, made: list[str], loads: list[str], notes: list[str]
) -> list[str]:
    """The lines of a layer's own snippet, its module made once and its weights loaded from the start."""
    writing = subject.writing("pytorch")
    rule = pytorch.RULES.get(subject.rule)
    if writing is None or rule is None:
        raise Inexpressible(f"torch.nn has no layer for {subject.title.lower()}.")
    body = rule(subject, writing)
    notes += body.notes
    lines = []
    for line in body.lines:
        bare = line.strip()
        if bare.startswith("layer = "):
            made.append(f"self.{own} = {bare.removeprefix('layer = ')}")
        elif bare.startswith(("layer.weight.copy_(", "layer.bias.copy_(")):
            tensor = bare.removeprefix("layer.").partition(".")[0]
            start = f'data["start.{name}.{tensor}"]'
            loads.append(bare.replace("layer.", f"network.{own}.", 1).replace(f"({tensor})", f"({start})"))
        elif bare != "with torch.no_grad():":
            if "bias" in bare or "weight" in bare:
                raise Inexpressible("what PyTorch's layer cannot say of it would have no gradient.")
            lines.append(bare.replace("layer(x)", f"self.{own}(x)"))
    return lines


def repeated(training: Training, steps: int = REPEATED) -> dict[str, NDArray[Any]]:
    """All that another framework needs to repeat the first training steps: examples, order, masks, start, losses.

    Where examples are augmented they are told as they were seen, one after another; an order of −1 is no example.
    """
    arrays: dict[str, NDArray[Any]] = {
        f"start.{name}": one.copy() for name, one in training.parameters.named(training.row)
    }
    batch, part = training.how.batch, training.examples.training
    order = np.full((steps, batch), -1, np.int64)
    seen: list[NDArray[Any]] = []
    masks: dict[str, list[NDArray[Any]]] = {}
    losses, place = [], 0
    for step in range(steps):
        chosen = training.chosen(step)
        if training.augment is not None:
            seen.append(training.augment(part.x[chosen].astype(training.row.dtype), step))
            order[step, : len(chosen)] = np.arange(place, place + len(chosen))
        else:
            order[step, : len(chosen)] = chosen
        place += len(chosen)
        for name, mask in training.masks_of(step, len(chosen)).items():
            masks.setdefault(f"mask.{name}", []).append(np.ascontiguousarray(np.moveaxis(mask, -1, 0)))
        losses.append(training.train())
    labels = part.labels
    if seen:
        labels = np.concatenate([part.labels[training.chosen(step)] for step in range(steps)])
    if part.values is not None:
        outputs = math.prod(training.shapes.placed[training.shapes.network.last.name].shape)
        for name, given in (("values", part.values), ("counts", part.counts)):
            assert given is not None
            wide = asked(given, outputs, training.row.dtype.name).T
            if seen:
                wide = np.concatenate([wide[training.chosen(step)] for step in range(steps)])
            arrays[name] = np.ascontiguousarray(wide)
    arrays |= {
        "examples": np.concatenate(seen) if seen else part.x.astype(training.row.dtype),
        "labels": labels.astype(np.int64),
        "order": order,
        "losses": np.array(losses, np.float64),
        **{name: np.concatenate(parts) for name, parts in masks.items()},
    }
    return arrays
