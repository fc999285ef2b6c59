"""The rules about Python as functions: each takes paths and texts and returns one line per offence."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterable, Iterator

Program = tuple[str, str]  # path from the root, text

PACKAGE = "app"
NAMES_OF_THE_PACKAGE = {"app", "convscope"}
WEB_PACKAGES = {"fastapi", "starlette", "uvicorn", "websockets"}

# Area -> areas below it that it must not import either; rooms.py forbids imports of what lies above. An area is a
# folder of app/, or a module at its top.
SIDE_BY_SIDE = {"images": {"code"}, "figures": {"code", "settings"}}
PURE_AREAS = {"core", "operations", "code"}
PURE_PACKAGES = {"numpy", "pydantic", "pydantic_core"}
# Modules that know a package of their own: a parser or writer of bytes, which reaches nothing else. It is an extra.
PARSERS = {"app/code/models/graph_file.py": {"onnx"}, "app/code/write/onnx_file.py": {"onnx"}}
# Modules of the standard library that reach files, processes or the network.
IMPURE_MODULES = {
    *("asyncio", "glob", "http", "pathlib", "shutil", "socket", "socketserver", "ssl"),
    *("subprocess", "tempfile", "urllib"),
}
# Who may import the packages that know HTTP: the web, and what puts it together and starts it.
WEB_IMPORTERS = {"web": WEB_PACKAGES, "main": {"fastapi", "starlette"}, "terminal": {"starlette", "uvicorn"}}
# Packages that few areas know.
PICTURES = {"images": {"PIL"}}
PRINTING = {"figures": {"reportlab", "ziafont"}, "lessons": {"reportlab"}}
# Who may open files: uploads are files of images; web/assets.py and web/built.py read the page; figures/font.py its
# package's font; cli writes what it is asked for.
FILE_READERS = (
    "app/lessons/library.py",
    "app/lessons/measured.py",
    "app/images/",
    "app/figures/drawing/font.py",
    "app/web/assets/assets.py",
    "app/web/assets/built.py",
    "app/terminal/cli.py",
    "app/terminal/lessons.py",
    "app/terminal/forecast.py",
    "app/terminal/train.py",
    "app/terminal/commands.py",
)
FILE_METHODS = {"read_bytes", "read_text", "write_bytes", "write_text", "iterdir", "rglob", "unlink", "mkdir"}


def area_of(path: str) -> str:
    """``app/core/walk/walk.py`` is in core; ``app/__init__.py`` is the package itself."""
    part = path.split("/")[1]
    return part.removesuffix(".py")


@functools.cache
def tree_of(text: str) -> ast.Module:
    """A program, parsed once for all rules."""
    return ast.parse(text)


def imports(path: str, text: str) -> Iterator[tuple[int, int, str]]:
    """Line, level (0 is absolute) and dotted name, from the root of the package, of every import."""
    folder = path.split("/")[:-1]
    for node in ast.walk(tree_of(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, 0, alias.name
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.lineno, 0, node.module or ""
        elif isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) - (node.level - 1)]
            if node.module:
                yield node.lineno, node.level, ".".join((*base, node.module))
            else:
                for alias in node.names:
                    yield node.lineno, node.level, ".".join((*base, alias.name))


def absolute_imports_of_the_package(programs: Iterable[Program]) -> list[str]:
    """The wheel renames the package, so the package speaks of itself relatively."""
    return [
        f"{path}:{line} imports {name} by the package's name"
        for path, text in programs
        for line, level, name in imports(path, text)
        if level == 0 and name.split(".")[0] in NAMES_OF_THE_PACKAGE
    ]


def imports_across_areas(programs: Iterable[Program]) -> list[str]:
    """Areas side by side do not import each other, whichever stands first in the order of the rooms."""
    offences = []
    for path, text in programs:
        forbidden = SIDE_BY_SIDE.get(area_of(path), set())
        for line, level, name in imports(path, text):
            parts = name.split(".")
            if level and len(parts) > 1 and parts[0] == PACKAGE and parts[1] in forbidden:
                offences.append(f"{path}:{line} imports {name}")
    return offences


def impure_imports(programs: Iterable[Program]) -> list[str]:
    """core, operations and code import NumPy, pydantic and the harmless part of the standard library."""
    allowed = PURE_PACKAGES | (set(sys.stdlib_module_names) - IMPURE_MODULES)
    return [
        f"{path}:{line} imports {name}"
        for path, text in programs
        if area_of(path) in PURE_AREAS
        for line, level, name in imports(path, text)
        if level == 0 and name.split(".")[0] not in allowed | PARSERS.get(path, set())
    ]


def misplaced_imports(programs: Iterable[Program]) -> list[str]:
    """Only web knows HTTP; only images knows Pillow; only figures knows how to print."""
    offences = []
    for path, text in programs:
        for line, level, name in imports(path, text):
            root = name.split(".")[0]
            for packages, importers in (
                (WEB_PACKAGES, WEB_IMPORTERS),
                ({"PIL"}, PICTURES),
                ({"reportlab", "ziafont"}, PRINTING),
            ):
                if level == 0 and root in packages and root not in importers.get(area_of(path), set()):
                    offences.append(f"{path}:{line} imports {name}")
    return offences


def files_opened(programs: Iterable[Program]) -> list[str]:
    """Files are opened where uploads are kept, where the page and lessons are read, where the command line writes."""
    offences = []
    for path, text in programs:
        if path.startswith(FILE_READERS):
            continue
        for node in ast.walk(tree_of(text)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            if isinstance(called, ast.Name) and called.id == "open":
                offences.append(f"{path}:{node.lineno} calls open()")
            elif isinstance(called, ast.Attribute):
                of = called.value.id if isinstance(called.value, ast.Name) else ""
                if called.attr in FILE_METHODS or (called.attr == "open" and of in {"io", "os"}):
                    offences.append(f"{path}:{node.lineno} calls .{called.attr}()")
    return offences


def modules_without_docstring(programs: Iterable[Program]) -> list[str]:
    """The first thing in a module says what it is."""
    return [
        f"{path} does not say what it is"
        for path, text in programs
        if not ast.get_docstring(tree_of(text)) and (text.strip() or not path.endswith("__init__.py"))
    ]
