"""The HTML pages. Knows templates and assets, no arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, get_args
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from pydantic_core import to_json

from ... import __version__
from ...core.activations import ACTIVATIONS
from ...core.frameworks.catalog import TITLES, WITH_RULES
from ...core.intents import INTENTS
from ...core.spec import LayerSpec
from ...core.weights import MIXED, PresetName, preset
from ...images.samples.samples import sample_list
from ...operations import registry
from ...settings import Settings
from ..assets.assets import (
    REVALIDATE,
    Asset,
    Assets,
    edited,
    home,
)
from ..http.place import home_of

router = APIRouter(include_in_schema=False)

OPENING = "convolution"  # the operation of the page's first setting: state.js has the same
OPENING_SAMPLE = "cross"  # the input of that setting
REGISTRY = "registry.json"
LISTED = ("name", "title", "family")  # of an operation, in the page's menu
IN_SIGHT = ("kernel", "stride", "padding", "filters", "activation")  # its parameters that are not folded away
FIRST_INTENTS = 3  # those in sight before the registry has come
EXAMPLES = {"curl": "curl", "python": "Python", "javascript": "JavaScript"}
OEMBED = "application/json+oembed"
EXAMPLE_HOME = "http://127.0.0.1:8000"  # in examples, where nothing says how people reach this server
MOVED = {  # where people and tools look, and where it is, as seen from there
    "/openapi.json": "api/v1/openapi.json",
    "/docs": "api",
    "/redoc": "api",
    "/api/": "../api",
    "/handbook/": "../handbook",
}


class Pages:
    """The page, rendered once: nothing on it depends on who asks."""

    def __init__(self, settings: Settings, assets: Assets) -> None:
        self._made_from = settings, assets
        self._edited = edited("templates")
        self._environment = Environment(
            loader=FileSystemLoader(home("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # As tojson, without blanks: the first view is counted in bytes.
        self._environment.filters["compact"] = partial(
            htmlsafe_json_dumps, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        self._environment.globals["static"] = assets.url
        self._environment.globals["imports"] = assets.imports
        self._environment.globals["version"] = __version__
        known = boot(settings)
        opening = {
            **known,
            "operations": opening_operations(),
            "activations": [],  # the opening picture has none
            "intents": [{"title": intent.title} for intent in INTENTS[:FIRST_INTENTS]],
            "samples": [
                one if one["name"] == OPENING_SAMPLE else {**one, "description": ""} for one in sample_list()
            ],
            "registry": assets.url(REGISTRY),
        }
        self._environment.globals["home"] = settings.public_url
        self._environment.globals["root"] = (
            ""  # the way from a page to the root: all but refusals stand there
        )
        self._api: Asset | None = None
        self.page = self.render("page.html", boot=opening, embedded=False)
        self._opening = opening
        self._embed: tuple[str, Asset] | None = None
        formulas = {name: formula(operation.spec) for name, operation in registry().items()}
        self._handbook = {"formulas": formulas, "titles": TITLES, "with_rules": WITH_RULES, **known}
        self._handbook_page: Asset | None = None

    def current(self) -> Pages:
        """These; beside modules that are served as they are written, those of the templates as they are now."""
        if self._made_from[1].follows_edits and edited("templates") != self._edited:
            return Pages(*self._made_from)
        return self

    def embed(self, key: str) -> Asset:
        """The page for a frame with the key that it carries; the last one is kept, and a key lasts an hour."""
        if self._embed is None or self._embed[0] != key:
            page = self.render("page.html", boot=self._opening, embedded=True, key=key)
            self._embed = key, page
        return self._embed[1]

    def handbook(self, sections: Callable[[str], list[tuple[str, str]]], **values: Any) -> Asset:
        """The handbook, rendered once and once more with its contents, which ``sections`` reads from it."""
        if self._handbook_page is None:
            context = {**self._handbook, **values}
            found = sections(self._text("handbook.html", sections=[], **context))
            self._handbook_page = self.render("handbook.html", sections=found, **context)
        return self._handbook_page

    def api(self, document: dict[str, Any]) -> Asset:
        """The page of the API, rendered once. Without a public address its examples name ``EXAMPLE_HOME``.

        The page itself puts in the address that it was opened by: rendered for each Host that is claimed, it would
        cost whoever claims many nothing, and everybody else the event loop.
        """
        if self._api is None:
            home = str(self._environment.globals["home"]) or EXAMPLE_HOME
            examples = {
                title: self._text(f"example_{name}.txt", home=home) for name, title in EXAMPLES.items()
            }
            self._api = self.render(
                "api.html", document=document, example=_example, examples=examples, example_home=EXAMPLE_HOME
            )
        return self._api

    def refusal(self, problem: dict[str, Any], root: str, link: str | None = None) -> bytes:
        """A problem as a page; ``root`` leads from its address to the page itself, ``link`` to what was meant."""
        reason = str(problem["reason"])
        remedy = "" if link else str(problem["remedy"])
        sentence = f"{reason[:1].upper()}{reason[1:]}. {remedy}"
        return self._text("refusal.html", problem=problem, sentence=sentence, root=root, link=link).encode()

    def short(self, **values: Any) -> bytes:
        """The page of a short link, one level below the root; not kept, since there are as many as links."""
        return self._text("short.html", root="../", **values).encode()

    def _text(self, name: str, **values: Any) -> str:
        return self._environment.get_template(name).render(**values)

    def render(self, name: str, **values: Any) -> Asset:
        """One template as a page."""
        return Asset.of(self._text(name, **values).encode(), "text/html; charset=utf-8")


def made_files() -> dict[str, bytes]:
    """Files that the page asks for and nobody writes: the registry whole."""
    files = {
        "operations": [operation.describe() for operation in registry().values()],
        "activations": [activation.to_json() for activation in ACTIVATIONS.values()],
        "samples": sample_list(),
        "intents": [intent.to_json() for intent in INTENTS],
    }
    return {REGISTRY: to_json(files)}


def opening_operations() -> list[dict[str, Any]]:
    """Of each operation what the menu lists, and of the one that the page opens with what the first view needs."""
    first = OPENING if OPENING in registry() else next(iter(registry()))
    return [
        {**one, "frameworks": {}, "examples": [], "parameters": in_sight(one["parameters"])}
        if one["name"] == first
        else {name: one[name] for name in LISTED}
        for one in (operation.describe() for operation in registry().values())
    ]


def in_sight(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All parameters; the descriptions of those that the page folds away come with the whole registry."""
    return [one if one["name"] in IN_SIGHT else {**one, "description": ""} for one in parameters]


