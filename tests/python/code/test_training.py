"""The PyTorch program of an experiment: it parses, loads what there is, and gave the curve that is trained here."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import numpy as np
import pytest

from app.code.write.training import LOSS, OPTIMISERS, REPEATED, TOLERANCE, repeated, write_training
from app.core.learning.losses import LOSSES
from app.core.learning.optimisers import OPTIMISERS as KNOWN

from ...frameworks.curves import CONV, EXPERIMENTS, FILE, VOTES, training_of

RECORDED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["losses"]


@pytest.mark.parametrize("name", list(EXPERIMENTS))
def test_an_experiment_gives_the_curve_that_its_pytorch_program_gave(name: str) -> None:
    training = training_of(EXPERIMENTS[name])
    losses = [training.train() for _ in range(REPEATED)]
    np.testing.assert_allclose(losses, RECORDED[name], rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("name", list(EXPERIMENTS))
def test_a_program_parses_and_loads_what_the_file_holds(name: str) -> None:
    training = training_of(EXPERIMENTS[name])
    snippet = write_training(training.shapes, training.how, training.examples)
    assert snippet.expressible
    ast.parse(snippet.code)
    arrays = repeated(training)
    assert set(re.findall(r'data\["([\w.]+)"\]', snippet.code)) <= set(arrays)
    order = arrays["order"]
    assert order.shape == (REPEATED, 20)
    assert order.max() < len(arrays["examples"]) == len(arrays["labels"])
    assert ((order < 0).sum(axis=1) == [10 if step % 5 == 4 else 0 for step in range(REPEATED)]).all()


def test_every_optimiser_and_loss_has_its_words() -> None:
    assert set(OPTIMISERS) == set(KNOWN)
    assert set(LOSS) == set(LOSSES)


def test_what_pytorch_cannot_say_is_named() -> None:
    layers = [CONV, {"operation": "min_pooling"}, VOTES]
    training = training_of({"layers": layers})
    snippet = write_training(training.shapes, training.how, training.examples)
    assert not snippet.expressible
    assert "min_pooling1: " in snippet.code
