"""The HTML pages. Knows templates and assets, no arithmetic."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic_core import to_json

from .. import __version__
from ..core.activations import ACTIVATIONS
from ..core.frameworks import TITLES
from ..core.intents import INTENTS
from ..core.spec import LayerSpec
from ..images.samples import sample_list
from ..operations import registry
from ..settings import Settings
from .assets import Asset, Assets, home

router = APIRouter(include_in_schema=False)

OPENING = "convolution"  # the operation of the page's first setting: state.js has the same
REGISTRY = "operations.json"
LISTED = ("name", "title", "family")  # of an operation, in the page's menu
EXAMPLES = {"curl": "curl", "python": "Python", "javascript": "JavaScript"}
MOST_APIS = 16
_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]+\Z")
REVALIDATE = "no-cache"  # the page names the hash of its files, so it must be today's


class Pages:
    """The page, rendered once: nothing on it depends on who asks."""

    def __init__(self, settings: Settings, assets: Assets) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(home("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["static"] = assets.url
        self._environment.globals["version"] = __version__
        known = boot(settings)
        opening = {**known, "operations": opening_operations(), "registry": assets.url(REGISTRY)}
        self._apis: dict[str, Asset] = {}
        self._environment.globals["home"] = settings.public_url
        self.page = self.render("page.html", boot=opening, embedded=False)
        self.embed = self.render("page.html", boot=opening, embedded=True)
        formulas = {name: formula(operation.spec) for name, operation in registry().items()}
        self.handbook = self.render("handbook.html", formulas=formulas, titles=TITLES, **known)

    def api(self, document: dict[str, Any], home: str) -> Asset:
        """The page of the API, with examples for this address; the last few addresses are kept."""
        if home not in self._apis:
            if len(self._apis) >= MOST_APIS:
                self._apis.clear()
            examples = {title: self._text(f"example_{name}.txt", home) for name, title in EXAMPLES.items()}
            self._apis[home] = self.render("api.html", document=document, example=_example, examples=examples)
        return self._apis[home]

    def _text(self, name: str, home: str) -> str:
        return self._environment.get_template(name).render(home=home)

    def render(self, name: str, **values: Any) -> Asset:
        """One template as a page."""
        text = self._environment.get_template(name).render(**values)
        return Asset.of(text.encode(), "text/html; charset=utf-8")


def made_files() -> dict[str, bytes]:
    """Files that the page asks for and nobody writes: the registry whole."""
    return {REGISTRY: to_json([operation.describe() for operation in registry().values()])}


def opening_operations() -> list[dict[str, Any]]:
    """Of each operation what the menu lists, and of the one that the page opens with what the first view needs."""
    first = OPENING if OPENING in registry() else next(iter(registry()))
    return [
        {**one, "frameworks": {}} if one["name"] == first else {name: one[name] for name in LISTED}
        for one in (operation.describe() for operation in registry().values())
    ]


def boot(settings: Settings) -> dict[str, Any]:
    """What the page knows before it asks anything: the registry, the samples, the limits, the addresses."""
    return {
        "version": __version__,
        "operations": [operation.describe() for operation in registry().values()],
        "samples": sample_list(),
        "intents": [intent.to_json() for intent in INTENTS],
        "activations": [activation.to_json() for activation in ACTIVATIONS.values()],
        "limits": {
            "upload_bytes": settings.upload_bytes,
            "working_size": settings.working_size,
            "input_cells": settings.input_cells,
            "output_cells": settings.output_cells,
            "work": settings.work,
            "filters": 64,
            "store_age_s": settings.store_age_s,
        },
        "api": "/api/v1",
        "stream": "/api/v1/stream",
    }


def pages(request: Request) -> Pages:
    """The pages of the server that a request reached."""
    found: Pages = request.app.state.pages
    return found


def origin_of(request: Request) -> str:
    """Where people reach this server: as the setting says, or as they asked for it."""
    public: str = request.app.state.services.settings.public_url
    host = request.headers.get("host", "")
    if public or not _HOST.match(host):
        return public
    return f"{request.url.scheme}://{host}"


def formula(spec: type[LayerSpec]) -> str:
    """A spec's defining formula, which is the first part of its docstring, without the marks of code."""
    return " ".join((spec.__doc__ or "").replace("``", "").split())


@router.get("/")
async def page(request: Request) -> Response:
    """The instrument."""
    return pages(request).page.answer(request.scope, REVALIDATE)


@router.get("/handbook")
async def handbook(request: Request) -> Response:
    """What the page shows, told from the registry."""
    return pages(request).handbook.answer(request.scope, REVALIDATE)


@router.get("/api")
async def api(request: Request) -> Response:
    """Our own rendering of the OpenAPI document: no other host is ever asked for anything."""
    return pages(request).api(request.app.openapi(), origin_of(request)).answer(request.scope, REVALIDATE)


def _example(media: dict[str, Any], document: dict[str, Any]) -> str:
    """The example body of a request's media type, as indented JSON, or nothing."""
    schema = media.get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    schema = document["components"]["schemas"].get(name, schema)
    examples = schema.get("examples") or []
    return to_json(examples[0], indent=2).decode() if examples else ""
