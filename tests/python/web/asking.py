"""What the tests of the API share: a small run, and the one shape of every refusal."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

Json = dict[str, Any]

LAYER: Json = {"operation": "convolution", "kernel": 2, "filters": 2}
GRID: Json = {"kind": "values", "values": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]}
BOX: Json = {"kind": "preset", "name": "box"}


def run_body(**changes: Any) -> Json:
    return {"layers": [LAYER], "source": GRID, "weights": BOX, **changes}


def png(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


def assert_problem(answer: Any, status: int, code: str, field: str | None = None) -> Json:
    """The one shape of every refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: Json = answer.json()
    assert told["status"] == status
    assert told["code"] == code
    assert told["type"] == f"/problems/{code}"
    assert told["reason"]
    assert told["remedy"].endswith(".")
    assert told["detail"].lower().endswith(f"{told['reason']}. {told['remedy']}".lower())
    if field is not None:
        assert told["field"] == field
        assert "value" in told
    return told
