"""Decoding in processes that can be ended: within a time and a memory, alone, and never in anybody's way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.core.errors import Busy, Problem, TooLarge, Unfit
from app.images.read import pool
from app.images.read.decode import decode
from app.images.read.limits import Limits
from app.images.read.npy import npy_bytes
from app.images.read.pool import environment_of, read_upload
from app.images.read.worker import ANSWER, REQUEST
from app.main import create_app
from app.settings import Settings
from tests.serving import Server, running_server

from ..web.asking import assert_problem, run_body
from .pictures import (
    photograph,
    png16,
    saved,
    tiff,
)
from .test_decode import KINDS, files

ROOT = Path(__file__).parents[3]
SMALL = saved(photograph(), "PNG")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform == "win32", reason="signals are sent to processes here"),
]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    pool.close()
    yield
    pool.close()


def processes() -> list[int]:
    return pool._pool.processes()


def only() -> int:
    """The one process, which is there."""
    read_upload(SMALL)
    (pid,) = processes()
    return pid


@pytest.mark.parametrize("kind", KINDS)
def test_a_process_gives_what_decoding_here_gives(kind: str) -> None:
    here, apart = decode(files()[kind], "image/png"), read_upload(files()[kind], "image/png")
    np.testing.assert_array_equal(apart.pixels, here.pixels)
    assert apart.pixels.dtype == here.pixels.dtype
    assert (apart.mode, apart.notes) == (here.mode, here.notes)


@pytest.mark.parametrize("data", [b"", b"nothing", b"%PDF-1.7", SMALL[:-40]])
def test_a_refusal_comes_across_whole(data: bytes) -> None:
    with pytest.raises(Problem) as here:
        decode(data)
    with pytest.raises(Problem) as apart:
        read_upload(data)
    assert apart.value.to_json() == here.value.to_json()


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint16", "int32"])
def test_numbers_come_across_in_their_type(dtype: str) -> None:
    data = tiff((np.random.default_rng(0).random((3, 5, 3)) * 100).astype(dtype))
    here, apart = decode(data), read_upload(data)
    assert apart.pixels.dtype == here.pixels.dtype
    np.testing.assert_array_equal(apart.pixels, here.pixels)


def test_one_process_takes_one_picture_after_another() -> None:
    first = only()
    for _ in range(3):
        read_upload(SMALL)
    assert processes() == [first]


def test_an_array_needs_no_process() -> None:
    array = np.arange(6.0).reshape(1, 2, 3)
    np.testing.assert_array_equal(read_upload(npy_bytes(array)).pixels, array)
    assert processes() == []
    assert read_upload(npy_bytes(array), "image/png").notes == (
        "its name or type says PNG, its content is .npy: the content was read",
    )


def test_a_process_that_takes_too_long_is_ended_and_the_next_picture_has_another() -> None:
    first = only()
    os.kill(first, signal.SIGSTOP)
    with pytest.raises(TooLarge, match="longer than the 1 s") as refused:
        read_upload(SMALL, None, Limits(decode_s=1))
    assert refused.value.remedy
    assert processes() == []
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert only() != first


def test_a_process_that_fails_costs_its_picture_alone() -> None:
    first = only()
    os.kill(first, signal.SIGSTOP)
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(read_upload, SMALL)
        comes(lambda: pool._pool._busy)
        np.testing.assert_array_equal(read_upload(SMALL).pixels, decode(SMALL).pixels)
        os.kill(first, signal.SIGKILL)
        with pytest.raises(Unfit, match="decoder fails"):
            waiting.result()
    assert first not in processes()


def test_a_process_that_ended_while_it_waited_is_replaced() -> None:
    first = only()
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, os.WNOHANG)
    comes(lambda: not pool._pool._idle[0].lives())
    assert only() != first


def test_a_server_that_stops_ends_what_decodes_and_says_so() -> None:
    os.kill(only(), signal.SIGSTOP)
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(read_upload, SMALL)
        comes(lambda: pool._pool._busy)
        pool.close()
        with pytest.raises(Busy) as refused:
            waiting.result()
    assert refused.value.status == 503
    assert refused.value.retry_after_s
    assert processes() == []


def test_a_server_that_stops_while_a_process_is_chosen_starts_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    os.kill(only(), signal.SIGSTOP)
    lives, asked = pool.Process.lives, threading.Event()

    def lives_after_a_while(process: pool.Process) -> bool:
        asked.set()
        threading.Event().wait(0.2)
        return lives(process)

    monkeypatch.setattr(pool.Process, "lives", lives_after_a_while)
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(read_upload, SMALL)
        assert asked.wait(10)
        pool.close()
        with pytest.raises(Busy):
            waiting.result()
    assert processes() == []


@pytest.mark.skipif(
    sys.platform != "linux", reason="other systems do not hold a process to its address space"
)
def test_memory_is_bounded_in_the_process() -> None:
    pixels = np.zeros((1500, 1500, 3), np.uint16)
    with pytest.raises(Problem, match="more memory") as refused:
        read_upload(png16(pixels), None, Limits(decode_bytes=28_000_000))
    assert refused.value.status == 413
    assert read_upload(png16(pixels)).pixels.shape == (3, 1500, 1500)


def test_a_process_knows_no_secret_and_no_setting() -> None:
    known = {"PATH": "/bin", "PYTHONHASHSEED": "1", "LD_LIBRARY_PATH": "/lib"}
    secret = {"CONVSCOPE_TOKEN": "s", "AWS_SECRET_ACCESS_KEY": "s", "CONVSCOPE_UPLOADS": "redis://:s@host/0"}
    passed = environment_of({**known, **secret})
    assert known.items() <= passed.items()
    assert "s" not in passed.values()
    assert not any("redis" in value for value in passed.values())


@pytest.mark.skipif(sys.platform != "linux", reason="what a process may do is read from /proc")
def test_a_process_writes_no_file_and_holds_no_socket() -> None:
    held = Path(f"/proc/{only()}")
    limits = {line[:26].strip(): line[26:].split()[0] for line in (held / "limits").read_text().splitlines()}
    assert limits["Max file size"] == "0"
    assert limits["Max core file size"] == "0"
    assert limits["Max address space"] != "unlimited"
    opened = [os.readlink(file) for file in (held / "fd").iterdir()]
    assert not any("socket" in name for name in opened)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_is_not_ended_by_the_signals_that_its_server_gets(number: signal.Signals) -> None:
    first = only()
    os.kill(first, number)
    assert only() == first


def test_a_process_ends_when_its_server_is_killed() -> None:
    code = (
        "import os, sys, time\n"
        "from app.images.read import pool\n"
        "pool.read_upload(sys.stdin.buffer.read())\n"
        "print(*pool._pool.processes(), flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(SMALL)
        server.stdin.close()
        pid = int(server.stdout.readline())
        server.kill()
    comes(lambda: not runs(pid))


def test_the_deadline_holds_without_a_server() -> None:
    """A process in the middle of a picture when its server is killed ends by itself, by an alarm of its own."""
    process = pool.Process()
    try:
        head = json.dumps({"declared": None, "limits": {"decode_s": -1}}).encode()
        assert process._popen.stdin is not None
        # The picture does not come: it waits for it with its alarm set for a second from now.
        process._popen.stdin.write(REQUEST.pack(len(head), 9) + head)
        process._popen.stdin.flush()
        assert process._popen.wait(60) == -signal.SIGALRM
    finally:
        process.end()


ODD = [
    {"shape": [3, 2, 2], "dtype": "object", "mode": "", "notes": []},
    {"shape": [3, 2**30, 2**30], "dtype": "uint8", "mode": "", "notes": []},
    {"shape": [1, 0, 2], "dtype": "uint8", "mode": "", "notes": []},
    {"shape": [3, 2], "dtype": "uint8", "mode": "", "notes": []},
    {"shape": "x", "dtype": "uint8", "mode": "", "notes": []},
    {"shape": [3, 2, 2], "dtype": "uint8", "mode": "", "notes": []},
    {"problem": {"code": "x"}},
    [],
]


@pytest.mark.parametrize("answer", ODD)
def test_an_answer_that_makes_no_sense_is_not_believed(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture may have taken its process over."""
    words = json.dumps(answer).encode()
    answered = b"\n" + ANSWER.pack(len(words)) + words
    script = f"import sys; sys.stdout.buffer.write({answered!r})"
    started = subprocess.Popen

    def other(command: list[str], **options: Any) -> Any:
        return started([sys.executable, "-c", f"{script}; sys.stdout.flush(); sys.stdin.read()"], **options)

    monkeypatch.setattr(subprocess, "Popen", other)
    with pytest.raises((Unfit, TooLarge)):
        read_upload(SMALL, None, Limits(decode_s=5))


