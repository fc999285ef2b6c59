"""An operation is one file: put beside the others it is planned, run, streamed, written and read with no other edit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

OPERATION = '''
"""A throw-away operation of the existing rules."""

from typing import Literal

import numpy as np

from app.core.arguments import PYTORCH_MAX_POOL
from app.core.frameworks import Framework, layers
from app.core.lowering import separable
from app.core.operation import Operation
from app.core.spec import PoolSpec
from app.core.writing import Writing


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
