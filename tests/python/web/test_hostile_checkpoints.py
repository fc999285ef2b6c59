"""Checkpoints that were made to harm, or are damaged: each is refused in words, and nothing is trained."""

from __future__ import annotations

import json

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.data.bundle import Bundle, safetensors_bytes
from app.web.http.training import EXAMPLE_TRAIN

from .asking import assert_problem

SAFETENSORS = "application/x-safetensors"
HELD = {"step": "1", "updates": "1", "kind": "adam"}
ROWS = {"row": np.zeros(170, np.float32)}


@pytest.mark.parametrize(
    ("header", "arrays"),
    [
        ("{}", ROWS),
        ("[]", ROWS),
        ("no JSON", ROWS),
        (json.dumps({**HELD, "step": "-1"}), ROWS),
        (json.dumps({**HELD, "step": "1e9"}), ROWS),
        (json.dumps({**HELD, "updates": str(10**12)}), ROWS),
        (json.dumps({**HELD, "kind": "__class__"}), ROWS),
        (json.dumps({**HELD, "kind": ["adam"]}), ROWS),
        (json.dumps(HELD), ROWS),  # without the rows of Adam
        (json.dumps({**HELD, "updates": "0"}), {"row": np.full(170, np.nan, np.float32)}),
        (json.dumps({**HELD, "updates": "0"}), {"row": np.zeros(3, np.float32)}),
        (json.dumps({**HELD, "updates": "0"}), {"row": np.zeros(170, np.int32)}),
    ],
)
def test_a_hostile_checkpoint_is_refused_in_words(
    client: TestClient, header: str, arrays: dict[str, np.ndarray]
) -> None:
    file = safetensors_bytes(Bundle(arrays, {"checkpoint": header}))
    id = client.post("/api/v1/bundles", content=file, headers={"content-type": SAFETENSORS}).json()["id"]
    answer = client.post("/api/v1/train", json={**EXAMPLE_TRAIN, "checkpoint": id})
    assert assert_problem(answer, 422, "unfit", "checkpoint")["pointer"] == "/checkpoint"
