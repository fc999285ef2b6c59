"""The rooms of the house, lowest first, and the rules about them: each takes programs and returns its offences."""

from __future__ import annotations

import ast
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tests.house.python_rules import imports, tree_of

Program = tuple[str, str]

# An import goes to its own room or to one further up in this list. A path that begins with none is in no room.
PYTHON_ROOMS = (
    "app/core/discovery.py",
    "app/core/errors.py",
    "app/core/shapes.py",
    "app/core/padding.py",
    "app/core/activations/",
    "app/core/combines/",
    "app/core/place.py",
    "app/core/spec.py",
    "app/core/values.py",
    "app/core/walk/",
    "app/core/frameworks/",
    "app/core/lowering/",
    "app/core/operation.py",
    "app/core/geometry.py",
    "app/core/engine/",
    "app/core/differences.py",
    "app/core/plan.py",
    "app/core/solver.py",
    "app/core/weights.py",
    "app/core/intents.py",
    "app/core/network/",
    "app/operations/",
    "app/code/write/",
    "app/code/read/",
    "app/images/read/",
    "app/images/write/",
    "app/images/samples/",
    "app/images/store/",
    "app/images/sources.py",
    "app/settings.py",
    "app/figures/drawing/",
    "app/figures/content/",
    "app/figures/layout/",
    "app/figures/writers/",
    "app/figures/",
    "app/web/server/",
    "app/web/http/",
    "app/web/stream/",
    "app/web/assets/",
    "app/web/routes/",
    "app/main.py",
    "app/terminal/",
    "app/__main__.py",
)
PAGE_ROOMS = (
    "static/js/types/",
    "static/js/words/",
    "static/js/ui/",
    "static/js/layer/",
    "static/js/picture/grid/",
    "static/js/state/",
    "static/js/step/",
    "static/js/server/",
    "static/js/link/",
    "static/js/picture/layout/",
    "static/js/picture/marks/",
    "static/js/picture/",
    "static/js/panels/",
    "static/js/dialogs/",
    "static/js/stage/",
    "static/js/compare/",
    "static/js/network/",
    "static/js/network/chain/",
    "static/js/features.js",
    "static/js/main.js",
)
LEAST, MOST = 3, 20  # files of a room
# Modules of the page that compute what a module of the core computes, and are called alike.
MIRRORS = {
    "static/js/layer/geometry.js": "app/core/geometry.py",
    "static/js/layer/walk.js": "app/core/walk/walk.py",
    "static/js/layer/rule.js": "app/core/walk/rule.py",
    "static/js/layer/windows.js": "app/core/walk/windows.py",
    "static/js/layer/resampling.js": "app/core/walk/resampling.py",
    "static/js/layer/transposed.js": "app/core/walk/transposed.py",
    "static/js/layer/errors.js": "app/core/errors.py",
    "static/js/layer/combine.js": "app/core/combines/combine.py",
    "static/js/layer/framework.js": "app/core/frameworks/framework.py",
    "static/js/network/graph.js": "app/core/network/graph.py",
    "static/js/network/shapes.js": "app/core/network/shapes.py",
    "static/js/network/ways.js": "app/core/network/ways.py",
    "static/js/network/fields.js": "app/core/network/fields.py",
    "static/js/network/receptive.js": "app/core/network/receptive.py",
    "static/js/network/totals.js": "app/core/network/totals.py",
    "static/js/step/stamps.js": "app/core/engine/stamps.py",
    "static/js/server/protocol.js": "app/web/stream/protocol.py",
}
# Names of closed sets, each with the folders that may compare them.
CLOSED_SETS = {
    "combine": ("app/core/combines/",),
    "activation": ("app/core/activations/",),
}

JS_IMPORT = re.compile(
    r'(?:^import\b[^;"]*?from\s*|^import\s*|\bimport\(\s*)"(\.{1,2}/[\w./-]+\.js)"', re.MULTILINE
)
JS_COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)


def room_of(path: str, rooms: tuple[str, ...]) -> str | None:
    """The room that a path lies in: the longest that it begins with."""
    found = [room for room in rooms if path.startswith(room)]
    return max(found, key=len) if found else None


def _upward(uses: Iterable[tuple[str, int, str]], rooms: tuple[str, ...]) -> Iterator[str]:
    """Offences among (path, line, imported path). A path that imports nothing is given with an empty one."""
    for path, line, target in uses:
        mine, theirs = room_of(path, rooms), room_of(target, rooms)
        if mine is None:
            yield f"{path} is in no room"
        elif theirs is not None and rooms.index(theirs) > rooms.index(mine):
            yield f"{path}:{line} imports {target}, which lies above it"


