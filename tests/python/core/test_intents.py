"""Each preset by intent does what its title says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from app.core.engine.trace import Layer
from app.core.intents import INTENTS, Intent
from app.core.weights import Wanted, Weights, resolve_weights

from .drawing import layer_of

WEIGHTS: TypeAdapter[Any] = TypeAdapter(Weights)
SIZE = 12


def made(intent: Intent, x: np.ndarray) -> np.ndarray:
    """The output of an intent on an input (channels, *sizes); a rectifier was there before, if it keeps one."""
    kept = {"activation": "relu"} if "activation" in intent.keeps else {}
    layer = layer_of({**intent.layer, **kept}, x.shape)
    if intent.weights is not None:
        built = layer.geometry
        assert built.weight_shape is not None
        wanted = Wanted(built.weight_shape, built.bias_shape, built.walk.weight_shape, built.as_given)
        weight, _ = resolve_weights(WEIGHTS.validate_python(dict(intent.weights)), wanted)
        layer = dataclasses.replace(layer, weight=weight)
    return dataclasses.replace(layer, x=x.astype(np.float32)).run()


def noise(channels: int = 1) -> np.ndarray:
    return np.random.default_rng(0).random((channels, SIZE, SIZE))


def line(falling: bool) -> np.ndarray:
    """A line of ones on −1, as a detector expects it."""
    picture = np.where(np.eye(SIZE, dtype=bool), 1.0, -1.0)
    shown: np.ndarray = (picture if falling else picture[::-1])[None]
    return shown


def steps(intent: Intent) -> tuple[int, ...]:
    return layer_of(dict(intent.layer), (1, SIZE, SIZE)).geometry.walk.step_shape


def touched(intent: Intent, cell: tuple[int, int]) -> np.ndarray:
    """Where the output changes when one input cell does."""
    layer: Layer = layer_of(dict(intent.layer), (1, SIZE, SIZE))
    changed = layer.x.copy()
    changed[(0, *cell)] += 1
    differs: np.ndarray = layer.run()[0] != dataclasses.replace(layer, x=changed).run()[0]
    return differs


def wider(intent: Intent) -> bool:
    plain = layer_of({"operation": "convolution", "kernel": 3, "padding": 1}, (1, SIZE, SIZE)).geometry
    own = layer_of(dict(intent.layer), (1, SIZE, SIZE)).geometry
    sees = own.to_json()["receptive_field"]["size"]
    return sees > plain.to_json()["receptive_field"]["size"] and own.multiply_adds == plain.multiply_adds


def detects(intent: Intent, falling: bool) -> bool:
    return bool(made(intent, line(falling)).max() == 9 and made(intent, line(not falling)).max() < 9)


def finds_edges(intent: Intent, axis: int) -> bool:
    """An edge across ``axis`` answers in the middle, one along it does not."""
    edge = np.zeros((1, SIZE, SIZE))
    edge[0, :, SIZE // 2 :] = 1
    across = edge if axis == 1 else edge.swapaxes(1, 2)
    along = edge.swapaxes(1, 2) if axis == 1 else edge
    inner = (0, slice(2, -2), slice(2, -2))
    return bool(
        np.abs(made(intent, across)[inner]).max() > 0 and np.abs(made(intent, along)[inner]).max() == 0
    )


PROMISES: dict[str, Callable[[Intent], bool]] = {
    "same size": lambda intent: steps(intent) == (SIZE, SIZE),
    "half the size": lambda intent: steps(intent) == (SIZE // 2, SIZE // 2),
    "twice the size": lambda intent: steps(intent) == (SIZE * 2, SIZE * 2),
    "wider at the same cost": wider,
    "each cell alone": lambda intent: touched(intent, (4, 5)).sum() == 1,
    "nothing from what comes after": lambda intent: (
        not touched(intent, (4, 5))[:4].any() and not touched(intent, (4, 5))[:, :5].any()
    ),
    "one cell": lambda intent: steps(intent) == (1, 1),
    "smoother, as bright": lambda intent: bool(
        made(intent, noise())[0, 1:-1, 1:-1].std() < noise()[0, 1:-1, 1:-1].std()
        and np.allclose(made(intent, -np.ones((1, SIZE, SIZE)))[0, 1:-1, 1:-1], -1)
    ),
    "upright edges": lambda intent: finds_edges(intent, 1),
    "level edges": lambda intent: finds_edges(intent, 0),
    "a falling line": lambda intent: detects(intent, True),
    "a rising line": lambda intent: detects(intent, False),
    "the input itself": lambda intent: bool(
        np.array_equal(made(intent, noise() - 0.5), (noise() - 0.5).astype(np.float32))
    ),
}


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: intent.title)
def test_each_preset_does_what_it_says(intent: Intent) -> None:
    assert PROMISES[intent.promise](intent)


def test_every_promise_is_made() -> None:
    assert {intent.promise for intent in INTENTS} == set(PROMISES)
    assert len({intent.title for intent in INTENTS}) == len(INTENTS)
