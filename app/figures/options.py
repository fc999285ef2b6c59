"""The options of a request for a figure's look and form: a closed and strict model. Knows no layer and no HTTP."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from ..core.errors import malformed
from ..core.spec import AS_IS
from .drawing.themes import THEMES, ThemeName
from .layout.looks import (
    DEFAULT_FILLS,
    DEFAULT_PARTS,
    DEFAULT_WIDTH_MM,
    Fills,
    LayoutName,
    Look,
    Part,
)
from .writers.formats import FormatName

U32 = Annotated[int, Field(ge=0, le=2**32 - 1)]


def _step(value: object) -> object:
    if value == "final" or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**32):
        return value
    raise malformed("a step is a whole number from 0 on, or final", 'Use a number such as 4, or "final".')


Step = Annotated[
    int | Literal["final"],
    PlainValidator(_step),
    AS_IS,
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0, "maximum": 2**32 - 1}, {"const": "final"}]}),
]


class StepRange(BaseModel):
    """Several steps: the frames of an animation, or the pictures of a film strip."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, json_schema_extra={"examples": [{"first": 0, "every": 1}]}
    )

    first: U32 = Field(0, description="The first step.")
    count: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None, description="How many of them; left out, all to the end."
    )
    every: Annotated[int, Field(ge=1, le=100_000)] = Field(1, description="Every how many steps.")
    columns: Annotated[int, Field(ge=1, le=20)] = Field(
        3, description="Pictures side by side on a film strip."
    )

    def of(self, steps: int) -> Sequence[int]:
        """Those of a walk with so many steps."""
        found = range(self.first, steps, self.every)
        return found if self.count is None else found[: self.count]


class FigureOptions(BaseModel):
    """How a figure looks and in which form it comes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: FormatName | None = Field(
        None,
        description="The form of the file; left out, by Accept. json gives the words that go with the figure: "
        "caption, alternative text, BibTeX, licence.",
    )
    kind: Literal["layer", "chain", "fields", "dilation"] = Field(
        "layer",
        description="One layer, step by step; or all layers up to the one asked for: chain sets their maps in a row, "
        "fields adds the field of a cell, dilation has a row of steps for each layer on a series.",
    )
    cell: Annotated[list[U32], Field(min_length=1, max_length=3)] | None = Field(
        None,
        description="Whose field fields and dilation show: a place in the layer asked for; left out, its "
        "middle, or the last step of a series.",
    )
    step: Step = Field("final", description="The step to show, counted from 0, or the final state.")
    steps: StepRange | None = Field(
        None,
        description="Several steps: the frames of gif, webp and apng (left out, all steps), "
        "or a film strip as svg, pdf, png or tikz.",
    )
    walk: Literal["gather", "scatter"] = Field(
        "gather", description="Which walk is shown; scatter, for transposed convolution, stamps."
    )
    lane: U32 = Field(0, description="The output channel that is shown.")
    channel: U32 | None = Field(
        None,
        description="The input channel that is shown; left out, the first that the output channel reads.",
    )
    layout: LayoutName = Field(
        "side",
        description="side sets input, kernel and output side by side; classic looks at them from the side, "
        "the output above the input.",
    )
    theme: ThemeName = Field(
        "light", description="print is white with thin lines; grey can be told apart without colours."
    )
    fills: Fills | None = Field(
        None,
        description="The colours of the cells: their values, or the roles of their grids, which is what "
        "classic has when it is left out.",
    )
    parts: list[Part] | None = Field(
        None, description="The parts shown besides the grids; left out, those that suit the layout."
    )
    width_mm: Annotated[float, Field(ge=20, le=600)] | None = Field(
        None, description="Width of the figure in millimetres; left out, 160, and 85 for classic."
    )
    font_pt: Annotated[float, Field(ge=4, le=30)] = Field(8.0, description="Size of the text in points.")
    dpi: Annotated[float, Field(ge=30, le=1200)] = Field(
        150.0, description="Pixels per inch of png, gif, webp and apng."
    )
    fps: Annotated[float, Field(ge=0.1, le=50)] = Field(
        2.0, description="Steps per second of an animation; the last step stays longer."
    )
    plays: Annotated[int, Field(ge=0, le=1000)] = Field(
        0, description="How often an animation plays: once, so many times, or for ever with 0."
    )
    background: Literal["theme", "clear"] = Field(
        "theme", description="The theme's ground, or clear: what lies behind the figure shows through."
    )
    title: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="The title in the file; left out, the operation and its sizes."
    )

    def as_text(self) -> str:
        """The request that gives this figure again, as ASCII JSON; the form of the file is left out."""
        dumped = self.model_dump(
            mode="json", by_alias=True, exclude_defaults=True, exclude={"format"}, warnings=False
        )
        return json.dumps(dumped, separators=(",", ":"))

    def look(self, *, picture: bool) -> Look:
        """The look, with what was left out filled in."""
        layout = self.layout
        return Look(
            layout,
            THEMES[self.theme],
            self.width_mm or DEFAULT_WIDTH_MM[layout],
            self.font_pt,
            self.fills or DEFAULT_FILLS[layout],
            frozenset(DEFAULT_PARTS[layout] if self.parts is None else self.parts),
            picture,
            self.background == "clear",
        )
