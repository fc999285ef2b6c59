"""Code out: snippets run, and find the output that is shown; what a framework cannot say, the snippet says."""

from __future__ import annotations

import ast
import importlib.util
import random
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.code.write.subject import Subject
from app.code.write.tensors import (
    LITERAL_NUMBERS,
    PACKED_NUMBERS,
    Origin,
    assignment,
)
from app.code.write.write import WRITERS, write
from app.core.activations import ACTIVATIONS
from app.core.combines import COMBINES
from app.core.engine.trace import Layer
from app.core.errors import Unfit
from app.core.frameworks.catalog import Target
from app.operations import registry

from ...golden.cases import draw_shape, draw_spec
from ..core.drawing import layer_of
from ..web.asking import Json, assert_problem, run_body

EXAMPLES = [
    (name, index) for name, operation in registry().items() for index in range(len(operation.examples))
]
MODULES = {"pytorch": "torch"}  # what a target is imported as, where that is not its name
INSTALLED: dict[Target, bool] = {
    target: importlib.util.find_spec(MODULES.get(target, target)) is not None for target in WRITERS
}
UNSAID = {
    ("bilinear_upsampling", 1, "keras")
}  # examples that a framework has the layer for, and not the setting
HAS_ONNXRUNTIME = importlib.util.find_spec("onnxruntime") is not None


def executed(code: str) -> dict[str, Any]:
    """A snippet's own variables once it has run; its assertions are the test."""
    found: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(code, "snippet", "exec"), found)
    return found


def is_run(target: Target, subject: Subject) -> bool:
    """Whether the snippet can be run here: the framework is there, and not wrong about just this."""
    return INSTALLED[target] and not (target == "onnx" and not HAS_ONNXRUNTIME and reference_errs(subject))


def reference_errs(subject: Subject) -> bool:
    """Where onnx.reference, which the snippet falls back on, is known to be wrong."""
    operation = subject.layer.operation.name
    if operation == "global_max_pooling":
        return subject.axes != 2  # it takes another axis as well
    if operation in ("max_pooling", "average_pooling", "lp_pooling"):
        uneven = any(begin != end for begin, end in subject.pads)
        # It checks the size without the padding, and so refuses a kernel that only the padding makes room for.
        sizes = subject.layer.x.shape[1:]
        larger = any(taps > size for taps, size in zip(subject.kernel, sizes, strict=True))
        # On one axis it walks a padded maximum at stride 1 by the size of another axis, out of bounds.
        padded = any(begin or end for begin, end in subject.pads)
        astray = operation == "max_pooling" and subject.axes == 1 and subject.stride == (1,) and padded
        return uneven or larger or astray or any(subject.overhang) or set(subject.dilation) != {1}
    if operation == "transposed_convolution":
        return subject.groups > 1  # it slices its groups wrongly
    return False


def subject_of(layer: Layer, spec: Json) -> Subject:
    parsed = layer.operation.spec.model_validate(spec)
    return Subject(layer, parsed, layer.result(layer.run()))


@pytest.mark.parametrize("target", WRITERS)
@pytest.mark.parametrize(("name", "index"), EXAMPLES)
def test_every_example_is_written_for_every_framework(
    client: TestClient, name: str, index: int, target: Target
) -> None:
    example = dict(registry()[name].examples[index])
    for words in ("title", "caption", "question"):
        del example[words]
    answer = client.post("/api/v1/code", json={**example, "target": target})
    assert answer.status_code == 200, answer.text
    written = answer.json()
    assert written["language"] == "python"
    tree = ast.parse(written["code"])
    operation = registry()[name]
    arrays = operation.result == "shape" or operation.geometry in ("pointwise", "border", "blocks", "phases")
    has_layer = arrays or target in ("numpy", "jax") or target in operation.frameworks
    combine = COMBINES[operation.combine]
    has_words = combine.code or combine.reduce == "pick" or combine.term in ("product", "factor")
    assert written["expressible"] == bool(has_layer and has_words and (name, index, target) not in UNSAID), (
        written["notes"]
    )
    if not written["expressible"]:
        assert not tree.body, "what cannot be said is a comment and nothing else"
        assert written["notes"]
    elif INSTALLED[target]:
        executed(written["code"])


