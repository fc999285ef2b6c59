"""Figures of networks: the chain, the field of a cell, the dilation diagram, in every form; and what is refused."""

from __future__ import annotations

import io
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.figures.writers.formats import FORMATS
from tests.python.web.asking import assert_problem

SVG = "{http://www.w3.org/2000/svg}"
X: dict[str, Any] = {
    "layers": [
        {"operation": "convolution", "name": "conv1", "kernel": 3, "filters": 2, "padding": "same"},
        {"operation": "max_pooling", "name": "small", "kernel": 3},
        {"operation": "dense", "name": "votes", "filters": 2},
    ],
    "source": {"kind": "sample", "name": "cross"},
}
WAVENET: dict[str, Any] = {
    "layers": [
        {
            "operation": "convolution",
            "name": f"conv{at + 1}",
            "kernel": 2,
            "dilation": 2**at,
            "padding": "causal",
        }
        for at in range(4)
    ],
    "source": {"kind": "noise", "shape": [1, 20], "seed": 1},
}


def drawn(client: TestClient, form: str = "svg", **body: Any) -> Any:
    answer = client.post("/api/v1/figure", json={**body, "format": form})
    assert answer.status_code == 200, answer.text
    return answer


def groups(svg: bytes, part: str) -> list[ElementTree.Element]:
    return [one for one in ElementTree.fromstring(svg).iter(f"{SVG}g") if one.get("data-part") == part]


def texts(svg: bytes) -> list[str]:
    return ["".join(one.itertext()) for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("form", [name for name in FORMATS if name != "json"])
@pytest.mark.parametrize("kind", ["fields", "dilation"])
def test_a_network_is_drawn_in_every_form(client: TestClient, form: str, kind: str) -> None:
    answer = drawn(client, form, **(X if kind == "fields" else WAVENET), kind=kind, width_mm=80, dpi=60)
    assert answer.headers["content-type"].startswith(FORMATS[form].media_type)
    assert f"network-{kind}.{FORMATS[form].ending}" in answer.headers["content-disposition"]
    if FORMATS[form].kind == "moving":
        picture = Image.open(io.BytesIO(answer.content))
        assert getattr(picture, "n_frames", 1) == (4 if kind == "fields" else 5)


def test_the_chain_names_each_layer_with_its_shape_and_what_it_sees(client: TestClient) -> None:
    svg = drawn(client, **X, kind="chain").content
    assert [one.get("data-layer") for one in groups(svg, "layer")] == ["input", "conv1", "small", "votes"]
    assert {"input", "1×9×9", "conv1", "2×9×9", "sees 3×3", "small", "sees 5×5", "votes"} <= set(texts(svg))
    assert groups(svg, "field") == []


def test_the_field_is_framed_where_it_lies_and_told_in_words(client: TestClient) -> None:
    body = {**X, "kind": "fields", "layer": "small", "cell": [1, 1]}
    (field,) = groups(drawn(client, **body).content, "field")
    source = groups(drawn(client, **body).content, "layer")[0]
    cell = next(one for one in source.iter(f"{SVG}rect") if one.get("stroke") is None)
    x, y, side = (float(cell.get(name, 0)) for name in ("x", "y", "width"))
    frames = [
        tuple(
            round((float(one.get(name, 0)) - from_) / side, 2)
            for name, from_ in (("x", x), ("y", y), ("width", 0), ("height", 0))
        )
        for one in field.iter(f"{SVG}rect")
    ]
    assert (2.0, 2.0, 5.0, 5.0) in frames
    caption = drawn(client, "json", **body).json()["caption"]
    assert "depends on 25 cells of the input, rows 2 to 6, columns 2 to 6" in caption


def test_the_dilation_diagram_marks_the_steps_that_the_last_one_depends_on(client: TestClient) -> None:
    svg = drawn(client, **WAVENET, kind="dilation").content
    lines = [
        one.get("d", "").count("M")
        for one in ElementTree.fromstring(svg).iter(f"{SVG}path")
        if one.get("data-field") == "kernel"
    ]
    assert lines == [2 + 4 + 8 + 16]
    assert "sees 16" in texts(svg)


def test_the_dilation_diagram_colours_and_counts_the_future_that_is_read(client: TestClient) -> None:
    leak = {**WAVENET, "layers": [{**layer, "padding": "same"} for layer in WAVENET["layers"]]}
    svg = drawn(client, **leak, kind="dilation", cell=[9]).content
    lines = {
        one.get("data-field"): one.get("d", "").count("M")
        for one in ElementTree.fromstring(svg).iter(f"{SVG}path")
        if one.get("data-field")
    }
    # Layer by layer from the top: the tap ahead of 4, 2, 1, and for the odd dilation of 1 one at the end.
    reads = [{0}]
    late = 0
    for dilation in (8, 4, 2, 1):
        back = dilation // 2
        below = [(one, one - back + tap * dilation) for one in reads[-1] for tap in (0, 1)]
        late += sum(read > 0 for _, read in below)
        reads.append({read for _, read in below})
    assert lines == {"kernel": 2 + 4 + 8 + 16 - late, "warn": late}
    future = sum(one > 0 for one in reads[-1])
    caption = drawn(client, "json", **leak, kind="dilation", cell=[9]).json()["caption"]
    assert f"{future} of them lie after its time: from the future." in caption


def test_a_skip_is_drawn_as_an_arc(client: TestClient) -> None:
    conv = {"operation": "convolution", "filters": 2, "padding": "same"}
    layers = [{**conv, "name": "a"}, {**conv, "name": "b"}, {"operation": "add", "inputs": ["b", "a"]}]
    svg = drawn(client, layers=layers, source=X["source"], kind="chain").content
    assert re.findall(r'data-skip="(\w+)"', svg.decode()) == ["a"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "fields", "cell": [0, 9], "layer": "conv1"}, "cell"),
        ({"kind": "fields", "cell": [0], "layer": "conv1"}, "cell"),
        ({"kind": "dilation"}, "kind"),
    ],
)
def test_what_cannot_be_drawn_is_refused(client: TestClient, change: dict[str, Any], field: str) -> None:
    assert_problem(client.post("/api/v1/figure", json={**X, **change}), 422, "unfit", field)


def test_more_layers_and_longer_series_than_there_is_room_for_are_refused(client: TestClient) -> None:
    many = [{"operation": "activation", "activation": "relu"}] * 25
    answer = client.post("/api/v1/figure", json={**X, "layers": many, "kind": "chain"})
    assert_problem(answer, 413, "too_large", "layers")
    long = {**WAVENET, "source": {"kind": "noise", "shape": [1, 300]}, "kind": "dilation"}
    assert_problem(client.post("/api/v1/figure", json=long), 413, "too_large", "source")


def test_a_large_map_is_drawn_by_the_means_of_its_blocks(client: TestClient) -> None:
    body = {
        **X,
        "layers": X["layers"][:1],
        "source": {"kind": "noise", "shape": [1, 300, 300]},
        "kind": "fields",
    }
    assert drawn(client, **body).content.count(b"<rect") < 10_000
