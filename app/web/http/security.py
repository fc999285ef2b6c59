"""Headers that every answer carries, errors included. Knows no route but the one that may be framed."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Everything comes from this host and no script stands in a page; blob: and data: are the pictures that a
# person chose, shown before they are sent.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "font-src 'self'",
        "media-src 'self' blob:",
        "worker-src 'self'",
        "frame-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

FRAMED = "/embed"  # the one page that another page may show
FILES = "/static/"  # the page's files, which anybody may have
SHORT, PICTURE = "/s/", ".png"  # a short link's picture, which pages of other sites show as a preview
# A frame in a sandbox has no origin, so that to its browser even our own scripts, styles and fonts are another's.
SHARED = HEADERS | {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}

_NOBODY = "frame-ancestors 'none'"


def headers_of_framed(ancestors: str) -> dict[str, str]:
    """HEADERS for the page that ``ancestors`` may frame; this host always may, to show what it looks like."""
    if ancestors != "*":
        ancestors = " ".join(
            ["'self'", *(word for word in ancestors.split() if word[1:-1] not in ("self", "none"))]
        )
    headers = {name: value for name, value in HEADERS.items() if name != "X-Frame-Options"}
    policy = CONTENT_SECURITY_POLICY.replace(_NOBODY, f"frame-ancestors {ancestors}")
    return headers | {"Content-Security-Policy": policy, "Cross-Origin-Resource-Policy": "cross-origin"}


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


class SecurityHeaders:
    """ASGI middleware that adds HEADERS to every answer, that to a refused socket included.

    ``ancestors`` may frame the one page for it.
    """

    def __init__(self, app: ASGIApp, ancestors: str = "") -> None:
        self.app = app
        self._everywhere = _raw(HEADERS)
        self._framed = _raw(headers_of_framed(ancestors))
        self._shared = _raw(SHARED)
        self._pictures = _raw(HEADERS | {"Cross-Origin-Resource-Policy": "cross-origin"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the head of its answer."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return

        added = self._framed if scope["path"] == FRAMED else self._everywhere
        if scope["path"].startswith(FILES):
            added = self._shared
        elif scope["path"].startswith(SHORT) and scope["path"].endswith(PICTURE):
            added = self._pictures

        async def completed(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self.app(scope, receive, completed)
