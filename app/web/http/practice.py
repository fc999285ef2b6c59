"""The requests for practice: a closed model. Knows no exercise."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...lessons.practice.draw import ALL, MOST
from ...lessons.practice.kinds import KINDS

U32 = Annotated[int, Field(ge=0, le=2**32 - 1)]


class PracticeRequest(BaseModel):
    """Exercises that a seed draws."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"kind": "sizes", "seed": 7, "count": 5, "difficulty": 2}]},
    )

    kind: str = Field(
        ALL, max_length=40, description=f"One of {', '.join(KINDS)}; or {ALL}, each kind in turn."
    )
    seed: U32 = Field(0, description="The same seed gives the same exercises.")
    first: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        0, description="The number of the first, from 0."
    )
    count: Annotated[int, Field(ge=1, le=MOST)] = Field(10, description="How many.")
    difficulty: Literal[1, 2, 3] = Field(1, description="1 has one idea, 2 two, 3 what people forget.")
    solutions: bool = Field(False, description="Also tell the answers, and why others are wrong.")
