"""Helpers of the tests of the API: a small run, and the one shape of every refusal."""

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
    problem: Json = answer.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == f"/problems/{code}"
    assert problem["reason"]
    assert problem["remedy"].endswith(".")
    assert problem["detail"].lower().endswith(f"{problem['reason']}. {problem['remedy']}".lower())
    if field is not None:
        assert problem["field"] == field
        assert "value" in problem
    return problem
