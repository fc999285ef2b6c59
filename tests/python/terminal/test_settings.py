"""Settings come from CONVSCOPE_* variables, and the command line says what it cannot do."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.settings import MAY_BE_ZERO, Settings
from app.terminal.cli import _listen, _not_listening, _url_of

from ...services import free_port
from ...serving import Server, running_server

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]


def test_variables_set_the_limits() -> None:
    settings = Settings.from_environment({"CONVSCOPE_UPLOAD_BYTES": "5", "CONVSCOPE_UPLOADS": "/tmp/there"})
    assert settings.upload_bytes == 5
    assert settings.uploads == Path("/tmp/there")
    assert settings.image_limits().upload_bytes == 5


@pytest.mark.parametrize("text", ["many", "-1", "1.5", "0"])
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


def has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


# Each start tries a host as well: a server takes seconds to start.
@pytest.mark.parametrize(
    ("host", "changes", "said", "not_said"),
    [
        ("0.0.0.0", {}, "open to everyone who reaches it", "asks for a token"),
        ("", {"CONVSCOPE_TOKEN": "of-the-class-7b"}, "asks for a token", "open to everyone"),
        ("localhost", {"CONVSCOPE_PROXIES": "10.0.0.0/8"}, "16,777,216 addresses", "asks for a token"),
        (
            "[::1]" if has_ipv6() else "127.0.0.1",
            {"CONVSCOPE_PROXIES": "10.0.0.0/24,10.0.0.7"},
            "open to everyone",
            "addresses may say",
        ),
    ],
)
def test_a_server_says_at_its_start_who_may_use_it(
    tmp_path: Path, host: str, changes: dict[str, str], said: str, not_said: str
) -> None:
    environment = {**os.environ, "CONVSCOPE_UPLOADS": str(tmp_path / "uploads"), **changes}
    command = [sys.executable, "-m", "app", "serve", "--host", host, "--port", "0"]
    with running_server(command, cwd=ROOT, log=tmp_path / "log", env=environment) as server:
        assert "0.0.0.0" not in server.url  # which opens on some systems only
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


@pytest.mark.parametrize("item", dataclasses.fields(Settings), ids=lambda item: item.name)
@pytest.mark.parametrize("text", ["", "  "])
def test_a_variable_that_is_set_to_nothing_counts_as_left_out(
    item: dataclasses.Field[object], text: str
) -> None:
    home = {"HOME": "/home/somebody"}
    read = Settings.from_environment({**home, f"CONVSCOPE_{item.name.upper()}": text})
    assert read == Settings.from_environment(home)


def numbers() -> list[str]:
    return [item.name for item in dataclasses.fields(Settings) if item.type == "int"]


@pytest.mark.parametrize("name", numbers())
def test_a_zero_is_taken_where_it_means_something_and_refused_where_it_refuses_everything(name: str) -> None:
    environment = {"HOME": "/home/somebody", f"CONVSCOPE_{name.upper()}": "0"}
    if name in MAY_BE_ZERO:
        assert getattr(Settings.from_environment(environment), name) == 0
    else:
        with pytest.raises(SystemExit, match=f"CONVSCOPE_{name.upper()} = 0: .*Use 1 or more"):
            Settings.from_environment(environment)


def test_what_may_be_zero_is_a_number_of_the_settings() -> None:
    assert set(numbers()) >= MAY_BE_ZERO


def test_a_directory_below_the_home_may_be_written_as_in_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    chosen = Settings.from_environment({"CONVSCOPE_UPLOADS": "~/uploads"})
    assert chosen.uploads == Path("/home/somebody/uploads")


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


HOSTS = ["127.0.0.1", "0.0.0.0", "localhost", ""] + (["::1", "::"] if has_ipv6() else [])


@pytest.mark.parametrize("host", HOSTS)
def test_the_address_that_is_printed_can_be_opened(host: str) -> None:
    with _listen(host, 0) as listener:
        address = urlsplit(_url_of(listener))
        assert address.hostname not in ("0.0.0.0", "::")  # which open on some systems only
        with socket.create_connection((address.hostname, address.port)):
            pass


def test_all_addresses_are_those_of_both_kinds() -> None:
    if not has_ipv6():
        assert "Use a --host" in serve("--host", "::", "--port", "0").stderr
        return
    with _listen("::", 0) as listener:
        assert _url_of(listener).startswith("http://[::1]:")
        with socket.create_connection(("127.0.0.1", listener.getsockname()[1])):
            pass


@pytest.mark.parametrize("host", ["127.0.0.1:9", "nowhere.invalid", "192.0.2.1"])
def test_a_host_that_is_none_of_this_machine_is_told_so(host: str) -> None:
    done = serve("--host", host, "--port", "0")
    assert done.returncode == 1
    assert "Use a --host" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EADDRINUSE, "another --port"),
        (errno.EACCES, "a --port from 1024 on"),
        (errno.EADDRNOTAVAIL, "a --host"),
        (errno.EAFNOSUPPORT, "a --host"),
    ],
)
def test_the_remedy_names_what_is_at_fault(number: int, remedy: str) -> None:
    assert f"Use {remedy}" in _not_listening("::1", 80, OSError(number, "no"))


def test_counts_of_workers_that_are_to_be_kept_nowhere_are_not_written_here(tmp_path: Path) -> None:
    """prometheus_client takes its variable for set when it is set to nothing."""
    environment = {
        **os.environ,
        "PROMETHEUS_MULTIPROC_DIR": "",
        "CONVSCOPE_UPLOADS": str(tmp_path / "uploads"),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    (tmp_path / "here").mkdir()
    with running_server(command, cwd=tmp_path / "here", log=tmp_path / "log", env=environment) as server:
        assert b"convscope_info" in server.fetch("/metrics")[1]
    assert list((tmp_path / "here").iterdir()) == []
