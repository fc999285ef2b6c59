"""The page as ``tools/build.js`` built it: whether it belongs to the modules beside it, and what it holds.

Imports nothing but the standard library, since ``hatch_build.py`` loads this file where nothing is installed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

FOLDER = "built"
MANIFEST = "manifest.json"
SCRIPT = "tools/build.js"
SERVED = frozenset(
    (".css", ".js", ".json", ".png", ".svg", ".webmanifest", ".woff2")
)  # tools/build.js has the same


def digest(root: Path) -> str:
    """A digest of all that a build depends on: the files below ``static`` that are served, and the script."""
    folder = root / "static"
    names = sorted(
        path.relative_to(root).as_posix()
        for path in folder.rglob("*")
        if path.suffix in SERVED and path.is_file()
    )
    found = hashlib.sha256()
    for name in [*names, SCRIPT]:
        found.update(name.encode() + b"\0" + (root / name).read_bytes())
    return found.hexdigest()


def is_current(root: Path) -> bool:
    """Whether the checkout ``root`` holds a build of the modules as they are now."""
    try:
        return bool(manifest(root / FOLDER)["sources"] == digest(root))
    except (OSError, ValueError, KeyError):
        return False


def manifest(folder: Path) -> dict[str, object]:
    """The facts of a build: the digest of its sources, and what its entries import at once."""
    found: dict[str, object] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return found
