"""The rules of frameworks against what the frameworks themselves answered, recorded in ``tests/frameworks``."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from app.core.engine.indices import indices
from app.core.engine.trace import Layer
from app.core.errors import Unfit
from app.core.frameworks.catalog import WITH_RULES
from app.core.geometry import geometry
from app.operations import registry

from ...frameworks.answers import bias_values, input_values, weight_values
from ...frameworks.called import OPERATIONS as CALLED
from ...frameworks.called import inputs_of, tensor_values

Json = dict[str, Any]
RECORDED = Path(__file__).parents[2] / "frameworks" / "recorded"

UPSAMPLING = ("nearest_upsampling", "bilinear_upsampling")


def outside(rules: str, case: Json) -> str | None:
    """Why a recorded case is not ours to repeat, or None."""
    spec, outcome = case["spec"], case["outcome"]
    axes = len(case["input_shape"]) - 1
    if "unsettled" in outcome:
        return "the framework contradicts itself"
    if spec["operation"] in UPSAMPLING and ("size" in spec) == ("factor" in spec):
        return "here a size stands above a factor, and without either the factor is 2"
    if rules == "keras" and spec["operation"] == "nearest_upsampling" and "size" in spec:
        return "Keras resizes to a size by Resizing, whose nearest takes other cells; it is refused here"
    lists = [value for name, value in spec.items() if isinstance(value, list) and name != "operation"]
    if any(len(value) not in (1, axes) for value in lists):
        return "a list has one entry or one per axis here, whatever it holds"
    if rules == "onnx" and spec["operation"].endswith("_pooling") and could_miss(spec):
        return "padding as large as the kernel, which the ONNX text leaves open, is refused here"
    return None


def could_miss(spec: Json) -> bool:
    """Whether some padding is as large as its kernel."""
    padding, kernel = spec.get("padding", 0), spec.get("kernel", 2)
    if isinstance(padding, str):
        return False
    given = padding if isinstance(padding, list) else [padding]
    sides = [max(one) if isinstance(one, list) else one for one in given]
    taps = kernel if isinstance(kernel, list) else [kernel]
    length = max(len(sides), len(taps))
    return any(
        side >= tap
        for side, tap in zip(sides * (length // len(sides)), taps * (length // len(taps)), strict=True)
    )


def cases(rules: str) -> list[Json]:
    """All recorded cases of a framework that are ours to repeat."""
    text = (RECORDED / f"{rules}.json").read_text(encoding="utf-8")
    found: list[Json] = [case for case in json.loads(text)["cases"] if outside(rules, case) is None]
    return found


def answered(rules: str, case: Json) -> Json:
    """This project's answer to a case."""
    operation = registry()[case["spec"]["operation"]]
    try:
        spec = operation.spec.model_validate({**case["spec"], "rules": rules})
        built = geometry(operation, spec, tuple(case["input_shape"]))
    except (Unfit, ValidationError) as refusal:
        return {"refused": str(refusal)}
    return {"shape": list(built.output_shape)}


@pytest.mark.parametrize("rules", sorted(WITH_RULES))
def test_each_framework_refuses_what_it_refuses_and_gives_the_shape_that_it_gives(rules: str) -> None:
    wrong = []
    for case in cases(rules):
        ours, theirs = answered(rules, case), case["outcome"]
        if ours.get("shape") != theirs.get("shape"):
            wrong.append((case["spec"], case["input_shape"], theirs, ours))
    assert wrong == []


@pytest.mark.parametrize("rules", sorted(WITH_RULES))
def test_recordings_cover_every_operation_that_the_framework_has(rules: str) -> None:
    counts = Counter((case["spec"]["operation"], "shape" in case["outcome"]) for case in cases(rules))
    assert sum(counts.values()) > 700
    for name, operation in registry().items():
        if any(framework.layers for framework in operation.frameworks.values()):
            assert counts[name, True] + counts[name, False] > 0, name
        if rules in operation.frameworks and not operation.frameworks[rules].called:
            assert counts[name, True] > 2, name


def signs_count(spec: Json) -> bool:
    """Whether PyTorch's norm, which keeps signs, is another number."""
    return spec["operation"] == "lp_pooling" and bool(spec.get("p", 2) % 2)


def layer_of(rules: str, case: Json) -> Layer:
    """The layer of a case on the numbers that its framework was asked with."""
    operation = registry()[case["spec"]["operation"]]
    shape = tuple(case["input_shape"])
    built = geometry(operation, operation.spec.model_validate({**case["spec"], "rules": rules}), shape)
    x = input_values(shape, case.get("modulus", 11), tuple(case.get("nan", ())))
    weight = weight_values(built.weight_shape) if built.weight_shape else None
    bias = bias_values(built.walk.lanes) if built.bias_shape else None
    return Layer(operation, built, x, weight, bias)


