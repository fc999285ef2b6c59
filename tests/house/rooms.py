"""The rooms of the house, lowest first, and the rules about them: each takes programs and returns its offences."""

from __future__ import annotations

import ast
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

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
    "app/core/frameworks/catalog.py",
    "app/core/spec.py",
    "app/core/values.py",
    "app/core/walk/",
    "app/core/frameworks/",
    "app/core/lowering/",
    "app/core/targets.py",
    "app/core/tensors.py",
    "app/core/operation.py",
    "app/core/constants.py",
    "app/core/geometry.py",
    "app/core/engine/",
    "app/core/differences.py",
    "app/core/plan.py",
    "app/core/solver.py",
    "app/core/weights.py",
    "app/core/intents.py",
    "app/core/network/",
    "app/core/learning/",
    "app/operations/",
    "app/code/write/",
    "app/code/read/",
    "app/code/models/",
    "app/images/read/",
    "app/images/write/",
    "app/images/samples/",
    "app/images/store/",
    "app/images/sources.py",
    "app/link/",
    "app/settings.py",
    "app/figures/drawing/",
    "app/data/",
    "app/figures/content/",
    "app/figures/layout/",
    "app/figures/writers/",
    "app/figures/",
    "app/lessons/",
    "app/lessons/practice/",
    "app/lessons/paper/",
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
    "static/js/network/model/",
    "static/js/network/chain/",
    "static/js/network/beside/",
    "static/js/lessons/",
    "static/js/train/",
    "static/js/train/sharing/",
    "static/js/forecast/",
    "static/js/page/",
    "static/js/features.js",
    "static/js/main.js",
)
LEAST, MOST = 3, 20  # files of a room
LISTS = ("app/operations",)  # folders with a file for each member of a closed set, however many there are
# Modules of the page that compute what a module of the core computes, and are called alike.
MIRRORS = {
    "static/js/layer/geometry.js": "app/core/geometry.py",
    "static/js/layer/walk.js": "app/core/walk/walk.py",
    "static/js/layer/rule.js": "app/core/walk/rule.py",
    "static/js/layer/windows.js": "app/core/walk/windows.py",
    "static/js/layer/resampling.js": "app/core/walk/resampling.py",
    "static/js/layer/transposed.js": "app/core/walk/transposed.py",
    "static/js/layer/constants.js": "app/core/constants.py",
    "static/js/layer/border.js": "app/core/walk/border.py",
    "static/js/layer/shuffling.js": "app/core/walk/shuffling.py",
    "static/js/layer/errors.js": "app/core/errors.py",
    "static/js/layer/combine.js": "app/core/combines/combine.py",
    "static/js/layer/framework.js": "app/core/frameworks/framework.py",
    "static/js/network/graph.js": "app/core/network/graph.py",
    "static/js/network/shapes.js": "app/core/network/shapes.py",
    "static/js/network/ways.js": "app/core/network/ways.py",
    "static/js/network/fields.js": "app/core/network/fields.py",
    "static/js/network/receptive.js": "app/core/network/receptive.py",
    "static/js/network/totals.js": "app/core/network/totals.py",
    "static/js/layer/catalog.js": "app/core/frameworks/catalog.py",
    "static/js/step/stamps.js": "app/core/engine/stamps.py",
    "static/js/dialogs/formats.js": "app/figures/writers/formats.py",
    "static/js/server/protocol.js": "app/web/stream/protocol.py",
    "static/js/link/fragment.js": "app/link/fragment.py",
    "static/js/link/values.js": "app/link/values.py",
}


class ClosedSet(NamedTuple):
    """Where the names of a closed set may stand: ``kind`` are the words that hold one, as a pattern.

    ``least`` is how many names in one list, union or table are an offence outside the homes; 0 where the names are
    everyday words, such as sum and max, so that only comparisons count.
    """

    kind: str
    homes: tuple[str, ...]
    least: int = 0


CLOSED_SETS = {
    "combine": ClosedSet("combine", ("app/core/combines/",)),
    "activation": ClosedSet("activation", ("app/core/activations/",)),
    # Operations and activations declare what each framework calls them; app/code reads and writes their dialects.
    "framework": ClosedSet(
        "framework|rules|target",
        (
            "app/core/frameworks/",
            "app/core/activations/",
            "app/operations/",
            "app/code/",
            "app/web/http/training.py",  # two starts of weights are called after frameworks
            "static/js/layer/catalog.js",
            "static/js/types/",
        ),
        2,
    ),
    "format": ClosedSet("format|form", ("app/figures/writers/", "static/js/dialogs/formats.js"), 2),
    # Two presets of weights are called as samples are: diagonal and antidiagonal.
    "sample": ClosedSet("sample|SampleName", ("app/images/samples/",), 3),
    # idioms.py recognises layers that JAX has no call for, so each line of it is about one operation.
    "operation": ClosedSet("operation", ("app/operations/", "app/code/read/idioms.py"), 2),
}