def test_a_process_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(Busy):
        read_upload(SMALL)
    monkeypatch.setattr(sys, "executable", "/nowhere")
    with pytest.raises(Busy):
        read_upload(SMALL)
    monkeypatch.undo()
    assert read_upload(SMALL).pixels.shape[0] == 3


def test_what_needs_no_decoding_never_waits_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(Settings(uploads=tmp_path, threads=1, decode_s=300))
    decode_there = pool.Process.decode

    def stand_still(process: pool.Process, *asked: Any) -> Any:
        os.kill(process.pid, signal.SIGSTOP)
        return decode_there(process, *asked)

    with TestClient(app, base_url="http://localhost") as client, ThreadPoolExecutor() as threads:

        def post(data: bytes, kind: str = "image/png") -> Any:
            return client.post("/api/v1/images", content=data, headers={"Content-Type": kind})

        kept = post(SMALL).json()["id"]
        monkeypatch.setattr(pool.Process, "decode", stand_still)
        stuck = [threads.submit(post, SMALL) for _ in range(4)]  # more than there are decoding threads
        try:
            comes(lambda: len(pool._pool._busy) == 2)
            for source in (
                {"kind": "sample", "name": "scene", "size": 32},
                {"kind": "noise", "shape": [3, 28, 28]},
                {"kind": "values", "values": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]},
                {"kind": "image", "id": kept},
            ):
                assert client.post("/api/v1/run", json=run_body(source=source)).status_code == 200
            assert post(npy_bytes(np.zeros((1, 4, 4))), "application/x-npy").status_code == 201
            assert client.get(f"/api/v1/images/{kept}").status_code == 200
            assert not any(one.done() for one in stuck)
        finally:
            monkeypatch.setattr(pool.Process, "decode", decode_there)
            while not all(one.done() for one in stuck):
                for pid in processes():
                    os.kill(pid, signal.SIGCONT)
                time.sleep(0.05)
        assert [one.result().status_code for one in stuck] == [201] * 4


