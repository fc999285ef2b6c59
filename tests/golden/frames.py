"""Recorded frames of the stream: whole numbers, so that every machine makes the same bytes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from app.core.engine.trace import Layer
from app.core.geometry import geometry
from app.operations import registry
from app.web.http.requests import FramesRequest
from app.web.stream import protocol
from app.web.stream.jobs import Frames

REQUESTS: tuple[dict[str, Any], ...] = (
    {
        "layers": [
            {"operation": "convolution", "kernel": 3, "stride": 2, "padding": 1, "filters": 2, "bias": True}
        ],
        "window": True,
        "input": True,
        "weight": True,
    },
    {"layers": [{"operation": "convolution", "kernel": [2, 3], "filters": 3}], "first": 5, "lanes": [2, 0]},
    {"layers": [{"operation": "max_pooling", "kernel": 3, "padding": 1}], "window": True, "lanes": [1]},
    {
        "layers": [{"operation": "transposed_convolution", "kernel": 2, "stride": 2, "bias": True}],
        "walk": "scatter",
        "window": True,
        "first": 450,
        "dtype": "float64",
    },
)


def recorded() -> tuple[bytes, str]:
    """``frames.bin`` and its description ``frames.json``."""
    data = bytearray()
    described: list[dict[str, Any]] = []
    for job, asked in enumerate(REQUESTS):
        request = FramesRequest.model_validate({**asked, "source": {"kind": "noise", "shape": [2, 24, 20]}})
        for piece in Frames(_layer(request), request, job).pieces():
            frame = piece.make()
            described.append(_described(frame, len(data)))
            data += frame
    lines = ",\n".join(json.dumps(item, separators=(",", ":")) for item in described)
    return bytes(data), f'{{"frames":[\n{lines}\n]}}\n'


def _layer(request: FramesRequest) -> Layer:
    operation = registry()[request.chosen.spec.operation]
    built = geometry(operation, request.chosen.spec, (2, 24, 20))
    x = (np.arange(2 * 24 * 20, dtype=request.dtype) % 17 - 8).reshape(2, 24, 20)
    if built.weight_shape is None:
        return Layer(operation, built, x, None, None)
    count = int(np.prod(built.weight_shape))
    weight = (np.arange(count, dtype=request.dtype) % 5 - 2).reshape(built.weight_shape)
    bias = np.arange(built.walk.lanes, dtype=request.dtype) if built.biased else None
    return Layer(operation, built, x, weight, bias)


def _described(frame: bytes, offset: int) -> dict[str, Any]:
    header = protocol.Header.unpack(frame)
    dtype = "<f4" if header.dtype is protocol.Dtype.FLOAT32 else "<f8"
    payload = np.frombuffer(frame, dtype, offset=protocol.HEADER.size)
    finite = payload[np.isfinite(payload)]
    return {
        "offset": offset,
        "length": len(frame),
        "kind": int(header.kind),
        "dtype": int(header.dtype),
        "last": header.last,
        "job": header.job,
        "sequence": header.sequence,
        "first": header.first,
        "count": header.count,
        "lanes": header.lanes,
        "windows": header.windows,
        "checksum": float(finite.astype(np.float64).sum()),
    }
