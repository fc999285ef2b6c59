"""A refusal as a page, for a person who opened an address that answers none. Knows problems, no route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic_core import from_json
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..http.problems import MEDIA_TYPE
from ..http.results import PREFIX
from ..http.targets import link_in
from .api import JSON, liked

HTML = "text/html"


class Readable:
    """ASGI middleware: who asks for HTML gets the problem's words as a page; programs and the API get JSON."""

    def __init__(self, app: ASGIApp, render: Callable[[dict[str, Any], str, str | None], bytes]) -> None:
        self.app = app
        self._render = render  # a problem's page, the way from it to the root, and the link that was meant

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and put a page where a refusal comes back."""
        if scope["type"] != "http" or not _is_a_person(scope):
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        parts: list[bytes] = []

        async def as_page(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                if Headers(raw=message["headers"]).get("content-type") == MEDIA_TYPE:
                    start = message
                    return
            elif start is not None:
                parts.append(message.get("body", b""))
                if message.get("more_body", False):
                    return
                link = link_in(scope) if start["status"] == 404 else None
                page = self._render(from_json(b"".join(parts)), root_from(scope["path"]), link)
                headers = MutableHeaders(raw=list(start["headers"]))
                headers["content-type"] = f"{HTML}; charset=utf-8"
                headers["content-length"] = str(len(page))
                headers.add_vary_header("Accept")
                await send({**start, "headers": headers.raw})
                message = {**message, "body": page}
            await send(message)

        await self.app(scope, receive, as_page)


def _is_a_person(scope: Scope) -> bool:
    if scope["method"] not in ("GET", "HEAD") or scope["path"].startswith(PREFIX):
        return False
    return liked(Headers(scope=scope).get("accept", "*/*"), (MEDIA_TYPE, JSON, HTML)) == HTML


def root_from(path: str) -> str:
    """The relative address of the root as seen from a path, which holds below a proxy's path too."""
    return "../" * (path.count("/") - 1) or "./"
