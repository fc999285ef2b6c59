"""Records what lessons say that was measured: ``python -m tests.effects.record`` writes app/lessons/measured.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .experiments import EXPERIMENTS, SEEDS, measured

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


def recorded(name: str) -> dict[str, Any]:
    """The accuracy of unseen examples, in per cent, of each seed and in the mean."""
    accuracies, _ = measured(NAMES[name])
    rounded = [round(one, 2) for one in accuracies]
    return {
        "experiment": NAMES[name],
        "epochs": EXPERIMENTS[NAMES[name]].epochs,
        "mean": round(sum(accuracies) / len(accuracies), 1),
        "least": min(rounded),
        "most": max(rounded),
        "seeds": len(SEEDS),
        "all": rounded,
    }


def main() -> None:
    """Write the file."""
    found = {name: recorded(name) for name in NAMES}
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
