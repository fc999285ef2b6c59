"""The routes of /api/v1 over HTTP. Knows requests and answers; arithmetic and pictures are elsewhere."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, TypeVar

import numpy as np
from fastapi import APIRouter, Path, Query, Request, Response
from numpy.typing import NDArray
from pydantic import BaseModel
from pydantic_core import to_json

from ...core import solver
from ...core.activations import ACTIVATIONS
from ...core.engine.indices import index_bands, index_work
from ...core.engine.trace import PIECE_WORK, Layer
from ...core.errors import (
    NotFound,
    Problem,
    TooLarge,
    Unfit,
    Unsupported,
    counted,
)
from ...core.geometry import Geometry
from ...core.intents import INTENTS
from ...core.network.shapes import Placed, Shapes, shapes_of
from ...core.network.totals import cells
from ...core.walk.walk import Walk
from ...images.read.npy import npy_bytes
from ...images.samples.samples import SAMPLES, sample_list
from ...images.sources import SampleSource
from ...images.write.encode import png_bytes
from ...operations import registry
from ..http.answering import Piecewise, hold
from ..http.bodies import body_of, check_json
from ..http.problems import MEDIA_TYPE
from ..http.requests import (
    RunRequest,
    SolveRequest,
)
from ..http.results import known
from ..server.admission import TRY_COST
from ..server.progress import tell
from ..stream import costs, jobs
from ..stream.jobs import Services
from ..stream.networks import network_plan
from .sheets import sheet_of
from .slabs import SLAB_BYTES, Slabs

JSON = "application/json"
NPY = "application/x-npy"
PNG = "image/png"
BINARY = "application/octet-stream"
LINES = "application/x-ndjson"
MOST_LIKED = 50  # items of an Accept header that are read: browsers send eight
PNG_COPIES = 3  # bytes of a cell while its picture is made: the cell, the sheet, the file
JSON_BYTES = 60  # of a number while its text is made: as an object, and as text

router = APIRouter(prefix="/api/v1")

Array = NDArray[np.floating]
Json = dict[str, Any]

Piece = TypeVar("Piece")
Model = TypeVar("Model", bound=BaseModel)


def services(request: Request) -> Services:
    """The services of the server that a request reached."""
    found: Services = request.app.state.services
    return found


async def read(model: type[Model], request: Request, served: Services) -> Model:
    """The JSON body as a model.

    The bytes go to the model at once: by way of a declared body they would be parsed, walked and checked in
    three passes, which costs a small request half its time.
    """
    kind = request.headers.get("content-type", "")
    if kind != JSON and (kind := kind.partition(";")[0].strip().lower()) != JSON:
        raise Unsupported(
            "content-type", kind or "none", "the body is JSON", f"Send it with Content-Type: {JSON}."
        )
    body = await body_of(request, served.settings.body_bytes, served.admission)

    def parse() -> Model:
        check_json(body)
        known(request, body)
        return model.model_validate_json(body)

    return await served.compute.read(len(body), parse)


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI entry of a route whose JSON body is ``model``; see ``BODIES``."""
    BODIES.add(model)
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}


BODIES: set[type[BaseModel]] = set()  # the models that the OpenAPI document must define


_PROBLEM = {
    "description": "Refused: the field at fault, why, and what would work.",
    "content": {
        MEDIA_TYPE: {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": Unfit("stride", 0, "a window must move", "Use 1 or more.").to_json(),
        }
    },
}


def answers(*refusals: int, media: dict[str, Any] | None = None, status: int = 200) -> dict[int | str, Any]:
    """The documented answers of a route: its media types and the statuses it refuses with."""
    documented: dict[int | str, Any] = dict.fromkeys(refusals, _PROBLEM)
    documented[status] = {
        "description": "The answer.",
        "content": media or {JSON: {"schema": {"type": "object"}}},
    }
    return documented


FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


def json_answer(value: object, status: int = 200) -> Response:
    """JSON with non-finite numbers as words."""
    return Response(to_json(value, inf_nan_mode="strings"), status, media_type=JSON)


