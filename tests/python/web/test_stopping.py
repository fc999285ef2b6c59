"""A server that is told to stop in the middle of long work: who waits is told so, and nothing counts as a defect."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import numpy as np
import pytest
from PIL import Image
from starlette.types import Message, Receive, Scope, Send

from app.web.http.draining import CUT, Drain, Stopping
from app.web.server.metrics import Metrics

from ...serving import Server, running_server
from .asking import Json, run_body
from .test_stream import Page, open_socket, start
from .test_wire import (
    HEAD,
    all_of,
    connected,
    problem_in,
)

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
# Tens of seconds: 38 thousand million products, in pieces of some milliseconds.
LONG: Json = run_body(
    layers=[{"operation": "convolution", "kernel": 31, "filters": 10}],
    source={"kind": "noise", "shape": [4, 1024, 1024]},
    weights=None,
)


@contextlib.contextmanager
def stopped_at_work(folder: Path, *, workers: int = 1) -> Iterator[Server]:
    """A server with a second for what it does when it is told to stop."""
    environment = {**os.environ, "CONVSCOPE_UPLOADS": str(folder / "uploads"), "CONVSCOPE_DRAIN_S": "2"}
    command = [sys.executable, "-m", "app", "serve", "--port", "0", "--workers", str(workers)]
    with running_server(command, cwd=ROOT, log=folder / "log", env=environment) as server:
        yield server
        assert server.process.wait(60) in (0, -signal.SIGTERM)
    assert "Traceback" not in server.printed()
    assert "defect" not in server.printed()


def request(route: str, body: Json, accept: str) -> bytes:
    data = json.dumps(body).encode()
    head = HEAD.replace(b"/run", b"/" + route.encode())
    return head + f"Accept: {accept}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


def at_work(server: Server, what: bytes = b"computing") -> None:
    """Until a thread of the server works for somebody."""
    until = time.monotonic() + 60
    while not any(
        line.startswith(b"convscope_busy_threads") and not line.endswith(b" 0.0") and what in line
        for line in server.fetch("/metrics")[1].splitlines()
    ):
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize("accept", ["application/x-npy", "image/png"])
def test_long_work_that_the_end_cuts_short_is_refused_with_a_time_to_wait(
    tmp_path: Path, accept: str
) -> None:
    with (
        stopped_at_work(tmp_path) as server,
        ThreadPoolExecutor() as pool,
        contextlib.ExitStack() as stack,
    ):
        waiting = [stack.enter_context(connected(server)) for _ in range(4)]
        for connection in waiting:
            connection.sendall(request("run", LONG, accept))
        at_work(server)
        server.process.send_signal(signal.SIGTERM)
        for answer in pool.map(all_of, waiting):
            problem = problem_in(answer)
            assert (problem["status"], problem["code"]) == (503, "stopping")
            assert b"\r\nretry-after: 2\r\n" in answer.lower()


def test_of_several_workers_each_says_so(tmp_path: Path) -> None:
    with stopped_at_work(tmp_path, workers=2) as server, connected(server) as connection:
        connection.sendall(request("run", LONG, "application/x-npy"))
        at_work(server)
        server.process.send_signal(signal.SIGTERM)
        assert problem_in(all_of(connection))["code"] == "stopping"


def test_an_answer_that_has_begun_breaks_off_and_does_not_look_whole(tmp_path: Path) -> None:
    body = {**LONG, "window": True}
    with stopped_at_work(tmp_path) as server, connected(server) as connection:
        # The system holds megabytes for this reader: through a window of few bytes they would come for minutes.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        connection.sendall(request("frames", body, "application/octet-stream"))
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(60)
        assert not all_of(connection).endswith(b"0\r\n\r\n"), "the end of an answer in chunks"


def test_uploads_that_the_end_cuts_short_are_refused_with_a_time_to_wait(tmp_path: Path) -> None:
    """Some while their picture is decoded or waits for that, one while its body arrives."""
    file = io.BytesIO()
    tile = np.random.default_rng(0).integers(0, 255, (100, 100, 3), np.uint8)
    Image.fromarray(np.tile(tile, (60, 60, 1))).save(file, "PNG")
    data = file.getvalue()
    head = b"POST /api/v1/images HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    head += b"Content-Length: %d\r\n\r\n" % len(data)
    with (
        stopped_at_work(tmp_path) as server,
        ThreadPoolExecutor(8) as pool,
        contextlib.ExitStack() as stack,
    ):
        waiting = [stack.enter_context(connected(server)) for _ in range(8)]
        waiting[0].sendall(head + data[:-1])
        sent = [pool.submit(one.sendall, head + data) for one in waiting[1:]]
        at_work(server, b"decoding")
        server.process.send_signal(signal.SIGTERM)
        answers = list(pool.map(all_of, waiting))
        for one in sent:
            one.result()
        cut = [answer for answer in answers if not answer.startswith(b"HTTP/1.1 201 ")]
        assert answers[0] in cut
        for answer in cut:
            assert problem_in(answer)["status"] == 503
            assert b"\r\nretry-after: " in answer.lower()


def test_a_job_of_a_socket_that_the_end_cuts_short_is_no_defect(tmp_path: Path) -> None:
    with stopped_at_work(tmp_path) as server, open_socket(server) as connection:
        page = Page(connection)
        page.send(start(1, **LONG, credits=1000))
        at_work(server)
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(60)


def test_what_is_cancelled_while_nothing_stops_is_not_answered() -> None:
    async def main() -> tuple[list[Message], bool]:
        sent: list[Message] = []

        async def work(scope: Scope, receive: Receive, send: Send) -> None:
            await anyio.sleep_forever()

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        stopping = Stopping(work, Drain(Metrics(), 0, 0))
        with anyio.move_on_after(0.01) as scope:
            await stopping({"type": "http", "method": "GET", "headers": []}, receive, send)
        return sent, scope.cancelled_caught

    assert anyio.run(main) == ([], True)
    assert CUT.startswith("http.response.")
