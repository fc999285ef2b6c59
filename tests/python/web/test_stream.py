"""The socket as a page uses it: credits, supersede, seek, resume, and refusals that never cost the connection."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app.web.stream import protocol

from ...serving import Server
from .asking import run_body

Json = dict[str, Any]

PATIENCE_S = 60


class Page:
    """One connection with the page's side of the protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, message: Json | str | bytes) -> None:
        self.connection.send(json.dumps(message) if isinstance(message, dict) else message)

    def receive(self, timeout: float = PATIENCE_S) -> Json | bytes:
        data = self.connection.recv(timeout)
        return json.loads(data) if isinstance(data, str) else data

    def text(self) -> Json:
        message = self.receive()
        assert isinstance(message, dict), "a frame came where a message was due"
        return message

    def frame(self) -> tuple[protocol.Header, np.ndarray]:
        data = self.receive()
        assert isinstance(data, bytes), data
        header = protocol.Header.unpack(data)
        planes = np.frombuffer(data, "<f4", offset=protocol.HEADER.size).reshape(-1, header.count)
        return header, planes

    def quiet(self) -> bool:
        """Whether nothing comes for a while."""
        try:
            self.connection.recv(0.3)
        except TimeoutError:
            return True
        return False


@pytest.fixture
def page(server: Server) -> Iterator[Page]:
    with open_socket(server) as connection:
        yield Page(connection)


def open_socket(server: Server, **options: Any) -> ClientConnection:
    url = server.url.replace("http", "ws") + "/api/v1/stream"
    options.setdefault("subprotocols", [Subprotocol(protocol.SUBPROTOCOL)])
    options.setdefault("open_timeout", PATIENCE_S)
    options.setdefault("ping_timeout", None)  # on a busy machine a pong may be late
    made: ClientConnection = connect(url, max_size=2**20, compression=None, proxy=None, **options)
    return made


def start(job: int, *, size: int = 40, credits: int = 1000, **changes: Any) -> Json:
    layer = {"operation": "convolution", "kernel": 3, "filters": 2}
    source = {"kind": "noise", "shape": [3, size, size]}
    return {"type": "start", "job": job, "layers": [layer], "source": source, "credits": credits, **changes}


def test_a_job_gives_its_plan_its_steps_and_an_end(page: Page) -> None:
    page.send(start(7, window=True, input=True, weight=True))
    assert page.text()["plan"]["layers"][0]["output_shape"] == [2, 38, 38]
    kinds: list[protocol.Kind] = []
    steps = 0
    while isinstance(message := page.receive(), bytes):
        header = protocol.Header.unpack(message)
        assert header.job == 7
        assert header.sequence == len(kinds)
        kinds.append(header.kind)
        if header.kind is protocol.Kind.STEPS:
            assert (header.first, header.lanes, header.windows) == (steps, 2, 27)
            steps += header.count
    assert kinds[:2] == [protocol.Kind.INPUT, protocol.Kind.WEIGHT]
    assert steps == 38 * 38
    assert message == {"type": "end", "job": 7, "first": 0, "steps": 38 * 38}


def test_no_frame_is_sent_without_a_credit(page: Page) -> None:
    page.send(start(1, size=200, credits=2))
    assert page.text()["type"] == "plan"
    page.frame()
    page.frame()
    assert page.quiet()
    page.send({"type": "credit", "job": 1, "n": 1})
    header, _ = page.frame()
    assert header.sequence == 2
    assert page.quiet()


def test_a_credit_of_another_job_counts_for_nothing(page: Page) -> None:
    page.send(start(1, credits=0))
    assert page.text()["type"] == "plan"
    page.send({"type": "credit", "job": 99, "n": 5})
    assert page.quiet()


def test_a_new_start_supersedes_the_running_job(page: Page) -> None:
    page.send(start(1, size=200, credits=1))
    assert page.text()["job"] == 1
    page.frame()
    page.send(start(2))
    assert page.text() == {"type": "superseded", "job": 1}
    assert page.text()["job"] == 2
    header, _ = page.frame()
    assert header.job == 2


def test_of_many_starts_at_once_only_the_newest_is_computed_to_its_end(page: Page) -> None:
    for job in range(1, 40):
        page.send(start(job, size=300))
    ended: list[int] = []
    jobs: set[int] = set()
    while not ended or ended[-1] != 39:
        message = page.receive()
        if isinstance(message, dict):
            jobs.add(message["job"])
            if message["type"] == "end":
                ended.append(message["job"])
    assert jobs == set(range(1, 40)), "every job is answered: by its end or by being superseded"
    assert ended[-1] == 39
    assert page.quiet()


def test_a_seek_begins_where_it_was_asked_to(page: Page) -> None:
    page.send(start(1))
    from_start = collect(page)
    page.send(start(2, first=700))
    part = collect(page)
    np.testing.assert_array_equal(part, from_start[:, 700:])


def collect(page: Page) -> np.ndarray:
    assert page.text()["type"] == "plan"
    planes = []
    while isinstance(message := page.receive(), bytes):
        header = protocol.Header.unpack(message)
        planes.append(np.frombuffer(message, "<f4", offset=protocol.HEADER.size).reshape(-1, header.count))
    assert message["type"] == "end"
    return np.concatenate(planes, axis=1)


