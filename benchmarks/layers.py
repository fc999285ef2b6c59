"""The layers that the kernels are measured on, and how fast they should be. Knows specs, and no peer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One measurement: a chain of layers (of one, nearly always) on an input (channels, *sizes).

    ``eager`` is the most time that it should take, in units of PyTorch eager's; ``reference`` how many times
    faster than ``onnx.reference`` it should be.
    """

    name: str
    title: str
    shape: tuple[int, ...]
    layers: tuple[dict[str, Any], ...]
    eager: float
    reference: float | None = None
    convolves: bool = field(init=False)

    def __post_init__(self) -> None:
        """Convolutions are measured in float64 too."""
        convolves = all("convolution" in layer["operation"] for layer in self.layers)
        object.__setattr__(self, "convolves", convolves)


def _convolution(**spec: Any) -> tuple[dict[str, Any], ...]:
    return ({"operation": "convolution", **spec},)


def _pool(operation: str, **spec: Any) -> tuple[dict[str, Any], ...]:
    return ({"operation": operation, **spec},)


PLANES = (64, 512, 512)
SERIES = (32, 16000)
HALVING = {"kernel": 3, "stride": 2, "padding": 1}

ROWS = (
    Row("a", "6×6×3 → 64, 3×3 s2 p1", (3, 6, 6), _convolution(filters=64, **HALVING), 0.74, 40),
    Row(
        "b",
        "224²×3 → 64, 7×7 s2 p3",
        (3, 224, 224),
        _convolution(filters=64, kernel=7, stride=2, padding=3),
        1.45,
        7,
    ),
    Row("c", "512²×3 → 16, 3×3 same", (3, 512, 512), _convolution(filters=16, padding=1), 0.87, 15),
    Row("d1", "1024²×3 → 1, 5×5", (3, 1024, 1024), _convolution(kernel=5, padding=2), 0.18, 300),
    Row(
        "d2",
        "1024²×3 depthwise 3×3",
        (3, 1024, 1024),
        _convolution(filters=3, groups=3, padding=1),
        0.08,
        300,
    ),
    Row(
        "e",
        "512²×3 → 16, 3×3 dilation 4",
        (3, 512, 512),
        _convolution(filters=16, dilation=4, padding=4),
        1.4,
        300,
    ),
    Row("m", "56²×64 → 64, 3×3", (64, 56, 56), _convolution(filters=64, padding=1), 1.5),
    Row("m2", "28²×128 → 128, 3×3", (128, 28, 28), _convolution(filters=128, padding=1), 1.3),
    Row("k", "512², one 31×31", (1, 512, 512), _convolution(kernel=31, padding=15), 0.17),
    Row(
        "f",
        "16,000×32 → 32, 2 taps, dilation 256",
        SERIES,
        _convolution(filters=32, kernel=2, dilation=256),
        0.73,
        5000,
    ),
    Row(
        "f2",
        "ten of these, dilations 1 to 512",
        SERIES,
        tuple(_convolution(filters=32, kernel=2, dilation=1 << power)[0] for power in range(10)),
        0.66,
    ),
    Row(
        "g",
        "transposed 64²×32 → 16, 4×4 s2 p1",
        (32, 64, 64),
        ({"operation": "transposed_convolution", "filters": 16, "kernel": 4, "stride": 2, "padding": 1},),
        1.03,
        2000,
    ),
    Row("h1", "max 2×2 s2, 512²×64", PLANES, _pool("max_pooling", kernel=2), 0.10, 500),
    Row("h2", "average 2×2 s2, 512²×64", PLANES, _pool("average_pooling", kernel=2), 0.20, 500),
    Row("h3", "max 3×3 s2 p1, 512²×64", PLANES, _pool("max_pooling", **HALVING), 0.15, 500),
    Row(
        "h4",
        "average 3×3 s2 p1, 512²×64",
        PLANES,
        _pool("average_pooling", count_include_pad=True, **HALVING),
        0.38,
        500,
    ),
    Row("h6", "global average, 512²×64", PLANES, _pool("global_average_pooling"), 0.99),
)
