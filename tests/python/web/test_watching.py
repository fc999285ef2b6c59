"""The operator's view: ids, counts and logs of every request, and nothing of anybody's picture in any of them."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import signal
import sys
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient
from websockets.exceptions import ConnectionClosed

from app.core.errors import Problem
from app.main import create_app
from app.settings import Settings
from app.web.http.draining import Drain
from app.web.server import logs
from app.web.server.logs import JsonLines, TextLines
from app.web.server.metrics import Metrics
from app.web.stream import protocol
from benchmarks.sockets import PlainSocket
from benchmarks.sockets import start as large_job

from ...serving import Server, running_server
from .asking import png, run_body
from .test_stream import Page, open_socket, start

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]


def counts(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample of an exposition, by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def count(text: str, name: str, **labels: str) -> float:
    return counts(text).get((name, frozenset(labels.items())), 0.0)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """An application of its own: its counts begin at nothing."""
    with TestClient(create_app(Settings(uploads=tmp_path / "up")), raise_server_exceptions=False) as made:
        yield made


def test_every_answer_has_an_id_and_a_proxys_own_is_kept(client: TestClient) -> None:
    first, second = (client.get("/healthz").headers["x-request-id"] for _ in range(2))
    assert first != second
    assert (
        client.get("/nowhere", headers={"X-Request-ID": "edge-17.a"}).headers["x-request-id"] == "edge-17.a"
    )


@pytest.mark.parametrize("forged", ["two words", 'x"}', "a" * 65, "", "\x1b[31m"])
def test_an_id_that_could_forge_a_log_is_replaced(client: TestClient, forged: str) -> None:
    given = client.get("/healthz", headers={"X-Request-ID": forged}).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{16}", given)


def test_requests_refusals_and_computing_are_counted_by_route_and_reason(client: TestClient) -> None:
    client.post("/api/v1/run", json=run_body())
    client.post("/api/v1/run", json=run_body(layers=[{"operation": "convolution", "kernel": 0}]))
    client.get("/wp-admin/?x=1")
    client.get("/also/not/here")
    metrics_text = client.get("/metrics").text
    assert (
        count(metrics_text, "convscope_requests_total", route="/api/v1/run", method="POST", status="200") == 1
    )
    assert (
        count(metrics_text, "convscope_requests_total", route="/api/v1/run", method="POST", status="422") == 1
    )
    assert count(metrics_text, "convscope_requests_total", route="none", method="GET", status="404") == 2
    assert count(metrics_text, "convscope_refusals_total", code="unfit") == 1
    assert count(metrics_text, "convscope_refusals_total", code="not_found") == 2
    assert "wp-admin" not in metrics_text, "what a stranger types is no label"


def test_a_defect_is_counted_and_logged_with_its_id(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("app.web.stream.jobs.Services.layer_of", fail)
    assert client.post("/api/v1/run", json=run_body()).status_code == 500
    metrics_text = client.get("/metrics").text
    assert (
        count(metrics_text, "convscope_requests_total", route="/api/v1/run", method="POST", status="500") == 1
    )
    assert [record.exc_info is not None for record in caplog.records if record.levelno >= logging.ERROR] == [
        True
    ]


def test_a_json_record_is_one_line_whatever_it_says() -> None:
    record = logging.LogRecord("convscope", logging.WARNING, "", 0, "two\nlines: %s", ({"a": 1},), None)
    record.duration_ms = 1.5
    line = JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "two\nlines: {'a': 1}"
    assert json.loads(line)["duration_ms"] == 1.5
    assert json.loads(line)["time"].endswith("+00:00")


OBEYED = "\x1b]0;title\x07 \x1b[2J \x9b31m \x7f \x85 \r\nERROR convscope: forged \u2028 \u202e"


@pytest.mark.parametrize("form", [JsonLines(), TextLines()])
@pytest.mark.parametrize("raised", [False, True])
def test_a_log_tells_a_terminal_nothing_and_forges_no_line(form: logging.Formatter, raised: bool) -> None:
    try:
        raise RuntimeError(OBEYED)
    except RuntimeError:
        info = sys.exc_info() if raised else None
    record = logging.LogRecord("convscope", logging.WARNING, "", 0, "from %s", (OBEYED,), info)
    first, *others = form.format(record).split("\n")
    assert "forged" in first
    for line in (first, *others):
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u202e]", line)
    assert all(line.startswith("    ") for line in others), "what belongs to a record is set in"
    if isinstance(form, JsonLines):
        assert others == []
        assert json.loads(first)["message"] == f"from {OBEYED}"


def test_a_server_that_logs_to_a_terminal_tells_it_nothing(tmp_path: Path) -> None:
    """Text of a stranger in a log comes through no handler but ours."""
    logs.install("text")
    handler = logging.getLogger().handlers[-1]
    assert isinstance(handler.formatter, TextLines)


def test_a_server_without_its_store_is_alive_and_not_ready(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with TestClient(create_app(Settings(uploads=tmp_path / "file" / "up"))) as client:
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.headers["cache-control"] == "no-store"
        assert "store" in answer.json()["status"]


def test_many_who_ask_whether_it_is_ready_have_the_store_asked_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def ready(_: object) -> bool:
        asked.append(True)
        return True

    monkeypatch.setattr("app.images.store.store.Store.ready", ready)
    assert [client.get("/readyz").status_code for _ in range(20)] == [200] * 20
    assert len(asked) < 20


def workers(server: Server) -> float:
    metrics_text = server.fetch("/metrics")[1].decode()
    return next(value for (name, _), value in counts(metrics_text).items() if name == "convscope_info")


def comes_to(server: Server, wanted: float, name: str, **labels: str) -> None:
    """A count gets there: it is made when an answer has gone, and another worker may tell it before."""
    until = time.monotonic() + 60
    while (found := count(server.fetch("/metrics")[1].decode(), name, **labels)) != wanted:
        assert time.monotonic() < until, (name, found)
        time.sleep(0.05)


def readiness(server: Server) -> tuple[int, bytes]:
    try:
        return server.fetch("/readyz")[:2]
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


def environment(folder: Path, **changes: str) -> dict[str, str]:
    return {**os.environ, "CONVSCOPE_UPLOADS": str(folder / "uploads"), "CONVSCOPE_LOG": "json", **changes}


def logged(server: Server) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.printed().splitlines() if line.startswith("{")]


def test_workers_count_together_and_log_in_json_without_content(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app", "serve", "--port", "0", "--workers", "2"]
    with running_server(command, cwd=ROOT, log=tmp_path / "log", env=environment(tmp_path)) as server:
        while workers(server) < 2:
            time.sleep(0.05)
        picture = png(np.full((9, 9, 3), 77, np.uint8))
        for _ in range(12):  # each on a connection of its own: both workers take some
            server.fetch("/api/v1/images", picture, {"Content-Type": "image/png", "X-Request-ID": "mine"})
        with open_socket(server) as connection:
            page = Page(connection)
            page.send(start(1, source={"kind": "values", "values": [[0.123456, 2, 3]] * 3}))
            assert page.text()["type"] == "plan"
            page.frame()
            assert page.text()["type"] == "end"
        comes_to(server, 12, "convscope_requests_total", route="/api/v1/images", method="POST", status="201")
        comes_to(server, 1, "convscope_jobs_total", transport="socket", outcome="done")
        comes_to(server, 1, "convscope_frames_total", transport="socket")
    lines = logged(server)
    uploads = [line for line in lines if line.get("route") == "/api/v1/images"]
    assert [(line["request_id"], line["status"]) for line in uploads] == [("mine", 201)] * 12
    assert any(line.get("route") == "/api/v1/stream" and line["jobs"] == 1 for line in lines)
    assert not any(line.get("route") == "/metrics" for line in lines)
    assert "0.123456" not in server.printed()


def test_a_stopping_server_says_so_ends_its_jobs_and_sends_its_pages_elsewhere(tmp_path: Path) -> None:
    """SIGTERM under load: /readyz first, then idle sockets, a job without credits, and one that runs to its end."""
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    env = environment(tmp_path, CONVSCOPE_DRAIN_NOTICE_S="1", CONVSCOPE_DRAIN_S="60")
    with (
        running_server(command, cwd=ROOT, log=tmp_path / "log", env=env) as server,
        open_socket(server) as one,
        open_socket(server) as two,
        open_socket(server) as three,
    ):
        idle, paused, busy = Page(one), Page(two), Page(three)
        paused.send(start(1, size=200, credits=1))
        busy.send(start(2, size=600, credits=1000, window=True))
        assert paused.text()["type"] == busy.text()["type"] == "plan"
        paused.frame()
        server.process.send_signal(signal.SIGTERM)
        while (answer := readiness(server))[0] == 200:
            pass  # the signal is on its way
        assert answer[0] == 503
        assert b"stopping" in answer[1]
        assert server.fetch("/healthz")[0] == 200
        last: Any = None
        while isinstance(last := busy.receive(), bytes):
            pass
        assert last["type"] == "end"
        for page in (idle, paused, busy):
            with pytest.raises(ConnectionClosed) as closed:
                page.receive()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
        assert server.process.wait(60) in (0, -signal.SIGTERM)
    outcomes = [line for line in logged(server) if line.get("route") == "/api/v1/stream"]
    assert len(outcomes) == 3


class Stubborn:
    """A socket that leaves only when it must."""

    def __init__(self, drain: Drain) -> None:
        self.drain = drain
        self.calls: list[bool] = []

    def leave(self, *, now: bool) -> None:
        self.calls.append(now)
        if now:
            self.drain.left(self)


def test_a_job_that_takes_too_long_goes_on_elsewhere() -> None:
    async def drained() -> list[bool]:
        drain = Drain(Metrics(), notice_s=0, jobs_s=0.05)
        session = Stubborn(drain)
        drain.joined(session)
        await drain.run()
        late = Stubborn(drain)
        drain.joined(late)
        assert late.calls == [False], "who comes while a server stops is sent on at once"
        assert drain.draining
        return session.calls

    assert anyio.run(drained) == [False, True]


def test_a_store_that_fails_is_counted() -> None:
    metrics = Metrics()
    for status in (404, 503, 507):
        problem = Problem(code="x", status=status, title="", reason="", remedy="")
        with pytest.raises(Problem), metrics.store_access("get"):
            raise problem
    metrics_text = metrics.text("")[0].decode()
    assert count(metrics_text, "convscope_store_failures_total", access="get") == 2
    assert count(metrics_text, "convscope_store_seconds_count", access="get") == 3


def test_pages_that_stop_reading_hold_no_more_than_their_credits(tmp_path: Path) -> None:
    """Two dozen pages ask for 150 MB each and read nothing: what the server grows by is bounded by credits."""
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    with (
        running_server(command, cwd=ROOT, log=tmp_path / "log", env=environment(tmp_path)) as server,
        contextlib.ExitStack() as stack,
    ):

        def resident_mib() -> float:
            metrics_text = server.fetch("/metrics")[1].decode()
            return count(metrics_text, "process_resident_memory_bytes") / 2**20

        def ask(credits: int) -> None:
            page = PlainSocket("127.0.0.1", int(server.url.rpartition(":")[2]))
            stack.callback(page.close)
            page.shrink()
            page.send(large_job(1, 700, credits=credits))

        ask(1000)  # what the first job of a process needs is nobody's
        comes_to(server, 1, "convscope_jobs_running")
        time.sleep(0.5)
        before, pages, credits = resident_mib(), 24, 24
        for _ in range(pages):
            ask(credits)
        comes_to(server, pages + 1, "convscope_jobs_running")
        most = 0.0
        for _ in range(10):
            most = max(most, resident_mib() - before)
            time.sleep(0.1)
        assert count(server.fetch("/metrics")[1].decode(), "convscope_jobs_running") == pages + 1
        assert most <= pages * credits * protocol.FRAME_BYTES / 2**20
