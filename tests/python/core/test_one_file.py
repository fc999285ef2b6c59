"""An operation is one file and a combine two, with no other edit; what is put there wrongly is refused by its file."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

OPERATION = '''
"""A throw-away operation of the existing rules."""

from typing import Literal

import numpy as np

from app.core.frameworks.arguments import PYTORCH_MAX_POOL
from app.core.frameworks.framework import Framework, layers
from app.core.lowering.reduction import separable
from app.core.operation import Operation
from app.core.spec import PoolSpec
from app.core.frameworks.writing import Writing


class PeakPoolingSpec(PoolSpec):
    """The largest value of a window."""

    operation: Literal["peak_pooling"]


OPERATION = Operation(
    name="peak_pooling", title="Peak pooling", family="pooling", summary="A test.", spec=PeakPoolingSpec,
    geometry="sliding_window", combine="max", channels="each",
    kernel=lambda part, rows: separable(part, rows, np.maximum),
    frameworks={"pytorch": Framework(
        layers("torch.nn.PeakPool{}d"), writings=(Writing(("torch.nn.PeakPool{}d",), PYTORCH_MAX_POOL),)
    )},
)
'''

USE = """
import json, sys
import app.operations
app.operations.__path__.append(sys.argv[1])
from starlette.testclient import TestClient
from app.main import create_app
from tests.golden.cases import draw
client = TestClient(create_app())
assert "peak_pooling" in [one["name"] for one in client.get("/api/v1/operations").json()["operations"]]
assert "Peak pooling" in client.get("/").text and "Peak pooling" in client.get("/handbook").text
body = {"layers": [{"operation": "peak_pooling"}], "source": {"kind": "values", "values": [[1, 2], [4, 3]]}}
assert client.post("/api/v1/run", json=body).json()["output"] == [[[4.0]]]
lines = client.post("/api/v1/frames", json=body, headers={"Accept": "application/x-ndjson"}).text.splitlines()
assert json.loads(lines[1])["values"] == [[4.0]]
code = client.post("/api/v1/code", json={**body, "target": "numpy"}).json()["code"]
exec(compile(code, "snippet", "exec"), {})
code = client.post("/api/v1/code", json={**body, "target": "pytorch"}).json()["code"]
assert "layer = nn.PeakPool2d(2)" in code
assert client.post("/api/v1/read", json={"text": code}).json()["layers"][0]["operation"] == "peak_pooling"
with open(sys.argv[2], "w") as file:
    json.dump(draw(app.operations.registry()["peak_pooling"], 200, 1), file)
"""


def test_an_operation_is_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "operations"
    folder.mkdir()
    (folder / "peak_pooling.py").write_text(OPERATION, encoding="utf-8")
    cases = tmp_path / "cases.json"
    command = [sys.executable, "-W", "error", "-c", USE, str(folder), str(cases)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    assert cases.stat().st_size > 10_000


COMBINE = '''
"""The sum of the squares of the window's cells."""

from .combine import Combine, Effort, Words

COMBINE = Combine(
    name="squares", fill=0.0, term="power", reduce="sum",
    words=Words(made="energy", sign="energy →", opening="(", closing=")"), effort=Effort(read=5),
)
'''

ENERGY = '''
"""Energy pooling: the sum of the squares under a window."""

from typing import Literal

import numpy as np

from ..core.combines.combine import Constants
from ..core.lowering.reduction import separable
from ..core.operation import Operation
from ..core.spec import PoolSpec


class EnergyPoolingSpec(PoolSpec):
    """The sum of squares."""

    operation: Literal["energy_pooling"]


def kernel(part, rows):
    return separable(part, rows, np.add, lambda cells, out: np.multiply(cells, cells, out=out))


OPERATION = Operation(
    name="energy_pooling", title="Energy pooling", family="pooling", summary="A test.", spec=EnergyPoolingSpec,
    geometry="sliding_window", combine="squares", channels="each", constants=Constants(p=2), kernel=kernel,
)
'''

USE_COMBINE = """
from starlette.testclient import TestClient
from app.main import create_app
client = TestClient(create_app())
body = {"layers": [{"operation": "energy_pooling"}], "source": {"kind": "values", "values": [[1, 2], [4, -3]]}}
assert client.post("/api/v1/run", json=body).json()["output"] == [[[30.0]]]
for target in ("numpy", "jax", "pytorch"):
    code = client.post("/api/v1/code", json={**body, "target": target}).json()["code"]
    assert "cannot express this setting" in code and "y = " not in code, code
operation = {one["name"]: one for one in client.get("/api/v1/operations").json()["operations"]}["energy_pooling"]
assert operation["combination"]["words"]["made"] == "energy" and operation["combination"]["reduce"] == "sum"
figure = client.post("/api/v1/figure", json={**body, "step": 0, "format": "svg"}).text
assert "energy" in figure and "|4|" in figure.replace("</tspan>", "").replace("<tspan>", "") or "30" in figure
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the program, to which a test may add files."""
    for name in ("app", "static", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run_in(house: Path, program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, cwd=house, capture_output=True, text=True, timeout=90, check=False)


def test_a_combine_is_one_file_and_the_operation_that_uses_it_another(house: Path) -> None:
    (house / "app/core/combines/squares.py").write_text(COMBINE, encoding="utf-8")
    (house / "app/operations/energy_pooling.py").write_text(ENERGY, encoding="utf-8")
    done = run_in(house, USE_COMBINE)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("file", "text", "described"),
    [
        ("app/operations/late.py", "", r"operations/late\.py: it offers no OPERATION\. Define OPERATION"),
        ("app/core/combines/late.py", "", r"combines/late\.py: it offers no COMBINE\."),
        ("app/core/activations/late.py", "", r"activations/late\.py: it offers no ACTIVATION\."),
        (
            "app/core/combines/other.py",
            COMBINE,
            r"other\.py: its COMBINE is named squares\. Write name=\"other\"",
        ),
        (
            "app/operations/energy_pooling.py",
            ENERGY,
            r"energy_pooling\.py: combine='squares' does not exist\. Use one of [a-z_, ]*max",
        ),
    ],
)
def test_a_member_of_a_closed_set_that_cannot_be_taken_is_refused_by_its_file_with_a_remedy(
    house: Path, file: str, text: str, described: str
) -> None:
    (house / file).write_text(text, encoding="utf-8")
    done = run_in(house, "from app.operations import registry; registry()")
    assert done.returncode != 0
    assert re.search(described, done.stderr), done.stderr[-500:]
