"""A kernel beyond a thousand taps is ordinary, a dense layer on a long series: every route builds its weights."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.core.weights import PresetName

from ..web.asking import Json

LONG = 1031  # taps: the first beyond what float64 holds as binomial coefficients
LAYERS: dict[str, tuple[Json, list[int]]] = {
    "dense": ({"operation": "dense"}, [1, LONG]),
    "convolution": ({"operation": "convolution", "kernel": LONG}, [1, LONG + 3]),
    "largest kernel": ({"operation": "convolution", "kernel": 4096, "filters": 8}, [1, 4100]),
    "two axes": ({"operation": "convolution", "kernel": [1200, 3]}, [2, 1201, 4]),
    "transposed": ({"operation": "transposed_convolution", "kernel": LONG, "filters": 9}, [1, 5]),
}


@pytest.mark.parametrize("name", [None, *get_args(PresetName)])
@pytest.mark.parametrize("layer", LAYERS)
def test_a_run_answers_for_every_preset(client: TestClient, layer: str, name: str | None) -> None:
    spec, shape = LAYERS[layer]
    body: Json = {"layers": [spec], "source": {"kind": "noise", "shape": shape}}
    if name is not None:
        body["weights"] = {"kind": "preset", "name": name}
    answer = client.post("/api/v1/run", json=body)
    assert answer.status_code == 200, answer.text
    assert np.isfinite(answer.json()["output"]).all()


@pytest.mark.parametrize(
    ("route", "more"),
    [
        ("frames", {"window": True}),
        ("frames", {"weight": True}),
        ("code", {"target": "numpy"}),
        ("code", {"target": "pytorch"}),
        ("figure", {"step": "final", "format": "svg"}),
        ("run", {"include": ["weight", "output"], "dtype": "float64"}),
    ],
)
@pytest.mark.parametrize("preset", ["mixed", "gaussian", "sobel_horizontal"])
def test_every_route_builds_the_weights(client: TestClient, route: str, more: Json, preset: str) -> None:
    weights = {"kind": "preset", "name": preset}
    source = {"kind": "noise", "shape": [1, LONG]}
    body = {"layers": [{"operation": "dense"}], "source": source, "weights": weights, **more}
    answer = client.post(f"/api/v1/{route}", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.content
