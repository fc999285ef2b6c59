"""The handbook's figures, each drawn once, and its tables of frameworks. Knows the registry, links and requests."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from ... import __version__
from ...core.errors import NotFound
from ...core.frameworks.catalog import TITLES, WITH_RULES
from ...core.operation import Operation
from ...figures.card import replay_of, work_of
from ...figures.content.about import about
from ...figures.content.handbook import FIGURES, HandbookFigure
from ...figures.drawing.themes import THEMES
from ...figures.layout.looks import Look
from ...figures.layout.scene import Scene
from ...figures.writers.svg import svg
from ...link.fragment import Link, LinkedLayer, read_link, write_link
from ...operations import registry
from ..assets.assets import REVALIDATE, Asset
from ..stream.jobs import Services
from .api import services
from .links import PICTURES, request_of, stamps
from .pages import Pages, pages

router = APIRouter(include_in_schema=False)

DARK = "dark"
KEPT_S = 24 * 3600
WIDTH_MM, FONT_PT = 150.0, 8.0
PART = 0.4  # of its walk, where an example's figure stands
_HEADING = re.compile(r'<h2 id="(\w+)">(.*?)</h2>')


def figures() -> dict[str, HandbookFigure]:
    """All figures by section: those that are written, and the first example of each operation, or its defaults."""
    return {**FIGURES, **{name: _of_example(operation) for name, operation in registry().items()}}


@functools.cache
def _of_example(operation: Operation) -> HandbookFigure:
    plain: dict[str, Any] = {
        "title": operation.title,
        "layers": [{"operation": operation.name}],
        "source": {"kind": "sample", "name": "cross"},
    }
    example: dict[str, Any] = next(iter(operation.describe()["examples"]), plain)
    (spec,) = example["layers"]
    link = Link((LinkedLayer(spec, example.get("weights")),), example["source"])
    return HandbookFigure(
        write_link(link), f"{example['title']}: {_lower(example.get('caption', ''))}".rstrip(": ")
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def contents(page: str) -> list[tuple[str, str]]:
    """The sections of a rendered page: their ids and titles."""
    return _HEADING.findall(page)


@router.get("/handbook")
async def handbook(request: Request) -> Response:
    """All that the page shows, told from the registry."""
    return rendered(pages(request)).answer(request.scope, REVALIDATE)


def rendered(made: Pages) -> Asset:
    """The page, rendered once."""
    return made.handbook(
        contents,
        figures=figures(),
        names=names_table(),
        refusals=refusals_table(),
        defaults=defaults_table(),
        rules_titles=[TITLES[name] for name in WITH_RULES],
    )


@router.get("/handbook/{name}.svg")
async def handbook_figure(name: str, request: Request) -> Response:
    """A figure of the handbook in the light or the dark theme: ``size-dark.svg``."""
    section, _, theme = name.partition("-")
    known = figures().get(section)
    if known is None or theme not in ("", DARK):
        raise NotFound(
            "name", name[:80], "the handbook has no such figure", "Open /handbook for those it has."
        )
    served = services(request)
    key = f"handbook/{name}"
    tag = f'"{name}-{__version__}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={KEPT_S}"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    file = served.pictures.get(key)
    if file is None:
        served.compute.admit()
        file = await drawn(read_link(known.fragment), theme or "light", served)
        served.pictures.put(key, file)
    return Response(file, headers=headers, media_type="image/svg+xml")


async def drawn(link: Link, theme: str, served: Services) -> bytes:
    """The figure of a link as SVG, with its sum."""
    asked = request_of(link)
    layer = await served.layer_of(asked, lambda _: 0)
    await served.admission.charge_work(work_of(layer))
    look = Look(
        theme=THEMES[theme], width_mm=WIDTH_MM, font_pt=FONT_PT, picture=asked.source.kind in PICTURES
    )
    lane, stamping = link.count("lane") or 0, stamps(link, layer.geometry)

    def draw() -> bytes:
        steps = layer.geometry.walk.steps
        step = link.count("step")
        step = int(steps * PART) if step is None else min(step, steps - 1)
        replay = replay_of(layer, lane=lane, stamping=stamping, complete=True)
        words = about(replay.at(step), asked.chosen.spec, write_link(link))
        return svg(Scene(replay, look).figure(step), words)

    return await served.compute.run(work_of(layer), draw)


# ------------------------------------------------------------------------------------- tables


def names_table() -> tuple[list[str], list[tuple[str, list[str]]]]:
    """The frameworks that have layers, and by operation what each calls it."""
    layers = {
        operation.title: {
            name: one["layers"] for name, one in operation.describe()["frameworks"].items() if one["layers"]
        }
        for operation in registry().values()
    }
    having = [name for name in TITLES if any(name in one for one in layers.values())]
    rows = [(title, [_names(one.get(name, {})) for name in having]) for title, one in layers.items()]
    return [TITLES[name] for name in having], rows


def _names(layers: dict[str, str]) -> str:
    """The names without the modules that they lie in, each once."""
    return ", ".join(dict.fromkeys(name.rpartition(".")[2] for name in layers.values())) or "—"


def refusals_table() -> list[tuple[str, str, list[str]]]:
    """By operation and setting, what each framework's rules ask for where they are narrower."""
    rows = []
    for operation in registry().values():
        rules = operation.describe()["frameworks"]
        fields = dict.fromkeys(check["field"] for one in rules.values() for check in one["checks"])
        for field in fields:
            cells = [_remedies(rules.get(name, {}).get("checks", []), field) for name in WITH_RULES]
            rows.append((operation.title, field, cells))
    return rows


def _remedies(checks: Iterable[dict[str, Any]], field: str) -> str:
    """The remedies under a framework's rules, each once."""
    remedies: dict[str, list[int]] = {}
    for check in checks:
        if check["field"] == field:
            remedies.setdefault(check["remedy"], []).extend(check["axes"])
    every = {1, 2, 3}
    lines = [
        remedy if set(axes) == every else f"On {_axes(sorted(set(axes)))}: {_lower(remedy)}"
        for remedy, axes in remedies.items()
    ]
    return " ".join(lines) or "as here"


def _axes(axes: list[int]) -> str:
    counts = " or ".join(map(str, axes))
    return f"{counts} {'axis' if axes == [1] else 'axes'}"


def defaults_table() -> list[tuple[str, str, list[str]]]:
    """By operation and setting, the defaults of each framework's rules where they differ from ours."""
    rows = []
    for operation in registry().values():
        described = operation.describe()
        own = {one["name"]: one["default"] for one in described["parameters"]}
        theirs = {name: described["frameworks"].get(name, {}).get("defaults", {}) for name in WITH_RULES}
        for field in dict.fromkeys(key for one in theirs.values() for key in one):
            cells = [
                _text(value)
                for value in (own[field], *(one.get(field, own[field]) for one in theirs.values()))
            ]
            if len(set(cells)) > 1:
                rows.append((operation.title, field, cells))
    return rows


def _text(value: object) -> str:
    return to_json(value).decode()
