"""An application with a store of its own, and a real server of it for what needs a socket."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings

from ..serving import Server, running_server

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The application in this process, under its default limits."""
    settings = Settings(uploads=tmp_path_factory.mktemp("uploads"))
    with TestClient(create_app(settings), raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application as ``./run`` starts it, on a free port."""
    folder = tmp_path_factory.mktemp("server")
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    environment = {**os.environ, "CONVSCOPE_UPLOADS": str(folder / "uploads")}
    with running_server(command, cwd=ROOT, log=folder / "log", env=environment) as running:
        yield running
