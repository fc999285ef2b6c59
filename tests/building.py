"""The built page for tests: made anew when it is not that of the modules as they are now."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from app.web.assets.built import SCRIPT, is_current
from tests.services import lacking

ROOT = Path(__file__).resolve().parents[1]


def can_build(root: Path = ROOT) -> bool:
    """Whether esbuild is here."""
    return shutil.which("node") is not None and (root / "node_modules" / "esbuild").is_dir()


def build(root: Path = ROOT) -> None:
    """Build the page of a checkout that can, which must succeed."""
    done = subprocess.run(["node", SCRIPT], cwd=root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert is_current(root), "tools/build.js and app/web/assets/built.py compute different digests"


def needs_built_page() -> None:
    """Have a current build in the checkout, or no test."""
    if is_current(ROOT):
        return
    if not can_build():
        lacking("esbuild is not here; npm install --ignore-scripts brings it.")
    build()
