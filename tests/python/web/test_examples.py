"""The examples of the API's page, run as the page shows them, against the server that shows them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import numpy as np

from app.web.routes.pages import EXAMPLE_HOME

from ...services import lacking
from ...serving import Server


def shown(server: Server, title: str) -> str:
    _, page, _ = server.fetch("/api")
    found = re.search(rf'data-example="{title}"[^>]*>(.*?)</code>', page.decode(), re.DOTALL)
    assert found is not None
    assert EXAMPLE_HOME in found[1]
    return unescape(found[1]).replace(EXAMPLE_HOME, server.url)  # as the page does, see test_trying.py


def answered(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def needed(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        lacking(f"{name} is not here.")
    assert found is not None
    return found


def test_the_curl_example(server: Server, tmp_path: Path) -> None:
    needed("curl")
    answered([needed("bash"), "-c", shown(server, "curl")], tmp_path)
    assert np.load(tmp_path / "output.npy").shape == (2, 9, 9)


def test_the_python_example(server: Server, tmp_path: Path) -> None:
    assert answered([sys.executable, "-c", shown(server, "Python")], tmp_path) == "(1, 3, 3) 5.0\n"


def test_the_javascript_example(server: Server, tmp_path: Path) -> None:
    (tmp_path / "example.mjs").write_text(shown(server, "JavaScript"))
    assert answered([needed("node"), "example.mjs"], tmp_path) == "1×56×56\n"