def test_a_slow_picture_is_refused_in_the_one_shape_and_paid_for(tmp_path: Path) -> None:
    app = create_app(Settings(uploads=tmp_path, decode_s=2, client_rate=1, client_burst=100_000))
    with TestClient(app, base_url="http://localhost", client=("10.0.0.1", 1)) as client:
        headers = {"Content-Type": "image/png"}
        assert client.post("/api/v1/images", content=SMALL, headers=headers).status_code == 201
        held = app.state.services.admission.buckets._held
        before, _ = held["10.0.0.1"]
        for pid in processes():
            os.kill(pid, signal.SIGSTOP)
        answer = client.post("/api/v1/images", content=SMALL, headers=headers)
        assert_problem(answer, 413, "too_large", "image")
        after, _ = held["10.0.0.1"]
        assert before - after > 900, "a second of decoding costs a thousand units; one comes back each second"


@pytest.mark.skipif(sys.platform != "linux", reason="the processes of a server are found in /proc")
@pytest.mark.parametrize(("workers", "busy"), [(1, False), (2, True)])
def test_a_server_that_is_told_to_stop_leaves_no_process(tmp_path: Path, workers: int, busy: bool) -> None:
    environment = {**os.environ, "CONVSCOPE_UPLOADS": str(tmp_path / "uploads"), "CONVSCOPE_DRAIN_S": "2"}
    command = [sys.executable, "-m", "app", "serve", "--port", "0", "--workers", str(workers)]
    headers = {"Content-Type": "image/png"}
    with (
        ThreadPoolExecutor() as threads,
        running_server(command, cwd=ROOT, log=tmp_path / "server.log", env=environment) as server,
    ):
        assert server.answer("/api/v1/images", SMALL, headers)[0] == 201
        decoders = decoders_below(server.process.pid)
        assert decoders
        if busy:  # whichever worker takes the picture: its process stands still, or is new
            for pid in decoders:
                os.kill(pid, signal.SIGSTOP)
            asked = [threads.submit(ended, server, SMALL, headers) for _ in range(4)]
            comes(lambda: decoders_below(server.process.pid))
        server.process.terminate()
        server.process.wait(60)
        comes(lambda: not any(runs(pid) for pid in decoders))
        if busy:
            assert all(one.result() in (201, 503, 500, 0) for one in asked)


def ended(server: Server, body: bytes, headers: dict[str, str]) -> int:
    """The status of a request, or 0 when the connection ended instead."""
    try:
        return server.answer("/api/v1/images", body, headers)[0]
    except OSError:
        return 0


def decoders_below(pid: int) -> list[int]:
    """The processes that decode for a server or its workers."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found, below = [], [pid]
    while below:
        one = below.pop()
        below += children.get(one, [])
        with suppress(OSError):
            if b"images.read.worker" in Path(f"/proc/{one}/cmdline").read_bytes():
                found.append(one)
    return found


def comes(true: Any) -> None:
    """Wait until something is so."""
    for _ in range(6000):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it does not come")


def runs(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
