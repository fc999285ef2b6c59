"""Figures that must come out byte for byte: a step side by side, one from the side, stamps, a series, a volume."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from app.figures.content.gallery import GALLERY

from ..python.figures.figures import drawn

Json = dict[str, Any]

PRESETS = {preset.name: preset.request() for preset in GALLERY}
FIGURES: dict[str, Json] = {
    "step": {**PRESETS["numbers_padding_strides"], "theme": "print"},
    "classic": {**PRESETS["padding_strides_odd_transposed"], "theme": "grey"},
    "stamps": {**PRESETS["stamps"], "theme": "dark"},
    "series": {
        "layers": [
            {"operation": "convolution", "kernel": 3, "dilation": 2, "padding": "causal", "bias": True}
        ],
        "source": {"kind": "values", "values": [0.5, -1, 2, 0.25, 3]},
        "weights": {"kind": "values", "values": [[[1, -0.5, 0.125]]], "bias": [0.1]},
        "step": 2,
    },
    "volume": {
        "layers": [{"operation": "max_pooling", "kernel": 2, "padding": 1}],
        "source": {"kind": "values", "values": [[[[1, 2], [3, 4]], [[8, 7], [6, 5]]]]},
        "step": "final",
        "width_mm": 100.0,
    },
}


FORMS = {"svg": "svg", "pdf": "pdf", "tikz": "tex"}  # form to ending
# One file of each form but SVG, so that the folder stays small.
NAMES = {"svg": tuple(FIGURES), "pdf": ("classic",), "tikz": ("step",)}


def writers() -> dict[str, Callable[[], bytes]]:
    """The files by name."""
    return {
        f"figure_{name}.{ending}": partial(drawn, FIGURES[name], form)
        for form, ending in FORMS.items()
        for name in NAMES[form]
    }