def boot(settings: Settings) -> dict[str, Any]:
    """The data in the page itself, before any request: the registry, the samples, the limits, the addresses."""
    return {
        "version": __version__,
        "operations": [operation.describe() for operation in registry().values()],
        "samples": sample_list(),
        "intents": [intent.to_json() for intent in INTENTS],
        "activations": [activation.to_json() for activation in ACTIVATIONS.values()],
        "presets": kernels(),
        "limits": {
            "upload_bytes": settings.upload_bytes,
            "working_size": settings.working_size,
            "input_cells": settings.input_cells,
            "output_cells": settings.output_cells,
            "work": settings.work,
            "filters": 64,
            "store_age_s": settings.store_age_s,
        },
        "api": "api/v1",  # relative to the page, which may lie below a path
        "stream": "api/v1/stream",
        "home": settings.public_url,
    }


def kernels() -> list[tuple[str, list[list[float]]]]:
    """Each preset's kernel of 3×3, row by row, for its picture; of one that cycles, the first few."""
    return [
        (
            name,
            [
                [round(float(value), 2) for value in kernel.ravel()]
                for kernel in preset(name, 0, (len(MIXED[:4]) if name == "mixed" else 1, 1, 3, 3))
            ],
        )
        for name in get_args(PresetName)
    ]


def pages(request: Request) -> Pages:
    """The pages of the server that a request reached."""
    found: Pages = request.app.state.pages.current()
    request.app.state.pages = found
    return found


def formula(spec: type[LayerSpec]) -> str:
    """A spec's defining formula, which is the first part of its docstring, without the marks of code."""
    return " ".join((spec.__doc__ or "").replace("``", "").split())


@router.get("/")
async def page(request: Request) -> Response:
    """The instrument. Its own link to oEmbed is absolute only where a setting says the address; the header's always."""
    answer = pages(request).page.answer(request.scope, REVALIDATE)
    if address := home_of(request):
        link = f"{address}/oembed?format=json&url={quote(f'{address}/', safe='')}"
        answer.headers["Link"] = f'<{link}>; rel="alternate"; type="{OEMBED}"; title="Convscope"'
    return answer


@router.get("/api")
async def api(request: Request) -> Response:
    """Our own rendering of the OpenAPI document: no other host is ever asked for anything."""
    return pages(request).api(request.app.openapi()).answer(request.scope, REVALIDATE)


async def moved(request: Request) -> Response:
    """Lead on, by a relative address: it holds below a proxy's path too."""
    return Response(status_code=308, headers={"Location": MOVED[request.url.path]})


for address in MOVED:
    router.add_api_route(address, moved)


def _example(media: dict[str, Any], document: dict[str, Any]) -> str:
    """The example body of a request's media type, as indented JSON, or nothing."""
    schema = media.get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    schema = document["components"]["schemas"].get(name, schema)
    examples = schema.get("examples") or []
    return to_json(examples[0], indent=2).decode() if examples else ""
