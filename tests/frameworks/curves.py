"""Records the losses of the programs that are written for experiments, so that a test needs neither PyTorch nor Keras.

To make the recordings again, in an environment with the framework and what the core needs (numpy, pydantic, reportlab,
ziafont, pillow):

    pip install torch==2.13.0
    python -m tests.frameworks.curves pytorch
    pip install keras==3.15.1 tensorflow-cpu==2.21.0
    python -m tests.frameworks.curves keras
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from app.code.write.training import repeated, write_training
from app.code.write.training_keras import write_keras_training
from app.core.learning.loop import How, Training
from app.core.learning.optimisers import Settings
from app.core.learning.starts import start_row
from app.core.network.graph import network_of
from app.core.network.shapes import shapes_of
from app.data.augmentation import Augmentation, augmented
from app.data.sets import StrokesData, examples_of
from app.operations import registry

Json = dict[str, Any]

RECORDED = Path(__file__).parent / "recorded"
CONV: Json = {"operation": "convolution", "filters": 4, "padding": "same", "bias": True, "activation": "relu"}
VOTES: Json = {"operation": "dense", "filters": 2, "bias": True}
POOL: Json = {"operation": "max_pooling"}
ADAM: Json = {"kind": "adam", "rate": 0.01}
EXPERIMENTS: dict[str, Json] = {
    "convolution and pool": {"layers": [CONV, POOL, VOTES]},
    "augmented": {"layers": [CONV, POOL, VOTES], "augmentation": {"shift": 1, "tilt": 10, "noise": 0.1}},
    "clipped momentum, huber": {
        "layers": [CONV, POOL, VOTES],
        "loss": "huber",
        "optimiser": {"kind": "momentum", "rate": 0.05, "clip": 1.0},
    },
    "a residual block, a transposed convolution, one output": {
        "layers": [
            {**CONV, "name": "a", "padding_mode": "reflect", "activation": "gelu"},
            {**CONV, "name": "b", "bias": False, "activation": "tanh"},
            {"operation": "add", "inputs": ["a", "b"]},
            {"operation": "average_pooling"},
            {"operation": "transposed_convolution", "filters": 2, "stride": 2},
            {"operation": "global_average_pooling"},
            {**VOTES, "filters": 1},
        ],
        "loss": "binary_cross_entropy",
    },
    "batch normalisation": {
        "layers": [CONV, {"operation": "batch_normalisation", "activation": "relu"}, POOL, VOTES]
    },
    "dropout": {
        "layers": [
            {**VOTES, "filters": 16, "activation": "relu"},
            {"operation": "dropout", "rate": 0.5},
            {**VOTES, "filters": 8},
            {"operation": "dropout", "rate": 0.25},
            VOTES,
        ]
    },
    "AdamW, softmax at the end": {
        "layers": [{**VOTES, "filters": 16, "activation": "silu"}, {**VOTES, "activation": "softmax"}],
        "optimiser": {"kind": "adamw", "rate": 0.01, "decay": 0.1},
    },
}


MODULES = {"pytorch": "torch", "keras": "keras"}
WRITERS = {"pytorch": write_training, "keras": write_keras_training}


def file_of(framework: str) -> Path:
    """The recording of a framework."""
    return RECORDED / f"{framework}_curves.json"


def training_of(given: Json, seed: int = 3) -> Training:
    """An experiment, ready to train."""
    specs = [registry()[layer["operation"]].spec.model_validate(layer) for layer in given["layers"]]
    examples = examples_of(StrokesData(kind="strokes", count=90, validation=10), seed)
    shapes = shapes_of(network_of(specs, registry()), examples.shape)
    how = How(given.get("loss", "cross_entropy"), Settings(**given.get("optimiser", ADAM)), 20, seed)
    change = Augmentation(**given.get("augmentation", {}))

    def augment(x: Any, step: int) -> Any:
        return augmented(x, change, seed, step)

    row = start_row(shapes, "pytorch", seed)
    return Training(shapes, examples, row, how, augment if change.changes else None)


def repeated_in(framework: str, given: Json) -> list[float]:
    """The losses of the program that is written for an experiment."""
    training = training_of(given)
    program = WRITERS[framework](training.shapes, training.how, training.examples).code
    with tempfile.TemporaryDirectory() as folder:
        arrays: Json = repeated(training)
        np.savez(Path(folder) / "experiment.npz", **arrays)
        here = Path.cwd()
        os.chdir(folder)
        try:
            known: Json = {}
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(program, "experiment.py", "exec"), known)
        finally:
            os.chdir(here)
    return [float(f"{loss:.7g}") for loss in known["losses"]]


def main() -> None:
    """Write the recording of the framework that is named."""
    (framework,) = sys.argv[1:]
    module: Any = importlib.import_module(MODULES[framework])

    record = {
        "framework": framework,
        "versions": {MODULES[framework]: module.__version__.split("+")[0]},
        "losses": {name: repeated_in(framework, given) for name, given in EXPERIMENTS.items()},
    }
    file_of(framework).write_text(json.dumps(record, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
