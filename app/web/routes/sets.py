"""The route of the sets that networks learn from, with losses, optimisers and starts. Knows models and answers."""

from __future__ import annotations

from typing import Any

import numpy as np
from fastapi import APIRouter, Request, Response

from ...core.learning.losses import LOSSES
from ...core.learning.optimisers import OPTIMISERS
from ...core.learning.starts import STARTS
from ...data.augmentation import Augmentation
from ...data.series import BurstsData, CopyData, RecordedData, SeasonsData, drawn
from ...data.sets import GlyphsData, StoredData, StrokesData, examples_of
from .api import answers, json_answer, services

router = APIRouter(prefix="/api/v1")

Json = dict[str, Any]

SHOWN = 2  # examples of each class that a set is shown by
SETS: tuple[tuple[type[Any], str, str], ...] = (
    (StrokesData, "Strokes", "X, O, □, \\ and /, shifted, tilted, sized and inked anew for each example."),
    (GlyphsData, "Digits", "Digits from a font, shifted, tilted and sized anew for each example."),
    (StoredData, "Your own", "Labelled drawings and pictures that POST data keeps."),
    (SeasonsData, "Seasons", "A series of trend, seasons and noise, to be forecast."),
    (BurstsData, "Bursts", "A series of bursts of sound in silence."),
    (CopyData, "Copies", "A series of values that come back after a gap."),
    (
        RecordedData,
        "Your own series",
        "A column of a table that POST data keeps when it is sent as text/csv.",
    ),
)
SHOWN_STEPS = 200  # of a series that is drawn


@router.get("/data", tags=["learning"], summary="The sets that networks learn from", responses=answers())
async def data(request: Request) -> Response:
    """Each set with its parameters and a few examples of each class; and losses, optimisers and starts."""
    served = services(request)
    return await served.compute.load(lambda: json_answer(_described()))


def _described() -> Json:
    sets = []
    for model, title, description in SETS:
        schema = model.model_json_schema()
        kind = schema["properties"]["kind"]["const"]
        described = {"kind": kind, "title": title, "description": description, "parameters": schema}
        if model in (SeasonsData, BurstsData, CopyData):
            series = drawn(model(kind=kind), 0)
            described["series"] = np.round(series.values[:SHOWN_STEPS], 3).tolist()
        elif model not in (StoredData, RecordedData):
            described["examples"] = _shown(model)
        sets.append(described)
    return {
        "version": 1,
        "sets": sets,
        "augmentation": Augmentation.model_json_schema(),
        "losses": [
            {"name": one.name, "title": one.title, "formula": one.formula, "reads_before": one.reads_before}
            for one in LOSSES.values()
        ],
        "optimisers": [
            {
                "name": one.name,
                "title": one.title,
                "formula": one.formula,
                "rate": one.rate,
                "takes": list(one.takes),
                "keras": one.keras,
            }
            for one in OPTIMISERS.values()
        ],
        "starts": [{"name": one.name, "title": one.title, "formula": one.formula} for one in STARTS.values()],
    }


def _shown(model: type[Any]) -> list[Json]:
    """Some examples of each class, as they are drawn: ink 1 on paper 0 before they are standardised."""
    every = {"classes": ["cross", "ring", "square", "backslash", "slash"]} if model is StrokesData else {}
    kind = model.model_json_schema()["properties"]["kind"]["const"]
    part = examples_of(model(kind=kind, count=100, validation=0, **every), 0)
    found = []
    for place, name in enumerate(part.classes):
        mine = part.training.x[part.training.labels == place][:SHOWN]
        low, span = part.training.x.min(), np.ptp(part.training.x)
        found += [{"label": name, "values": np.round((one - low) / span, 3).tolist()} for one in mine]
    return found
