"""Deadlines and bounds of connections, on a real server: whoever is slow, endless or no HTTP is let go, and told."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed

from app.web.http.security import HEADERS

from ...serving import Server, running_server
from .asking import run_body
from .test_stream import (
    Page,
    collect,
    open_socket,
    start,
)

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60


@contextlib.contextmanager
def serving(folder: Path, *options: str, **changes: str) -> Iterator[Server]:
    environment = {**os.environ, "CONVSCOPE_UPLOADS": str(folder / "uploads"), **changes}
    command = [sys.executable, "-m", "app", "serve", "--port", "0", *options]
    with running_server(command, cwd=ROOT, log=folder / "log", env=environment) as running:
        yield running
        assert "Traceback" not in running.printed()


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits for a second."""
    waits = {"HEAD_S": "1", "BODY_S": "1", "BODY_RATE": "1000000", "IDLE_S": "2"}
    with serving(
        tmp_path_factory.mktemp("hasty"), **{f"CONVSCOPE_{name}": value for name, value in waits.items()}
    ) as running:
        yield running


def connected(server: Server, source: str = "127.0.0.1") -> socket.socket:
    address = urlsplit(server.url)
    assert address.hostname is not None
    assert address.port is not None
    return socket.create_connection(
        (address.hostname, address.port), timeout=PATIENCE_S, source_address=(source, 0)
    )


def all_of(connection: socket.socket) -> bytes:
    """Everything until the server closes."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def problem_in(answer: bytes) -> dict[str, object]:
    """The problem of a raw answer, which has the headers of every answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    for name, value in HEADERS.items():
        assert f"{name}: {value}".lower().encode() in head.lower()
    assert b"application/problem+json" in head
    problem: dict[str, object] = json.loads(body)
    assert str(problem["status"]).encode() == head.split(b" ")[1]
    return problem


def dribble(connection: socket.socket, piece: bytes, begun: bytes = b"") -> bytes:
    """Send a piece now and then, without end, and give what the server says before it hangs up."""
    connection.sendall(begun)
    connection.settimeout(0.1)
    answer, until = b"", time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            connection.sendall(piece)
            part = connection.recv(65536)
        except TimeoutError:
            continue
        except (ConnectionResetError, BrokenPipeError):
            connection.settimeout(PATIENCE_S)
            return answer + all_of(connection)
        if not part:
            return answer
        answer += part
    raise AssertionError(f"the server was still waiting after {PATIENCE_S} s")


HEAD = b"POST /api/v1/run HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


SLOW: dict[
    str, tuple[bytes, bytes, tuple[str, ...]]
] = {  # how it begins, what comes now and then, the refusals
    "a head": (b"", b"x-a: b\r\n", ("too_slow", "no_http")),
    "the rest of a head": (b"GET / HTTP/1.1\r\n", b"x-a: b\r\n", ("too_slow", "no_http")),
    "the next head": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"G", ("too_slow", "no_http")),
    "nothing": (b"", b"", ("too_slow",)),
    "a body": (HEAD + b"Content-Length: 1000000\r\n\r\n", b" ", ("too_slow",)),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", ("too_slow",)),
    "a body that nobody reads": (
        b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n",
        b"x" * 1000,
        ("not_found",),
    ),
}


@pytest.fixture(scope="module")
def waited(hasty: Server) -> Iterator[dict[str, Future[bytes]]]:
    """The last answer to each of the slow; they wait side by side."""

    def one(name: str) -> bytes:
        begun, piece, _ = SLOW[name]
        with connected(hasty) as connection:
            return dribble(connection, piece, begun)

    with ThreadPoolExecutor(len(SLOW)) as pool:
        yield {name: pool.submit(one, name) for name in SLOW}


@pytest.mark.parametrize("name", SLOW)
def test_what_takes_too_long_is_not_waited_for(waited: dict[str, Future[bytes]], name: str) -> None:
    """A connection's first head and the next one after an answer, bodies, and what an answer came before."""
    answer = waited[name].result()
    last = answer.partition(b'{"status":"ok"}')[2] if b"200 OK" in answer else answer
    assert problem_in(last)["code"] in SLOW[name][2]


def test_a_body_too_large_is_refused_while_it_arrives_and_the_refusal_can_be_read(hasty: Server) -> None:
    with connected(hasty) as connection:
        head = b"POST /api/v1/images HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
        connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b"\0" * 0x100000 + b"\r\n"
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            for _ in range(21):
                connection.sendall(chunk)
        assert problem_in(all_of(connection))["code"] == "too_large"


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"x-a: b\r\n" * 20_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nx: " + b"y" * 100_000,
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_answered_in_the_one_shape(hasty: Server, sent: bytes) -> None:
    with connected(hasty) as connection:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(sent)
        assert problem_in(all_of(connection))["status"] in (400, 431)


