"""The gate that every request and socket comes through: what is refused by its head alone. Knows no route's work."""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from ...core.errors import Problem, counted
from ..server.admission import (
    ALLOWANCE,
    CLIENT,
    REQUEST_COST,
    Admission,
)
from ..server.tokens import OneDay, Tokens
from . import problems
from .clients import client_of

log = logging.getLogger("convscope")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # a rule of a proxy may end where one stands
MOST_HEADERS = 100
MOST_HEAD_BYTES = 32_000
MOST_TARGET_BYTES = 8_000
FREE = ("/healthz", "/")  # what watches the server, and the page: made once, sent from memory
INSIDE = ("/metrics", "/readyz")  # for the inside of a network: on a port of their own, or behind the token
FILES = "/static/"  # a page without half of its scripts would be worse than a late one
GUARDED = "/api/v1/"  # behind the token of a class server; the page that asks for it holds nothing secret
BEARER = "bearer."  # a page gives its token as one of its socket's subprotocols: no header is its to set
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


@dataclass(frozen=True, slots=True)
class Gate:
    """ASGI middleware: hosts, origins, the token and the rate of each client, before anything is read or done."""

    app: ASGIApp
    admission: Admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request or socket pass, with its client and its time of computing, or answer why not."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        client = client_of(connection)
        try:
            await self._pass(scope, connection, client)
        except Problem as problem:
            await problems.response(problem, _asking(problem))(scope, receive, send)
            return
        whose, left = CLIENT.set(client), ALLOWANCE.set(self.admission.allowance())
        try:
            await self.app(scope, receive, send)
        finally:
            CLIENT.reset(whose)
            ALLOWANCE.reset(left)

    async def _pass(self, scope: Scope, connection: HTTPConnection, client: str) -> None:
        """Refuse what does not pass. A request is paid for first, and a refusal even where passing is free."""
        path, port = scope["path"], self.admission.settings.inside_port
        free = path in FREE or path.startswith(FILES)
        if path in INSIDE:
            free = at_port(scope, port) or not self.admission.tokens.own
        if not free:
            await self.admission.charge(REQUEST_COST, client)
        try:
            self._check_head(scope)
            check_port(scope, port)
            check_host(connection, self.admission.settings.hosts)
            check_origin(connection, self.admission.settings.cors_origins)
            if not at_port(scope, port):
                check_token(connection, self.admission.tokens)
        except WrongToken:
            log.warning("a wrong token from %s", client)
            await self.admission.charge_guess(client)
            raise
        except Problem:
            if free:
                await self.admission.charge(REQUEST_COST, client)
            raise

    @staticmethod
    def _check_head(scope: Scope) -> None:
        headers = scope["headers"]
        size = sum(len(name) + len(value) for name, value in headers)
        if len(headers) > MOST_HEADERS or size > MOST_HEAD_BYTES:
            raise Problem(
                code="head_too_large",
                status=431,
                title="The head is too large",
                field="headers",
                value=f"{len(headers):,} headers of {counted(size, 'byte')}",
                reason=f"a request has at most {MOST_HEADERS} headers of {MOST_HEAD_BYTES:,} bytes together",
                remedy="Send fewer.",
            )
        names = {name for name, _ in headers}
        if b"content-length" in names and b"transfer-encoding" in names:
            raise Problem(  # of which a proxy may believe the other one
                code="no_http",
                status=400,
                title="Bad Request",
                reason="the length of the body is said in two ways",
                remedy="Send Content-Length, or Transfer-Encoding.",
            )
        if _CONTROL.search(scope["path"]):
            raise Problem(
                code="bad_address",
                status=400,
                title="Bad Request",
                field="path",
                value=_CONTROL.sub("�", scope["path"])[:80],
                reason="an address has no control characters and no line ends",
                remedy="Leave them out.",
            )
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MOST_TARGET_BYTES:
            raise Problem(
                code="address_too_long",
                status=414,
                title="The address is too long",
                reason=f"an address has at most {MOST_TARGET_BYTES:,} bytes",
                remedy="Send what is long in a body.",
            )


def at_port(scope: Scope, port: int) -> bool:
    """Whether a request came to this port, where there is one."""
    server = scope.get("server")
    return bool(port and server and server[1] == port)


