"""Settings come from CONVSCOPE_* variables, and the command line says what it cannot do."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import _listen
from app.settings import Settings

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
