"""A dense layer: a convolution as large as its input, and so one step."""

from __future__ import annotations

from typing import Literal

from ..core.frameworks.arguments import (
    KERAS_ACTIVATION,
    KERAS_BIAS,
    KERAS_REST,
    PYTORCH_DEVICE,
    PYTORCH_WEIGHT,
)
from ..core.frameworks.arguments_jax import DENSE as FLAX_DENSE
from ..core.frameworks.framework import Framework
from ..core.frameworks.writing import (
    FEATURES,
    Argument,
    Writing,
    count,
    flag,
    skipped,
)
from ..core.lowering.correlation import correlate
from ..core.operation import Operation
from ..core.spec import WeightedSpec


class DenseSpec(WeightedSpec):
    """``y[o] = bias[o] + Σ w[o, c, j] · x[c, j]`` over all cells of all channels."""

    operation: Literal["dense"]


def flattened(name: str) -> dict[int, str]:
    """The layer that takes any number of axes once they are flattened."""
    return dict.fromkeys((1, 2, 3), name)


PYTORCH_ARGUMENTS = (count("out_features", "filters"), flag("bias", "bias", True), *PYTORCH_DEVICE)
ONNX_ARGUMENTS = (
    *skipped("A"),
    Argument("B", "weight", form="tensor"),
    Argument("C", "bias", None, "presence"),
    Argument("alpha", None, 1.0, only=(1.0,), keyword=True),
    Argument("beta", None, 1.0, only=(1.0,), keyword=True),
    Argument("transA", None, 0, only=(0,), keyword=True),
    Argument("transB", None, 0, only=(1, 0), keyword=True),
)

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
        "pytorch": Framework(
            flattened("torch.nn.Linear"),
            writings=(
                Writing(("torch.nn.Linear",), (count("in_features", FEATURES), *PYTORCH_ARGUMENTS)),
                Writing(("torch.nn.LazyLinear",), PYTORCH_ARGUMENTS),
                Writing(("torch.nn.functional.linear",), PYTORCH_WEIGHT),
            ),
        ),
        "keras": Framework(
            flattened("keras.layers.Dense"),
            writings=(
                Writing(
                    ("keras.layers.Dense",),
                    (count("units", "filters"), KERAS_ACTIVATION, KERAS_BIAS, *KERAS_REST),
                ),
            ),
        ),
        "jax": Framework(writings=FLAX_DENSE),
        "onnx": Framework(flattened("Gemm"), writings=(Writing(("Gemm",), ONNX_ARGUMENTS),)),
    },
    instead=("convolution",),
    examples=(
        {
            "title": "Four numbers from one picture",
            "caption": "Every cell votes for every number.",
            "question": "How many weights does one number have?",
            "source": {"kind": "sample", "name": "cross"},
            "layers": [{"operation": "dense", "filters": 4, "bias": True}],
            "weights": {"kind": "preset", "name": "random"},
        },
    ),
)
