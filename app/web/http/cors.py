"""The API for pages of other hosts, where a setting names them, and for our own page in a sandbox. Knows no route."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .frame_keys import FrameKeys
from .results import PREFIX, VERSION_HEADER

EXPOSED = ("ETag", VERSION_HEADER, "Figure-Caption", "Figure-Alt", "Figure-BibTeX", "Retry-After")
ASKED = ("Accept", "Authorization", "Content-Type", "Delete-Token", "If-None-Match")
METHODS = ("GET", "POST", "DELETE")
MAX_AGE_S = 86400
OPAQUE = "null"  # the origin of a frame within a sandbox, and of whoever takes it
KEY_HEADER = "Frame-Key"
KEY_PROTOCOL = "frame."  # a page gives its key as one of its socket's subprotocols


class ApiCors:
    """ASGI middleware: CORS for the API alone, without credentials, since there are none."""

    def __init__(self, app: ASGIApp, origins: str) -> None:
        self.app = app
        self.cors = CORSMiddleware(
            app,
            allow_origins=origins.split(),
            allow_methods=METHODS,
            allow_headers=ASKED,
            expose_headers=EXPOSED,
            max_age=MAX_AGE_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is no request of the API; complete and answer the others."""
        asked = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        await (self.cors if asked else self.app)(scope, receive, send)


class FrameCors:
    """ASGI middleware: the API for our own page in a frame without an origin, which proves itself by its key.

    The right of such a page is noted as ``frame`` in the scope's state: "good", or "over" for a key of yesterday,
    whose page shall be able to read the refusal. Whoever is ``null`` without a key is treated as ever.
    """

    def __init__(self, app: ASGIApp, keys: FrameKeys) -> None:
        self.app = app
        self.keys = keys
        self.preflight = CORSMiddleware(
            app,
            allow_origins=(OPAQUE,),
            allow_methods=METHODS,
            allow_headers=(*ASKED, KEY_HEADER),
            max_age=MAX_AGE_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes from an origin; answer a preflight, and complete what a key opens."""
        if scope["type"] not in ("http", "websocket") or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if headers.get("origin") != OPAQUE:
            await self.app(scope, receive, send)
        elif (
            scope.get("method") == "OPTIONS"
        ):  # a browser asks whether it may send the key, and cannot send it yet
            await self.preflight(scope, receive, send)
        else:
            verdict = await self.keys.verdict(_given(scope, headers))
            if verdict == "wrong":
                await self.app(scope, receive, send)
                return
            scope.setdefault("state", {})["frame"] = verdict
            await self.app(scope, receive, _completed(send))


def _given(scope: Scope, headers: Headers) -> str:
    """The key that a page sends."""
    if scope["type"] == "http":
        return headers.get(KEY_HEADER, "")
    protocols: list[str] = scope.get("subprotocols") or []
    return next((one[len(KEY_PROTOCOL) :] for one in protocols if one.startswith(KEY_PROTOCOL)), "")


def _completed(send: Send) -> Send:
    """The same answers, for the origin ``null`` to read, whatever is said to others."""
    added = {
        "Access-Control-Allow-Origin": OPAQUE,
        "Access-Control-Expose-Headers": ", ".join(EXPOSED),
        "Vary": f"Origin, {KEY_HEADER}",
    }

    async def complete(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [
                (name, value) for name, value in message["headers"] if b"access-control-" not in name.lower()
            ]
            raw = [(name.lower().encode(), value.encode()) for name, value in added.items()]
            message["headers"] = [*kept, *raw]
        await send(message)

    return complete
