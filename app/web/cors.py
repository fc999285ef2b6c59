"""The API for pages of other hosts, where a setting names them; off otherwise. Knows no route."""

from __future__ import annotations

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from .results import PREFIX, VERSION_HEADER

EXPOSED = ("ETag", VERSION_HEADER, "Figure-Caption", "Figure-Alt", "Figure-BibTeX", "Retry-After")
ASKED = ("Accept", "Authorization", "Content-Type", "If-None-Match")


class ApiCors:
    """ASGI middleware: CORS for the API alone, without credentials, since there are none."""

    def __init__(self, app: ASGIApp, origins: str) -> None:
        self.app = app
        self.cors = CORSMiddleware(
            app,
            allow_origins=origins.split(),
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=ASKED,
            expose_headers=EXPOSED,
            max_age=86400,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is no request of the API; complete and answer the others."""
        asked = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        await (self.cors if asked else self.app)(scope, receive, send)
