"""Presets by what a person wants of a layer: each a setting, and a promise that a test holds it to. Knows no page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Intent:
    """A wish, the settings that fulfil it on any picture, and the weights where they are part of it.

    ``promise`` names what is tested of it. ``keeps`` lists settings that stay as they are when it is applied.
    """

    title: str
    promise: str
    layer: Mapping[str, Any]
    weights: Mapping[str, Any] | None = None
    keeps: tuple[str, ...] = ("filters", "bias", "activation")

    def to_json(self) -> dict[str, Any]:
        """The intent as the page offers it."""
        return {
            "title": self.title,
            "layer": dict(self.layer),
            "weights": None if self.weights is None else dict(self.weights),
            "keeps": list(self.keeps),
        }


def _preset(name: str) -> dict[str, Any]:
    return {"kind": "preset", "name": name}


CONVOLUTION: dict[str, Any] = {"operation": "convolution", "kernel": 3, "padding": 1}

INTENTS: tuple[Intent, ...] = (
    Intent("Keep the size", "same size", CONVOLUTION),
    Intent("Halve the size", "half the size", {**CONVOLUTION, "stride": 2}),
    Intent(
        "Double the size",
        "twice the size",
        {"operation": "transposed_convolution", "kernel": 4, "stride": 2, "padding": 1},
    ),
    Intent("Look wider, same cost", "wider at the same cost", {**CONVOLUTION, "padding": 2, "dilation": 2}),
    Intent("Mix the channels only", "each cell alone", {"operation": "convolution", "kernel": 1}),
    Intent(
        "See only the past",
        "nothing from what comes after",
        {"operation": "convolution", "kernel": 3, "padding": "causal"},
    ),
    Intent("One number per channel", "one cell", {"operation": "global_average_pooling"}),
    Intent("Blur", "smoother, as bright", CONVOLUTION, _preset("gaussian"), ("filters", "bias")),
    Intent("Find upright edges", "upright edges", CONVOLUTION, _preset("sobel_vertical")),
    Intent("Find level edges", "level edges", CONVOLUTION, _preset("sobel_horizontal")),
    Intent("Detect \\", "a falling line", {"operation": "convolution", "kernel": 3}, _preset("diagonal")),
    Intent("Detect /", "a rising line", {"operation": "convolution", "kernel": 3}, _preset("antidiagonal")),
    # A rectifier that was kept would let half of the numbers through.
    Intent(
        "Let the picture through", "the input itself", CONVOLUTION, _preset("identity"), ("filters", "bias")
    ),
)
