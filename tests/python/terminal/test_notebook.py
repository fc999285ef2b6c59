"""Layers in a notebook: they compute what the API computes, and show themselves without anything but HTML."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

import app as convscope
from app.core.errors import Problem
from app.operations import registry

from ..web.asking import GRID

X = np.array(GRID["values"], np.float64)


def source_of(html: str) -> bytes:
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]*)"', html)
    assert found is not None
    return base64.b64decode(found[1])


class Static(HTMLParser):
    """Notes what a static page may not hold."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.foreign += [
            name
            for name, value in attributes
            if name.startswith("on") or (name in ("src", "href") and not (value or "").startswith("data:"))
        ]


def parsed(html: str) -> list[str]:
    page = Static()
    page.feed(html)
    assert not page.foreign
    assert "script" not in page.tags
    return page.tags


def test_a_result_is_what_the_api_gives_and_shows_itself(client: TestClient) -> None:
    result = convscope.layer("convolution", kernel=2, filters=2, bias=True)(X, weight="box", bias=[1, -1])
    answer = client.post(
        "/api/v1/run",
        json={
            "layers": [{"operation": "convolution", "kernel": 2, "filters": 2, "bias": True}],
            "source": GRID,
            "weights": {"kind": "preset", "name": "box", "bias": [1, -1]},
            "dtype": "float64",
        },
    ).json()
    np.testing.assert_array_equal(result.output, answer["output"])
    html = result._repr_html_()
    assert parsed(html)[:2] == ["figure", "img"]
    assert b"<svg" in source_of(html)
    assert "Convolution of a 3×3 input" in html


@given(st.sampled_from(sorted(registry())))
def test_every_operation_shows_itself_as_a_layer_a_plan_and_a_result(name: str) -> None:
    layer = convscope.layer(name)
    result = layer(np.arange(144.0).reshape(4, 6, 6))
    for shown in (layer, layer.plan((4, 6, 6)), result, result.figure(0)):
        parsed(shown._repr_html_())
    assert result.output.shape == layer.plan((4, 6, 6)).output_shape


def test_weights_are_arrays_presets_or_drawn() -> None:
    layer = convscope.layer(kernel=3)
    weight = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
    np.testing.assert_array_equal(layer(X, weight=weight).output, [[[(weight[0, 0] * X).sum()]]])
    first, other = (layer(X, weight="random", seed=seed).weight for seed in (1, 2))
    assert not np.array_equal(first, other)


def test_a_picture_too_large_for_a_figure_shows_its_plan() -> None:
    result = convscope.layer("max_pooling", kernel=2)(np.zeros((3, 400, 400), np.float32))
    assert "3×200×200" in result._repr_html_()
    assert "img" not in parsed(result._repr_html_())


def test_code_is_read_as_a_layer() -> None:
    assert (
        "Left out: MaxPool2d" in convscope.read("nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2))").notes[0]
    )
    layer = convscope.read("nn.MaxPool2d(2, stride=1)")
    np.testing.assert_array_equal(layer(X).output, [[[5, 6], [8, 9]]])


def test_a_figure_comes_in_every_form_with_its_words() -> None:
    drawn = convscope.layer(kernel=2)(X).figure(1, "pdf", theme="print", width_mm=80.0)
    assert drawn.data.startswith(b"%PDF")
    assert drawn.bibtex.startswith("@misc{")
    assert drawn.alt


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (lambda: convscope.layer("spiral"), "operation"),
        (lambda: convscope.layer(kernel="wide"), "kernel"),
        (lambda: convscope.layer(orbit=3), "orbit"),
        (lambda: convscope.layer(kernel=9)(X), "kernel"),
        (lambda: convscope.layer()(np.zeros((1, 1, 1, 1, 1))), "x"),
        (lambda: convscope.layer()(np.array(["a"])), "x"),
        (lambda: convscope.layer(kernel=2)(X, weight="pretty"), "name"),
        (lambda: convscope.layer(kernel=2)(X).figure(0, theme="pink"), "theme"),
        (lambda: convscope.layer(kernel=2)(X).figure(99), "step"),
        (lambda: convscope.read("nn.Linear"), None),
    ],
)
def test_what_does_not_fit_is_refused_with_field_and_remedy(ask: Any, field: str | None) -> None:
    with pytest.raises(Problem) as refused:
        ask()
    if field is not None:
        assert refused.value.field == field
    assert refused.value.remedy


def test_markup_in_a_setting_stays_text() -> None:
    layer = convscope.layer(kernel=2)
    object.__setattr__(layer.spec, "kernel", "<script>alert(1)</script>")
    assert "<script>" not in layer._repr_html_()


def test_the_package_loads_nothing_before_it_is_asked() -> None:
    import subprocess
    import sys

    program = "import app, sys; print('numpy' in sys.modules, hasattr(app, 'nothing'), callable(app.layer))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True"]
