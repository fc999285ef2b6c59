"""Where people reach this server: the host that they asked, and the path that a proxy takes off. Knows no page."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ...settings import PATH

FORWARDED = b"x-forwarded-prefix"
MOST_PATH = 200  # characters
_PATH = re.compile(rf"{PATH}\Z", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]+\Z")


class ForwardedPrefix:
    """ASGI middleware: notes the path below which a trusted proxy serves, and ignores anybody else's word.

    It stands outside of whatever replaces the address of the proxy by that of its client.
    """

    def __init__(self, app: ASGIApp, proxies: Iterable[str]) -> None:
        self.app = app
        self._networks = [ipaddress.ip_network(proxy) for proxy in proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request or socket on, with what its proxy says."""
        if scope["type"] in ("http", "websocket") and self._trusts(scope.get("client")):
            scope.setdefault("state", {})["prefix"] = forwarded_prefix(scope)
        await self.app(scope, receive, send)

    def _trusts(self, client: tuple[str, int] | None) -> bool:
        try:
            address = ipaddress.ip_address(client[0] if client else "")
        except ValueError:  # a socket of the file system has no address
            return False
        return any(address in network for network in self._networks)


def forwarded_prefix(scope: Scope) -> str:
    """The path of X-Forwarded-Prefix, of several proxies the outermost first; empty where that is no path."""
    given = b",".join(value for name, value in scope["headers"] if name == FORWARDED).decode("latin-1")
    path = "".join(part.strip().rstrip("/") for part in given.split(","))
    return path if len(path) <= MOST_PATH and _PATH.match(path) else ""


def home_of(request: Request) -> str:
    """The address of this server without a slash at its end: as the setting says, or as it was asked for."""
    public: str = request.app.state.services.settings.public_url
    host = request.headers.get("host", "")
    if public or not _HOST.match(host):
        return public
    return f"{request.url.scheme}://{host}{getattr(request.state, 'prefix', '')}"
