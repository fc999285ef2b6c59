"""Which input cells no step reads: counted by arithmetic, the same as a look at every read, on axes of any length."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.geometry import as_ranges
from app.core.padding import PADDING_MODES
from app.core.walk import unread as module
from app.core.walk.unread import unread
from app.core.walk.walk import (
    Affine,
    AxisMap,
    AxisWalk,
    Table,
)

ONE = Affine(0, 1, 1, 1)


def brute(axis: AxisWalk) -> list[int]:
    """Every read looked at."""
    cells = axis.source.resolve(axis.reads.coordinates(np.arange(axis.steps)))
    return sorted(set(range(axis.source.size)) - set(cells.ravel().tolist()))


@st.composite
def affine_axes(draw: st.DrawFn) -> AxisWalk:
    size = draw(st.integers(1, 40))
    mode = draw(st.sampled_from(sorted(PADDING_MODES)))
    widest = {"reflect": size - 1, "symmetric": size, "circular": size}.get(mode, 12)
    begin, end = draw(st.integers(0, widest)), draw(st.integers(0, widest))
    spread = draw(st.sampled_from((1, 1, 2, 3))) if mode == "zeros" else 1
    source = AxisMap(size, begin, end, draw(st.integers(0, 3)), mode, spread)
    stride = 1 if spread > 1 else draw(st.integers(1, 12))
    start = draw(st.integers(-begin, 5))
    reads = Affine(start, stride, draw(st.integers(1, 9)), draw(st.integers(1, 9)))
    return AxisWalk("col", draw(st.integers(1, 20)), reads, source, ONE, 1)


@given(affine_axes(), st.integers(1, 30), st.integers(0, 5))
def test_evenly_spaced_windows_leave_what_a_look_at_every_read_leaves(
    axis: AxisWalk, piece: int, most: int
) -> None:
    expected = brute(axis)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PIECE", piece)  # ranges go on from piece to piece
        assert unread(axis, 1000) == module.Unread(len(expected), as_ranges(expected))
        assert unread(axis, most).ranges == as_ranges(expected)[:most]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6)), min_size=1, max_size=8))
def test_windows_of_a_table_leave_what_a_look_at_every_read_leaves(windows: list[tuple[int, int]]) -> None:
    starts, counts = (np.array(numbers, np.int32) for numbers in zip(*windows, strict=True))
    axis = AxisWalk("col", len(windows), Table(starts, counts), AxisMap(40), ONE, len(windows))
    expected = brute(axis)
    assert unread(axis, 1000) == module.Unread(len(expected), as_ranges(expected))


@pytest.mark.parametrize(
    ("reads", "steps", "count"),
    [
        (Affine(0, 2, 1, 1), 2**23, 2**23),
        (Affine(0, 4096, 4096, 1), 4096, 0),
        (Affine(0, 4096, 4095, 1), 4096, 4096),
        (Affine(0, 3, 4096, 4093), 1, 2**24 - 4096),
        (Affine(0, 1, 4096, 4096), 4095, 4096),
    ],
)
def test_the_work_does_not_grow_with_the_axis(
    monkeypatch: pytest.MonkeyPatch, reads: Affine, steps: int, count: int
) -> None:
    """At most as many pieces are looked at as ranges are told."""
    inspected: list[int] = []
    cells = module._Runs.cells

    def counted(runs: module._Runs) -> module.Int64:
        inspected.append(len(runs.first))
        return cells(runs)

    monkeypatch.setattr(module._Runs, "cells", counted)
    found = unread(AxisWalk("col", steps, reads, AxisMap(2**24), ONE, steps), 64)
    assert found.count == count
    assert len(found.ranges) <= 64
    assert len(inspected) <= 65
