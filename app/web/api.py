"""The routes of /api/v1 over HTTP. Knows requests and answers; arithmetic and pictures are elsewhere."""

from __future__ import annotations

import itertools
import struct
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from typing import Annotated, Any, TypeVar

import anyio
import numpy as np
from fastapi import APIRouter, Path, Query, Request, Response
from numpy.typing import NDArray
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.responses import StreamingResponse

from ..core import solver
from ..core.activations import ACTIVATIONS
from ..core.errors import NotFound, Problem, TooLarge, Unfit, Unsupported
from ..core.indices import index_bands
from ..core.intents import INTENTS
from ..core.plan import PLAN_VERSION
from ..core.trace import PIECE_WORK, Layer
from ..images.encode import png_bytes
from ..images.npy import npy_bytes
from ..images.samples import SAMPLES, sample_list
from ..images.sources import SampleSource
from ..operations import registry
from . import jobs, protocol
from .admission import PLAN_COST, SOLVE_COST
from .bodies import body_of, check_json
from .jobs import Frames, Services
from .problems import MEDIA_TYPE
from .progress import tell
from .requests import FramesRequest, PlanRequest, PlansRequest, RunRequest, SolveRequest
from .results import known

JSON = "application/json"
NPY = "application/x-npy"
PNG = "image/png"
BINARY = "application/octet-stream"
LINES = "application/x-ndjson"
PLAN_BYTES = 8_000  # of a plan as JSON, about

router = APIRouter(prefix="/api/v1")

Array = NDArray[np.floating]


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
    if header in ("*/*", offers[0]):
        return offers[0]
    best, liked = "", 0.0
    for offer in offers:
        weight = max((_liking(item, offer) for item in header.split(",")), default=(0, 0.0))[1]
        if weight > liked:
            best, liked = offer, weight
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
    layer = await served.layer_of(body)
    if form == JSON:
        _check_json(layer, body, served)
    output = await output_of(layer, served)
    if form == NPY:
        return Response(npy_bytes(output), media_type=NPY)
    if form == PNG:
        one = layer.geometry.result == "columns"  # a matrix is one map
        sheet = output[None] if one else output.reshape(layer.geometry.walk.output_shape)
        picture = await served.compute.run(output.size * 10, lambda: png_bytes(sheet))
        return Response(picture, media_type=PNG)

    found = await _indices(layer, served) if "indices" in body.include else None

    def encode() -> Response:
        answer: dict[str, Any] = {}
        for name in body.include:
            if name == "plan":
                answer["plan"] = jobs.plan_json(body.layer, layer.x.shape, allowed=False)
            elif name == "indices":
                answer["indices"] = None if found is None else found.tolist()
            else:
                array = {"output": output, "input": layer.x, "weight": layer.weight, "bias": layer.bias}[name]
                answer[name] = None if array is None else array.tolist()
        return json_answer(answer)

    told = output.size + (layer.x.size if "input" in body.include else 0)
    return await served.compute.run(told * 100, encode)


async def output_of(layer: Layer, served: Services) -> Array:
    """The output in its own shape, band by band, so that a request that went away stops between bands."""
    work = layer.geometry.work + layer.x.size
    if work <= 1_000_000:
        return layer.result(layer.run())
    rows = layer.geometry.walk.step_shape[0]
    bands = await _gathered(_counted(layer.bands(), rows), work, served)
    return layer.result(await served.compute.run(work, lambda: np.concatenate(bands, axis=1)))


