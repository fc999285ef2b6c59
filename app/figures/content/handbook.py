"""The figures of the handbook, as links: what a figure shows is what opens on the stage. Draws nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HandbookFigure:
    """A figure of a section: the link that it shows, and what it says."""

    fragment: str
    caption: str


# By the section that it stands in; the sections of operations have that of their first example.
FIGURES: dict[str, HandbookFigure] = {
    "step": HandbookFigure(
        "#v1&op=convolution&source=sample:cross&weights=preset:diagonal&step=16",
        "One step: the window reads nine cells, and the sum of nine products is one cell of the output.",
    ),
    "stamping": HandbookFigure(
        "#v1&op=transposed_convolution&kernel=3&stride=2&source=values:2x2:1,2,3,4"
        "&weights=values:1x1x3x3:1,2,1,2,4,2,1,2,1&step=3&view=stamp",
        "Stamping: each input cell adds the kernel, times its value, to the output; where stamps overlap they add up.",
    ),
    "size": HandbookFigure(
        "#v1&op=convolution&kernel=3&stride=3&padding=1&source=sample:cross&weights=preset:diagonal&step=4",
        "Nine cells and padding 1 at stride 3: a step starts at −1, 2 and 5, and row 8 and column 8 are never read.",
    ),
    "borders": HandbookFigure(
        "#v1&op=convolution&kernel=3&padding=same&padding_mode=reflect&source=sample:grid&weights=preset:box&step=0",
        "Padding same keeps the size. In the mode reflect it holds the input mirrored at its edge.",
    ),
    "series": HandbookFigure(
        "#v1&op=convolution&kernel=3&dilation=2&padding=causal&source=noise:1x14;seed=2&weights=preset:box&step=9",
        "A causal window of three taps, two apart: it reads what was, and nothing of what comes after.",
    ),
    "volumes": HandbookFigure(
        "#v1&op=convolution&filters=2&source=sample:gradient;size=8&weights=preset:mixed&step=14&lane=1",
        "An input of three channels: a filter has a slice for each, and their sums add up to one map.",
    ),
    "rules": HandbookFigure(
        "#v1&op=convolution&kernel=2&padding=same&source=sample:cross&weights=preset:box&step=80",
        "Padding same with an even kernel: the odd cell goes to the end, as in PyTorch, Keras and ONNX SAME_UPPER.",
    ),
    "away": HandbookFigure(
        "#v1&op=convolution&kernel=3&padding=1&source=values:5x5:3,3,2,1,0,0,0,1,3,1,3,1,2,2,3,2,0,0,2,2,2,0,0,0,1"
        "&weights=values:1x1x3x3:0,1,2,2,2,0,0,1,2&step=6",
        "An exported figure holds grids, sum and formula, drawn from the replayed walk.",
    ),
    "paint": HandbookFigure(
        "#v1&op=max_pooling&kernel=2&source=values:6x6:0,0,0,0,0,0,0,1,1,1,1,0,0,1,0,0,1,0,0,1,0,0,1,0,0,1,1,1,1,0,0,0,0,0,0,0"
        "&step=4",
        "A painted input of 36 cells, and the largest of each 2×2.",
    ),
    "compare": HandbookFigure(
        "#v1&op=average_pooling&kernel=3&stride=2&padding=1&count_include_pad=true&source=sample:cross&step=0",
        "PyTorch divides by nine where padding is read, ONNX by the cells that are there: a pair worth comparing.",
    ),
}
