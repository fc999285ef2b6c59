"""The ONNX backend node tests: stored inputs and outputs of the operations that are here, run through ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from app.core.engine.indices import indices
from app.core.engine.trace import Layer
from app.core.geometry import geometry
from app.core.walk.walk import Walk
from app.operations import registry

# The last release whose wheel carries the data is pinned in constraints-dev.txt.
DATA = Path(onnx.__file__).parent / "backend" / "test" / "data" / "node"

OPERATIONS = {
    "Conv": "convolution",
    "ConvTranspose": "transposed_convolution",
    "MaxPool": "max_pooling",
    "AveragePool": "average_pooling",
    "LpPool": "lp_pooling",
    "GlobalAveragePool": "global_average_pooling",
    "GlobalMaxPool": "global_max_pooling",
}
NAMES = {
    "strides": "stride",
    "dilations": "dilation",
    "kernel_shape": "kernel",
    "group": "groups",
    "output_padding": "output_padding",
    "output_shape": "output_size",
}
PADDING = {"SAME_UPPER": "same", "SAME_LOWER": "same_lower", "VALID": "valid"}
OUTSIDE = {"test_maxpool_2d_uint8": "it pools whole numbers, and arrays here are floating-point"}

# Stored with four decimals only.
ROUNDED = {"test_averagepool_2d_ceil_last_window_starts_on_pad": 1e-4}


def node_of(folder: Path) -> onnx.NodeProto | None:
    """The one node of a stored test, or None where it is another operation's or has several."""
    nodes = onnx.load(folder / "model.onnx").graph.node
    return nodes[0] if len(nodes) == 1 and nodes[0].op_type in OPERATIONS else None


# The names say which operation a test is of; the model is only opened for those.
WORDS = ("conv", "pool")
FOLDERS = {
    folder.name: node
    for folder in sorted(DATA.iterdir())
    if any(word in folder.name for word in WORDS)
    if (node := node_of(folder)) is not None
}


def spec_of(node: onnx.NodeProto) -> dict[str, Any]:
    """A node's attributes in our words; the defaults are those of the rules."""
    given = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    spec: dict[str, Any] = {"operation": OPERATIONS[node.op_type], "rules": "onnx"}
    for name, value in given.items():
        if name in NAMES:
            spec[NAMES[name]] = value if isinstance(value, int) else list(value)
        elif name == "pads":
            half = len(value) // 2
            spec["padding"] = [[begin, end] for begin, end in zip(value[:half], value[half:], strict=True)]
        elif name == "auto_pad" and value != b"NOTSET":
            spec["padding"] = PADDING[value.decode()]
        elif name in ("ceil_mode", "count_include_pad"):
            spec[name] = bool(value)
        elif name == "p":
            spec["p"] = value
        else:
            assert name in ("auto_pad", "storage_order"), f"attribute {name} is not read"
    return spec


def stored(folder: Path, kind: str) -> list[np.ndarray]:
    files = sorted((folder / "test_data_set_0").glob(f"{kind}_*.pb"))
    return [numpy_helper.to_array(onnx.load_tensor(file)) for file in files]


@pytest.mark.parametrize("name", [name for name in FOLDERS if name not in OUTSIDE])
def test_the_stored_output_is_ours(name: str) -> None:
    node, folder = FOLDERS[name], DATA / name
    x, *tensors = stored(folder, "input")
    expected, *further = stored(folder, "output")
    spec = spec_of(node)
    weight = tensors[0] if tensors else None
    if weight is not None:
        filters = weight.shape[0] if node.op_type == "Conv" else weight.shape[1] * spec.get("groups", 1)
        spec |= {"kernel": list(weight.shape[2:]), "filters": filters, "bias": len(tensors) > 1}
    operation = registry()[spec["operation"]]
    built = geometry(operation, operation.spec.model_validate(spec), x.shape[1:])
    bias = tensors[1] if len(tensors) > 1 else None
    ours = np.stack([Layer(operation, built, image, weight, bias).run() for image in x])
    assert ours.shape == expected.shape
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=ROUNDED.get(name, 1e-5))
    if further:
        np.testing.assert_array_equal(further[0], flat_indices(node, built.walk, x))


def flat_indices(node: onnx.NodeProto, walk: Walk, x: np.ndarray) -> np.ndarray:
    """Our indices, which lie in a channel's plane, counted through the whole tensor; by columns where it says so."""
    planes, sizes = x.shape[0] * x.shape[1], x.shape[2:]
    ours = np.stack([indices(walk, image) for image in x])
    order = {attribute.name: attribute.i for attribute in node.attribute}.get("storage_order", 0)
    if order:
        ours = np.ravel_multi_index(np.unravel_index(ours, sizes), sizes, order="F")
    starts = np.arange(planes).reshape(*x.shape[:2], *(1,) * len(sizes)) * np.prod(sizes)
    return ours + starts


def test_every_node_test_of_these_operations_is_run_or_named() -> None:
    assert set(OUTSIDE) <= set(FOLDERS)
    run = {OPERATIONS[node.op_type] for name, node in FOLDERS.items() if name not in OUTSIDE}
    assert run == set(OPERATIONS.values())
    assert len(FOLDERS) >= 65
