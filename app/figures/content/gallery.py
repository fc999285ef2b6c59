"""The classic figures of convolution arithmetic, as requests: each can be opened and exported. Draws nothing.

Sizes after V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285,
whose figures everybody knows; the numbers of the two with numbers are theirs too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

NUMBERS = [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]]
KERNEL = [[[[0, 1, 2], [2, 2, 0], [0, 1, 2]]]]


@dataclass(frozen=True, slots=True)
class Preset:
    """One figure: a name, a title, what it teaches, the layer, and how it is best looked at."""

    name: str
    title: str
    text: str
    layer: Mapping[str, Any]
    values: list[list[int]]
    weights: Mapping[str, Any] | None
    step: int
    look: Mapping[str, Any]

    def request(self) -> Json:
        """The body that ``POST figure`` takes."""
        return {
            "layers": [dict(self.layer)],
            "source": {"kind": "values", "values": self.values},
            "weights": None if self.weights is None else dict(self.weights),
            "step": self.step,
            "title": self.title,
            **self.look,
        }

    def to_json(self) -> Json:
        """The preset as the API lists it."""
        request = self.request()
        return {
            "name": self.name,
            "title": self.title,
            "text": self.text,
            "layers": request["layers"],
            "source": request["source"],
            "weights": request["weights"],
            "step": self.step,
            "figure": request,
        }


def _grid(size: int) -> list[list[int]]:
    """Small whole numbers, the same ones every time: cell (row, col) holds (3 · row + 5 · col + row · col) mod 7."""
    return [[(3 * row + 5 * col + row * col) % 7 for col in range(size)] for row in range(size)]


CLASSIC: Json = {"layout": "classic"}
BOX: Json = {"kind": "preset", "name": "box"}


def _convolution(name: str, title: str, text: str, size: int, step: int, **spec: Any) -> Preset:
    layer = {"operation": "convolution", **spec}
    return Preset(name, title, text, layer, _grid(size), BOX, step, CLASSIC)


def _transposed(name: str, title: str, text: str, size: int, step: int, **spec: Any) -> Preset:
    layer = {"operation": "transposed_convolution", **spec}
    return Preset(name, title, text, layer, _grid(size), BOX, step, CLASSIC)


GALLERY: tuple[Preset, ...] = (
    Preset(
        "numbers",
        "A convolution with its numbers",
        "Each output cell is the sum of nine products.",
        {"operation": "convolution", "kernel": 3},
        NUMBERS,
        {"kind": "values", "values": KERNEL},
        4,
        {"layout": "side"},
    ),
    Preset(
        "numbers_padding_strides",
        "Padding and stride with their numbers",
        "The window moves by two cells and reads zeros around the input.",
        {"operation": "convolution", "kernel": 3, "stride": 2, "padding": 1},
        NUMBERS,
        {"kind": "values", "values": KERNEL},
        3,
        {"layout": "side"},
    ),
    _convolution(
        "no_padding_no_strides",
        "No padding, no strides",
        "A kernel of 3 takes two cells off each axis.",
        4,
        1,
        kernel=3,
    ),
    _convolution(
        "arbitrary_padding_no_strides",
        "Arbitrary padding, no strides",
        "Padding of 2 around a kernel of 4 adds one cell to each axis.",
        5,
        8,
        kernel=4,
        padding=2,
    ),
    _convolution(
        "half_padding_no_strides",
        "Half padding, no strides",
        "Half the kernel as padding keeps the size: same padding.",
        5,
        6,
        kernel=3,
        padding="same",
    ),
    _convolution(
        "full_padding_no_strides",
        "Full padding, no strides",
        "Every overlap of kernel and input counts, and the output grows.",
        5,
        8,
        kernel=3,
        padding="full",
    ),
    _convolution(
        "no_padding_strides",
        "No padding, strides",
        "A stride of 2 leaves every other position out.",
        5,
        1,
        kernel=3,
        stride=2,
    ),
    _convolution(
        "padding_strides",
        "Padding and strides",
        "With padding 1 the same stride gives three positions.",
        5,
        4,
        kernel=3,
        stride=2,
        padding=1,
    ),
    _convolution(
        "padding_strides_odd",
        "Padding and strides, odd",
        "Six cells give the same three positions: the last row and column of padding are not reached.",
        6,
        4,
        kernel=3,
        stride=2,
        padding=1,
    ),
    _transposed(
        "no_padding_no_strides_transposed",
        "No padding, no strides, transposed",
        "From 2 back to 4: the window slides over an input with full padding.",
        2,
        5,
        kernel=3,
    ),
    _transposed(
        "arbitrary_padding_no_strides_transposed",
        "Arbitrary padding, no strides, transposed",
        "From 6 back to 5: what the convolution padded is cropped.",
        6,
        7,
        kernel=4,
        padding=2,
    ),
    _transposed(
        "half_padding_no_strides_transposed",
        "Half padding, no strides, transposed",
        "The transposed twin of same padding keeps the size too.",
        5,
        6,
        kernel=3,
        padding=1,
    ),
    _transposed(
        "full_padding_no_strides_transposed",
        "Full padding, no strides, transposed",
        "From 7 back to 5: the twin of full padding has none.",
        7,
        6,
        kernel=3,
        padding=2,
    ),
    _transposed(
        "no_padding_strides_transposed",
        "No padding, strides, transposed",
        "A stride becomes zeros between the input's cells.",
        2,
        12,
        kernel=3,
        stride=2,
    ),
    _transposed(
        "padding_strides_transposed",
        "Padding and strides, transposed",
        "From 3 back to 5, with zeros between the cells and around them.",
        3,
        12,
        kernel=3,
        stride=2,
        padding=1,
    ),
    _transposed(
        "padding_strides_odd_transposed",
        "Padding and strides, odd, transposed",
        "Output padding tells 6 from 5, since a stride leaves both possible.",
        3,
        14,
        kernel=3,
        stride=2,
        padding=1,
        output_padding=1,
    ),
    _convolution(
        "dilation",
        "Dilation",
        "A dilation of 2 spreads nine taps over five by five cells.",
        7,
        4,
        kernel=3,
        dilation=2,
    ),
    Preset(
        "max_pooling",
        "Max pooling",
        "The largest of nine cells wins.",
        {"operation": "max_pooling", "kernel": 3, "stride": 1},
        NUMBERS,
        None,
        4,
        {"layout": "side"},
    ),
    Preset(
        "average_pooling",
        "Average pooling",
        "The mean of nine cells.",
        {"operation": "average_pooling", "kernel": 3, "stride": 1},
        NUMBERS,
        None,
        4,
        {"layout": "side"},
    ),
    Preset(
        "stamps",
        "Transposed convolution as stamps",
        "The same numbers by the other walk: each input cell stamps the kernel onto the output.",
        {"operation": "transposed_convolution", "kernel": 3, "stride": 2},
        [[1, 2], [3, 4]],
        {"kind": "values", "values": [[[[0, 1, 2], [2, 2, 0], [0, 1, 2]]]]},
        2,
        {"layout": "side", "walk": "scatter"},
    ),
)
