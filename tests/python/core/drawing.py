"""Hypothesis strategies: any operation with a setting that fits, and tensors to run it on."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from app.core.engine.trace import Layer
from app.core.errors import Unfit
from app.core.geometry import geometry
from app.operations import registry

from ...golden.cases import draw_shape, draw_spec

Json = dict[str, Any]


def layer_of(spec: Json, shape: tuple[int, ...], seed: int = 0) -> Layer:
    """A layer with seeded normal tensors; raises Unfit where the spec does not fit."""
    operation = registry()[spec["operation"]]
    built = geometry(operation, operation.spec.model_validate(spec), shape)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape).astype(np.float32)
    weight = rng.normal(size=built.weight_shape).astype(np.float32) if built.weight_shape else None
    bias = rng.normal(size=built.bias_shape).astype(np.float32) if built.bias_shape else None
    return Layer(operation, built, x, weight, bias)


@st.composite
def layers(
    draw: st.DrawFn,
    most_work: int = 2_000_000,
    combine: str | None = None,
    operation: str | None = None,
    *,
    activated: bool = True,
) -> Layer:
    """A layer of any registered operation (of one combine, or the one named) that fits and is replayed quickly.

    One that is not ``activated`` has no activation, as where its sums are compared with what knows none.
    """
    names = [name for name, one in registry().items() if combine in (None, one.combine)]
    names = [name for name in names if operation in (None, name)]
    name = draw(st.sampled_from(sorted(names)))
    rng = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(50):
        shape = draw_shape(rng)
        spec = draw_spec(rng, registry()[name], len(shape) - 1)
        if not activated:
            spec["activation"] = "none"
        try:
            layer = layer_of(spec, shape, seed=rng.randrange(2**32))
        except Unfit:
            continue
        if layer.geometry.operations <= most_work:
            return layer
    assume(False)
    raise AssertionError("unreachable")