def accepted(request: Request, offers: Sequence[str]) -> str:
    """The offer that the Accept header likes best, the first among equals; raises Unsupported (406) for none."""
    header = request.headers.get("accept", "*/*")
    best = liked(header, offers)
    if not best:
        raise Problem(
            code="not_acceptable",
            status=406,
            title="No such form",
            field="accept",
            value=header,
            reason="the answer does not come in this form",
            remedy=f"Use one of {', '.join(offers)}.",
        )
    return best


def liked(header: str, offers: Sequence[str]) -> str:
    """The offer that an Accept header likes best, the first among equals, or nothing; a long list is cut short."""
    if header in ("*/*", offers[0]):
        return offers[0]
    items = header.split(",", MOST_LIKED)[:MOST_LIKED]
    best, most = "", 0.0
    for offer in offers:
        weight = max((_liking(item, offer) for item in items), default=(0, 0.0))[1]
        if weight > most:
            best, most = offer, weight
    return best


def _liking(item: str, offer: str) -> tuple[int, float]:
    """How exactly one item of an Accept header names an offer, and how much it likes it."""
    name, *options = (part.strip() for part in item.split(";"))
    kind = offer.partition("/")[0]
    exact = {offer: 3, f"{kind}/*": 2, "*/*": 1}.get(name.lower(), 0)
    quality = 1.0
    for option in options:
        key, _, number = option.partition("=")
        if key.strip() == "q":
            try:
                quality = float(number)
            except ValueError:
                quality = 0.0
    return (exact, quality if exact else 0.0)


@router.post(
    "/run",
    tags=["compute"],
    openapi_extra=takes(RunRequest),
    summary="The output of a layer",
    responses=answers(
        400, 404, 406, 413, 422, media={JSON: {"schema": {"type": "object"}}, NPY: FILE, PNG: FILE}
    ),
)
async def run(request: Request) -> Response:
    """The output (out_channels, *sizes) as JSON, or as ``.npy`` or a PNG sheet by Accept."""
    served = services(request)
    body = await read(RunRequest, request, served)
    form = accepted(request, (JSON, NPY, PNG))
    number = {JSON: costs.AS_JSON, NPY: costs.AS_NPY, PNG: costs.AS_PNG}[form]

    def work(built: Geometry) -> int:
        if form == JSON:
            _check_json(built.walk, body, served)
        again = form == PNG and output_bytes(built, 4 * costs.scale(body)) > SLAB_BYTES
        return costs.answer_work(body, built, number) + again * costs.run_work(body, built)

    ran: dict[str, Array] = {}

    def seen(placed: Placed, _: Layer, gave: Array | None) -> None:
        if gave is not None:
            ran[placed.node.name] = gave

    streamed = form == JSON and "layers" in body.include
    if streamed:
        _check_layers(shapes_of(body.network, await served.shape_of(body.source)), body, served)
    layer = await served.layer_of(body, work, seen=seen if streamed else None)
    if form == NPY and output_bytes(layer.geometry, layer.x.itemsize) > SLAB_BYTES:
        return await _in_slabs(layer, body, served)
    if form == PNG and output_bytes(layer.geometry, layer.x.itemsize) > SLAB_BYTES:
        return Response(await sheet_of(layer, served.compute), media_type=PNG)
    output = await output_of(layer, served)
    if form == NPY:
        return Response(npy_bytes(output), media_type=NPY)
    if form == PNG:
        one = layer.geometry.result == "columns"  # a matrix is one map
        sheet = output[None] if one else output.reshape(layer.geometry.walk.output_shape)
        hold(PNG_COPIES * output.size)
        picture = await served.compute.run(output.size * costs.AS_PNG, lambda: png_bytes(sheet))
        return Response(picture, media_type=PNG)

    found = await _indices(layer, served) if "indices" in body.include else None
    described = None
    if "plan" in body.include:
        described = await network_plan(
            served, shapes_of(body.network, await served.shape_of(body.source)), None
        )

    def encode() -> Response:
        answer: dict[str, Any] = {}
        for name in body.include:
            if name == "plan":
                answer["plan"] = described
            elif name == "indices":
                answer["indices"] = None if found is None else found.tolist()
            elif name == "layers":
                outputs = {**ran, body.node.name: output}
                answer["layers"] = {one: array.tolist() for one, array in outputs.items()}
            else:
                array = {"output": output, "input": layer.x, "weight": layer.weight, "bias": layer.bias}[name]
                answer[name] = None if array is None else array.tolist()
        return json_answer(answer)

    numbers = output.size + (layer.x.size if "input" in body.include else 0)
    numbers += sum(array.size for array in ran.values())
    hold(numbers * JSON_BYTES)
    return await served.compute.run(numbers * costs.AS_JSON, encode)


