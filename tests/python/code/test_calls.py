"""Calls of TensorFlow, JAX and Flax are read as what those frameworks computed, recorded in ``tests/frameworks``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.code.read.read import read
from app.core.engine.trace import Layer
from app.core.geometry import geometry
from app.operations import registry

from ..web.asking import Json

RECORDED = Path(__file__).parents[2] / "frameworks" / "recorded"
CASES: list[tuple[str, Json]] = [
    (framework, case)
    for framework in ("tensorflow", "jax")
    for case in json.loads((RECORDED / f"{framework}_calls.json").read_text(encoding="utf-8"))["cases"]
]


@pytest.mark.parametrize(("framework", "case"), CASES, ids=[case["text"] for _, case in CASES])
def test_a_call_is_read_as_what_its_framework_computes(framework: str, case: Json) -> None:
    found = read(case["text"])
    assert found.framework == framework
    shape = tuple(case["input_shape"])
    assert found.input_channels in (None, shape[0])
    assert found.axes in (None, len(shape) - 1)
    operation = registry()[found.spec.operation]
    built = geometry(operation, found.spec, shape)
    x = (np.arange(np.prod(shape)) % 7 - 3).reshape(shape).astype(np.float32)
    weight = np.ones(built.weight_shape, np.float32) if built.weight_shape else None
    bias = np.zeros(built.bias_shape, np.float32) if built.bias_shape else None
    layer = Layer(operation, built, x, weight, bias)
    output = layer.result(layer.run())
    assert list(output.shape) == case["output_shape"]
    if "values" in case:
        np.testing.assert_allclose(output.reshape(-1), case["values"], rtol=1e-4, atol=1e-4)
    else:
        np.testing.assert_allclose(output.sum(dtype=np.float64), case["sum"], rtol=1e-4, atol=0.02)
