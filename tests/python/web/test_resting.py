"""A job whose reader stopped keeps nothing but its message, and goes on with the very frames it would have sent."""

from __future__ import annotations

import gc
import json
import weakref
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from pydantic import TypeAdapter

from app.core.engine.trace import Layer
from app.core.errors import NotFound
from app.settings import Settings
from app.web.http.messages import StartMessage
from app.web.stream.jobs import Frames, Services
from app.web.stream.protocol import SUBPROTOCOL
from app.web.stream.resting import Resting

from .asking import Json
from .test_limits import STREAM, made

NOISE = {"kind": "noise", "shape": [4, 90, 90]}
JOBS: list[Json] = [
    {"layers": [{"operation": "convolution", "kernel": 3, "padding": 1, "filters": 3}], "window": True},
    {"layers": [{"operation": "max_pooling", "kernel": 2}], "window": True, "lanes": [2], "first": 77},
    {
        "layers": [{"operation": "transposed_convolution", "kernel": 4, "stride": 2, "filters": 2}],
        "walk": "scatter",
        "first": 4000,
    },
]
for job in JOBS:
    job.update(type="start", job=5, source=NOISE, input=True, weight=True, credits=0)


def _message(job: Json) -> StartMessage:
    return TypeAdapter(StartMessage).validate_json(json.dumps(job))


async def rested(job: Resting) -> None:
    for _ in range(6000):
        if job.rests:
            return
        await anyio.sleep(0.01)
    pytest.fail("the job goes on")


def _stream(folder: Path, job: Json, most: int) -> list[bytes | str]:
    """All that a page reads that grants its credits one by one; at most so many frames."""
    with (
        made(folder, rest_s=0) as client,
        client.websocket_connect(STREAM, [SUBPROTOCOL]) as page,
    ):
        page.send_text(json.dumps(job))
        found: list[bytes | str] = [page.receive_text()]
        for _ in range(most):
            page.send_text(json.dumps({"type": "credit", "job": 5, "n": 1}))
            answer = page.receive()
            found.append(answer.get("bytes") or answer["text"])
            if isinstance(found[-1], str):
                break
        return found


@pytest.mark.parametrize("job", JOBS, ids=lambda job: str(job["layers"][0]["operation"]))
def test_a_job_that_rests_before_every_frame_sends_what_it_would_have_sent(job: Json, tmp_path: Path) -> None:
    frames = _frames_of(job, tmp_path)
    without_rest = [piece.make() for piece in frames.pieces()]
    assert len(without_rest) > 4
    _, *sent = _stream(tmp_path, job, len(without_rest) + 1)
    end = sent.pop()
    assert sent == without_rest
    assert isinstance(end, str)
    assert json.loads(end) == frames.end()


def _frames_of(job: Json, folder: Path) -> Frames:
    async def find() -> Frames:
        services = Services.of(Settings(uploads=folder))
        message = _message(job)
        return Frames(await services.layer_of(message), message, message.job)

    return anyio.run(find)


def test_what_a_job_was_made_from_is_gone_while_it_rests(tmp_path: Path) -> None:
    message = _message(JOBS[0])

    async def rest() -> None:
        services = Services.of(Settings(uploads=tmp_path))
        built: list[weakref.ref[Any]] = []

        async def again() -> Frames:
            layer: Layer = await services.layer_of(message, begun=True)
            frames = Frames(layer, message, message.job)
            built.append(weakref.ref(frames))  # which hold the input, the padded copy and the weight
            return frames

        job = Resting(await again(), again, services.compute, 0.01)
        await job.frame()
        await rested(job)
        assert job.more
        for _ in range(6000):  # the thread that worked for it may still be about to let go
            gc.collect()
            if built[0]() is None:
                break
            await anyio.sleep(0.01)
        assert built[0]() is None
        await job.frame()
        assert [one() is not None for one in built] == [False, True]
        job.close()

    anyio.run(rest)


def test_a_job_whose_upload_went_while_it_rested_is_told_so(tmp_path: Path) -> None:
    values = np.zeros((4, 90, 90), np.float32)

    async def rest() -> None:
        services = Services.of(Settings(uploads=tmp_path))
        stored = services.store.put(values, claim="0" * 32)
        message = _message({**JOBS[0], "source": {"kind": "image", "id": stored.id}})

        async def again() -> Frames:
            return Frames(await services.layer_of(message, begun=True), message, message.job)

        job = Resting(await again(), again, services.compute, 0.0)
        await rested(job)
        assert services.store.delete(stored.id, "0" * 32)
        with pytest.raises(NotFound):
            await job.frame()
        job.close()

    anyio.run(rest)
