"""Large answers: made in slabs while they are read, counted while they are held, and let go when nobody reads."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import math
import time
import weakref
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from app.core.engine.trace import Layer
from app.core.errors import Busy, TooMany, Unfit
from app.images.read.npy import npy_bytes
from app.main import create_app
from app.settings import Settings
from app.web.http import answering
from app.web.http.answering import (
    ROOM,
    SLICE_BYTES,
    Answers,
    Piecewise,
)
from app.web.http.draining import CUT
from app.web.http.requests import RunRequest
from app.web.routes import slabs
from app.web.routes.api import output_of
from app.web.routes.slabs import Slabs, held_by
from app.web.server.admission import Admission
from app.web.stream.jobs import Services

from ...serving import Server
from .asking import Json, assert_problem, run_body
from .test_stopping import request
from .test_watching import count
from .test_wire import all_of, connected, serving

pytestmark = pytest.mark.long

NPY = {"Accept": "application/x-npy"}
LARGE: Json = run_body(  # 67 million cells, a quarter of a gigabyte
    layers=[{"operation": "convolution", "kernel": 3, "padding": 1, "filters": 64}],
    source={"kind": "noise", "shape": [3, 1024, 1024]},
    weights=None,
)
SMALL: Json = {**LARGE, "source": {"kind": "noise", "shape": [3, 40, 30]}}


@pytest.mark.parametrize("slab_bytes", [4, 100, 5_000])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_output_in_slabs_is_the_output(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, slab_bytes: int, dtype: str
) -> None:
    """Whatever the size of a slab: whole lanes, rows of one lane, single rows; over one, two and three axes."""
    asked = [
        ({"operation": "convolution", "kernel": 3, "filters": 5, "activation": "relu"}, [2, 7, 6]),
        ({"operation": "convolution", "kernel": 2, "filters": 4, "groups": 2}, [4, 30]),
        ({"operation": "convolution", "kernel": 2, "filters": 2}, [1, 3, 4, 5]),
        ({"operation": "transposed_convolution", "kernel": 4, "stride": 2, "filters": 3}, [2, 5, 6]),
        ({"operation": "max_pooling", "kernel": 2}, [3, 9, 8]),
        ({"operation": "unfold", "kernel": 2}, [2, 5, 6]),
        ({"operation": "dense", "filters": 7}, [2, 5, 6]),
        ({"operation": "global_average_pooling"}, [9, 5, 6]),
        ({"operation": "bilinear_upsampling", "factor": 3}, [2, 5, 6]),
    ]
    for layer, shape in asked:
        body = run_body(layers=[layer], source={"kind": "noise", "shape": shape}, weights=None, dtype=dtype)
        at_once = client.post("/api/v1/run", json=body, headers=NPY)
        with monkeypatch.context() as patched:
            patched.setattr(slabs, "SLAB_BYTES", slab_bytes)
            patched.setattr("app.web.routes.api.SLAB_BYTES", slab_bytes)
            in_slabs = client.post("/api/v1/run", json=body, headers=NPY)
        assert in_slabs.headers["content-length"] == str(len(in_slabs.content)), layer
        assert in_slabs.headers["etag"] == at_once.headers["etag"]
        one, other = (np.load(io.BytesIO(answer.content)) for answer in (at_once, in_slabs))
        assert one.dtype == other.dtype == dtype
        np.testing.assert_allclose(one, other, rtol=1e-5 if dtype == "float32" else 1e-12, atol=1e-5)


async def slabs_of(body: Json, services: Services, rest_s: float) -> Slabs:
    message = RunRequest.model_validate(body)

    async def again() -> Layer:
        return await services.layer_of(message, begun=True)

    made = Slabs(await again(), again, services.compute, rest_s)
    await made.begin()
    return made


async def rested(made: Slabs) -> None:
    for _ in range(6000):
        if made.rests:
            return
        await anyio.sleep(0.01)
    pytest.fail("it goes on")


def test_an_answer_that_rests_before_every_slice_is_the_same_to_the_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slabs, "SLAB_BYTES", 40_000)
    monkeypatch.setattr(slabs, "SLICE_BYTES", 7_000)

    async def main() -> None:
        services = Services.of(Settings(uploads=tmp_path))
        steady = [part async for part in (await slabs_of(SMALL, services, 60)).slices()]
        assert len(steady) > 40
        found, rests = [], 0
        resting = await slabs_of(SMALL, services, 0)
        async for part in resting.slices():
            found.append(part)
            await anyio.sleep(0.001)
            rests += resting.rests
        assert rests == len(steady) - 1, "all but the head"
        assert found == steady
        assert len(b"".join(found)) == resting.size

    anyio.run(main)


def test_while_nobody_reads_nothing_is_held_and_the_room_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slabs, "SLAB_BYTES", 40_000)

    async def main() -> None:
        services = Services.of(Settings(uploads=tmp_path))
        with services.admission.answer("a") as room:
            token = ROOM.set(room)
            made = await slabs_of(SMALL, services, 0.01)
            ROOM.reset(token)
            assert made._layer is not None
            assert room.taken == held_by(made._layer) + 40_000
            assert made._slab is not None
            held = weakref.ref(made._slab)
            parts = made.slices()
            await anext(parts)
            await anext(parts)
            await rested(made)
            gc.collect()
            assert held() is None
            assert getattr(made, "_layer") is None  # noqa: B009 - which a checker takes for what it was above
            assert room.taken == services.admission.answers.total() == 0
            await anext(parts)
            assert room.taken > 0
            await parts.aclose()
        assert services.admission.answers.total() == 0

    anyio.run(main)


def test_an_answer_that_goes_on_waits_for_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slabs, "SLAB_BYTES", 40_000)
    monkeypatch.setattr(slabs, "ROOM_S", 0.01)

    async def main() -> None:
        services = Services.of(Settings(uploads=tmp_path, answer_bytes=200_000))
        with services.admission.answer("a") as room:
            token = ROOM.set(room)
            made = await slabs_of(SMALL, services, 0)
            ROOM.reset(token)
            parts = made.slices()
            await anext(parts)
            await anext(parts)
            await rested(made)
            with services.admission.answer("b") as others:
                others.take(190_000)
                with anyio.move_on_after(0.1) as waited:
                    await anext(parts)
                assert waited.cancelled_caught
        assert services.admission.answers.total() == 0

    anyio.run(main)


# ------------------------------------------------------------------------------------- the room


def test_answers_under_way_are_bounded_in_all_and_for_each_address(tmp_path: Path) -> None:
    limits = Admission(Settings(uploads=tmp_path, answer_bytes=100))
    with limits.answer("a") as first, limits.answer("a") as second, limits.answer("b") as third:
        first.take(50)
        second.take(25)
        with pytest.raises(TooMany):
            second.take(10)
        third.take(25)
        with limits.answer("c") as fourth, pytest.raises(Busy):
            fourth.take(1)
        third.give(25)
        assert limits.answers == {"a": 75}
    assert not limits.answers
    with limits.answer("a") as alone, limits.answer("b") as other:
        alone.take(90)
        alone.take(1000)  # larger than all the room: done while nothing else is, in as many parts as it takes
        with pytest.raises(Busy):
            other.take(1)


@pytest.mark.parametrize("accept", ["application/x-npy", "image/png", "application/json"])
def test_an_answer_that_finds_no_room_is_refused_with_a_time_to_wait(tmp_path: Path, accept: str) -> None:
    app = create_app(Settings(uploads=tmp_path, answer_bytes=500_000_000))
    shape = [3, 1024, 1024] if "json" not in accept else [3, 300, 300]
    layer = {"operation": "max_pooling", "kernel": 1}
    body = run_body(layers=[layer], source={"kind": "noise", "shape": shape}, weights=None)
    with TestClient(app) as client:
        with app.state.services.admission.answer("other") as other:
            other.take(499_999_999)
            answer = client.post("/api/v1/run", json=body, headers={"Accept": accept})
            assert_problem(answer, 503, "busy")
            assert answer.headers["retry-after"] == "2"
        assert client.post("/api/v1/run", json=body, headers={"Accept": accept}).status_code == 200
        assert not app.state.services.admission.answers


def test_an_upload_is_given_back_without_a_copy_and_counts_too(tmp_path: Path) -> None:
    values = np.random.default_rng(0).standard_normal((3, 400, 500)).astype(np.float32)
    app = create_app(Settings(uploads=tmp_path, answer_bytes=values.nbytes))
    with TestClient(app) as client:
        headers = {"Content-Type": "application/x-npy"}
        kept = client.post("/api/v1/images", content=npy_bytes(values), headers=headers).json()["id"]
        answer = client.get(f"/api/v1/images/{kept}", headers=NPY)
        assert answer.content == npy_bytes(values)
        assert answer.headers["content-length"] == str(len(answer.content))
        assert answer.headers["etag"] == f'"{kept}.x-npy"'
        with app.state.services.admission.answer("other") as other:
            other.take(1)
            assert_problem(client.get(f"/api/v1/images/{kept}", headers=NPY), 503, "busy")


# ------------------------------------------------------------------------------------- on its way


async def _sent(app: Any, limits: Admission, send_s: float = 0.0) -> tuple[list[Message], list[int]]:
    """The messages of an application, and how much was held at each."""
    sent: list[Message] = []
    held: list[int] = []

    async def receive() -> Message:
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body" and send_s:
            await anyio.sleep(send_s)
        sent.append(message)
        held.append(limits.answers.total())

    await Answers(app, limits)({"type": "http"}, receive, send)
    return sent, held


def test_a_large_body_goes_out_in_slices_and_is_counted_until_it_has_gone(tmp_path: Path) -> None:
    limits = Admission(Settings(uploads=tmp_path))
    body = bytes(range(256)) * 3000

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    sent, held = anyio.run(_sent, app, limits)
    assert b"".join(message["body"] for message in sent[1:]) == body
    assert max(len(message["body"]) for message in sent[1:]) == SLICE_BYTES
    assert [message["more_body"] for message in sent[1:]] == [True] * (len(sent) - 2) + [False]
    assert held[1:] == [len(body)] * (len(sent) - 1)
    assert not limits.answers


def test_an_answer_that_takes_room_and_is_not_read_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "UNREAD_S", 0.01)
    limits = Admission(Settings(uploads=tmp_path))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * (SLICE_BYTES + 1)})

    sent, _ = anyio.run(_sent, app, limits, 60.0)
    assert {message["type"] for message in sent[1:]} == {CUT}
    assert not limits.answers


def test_a_refusal_within_an_answer_breaks_it_off(tmp_path: Path) -> None:
    closed: list[bool] = []

    async def parts() -> AsyncIterator[bytes]:
        try:
            yield b"begun"
            raise Unfit("x", 1, "no", "Do not.")
        finally:
            closed.append(True)

    limits = Admission(Settings(uploads=tmp_path))
    sent, _ = anyio.run(_sent, Piecewise(parts(), "text/plain", 100), limits)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body", CUT]
    assert closed == [True]


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose answers rest after a second."""
    folder = tmp_path_factory.mktemp("patient")
    with serving(folder, CONVSCOPE_REST_S="1", CONVSCOPE_ANSWER_BYTES="1000000000") as server:
        yield server