@pytest.mark.parametrize("rules", ["keras", "pytorch"])
def test_each_framework_gives_the_numbers_that_it_gives(rules: str) -> None:
    met: Counter[str] = Counter()
    for case in cases(rules):
        if "values" not in case["outcome"] or signs_count(case["spec"]):
            continue
        layer = layer_of(rules, case)
        expected = np.array(case["outcome"]["values"], dtype=object).astype(np.float64)
        np.testing.assert_allclose(
            layer.result(layer.run()), expected, rtol=1e-5, atol=1e-5, err_msg=str(case)
        )
        met[case["spec"]["operation"]] += 1
    assert sum(met.values()) > 100
    assert met["transposed_convolution"] >= 25


def test_indices_of_maxima_are_pytorchs() -> None:
    """The first of equals, the last NaN; a window without a cell has none here, and one outside the input there."""
    met = 0
    for case in cases("pytorch"):
        if "indices" not in case["outcome"]:
            continue
        layer = layer_of("pytorch", case)
        found, expected = indices(layer.geometry.walk, layer.x), np.array(case["outcome"]["indices"])
        cells = int(np.prod(layer.x.shape[1:]))
        np.testing.assert_array_equal(found, np.where(expected < cells, expected, -1), err_msg=str(case))
        met += 1
    assert met >= 30


def test_an_operation_that_a_framework_has_by_a_name_alone_is_refused_nothing() -> None:
    named = {"batch_normalisation", "dropout", "add", "multiply", "concatenate", "reshape", "activation"}
    shape = (4, 6, 6)
    for name in named:
        operation = registry()[name]
        for rules in sorted(WITH_RULES):
            spec = operation.spec.model_validate({"operation": name, "rules": rules})
            free = operation.spec.model_validate({"operation": name})
            assert (
                geometry(operation, spec, shape).output_shape == geometry(operation, free, shape).output_shape
            )
            assert operation.describe()["frameworks"][rules]["layers"]["2"]


def called_cases() -> list[Json]:
    """What PyTorch and ONNX Runtime answered for operations that they have by a name alone."""
    text = (RECORDED / "called.json").read_text(encoding="utf-8")
    found: list[Json] = json.loads(text)["cases"]
    return found


def test_operations_that_frameworks_have_by_a_name_alone_give_what_is_called_so() -> None:
    met: Counter[tuple[str, str]] = Counter()
    for case in called_cases():
        operation = registry()[case["spec"]["operation"]]
        rules, arrays = case["rules"], inputs_of(case["inputs"])
        axes = arrays[0].ndim - 1
        if axes in operation.frameworks[rules].names:
            assert operation.frameworks[rules].names[axes] == case["name"], case
        x = np.concatenate(arrays)
        spec = operation.spec.model_validate({**case["spec"], "rules": rules})
        try:
            built = geometry(operation, spec, x.shape)
        except Unfit:
            mixed = any(min(pair) < 0 < max(pair) for pair in case["spec"].get("padding", ()))
            assert "refused" in case["outcome"] or (
                mixed and case["spec"]["padding_mode"] in ("reflect", "circular")
            ), case
            met[rules, "refused"] += 1
            continue
        if "refused" in case["outcome"]:
            # ONNX Runtime refuses a border of cells that a crop has taken, which its text does not.
            assert "after slicing" in case["outcome"]["refused"] or "extent" in case["outcome"]["refused"], (
                case
            )
            continue
        weight = bias = None
        if operation.own:
            tensors = {name: row.astype(np.float64) for name, row in tensor_values(len(x)).items()}
            weight, bias = operation.own.folded(tensors, spec)
        layer = Layer(operation, built, x, weight, bias)
        expected = np.array(case["outcome"]["values"])
        np.testing.assert_allclose(
            layer.result(layer.run()), expected, rtol=1e-5, atol=1e-5, err_msg=str(case)
        )
        met[rules, operation.name] += 1
    names = {name for _, name in met} - {"refused"}
    assert names == set(CALLED)
    assert met["pytorch", "padding"] > 30
    assert met["onnx", "pixel_shuffle"] > 10
    assert met["pytorch", "refused"] > 5


@pytest.mark.parametrize(
    ("name", "rules", "setting", "reason"),
    [
        ("pixel_shuffle", "pytorch", {"factor": [1, 2]}, "PixelShuffle has no such argument"),
        ("pixel_shuffle", "keras", {}, "Keras has no layer for pixel shuffle"),
        ("pixel_unshuffle", "onnx", {}, "ONNX has no layer for pixel unshuffle"),
        ("padding", "keras", {"padding_mode": "reflect"}, "ZeroPadding2D has no such argument"),
        ("padding", "keras", {"padding": -1}, "value >= 0"),
        ("padding", "onnx", {"padding_mode": "symmetric"}, "Supported modes"),
    ],
)
def test_a_name_alone_is_refused_what_it_does_not_take(
    name: str, rules: str, setting: Json, reason: str
) -> None:
    operation = registry()[name]
    spec = operation.spec.model_validate({"operation": name, **setting, "rules": rules})
    with pytest.raises(Unfit, match=re.escape(reason)):
        geometry(operation, spec, (4, 6, 6))