def output_bytes(built: Geometry, itemsize: int) -> int:
    """Bytes of the output."""
    return built.walk.lanes * built.walk.steps * itemsize


async def output_of(layer: Layer, served: Services) -> Array:
    """The output in its own shape, band by band, so that a request that went away stops between bands."""
    work = layer.geometry.work + layer.x.size
    if work <= 1_000_000:
        return layer.result(layer.run())
    lanes, rows, *rest = layer.geometry.walk.output_shape
    hold(lanes * layer.geometry.walk.steps * layer.x.itemsize)
    output = np.empty((lanes, rows, *rest), layer.x.dtype)
    bands, done = layer.bands(), 0

    def fill() -> int:
        band = next(bands)
        rows = len(band[0])
        output[:, done : done + rows] = band
        return done + rows

    while done < rows:
        done = await served.compute.run(work, fill)
        tell(done, rows)
    return layer.result(output)


async def _in_slabs(layer: Layer, body: RunRequest, served: Services) -> Response:
    """A large output as a file that is computed while it is read."""

    async def again() -> Layer:
        return await served.layer_of(body, begun=True)

    slabs = Slabs(layer, again, served.compute, served.settings.rest_s)
    await slabs.begin()
    return Piecewise(slabs.slices(), NPY, slabs.size)