async def _indices(layer: Layer, served: Services) -> NDArray[np.int64] | None:
    """Where the maxima lie, band by band, or None for an operation that takes none."""
    walk = layer.geometry.walk
    if not layer.geometry.combination.selects:
        return None
    row_work = max(1, walk.lanes * walk.steps * walk.taps * 8 // walk.step_shape[0])
    bands = index_bands(walk, layer.x, max(1, PIECE_WORK // row_work))
    return np.concatenate(await _gathered(bands, layer.geometry.work, served), axis=1)


def _counted(bands: Iterator[Array], rows: int) -> Iterator[Array]:
    """The bands of an output, with word of how many rows are done."""
    done = 0
    for band in bands:
        done += band.shape[1]
        tell(done, rows)
        yield band


async def _gathered(pieces: Iterator[Piece], work: int, served: Services) -> list[Piece]:
    """All pieces of an iterator, each made where work of that size is done."""
    found: list[Piece] = []
    while (piece := await served.compute.run(work, lambda: next(pieces, None))) is not None:
        found.append(piece)
    return found


@router.post(
    "/plan",
    tags=["compute"],
    openapi_extra=takes(PlanRequest),
    summary="Everything known before any arithmetic",
    responses=answers(400, 404, 413, 422),
)
async def plan(request: Request) -> Response:
    """Shapes, footprints, the worked formula, cost, cells never read, and the values that would be valid."""
    served = services(request)
    body = await read(PlanRequest, request, served)
    await served.admission.charge(PLAN_COST)
    return json_answer(await _planned(body, served))


@router.post(
    "/plans",
    tags=["compute"],
    openapi_extra=takes(PlansRequest),
    summary="Many plans at once",
    responses=answers(400, 413, 422),
)
async def plans(request: Request) -> Response:
    """What POST plan answers, for each of a list; a plan that is refused has its ``problem`` in its place."""
    served = services(request)
    body = await read(PlansRequest, request, served)
    served.compute.admit()
    await served.admission.charge(PLAN_COST * len(body.plans))
    found: list[dict[str, Any]] = []
    for one in body.plans:
        try:
            found.append(await _planned(one, served))
        except Problem as problem:
            if problem.status >= 500:
                raise
            found.append({"problem": problem.to_json()})
        await anyio.lowlevel.checkpoint()
    size = PLAN_BYTES * len(found)
    return await served.compute.read(size, lambda: json_answer({"version": PLAN_VERSION, "plans": found}))


async def _planned(body: PlanRequest, served: Services) -> dict[str, Any]:
    if (body.input_shape is None) == (body.source is None):
        raise Unfit(
            "input_shape",
            body.input_shape,
            "a plan needs exactly one of input_shape and source",
            "Give one of them.",
            pointer="/input_shape",
        )
    if body.source is not None:
        shape = tuple((await served.input_of(body.source)).shape)
    else:
        assert body.input_shape is not None
        shape = body.input_shape
        jobs.check_input(shape, served.settings)
    return await served.compute.run(2_000_000, lambda: jobs.plan_json(body.layer, shape, allowed=True))


@router.post(
    "/solve",
    tags=["compute"],
    openapi_extra=takes(SolveRequest),
    summary="Which settings give an output of a size",
    responses=answers(400, 413, 422),
)
async def solve(request: Request) -> Response:
    """All settings within the stated ranges that turn the input into an output of ``sizes``, the simplest first.

    Parameters that the layer gives stay; the others are tried, one value for all axes.
    """
    served = services(request)
    body = await read(SolveRequest, request, served)
    served.compute.admit()
    await served.admission.charge(SOLVE_COST)
    jobs.check_input(body.input_shape, served.settings)
    if len(body.sizes) != len(body.input_shape) - 1:
        raise Unfit(
            "sizes",
            body.sizes,
            f"the input has {len(body.input_shape) - 1} axes",
            "Give one size for each of them.",
            pointer="/sizes",
        )
    operation = registry()[body.layer["operation"]]
    pieces = solver.search(operation, body.layer, body.input_shape, body.sizes)
    found = list(itertools.chain.from_iterable(await _gathered(pieces, PIECE_WORK, served)))
    found.sort(key=solver.simplicity)
    return json_answer(
        {
            "ranges": {name: list(tried) for name, tried in solver.ranges(operation, body.layer).items()},
            "count": len(found),
            "solutions": [solution.to_json() for solution in found[: body.most]],
        }
    )


def _check_json(layer: Layer, body: RunRequest, served: Services) -> None:
    walk = layer.geometry.walk
    cells = walk.lanes * walk.steps
    cells += layer.x.size if "input" in body.include else 0
    cells += cells if "indices" in body.include else 0
    if cells > served.settings.json_cells:
        raise TooLarge(
            "accept",
            f"{cells:,} numbers",
            f"a JSON answer holds at most {served.settings.json_cells:,} numbers",
            "Ask with Accept: application/x-npy.",
        )


@router.post(
    "/frames",
    tags=["compute"],
    openapi_extra=takes(FramesRequest),
    summary="The steps of a layer, streamed",
    responses=answers(400, 404, 406, 413, 422, media={BINARY: FILE, LINES: {"schema": {"type": "string"}}}),
)
async def frames(request: Request) -> Response:
    """The frames of the socket, each behind its length as a little-endian u32, or as JSON lines by Accept."""
    served = services(request)
    body = await read(FramesRequest, request, served)
    form = accepted(request, (BINARY, LINES))
    layer = await served.layer_of(body)
    made = await served.compute.run(layer.x.size, lambda: Frames(layer, body))
    return StreamingResponse(_stream(made, served, lines=form == LINES), media_type=form)


async def _stream(made: Frames, served: Services, *, lines: bool) -> AsyncIterator[bytes]:
    def item(data: bytes) -> bytes:
        return data + b"\n" if lines else struct.pack("<I", len(data)) + data

    outcome = "lost"
    with served.metrics.jobs_running.track_inprogress():
        try:
            yield item(jobs.text(made.plan()).encode())
            for number, piece in enumerate(made.pieces()):
                data = await served.compute.run(piece.work, piece.make)
                if lines:
                    yield item(await served.compute.read(len(data), partial(_line, data)))
                else:
                    yield item(data)
                served.metrics.sent("http", len(data))
                if number % 8 == 7:
                    await anyio.lowlevel.checkpoint()
            yield item(jobs.text(made.end()).encode())
            outcome = "done"
        except Problem as problem:  # the answer has begun: what stops it is told within it
            outcome = "refused"
            told = {"type": "error", "job": made.job, "problem": problem.to_json()}
            yield item(jobs.text(told).encode())
        finally:
            served.metrics.jobs.labels("http", outcome).inc()


def _line(frame: bytes) -> bytes:
    """A binary frame as one line of JSON."""
    header = protocol.Header.unpack(frame)
    dtype = np.dtype("<f4" if header.dtype is protocol.Dtype.FLOAT32 else "<f8")
    planes = np.frombuffer(frame, dtype, offset=protocol.HEADER.size).reshape(-1, header.count)
    message: dict[str, Any] = {
        "type": header.kind.name.lower(),
        "first": header.first,
        "count": header.count,
        "values": planes[: header.lanes].tolist(),
    }
    if header.windows:
        message["windows"] = planes[header.lanes :].tolist()
    return to_json(message, inf_nan_mode="strings")


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
            values.size * 100, lambda: json_answer({"name": name, "input": values.tolist()})
        )
    body = await served.compute.run(
        values.size * 10, lambda: npy_bytes(values) if form == NPY else png_bytes(values)
    )
    return Response(body, headers={"Vary": "Accept"}, media_type=form)


@router.get("/samples", tags=["describe"], summary="The built-in inputs", responses=answers())
async def samples() -> Response:
    """The inputs that need no upload, drawn by code."""
    return json_answer({"samples": sample_list()})
