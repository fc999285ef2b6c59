"""The wheel is complete: installed where nothing of the checkout can be seen, it serves the page and the API."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.serving import running_server

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("app", "static", "templates", "tests")
FILES = ("pyproject.toml", "README.md", "LICENSE", "constraints.txt", "constraints-dev.txt")

pytestmark = [pytest.mark.wheel, pytest.mark.timeout(300)]


def call(command: Sequence[str], cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is built, so that building leaves nothing behind in the checkout."""
    copy = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__", "node_modules", ".*")
    for name in SOURCES:
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, copy)
    return copy


@pytest.fixture(scope="module")
def wheel_by_way_of_sdist(checkout: Path) -> Path:
    call([sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist", "."], checkout)
    assert len(list(checkout.glob("dist/*.tar.gz"))) == 1
    (wheel,) = checkout.glob("dist/*.whl")
    return wheel


@pytest.fixture(scope="module")
def command(wheel_by_way_of_sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``convscope`` command in an environment that holds the wheel and what it runs on."""
    home = tmp_path_factory.mktemp("environment")
    pins = ["--constraint", str(ROOT / "constraints.txt"), str(wheel_by_way_of_sdist)]
    if uv := shutil.which("uv"):
        call([uv, "venv", "--quiet", "--python", sys.executable, str(home / "venv")], home)
        python = home / "venv" / "bin" / "python"
        call([uv, "pip", "install", "--quiet", "--python", str(python), *pins], home)
    else:
        call([sys.executable, "-m", "venv", str(home / "venv")], home)
        python = home / "venv" / "bin" / "python"
        call([str(python), "-m", "pip", "install", "--quiet", *pins], home)
    return home / "venv" / "bin" / "convscope"


def test_the_sdist_builds_the_same_wheel_as_the_checkout(wheel_by_way_of_sdist: Path, checkout: Path) -> None:
    call([sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", "direct", "."], checkout)
    (direct,) = checkout.glob("direct/*.whl")
    assert names_in(direct) == names_in(wheel_by_way_of_sdist)


def test_the_wheel_holds_the_package_and_its_page_and_nothing_else(
    wheel_by_way_of_sdist: Path, checkout: Path
) -> None:
    names = names_in(wheel_by_way_of_sdist)
    metadata = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    expected = {
        f"{target}/{path.relative_to(checkout / source).as_posix()}"
        for source, target in {
            "app": "convscope",
            "static": "convscope/static",
            "templates": "convscope/templates",
        }.items()
        for path in (checkout / source).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names - metadata == expected
    assert any(name.endswith("/licenses/LICENSE") for name in metadata)


def test_the_installed_command_serves_the_page_and_plans_a_layer(command: Path, tmp_path: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "CONVSCOPE_", "VIRTUAL"))
    }
    environment["CONVSCOPE_UPLOADS"] = str(tmp_path / "uploads")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    serve = [str(command), "serve", "--port", "0"]
    with running_server(serve, cwd=elsewhere, log=tmp_path / "server.log", env=environment) as server:
        status, page, headers = server.fetch("/")
        assert status == 200
        assert headers["content-type"].startswith("text/html")
        assert b"Convscope" in page
        body = {
            "layers": [{"operation": "convolution", "kernel": 3, "stride": 2, "padding": 1, "filters": 64}],
            "input_shape": [3, 6, 6],
        }
        status, answer, _ = server.fetch(
            "/api/v1/plan", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        assert status == 200
        assert json.loads(answer)["layers"][0]["output_shape"] == [64, 3, 3]
    assert list(elsewhere.iterdir()) == []


def test_the_installed_package_shows_layers_in_a_notebook(command: Path, tmp_path: Path) -> None:
    """As the README has it, from the wheel alone."""
    readme = (ROOT / "README.md").read_text()
    (program,) = re.findall(r"```python\n(import convscope\n.*?)```", readme, re.DOTALL)
    shown = "print(result._repr_html_()[:64], result.output.shape)"
    python = command.with_name("python")
    told = call([str(python), "-c", f"{program}\n{shown}"], tmp_path)
    assert told.startswith('<figure style="margin:0"><img src="data:image/svg+xml;base64,')
    assert told.endswith("(2, 3, 3)\n")


def test_the_installed_package_knows_its_version(command: Path, tmp_path: Path) -> None:
    python = command.with_name("python")
    program = (
        "import importlib.metadata as m, convscope; print(m.version('convscope') == convscope.__version__)"
    )
    assert call([str(python), "-c", program], tmp_path).strip() == "True"
