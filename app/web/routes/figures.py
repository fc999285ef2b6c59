"""The routes of exported figures: POST figure, GET gallery. Knows requests and answers; drawing is elsewhere."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote

import anyio
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import ConfigDict
from pydantic_core import to_json
from starlette.responses import StreamingResponse

from ...core.engine.trace import Layer
from ...core.errors import NotFound, Problem
from ...core.network.fields import field_work
from ...core.network.shapes import Placed, shapes_of
from ...figures.bounds import FigureLimits
from ...figures.content.gallery import GALLERY
from ...figures.content.network import Kind, check_network, settled_cell, shown_of
from ...figures.drawing.themes import ThemeName
from ...figures.export import Export
from ...figures.network import NetworkExport
from ...figures.options import FigureOptions
from ...figures.writers.formats import DEFAULT, FORMATS, FormatName
from ...images.sources import ImageSource, SampleSource
from ..http.answering import AS_IT_COMES
from ..http.requests import EXAMPLE_RUN, TensorRequest
from ..http.results import tag_of
from ..stream.jobs import Services
from .api import (
    FILE,
    JSON,
    LINES,
    Array,
    accepted,
    answers,
    json_answer,
    output_of,
    read,
    services,
    takes,
)

router = APIRouter(prefix="/api/v1", tags=["figures"])

ASKED = 4  # pieces after which it is asked whether the client is still there
GONE = 499  # nobody reads this status: the client has closed the connection

FORMS = {form.media_type: name for name, form in FORMATS.items()}


class FigureRequest(TensorRequest, FigureOptions):
    """A figure: a layer with its tensors, and how it is to look."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {**EXAMPLE_RUN, "step": 4, "format": "svg", "theme": "print", "width_mm": 120.0},
                GALLERY[0].request(),
            ]
        }
    )


async def export_of(body: FigureRequest, form: str, served: Services) -> Export | NetworkExport:
    """The export of a request; every refusal comes from here, before any work."""
    if body.kind != "layer":
        return await _network_export(body, body.kind, form, served)
    layer = await served.layer_of(body, lambda _: 0)  # the export says what it takes
    picture = isinstance(body.source, (SampleSource, ImageSource))
    export = Export(
        layer, body.chosen.spec, body, body.as_text(), form=form, picture=picture, limits=limits_of(served)
    )
    await served.admission.charge_work(sum(piece.work for piece in export.pieces()))
    return export


async def _network_export(body: FigureRequest, kind: Kind, form: str, served: Services) -> NetworkExport:
    """The export of a figure of all layers up to the one asked for."""
    x = await served.input_of(body.source)
    shapes = shapes_of(body.network, x.shape).upto(body.node)
    check_network(kind, shapes)
    cell = None if kind == "chain" else settled_cell(shapes, body.node.name, body.cell)
    if cell is not None:
        await served.admission.charge_work(
            sum(field_work(shapes, cell, way, channels=False) for way in ("backward", "forward"))
        )
    outputs: dict[str, Array] = {}

    def seen(placed: Placed, _: Layer, gave: Array | None) -> None:
        if gave is not None:
            outputs[placed.node.name] = gave

    layer = await served.layer_of(body, seen=seen)
    outputs[body.node.name] = await output_of(layer, served)

    def make() -> NetworkExport:
        shown = shown_of(kind, shapes, x, outputs, cell, body.lane)
        picture = isinstance(body.source, (SampleSource, ImageSource))
        return NetworkExport(
            shown, body, body.as_text(), form=form, picture=picture, limits=limits_of(served)
        )

    numbers = x.size + sum(one.size for one in outputs.values())
    export = await served.compute.run(100 * numbers + 2_000_000, make)
    await served.admission.charge_work(sum(piece.work for piece in export.pieces()))
    return export


def limits_of(served: Services) -> FigureLimits:
    """The bounds of exports on this server."""
    settings = served.settings
    return FigureLimits(
        cells=settings.figure_cells,
        work=settings.figure_work,
        pixels=settings.figure_pixels,
        frames=settings.figure_frames,
        frame_cells=settings.figure_frame_cells,
        frame_pixels=settings.figure_frame_pixels,
    )


@router.post(
    "/figure",
    openapi_extra=takes(FigureRequest),
    summary="A figure of one step, the final state or several steps",
    responses=answers(
        400,
        404,
        406,
        413,
        415,
        422,
        media={
            **dict.fromkeys(FORMS, FILE),
            JSON: {"schema": {"type": "object"}},
            LINES: {"schema": {"type": "string"}},
        },
    ),
)
async def figure(request: Request) -> Response:
    """The file in the form asked for, with its caption, alternative text and BibTeX in headers and in the file.

    With ``Accept: application/x-ndjson`` the answer is lines of JSON that tell the progress, and then the file
    in base64. An export stops when its client goes away.
    """
    served = services(request)
    body = await read(FigureRequest, request, served)
    if LINES in request.headers.get("accept", ""):
        export = await export_of(body, body.format or DEFAULT, served)
        return StreamingResponse(_lines_of(export, served), headers=AS_IT_COMES, media_type=LINES)
    form = body.format or FORMS[accepted(request, tuple(FORMS))]
    return await _drawn(body, form, request, served)


