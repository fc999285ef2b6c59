"""The page for other pages: /embed, and the oEmbed endpoint that tells how to frame a link. Knows links as text."""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import parse_qs, unquote, urljoin, urlsplit, urlunsplit

from fastapi import APIRouter, Request, Response

from ...core.errors import NotFound, Problem, Unfit
from ...operations import registry
from ..assets.assets import REVALIDATE
from ..http.place import home_of
from .api import json_answer, services
from .pages import pages

router = APIRouter(include_in_schema=False)

WIDTH, HEIGHT = 720, 405  # of a frame, unless less is asked for
LEAST = 120  # pixels of a side
_LINK = re.compile(r"v\d+(&[\x21-\x7e]*)?\Z")


@router.get("/embed")
async def embed(request: Request) -> Response:
    """The instrument for a frame: the link behind # says what it shows, hides and locks."""
    key = await services(request).frame_keys.key()
    return pages(request).embed(key).answer(request.scope, REVALIDATE)


@router.get("/oembed")
async def oembed(request: Request) -> Response:
    """How to show a link of this server in another page, as oEmbed 1.0 has it."""
    asked = request.query_params
    if asked.get("format", "json") != "json":
        raise Problem(
            code="not_implemented",
            status=501,
            title="No such form",
            field="format",
            value=asked["format"],
            reason="the answer comes as JSON only",
            remedy="Use format=json.",
        )
    home = home_of(request)
    fragment = _fragment(asked.get("url", ""), home)
    width = min(WIDTH, _whole("maxwidth", asked.get("maxwidth"), WIDTH))
    height = min(HEIGHT, _whole("maxheight", asked.get("maxheight"), HEIGHT))
    title = _title(fragment)
    source = f"{home}/embed{fragment}"
    answer: dict[str, Any] = {
        "type": "rich",
        "version": "1.0",
        "title": title,
        "provider_name": "Convscope",
        "provider_url": f"{home}/",
        "cache_age": 86400,
        "width": width,
        "height": height,
        "html": frame(source, title, width, height),
    }
    return json_answer(answer)


def frame(source: str, title: str, width: int, height: int) -> str:
    """The element that shows a link, as the page's own dialog writes it."""
    return (
        f'<iframe src="{escape(source)}" title="{escape(title)}" width="{width}" height="{height}" '
        'style="border:0" loading="lazy" allow="clipboard-write; fullscreen"></iframe>'
    )


def _fragment(url: str, home: str) -> str:
    """The fragment of a link to this server, with its #; empty for one to the bare page."""
    try:
        parts = urlsplit(urljoin(f"{home}/", url))
    except ValueError:
        parts = urlsplit("no-address:")
    page = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
    if not url or page not in (home, f"{home}/", f"{home}/embed"):
        remedy = f"Use one that begins with {home}/."
        raise NotFound("url", url[:200], "this is no address of this server's page", remedy)
    if not parts.fragment:
        return ""
    if not _LINK.match(parts.fragment):
        raise Unfit(
            "url", url[:200], "what stands behind # is no link of this page", "Copy the whole link again."
        )
    return f"#{parts.fragment}"


def _title(fragment: str) -> str:
    """The title of the operation that a link shows."""
    settings = parse_qs(fragment.lstrip("#"))
    operation = registry().get(unquote(settings.get("op", [""])[0]))
    return "Convscope" if operation is None else f"Convscope: {operation.title.lower()}"


def _whole(name: str, text: str | None, default: int) -> int:
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text[:9]) < LEAST:
        raise Unfit(name, text, "a frame has a whole number of pixels", f"Use {LEAST} or more.")
    return int(text[:9])
