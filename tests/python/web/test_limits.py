"""Limits: what costs too much is refused before any work, and what is too much at once waits, in the one shape."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from starlette.testclient import TestClient

from app.core.errors import Busy, Problem, TooMany
from app.main import create_app
from app.settings import Settings
from app.web.http.bodies import MOST_KEYS_TOGETHER, check_json
from app.web.routes import api
from app.web.server import admission
from app.web.server.admission import ALLOWANCE, Admission, Allowance
from app.web.server.compute import INLINE_WORK, Compute
from app.web.server.metrics import Metrics
from app.web.stream import stream
from app.web.stream.protocol import SUBPROTOCOL

from .asking import (
    Json,
    assert_problem,
    png,
    run_body,
)

STREAM = "/api/v1/stream"


def made(folder: Path, address: str = "10.0.0.1", **limits: Any) -> TestClient:
    app = create_app(Settings(uploads=folder, **limits))
    return TestClient(app, base_url="http://localhost", client=(address, 5000), raise_server_exceptions=False)


def test_a_factor_that_makes_too_much_is_named_as_it_was_set(tmp_path: Path) -> None:
    with made(tmp_path) as client:
        layer = {"operation": "zero_insertion", "factor": [4000, 4096]}
        body = run_body(layers=[layer], source={"kind": "noise", "shape": [1, 9, 9]}, weights=None)
        problem = assert_problem(client.post("/api/v1/run", json=body), 413, "too_large", "factor")
        assert problem["value"] == [4000, 4096]
        assert "32001×32769" in problem["reason"]
        assert problem["excess"] == pytest.approx(32001 * 32769 / Settings().output_cells)


# ------------------------------------------------------------------------------------- what a request costs

REFUSED_BY_PLAN: list[tuple[str, Json, Json]] = [
    ("output", {"output_cells": 7}, run_body()),
    ("layers", {"work": 31}, run_body()),
    ("source", {"input_cells": 8, "body_bytes": 10_000}, {"source": {"kind": "noise", "shape": [1, 3, 3]}}),
    ("accept", {"json_cells": 7}, run_body()),
]


@pytest.mark.parametrize(("field", "limits", "body"), REFUSED_BY_PLAN)
def test_what_costs_too_much_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, field: str, limits: Json, body: Json
) -> None:
    from app.core.engine.trace import Layer

    for name in ("run", "bands"):
        monkeypatch.setattr(Layer, name, lambda *_, **__: pytest.fail("work was done"))
    with made(tmp_path, **limits) as client:
        answer = client.post("/api/v1/run", json=run_body(**body))
        problem = assert_problem(answer, 413, "too_large")
        assert problem["field"].startswith(field)
        # By how much it is too much: what fits can be worked out from it.
        if field in ("output", "layers"):
            assert 1 < problem["excess"] < 10


@pytest.mark.parametrize(
    "body",
    [
        {"a" * 3 + str(number): 1 for number in range(30_000)},
        run_body(include=["x"] * 500_000),
        run_body(include=[1] * 500_000),
        run_body(layers=[{}] * 100_000),
        run_body(source={"kind": "values", **{str(number): 0 for number in range(50_000)}}),
    ],
)
def test_a_body_that_is_wrong_a_million_times_is_told_of_once(client: TestClient, body: Json) -> None:
    content = json.dumps(body).encode()
    assert len(content) < 4_000_000
    answer = client.post("/api/v1/run", content=content, headers={"Content-Type": "application/json"})
    assert len(assert_problem(answer, 422, "malformed")["detail"]) < 400


def test_many_faults_of_a_small_body_are_counted_and_not_listed(client: TestClient) -> None:
    body = {**run_body(), **{str(number): 0 for number in range(900)}}
    assert "900 faults" in assert_problem(client.post("/api/v1/run", json=body), 422, "malformed")["detail"]


# ------------------------------------------------------------------------------------- what a client may have


@pytest.fixture
def small(tmp_path: Path) -> Iterator[TestClient]:
    with made(tmp_path, client_rate=0.01, client_burst=5) as client:  # nothing comes back while a test lasts
        yield client


def test_a_client_over_its_part_is_told_when_to_come_again(small: TestClient) -> None:
    answers = [small.get("/api/v1/samples") for _ in range(7)]
    assert [answer.status_code for answer in answers[:5]] == [200] * 5
    problem = assert_problem(answers[-1], 429, "too_many")
    assert problem["retry_after_s"] >= 1
    assert answers[-1].headers["retry-after"] == str(problem["retry_after_s"])
    assert small.get("/healthz").status_code == 200


def test_work_is_paid_for_as_its_plan_predicts(tmp_path: Path) -> None:
    layer = {"operation": "convolution", "kernel": 7, "filters": 8, "padding": 3}
    body = run_body(layers=[layer], source={"kind": "noise", "shape": [3, 256, 256]}, weights=None)
    with made(tmp_path, client_rate=1, client_burst=15) as client:
        headers = {"Accept": "application/x-npy"}
        answers = [client.post("/api/v1/run", json=body, headers=headers) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 429, 429]


def test_what_is_dearer_than_a_full_bucket_is_done_all_the_same(tmp_path: Path) -> None:
    layer = {"operation": "convolution", "kernel": 7, "filters": 8, "padding": 3}
    body = run_body(layers=[layer], source={"kind": "noise", "shape": [3, 256, 256]}, weights=None)
    with made(tmp_path, client_rate=10_000, client_burst=2) as client:
        answer = client.post("/api/v1/run", json=body, headers={"Accept": "application/x-npy"})
        assert answer.status_code == 200


def start(job: int, **changes: Any) -> Json:
    return {"type": "start", "job": job, "credits": 100, **run_body(**changes)}


def receive_json(socket: Any) -> Json:
    while (message := socket.receive()).get("text") is None:
        assert message["type"] == "websocket.send", message
    answer: Json = json.loads(message["text"])
    return answer


def test_a_job_over_its_client_s_part_is_refused_in_band_with_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.stream.stream.PATIENCE_S", 0.0)
    with (
        made(tmp_path, client_rate=0.1, client_burst=3) as client,
        client.websocket_connect(STREAM, [SUBPROTOCOL]) as socket,
    ):
        problem = None
        for job in range(1, 9):
            socket.send_json(start(job))
            message = receive_json(socket)
            if message["type"] == "error":
                problem = message["problem"]
                break
            while message["type"] != "end":
                message = receive_json(socket)
        assert problem is not None
        assert (problem["status"], problem["code"]) == (429, "too_many")
        assert problem["retry_after_s"] >= 1


def test_a_job_a_little_over_waits_and_is_done(tmp_path: Path) -> None:
    with (
        made(tmp_path, client_rate=20, client_burst=2) as client,
        client.websocket_connect(STREAM, [SUBPROTOCOL]) as socket,
    ):
        for job in range(1, 6):
            socket.send_json(start(job))
            message = receive_json(socket)
            while message["type"] != "end":
                assert message["type"] == "plan", message
                message = receive_json(socket)


def test_sockets_are_bounded_in_all_and_for_each_address(tmp_path: Path) -> None:
    limits = Admission(Settings(uploads=tmp_path, connections=3, client_connections=2))
    with limits.socket("a"), limits.socket("a"):
        with pytest.raises(TooMany), limits.socket("a"):
            pass
        with limits.socket("b"), pytest.raises(Busy), limits.socket("c"):
            pass
    assert not limits.sockets
    with limits.socket("a"):
        pass


def test_a_socket_too_many_is_answered_with_503_and_a_time(tmp_path: Path) -> None:
    from starlette.testclient import WebSocketDenialResponse

    with (
        made(tmp_path, connections=1) as client,
        client.websocket_connect(STREAM, [SUBPROTOCOL]),
        pytest.raises(WebSocketDenialResponse) as refused,
        client.websocket_connect(STREAM, [SUBPROTOCOL]),
    ):
        pass
    assert_problem(refused.value, 503, "busy")
    assert int(refused.value.headers["retry-after"]) >= 1


def test_a_socket_that_asks_for_nothing_is_let_go_and_told_so(tmp_path: Path) -> None:
    with (
        made(tmp_path, idle_s=0) as client,
        client.websocket_connect(STREAM, [SUBPROTOCOL]) as socket,
    ):
        message = socket.receive()
        assert (message["type"], message["code"]) == ("websocket.close", 4000)


def test_messages_beyond_a_socket_s_pace_are_read_later() -> None:
    now = 0.0
    pace = admission.Pace(10, 2)
    pace._bucket._clock = lambda: now
    assert [pace.wait_s(), pace.wait_s()] == [0, 0]
    assert pace.wait_s() == pytest.approx(0.1)


# ------------------------------------------------------------------------------------- shedding


def test_bodies_that_arrive_at_once_are_bounded_together(tmp_path: Path) -> None:
    limits = Admission(Settings(uploads=tmp_path, intake_bytes=100))
    with limits.body() as first:
        first.take(60)
        with limits.body() as second:
            second.take(30)
            with pytest.raises(Busy):
                second.take(30)
        assert limits.bodies == 60
    assert limits.bodies == 0


def test_a_body_that_finds_no_room_is_answered_with_503(tmp_path: Path) -> None:
    with made(tmp_path, intake_bytes=100) as client:
        noise = np.random.default_rng(1).integers(0, 256, (20, 20), np.uint8)
        answer = client.post("/api/v1/images", content=png(noise), headers={"Content-Type": "image/png"})
        assert_problem(answer, 503, "busy")
        assert answer.headers["retry-after"] == "2"


def test_new_work_is_turned_away_while_too_much_waits_and_what_has_begun_goes_on() -> None:
    async def main() -> None:
        compute = Compute(Metrics(), threads=1, queue=2)
        gate = anyio.Event()
        done: list[int] = []

        def block() -> None:
            anyio.from_thread.run(gate.wait)

        async def piece(number: int) -> None:
            await compute.run(INLINE_WORK + 1, block)
            done.append(number)

        async with anyio.create_task_group() as group:
            for number in range(3):
                compute.admit()
                group.start_soon(piece, number)
                await anyio.wait_all_tasks_blocked()
            with pytest.raises(Busy):
                compute.admit()
            gate.set()
        assert sorted(done) == [0, 1, 2]
        compute.admit()

    anyio.run(main)


def test_a_request_that_has_computed_as_long_as_it_may_is_ended_between_pieces() -> None:
    async def main() -> None:
        compute = Compute(Metrics(), threads=1)
        ALLOWANCE.set(Allowance(0.02, 60))
        await compute.run(0, lambda: time.sleep(0.03))
        with pytest.raises(Problem) as refused:
            await compute.run(0, lambda: pytest.fail("a piece too many"))
        assert (refused.value.code, refused.value.status) == ("deadline", 503)

    anyio.run(main)


def test_a_deadline_that_comes_within_an_answer_is_told_within_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check, checked = Allowance.check, 0

    def late(self: Allowance) -> None:
        nonlocal checked
        checked += 1
        if checked > 4:
            self.left_s = 0
        check(self)

    monkeypatch.setattr(Allowance, "check", late)
    body = run_body(source={"kind": "noise", "shape": [3, 200, 200]})
    with made(tmp_path) as client:
        answer = client.post("/api/v1/frames", json=body, headers={"Accept": "application/x-ndjson"})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["type"] for line in lines] == ["plan", *["steps"] * (len(lines) - 2), "error"]
    assert lines[-1]["problem"]["code"] == "deadline"


def test_a_job_that_may_not_compute_is_refused_in_band(tmp_path: Path) -> None:
    with made(tmp_path, compute_s=0) as client:
        assert_problem(client.post("/api/v1/frames", json=run_body()), 503, "deadline")
        with client.websocket_connect(STREAM, [SUBPROTOCOL]) as socket:
            socket.send_json(start(1))
            message = receive_json(socket)
            assert (message["type"], message["problem"]["code"]) == ("error", "deadline")


def test_values_as_large_as_a_body_may_be_are_read(client: TestClient) -> None:
    values = np.zeros((1, 600, 600), np.uint8).tolist()
    asked = run_body(
        source={"kind": "values", "values": values}, layers=[{"operation": "global_max_pooling"}]
    )
    answer = client.post(
        "/api/v1/run", json={**asked, "weights": None}, headers={"Accept": "application/x-npy"}
    )
    assert np.load(io.BytesIO(answer.content)).tolist() == [[[0.0]]]


# ------------------------------------------------------------------------------------- large JSON


def test_large_json_is_read_beside_the_event_loop_and_small_json_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bodies and messages alike: who asks for little does not wait for who sends much."""
    readers: list[bool] = []

    def watched(data: bytes | str) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            readers.append(False)
        else:
            readers.append(True)

    monkeypatch.setattr(api, "check_json", watched)
    monkeypatch.setattr(stream, "check_json", watched)
    small, large = run_body(), run_body(source={"kind": "values", "values": [[1] * 200] * 400})
    with made(tmp_path) as client:
        for body in (small, large):
            assert client.post("/api/v1/run", json=body).status_code == 200
        with client.websocket_connect(STREAM, [SUBPROTOCOL]) as page:
            for job, body in enumerate((small, large)):
                page.send_text(json.dumps({**body, "type": "start", "job": job}))
                assert json.loads(page.receive_text())["type"] == "plan"
                page.send_text(json.dumps({"type": "cancel", "job": job}))
    on_the_loop = [True, False, True, True, False, True]  # a cancel is small
    assert readers == on_the_loop


@pytest.mark.parametrize("keys", [29_999, 30_001])
def test_keys_are_counted_where_there_may_be_too_many(keys: int) -> None:
    text = json.dumps([{"a:b": ":"}] * keys)
    for data in (text, text.encode()):
        if keys <= MOST_KEYS_TOGETHER:
            check_json(data)
        else:
            with pytest.raises(Problem, match="keys"):
                check_json(data)
