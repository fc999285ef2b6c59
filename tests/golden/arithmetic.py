"""Results of the core for drawn windows by each combine and for drawn values by each activation, for the mirror."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np

from app.core.activations import ACTIVATIONS
from app.core.combines import COMBINES
from app.core.combines.combine import Combine, Constants, Reading
from app.core.padding import BEYOND, FILL

WINDOWS = 24
VALUES = (-800.0, -6.5, -3.0, -1.0, -0.25, -1e-3, 0.0, 1e-3, 0.25, 1.0, 3.0, 6.5, 800.0)


def recorded() -> str:
    """One activation or combine a line, each with its record as the registry tells it."""
    draw = random.Random(1)
    activations = [
        {"activation": one.to_json(), "cases": [[x, _activated(name, x)] for x in VALUES]}
        for name, one in ACTIVATIONS.items()
    ]
    combines = [
        {"combination": one.to_json(), "cases": [_window(one, draw) for _ in range(WINDOWS)]}
        for one in COMBINES.values()
    ]
    lists: dict[str, list[dict[str, Any]]] = {"activations": activations, "combines": combines}
    texts = {name: ",\n".join(json.dumps(row) for row in rows) for name, rows in lists.items()}
    return "{" + ",\n".join(f'"{name}":[\n{text}\n]' for name, text in texts.items()) + "}\n"


def _activated(name: str, x: float) -> float:
    values = np.array([[x]])
    with np.errstate(all="ignore"):
        ACTIVATIONS[name].apply(values, 0)
    return float(values[0, 0])


def _window(combine: Combine, draw: random.Random) -> dict[str, Any]:
    """A window of one channel: per tap its value, weight and kind; what the combine gives, lane by lane."""
    taps = draw.randint(1, 6)
    codes = [0, *(draw.choice((0, 0, 0, FILL, BEYOND)) for _ in range(taps - 1))]
    fill = 0.0 if np.isinf(combine.fill) else combine.fill
    values = [draw.randint(-40, 40) / 8 if code >= 0 else fill for code in codes]
    weights = [draw.randint(-16, 16) / 8 for _ in range(taps)]
    divisors = {"divide": ("elements", "padded", 3), "root": (None, "elements")}
    divisor = draw.choice(divisors.get(combine.finish, (None,)))
    p = draw.choice((0.5, 1, 1.7, 2, 3)) if combine.term == "power" else None
    lanes = taps if combine.reduce == "pick" else 1
    bias = draw.randint(-8, 8) / 8 if combine.weighted else 0.0
    reading = Reading(np.array([[values]]), np.array([codes]), np.array([weights]))
    weight = np.array([[weights]]) if combine.weighted else None
    totals = combine.apply(reading, weight, np.array([bias]), Constants(divisor, p))
    return {
        "values": values,
        "weights": weights,
        "codes": codes,
        "divisor": divisor,
        "p": p,
        "bias": bias,
        "lanes": lanes,
        "totals": totals[0].tolist(),
    }
