"""The files that the rules of the house are about, and the lines of a program without its comments."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}


def kept_files(root: Path = ROOT) -> list[Path]:
    """Every file that is or would be committed; without git, every file but what the tools leave behind."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    if listing.returncode == 0 and listing.stdout:
        found = [root / name for name in listing.stdout.split("\0") if name]
    else:
        found = [path for path in root.rglob("*") if not NOT_OURS.intersection(path.relative_to(root).parts)]
    return sorted(path for path in set(found) if path.is_file())


def programs(*folders: str, endings: tuple[str, ...], root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Path (from the root) and text of every file with one of the endings below the folders."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in endings and path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


# A comment or a string, whichever begins first; what is in a string cannot begin a comment.
_COMMENT_OR_STRING = re.compile(
    r"""
    (?P<comment> //[^\n]* | /\*.*?\*/ )
    | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | `(?:\\.|[^`\\])*`
    """,
    re.VERBOSE | re.DOTALL,
)


def without_comments(javascript: str) -> str:
    """The program with every comment blanked out, on the same lines as before."""

    def blank(found: re.Match[str]) -> str:
        return "\n" * found[0].count("\n") if found["comment"] else found[0]

    return _COMMENT_OR_STRING.sub(blank, javascript)