def test_a_deadline_within_an_answer_breaks_it_off_and_is_no_defect(tmp_path: Path) -> None:
    with serving(tmp_path, CONVSCOPE_COMPUTE_S="1") as server, connected(server) as connection:
        layer = {"operation": "convolution", "kernel": 11, "padding": 5, "filters": 64}
        connection.sendall(request("run", {**LARGE, "layers": [layer]}, "application/x-npy"))
        answer = all_of(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 200"):
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: "))
        assert len(body) < int(length.partition(b": ")[2]), "what has come does not look whole"
    else:  # a machine so busy that not even the first slab was done
        assert json.loads(body)["code"] == "deadline"


def test_answers_that_nobody_reads_do_not_fill_the_memory(patient: Server) -> None:
    """Four clients ask for a quarter of a gigabyte each and read nothing; then one of them reads all of it."""

    def exposition() -> str:
        return patient.fetch("/metrics")[1].decode()

    answer = math.prod((64, 1024, 1024)) * 4
    before = count(exposition(), "process_resident_memory_bytes")
    with contextlib.ExitStack() as stack:
        waiting = []
        for number in range(4):
            waiting.append(stack.enter_context(connected(patient, f"127.0.0.{number + 2}")))
            waiting[-1].sendall(request("run", LARGE, "application/x-npy"))
        for connection in waiting:
            assert connection.recv(12) == b"HTTP/1.1 200"
        most = 0.0
        for _ in range(30):
            most = max(most, count(exposition(), "process_resident_memory_bytes") - before)
            time.sleep(0.1)
        assert most < answer, "four of them held less than one answer"
        found = all_of(waiting[3])
    array = np.load(io.BytesIO(found.partition(b"\r\n\r\n")[2]))
    assert array.shape == (64, 1024, 1024)
    assert np.isfinite(array).all()


def test_a_picture_of_a_large_output_is_scaled_in_pieces(tmp_path: Path) -> None:
    """The same bytes as in one go, over the border of a piece."""
    from app.images.write import encode

    values = np.random.default_rng(0).standard_normal((2, 50, 70)).astype(np.float32)
    values[0, 3, 4], values[1, 2, 1] = np.nan, np.inf
    whole = encode.png_bytes(values)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(encode, "AT_ONCE", 333)
        assert encode.png_bytes(values) == whole


def test_an_output_is_gathered_without_a_second_copy(tmp_path: Path) -> None:
    async def main() -> None:
        services = Services.of(Settings(uploads=tmp_path))
        body = RunRequest.model_validate({**LARGE, "source": {"kind": "noise", "shape": [3, 200, 200]}})
        layer = await services.layer_of(body)
        with services.admission.answer("a") as room:
            token = ROOM.set(room)
            output = await output_of(layer, services)
            ROOM.reset(token)
            assert room.taken == output.nbytes
        np.testing.assert_array_equal(output, np.concatenate(list(layer.bands()), axis=1))
        assert output.base is None or output.base.nbytes == output.nbytes

    anyio.run(main)
