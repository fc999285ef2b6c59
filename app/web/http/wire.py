"""The server's side of the wire, with the deadlines and bounds that uvicorn's has not. Knows bytes and no route.

uvicorn waits for ever for a head, a body, a reader and the rest of a message. Here a connection has a phase, and
once a second every connection is asked whether its phase has lasted too long.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from dataclasses import dataclass, replace
from typing import Any

import h11
import uvicorn
from pydantic_core import to_json
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from ...core.errors import Problem, counted
from ...settings import Settings
from ..server.watching import PROBES
from .clients import UNKNOWN, plain
from .connections import Connections
from .draining import CUT
from .handshake import refusal
from .place import ForwardedPrefix
from .problems import MEDIA_TYPE, response
from .security import HEADERS

_log = logging.getLogger("convscope.wire")
_log.setLevel(logging.ERROR)  # what strangers send is not worth a line each

SWEEP_S = 1.0
LINGER_S = 2.0  # after an answer that came before the body: for the client to read it
FAREWELL_S = 5.0  # for a socket's last bytes to leave
MOST_FRAGMENTS = 1_000  # of one message
MOST_HEADERS = 100  # of a handshake
MOST_LINE = 8_000  # bytes
RESERVE = 16  # one place in so many is kept beside the others, for refusals and for probes
SPARE_FILES = 200  # that a process opens beside its connections


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long each phase may last, and how many connections there may be."""

    head_s: float = 10
    body_s: float = 20
    body_rate: float = 16_000
    stall_s: float = 900
    connections: int = 4_000
    proxies: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> Bounds:
        """The bounds that settings ask for. A page opens a few connections beside its socket while it loads."""
        return cls(
            settings.head_s,
            settings.body_s,
            settings.body_rate,
            settings.idle_s,
            4 * settings.connections,
            settings.proxies,
        )

    @property
    def reserve(self) -> int:
        """Places beside those of ``connections``."""
        return max(4, self.connections // RESERVE)

    @property
    def files(self) -> int:
        """How many files a process must be able to open."""
        return self.connections + self.reserve + SPARE_FILES

    def within(self, files: int) -> Bounds:
        """The same with no more connections than a process that may open so many files can have.

        A process that runs out of files accepts nobody, and cannot even refuse.
        """
        most = max(1, (files - SPARE_FILES) * RESERVE // (RESERVE + 1))
        return self if self.files <= files else replace(self, connections=most)


class WireConfig(uvicorn.Config):
    """uvicorn's configuration with our protocols and their bounds; it travels to workers as a whole."""

    def __init__(self, app: str, bounds: Bounds, proxies: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(app, http=BoundedHttp, ws=BoundedSocket, **options)
        self.bounds = bounds
        self.proxies = proxies
        self.sweeper: Sweeper | None = None

    def load(self) -> None:
        """The application, told of the path that a trusted proxy serves below."""
        super().load()
        if self.proxies:
            self.loaded_app = ForwardedPrefix(self.loaded_app, self.proxies)

    def sweeper_on(self, loop: asyncio.AbstractEventLoop) -> Sweeper:
        """The one sweeper of this process."""
        if self.sweeper is None:
            self.sweeper = Sweeper(loop, self.bounds)
        return self.sweeper


class Sweeper:
    """Knows every connection of one event loop, and asks each once a second."""

    def __init__(self, loop: asyncio.AbstractEventLoop, bounds: Bounds) -> None:
        self.connections: set[BoundedHttp] = set()
        self.places = Connections(bounds.connections, bounds.reserve, bounds.proxies)
        self._loop = loop
        self._loop.call_later(SWEEP_S, self._sweep)

    def _sweep(self) -> None:
        now = time.monotonic()
        for connection in tuple(self.connections):
            connection.sweep(now)
        self._loop.call_later(SWEEP_S, self._sweep)


class BoundedHttp(H11Protocol):
    """One HTTP connection."""

    def __init__(self, config: uvicorn.Config, *rest: Any, **named: Any) -> None:
        super().__init__(config, *rest, **named)
        assert isinstance(config, WireConfig)
        self.bounds = config.bounds
        self._sweeper = config.sweeper_on(self.loop)
        self._head_since: float | None = None
        self._body_since: float | None = None
        self._stalled_since: float | None = None
        self._received = 0
        self._refusal: Problem | None = None
        self.logger = _log
        self.app = functools.partial(self._run, self.app)

    async def _run(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """The application, which may end an answer that it has begun by breaking the connection."""

        async def cuttable(message: Message) -> None:
            if message["type"] == CUT:
                self._cut()
            else:
                await send(message)

        if self._refusal is not None and scope["path"] not in PROBES:
            app = response(self._refusal, {**HEADERS, "Connection": "close"})
        await app(scope, receive, cuttable)

    # ------------------------------------------------------------------------------------- what happens

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the connection. One that finds no place is answered with the reason, unless it asks as a probe."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self.client = _plain(self.client)
        self._sweeper.connections.add(self)
        self._head_since = time.monotonic()
        self._refusal = self._sweeper.places.opened(self, _host(self.client))

    def give_way(self) -> None:
        """End without an answer: nothing has been asked that could have one."""
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, and note which phase they began or ended."""
        before = self.cycle
        self._received += len(data)
        if self._head_since is None and not self._answering():
            self._head_since = time.monotonic()
        super().data_received(data)
        if self.cycle is not before:
            self._head_since = None
            self._body_since = time.monotonic()
            self._received = 0
            if self._answering():
                self._sweeper.places.works(self)

    def on_response_complete(self) -> None:
        """After an answer: the rest of a body that came too late is waited for a moment, the next head longer."""
        before = self.cycle
        if self.conn.their_state is h11.SEND_BODY:
            self._body_since = time.monotonic() + LINGER_S - self.bounds.body_s
            self._received = -1_000_000_000  # whatever comes now buys no time
        super().on_response_complete()
        if self.cycle is not before:  # another request was waiting in the bytes that had come
            self._body_since = time.monotonic()
            self._received = 0
        else:
            self._sweeper.places.waits(self)

    def pause_writing(self) -> None:
        """The reader is slower than the answer."""
        self._stalled_since = time.monotonic()
        super().pause_writing()

    def resume_writing(self) -> None:
        """It reads on."""
        self._stalled_since = None
        super().resume_writing()

    # ------------------------------------------------------------------------------------- what is too long

    def sweep(self, now: float) -> None:
        """End a phase that has lasted too long."""
        if self.transport.is_closing():
            if self._stalled_since is not None and now - self._stalled_since > self.bounds.stall_s:
                self.transport.abort()
            return
        if self._stalled_since is not None:
            if now - self._stalled_since > self.bounds.stall_s:
                self.transport.abort()
        elif self._head_since is not None:
            if now - self._head_since > self.bounds.head_s:
                self._refuse(_late("the head of the request", f"within {self.bounds.head_s:g} s"))
        elif self._arrives() and self._body_since is not None and not self.flow.read_paused:
            allowed = self.bounds.body_s + max(0, self._received) / self.bounds.body_rate
            if now - self._body_since > allowed:
                pace = f"at {counted(round(self.bounds.body_rate), 'byte')} a second or faster"
                self._refuse(_late("the body of the request", pace))

    def _arrives(self) -> bool:
        return self.conn.their_state is h11.SEND_BODY

    def _refuse(self, problem: Problem) -> None:
        """Say what is wrong if an answer can still be begun, and close."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(self._answer(problem))
        self._part()

    def _answering(self) -> bool:
        """Whether a request is being worked on."""
        cycle: Any = self.cycle  # None before the first one
        return cycle is not None and not cycle.response_complete

    def _part(self) -> None:
        """Tell the application that its client is gone, and close when what was written has left."""
        if self._answering():
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()
        self.loop.call_later(FAREWELL_S, self.transport.abort)

    def _cut(self) -> None:
        """Break off an answer: its client must not take what has come for the whole."""
        if self._answering():
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.abort()

    def _answer(self, problem: Problem) -> bytes:
        body = to_json(problem.to_json())
        lines = [
            f"HTTP/1.1 {problem.status} {problem.heading}",
            f"Content-Type: {MEDIA_TYPE}",
            f"Content-Length: {len(body)}",
            "Connection: close",
            *(f"{name}: {value}" for name, value in HEADERS.items()),
        ]
        if problem.retry_after_s is not None:
            lines.append(f"Retry-After: {problem.retry_after_s}")
        return "\r\n".join([*lines, "", ""]).encode() + body

    # ------------------------------------------------------------------------------------- what is no HTTP

    def send_400_response(self, msg: str) -> None:
        """The refusal of bytes that are no HTTP, or of a head without end, in the one shape."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE, h11.ERROR):
            self.transport.write(
                self._answer(
                    Problem(
                        code="no_http",
                        status=400,
                        title="Bad Request",
                        reason="these bytes are no HTTP request, or their head is too long",
                        remedy="See /api for what this server takes.",
                    )
                )
            )
        self._part()

    def _unsupported_upgrade_warning(self) -> None:
        """Whoever asks for h2c goes on with HTTP/1.1, and the log is not theirs to fill."""

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """A socket, unless its head is more than the WebSocket library takes or there are too many connections."""
        self._leave()
        long = max([len(event.target), *(len(name) + len(value) for name, value in self.headers)])
        if self._refusal is not None:
            self._refuse(self._refusal)
        elif (
            (event.method, event.http_version) != (b"GET", b"1.1")
            or len(self.headers) > MOST_HEADERS
            or long > MOST_LINE
        ):
            problem = Problem(
                code="no_socket",
                status=400,
                title="Bad Request",
                reason="this is no handshake of a socket, or its head is too long",
                remedy="Ask by GET of HTTP/1.1, with the headers that a browser sends.",
            )
            self._refuse(problem)
        else:
            super().handle_websocket_upgrade(event)

    def _leave(self) -> None:
        self._sweeper.connections.discard(self)
        self._sweeper.places.closed(self)


class BoundedSocket(WebSocketsSansIOProtocol):
    """One WebSocket connection: messages of a bounded number of pieces, and no farewell without end."""

    _fragments = 0

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.conn.reject = refusal  # type: ignore[method-assign]  # every refusal that is not the application's

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over the place of the HTTP connection that it was."""
        super().connection_made(transport)
        self.client = _plain(self.client)
        assert isinstance(self.config, WireConfig)
        self.config.sweeper_on(self.loop).places.joined(self, _host(self.client))

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave it."""
        assert isinstance(self.config, WireConfig)
        self.config.sweeper_on(self.loop).places.left(self)
        super().connection_lost(exc)

    def handle_cont(self, event: Frame) -> None:
        """A further piece of a message. Empty ones count for nothing elsewhere, so they are counted here."""
        self._fragments += 1
        if self._fragments > MOST_FRAGMENTS:
            self.frames = []
            self.conn.fail(1009, "a message in too many pieces")
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        """A whole message; text that is none closes the socket, and is no defect to be logged."""
        self._fragments = 0
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.fail(1007, "text is UTF-8")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    async def send(self, message: Any) -> None:
        """Takes a message of the application; a refusal of the handshake completes it."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    def handle_parser_exception(self) -> None:
        """Ends a connection that is no WebSocket; before the handshake there is nobody to tell."""
        if self.conn.close_sent is None:
            self.transport.close()
        else:
            super().handle_parser_exception()
        self.loop.call_later(FAREWELL_S, self.transport.abort)

    def keepalive_timeout(self) -> None:
        """Whoever answers no ping reads nothing either: what waits to be sent is dropped with the connection."""
        super().keepalive_timeout()
        self.transport.abort()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """The application is done with the socket: its last bytes have a moment to leave."""
        super().on_task_complete(task)
        self.loop.call_later(self.close_timeout + FAREWELL_S, self.transport.abort)


Client = tuple[str, int] | None


def _plain(client: Client) -> Client:
    return None if client is None else (plain(client[0]), client[1])


def _host(client: Client) -> str:
    return UNKNOWN if client is None else client[0]


def _late(what: str, how: str) -> Problem:
    return Problem(
        code="too_slow",
        status=408,
        title="Request Timeout",
        reason=f"{what} is expected {how}",
        remedy="Send it again, faster.",
    )
