"""Short links: POST links, the page behind /s/ and its picture. Knows requests; grammar and cards are elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from ... import __version__
from ...core.errors import Problem
from ...core.geometry import Geometry
from ...core.network.shapes import shapes_of
from ...figures.card import Card, figure_of, look_of, work_of
from ...figures.content.about import sentence_of, title_of
from ...images.store.claims import owner_of
from ...link.fragment import MOST_BYTES, Link, read_link
from ...link.short import DIGITS
from ...operations import registry
from ..http.clients import client_of
from ..http.place import home_of
from ..http.problems import of_validation
from ..http.requests import TensorRequest
from ..stream.jobs import Services
from .api import PNG, answers, json_answer, read, services, takes
from .pages import OPENING_SAMPLE
from .pages import pages as pages_of

router = APIRouter(prefix="/api/v1", tags=["links"])
pages = APIRouter(include_in_schema=False)

EXAMPLE = "#v1&op=convolution&kernel=3&stride=2&source=sample:cross&step=4"
SHOWN_S = 24 * 3600  # how long a browser or a messenger may keep a picture without asking
LOST_S = 300  # and one of a state that cannot be drawn now
PICTURES = ("sample", "image")


class LinkRequest(BaseModel):
    """A state to be kept under a short id."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, json_schema_extra={"examples": [{"fragment": EXAMPLE}]}
    )

    fragment: str = Field(
        description=f"The fragment of a link, with its # or without; at most {MOST_BYTES:,} bytes."
    )


@router.post(
    "/links",
    summary="A short link to a state",
    status_code=201,
    openapi_extra=takes(LinkRequest),
    responses=answers(400, 403, 413, 415, 422, 507, status=201),
)
async def shorten(request: Request) -> Response:
    """Keep a link's state for a year, and tell the short address that leads to it and its picture.

    The state is the link's own: settings, source and what is looked at. Equal states have the same address. An upload
    that the link names is kept for as long as uploads are, which is less.
    """
    served = services(request)
    body = await read(LinkRequest, request, served)
    link = read_link(body.fragment)
    client = client_of(request)
    kept = await served.compute.load(lambda: served.links.keep(link, owner_of(served.store.secret(), client)))
    home = home_of(request)
    answer = {
        "id": kept.id,
        "url": f"{home}/s/{kept.id}",
        "picture": f"{home}/s/{kept.id}.png",
        "fragment": kept.fragment,
        "expires_s": kept.expires_s,
        "expires": kept.expires,
    }
    return json_answer(answer, 201)


@router.get(
    "/links/{id}",
    summary="The state of a short link",
    responses=answers(400, 404, 422),
)
async def link(
    id: Annotated[str, Path(description="The id that POST links answered.")], request: Request
) -> Response:
    """The fragment of the link that an id stands for."""
    served = services(request)
    fragment = await served.compute.load(lambda: served.links.find(id))
    return json_answer({"id": id, "fragment": fragment})


@dataclass(frozen=True, slots=True)
class Words:
    """The title and the description of a state."""

    title: str
    line: str


@pages.get("/s/{id}")
async def short(id: str, request: Request) -> Response:
    """The page of a short link: words and a picture for whoever shows a preview, and the way to the page."""
    served = services(request)
    if id.endswith(".png"):
        return await picture(id.removesuffix(".png"), request)
    fragment = await served.compute.load(lambda: served.links.find(id))
    words = await _words(read_link(fragment), served)
    home = home_of(request)
    page = pages_of(request).short(
        words=words,
        fragment=fragment,
        address=f"{home}/s/{id}",
        picture=f"{home}/s/{id}.png",
        page=f"{home}/{fragment}",
        oembed=f"{home}/oembed",
    )
    return Response(page, headers={"Cache-Control": "no-cache"}, media_type="text/html")


async def picture(id: str, request: Request) -> Response:
    """The picture of a short link: drawn once, kept in memory, paid for by whoever asks first."""
    served = services(request)
    tag = f'"{id[:DIGITS]}-{__version__}"'
    fragment = await served.compute.load(lambda: served.links.find(id))
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={SHOWN_S}"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    file = served.pictures.get(id)
    if file is None:
        served.compute.admit()
        file, complete = await _drawn(read_link(fragment), served)
        if complete:
            served.pictures.put(id, file)
        else:
            headers = {"Cache-Control": f"public, max-age={LOST_S}"}
    return Response(file, headers=headers, media_type=PNG)


async def _words(link: Link, served: Services) -> Words:
    """Title and description of a state; the reason and the remedy where it does not fit."""
    if not link.layers:
        return Words("Lesson", f"Opens the lesson {link.page['lesson'].replace('/', ' at step ')}")
    try:
        asked = request_of(link)
        shape = await served.shape_of(asked.source)
        placed = shapes_of(asked.network, shape).placed[asked.node.name]
    except Problem as problem:
        operation = registry()[link.layers[0].spec["operation"]]
        return Words(operation.title, str(problem.to_json()["detail"]))
    count, node, built = len(asked.network.layers), placed.node, placed.geometry
    title = title_of(node.operation, built)
    line = sentence_of(node.operation, built, node.spec, scattering=stamps(link, built))
    if count > 1:
        title = f"Layer {asked.chosen.index + 1} of {count}, {title[:1].lower()}{title[1:]}"
    return Words(title, line)


async def _drawn(link: Link, served: Services) -> tuple[bytes, bool]:
    """The picture of a state, and whether it is what the state shows: what cannot be drawn has words alone."""
    words = await _words(link, served)
    theme = link.page.get("theme", "light")
    card = Card(words.title, words.line, theme if theme == "dark" else "light")
    try:
        asked = request_of(link)
        layer = await served.layer_of(asked, lambda _: 0)
    except Problem as problem:
        if problem.retry_after_s is not None:  # nothing is wrong with the state: it is to be asked for again
            raise
        return await served.compute.run(0, card.png), False
    await served.admission.charge_work(work_of(layer))
    walk = layer.geometry.walk
    step, lane = link.count("step"), link.count("lane") or 0
    look = look_of(
        card.theme,
        picture=asked.source.kind in PICTURES,
        rgb=asked.source.kind in PICTURES and link.page.get("channel", "rgb") == "rgb",
    )

    def draw() -> bytes:
        steps = walk.steps
        figure = figure_of(
            layer,
            look,
            lane=min(lane, walk.lanes - 1),
            step=None if step is None else min(step, steps - 1),
            stamping=stamps(link, layer.geometry),
            complete=link.page.get("building") != "true",
        )
        return card.png(figure)

    return await served.compute.run(work_of(layer), draw), True


def stamps(link: Link, built: Geometry) -> bool:
    """Whether a state shows the walk that stamps."""
    return link.page.get("view") == "stamp" and built.scatter is not None


def request_of(link: Link) -> TensorRequest:
    """The layers, source and weights of a link as the API takes them; raises Problem where its models do not."""
    layers = [dict(layer.spec) for layer in link.layers]
    body: dict[str, Any] = {
        "layers": layers,
        "source": link.source or {"kind": "sample", "name": OPENING_SAMPLE},
    }
    if len(layers) == 1:
        body["weights"] = link.layers[0].weights
    else:
        for number, layer in enumerate(layers, start=1):
            layer.setdefault("name", f"layer{number}")
        pairs = zip(layers, link.layers, strict=True)
        named = {layer["name"]: dict(one.weights) for layer, one in pairs if one.weights}
        body["weights"] = named or None
        body["layer"] = layers[link.chosen]["name"]
    try:
        return TensorRequest.model_validate_json(to_json(body))
    except ValidationError as error:
        raise of_validation(error) from None