def _python_uses(programs: Iterable[Program]) -> Iterator[tuple[str, int, str]]:
    """Every import of the package's own modules, except imports for types alone and those in ``app/__init__.py``."""
    known = list(programs)
    paths = {path for path, _ in known}.union(PYTHON_ROOMS)
    for path, text in known:
        if path == "app/__init__.py":
            continue
        types = {
            line
            for node in ast.walk(tree_of(text))
            if isinstance(node, ast.If)
            and isinstance(node.test, ast.Name)
            and node.test.id == "TYPE_CHECKING"
            for inner in ast.walk(node)
            if (line := getattr(inner, "lineno", 0))
        }
        for line, level, name in imports(path, text):
            if not level or line in types:
                continue
            target = name.replace(".", "/")
            yield path, line, f"{target}.py" if f"{target}.py" in paths else f"{target}/__init__.py"
        if not path.endswith("__init__.py"):
            yield path, 1, ""


def python_imports_upward(programs: Iterable[Program]) -> list[str]:
    """A module of the program imports from its own room or from one below."""
    return sorted(set(_upward(_python_uses(programs), PYTHON_ROOMS)))


def page_imports_upward(programs: Iterable[Program]) -> list[str]:
    """A static import of the page goes to its own room or to one below; ``import()`` may load from above."""
    uses = []
    for path, text in programs:
        bare = JS_COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
        for found in JS_IMPORT.finditer(bare):
            if found[0].startswith("import("):
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), found[1]))
            uses.append((path, bare.count("\n", 0, found.start()) + 1, target))
        uses.append((path, 1, ""))
    return sorted(set(_upward(uses, PAGE_ROOMS)))


def exports_passed_on(programs: Iterable[Program]) -> list[str]:
    """A name is imported from where it is defined: no module passes on what another exports."""
    return [
        f"{path}:{text.count(chr(10), 0, found.start()) + 1} passes on what another module exports"
        for path, text in programs
        for found in re.finditer(r'^export\b[^;"]*\bfrom\s*"', text, re.MULTILINE)
    ]


def names_passed_on(programs: Iterable[Program]) -> list[str]:
    """The same for Python: a package's own module offers no list of names that it imports."""
    return [
        f"{path}:{node.lineno} passes on what other modules define"
        for path, text in programs
        for node in tree_of(text).body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)
    ]


def crowded_rooms(paths: Iterable[str]) -> list[str]:
    """A folder has 3 to 20 files, not counting ``__init__.py``; a folder that has folders may have fewer."""
    counts = Counter(posixpath.dirname(path) for path in paths if not path.endswith("__init__.py"))
    parents = {posixpath.dirname(folder) for folder in counts}
    return [
        f"{folder} has {count} files"
        for folder, count in sorted(counts.items())
        if count > MOST or (count < LEAST and folder not in parents)
    ]


def types_elsewhere(programs: Iterable[Program]) -> list[str]:
    """Types that modules of the page share lie in types/."""
    return [
        f"{path} holds shared types"
        for path, _ in programs
        if path.endswith(".d.ts") and "/types/" not in path
    ]


def names_of_closed_sets(programs: Iterable[Program], names: dict[str, set[str]]) -> list[str]:
    """Code compares facts of a record, never the name of a combine or of an activation, but in that set's own room."""
    offences = []
    for path, text in programs:
        for kind, known in names.items():
            if path.startswith(CLOSED_SETS[kind]):
                continue
            listed = "|".join(sorted(map(re.escape, known)))
            before = rf'\b{kind}\b\)?\s*(?:===?|!==?|in)\s*\(?"(?:{listed})"'
            after = rf'"(?:{listed})"\s*(?:===?|!==?)\s*[\w.]*\b{kind}\b'
            pattern = f"{before}|{after}"
            for found in re.finditer(pattern, text):
                line = text.count("\n", 0, found.start()) + 1
                offences.append(f"{path}:{line} compares the name of the {kind}: {found[0]}")
    return offences


def missing_mirrors(paths: Iterable[str]) -> list[str]:
    """Each module that mirrors another is there beside it, under the same name."""
    there = set(paths)
    offences = []
    for page, core in MIRRORS.items():
        offences += [
            f"{path} is declared as a mirror and is not there" for path in (page, core) if path not in there
        ]
        if posixpath.basename(page).split(".")[0] != posixpath.basename(core).split(".")[0]:
            offences.append(f"{page} mirrors {core} under another name")
    return offences


def told_rooms(text: str) -> list[str]:
    """The folders that the map of the rooms names, in its order: the rows that begin with one."""
    return re.findall(r"^\| `((?:app|static/js)[\w/]*)/?` \|", text, re.MULTILINE)


def rooms_not_told(text: str, paths: Iterable[str]) -> list[str]:
    """The map of the rooms names each folder once, and no folder that is not there."""
    there = {posixpath.dirname(path) for path in paths}
    told = told_rooms(text)
    offences = [f"docs/architecture.md does not name {folder}" for folder in sorted(there - set(told))]
    offences += [
        f"docs/architecture.md names {folder}, which is not there" for folder in sorted(set(told) - there)
    ]
    offences += [
        f"docs/architecture.md names {one} twice" for one, count in Counter(told).items() if count > 1
    ]
    return offences
