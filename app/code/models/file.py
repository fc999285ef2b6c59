"""A model file as bytes that go from one process to another: the layers as JSON, then their numbers. Knows no format.

The bytes are the length of the JSON (u32, little-endian), the JSON, and each tensor's float32 numbers in order.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import Problem
from .graph_file import broken, read_onnx, stopped
from .things import Stopped

HEAD = struct.Struct("<I")
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """The content of a model file: layers as JSON, the other fields of an answer, and tensors by full name."""

    layers: list[dict[str, Any]]
    about: dict[str, Any]
    tensors: dict[str, Array]


def read_model(data: bytes) -> bytes:
    """The model of an .onnx file, packed; raises a Problem."""
    try:
        with np.errstate(all="ignore"):  # infinities of a damaged file go where arithmetic sends them
            found = read_onnx(data)
    except Stopped as problem:
        raise stopped(problem) from None
    except Problem:
        raise
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError):
        raise broken("its parts contradict each other") from None
    except (RecursionError, MemoryError):
        raise broken("reading it takes more memory than there is", "Export the part that matters.") from None
    header = {
        "layers": [spec.model_dump(mode="json", exclude_unset=True, warnings=False) for spec in found.layers],
        "about": {
            "framework": found.framework,
            "notes": found.notes,
            "passed_through": found.passed_through,
            "input_channels": found.input_channels,
            "input_features": found.input_features,
            "axes": found.axes,
            "input_shape": found.input_shape,
        },
        "tensors": {name: list(one.shape) for name, one in found.tensors.items()},
    }
    head = json.dumps(header).encode()
    numbers = [np.ascontiguousarray(one, "<f4").tobytes() for one in found.tensors.values()]
    return b"".join([HEAD.pack(len(head)), head, *numbers])


def unpacked(data: bytes) -> ModelFile:
    """What ``read_model`` packed."""
    (length,) = HEAD.unpack_from(data)
    header = json.loads(data[HEAD.size : HEAD.size + length])
    start = HEAD.size + length
    tensors: dict[str, Array] = {}
    for name, shape in header["tensors"].items():
        count = math.prod(shape)
        tensors[name] = np.frombuffer(data, "<f4", count, start).reshape(shape)
        start += 4 * count
    return ModelFile(header["layers"], header["about"], tensors)
