"""Whatever the layer, a figure shows what the kernel computes, and its step adds up to its output cell."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.core.engine.trace import Layer
from app.figures.bounds import drawn_cells
from app.figures.content.about import About
from app.figures.content.shown import Replay
from app.figures.layout.looks import Look
from app.figures.layout.scene import Scene
from app.figures.writers.svg import svg

from ..core.drawing import layers
from .figures import values

NOTHING = About("", "", "", "", "")


def close(found: np.ndarray, wanted: np.ndarray) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-3)


@given(layers(most_work=200_000), st.data())
def test_the_cells_of_a_figure_hold_what_the_kernel_computes(layer: Layer, data: st.DataObject) -> None:
    walk = layer.geometry.walk
    if drawn_cells(layer, walk) > 2_000:
        return
    lane = data.draw(st.integers(0, walk.lanes - 1))
    channel = walk.channels_of(lane // walk.lanes_per_group).start
    replay = Replay(layer, lane, channel, scattering=False)
    root = ET.fromstring(svg(Scene(replay, Look()).figure(None), NOTHING))
    computed = layer.run()[lane]
    close(values(root, "output"), computed.reshape(walk.step_shape))


@given(layers(most_work=200_000, combine="sum_of_products", activated=False), st.data())
def test_the_terms_of_a_step_add_up_to_its_output_cell(layer: Layer, data: st.DataObject) -> None:
    walk = layer.geometry.walk
    lane, step = data.draw(st.integers(0, walk.lanes - 1)), data.draw(st.integers(0, walk.steps - 1))
    channel = walk.channels_of(lane // walk.lanes_per_group).start
    shown = Replay(layer, lane, channel, scattering=False).at(step)
    assert shown.window is not None
    assert shown.position is not None
    total = sum(term.value * (term.weight or 0) for term in shown.window.terms(len(shown.window)))
    total += shown.bias or 0
    close(np.array(total), shown.values[shown.position])
    close(np.array(total), layer.run()[lane].ravel()[step])
    for term in shown.window.terms(len(shown.window)):
        if term.channel == channel:
            assert shown.input_cell(term.cell) == (term.kind, term.value)


@given(layers(most_work=200_000, operation="transposed_convolution"), st.data())
def test_all_stamps_together_are_the_output(layer: Layer, data: st.DataObject) -> None:
    walk = layer.geometry.walk
    lane = data.draw(st.integers(0, walk.lanes - 1))
    channel = walk.channels_of(lane // walk.lanes_per_group).start
    stamping = Replay(layer, lane, channel, scattering=True)
    some = data.draw(st.integers(0, stamping.walk.steps - 1))
    before = stamping.at(some).values  # asked for in any order
    last = stamping.at(stamping.walk.steps - 1)
    close(last.values.ravel(), layer.run()[lane].ravel())
    np.testing.assert_array_equal(stamping.at(some).values, before)
