"""The routes of exported figures: POST figure, GET gallery. Knows requests and answers; drawing is elsewhere."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict

from ..figures.bounds import FigureLimits
from ..figures.export import MEDIA_TYPES, Export
from ..figures.gallery import GALLERY
from ..figures.options import FigureOptions
from ..images.sources import ImageSource, SampleSource
from .api import FILE, JSON, accepted, answers, json_answer, read, services, takes
from .jobs import Services
from .requests import EXAMPLE_RUN, TensorRequest

router = APIRouter(prefix="/api/v1", tags=["figures"])

FORMS = {media: form for form, media in MEDIA_TYPES.items()}


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


async def export_of(body: FigureRequest, form: str, served: Services) -> Export:
    """The export of a request; every refusal comes from here, before any work."""
    layer = await served.layer_of(body)
    picture = isinstance(body.source, (SampleSource, ImageSource))
    return Export(
        layer, body.layer, body, body.as_text(), form=form, picture=picture, limits=limits_of(served)
    )


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
        media={**dict.fromkeys(FORMS, FILE), JSON: {"schema": {"type": "object"}}},
    ),
)
async def figure(request: Request) -> Response:
    """The file in the form asked for, with its caption, alternative text and BibTeX in headers and in the file."""
    served = services(request)
    body = await read(FigureRequest, request, served)
    form = body.format or FORMS[accepted(request, tuple(FORMS))]
    export = await export_of(body, form, served)
    for piece in export.pieces():
        await served.compute.run(piece.work, piece.make)
    assert export.about is not None, "an export that is done can say what it shows"
    if form == "json":
        return json_answer(export.about.to_json())
    return Response(export.result, headers=headers_of(export), media_type=export.media_type)


def headers_of(export: Export) -> dict[str, str]:
    """The words of a figure as headers, percent-encoded, since headers have no floor brackets."""
    assert export.about is not None
    told = export.about
    return {
        "Content-Disposition": f'inline; filename="{export.name}"',
        "Figure-Caption": _header(told.caption),
        "Figure-Alt": _header(told.alt),
        "Figure-BibTeX": _header(told.bibtex),
        "Link": f'<{told.licence}>; rel="license"',
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
