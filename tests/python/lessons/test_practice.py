"""Exercises: each key equals a formula that knows nothing of the engine; seeds give many different ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.core.errors import NotFound
from app.lessons.practice.draw import exercises
from app.lessons.practice.exercise import Exercise
from app.lessons.practice.kinds import KINDS
from app.link.fragment import read_link

LEVELS = (1, 2, 3)
MANY = 60


def settings(exercise: Exercise) -> list[dict[str, Any]]:
    """The layers of an exercise as a person would copy them from its link."""
    plain = {"stride": 1, "padding": 0, "dilation": 1, "filters": 1, "groups": 1, "bias": False}
    return [plain | dict(layer.spec) for layer in read_link(exercise.fragment).layers]


def source(exercise: Exercise) -> Any:
    found = read_link(exercise.fragment).source
    assert found is not None
    return found


def span(layer: dict[str, Any]) -> int:
    return int((layer["kernel"] - 1) * layer["dilation"] + 1)


def sizes(exercise: Exercise) -> Any:
    (layer,) = settings(exercise)
    found = [
        (n + 2 * layer["padding"] - span(layer)) // layer["stride"] + 1 for n in source(exercise)["shape"][1:]
    ]
    return [layer["filters"], *found]


def padding(exercise: Exercise) -> Any:
    """Tried from 0 on, until the wanted size comes out."""
    (layer,) = settings(exercise)
    rows = source(exercise)["shape"][1]
    wanted = (rows + 2 * layer["padding"] - span(layer)) // layer["stride"] + 1
    return next(p for p in range(99) if (rows + 2 * p - span(layer)) // layer["stride"] + 1 == wanted)


def _window(exercise: Exercise, stride: int) -> tuple[Any, Any, int]:
    (layer,) = settings(exercise)
    link = read_link(exercise.fragment)
    grid = np.array(source(exercise)["values"], float)[0]
    outside = np.pad(grid, layer["padding"], constant_values=np.nan)
    places = (len(outside) - layer["kernel"]) // stride + 1
    row, col = divmod(int(link.page["step"]), places)
    top, left = row * stride, col * stride
    return outside[top : top + layer["kernel"], left : left + layer["kernel"]], link.layers[0].weights, places


def sums(exercise: Exercise) -> Any:
    window, weights, _ = _window(exercise, 1)
    kernel = np.array(weights["values"], float)[0, 0]
    return float((np.nan_to_num(window) * kernel).sum() + weights.get("bias", [0])[0])


def pooling(exercise: Exercise) -> Any:
    window, _, _ = _window(exercise, settings(exercise)[0]["stride"])
    if settings(exercise)[0]["operation"] == "max_pooling":
        return float(np.nanmax(window))
    return float(np.nanmean(window))


def fields(exercise: Exercise) -> Any:
    """Followed back from the last cell: the first and the last cell that are read."""
    first = last = 0
    for layer in reversed(settings(exercise)):
        first = first * layer["stride"]
        last = last * layer["stride"] + span(layer) - 1
    return last - first + 1


def parameters(exercise: Exercise) -> Any:
    (layer,) = settings(exercise)
    channels = source(exercise)["shape"][0]
    total = 0
    for _ in range(layer["filters"]):
        total += channels // layer["groups"] * layer["kernel"] ** 2
        total += 1 if layer["bias"] else 0
    return total


def transposed(exercise: Exercise) -> Any:
    """The span of all stamps, less what padding cuts off."""
    (layer,) = settings(exercise)
    found = []
    for n in source(exercise)["shape"][1:]:
        cells = {
            o + t * layer["dilation"]
            for o in range(0, n * layer["stride"], layer["stride"])
            for t in range(layer["kernel"])
        }
        found.append(max(cells) + 1 - 2 * layer["padding"] + (layer.get("output_padding") or 0))
    return [1, *found]


def causal(exercise: Exercise) -> Any:
    prompt = exercise.ask.prompt[0]["content"]
    time = int("".join(one for one in prompt if isinstance(one, str)).split("at time ")[1].split()[0])
    reached = {time}
    for layer in reversed(settings(exercise)):
        reached = {at - tap * layer["dilation"] for at in reached for tap in range(layer["kernel"])}
    return min(reached)


FORMULAS = {
    "sizes": sizes,
    "padding": padding,
    "sums": sums,
    "fields": fields,
    "parameters": parameters,
    "pooling": pooling,
    "transposed": transposed,
    "causal": causal,
}


@pytest.mark.parametrize("difficulty", LEVELS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_key_equals_an_independent_formula_and_variants_are_many(kind: str, difficulty: int) -> None:
    drawn = exercises(kind, 1, 50, difficulty)
    for one in drawn:
        assert one.ask.key.value == pytest.approx(FORMULAS[kind](one)), one.fragment
        values = [answer.value for answer in one.ask.answers]
        assert len(values) >= 2
        assert all(value != one.ask.key.value for value in values[1:])
    assert len({one.fragment for one in drawn}) == 50


def test_the_same_seed_gives_the_same_exercises_and_another_one_others() -> None:
    def described(seed: int) -> list[Any]:
        return [one.to_json(seed, solutions=True) for one in exercises("all", seed, 8, 2)]

    assert described(3) == described(3)
    assert described(3) != described(4)
    assert [one["kind"] for one in described(3)] == list(KINDS)


def test_the_stage_does_not_show_the_padding_that_is_asked_for() -> None:
    for one in exercises("padding", 5, 10, 2):
        shown = read_link(one.stage.fragment).layers[0].spec
        assert shown.get("padding", 0) == 0
        assert one.ask.then == one.fragment


def test_a_kind_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(NotFound, match="no exercises have this kind"):
        exercises("nothing", 0, 1, 1)
