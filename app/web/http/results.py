"""The headers of every result: the version that made it, and a tag by which it is known again. Knows no route's work.

Results are deterministic: the same request to the same version on the same arithmetic gives the same bytes. So a
result's tag is known from its request alone, before any work.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata

import numpy as np
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ... import __version__
from ...core.errors import Problem

PREFIX = "/api/v1/"
VERSION_HEADER = "Convscope-Version"
# Results that depend on the version alone.
CONSTANT = {f"{PREFIX}{name}" for name in ("operations", "samples", "gallery", "data", "openapi.json")}


@cache
def fingerprint() -> bytes:
    """A tag of this version, its libraries and how this machine rounds: results depend on them too."""
    draw = np.random.default_rng(0).standard_normal((96, 96), dtype=np.float32)
    rounded = (draw @ draw).tobytes() + draw.sum().tobytes()
    versions = f"{__version__} {np.__version__} {metadata.version('pillow')}".encode()
    return hashlib.sha256(versions + rounded).digest()


def tag_of(path: str, accept: str, body: bytes = b"") -> str:
    """The strong entity tag of the answer to a request."""
    digest = hashlib.sha256(fingerprint())
    for part in (path.encode(), accept.encode("latin-1", "replace")):
        digest.update(part + b"\0")
    digest.update(body)
    return f'"{digest.hexdigest()[:32]}"'


def known(request: Request, body: bytes) -> None:
    """Note the tag of a POST's result; raises 412 when the client says that it has the result already.

    RFC 9110 gives 304 to GET alone; for any other method a true If-None-Match fails with 412.
    """
    tag = tag_of(request.url.path, request.headers.get("accept", "*/*"), body)
    request.state.tag = tag
    if tag in _tags(request.headers.get("if-none-match", "")):
        raise Problem(
            code="unchanged",
            status=412,
            title="You have it",
            field="if-none-match",
            value=tag,
            reason="the result with this tag is what this request gives",
            remedy="Use the one that you kept.",
        )


def _tags(header: str) -> list[str]:
    return [part.strip().removeprefix("W/") for part in header.split(",")]


class Results:
    """ASGI middleware: the version and the tag on what the API answers, and 304 for what depends on the version."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the head of its answer."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        headers = Headers(scope=scope)
        constant = scope["method"] in ("GET", "HEAD") and scope["path"] in CONSTANT
        if constant:
            state["tag"] = tag_of(scope["path"], headers.get("accept", "*/*"))
            if state["tag"] in _tags(headers.get("if-none-match", "")):
                answer = Response(
                    status_code=304, headers={"ETag": state["tag"], VERSION_HEADER: __version__}
                )
                await answer(scope, receive, send)
                return

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(VERSION_HEADER.lower().encode(), __version__.encode())]
                if message["status"] == 200 and "tag" in state:
                    added.append((b"etag", state["tag"].encode()))
                    if constant:
                        added.append((b"cache-control", b"no-cache"))
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self.app(scope, receive, completed)
