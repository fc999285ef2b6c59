"""Outputs of trained networks for an example: every layer's output from one row of parameters, as evaluated."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from app.core.network.backward import BatchNetwork
from app.core.network.parameters import Parameters, statistics_of
from app.core.network.shapes import shapes_of
from app.web.http.training import TrainRequest

Layers = list[dict[str, Any]]
CONVOLUTION = {"operation": "convolution", "kernel": 3, "filters": 2, "bias": True, "activation": "relu"}
VOTES = {"operation": "dense", "filters": 3, "bias": True}

NETWORKS: dict[str, tuple[tuple[int, ...], Layers]] = {
    "X or O": (
        (1, 8, 8),
        [CONVOLUTION, {"operation": "max_pooling"}, {"operation": "dropout", "rate": 0.3}, VOTES],
    ),
    "every pool and norm": (
        (2, 7, 6),
        [
            {**CONVOLUTION, "padding": "same", "groups": 2, "filters": 4, "activation": "leaky_relu"},
            {"operation": "batch_normalisation", "epsilon": 0.01},
            {"operation": "average_pooling", "kernel": 2, "padding": 1},
            {"operation": "min_pooling", "kernel": 2, "stride": 1},
            {"operation": "global_average_pooling"},
            {**VOTES, "activation": "softmax"},
        ],
    ),
    "down and up": (
        (1, 6, 6),
        [
            {**CONVOLUTION, "name": "stem", "padding": "same", "padding_mode": "reflect", "flip": True},
            {**CONVOLUTION, "name": "down", "stride": 2, "padding": 1, "activation": "tanh"},
            {"operation": "transposed_convolution", "name": "up", "kernel": 2, "stride": 2, "filters": 2},
            {"operation": "add", "name": "sum", "inputs": ["stem", "up"]},
            {"operation": "bilinear_upsampling", "name": "wide", "factor": 2},
            {"operation": "concatenate", "name": "both", "inputs": ["wide", "wide"]},
            {"operation": "global_max_pooling"},
            VOTES,
        ],
    ),
    "a causal stack": (
        (1, 16),
        [
            {
                "operation": "convolution",
                "kernel": 2,
                "filters": 3,
                "padding": "causal",
                "activation": "gelu",
            },
            {"operation": "convolution", "kernel": 2, "filters": 3, "padding": "causal", "dilation": 2},
            {"operation": "lp_pooling", "kernel": 2},
            VOTES,
        ],
    ),
}


def recorded() -> str:
    """One network a line."""
    lines = []
    for place, (title, (shape, layers)) in enumerate(NETWORKS.items()):
        rng = np.random.default_rng(place)
        request = TrainRequest.model_validate({"layers": layers, "data": {"kind": "strokes"}})
        shapes = shapes_of(request.network, shape)
        parameters = Parameters.of(shapes)
        row = np.round(rng.normal(0, 0.5, parameters.size), 3)
        statistics = statistics_of(shapes)
        for own in statistics.values():
            for one in own.values():
                one[...] = np.round(rng.uniform(0.2, 1.5, one.shape), 3)
        example = np.round(rng.normal(0, 1, shape), 3)
        network = BatchNetwork(shapes, 1, row, np.zeros_like(row), statistics=statistics)
        network.forward(example[..., None])
        case = {
            "title": title,
            "layers": layers,
            "input_shape": list(shape),
            "parameters": [[one.full_name, list(one.shape)] for one in parameters.tensors],
            "statistics": [
                [f"{layer}.{name}", list(one.shape)]
                for layer, own in statistics.items()
                for name, one in own.items()
            ],
            "row": [*row, *(number for own in statistics.values() for one in own.values() for number in one)],
            "example": example.ravel().tolist(),
            "values": {
                node.name: [float(f"{number:.7g}") for number in network.values[node.name].ravel()]
                for node in shapes.network.order
            },
        }
        lines.append(json.dumps(case, separators=(",", ":"), ensure_ascii=False))
    return '{"networks":[\n' + ",\n".join(lines) + "\n]}\n"
