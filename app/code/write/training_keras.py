"""An experiment as a Keras program that repeats it: start, order, masks and batches come from its .npz.

The program is a functional model that ``train_on_batch`` trains, in whichever backend Keras has, and asserts the losses
that Convscope shows. Knows layers as the snippets of single ones write them; knows no server.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from ...core.learning.examples import Examples
from ...core.learning.loop import How
from ...core.learning.losses import LOSSES
from ...core.learning.optimisers import Settings
from ...core.network.backward import rate_of
from ...core.network.shapes import Placed, Shapes
from ...core.place import SOURCE
from . import keras
from .snippet import Inexpressible, Snippet, tupled
from .training import TOLERANCE, names_of, subject_of, write_training

# The optimisers and losses in Keras' words; settings in braces.
OPTIMISERS: Mapping[str, str] = {
    "sgd": "SGD(learning_rate={rate}{clip})",
    "momentum": "SGD(learning_rate={rate}, momentum={momentum}{clip})",
    "nesterov": "SGD(learning_rate={rate}, momentum={momentum}, nesterov=True{clip})",
    "rmsprop": "RMSprop(learning_rate={rate}, rho={alpha}, epsilon={epsilon}{clip})",
    "adam": "Adam(learning_rate={rate}, beta_1={beta1}, beta_2={beta2}, epsilon={epsilon}{clip})",
    "adamw": "AdamW(learning_rate={rate}, weight_decay={decay}, "
    "beta_1={beta1}, beta_2={beta2}, epsilon={epsilon}{clip})",
}
LOSS: Mapping[str, str] = {
    "cross_entropy": "keras.losses.CategoricalCrossentropy(from_logits=True)",
    "binary_cross_entropy": "keras.losses.BinaryCrossentropy(from_logits=True)",
    "mean_squared_error": "keras.losses.MeanSquaredError()",
    "huber": "keras.losses.Huber(delta=1.0)",
}
# Values of which each counts as much as it is said; where none does the loss is 0.
COUNTED: Mapping[str, str] = {
    "mean_squared_error": "off**2",
    "huber": "keras.ops.where(keras.ops.abs(off) < 1, 0.5 * off**2, keras.ops.abs(off) - 0.5)",
}
_OF_ADAM = (
    "Keras adds epsilon before it corrects the mean of squares, PyTorch after it: the first steps differ."
)
NOTES: Mapping[str, str] = {
    "rmsprop": "Keras adds epsilon under the root, PyTorch behind it: its square stands here.",
    "adam": _OF_ADAM,
    "adamw": _OF_ADAM,
}
_RESHAPED = re.compile(r"(keras\.ops\.reshape\(.*, )\(1, (.*)\)\)")


def programs_of(shapes: Shapes, how: How, examples: Examples) -> dict[str, Snippet]:
    """The programs of an experiment, by framework."""
    return {
        "pytorch": write_training(shapes, how, examples),
        "keras": write_keras_training(shapes, how, examples),
    }


def write_keras_training(shapes: Shapes, how: How, examples: Examples) -> Snippet:
    """The program; where Keras cannot say a layer or the decay, one that names it and says why."""
    names = names_of(
        shapes, ("model", "layer", "data", "keras", "weight", "bias", "losses", "loss", "chosen")
    )
    lines: list[str] = []
    notes: list[str] = []
    masked: list[str] = []
    last = shapes.network.last
    try:
        optimiser = _optimiser(how.optimiser, notes)
        for node in shapes.network.order:
            placed = shapes.placed[node.name]
            bare = node is last and placed.geometry.activation == LOSSES[how.loss].reads_before
            lines += ["", f"# {node.name}", *_layer(placed, names, notes, masked, bare=bare)]
            wide = placed.shape != placed.geometry.output_shape and node is not last
            given = "keras.ops.expand_dims(y, 1)  # a vector, as channels of one cell" if wide else "y"
            lines.append(f"{names[node.name]} = {given}")
    except Inexpressible as problem:
        return Snippet(f"# Keras cannot repeat this experiment. {problem.reason}\n", (problem.reason,), False)
    outputs = math.prod(shapes.placed[last.name].shape)
    lone = len(examples.classes) == 2 and outputs == 1
    series = examples.training.values is not None
    if series:
        loss, aim = "counted", 'np.stack([data["values"][chosen], data["counts"][chosen]], -1)'
    else:
        loss = LOSS[how.loss]
        aim = f'np.eye({len(examples.classes)})[data["labels"][chosen]]'
        aim = 'data["labels"][chosen][:, None]' if lone else aim
    masks = [f'np.moveaxis(data["{name}"][rows], 1, -1)' for name in masked]
    given = ", ".join(['np.moveaxis(data["examples"][chosen], 1, -1)', *masks])
    inputs = [names[SOURCE], *(f"mask_{place}" for place in range(len(masked)))]
    code = [
        "# An experiment of Convscope in Keras: the same start, order and masks give the same curve.",
        "import keras",
        "import numpy as np",
        "",
        'data = np.load("experiment.npz")  # of POST experiment',
        "",
        f"{names[SOURCE]} = keras.Input({_last(shapes.input_shape)})  # channels last",
        *lines,
        "",
        f"model = keras.Model([{', '.join(inputs)}], keras.ops.reshape({names[last.name]}, (-1, {outputs})))",
        *(_counted(how.loss) if series else []),
        f"model.compile(optimizer=keras.optimizers.{optimiser}, loss={loss})",
        "losses = []",
        "done = 0  # examples that were masked so far",
        'for chosen in data["order"]:',
        "    chosen = chosen[chosen >= 0]  # the last step of an epoch has fewer",
        "    rows = slice(done, done + len(chosen))",
        "    done += len(chosen)",
        f"    x = [{given}]",
        "    model.reset_metrics()  # which would be means of all steps",
        f'    losses.append(float(np.ravel(model.train_on_batch(x, {aim}.astype("float32")))[0]))',
        f'np.testing.assert_allclose(losses, data["losses"], rtol={TOLERANCE:g}, atol={TOLERANCE:g})',
        'print(f"{len(losses)} training steps, the last loss {losses[-1]:.6f}")',
    ]
    return Snippet("\n".join(code) + "\n", tuple(dict.fromkeys(notes)), True)


def _last(shape: tuple[int, ...]) -> str:
    return tupled((*shape[1:], shape[0]))


def _optimiser(settings: Settings, notes: list[str]) -> str:
    """The call; a decay that PyTorch adds to the gradient is none that Keras has."""
    kind = settings.kind
    if settings.decay and kind != "adamw":
        raise Inexpressible("its decay is taken from the weights and not added to the gradient.")
    if kind in NOTES:
        notes.append(NOTES[kind])
    clip = "" if settings.clip is None else f", global_clipnorm={settings.clip}"
    epsilon = settings.epsilon**2 if kind == "rmsprop" else settings.epsilon
    others = {
        name: getattr(settings, name) for name in ("rate", "momentum", "alpha", "beta1", "beta2", "decay")
    }
    return OPTIMISERS[kind].format(**others, epsilon=epsilon, clip=clip)


def _counted(loss: str) -> list[str]:
    return [
        "",
        "",
        "def counted(aim, output):",
        '    """The mean over the values that count."""',
        "    off, counts = output - aim[..., 0], aim[..., 1]",
        f"    return keras.ops.sum({COUNTED[loss]} * counts) / keras.ops.maximum(keras.ops.sum(counts), 1e-30)",
        "",
        "",
    ]


def _layer(
    placed: Placed, names: Mapping[str, str], notes: list[str], masked: list[str], *, bare: bool
) -> list[str]:
    """The lines for one layer, from what it reads to ``y``; its mask is one more input of the model."""
    node, built = placed.node, placed.geometry
    read = [names[name] for name in node.inputs]
    lines = [
        f"x = {read[0]}" if len(read) == 1 else f"x = keras.ops.concatenate([{', '.join(read)}], axis=-1)"
    ]
    if rate_of(node):
        mask = f"mask_{len(masked)}"
        masked.append(f"mask.{node.name}")
        lines += [f"{mask} = keras.Input({_last(built.walk.input_shape)})", f"x = x * {mask}"]
    subject = subject_of(placed)
    walk = built.walk
    if walk.across and len(read) > 1:
        sign = " * " if built.combination.reduce == "product" else " + "
        lines = [f"y = {sign.join(read)}"]
    elif subject.rule == "pointwise" and built.combination.reduce == "pick":
        lines.append("y = x")
    elif node.operation.own is not None:  # a normalisation, in training by the statistics of the batch
        lines += [f'{one} = data["start.{node.name}.{one}"]' for one in ("gain", "offset")]
        lines += [
            f"layer = keras.layers.BatchNormalization(epsilon={node.spec.epsilon!r})",  # type: ignore[attr-defined]
            "layer.build(x.shape)",
            "layer.set_weights([gain, offset, np.zeros_like(gain), np.ones_like(gain)])",
            "y = layer(x)",
        ]
    else:
        for tensor, shape in (("weight", built.weight_shape), ("bias", built.bias_shape)):
            if shape is not None:
                lines.append(f'{tensor} = data["start.{node.name}.{tensor}"]')
        try:
            body = keras.layer(subject)
        except Inexpressible as problem:
            raise Inexpressible(f"{node.name}: {problem.reason}") from None
        notes += body.notes
        patches = keras.is_patches(subject)
        lines += ["x = keras.ops.moveaxis(x, -1, 1)"] if patches else []
        tail = len(subject.activated("keras", -1)) if bare else 0
        own = body.lines[: len(body.lines) - tail]
        lines += [_batched(line, math.prod(walk.input_shape)) for line in own]
        return [*lines, *(["y = keras.ops.moveaxis(y, 1, -1)"] if patches else [])]
    return lines if bare else [*lines, *subject.activated("keras", -1)]


def _batched(line: str, cells: int) -> str:
    """A line of a snippet for one example, for any number of them."""
    found = _RESHAPED.search(line)
    if found is None:
        return line
    rest = str(cells) if found[2] == "-1" else found[2]
    return f"{line[: found.start()]}{found[1]}(-1, {rest})){line[found.end() :]}"
