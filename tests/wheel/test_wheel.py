"""The wheel is complete: installed where nothing of the checkout can be seen, it serves the page and the API."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.building import can_build
from tests.services import lacking
from tests.serving import running_server

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("app", "static", "templates", "tests", "tools")
FILES = (
    *("pyproject.toml", "hatch_build.py", "package.json", "README.md", "LICENSE"),
    *("constraints.txt", "constraints-dev.txt"),
)

pytestmark = [pytest.mark.wheel, pytest.mark.long, pytest.mark.timeout(300)]


def call(command: Sequence[str], cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def contents_of(wheel: Path) -> dict[str, int]:
    """The files of a wheel, with the checksum of each."""
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info.CRC for info in archive.infolist()}


def copy_of_checkout(copy: Path) -> Path:
    """A copy of what is built, so that building leaves nothing behind in the checkout."""
    ignored = shutil.ignore_patterns("__pycache__", "node_modules", ".*")
    for name in SOURCES:
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, copy)
    return copy


def distributed(checkout: Path) -> tuple[Path, Path]:
    """A source distribution, and the wheel that is made from it."""
    call([sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist", "."], checkout)
    (sdist,) = checkout.glob("dist/*.tar.gz")
    (wheel,) = checkout.glob("dist/*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout without Node's tools."""
    return copy_of_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def wheel_as_written(checkout: Path) -> Path:
    return distributed(checkout)[1]


@pytest.fixture(scope="module")
def equipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which npm has installed what package.json names."""
    if not can_build():
        lacking("esbuild is not here; npm install --ignore-scripts brings it.")
    checkout = copy_of_checkout(tmp_path_factory.mktemp("equipped"))
    (checkout / "node_modules").symlink_to(ROOT / "node_modules")
    return checkout


@pytest.fixture(scope="module")
def sdist_and_wheel(equipped: Path) -> tuple[Path, Path]:
    return distributed(equipped)


@pytest.fixture(scope="module", params=["written", "built"])
def form(request: pytest.FixtureRequest) -> str:
    """The form in which the wheel carries the page."""
    given: str = request.param
    return given


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds what the package runs on."""
    home = tmp_path_factory.mktemp("environment")
    pins = ["--requirement", str(ROOT / "constraints.txt")]
    python = home / "venv" / "bin" / "python"
    if uv := shutil.which("uv"):
        call([uv, "venv", "--quiet", "--python", sys.executable, str(home / "venv")], home)
        call([uv, "pip", "install", "--quiet", "--python", str(python), *pins], home)
    else:
        call([sys.executable, "-m", "venv", str(home / "venv")], home)
        call([str(python), "-m", "pip", "install", "--quiet", *pins], home)
    return python


@pytest.fixture(scope="module")
def command(form: str, python: Path, request: pytest.FixtureRequest) -> Path:
    """The ``convscope`` command of the wheel, installed in the place of another."""
    if form == "built":
        _, wheel = request.getfixturevalue("sdist_and_wheel")
    else:
        wheel = request.getfixturevalue("wheel_as_written")
    anew = ["install", "--quiet", "--no-deps", str(wheel)]
    if uv := shutil.which("uv"):
        call([uv, "pip", *anew, "--python", str(python), "--reinstall"], python.parent)
    else:
        call([str(python), "-m", "pip", *anew, "--force-reinstall"], python.parent)
    call([sys.executable, "-m", "pip", "--python", str(python), "check"], python.parent)
    return python.with_name("convscope")


@pytest.mark.parametrize("form", ["written", "built"])
def test_the_sdist_builds_the_same_wheel_as_the_checkout(form: str, request: pytest.FixtureRequest) -> None:
    if form == "built":
        _, wheel = request.getfixturevalue("sdist_and_wheel")
        checkout = request.getfixturevalue("equipped")
    else:
        wheel, checkout = request.getfixturevalue("wheel_as_written"), request.getfixturevalue("checkout")
    call([sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", "direct", "."], checkout)
    (direct,) = checkout.glob("direct/*.whl")
    assert contents_of(direct) == contents_of(wheel)


def expected_in_wheel(checkout: Path, page: str) -> set[str]:
    return {
        f"{target}/{path.relative_to(checkout / source).as_posix()}"
        for source, target in {
            "app": "convscope",
            page: f"convscope/{page}",
            "templates": "convscope/templates",
        }.items()
        for path in (checkout / source).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_package_and_its_page_and_nothing_else(
    wheel_as_written: Path, checkout: Path
) -> None:
    names = set(contents_of(wheel_as_written))
    metadata = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    assert names - metadata == expected_in_wheel(checkout, "static")
    assert any(name.endswith("/licenses/LICENSE") for name in metadata)


def test_where_esbuild_is_the_wheel_holds_the_built_page_and_not_its_modules(
    sdist_and_wheel: tuple[Path, Path], equipped: Path
) -> None:
    sdist, wheel = sdist_and_wheel
    names = {name for name in contents_of(wheel) if ".dist-info/" not in name}
    assert names == expected_in_wheel(equipped, "built")
    assert {"convscope/built/js/main.js.br", "convscope/built/js/main.js.map"} <= names
    with tarfile.open(sdist) as archive:
        carried = {name.partition("/")[2] for name in archive.getnames()}
    assert {"built/manifest.json", "static/js/main.js", "hatch_build.py", "tools/build.js"} <= carried


def test_a_wheel_without_esbuild_takes_no_build_of_other_modules(equipped: Path, tmp_path: Path) -> None:
    checkout = copy_of_checkout(tmp_path)
    call(["node", "tools/build.js"], equipped)
    shutil.copytree(equipped / "built", checkout / "built")
    words = checkout / "static" / "js" / "ui" / "dom.js"
    words.write_text(words.read_text() + "// edited\n")
    call([sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", "dist", "."], checkout)
    (wheel,) = checkout.glob("dist/*.whl")
    names = contents_of(wheel)
    assert "convscope/static/js/ui/dom.js" in names
    assert not [name for name in names if name.startswith("convscope/built/")]


def test_a_page_that_cannot_be_built_makes_no_wheel(equipped: Path, tmp_path: Path) -> None:
    checkout = copy_of_checkout(tmp_path)
    (checkout / "node_modules").symlink_to(equipped / "node_modules")
    (checkout / "static" / "js" / "ui" / "dom.js").write_text("export const = ;\n")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", "dist", "."]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
    assert done.returncode != 0
    assert "static/js/ui/dom.js:1" in done.stdout + done.stderr
    assert not list(checkout.glob("dist/*.whl"))


def test_the_installed_command_serves_the_page_and_plans_a_layer(
    command: Path, form: str, tmp_path: Path
) -> None:
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
        scripts = re.findall(rb'<script type="module" src="/?([^"]+)"', page)
        assert any(script.endswith(b"js/main.js") for script in scripts)
        for script in scripts:
            assert (b"/written/" in script) == (form == "written")
            status, _, headers = server.fetch(f"/{script.decode()}", headers={"Accept-Encoding": "br"})
            assert (status, headers["content-encoding"]) == (200, "br")
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
    printed = call([str(python), "-c", f"{program}\n{shown}"], tmp_path)
    assert printed.startswith('<figure style="margin:0"><img src="data:image/svg+xml;base64,')
    assert printed.endswith("(2, 3, 3)\n")


def test_the_installed_package_knows_its_version(command: Path, tmp_path: Path) -> None:
    python = command.with_name("python")
    program = (
        "import importlib.metadata as m, convscope; print(m.version('convscope') == convscope.__version__)"
    )
    assert call([str(python), "-c", program], tmp_path).strip() == "True"
