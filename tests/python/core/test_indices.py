"""Where maxima lie: the same as a look at every tap in order, for windows of any kind, and not a loop over taps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.engine import indices as module
from app.core.engine.indices import (
    NO_CELL,
    STEP_WRITE,
    TAP_READ,
    index_bands,
    index_work,
    indices,
)
from app.core.engine.trace import Layer
from app.core.errors import Unfit
from app.core.geometry import geometry
from app.core.walk.walk import Walk
from app.operations import registry

POOLS = ("max_pooling", "global_max_pooling", "adaptive_max_pooling")


def by_definition(walk: Walk, x: Any) -> Any:
    """Every step and tap in order: the first of equals, each NaN in place of what came before."""
    found = np.full((len(x), *walk.step_shape), NO_CELL)
    for channel in range(len(x)):
        plane = x[channel].reshape(-1)
        for position in np.ndindex(walk.step_shape):
            best, index = -np.inf, NO_CELL
            sources = [
                axis.source.resolve(axis.reads.coordinates(np.array(at)))
                for axis, at in zip(walk.axes, position, strict=True)
            ]
            for cells in np.array(np.meshgrid(*sources, indexing="ij")).reshape(len(sources), -1).T:
                if (cells < 0).any():
                    continue
                cell = int(np.ravel_multi_index(cells, x.shape[1:]))
                if index == NO_CELL or plane[cell] > best or np.isnan(plane[cell]):
                    best, index = plane[cell], cell
            found[(channel, *position)] = index
    return found


@st.composite
def pools(draw: st.DrawFn) -> tuple[Walk, Any]:
    name = draw(st.sampled_from(POOLS))
    sizes = draw(st.lists(st.integers(1, 7), min_size=1, max_size=3))
    spec: dict[str, Any] = {"operation": name}
    if name == "max_pooling":
        per_axis = st.lists(st.integers(1, 4), min_size=len(sizes), max_size=len(sizes))
        for field in ("kernel", "stride", "dilation"):
            spec[field] = draw(per_axis)
        spec["padding"] = draw(st.integers(0, min(spec["kernel"]) - 1))
        spec["ceil_mode"] = draw(st.booleans())
    elif name == "adaptive_max_pooling":
        spec["size"] = draw(st.lists(st.integers(1, 9), min_size=len(sizes), max_size=len(sizes)))
    values = st.sampled_from(
        (-np.inf, -1.0, 0.0, 1.0, 2.0, np.inf, *([np.nan] if draw(st.booleans()) else []))
    )
    shape = (draw(st.integers(1, 2)), *sizes)
    count = int(np.prod(shape))
    x = np.array(draw(st.lists(values, min_size=count, max_size=count)), np.float32).reshape(shape)
    operation = registry()[name]
    try:
        return geometry(operation, operation.spec.model_validate(spec), shape).walk, x
    except Unfit:
        return geometry(registry()["global_max_pooling"], GLOBAL, shape).walk, x


GLOBAL = registry()["global_max_pooling"].spec.model_validate({"operation": "global_max_pooling"})


@given(pools(), st.integers(1, 4))
def test_indices_are_those_of_a_look_at_every_tap(pool: tuple[Walk, Any], rows: int) -> None:
    walk, x = pool
    expected = by_definition(walk, x)
    np.testing.assert_array_equal(indices(walk, x), expected)
    np.testing.assert_array_equal(np.concatenate(list(index_bands(walk, x, rows)), axis=1), expected)


@pytest.mark.parametrize(
    ("layer", "most"),
    [
        ({"operation": "global_max_pooling"}, 2),
        ({"operation": "max_pooling", "kernel": 256}, 2),
        ({"operation": "max_pooling", "kernel": 31, "stride": 1}, 62),
        ({"operation": "adaptive_max_pooling", "size": [2, 3]}, 5),
    ],
)
def test_work_is_done_axis_by_axis(monkeypatch: pytest.MonkeyPatch, layer: Any, most: int) -> None:
    """A global maximum of 1024×1024 cells was a million turns of a loop."""
    passes: list[int] = []
    for name in ("_by_steps", "_by_taps"):
        find = getattr(module, name)

        def counted(work: Any, find: Any = find) -> None:
            steps = work.cut.stop - work.cut.start
            passes.append(steps if find.__name__ == "_by_steps" else work.axis.reads.taps)
            find(work)

        monkeypatch.setattr(module, name, counted)
    operation = registry()[layer["operation"]]
    x = np.random.default_rng(0).standard_normal((1, 256, 256), dtype=np.float32)
    walk = geometry(operation, operation.spec.model_validate(layer), x.shape).walk
    found = indices(walk, x)
    assert sum(passes) <= most
    assert index_work(walk) < 70 * TAP_READ * x.size + 4 * STEP_WRITE * x.size
    built = geometry(operation, operation.spec.model_validate(layer), x.shape)
    np.testing.assert_array_equal(x.reshape(-1)[found], Layer(operation, built, x, None, None).run())


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_bands_look_along_each_row_of_the_input_once(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Windows of 51×51 in bands of three rows looked along each row 17 times."""
    along: list[int] = []
    look = module._along_rows

    def counted(walk: Walk, x: Any) -> Any:
        along.append(x.shape[1])
        return look(walk, x)

    monkeypatch.setattr(module, "_along_rows", counted)
    operation = registry()["max_pooling"]
    spec = operation.spec.model_validate({"operation": "max_pooling", "kernel": 51, "stride": 1})
    x = np.random.default_rng(0).standard_normal((1, 80, 60), dtype=np.float32)
    bands = list(index_bands(geometry(operation, spec, x.shape).walk, x, rows))
    assert sum(along) == 80
    assert sum(band.shape[1] for band in bands) == 30
