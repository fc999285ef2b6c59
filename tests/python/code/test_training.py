"""The programs of an experiment: they parse, load what there is, and gave the curve that is trained here."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import numpy as np
import pytest

from app.code.write import training, training_keras
from app.code.write.training import REPEATED, TOLERANCE, repeated
from app.core.learning.losses import LOSSES
from app.core.learning.optimisers import OPTIMISERS as KNOWN

from ...frameworks.curves import CONV, EXPERIMENTS, VOTES, WRITERS, file_of, training_of

RECORDED: dict[str, dict[str, Any]] = {
    framework: json.loads(file_of(framework).read_text(encoding="utf-8"))["losses"] for framework in WRITERS
}


@pytest.mark.parametrize("name", list(EXPERIMENTS))
def test_an_experiment_gives_the_curve_that_its_programs_gave(name: str) -> None:
    experiment = training_of(EXPERIMENTS[name])
    losses = [experiment.train() for _ in range(REPEATED)]
    for framework, recorded in RECORDED.items():
        np.testing.assert_allclose(losses, recorded[name], rtol=TOLERANCE, atol=TOLERANCE, err_msg=framework)


@pytest.mark.parametrize("framework", list(WRITERS))
@pytest.mark.parametrize("name", list(EXPERIMENTS))
def test_a_program_parses_and_loads_what_the_file_holds(name: str, framework: str) -> None:
    experiment = training_of(EXPERIMENTS[name])
    snippet = WRITERS[framework](experiment.shapes, experiment.how, experiment.examples)
    assert snippet.expressible
    ast.parse(snippet.code)
    arrays = repeated(experiment)
    assert set(re.findall(r'data\["([\w.]+)"\]', snippet.code)) <= set(arrays)
    order = arrays["order"]
    assert order.shape == (REPEATED, 20)
    assert order.max() < len(arrays["examples"]) == len(arrays["labels"])
    assert ((order < 0).sum(axis=1) == [10 if step % 5 == 4 else 0 for step in range(REPEATED)]).all()


@pytest.mark.parametrize("writer", [training, training_keras])
def test_every_optimiser_and_loss_has_its_words(writer: Any) -> None:
    assert set(writer.OPTIMISERS) == set(KNOWN)
    assert set(writer.LOSS) == set(LOSSES)


def test_a_decay_that_keras_takes_from_the_weights_is_refused() -> None:
    experiment = training_of({"layers": [VOTES], "optimiser": {"kind": "sgd", "rate": 0.1, "decay": 0.1}})
    snippet = training_keras.write_keras_training(experiment.shapes, experiment.how, experiment.examples)
    assert not snippet.expressible
    assert "decay" in snippet.code


@pytest.mark.parametrize("framework", list(WRITERS))
def test_what_a_framework_cannot_say_is_named(framework: str) -> None:
    layers = [CONV, {"operation": "min_pooling"}, VOTES]
    experiment = training_of({"layers": layers})
    snippet = WRITERS[framework](experiment.shapes, experiment.how, experiment.examples)
    assert not snippet.expressible
    assert "min_pooling1: " in snippet.code