SHAKE = (
    b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: convscope.v1\r\n"
)
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        SHAKE + b"\r\n",
        SHAKE + b"Sec-WebSocket-Key: short\r\n\r\n",
        SHAKE + KEY + b"x: " + b"y" * 9_000 + b"\r\n\r\n",
        SHAKE + KEY + b"x: y\r\n" * 200 + b"\r\n",
        SHAKE.replace(b"GET", b"POST") + KEY + b"\r\n",
        SHAKE.replace(b": 13", b": 99") + KEY + b"\r\n",
        SHAKE.replace(b"HTTP/1.1", b"HTTP/1.0") + KEY + b"\r\n",
        SHAKE.replace(b"/api/v1/stream", b"/nowhere") + KEY + b"\r\n",
        SHAKE.replace(b"/api/v1/stream", b"/api/v1/run") + KEY + b"\r\n",
        SHAKE.replace(b"/stream", b"/stream%0A") + KEY + b"\r\n",
        SHAKE.replace(b"localhost", b"evil.example") + KEY + b"\r\n",
        SHAKE + b"Origin: null\r\n" + KEY + b"\r\n",
    ],
)
def test_a_handshake_that_is_none_is_refused(hasty: Server, sent: bytes) -> None:
    """By us, by the WebSocket library or by the router: in the one shape, with the headers of every answer."""
    with connected(hasty) as connection:
        connection.sendall(sent)
        assert problem_in(all_of(connection))["status"] in (400, 403, 404, 421, 426, 431)


def frame(opcode: int, payload: bytes, *, last: bool = True) -> bytes:
    """One masked frame, with a mask of zeros."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
    return bytes([(0x80 if last else 0) | opcode]) + length + b"\0\0\0\0" + payload


@pytest.mark.parametrize(
    "sent",
    [
        frame(0x3, b"reserved"),
        frame(0x0, b"a continuation of nothing"),
        frame(0x9, b"x" * 126),
        frame(0x9, b"", last=False),
        frame(0x1, b"\xff\xfe"),
        frame(0x8, b"\x00"),
        frame(0x8, struct.pack("!H", 5)),
        bytes([0xF1]) + frame(0x1, b"")[1:],
        b"\x81\x05hello",
        b"\x81\xff" + struct.pack("!Q", 2**63 - 1) + b"\0\0\0\0",
        frame(0x1, b"", last=False) + frame(0x0, b"", last=False) * 1_100,
    ],
)
def test_a_frame_that_is_none_costs_its_own_socket(hasty: Server, sent: bytes) -> None:
    with connected(hasty) as connection:
        connection.sendall(SHAKE + KEY + b"\r\n")
        head = b""
        while b"\r\n\r\n" not in head:
            head += (part := connection.recv(65536))
            assert part, head
        assert b" 101 " in head
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(sent)
        all_of(connection)
    with open_socket(hasty) as good:
        page = Page(good)
        page.send(start(1))
        assert collect(page).shape == (2, 38 * 38)


def test_a_socket_that_rests_is_let_go_with_a_code_of_its_own(hasty: Server) -> None:
    with open_socket(hasty) as connection, pytest.raises(ConnectionClosed) as closed:
        connection.recv(PATIENCE_S)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4000


def test_an_answer_that_nobody_reads_is_given_up(hasty: Server) -> None:
    """The reader stops; the connection ends, and with it what it held."""
    body = json.dumps(
        {**run_body(source={"kind": "noise", "shape": [3, 1000, 1000]}), "window": True}
    ).encode()
    head = HEAD.replace(b"/run", b"/frames") + f"Content-Length: {len(body)}\r\n\r\n".encode()
    with connected(hasty) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(head + body)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            _, metrics, _ = hasty.fetch("/metrics")
            if b'convscope_jobs_total{outcome="lost",transport="http"}' in metrics:
                return
            time.sleep(0.2)
    raise AssertionError("the answer was still waiting for its reader")


def test_sockets_beyond_the_room_are_answered_with_503_and_the_others_stay(tmp_path: Path) -> None:
    """Of sockets there is room for five; one address may have three quarters of what others leave."""
    with serving(tmp_path, CONVSCOPE_CONNECTIONS="5") as narrow, contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(open_socket(narrow)) for _ in range(4)]
        for source, status in (("127.0.0.1", 429), ("127.0.0.2", 101), ("127.0.0.3", 503)):
            connection = stack.enter_context(connected(narrow, source))
            connection.sendall(SHAKE + KEY + b"\r\n")
            answer = connection.recv(65536)
            assert answer.split(b" ")[1] == str(status).encode()
            assert status == 101 or b"\r\nretry-after: " in answer.lower()
        page = Page(sockets[0])
        page.send(start(1))
        assert collect(page).shape == (2, 38 * 38)