def test_a_page_that_lost_its_socket_goes_on_from_the_step_it_had(server: Server) -> None:
    with open_socket(server) as connection:
        page = Page(connection)
        page.send(start(1, credits=1))
        page.text()
        header, before = page.frame()
    with open_socket(server) as connection:
        page = Page(connection)
        page.send(start(1, first=header.count))
        after = collect(page)
    with open_socket(server) as connection:
        page = Page(connection)
        page.send(start(1))
        np.testing.assert_array_equal(np.concatenate([before, after], axis=1), collect(page))


def test_cancel_stops_a_job_and_leaves_the_connection(page: Page) -> None:
    page.send(start(1, size=200, credits=1))
    page.text()
    page.frame()
    page.send({"type": "cancel", "job": 1})
    assert page.quiet()
    page.send(start(2))
    assert collect(page).shape == (2, 38 * 38)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("", "body"),
        ("{", "body"),
        ("[]", "body"),
        ("null", "body"),
        ({"type": "begin", "job": 1}, "type"),
        ({"job": 1}, "type"),
        ({"type": "credit", "job": 1}, "n"),
        ({"type": "credit", "job": 1, "n": 0}, "n"),
        ({"type": "credit", "job": -1, "n": 1}, "job"),
        ({"type": "cancel", "job": 2**32}, "job"),
        ({"type": "start", "job": 1}, "layers"),
        (start(1, credits=-1), "credits"),
        (start(1, first="0"), "first"),
        (start(1, lanes=[0, 0]), "lanes"),
        (start(1, extra=1), "extra"),
        (b"binary", "message"),
    ],
)
def test_a_bad_message_is_told_and_the_connection_stays(
    page: Page, message: Json | str | bytes, field: str
) -> None:
    page.send(message)
    received = page.text()
    assert (received["type"], received["job"]) == ("error", None)
    problem = received["problem"]
    assert problem["field"] == field, problem
    assert problem["reason"]
    assert problem["remedy"]
    page.send(start(2))
    assert collect(page).shape == (2, 38 * 38)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"layers": [{"operation": "convolution", "stride": 0}]}, "stride"),
        ({"layers": [{"operation": "convolution", "kernel": 99}]}, "kernel"),
        ({"lanes": [2]}, "lanes"),
        ({"first": 5000}, "first"),
        ({"source": {"kind": "image", "id": "0" * 64}}, "id"),
        ({"source": {"kind": "noise", "shape": [3, 9000, 9000]}}, "source.shape"),
        ({"layers": [{"operation": "convolution", "kernel": 150, "padding": 80}], "window": True}, "window"),
    ],
)
def test_a_job_that_cannot_run_is_refused_before_any_frame(page: Page, changes: Json, field: str) -> None:
    page.send(start(5, **changes))
    message = page.text()
    assert (message["type"], message["job"]) == ("error", 5)
    assert message["problem"]["field"] == field
    page.send(start(6))
    assert collect(page).shape == (2, 38 * 38)


def test_the_socket_gives_what_run_gives(server: Server, page: Page) -> None:
    layer = {
        "operation": "convolution",
        "kernel": 3,
        "stride": 2,
        "padding": "same",
        "dilation": 2,
        "filters": 8,
    }
    source = {"kind": "sample", "name": "scene", "size": 64}
    page.send({**start(1), "layers": [layer], "source": source})
    streamed = collect(page)
    body = json.dumps(run_body(layers=[layer], source=source, weights=None)).encode()
    _, answer, _ = server.fetch("/api/v1/run", body, {"Content-Type": "application/json"})
    output = np.array(json.loads(answer)["output"], np.float32)
    np.testing.assert_allclose(streamed, output.reshape(8, -1), rtol=1e-5, atol=1e-6)


def test_a_reader_that_stops_does_not_stop_others(server: Server) -> None:
    with open_socket(server, max_queue=1, close_timeout=0.1) as stuck:
        stuck.send(json.dumps(start(1, size=900, window=True, credits=1_000_000)))
        time.sleep(0.5)
        with open_socket(server) as connection:
            page = Page(connection)
            page.send(start(2))
            assert collect(page).shape == (2, 38 * 38)


def test_a_page_of_another_host_gets_no_socket(server: Server) -> None:
    with pytest.raises(InvalidStatus):
        open_socket(server, origin="https://elsewhere.example")
    with open_socket(server, origin=server.url) as connection:
        assert connection.subprotocol == protocol.SUBPROTOCOL


def test_a_socket_without_the_subprotocol_is_refused(server: Server) -> None:
    with pytest.raises(InvalidStatus):
        open_socket(server, subprotocols=None)


def test_a_message_over_the_limit_closes_only_its_own_socket(server: Server) -> None:
    with open_socket(server) as connection:
        with contextlib.suppress(ConnectionClosed):
            connection.send(" " * (25 * 1024 * 1024))
        with pytest.raises(ConnectionClosed):
            connection.recv(PATIENCE_S)
    with open_socket(server) as connection:
        page = Page(connection)
        page.send(start(1))
        assert collect(page).shape == (2, 38 * 38)
