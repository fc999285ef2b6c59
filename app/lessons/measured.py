"""Measured effects of training, for lessons that claim them: ``measured("few_dense").mean``. Trains nothing itself.

``python -m tests.effects.record`` writes the file, and tests train some of its seeds again.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from .functions import Parts

FILE = Path(__file__).parent / "measured.json"
PARTS = ["mean", "least", "most", "seeds", "epochs", "steps"]
# Facts about the data.
PARTS += ["pictures", "shift", "augmented", "classes", "wrong", "held", "lag", "sound", "window"]


@functools.cache
def recorded() -> dict[str, dict[str, Any]]:
    """All that was measured, by name."""
    found: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def measured(name: str) -> Parts:
    """One experiment; raises KeyError for one that was not measured."""
    return Parts(recorded()[name].__getitem__, PARTS)
