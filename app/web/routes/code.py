"""The routes of code out and code in. Knows requests and answers; writing and reading are in ``app/code``."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
from fastapi import APIRouter, Request, Response

from ...code.read.read import Reading
from ...code.read.read import read as read_text
from ...code.write import origins
from ...code.write.snippet import Snippet
from ...code.write.subject import Subject
from ...code.write.tensors import Origin
from ...code.write.write import write
from ...core.engine.trace import Layer
from ...core.frameworks.catalog import READ
from ...core.weights import PresetWeights, StoredWeights
from ...images.sources import ImageSource, NoiseSource, ValueSource
from ..http.requests import CodeRequest, ReadRequest
from ..stream import costs
from .api import (
    JSON,
    accepted,
    answers,
    json_answer,
    output_of,
    services,
    takes,
)
from .api import read as read_body

PYTHON = "text/x-python"
MOST_TOLD = 400  # characters of a source that a snippet repeats

router = APIRouter(prefix="/api/v1")

CODE_ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["code", "language", "notes", "expressible"],
    "properties": {
        "code": {"type": "string"},
        "language": {"type": "string"},
        "notes": {"type": "array", "items": {"type": "string"}},
        "expressible": {"type": "boolean"},
    },
}

_NUMBER_OR_NULL = {"anyOf": [{"type": "integer"}, {"type": "null"}]}
READ_ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["layers", "framework", "notes", "input_channels", "input_features", "axes"],
    "properties": {
        "layers": {"type": "array", "items": {"type": "object"}},
        "framework": {"enum": list(READ)},
        "notes": {"type": "array", "items": {"type": "string"}},
        "input_channels": _NUMBER_OR_NULL,
        "input_features": _NUMBER_OR_NULL,
        "axes": _NUMBER_OR_NULL,
    },
}


@router.post(
    "/code",
    tags=["code"],
    openapi_extra=takes(CodeRequest),
    summary="A layer as a snippet of a framework",
    responses=answers(
        400,
        404,
        406,
        413,
        415,
        422,
        media={JSON: {"schema": CODE_ANSWER}, PYTHON: {"schema": {"type": "string"}}},
    ),
)
async def code(request: Request) -> Response:
    """Code that builds the layer with these weights on this input and asserts the output, or says why it cannot."""
    served = services(request)
    body = await read_body(CodeRequest, request, served)
    form = accepted(request, (JSON, PYTHON))
    layer = await served.layer_of(body, lambda built: costs.run_work(body, built) + costs.AS_CODE)
    output = await output_of(layer, served)

    def make() -> Snippet:
        single = dataclasses.replace(
            layer, x=_single(layer.x), weight=_single(layer.weight), bias=_single(layer.bias)
        )
        subject = Subject(single, body.chosen.spec, np.asarray(output, np.float32), origins_of(body, layer))
        return write(subject, body.target)

    made = await served.compute.run(layer.x.size * 100, make)
    if form == PYTHON:
        return Response(made.code, media_type=PYTHON)
    notes = list(made.notes)
    if body.dtype == "float64":
        notes.append("The snippet computes in float32; what is shown was computed in float64.")
    return json_answer(
        {"code": made.code, "language": made.language, "notes": notes, "expressible": made.expressible}
    )


@router.post(
    "/read",
    tags=["code"],
    openapi_extra=takes(ReadRequest),
    summary="Code of a framework as a layer",
    responses=answers(400, 413, 415, 422, media={JSON: {"schema": READ_ANSWER}}),
)
async def read(request: Request) -> Response:
    """The first layer that a text says, as a spec of what it says; a refusal points at the characters at fault.

    What the text leaves out is left out here too, so that it is the default of the ``rules``. The notes say what was
    assumed and what else of the text is left out.
    """
    served = services(request)
    body = await read_body(ReadRequest, request, served)
    found: Reading = await served.compute.run(len(body.text) * 1000, lambda: read_text(body.text))
    return json_answer(
        {
            "layers": [found.spec.model_dump(mode="json", exclude_unset=True)],
            "framework": found.framework,
            "notes": list(found.notes),
            "input_channels": found.input_channels,
            "input_features": found.input_features,
            "axes": found.axes,
        }
    )


def _single(array: Any) -> Any:
    return None if array is None else np.asarray(array, np.float32)


def origins_of(body: CodeRequest, layer: Layer) -> dict[str, Origin]:
    """Where the tensors of a request can be had again, for those too large to be written out."""
    source, weights = body.source, body.weights_of(body.node)
    alone = len(body.layers) == 1
    asked = body.model_dump(
        mode="json", by_alias=True, exclude_unset=True, include={"layers", "source", "asked"}
    )
    if not alone:
        asked["weights"] = body.model_dump(mode="json", exclude_unset=True, include={"weights"}).get(
            "weights"
        )
    found: dict[str, Origin] = {}
    if not alone:
        found["x"] = Origin(None, _answered(asked, "input", "x"))
    elif isinstance(source, NoiseSource):
        found["x"] = origins.noise(source.shape, source.seed, source.distribution)
    elif isinstance(source, ValueSource):
        found["x"] = Origin(None, ("Save the values that were sent, as float32.",))
    elif isinstance(source, ImageSource) and layer.x.dtype == np.float64:
        found["x"] = Origin(None, _kept(source.id, "x"))
    else:
        found["x"] = Origin(None, _answered(asked, "input", "x"))
    if isinstance(weights, PresetWeights) and weights.name == "random" and not weights.edits:
        found["weight"] = origins.random_weight(layer.geometry, weights.seed)
    elif isinstance(weights, StoredWeights):
        found["weight"] = Origin(None, _kept(weights.id, "weight"))
    elif isinstance(weights, PresetWeights):
        weights_json = None if body.weights is None else weights.model_dump(mode="json", exclude_unset=True)
        whole = {"weights": weights_json, **asked}
        found["weight"] = Origin(None, _answered(whole, "weight", "weight"))
    else:
        found["weight"] = Origin(None, ("Save the values that were sent, as float32.",))
    return found


def _kept(content: str, name: str) -> tuple[str, ...]:
    return (f"Save it as {name}.npy:", f"GET /api/v1/images/{content} with Accept: application/x-npy")


def _answered(asked: dict[str, Any], part: str, name: str) -> tuple[str, ...]:
    body = json.dumps({**asked, "include": [part]})
    if len(body) > MOST_TOLD:
        body = f'the same layers and source, and "include": ["{part}"]'
    return (
        f'Save it with np.save("{name}.npy", np.array(answer["{part}"], np.float32)); the answer is that of',
        f"POST /api/v1/run {body}",
    )
