"""The routes of code out and code in. Knows requests and answers; writing and reading are in ``app/code``."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
from fastapi import APIRouter, Request, Response

from ...code.models.draft import NetworkReading
from ...code.models.reading import read_network
from ...code.read.read import Reading
from ...code.read.read import read as read_text
from ...code.write import origins
from ...code.write.network import Part, write_network
from ...code.write.onnx_file import TARGET as FILE_TARGET
from ...code.write.onnx_file import network_file
from ...code.write.snippet import Inexpressible, Snippet
from ...code.write.subject import Subject
from ...code.write.tensors import Origin
from ...code.write.write import write
from ...core.engine.trace import Layer
from ...core.errors import Unfit, Unsupported
from ...core.frameworks.catalog import READ
from ...core.network.shapes import Placed
from ...core.weights import PresetWeights, StoredWeights
from ...images.sources import ImageSource, NoiseSource, ValueSource
from ..http.requests import CodeRequest, ReadRequest
from ..stream import costs
from .api import (
    FILE,
    JSON,
    accepted,
    answers,
    json_answer,
    output_of,
    services,
    takes,
)
from .api import read as read_body
from .models import ONNX, read_file

PYTHON = "text/x-python"
MOST_REPEATED = 400  # characters of a source that a snippet repeats

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
    "required": [
        "layers",
        "framework",
        "notes",
        "passed_through",
        "input_channels",
        "input_features",
        "axes",
        "input_shape",
    ],
    "properties": {
        "layers": {"type": "array", "items": {"type": "object"}},
        "framework": {"enum": list(READ)},
        "notes": {"type": "array", "items": {"type": "string"}},
        "passed_through": {"type": "array", "items": {"type": "string"}},
        "input_channels": _NUMBER_OR_NULL,
        "input_features": _NUMBER_OR_NULL,
        "axes": _NUMBER_OR_NULL,
        "input_shape": {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]},
        "features": {"type": "array", "items": _NUMBER_OR_NULL},
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
        media={JSON: {"schema": CODE_ANSWER}, PYTHON: {"schema": {"type": "string"}}, ONNX: FILE},
    ),
)
async def code(request: Request) -> Response:
    """Code that builds the layer with these weights on this input and asserts the output, or says why it cannot.

    Of several layers it is the whole network, unless one is asked for by ``layer``. With ``Accept: application/x-onnx``
    and the target onnx it is the network as an .onnx file with its weights.
    """
    served = services(request)
    body = await read_body(CodeRequest, request, served)
    form = accepted(request, (JSON, PYTHON, ONNX))
    as_file = form == ONNX
    if as_file and body.target != FILE_TARGET:
        raise Unsupported("accept", ONNX, f"{body.target} has no such file", 'Use "target": "onnx".')
    ran: list[tuple[Placed, Layer, Any]] = []
    given: list[Any] = []
    network = body.asked is None and (len(body.layers) > 1 or as_file)

    def seen(placed: Placed, one: Layer, gave: Any) -> None:
        ran.append((placed, one, gave))

    layer = await served.layer_of(
        body,
        lambda built: costs.run_work(body, built) + costs.AS_CODE * (len(body.layers) if network else 1),
        seen=seen if network else None,
    )
    if network:
        given.append(await served.input_of(body.source))
    output = await output_of(layer, served)

    def parts_of() -> list[Part]:
        pieces = [(placed, one, output if gave is None else gave) for placed, one, gave in ran]
        return [_part(body, *one) for one in pieces]

    if as_file:
        try:
            file = await served.compute.run(
                layer.x.size * 100, lambda: network_file(parts_of(), _single(given[0]))
            )
        except Inexpressible as problem:
            raise Unfit("target", body.target, problem.reason.rstrip("."), "Take another target.") from None
        return Response(file, media_type=ONNX)

    def make() -> Snippet:
        if network:
            return write_network(parts_of(), body.target, _single(given[0]), _origin_of_source(body))
        subject = Subject(
            _single_layer(layer), body.chosen.spec, np.asarray(output, np.float32), origins_of(body, layer)
        )
        return write(subject, body.target)

    made = await served.compute.run((layer.x.size + sum(one.x.size for _, one, _ in ran)) * 100, make)
    if form == PYTHON:
        return Response(made.code, media_type=PYTHON)
    notes = list(made.notes)
    if body.dtype == "float64":
        notes.append("The snippet computes in float32; what is shown was computed in float64.")
    return json_answer(
        {"code": made.code, "language": made.language, "notes": notes, "expressible": made.expressible}
    )


READ_BODY: dict[str, Any] = takes(ReadRequest)
READ_BODY["requestBody"]["content"][ONNX] = FILE


@router.post(
    "/read",
    tags=["code"],
    openapi_extra=READ_BODY,
    summary="Code of a framework as a layer, or a model file",
    responses=answers(400, 413, 415, 422, 507, media={JSON: {"schema": READ_ANSWER}}),
)
async def read(request: Request) -> Response:
    """The first layer that a text says, or with ``network`` all layers of a Sequential; a refusal points at the fault.

    A layer of a model that is not understood is passed through and named. The body may be an .onnx file with the
    content type application/x-onnx: then ``weights`` tells where its weights are kept.

    A setting that the text leaves out is left out here too, so that it is the default of the ``rules``. The notes say
    what was assumed and what else of the text is left out.
    """
    served = services(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == ONNX:
        return await read_file(request, served)
    body = await read_body(ReadRequest, request, served)
    work = len(body.text) * 1000
    network = await served.compute.run(work, lambda: read_network(body.text)) if body.network else None
    found: Reading | NetworkReading
    found = await served.compute.run(work, lambda: read_text(body.text)) if network is None else network
    specs = [found.spec] if isinstance(found, Reading) else found.layers
    return json_answer(
        {
            "layers": [spec.model_dump(mode="json", exclude_unset=True, warnings=False) for spec in specs],
            "framework": found.framework,
            "notes": list(found.notes),
            "passed_through": [] if isinstance(found, Reading) else found.passed_through,
            "input_channels": found.input_channels,
            "input_features": found.input_features,
            "axes": found.axes,
            "input_shape": None if isinstance(found, Reading) else found.input_shape,
            "features": [] if isinstance(found, Reading) else found.features,
        }
    )


def _single_layer(layer: Layer) -> Layer:
    return dataclasses.replace(
        layer, x=_single(layer.x), weight=_single(layer.weight), bias=_single(layer.bias)
    )


def _part(body: CodeRequest, placed: Placed, layer: Layer, output: Any) -> Part:
    """A layer of a network as code out takes it."""
    node = placed.node
    origins = _origins_in_network(body, placed, layer)
    subject = Subject(_single_layer(layer), node.spec, np.asarray(output, np.float32), origins)
    return Part(node.name, node.inputs, subject, placed.stretched, placed.shape)


def _origins_in_network(body: CodeRequest, placed: Placed, layer: Layer) -> dict[str, Origin]:
    """Where the tensors of a layer can be had again, each under the name that the program has for it."""
    weights, name = body.weights_of(placed.node), placed.node.name
    hint = f'Save what POST /api/v1/run answers with "layer": "{name}" and "include": ["weight", "bias"].'
    found = dict.fromkeys(("weight", "bias"), Origin(None, (hint,)))
    drawn = isinstance(weights, PresetWeights) and weights.name == "random" and not weights.edits
    if drawn and layer.own is None:
        found["weight"] = origins.random_weight(layer.geometry, weights.seed)  # type: ignore[union-attr]
    return found


def _origin_of_source(body: CodeRequest) -> Origin:
    """Where a network's input can be had again."""
    source = body.source
    if isinstance(source, NoiseSource):
        return origins.noise(source.shape, source.seed, source.distribution)
    return Origin(
        None,
        ('Save as float32 what POST /api/v1/run answers for the first layer with "include": ["input"].',),
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
        request = {"weights": weights_json, **asked}
        found["weight"] = Origin(None, _answered(request, "weight", "weight"))
    else:
        found["weight"] = Origin(None, ("Save the values that were sent, as float32.",))
    return found


def _kept(content: str, name: str) -> tuple[str, ...]:
    return (f"Save it as {name}.npy:", f"GET /api/v1/images/{content} with Accept: application/x-npy")


def _answered(asked: dict[str, Any], part: str, name: str) -> tuple[str, ...]:
    body = json.dumps({**asked, "include": [part]})
    if len(body) > MOST_REPEATED:
        body = f'the same layers and source, and "include": ["{part}"]'
    return (
        f'Save it with np.save("{name}.npy", np.array(answer["{part}"], np.float32)); the answer is that of',
        f"POST /api/v1/run {body}",
    )
