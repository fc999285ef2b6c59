"""The target of a request, in each form that HTTP has: absolute targets, ``*``, HEAD, and links that lost their #.

Knows no route.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = "GET, HEAD, POST, DELETE, OPTIONS"
SCHEMES = (b"http://", b"https://")
# A path that is a link of the page: its # percent-encoded once or more, or lost, which its & gives away.
_LINK = re.compile(
    r"/(?P<page>embed(?=[%/]))?(?P<marks>(?:%(?:25)*2[03]|[!&/])*)(?P<link>v\d+(?P<more>&|%(?:25)*26|\Z).*)",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)


class Targets:
    """ASGI middleware: an absolute target counts as its path, and its host as the Host, as RFC 9112 has it.

    Proxies and old programs send ``GET http://host/path``. Everything behind this sees one form only.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request or socket on in the usual form; answer what is asked of the server as a whole."""
        if scope["type"] in ("http", "websocket"):
            if scope["path"] == "*" and scope.get("method") == "OPTIONS":
                await Response(status_code=204, headers={"Allow": METHODS})(scope, receive, send)
                return
            raw: bytes = scope.get("raw_path") or b""
            if raw.lower().startswith(SCHEMES):
                scope = in_origin_form(scope, raw)
        await self.app(scope, receive, _head_alone(send) if scope.get("method") == "HEAD" else send)


def in_origin_form(scope: Scope, raw: bytes) -> Scope:
    """The scope of an absolute target as if its path had been asked for of its host."""
    host, slash, path = raw.partition(b"://")[2].partition(b"/")
    path = slash + path or b"/"
    headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
    return {
        **scope,
        "raw_path": path,
        "path": unquote(path.decode("ascii", "replace")),
        "headers": [(b"host", host), *headers],
    }


class Heads:
    """ASGI middleware, right before the routes: they see a GET where HEAD is asked, and Targets drops the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        asked = {**scope, "method": "GET"}
        try:
            await self.app(asked, receive, send)
        finally:
            if "route" in asked:
                scope["route"] = asked["route"]  # by which the request is counted


def link_in(scope: Scope) -> str | None:
    """The address, as seen from the root, that a path stands for which is a link; None for any other path.

    The part behind the # stays encoded as it came: the page reads links however they were carried.
    """
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    found = _LINK.match(raw.partition(b"?")[0].decode("ascii", "replace"))
    if not found or not (found["more"] or "23" in found["marks"]):
        return None
    return f"{found['page'] or ''}#{found['link']}"


def _head_alone(send: Send) -> Send:
    async def without_body(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return without_body