async def _indices(layer: Layer, served: Services) -> NDArray[np.int64] | None:
    """Where the maxima lie, band by band, or None for an operation that takes none."""
    walk = layer.geometry.walk
    if not layer.geometry.combination.selects:
        return None
    work = index_work(walk)
    bands = index_bands(walk, layer.x, max(1, PIECE_WORK // max(1, work // walk.step_shape[0])))
    return np.concatenate(await _gathered(bands, work, served), axis=1)


async def _gathered(pieces: Iterator[Piece], work: int, served: Services) -> list[Piece]:
    """All pieces of an iterator, each made where work of that size is done."""
    found: list[Piece] = []
    while (piece := await served.compute.run(work, lambda: next(pieces, None))) is not None:
        found.append(piece)
    return found


@router.post(
    "/solve",
    tags=["compute"],
    openapi_extra=takes(SolveRequest),
    summary="Which settings give an output of a size",
    responses=answers(400, 413, 422),
)
async def solve(request: Request) -> Response:
    """All settings within the stated ranges that turn the input into an output of ``sizes``, the simplest first.

    Parameters that the layer gives stay; the others are tried, one value for all axes, and values per axis where
    that gives nothing. After those of the layer's own operation come some of operations that do it otherwise;
    each solution names its operation.
    """
    served = services(request)
    body = await read(SolveRequest, request, served)
    served.compute.admit()
    if len(body.sizes) != len(body.input_shape) - 1:
        raise Unfit(
            "sizes",
            body.sizes,
            f"the input has {counted(len(body.input_shape) - 1, 'axis')}",
            "Give one size for each of them.",
            pointer="/sizes",
        )
    own = registry()[body.layer["operation"]]
    found: dict[str, list[solver.Solution]] = {}
    asked = [(own, body.layer)]
    asked += [(other, jobs.carried(body.layer, other)) for other in map(registry().__getitem__, own.instead)]
    tries = sum(solver.tries(*one, body.input_shape, body.sizes) for one in asked)
    await served.admission.charge(tries * TRY_COST)
    for operation, given in asked:
        pieces = solver.search(operation, given, body.input_shape, body.sizes)
        solutions = list(itertools.chain.from_iterable(await _gathered(pieces, PIECE_WORK, served)))
        found[operation.name] = sorted(solutions, key=solver.simplicity)
    ranges = solver.ranges(own, body.layer, body.input_shape, body.sizes)
    return json_answer(
        {
            "ranges": {name: list(tried) for name, tried in ranges.items()},
            "count": sum(map(len, found.values())),
            "counts": {name: len(solutions) for name, solutions in found.items()},
            "solutions": [
                {"operation": name, **solution.to_json()} for name, solution in _listed(found, body.most)
            ],
        }
    )


def _listed(found: dict[str, list[solver.Solution]], most: int) -> list[tuple[str, solver.Solution]]:
    """At most so many: mostly of the first operation, with room for the simplest of each other one."""
    own, *others = found
    room = {name: min(len(found[name]), max(1, most // 8)) for name in others}
    kept = max(1, most - sum(room.values()))
    listed = [(own, solution) for solution in found[own][:kept]]
    left = max(1, (most - len(listed)) // max(1, len([name for name in others if found[name]])))
    listed += [(name, solution) for name in others for solution in found[name][:left]]
    return listed[:most]


def _check_json(walk: Walk, body: RunRequest, served: Services) -> None:
    numbers = walk.lanes * walk.steps
    numbers += math.prod(walk.input_shape) if "input" in body.include else 0
    numbers += numbers if "indices" in body.include else 0
    if numbers > served.settings.json_cells:
        raise TooLarge(
            "accept",
            counted(numbers, "number"),
            f"a JSON answer holds at most {counted(served.settings.json_cells, 'number')}",
            "Ask with Accept: application/x-npy.",
        )


def _check_layers(shapes: Shapes, body: RunRequest, served: Services) -> None:
    numbers = sum(cells(shapes.placed[node.name]) for node in shapes.network.before(body.node))
    if numbers > served.settings.json_cells:
        raise TooLarge(
            "include",
            counted(numbers, "number"),
            f"the outputs of all layers may have {counted(served.settings.json_cells, 'number')} together",
            "Leave layers out and ask for one layer at a time.",
            numbers / served.settings.json_cells,
            pointer="/include",
        )


@router.get(
    "/operations", tags=["describe"], summary="All operations and their parameters", responses=answers()
)
async def operations() -> Response:
    """The registry: for each operation its parameters with description, unit, limits and default; and intents."""
    return json_answer(
        {
            "version": 1,
            "operations": [operation.describe() for operation in registry().values()],
            "intents": [intent.to_json() for intent in INTENTS],
            "activations": [activation.to_json() for activation in ACTIVATIONS.values()],
        }
    )


@router.get(
    "/samples/{name}",
    tags=["describe"],
    summary="A built-in input",
    responses=answers(
        400, 404, 406, 413, 422, media={PNG: FILE, NPY: FILE, JSON: {"schema": {"type": "object"}}}
    ),
)
async def sample(
    name: Annotated[str, Path(description="As GET samples lists it.")],
    request: Request,
    size: Annotated[int | None, Query(ge=1, description="Longest side, in cells.")] = None,
) -> Response:
    """The input (channels, *sizes) as a picture, as ``.npy``, or as JSON, by Accept."""
    served = services(request)
    form = accepted(request, (PNG, NPY, JSON))
    if name not in SAMPLES:
        raise NotFound("name", name[:80], "no sample has this name", f"Use one of {', '.join(SAMPLES)}.")
    source = SampleSource.model_validate({"kind": "sample", "name": name, "size": size})
    values = await served.input_of(source)
    if form == JSON:
        return await served.compute.run(
            values.size * costs.AS_JSON, lambda: json_answer({"name": name, "input": values.tolist()})
        )
    body = await served.compute.run(
        values.size * costs.AS_PNG, lambda: npy_bytes(values) if form == NPY else png_bytes(values)
    )
    return Response(body, headers={"Vary": "Accept"}, media_type=form)


@router.get("/samples", tags=["describe"], summary="The built-in inputs", responses=answers())
async def samples() -> Response:
    """The inputs that need no upload, drawn by code."""
    return json_answer({"samples": sample_list()})
