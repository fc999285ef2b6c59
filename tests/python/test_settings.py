"""Settings come from CONVSCOPE_* variables, and the command line says what it cannot do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import _listen
from app.settings import Settings

from ..services import free_port
from ..serving import Server, running_server

ROOT = Path(__file__).parents[2]


def test_variables_set_the_limits() -> None:
    settings = Settings.from_environment({"CONVSCOPE_UPLOAD_BYTES": "5", "CONVSCOPE_UPLOADS": "/tmp/there"})
    assert settings.upload_bytes == 5
    assert settings.uploads == Path("/tmp/there")
    assert settings.image_limits().upload_bytes == 5


@pytest.mark.parametrize("text", ["", "many", "-1", "1.5"])
def test_a_limit_that_is_no_whole_number_is_refused_by_name(text: str) -> None:
    with pytest.raises(SystemExit, match="CONVSCOPE_WORK"):
        Settings.from_environment({"CONVSCOPE_WORK": text})


MISSPELT = {
    "CONVSCOPE_TOKN": "CONVSCOPE_TOKEN",
    "CONVSCOPE_TOKEN_": "CONVSCOPE_TOKEN",
    "CONVSCOPE-TOKEN": "CONVSCOPE_TOKEN",
    "CONVSCOPETOKEN": "CONVSCOPE_TOKEN",
    "Convscope_Token": "CONVSCOPE_TOKEN",
    "convscope_token": "CONVSCOPE_TOKEN",
    "CONVOSCOPE_TOKEN": "CONVSCOPE_TOKEN",
    "CONVSCOP_TOKEN": "CONVSCOPE_TOKEN",
    "CONSCOPE_TOKEN": "CONVSCOPE_TOKEN",
    "CONVSCOPE_PROXY": "CONVSCOPE_PROXIES",
    "CONVSCOPE_UPLOAD": "CONVSCOPE_UPLOADS",
    "CONVSCOPE_CORS_ORIGIN": "CONVSCOPE_CORS_ORIGINS",
    "CONVSCOPE_DRAIN": "CONVSCOPE_DRAIN_S",
    "CONVSCOPE_INSIDE_PORTS": "CONVSCOPE_INSIDE_PORT",
}


@pytest.mark.parametrize(("name", "meant"), MISSPELT.items())
def test_a_setting_that_is_misspelt_is_refused_with_the_nearest_one(name: str, meant: str) -> None:
    with pytest.raises(SystemExit, match=meant) as refused:
        Settings.from_environment({name: "a-secret-value-7"})
    assert name in str(refused.value)
    assert "a-secret-value-7" not in str(refused.value), "it may have been meant as the token"


def test_what_is_set_for_others_is_no_setting() -> None:
    """The tools of the checkout, what Kubernetes tells of services whose names begin like ours, and other programs."""
    others = {
        "CONVSCOPE_PYTHON": "python3",
        "CONVSCOPE_CHROMIUM": "chromium",
        "CONVSCOPE_PORT": "tcp://10.96.0.7:80",
        "CONVSCOPE_PORT_80_TCP": "tcp://10.96.0.7:80",
        "CONVSCOPE_PORT_80_TCP_ADDR": "10.96.0.7",
        "CONVSCOPE_SERVICE_HOST": "10.96.0.7",
        "CONVSCOPE_SERVICE_PORT_HTTP": "80",
        "CONVSCOPE_REDIS_PORT": "tcp://10.96.0.8:6379",
        "CONVSCOPE_REDIS_SERVICE_PORT_REDIS": "6379",
        "TOKEN": "x",
        "OSCILLOSCOPE_TOKEN": "x",
        "CONVERT_TOKEN": "x",
        "PATH": "/bin",
    }
    assert Settings.from_environment(others).token == ""
    with pytest.raises(SystemExit, match="CONVSCOPE_PORT"):
        Settings.from_environment({"CONVSCOPE_PORT": "9000"})


def test_a_port_of_the_inside_is_a_port() -> None:
    assert Settings.from_environment({"CONVSCOPE_INSIDE_PORT": "9100"}).inside_port == 9100
    with pytest.raises(SystemExit, match="no port"):
        Settings.from_environment({"CONVSCOPE_INSIDE_PORT": "70000"})


@pytest.mark.parametrize(
    ("changes", "said", "not_said"),
    [
        ({}, "open to everyone who reaches it", "asks for a token"),
        ({"CONVSCOPE_TOKEN": "of-the-class-7b"}, "asks for a token", "open to everyone"),
        ({"CONVSCOPE_PROXIES": "10.0.0.0/8"}, "16,777,216 addresses", "asks for a token"),
        ({"CONVSCOPE_PROXIES": "10.0.0.0/24,10.0.0.7"}, "open to everyone", "addresses may say"),
    ],
)
def test_a_server_says_at_its_start_who_may_use_it(
    tmp_path: Path, changes: dict[str, str], said: str, not_said: str
) -> None:
    environment = {**os.environ, "CONVSCOPE_UPLOADS": str(tmp_path / "uploads"), **changes}
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    with running_server(command, cwd=ROOT, log=tmp_path / "log", env=environment) as server:
        printed = server.printed()
    assert said in printed
    assert not_said not in printed
    assert "of-the-class" not in printed


def test_workers_answer_at_the_port_of_the_inside_as_well(tmp_path: Path) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "CONVSCOPE_UPLOADS": str(tmp_path / "uploads"),
        "CONVSCOPE_INSIDE_PORT": str(port),
    }
    command = [sys.executable, "-m", "app", "serve", "--port", "0", "--workers", "2"]
    with running_server(command, cwd=ROOT, log=tmp_path / "log", env=environment) as server:
        inside = Server(f"http://127.0.0.1:{port}", server.log, server.process)
        assert [inside.answer(path)[0] for path in ("/metrics", "/readyz", "/healthz", "/")] == [200] * 3 + [
            404
        ]
        assert [server.answer(path)[0] for path in ("/metrics", "/readyz", "/healthz", "/")] == [404] * 2 + [
            200
        ] * 2


def serve(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", "serve", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_answers_wait_for_no_acknowledgement() -> None:
    """asyncio turns Nagle's algorithm off on sockets that say that they are TCP, and on no others."""
    with _listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP


def test_a_port_in_use_is_told_with_a_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = serve("--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "cannot listen on" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "options", [("--port", "http"), ("--port", "70000"), ("--workers", "0"), ("--hots", "x")]
)
def test_an_option_that_makes_no_sense_is_refused(options: tuple[str, ...]) -> None:
    done = serve(*options)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
