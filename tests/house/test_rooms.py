"""The rooms of the house: imports go down, folders stay small, names stay at home; and each rule notices an offence."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from app.core.activations import ACTIVATIONS
from app.core.combines import COMBINES
from app.core.frameworks.catalog import FRAMEWORKS
from app.figures.writers.formats import FORMATS
from app.images.samples.samples import SAMPLES
from app.operations import registry
from tests.house import rooms
from tests.house.files import ROOT, programs

Rule = Callable[[Iterable[rooms.Program]], list[str]]

NAMES = {
    "combine": set(COMBINES),
    "activation": set(ACTIVATIONS),
    "framework": set(FRAMEWORKS),
    "format": set(FORMATS),
    "sample": set(SAMPLES),
    # An operation that is named as a parameter is read as the parameter.
    "operation": set(registry()) - {name for one in registry().values() for name in one.spec.model_fields},
}
PYTHON = list(programs("app", endings=(".py",)))
PAGE = list(programs("static/js", endings=(".js", ".ts")))
PATHS = [path for path, _ in PYTHON + PAGE]
ARCHITECTURE = ROOT / "docs" / "architecture.md"


def names_of_closed_sets(found: Iterable[rooms.Program]) -> list[str]:
    """The rule with the names that the registry knows today."""
    return rooms.names_of_closed_sets(found, NAMES)


RULES: list[tuple[Rule, list[rooms.Program]]] = [
    (rooms.python_imports_upward, PYTHON),
    (rooms.page_imports_upward, PAGE),
    (rooms.exports_passed_on, PAGE),
    (rooms.names_passed_on, PYTHON),
    (rooms.types_elsewhere, PAGE),
    (names_of_closed_sets, PYTHON + PAGE),
    (rooms.boundaries_unsaid, PYTHON),
]

# Rule, an offence, and something alike that is allowed.
CASES: list[tuple[Rule, rooms.Program, rooms.Program]] = [
    (
        rooms.python_imports_upward,
        ("app/core/walk/a.py", "from ..plan import Plan"),
        ("app/core/plan.py", "from .walk.walk import Walk"),
    ),
    (
        rooms.python_imports_upward,
        ("app/operations/a.py", "def f():\n    from ..images.store import store"),
        ("app/web/routes/a.py", "from ...images.store import store"),
    ),
    (
        rooms.python_imports_upward,
        ("app/core/combines/a.py", "from ..walk import walk"),
        ("app/core/combines/a.py", "if TYPE_CHECKING:\n    from ..walk import walk"),
    ),
    (rooms.python_imports_upward, ("app/new/a.py", "import math"), ("app/core/errors.py", "import math")),
    (
        rooms.page_imports_upward,
        ("static/js/layer/a.js", 'import { el } from "../state/state.js";'),
        ("static/js/state/a.js", 'import { walk } from "../layer/walk.js";'),
    ),
    (
        rooms.page_imports_upward,
        ("static/js/state/a.js", 'import {\n  text,\n} from "../panels/header.js";'),
        ("static/js/state/a.js", 'const later = () => import("../panels/header.js");'),
    ),
    (
        rooms.page_imports_upward,
        ("static/js/server/a.js", '/** Sends. */\nimport "../panels/header.js";'),
        ("static/js/server/a.js", '/** @import { Header } from "../panels/header.js" */'),
    ),
    (rooms.page_imports_upward, ("static/js/a.js", "const x = 1;"), ("static/js/ui/a.js", "const x = 1;")),
    (
        rooms.exports_passed_on,
        ("a.js", 'export { walk } from "./walk.js";'),
        ("a.js", 'import { walk } from "./walk.js";\nexport const text = "from ";'),
    ),
    (
        rooms.exports_passed_on,
        ("a.js", 'export * from "./walk.js";'),
        ("a.js", 'export const a = 1;\nimport { b } from "./b.js";'),
    ),
    (
        rooms.boundaries_unsaid,
        ("app/web/a.py", '"""Pages of the server, and what they show."""'),
        ("app/web/a.py", '"""Pages of the server. Knows no arithmetic."""'),
    ),
    (rooms.names_passed_on, ("app/a/__init__.py", '__all__ = ["walk"]'), ("app/a/__init__.py", "A = 1")),
    (
        rooms.types_elsewhere,
        ("static/js/state/a.d.ts", "export type A = 1;"),
        ("static/js/types/a.d.ts", "export type A = 1;"),
    ),
    (
        names_of_closed_sets,
        ("app/core/plan.py", 'if operation.combine == "max": pass'),
        ("app/core/combines/max.py", 'if combine == "max": pass'),
    ),
    (
        names_of_closed_sets,
        ("static/js/step/a.js", 'if (info.combine !== "mean") {'),
        ("static/js/step/a.js", 'if (info.combine.reduce !== "largest") {'),
    ),
    (
        names_of_closed_sets,
        ("app/web/a.py", 'if layer.activation in ("relu", "tanh"): pass'),
        ("app/web/a.py", 'layer = {"activation": "relu"}'),
    ),
    (
        names_of_closed_sets,
        ("app/core/walk/a.py", 'if spec.rules == "keras": pass'),
        ("app/core/walk/a.py", "if FRAMEWORKS[spec.rules].stretches: pass"),
    ),
    (
        names_of_closed_sets,
        ("app/web/routes/a.py", 'titles = {"jax": "JAX", "onnx": "ONNX"}'),
        ("app/core/frameworks/a.py", 'titles = {"jax": "JAX", "onnx": "ONNX"}'),
    ),
    (
        names_of_closed_sets,
        ("static/js/state/a.js", '/** @typedef {"any" | "pytorch" | "onnx"} Rules */'),
        ("static/js/state/a.js", '/** Knows "pytorch" | "onnx". */\nconst title = FRAMEWORKS[rules].title;'),
    ),
    (
        names_of_closed_sets,
        ("app/figures/a.py", 'RASTERS = ["png", "gif"]'),
        ("app/figures/a.py", 'FORMATS[form].pixels or form in ("csv", "text")'),
    ),
    (
        names_of_closed_sets,
        ("static/js/dialogs/a.js", 'const ENDINGS = { tikz: "tex", apng: "png" };'),
        ("static/js/dialogs/formats.js", 'const ENDINGS = { tikz: "tex", apng: "png" };'),
    ),
    (
        names_of_closed_sets,
        ("app/web/a.py", 'Name = Literal["cross", "ring", "scene"]'),
        ("app/core/weights.py", 'Name = Literal["diagonal", "antidiagonal", "box"]'),
    ),
    (
        names_of_closed_sets,
        ("static/js/panels/a.js", 'if (state.operation === "max_pooling") {'),
        ("static/js/panels/a.js", 'const example = { operation: "max_pooling" };'),
    ),
    (
        names_of_closed_sets,
        ("app/code/write/a.py", 'POOLS = {"max_pooling", "average_pooling"}'),
        ("app/operations/a.py", 'related=("max_pooling", "average_pooling")'),
    ),
]


@pytest.mark.parametrize(("rule", "found"), RULES, ids=lambda value: getattr(value, "__name__", ""))
def test_the_house_keeps_the_rule(rule: Rule, found: list[rooms.Program]) -> None:
    assert found
    assert rule(found) == []


@pytest.mark.parametrize(("rule", "offence", "allowed"), CASES)
def test_the_rule_notices_an_offence(rule: Rule, offence: rooms.Program, allowed: rooms.Program) -> None:
    assert len(rule([offence])) == 1
    assert offence[0] in rule([offence])[0]
    assert rule([allowed]) == []


def test_each_room_of_the_order_has_files() -> None:
    for room in (*rooms.PYTHON_ROOMS, *rooms.PAGE_ROOMS):
        assert any(path.startswith(room) for path in PATHS), f"{room} is empty"


def test_each_folder_has_three_to_twenty_files() -> None:
    assert rooms.crowded_rooms(PATHS) == []


def test_a_folder_with_too_many_or_too_few_files_is_noticed() -> None:
    three = ["app/a/b.py", "app/a/c.py", "app/a/d.py"]
    assert rooms.crowded_rooms([*three, "app/a/__init__.py"]) == []
    assert rooms.crowded_rooms([*three, *(f"app/a/{number}.py" for number in range(18))]) == [
        "app/a has 21 files"
    ]
    assert rooms.crowded_rooms([*three[:2], "app/a/__init__.py"]) == ["app/a has 2 files"]
    assert rooms.crowded_rooms(["app/a.py", *three]) == []


def test_each_mirror_has_its_twin_under_the_same_name() -> None:
    assert rooms.missing_mirrors(PATHS) == []


def test_a_mirror_without_its_twin_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        rooms, "MIRRORS", {"static/js/layer/a.js": "app/core/a.py", "static/js/b.js": "app/c.py"}
    )
    offences = rooms.missing_mirrors(["static/js/layer/a.js", "static/js/b.js", "app/c.py"])
    assert offences == [
        "app/core/a.py is declared as a mirror and is not there",
        "static/js/b.js mirrors app/c.py under another name",
    ]


def test_the_map_of_the_rooms_names_each_folder_once() -> None:
    assert rooms.rooms_not_told(ARCHITECTURE.read_text(encoding="utf-8"), PATHS) == []


def test_a_stale_map_is_noticed() -> None:
    text = "| `app/core/walk` | cells |\n| `app/gone` | nothing |\n| `app/core/walk` | again |\n"
    assert rooms.rooms_not_told(text, ["app/core/walk/walk.py", "static/js/ui/dom.js"]) == [
        "docs/architecture.md does not name static/js/ui",
        "docs/architecture.md names app/gone, which is not there",
        "docs/architecture.md names app/core/walk twice",
    ]


def test_the_map_shows_the_rooms_in_their_order() -> None:
    named = rooms.told_rooms(ARCHITECTURE.read_text(encoding="utf-8"))
    for order in (rooms.PYTHON_ROOMS, rooms.PAGE_ROOMS):
        folders = [room.rstrip("/") for room in order if room.endswith("/")]
        assert [room for room in named if room in folders] == folders