def test_a_snippet_runs_as_a_program_of_its_own(client: TestClient) -> None:
    body = run_body(target="numpy")
    answer = client.post("/api/v1/code", json=body, headers={"Accept": "text/x-python"})
    assert answer.headers["content-type"].startswith("text/x-python")
    done = subprocess.run([sys.executable, "-W", "error", "-"], input=answer.text, text=True, timeout=60)
    assert done.returncode == 0


def test_a_snippet_of_another_output_fails(client: TestClient) -> None:
    code = client.post("/api/v1/code", json=run_body(target="numpy")).json()["code"]
    assert "weight = np.array(" in code
    with pytest.raises(AssertionError):
        executed(code.replace("weight = np.array(", "weight = 1.01 * np.array("))


@st.composite
def subjects(draw: st.DrawFn) -> Subject:
    """A small layer of any operation with any setting that fits, to be written."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    names = sorted(registry())
    while True:
        operation = registry()[rng.choice(names)]
        shape = draw_shape(rng)
        spec: Json = {
            **draw_spec(rng, operation, len(shape) - 1),
            "activation": rng.choice(tuple(ACTIVATIONS)),
        }
        try:
            layer = layer_of(spec, shape, seed=rng.randrange(2**32))
        except Unfit:
            continue
        if layer.geometry.operations <= 60_000 and layer.x.size <= 20_000:
            return subject_of(layer, spec)


@pytest.mark.parametrize("target", ["numpy", "pytorch", "jax", "onnx"])
@pytest.mark.parametrize("p", [1, 1.5, 2])
def test_a_norm_that_pytorch_scales_is_written_with_its_factor(p: float, target: Target) -> None:
    spec: Json = {"operation": "lp_pooling", "kernel": 2, "ceil_mode": True, "p": p, "rules": "pytorch"}
    subject = subject_of(layer_of(spec, (2, 5, 7), seed=4), spec)
    assert subject.is_scaled
    made = write(subject, target)
    assert made.expressible == (target != "onnx" or p != 1.5)
    if made.expressible and is_run(target, subject):
        executed(made.code)
    if target == "pytorch":
        assert "ceil_mode=True" in made.code
        assert "F.pad" not in made.code


@pytest.mark.parametrize("target", WRITERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    "spec",
    [
        {"operation": "convolution", "kernel": 3, "filters": 4, "bias": True},
        {"operation": "dense", "filters": 3},
        {"operation": "average_pooling", "kernel": 2},
    ],
)
def test_every_activation_is_written_and_runs(spec: Json, activation: str, target: Target) -> None:
    subject = subject_of(
        layer_of({**spec, "activation": activation}, (2, 5, 6), seed=3), {**spec, "activation": activation}
    )
    made = write(subject, target)
    assert made.expressible, made.notes
    ast.parse(made.code)
    if is_run(target, subject):
        executed(made.code)  # it asserts the output that is shown
    if activation != "none":  # what it asserts is the activation's doing
        plain = write(subject_of(layer_of(spec, (2, 5, 6), seed=3), spec), target)
        assert plain.code != made.code


@pytest.mark.parametrize("target", WRITERS)
def test_softmax_of_a_reshaped_grid_is_written_for_no_target_and_of_a_row_for_all(target: Target) -> None:
    for shape, written in (([1, 4, 5], False), ([2, 10], False), ([-1], True)):
        spec: Json = {"operation": "reshape", "shape": shape, "activation": "softmax"}
        subject = subject_of(layer_of(spec, (2, 2, 5), seed=3), spec)
        made = write(subject, target)
        assert made.expressible == written
        if not written:
            assert "an activation layer behind it" in " ".join(made.notes)
        elif is_run(target, subject):
            executed(made.code)


@given(subjects())
@settings(max_examples=150, deadline=None)
def test_drawn_settings_are_written_and_run(subject: Subject) -> None:
    for target in WRITERS:
        made = write(subject, target)
        tree = ast.parse(made.code)
        assert bool(tree.body) == made.expressible
        assert made.expressible or made.notes
        if made.expressible and is_run(target, subject):
            executed(made.code)


def test_the_lines_that_draw_arrays_draw_the_same_ones(client: TestClient) -> None:
    source = {"kind": "noise", "shape": [4, 9], "seed": 7, "distribution": "uniform"}
    weights = {"kind": "preset", "name": "random", "seed": 5}
    for layer in (
        {"operation": "convolution", "filters": 20, "groups": 2},
        {"operation": "transposed_convolution", "filters": 20, "groups": 2},
    ):
        body = {"layers": [layer], "source": source, "weights": weights}
        written = client.post("/api/v1/run", json={**body, "include": ["input", "weight"]}).json()
        code = client.post("/api/v1/code", json={**body, "target": "numpy"}).json()["code"]
        assert "default_rng(5)" in code
        found = executed(code)
        np.testing.assert_array_equal(found["weight"], np.array(written["weight"], np.float32))
        np.testing.assert_array_equal(found["x"], np.array(written["input"], np.float32))


@pytest.mark.parametrize("size", [3, LITERAL_NUMBERS, LITERAL_NUMBERS + 1, PACKED_NUMBERS])
def test_an_array_is_written_exactly(size: int) -> None:
    array = np.random.default_rng(1).normal(size=size).astype(np.float32)
    array[:3] = [np.nan, np.inf, -0.0]
    lines, loads = assignment("x", array.reshape(1, -1), "told", Origin())
    assert not loads
    found = executed("import base64, zlib\nimport numpy as np\n" + "\n".join(lines))["x"]
    assert found.dtype == np.float32
    assert found.tobytes() == array.tobytes()
    assert max(map(len, lines)) <= 120


def test_a_large_array_comes_from_a_file_and_the_snippet_says_which(client: TestClient) -> None:
    source = {"kind": "sample", "name": "scene", "size": 256}
    body = {"layers": [{"operation": "max_pooling"}], "source": source, "target": "numpy"}
    written = client.post("/api/v1/code", json=body).json()
    assert 'x = np.load("x.npy")' in written["code"]
    assert any("x.npy" in note for note in written["notes"])
    line = next(line for line in written["code"].splitlines() if line.startswith("# POST /api/v1/run "))
    asked = client.post(
        "/api/v1/run",
        content=line.removeprefix("# POST /api/v1/run "),
        headers={"Content-Type": "application/json"},
    )
    assert np.shape(asked.json()["input"]) == (3, 256, 256)


@pytest.mark.parametrize(
    ("layer", "values", "target", "words"),
    [
        ({"operation": "average_pooling", "dilation": 2}, [1, 2, 3, 4], "pytorch", "no dilation"),
        ({"operation": "lp_pooling"}, [1, 2, 3, 4], "keras", "no layer for lp pooling"),
        ({"operation": "adaptive_max_pooling"}, [1, 2, 3], "onnx", "no operator"),
        (
            {"operation": "max_pooling", "kernel": 2, "dilation": 2, "padding": 1},
            [1],
            "onnx",
            "maximum of nothing",
        ),
        ({"operation": "nearest_upsampling", "size": 5}, [1, 2, 3], "keras", "whole factors only"),
    ],
)
def test_what_a_framework_cannot_say_the_snippet_says(
    client: TestClient, layer: Json, values: Any, target: str, words: str
) -> None:
    body = {"layers": [layer], "source": {"kind": "values", "values": values}, "target": target}
    written = client.post("/api/v1/code", json=body).json()
    assert not written["expressible"]
    assert words in written["notes"][0]
    assert not ast.parse(written["code"]).body
    assert words in " ".join(line.strip("# ") for line in written["code"].splitlines())


@pytest.mark.parametrize(
    ("layer", "target", "line"),
    [
        (
            {"kernel": 7, "stride": 2, "padding": 3},
            "pytorch",
            "nn.Conv2d(1, 1, 7, stride=2, padding=3, bias=False)",
        ),
        ({"padding": "same"}, "pytorch", 'nn.Conv2d(1, 1, 3, padding="same", bias=False)'),
        ({"padding": [[0, 1], [2, 0]]}, "pytorch", "x = F.pad(x, (2, 0, 0, 1))"),
        (
            {"padding": 1, "padding_mode": "reflect"},
            "pytorch",
            'padding=1, bias=False, padding_mode="reflect"',
        ),
        (
            {"padding": "same", "stride": 2},
            "keras",
            'Conv2D(1, 3, strides=2, padding="same", use_bias=False)',
        ),
        ({"padding": 1}, "keras", "x = keras.layers.ZeroPadding2D(((1, 1), (1, 1)))(x)"),
        ({"padding": [[0, 1], [2, 0]]}, "onnx", "kernel_shape=[3, 3], pads=[0, 2, 1, 0])"),
        ({"padding": 1, "padding_mode": "circular"}, "onnx", 'mode="wrap"'),
        ({"padding": 1, "padding_mode": "symmetric"}, "numpy", 'mode="symmetric"'),
        ({"padding": 1, "padding_mode": "symmetric"}, "jax", 'mode="symmetric"'),
        ({"padding": 1, "padding_mode": "symmetric"}, "keras", 'mode="symmetric"'),
    ],
)
def test_a_setting_is_said_in_the_frameworks_words(
    client: TestClient, layer: Json, target: str, line: str
) -> None:
    source = {"kind": "noise", "shape": [1, 9, 9]}
    body = {"layers": [{"operation": "convolution", **layer}], "source": source, "target": target}
    assert line in client.post("/api/v1/code", json=body).json()["code"]


@pytest.mark.parametrize(
    "operation",
    ["max_pooling", "average_pooling", "lp_pooling", "bilinear_upsampling", "unfold"],
)
def test_values_that_are_not_finite_are_told_and_written(client: TestClient, operation: str) -> None:
    source = {"kind": "values", "values": [1, "NaN", 3, "Infinity", 5, -1e30]}
    body = {"layers": [{"operation": operation}], "source": source, "target": "numpy"}
    written = client.post("/api/v1/code", json=body).json()
    assert any("not finite" in note for note in written["notes"])
    executed(written["code"])


def test_double_precision_is_told(client: TestClient) -> None:
    written = client.post("/api/v1/code", json=run_body(target="numpy", dtype="float64")).json()
    assert any("float64" in note for note in written["notes"])
    executed(written["code"])


def test_a_request_for_code_that_does_not_fit_is_refused(client: TestClient) -> None:
    assert_problem(client.post("/api/v1/code", json=run_body(target="caffe")), 422, "malformed", "target")
    assert_problem(client.post("/api/v1/code", json=run_body()), 422, "malformed", "target")
    answer = client.post("/api/v1/code", json=run_body(target="numpy"), headers={"Accept": "image/png"})
    assert_problem(answer, 406, "not_acceptable")


@pytest.mark.parametrize("target", ["pytorch", "onnx"])
def test_a_mode_that_a_framework_has_not_is_refused_with_those_that_have_it(
    client: TestClient, target: str
) -> None:
    layer = {"operation": "convolution", "padding": 1, "padding_mode": "symmetric"}
    body = {"layers": [layer], "source": {"kind": "noise", "shape": [1, 9, 9]}, "target": target}
    answer = client.post("/api/v1/code", json=body)
    reply = answer.json() if answer.status_code != 200 else {"detail": str(answer.json())}
    assert "has no mode symmetric; NumPy and JAX have it" in reply["detail"]
