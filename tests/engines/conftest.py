"""A server and a browser of another engine for the tests of this folder; ``engine`` is Firefox, then WebKitGTK."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engines.driver import Engine, firefox, webkit
from tests.serving import Server, running_server

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
ENGINES: dict[str, Callable[[], contextlib.AbstractContextManager[Engine]]] = {
    "firefox": firefox,
    "webkit": webkit,
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder runs in a browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("engines")
    environment = {**os.environ, "CONVSCOPE_UPLOADS": str(folder / "uploads")}
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    with running_server(command, cwd=ROOT, log=folder / "server.log", env=environment) as started:
        yield started


@pytest.fixture(scope="session", params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with ENGINES[request.param]() as started:
        yield started