def check_port(scope: Scope, port: int) -> None:
    """Refuse what is for the inside at the port for all, and all else at the inside's port where there is one.

    Another spelling of such a path is refused as well: a rule of a proxy may know it by one spelling only.
    """
    path = scope["path"]
    spelt = scope.get("raw_path") in (None, path.encode())
    if at_port(scope, port):
        found = spelt and path in (*INSIDE, "/healthz")
    else:
        found = path not in INSIDE or (spelt and not port)
    if not found:
        raise problems.http_problem(404)


def check_host(connection: HTTPConnection, allowed: Iterable[str]) -> None:
    """Refuse a Host that this server is not known by.

    A page of another site whose name was made to point here would otherwise be of the same origin. Addresses as
    numbers and names that nobody can register (localhost, names without a dot, those of the local network)
    cannot be such a site's, so they need not be listed.
    """
    given = connection.headers.get("host", "")
    name = _split(f"//{given}").hostname if _sane(given) else None
    if name is not None and (_unregistrable(name) or any(_matches(name, host) for host in allowed)):
        return
    raise Problem(
        code="host",
        status=421,
        title="This server goes by another name",
        field="host",
        value=given[:100],
        reason="this is none of the names that this server answers to",
        remedy="Whoever runs it lists its names in CONVSCOPE_HOSTS.",
    )


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # such as a bracket without its other half
        return urlsplit("")


def _sane(host: str) -> bool:
    return 0 < len(host) <= 300 and not set(host) & set("/\\@?# \t,")


def _unregistrable(name: str) -> bool:
    name = name.rstrip(".")
    if "." not in name and ":" not in name:
        return True
    if name.endswith((".localhost", ".local", ".internal", ".home.arpa")):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _matches(name: str, host: str) -> bool:
    return host in ("*", name) or (host.startswith("*.") and name.endswith(host[1:]))


def check_origin(connection: HTTPConnection, welcome: str = "") -> None:
    """Refuse a socket, or a request that changes something, from a page of another host that is not welcome.

    Programs send no Origin and are welcome: they carry nobody's trust.
    """
    if connection.scope["type"] == "http" and connection.scope["method"] in SAFE:
        return
    origin = connection.headers.get("origin")
    if origin is None:
        return
    if _split(origin).netloc.lower() == connection.headers.get("host", "").lower():
        return
    if connection.scope["path"].startswith(GUARDED) and {"*", origin} & set(welcome.split()):
        return
    frame = connection.scope.get("state", {}).get("frame")  # of our own page in a sandbox: see FrameCors
    if frame == "good":
        return
    if frame == "over":
        raise Problem(
            code="frame_key",
            status=403,
            title="This frame was opened long ago",
            reason="a frame without an origin may ask for a day",
            remedy="Reload it.",
        )
    raise Problem(
        code="origin",
        status=403,
        title="A page of another host",
        field="origin",
        value=origin[:100],
        reason="only pages of this host may ask for this",
        remedy="Open the page of this server, or ask from a program.",
    )


def check_token(connection: HTTPConnection, tokens: Tokens) -> None:
    """Refuse what is guarded without the token of a class server, or one of a day that was made from it."""
    path = connection.scope["path"]
    if not tokens.own or not (path.startswith(GUARDED) or path in INSIDE):
        return
    if connection.scope.get("method") == "OPTIONS":
        return  # a browser asks whether it may send the token, and cannot send it with the question
    given = given_token(connection)
    if not given:
        raise NoToken("the token of this server is missing")
    try:
        if tokens.takes(given):
            return
    except OneDay:
        raise NoToken("this token was for one day, which is over") from None
    raise WrongToken("this is not the token of this server")


class NoToken(Problem):
    """A guarded path was asked for without a token."""

    title = "This server asks for a token"

    def __init__(self, reason: str) -> None:
        super().__init__(
            code="token",
            status=401,
            reason=reason,
            remedy="Whoever runs it knows it; it is sent as Authorization: Bearer and the token.",
        )


class WrongToken(NoToken):
    """It was asked for with a token that is none: somebody may be guessing."""


def given_token(connection: HTTPConnection) -> str:
    """The token that a request or socket came with; none is an empty string."""
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    for name in connection.scope.get("subprotocols") or ():
        if name.startswith(BEARER):
            return str(name[len(BEARER) :])
    return ""


def _asking(problem: Problem) -> dict[str, str]:
    """The headers of a refusal: how a token is to be sent, and that a shed connection is not worth keeping."""
    return {"WWW-Authenticate": 'Bearer realm="convscope"'} if problem.status == 401 else {}
