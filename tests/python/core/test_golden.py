"""The golden files are fresh, and the browser's mirror agrees with the core on a new sweep each run."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from app.operations import registry

from ...golden import write
from ...golden.cases import draw
from ...services import lacking

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
MIRROR_TEST = ROOT / "tests" / "js" / "layer" / "golden.test.js"


@pytest.mark.parametrize("name", sorted(write.writers()))
def test_golden_file_is_fresh(name: str) -> None:
    file = write.FOLDER / name
    stale = f"{name} is stale: run python -m tests.golden.write and look at what changed"
    assert file.is_file(), stale
    assert file.read_bytes() == write.writers()[name](), stale
    assert file.stat().st_size < 300_000


def test_the_mirror_in_the_browser_agrees_on_a_fresh_sweep(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        lacking("node is not installed: the browser's mirror is not checked.")
        raise AssertionError
    seed = random.SystemRandom().randrange(2**32)
    sweep = tmp_path / f"sweep-{seed}.json"
    cases = [draw(operation, 400, seed) for operation in registry().values()]
    sweep.write_text(json.dumps(cases), encoding="utf-8")
    done = subprocess.run(
        [node, str(MIRROR_TEST)],
        env={**os.environ, "GEOMETRY_SWEEP": str(sweep)},
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert done.returncode == 0, f"seed {seed}\n{done.stdout[-6000:]}{done.stderr[-2000:]}"
    for name in registry():
        assert f"refusal of {sweep} {name}" in done.stdout
