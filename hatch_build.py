"""Puts the page into wheels and source distributions: as esbuild builds it, or else as it is written.

esbuild is run where node_modules has it; npm is never called. Where it is not, a build that lies here and was made from
these very modules is taken, as a source distribution carries one; and otherwise the modules go as they are.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "convscope"


class CustomBuildHook(BuildHookInterface[Any]):
    """The hook that hatchling calls before it makes a distribution."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page where that is possible, and name the folders that the distribution gets."""
        if version == "editable":
            return  # the checkout serves its own modules
        root = Path(self.root)
        built = _module(root / "app" / "web" / "assets" / "built.py")
        node = shutil.which("node")
        if node and (root / "node_modules" / "esbuild").is_dir():
            subprocess.run([node, built.SCRIPT], cwd=root, check=True)
        page = built.FOLDER if built.is_current(root) else "static"
        if page == "static":
            self.app.display_warning(
                "The page's modules go as they are written, since esbuild is not here; "
                "npm install --ignore-scripts brings it."
            )
        included: dict[str, str] = build_data["force_include"]
        if self.target_name == "wheel":
            included[str(root / page)] = f"{PACKAGE}/{page}"
        elif page == built.FOLDER:  # a source distribution has the modules in any case
            included[str(root / page)] = page


def _module(path: Path) -> ModuleType:
    """A module of the package by its file, without the package, whose dependencies are not installed here."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
