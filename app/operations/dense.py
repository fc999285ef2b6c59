"""A dense layer: a convolution as large as its input, and so one step."""

from __future__ import annotations

from typing import Literal

from ..core.frameworks import Framework
from ..core.lowering import correlate
from ..core.operation import Operation
from ..core.spec import WeightedSpec


class DenseSpec(WeightedSpec):
    """``y[o] = bias[o] + Σ w[o, c, j] · x[c, j]`` over all cells of all channels."""

    operation: Literal["dense"]


def flattened(name: str) -> dict[int, str]:
    """The layer that takes any number of axes once they are flattened."""
    return dict.fromkeys((1, 2, 3), name)


OPERATION = Operation(
    name="dense",
    title="Dense",
    family="convolution",
    summary="Connects every input cell with every output: a convolution whose kernel is as large as its input. "
    "Flatten the input, channels first, and it is the matrix product of a fully connected layer.",
    spec=DenseSpec,
    geometry="whole_input",
    combine="sum_of_products",
    channels="filters",
    kernel=correlate,
    result="vector",
    frameworks={
        "pytorch": Framework(flattened("torch.nn.Linear")),
        "keras": Framework(flattened("keras.layers.Dense")),
        "onnx": Framework(flattened("Gemm")),
    },
    examples=(
        {
            "title": "Four numbers from one picture",
            "source": {"kind": "sample", "name": "cross"},
            "layers": [{"operation": "dense", "filters": 4, "bias": True}],
            "weights": {"kind": "preset", "name": "random"},
        },
    ),
)
