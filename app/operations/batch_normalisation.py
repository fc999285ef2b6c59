"""Batch normalisation as at inference: each channel shifted and scaled by what training has measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from ..core.frameworks.framework import named
from ..core.lowering.part import Part
from ..core.operation import Array, Operation
from ..core.spec import LayerSpec, Number, parameter
from ..core.tensors import Float64, OwnTensor, OwnTensors

CHANNELS_BYTES = 1 << 18  # of the channels that are scaled at a time


class BatchNormalisationSpec(LayerSpec):
    """``y[c, t] = (x[c, t] − mean[c]) / √(variance[c] + epsilon) · gain[c] + offset[c]``."""

    framework_defaults: ClassVar[Mapping[str, Mapping[str, Any]]] = {"keras": {"epsilon": 1e-3}}

    operation: Literal["batch_normalisation"]
    epsilon: Number = parameter(
        1e-5,
        "number",
        "Epsilon",
        "A number that is added to the variance, so that no channel is divided by 0.",
        unit="of the variance",
        minimum=0,
        maximum=1,
        control_maximum=1,
    )


def folded(tensors: Mapping[str, Float64], spec: LayerSpec) -> tuple[Float64, Float64]:
    """``gain / √(variance + epsilon)``, and ``offset − mean`` times that: the same as a factor and a summand."""
    epsilon: float = spec.epsilon  # type: ignore[attr-defined]
    factor = tensors["gain"] / np.sqrt(tensors["variance"] + epsilon)
    return factor, tensors["offset"] - tensors["mean"] * factor


def kernel(part: Part, rows: slice) -> Array:
    """One product and one sum a cell, for some channels at a time: the sum finds the products in the cache."""
    assert part.weight is not None, "a normalisation has a factor for each channel"
    assert part.bias is not None, "and a summand"
    cells = part.x[:, rows]
    each = (-1, *(1,) * (cells.ndim - 1))
    factor = part.weight.reshape(each).astype(cells.dtype, copy=False)
    summand = part.bias.reshape(each).astype(cells.dtype, copy=False)
    values = np.empty(cells.shape, cells.dtype)
    some = max(1, CHANNELS_BYTES // max(1, cells[:1].nbytes))
    for first in range(0, len(cells), some):
        these = slice(first, first + some)
        np.multiply(cells[these], factor[these], out=values[these])
        values[these] += summand[these]
    return values


OPERATION = Operation(
    name="batch_normalisation",
    prefix="bn",
    title="Batch normalisation",
    family="pointwise",
    summary="Shifts and scales each channel by the mean and the variance that training has measured, then by a gain "
    "and an offset that it has learned. As at inference it is one factor and one summand a channel.",
    spec=BatchNormalisationSpec,
    geometry="pointwise",
    combine="sum_of_products",
    channels="each",
    kernel=kernel,
    own=OwnTensors(
        (
            OwnTensor("gain", 1.0, (0.5, 1.5)),
            OwnTensor("offset", 0.0, (-1.0, 1.0)),
            OwnTensor("mean", 0.0, (-1.0, 1.0)),
            OwnTensor("variance", 1.0, (0.5, 2.0), least=0.0),
        ),
        ("gain", "offset"),
        folded,
    ),
    frameworks=named(
        pytorch="torch.nn.BatchNorm{}d",
        keras="keras.layers.BatchNormalization",
        onnx="BatchNormalization",
    ),
    examples=(
        {
            "title": "Three channels, shifted and scaled",
            "caption": "Each channel has a mean, a variance, a gain and an offset of its own.",
            "question": "Does a cell depend on its neighbours?",
            "source": {"kind": "sample", "name": "gradient", "size": 8},
            "layers": [{"operation": "batch_normalisation"}],
            "weights": {"kind": "preset", "name": "random"},
        },
    ),
)