async def _drawn(body: FigureRequest, form: str, request: Request, served: Services) -> Response:
    """The file of a figure, piece by piece while the client is there."""
    export = await export_of(body, form, served)
    for number, piece in enumerate(export.pieces()):
        if number % ASKED == ASKED - 1 and await request.is_disconnected():
            return Response(status_code=GONE)
        await served.compute.run(piece.work, piece.make)
    assert export.about is not None, "an export that is done can say what it shows"
    if not export.result:
        return json_answer(export.about.to_json())
    return Response(export.result, headers=headers_of(export), media_type=export.media_type)


async def _lines_of(export: Export | NetworkExport, served: Services) -> AsyncIterator[bytes]:
    """An export as lines of JSON: ``progress`` after each piece, then ``figure``."""
    for done, piece in enumerate(export.pieces(), start=1):
        try:
            await served.compute.run(piece.work, piece.make)
        except Problem as problem:  # the answer has begun: what stops it is told within it
            yield to_json({"type": "error", "problem": problem.to_json()}) + b"\n"
            return
        yield to_json({"type": "progress", "done": done, "of": export.count}) + b"\n"
        await anyio.lowlevel.checkpoint()  # where a client that went away is noticed
    assert export.about is not None, "an export that is done can say what it shows"
    yield await served.compute.read(len(export.result), lambda: _last_line(export))


def _last_line(export: Export | NetworkExport) -> bytes:
    assert export.about is not None
    file: dict[str, str] = {}
    if export.result:
        file = {"name": export.name, "data": base64.b64encode(export.result).decode()}
    line = {"type": "figure", "media_type": export.media_type, **export.about.to_json(), **file}
    return to_json(line) + b"\n"


def headers_of(export: Export | NetworkExport) -> dict[str, str]:
    """The words of a figure as headers, percent-encoded, since headers have no floor brackets."""
    assert export.about is not None
    line = export.about
    return {
        "Content-Disposition": f'inline; filename="{export.name}"',
        "Figure-Caption": _header(line.caption),
        "Figure-Alt": _header(line.alt),
        "Figure-BibTeX": _header(line.bibtex),
        "Link": f'<{line.licence}>; rel="license"',
        "Vary": "Accept",
    }


MOST_HEADER = 4_000  # bytes; a longer text is cut, and whole in the file and as JSON


def _header(text: str) -> str:
    coded = quote(text, safe=" ,.;:()/·+=-")
    return coded if len(coded) <= MOST_HEADER else coded[:MOST_HEADER].rpartition(" ")[0]


@router.get("/gallery", summary="The classic figures of convolution arithmetic", responses=answers())
async def gallery() -> Response:
    """Each with its layer, source and weights, to be opened, and the body that POST figure takes, to be exported."""
    return json_answer({"version": 1, "figures": [preset.to_json() for preset in GALLERY]})


@router.get(
    "/gallery/{name}",
    summary="A classic figure as a file",
    responses=answers(
        400, 404, 406, 422, media={**dict.fromkeys(FORMS, FILE), JSON: {"schema": {"type": "object"}}}
    ),
)
async def classic(
    name: Annotated[str, Path(description="As GET gallery lists it.")],
    request: Request,
    format: Annotated[FormatName | None, Query(description="Its form; left out, as Accept says.")] = None,
    theme: Annotated[
        ThemeName | None, Query(description="Its colours; left out, as GET gallery has them.")
    ] = None,
) -> Response:
    """The figure that POST figure would draw of what GET gallery lists, to be linked and shown as it is."""
    served = services(request)
    preset = next((one for one in GALLERY if one.name == name), None)
    if preset is None:
        names = ", ".join(one.name for one in GALLERY)
        raise NotFound("name", name[:80], "the gallery has no figure of this name", f"Use one of {names}.")
    form = format or FORMS[accepted(request, tuple(FORMS))]
    tag = tag_of(request.url.path, f"{form} {theme}")
    headers = {"ETag": tag, "Cache-Control": "public, max-age=3600", "Vary": "Accept"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    asked = preset.request() | ({"theme": theme} if theme else {})
    answer = await _drawn(FigureRequest.model_validate(asked), form, request, served)
    if answer.status_code == 200:
        answer.headers.update(headers)
    return answer
