"""Records what lessons say that was measured: ``python -m tests.effects.record`` writes app/lessons/measured.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .experiments import EXPERIMENTS, SEEDS, Experiment, measured
from .series import DATA, EARLY, RARE, STEPS, forecasts, naive, recurrent_lags, silence, stack_lags

FILE = Path(__file__).parents[2] / "app" / "lessons" / "measured.json"
# The names that lessons give to an experiment.
NAMES = {
    "x_or_o": "X or O, conv + pool",
    "few_dense": "60 pictures, dense",
    "few_conv": "60 pictures, conv + pool, twice",
    "few_augmented": "60 pictures, dense, augmented",
    "wrong_dense": "wrong labels, dense",
    "wrong_dropout": "wrong labels, dense, dropout",
}


def facts_of(experiment: Experiment) -> dict[str, float]:
    """The claims of lessons about the pictures."""
    data = experiment.data
    return {
        "pictures": data.count,
        "shift": data.shift,
        "augmented": experiment.augmentation.shift,
        "classes": len(data.classes),
        "wrong": data.wrong,
    }


def recorded(name: str) -> dict[str, Any]:
    """The accuracy of unseen examples, in per cent, of each seed and in the mean."""
    accuracies, _ = measured(NAMES[name])
    experiment = EXPERIMENTS[NAMES[name]]
    rounded = [round(one, 2) for one in accuracies]
    return {
        "experiment": NAMES[name],
        "epochs": experiment.epochs,
        "mean": round(sum(accuracies) / len(accuracies), 1),
        "least": min(rounded),
        "most": max(rounded),
        "seeds": len(SEEDS),
        **facts_of(experiment),
        "all": rounded,
    }


LAGS = (8, 63, 64)
RADIUS = 0.8
WINDOW = 400
# Errors and gradients are kept with so many digits: machines differ in the last ones.
DIGITS = 4


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _entry(experiment: str, values: Sequence[float], **facts: int) -> dict[str, Any]:
    """Numbers seed by seed, and how they were come by."""
    rounded = [_rounded(one) for one in values]
    return {
        "experiment": experiment,
        "mean": _rounded(float(np.mean(values))),
        "least": min(rounded),
        "most": max(rounded),
        "seeds": len(values),
        **facts,
        "all": rounded,
    }


def forecast_entries() -> dict[str, dict[str, Any]]:
    """Errors of forecasts: on the sequence of training, and of values held back, asked for with the past alone."""
    facts = {"steps": STEPS, "held": DATA.held}
    found = {}
    for padding in ("same", "causal"):
        of = forecasts(padding)
        title = f"six layers, {padding} padding"
        found[f"{padding}_apparent"] = _entry(title, [one.apparent for one in of], **facts)
        found[f"{padding}_honest"] = _entry(title, [one.honest for one in of], **facts)
    found["naive_honest"] = _entry("the last value", [one.honest for one in naive()], **facts)
    return found


def lag_entries() -> dict[str, dict[str, Any]]:
    """Gradients of the last output by the input so many steps before, as networks start."""
    stack, recurrent = stack_lags(), recurrent_lags(RADIUS, linear=False)
    found = {}
    for lag in LAGS:
        found[f"stack_lag_{lag}"] = _entry("six causal layers", [one[lag] for one in stack], lag=lag)
        title = f"recurrent layer, radius {RADIUS}"
        found[f"recurrent_lag_{lag}"] = _entry(title, [one[lag] for one in recurrent], lag=lag)
    return found


def silence_entries() -> dict[str, dict[str, Any]]:
    """Errors on all steps, on sound and on silence, where the loss counts, masks or weighs silence."""
    found = {}
    for how in ("counted", "masked", "weighted"):
        of = silence(RARE, how, EARLY)
        for at, part in enumerate(("all", "sound", "silence")):
            facts = {"steps": EARLY, "sound": RARE, "window": WINDOW}
            found[f"{how}_{part}"] = _entry(f"silence {how}", [one[at] for one in of], **facts)
    return found


def main() -> None:
    """Write the file."""
    found = {name: recorded(name) for name in NAMES}
    found |= forecast_entries() | lag_entries() | silence_entries()
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
