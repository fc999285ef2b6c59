"""The lessons that are there: ours, and those of a folder beside them; read anew when a file changed. Knows no web."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import NotFound, Problem
from .lesson import Lesson
from .reader import read_lesson

OWN = Path(__file__).parent / "texts"
_FILE = re.compile(r"(?:\d+-)?([a-z][a-z0-9-]{0,59})\.md")


@dataclass(frozen=True, slots=True)
class _Read:
    """The reading of a file: a lesson, or its fault."""

    stamp: tuple[int, int]
    lesson: Lesson | None
    problem: Problem | None


def name_of(path: Path) -> str | None:
    """The name of the lesson in a file: ``03-making-it-smaller.md`` is ``making-it-smaller``."""
    found = _FILE.fullmatch(path.name)
    return found[1] if found else None


def lesson_in(path: Path) -> Lesson:
    """The lesson of a file; raises Problem."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = f"the file cannot be read as UTF-8: {getattr(error, 'strerror', None) or error}"
        raise NotFound("file", str(path), reason, "Give the path of a Markdown file.") from None
    return read_lesson(text, name_of(path) or path.stem)


class Library:
    """All lessons by name, ours first; a lesson of the other folder takes the place of ours of that name."""

    def __init__(self, other: Path | None = None) -> None:
        self.folders = [OWN, *([other] if other else [])]
        self._read: dict[Path, _Read] = {}
        self._lock = threading.Lock()

    def lessons(self) -> dict[str, Lesson]:
        """Those that can be read, in the order of their files."""
        return {name: found.lesson for name, (_, found) in self._all().items() if found.lesson}

    def problems(self) -> list[dict[str, Any]]:
        """Files that cannot, with what is wrong."""
        return [
            {"file": path.name, "problem": found.problem.to_json()}
            for path, found in self._all().values()
            if found.problem
        ]

    def lesson(self, name: str) -> Lesson:
        """The lesson of a name; raises NotFound, or the Problem of its file."""
        there = self._all()
        if name not in there:
            known = ", ".join(there)
            raise NotFound("name", name[:80], "no lesson has this name", f"Use one of {known}.")
        _, found = there[name]
        if found.problem:
            raise found.problem
        assert found.lesson is not None
        return found.lesson

    def _all(self) -> dict[str, tuple[Path, _Read]]:
        with self._lock:
            found: dict[str, tuple[Path, _Read]] = {}
            for folder in self.folders:
                for path in sorted(folder.glob("*.md")):
                    name = name_of(path)
                    if name is not None:
                        found[name] = (path, self._of(path))
            return found

    def _of(self, path: Path) -> _Read:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        kept = self._read.get(path)
        if kept is None or kept.stamp != stamp:
            try:
                kept = _Read(stamp, lesson_in(path), None)
            except Problem as problem:
                kept = _Read(stamp, None, problem)
            self._read[path] = kept
        return kept