# Rooms with one declaration a file, whose own modules say for all of them what a record may not know.
RECORDS = ("app/core/activations/", "app/core/combines/", "app/operations/")
BOUNDARY = re.compile(
    r"\b(?:knows|without|pure|no|nothing|never|neither|not|only|alone)\b",
    re.IGNORECASE,
)

JS_IMPORT = re.compile(
    r'(?:^import\b[^;"]*?from\s*|^import\s*|\bimport\(\s*)"(\.{1,2}/[\w./-]+\.js)"', re.MULTILINE
)
# Comments, but for those that declare types.
JS_PROSE = re.compile(r"/\*(?:(?!@type|\*/).)*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)
JS_LIST = re.compile(r'"[\w-]+"(?:\s*[,|]\s*"[\w-]+")+')
JS_TABLE = re.compile(r"\{[^{}]*\}")
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
    """A folder has 3 to 20 files, not counting ``__init__.py``; a folder that has folders may have fewer.

    A list has as many as its set has members.
    """
    counts = Counter(posixpath.dirname(path) for path in paths if not path.endswith("__init__.py"))
    parents = {posixpath.dirname(folder) for folder in counts}
    return [
        f"{folder} has {count} files"
        for folder, count in sorted(counts.items())
        if (count > MOST and folder not in LISTS) or (count < LEAST and folder not in parents)
    ]


def types_elsewhere(programs: Iterable[Program]) -> list[str]:
    """Types that modules of the page share lie in types/."""
    return [
        f"{path} holds shared types"
        for path, _ in programs
        if path.endswith(".d.ts") and "/types/" not in path
    ]


def _tables(path: str, text: str) -> Iterator[tuple[int, set[str]]]:
    """The strings of each list, tuple, set, union and table of a program, with its line."""
    if path.endswith(".py"):
        for node in ast.walk(tree_of(text)):
            if isinstance(node, ast.List | ast.Tuple | ast.Set):
                entries: list[ast.expr | None] = [*node.elts]
            elif isinstance(node, ast.Dict):
                entries = [*node.keys]
            else:
                continue
            yield (
                node.lineno,
                {
                    one.value
                    for one in entries
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                },
            )
        return
    bare = JS_PROSE.sub(lambda found: "\n" * found[0].count("\n"), text)
    for pattern, name in ((JS_LIST, r'"([\w-]+)"'), (JS_TABLE, r'[{,]\s*"?(\w+)"?:')):
        for found in pattern.finditer(bare):
            yield bare.count("\n", 0, found.start()) + 1, set(re.findall(name, found[0]))


def names_of_closed_sets(programs: Iterable[Program], names: dict[str, set[str]]) -> list[str]:
    """Names of a closed set stand at its homes: code elsewhere compares facts of its records and lists no names."""
    offences = []
    for path, text in programs:
        tables = [(line, strings) for line, strings in _tables(path, text) if len(strings) > 1]
        for name, (kind, homes, least) in CLOSED_SETS.items():
            if path.startswith(homes):
                continue
            listed = "|".join(sorted(map(re.escape, names[name])))
            before = rf'\b(?:{kind})\b\)?\s*(?:===?|!==?|in)\s*\(?"(?:{listed})"'
            after = rf'"(?:{listed})"\s*(?:===?|!==?)\s*[\w.]*\b(?:{kind})\b'
            for found in re.finditer(f"{before}|{after}", text):
                line = text.count("\n", 0, found.start()) + 1
                offences.append(f"{path}:{line} compares the name of the {name}: {found[0]}")
            for line, strings in tables if least else ():
                if len(known := strings & names[name]) >= least:
                    offences.append(f"{path}:{line} lists names of the {name}: {', '.join(sorted(known))}")
    return sorted(set(offences))


def boundaries_unsaid(programs: Iterable[Program]) -> list[str]:
    """A module says at its head what it must not know or do; a record of a closed set is one declaration."""
    offences = []
    for path, text in programs:
        if path.startswith(RECORDS) or path.endswith(("/__init__.py", "/__main__.py")):
            continue
        head = ast.get_docstring(tree_of(text)) or ""
        if not BOUNDARY.search(head):
            offences.append(f"{path} does not say what it must not know")
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
    named = told_rooms(text)
    offences = [f"docs/architecture.md does not name {folder}" for folder in sorted(there - set(named))]
    offences += [
        f"docs/architecture.md names {folder}, which is not there" for folder in sorted(set(named) - there)
    ]
    offences += [
        f"docs/architecture.md names {one} twice" for one, count in Counter(named).items() if count > 1
    ]
    return offences
