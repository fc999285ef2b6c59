"""Who may import whom in Python, who may open files; and that each rule notices an offence."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from tests.house import counts
from tests.house import python_rules as rules
from tests.house.files import programs

Rule = Callable[[Iterable[rules.Program]], list[str]]

APP_RULES: list[Rule] = [
    rules.absolute_imports_of_the_package,
    rules.imports_across_areas,
    rules.impure_imports,
    rules.misplaced_imports,
    rules.files_opened,
    rules.modules_without_docstring,
    counts.counts_in_python,
    counts.one_in_the_plural,
]

# Rule, path, an offence there, and something alike that is allowed (there, or elsewhere).
CASES: list[tuple[Rule, rules.Program, rules.Program]] = [
    (
        counts.counts_in_python,
        ("app/core/a.py", 'f"the output has {walk.lanes:,} channels"'),
        (
            "app/core/a.py",
            """f"it has {counted(lanes, 'channel')}, {MOST} channels, {wide} × {high} pixels" """,
        ),
    ),
    (
        counts.counts_in_python,
        ("app/core/a.py", 'f"this is for {len(value)} spatial axes"'),
        ("app/core/a.py", 'f"axis {name} has {size}, and {one.name} adds inputs"'),
    ),
    (
        counts.one_in_the_plural,
        ("app/core/a.py", '"it has 1 channels"'),
        ("app/core/a.py", '"for 1 to 3 axes, 21 channels, 1 channel, 0.1 seconds"'),
    ),
    (
        rules.absolute_imports_of_the_package,
        ("app/web/a.py", "from app.core import walk"),
        ("app/web/a.py", "from ..core import walk"),
    ),
    (
        rules.absolute_imports_of_the_package,
        ("app/terminal/cli.py", "import convscope.main"),
        ("app/terminal/cli.py", "from .main import create_app"),
    ),
    (
        rules.imports_across_areas,
        ("app/images/read/a.py", "def f():\n    from ... import code"),
        ("app/web/routes/a.py", "from ...code.read import read"),
    ),
    (
        rules.impure_imports,
        ("app/core/a.py", "import scipy.signal"),
        ("app/core/a.py", "import math, numpy as np"),
    ),
    (
        rules.impure_imports,
        ("app/operations/a.py", "from urllib import request"),
        ("app/web/a.py", "import urllib"),
    ),
    (
        rules.misplaced_imports,
        ("app/core/a.py", "from fastapi import Request"),
        ("app/web/a.py", "import fastapi"),
    ),
    (
        rules.misplaced_imports,
        ("app/web/a.py", "from PIL import Image"),
        ("app/images/a.py", "from PIL import Image"),
    ),
    (
        rules.misplaced_imports,
        ("app/web/a.py", "from reportlab.pdfgen import canvas"),
        ("app/figures/a.py", "from reportlab.pdfgen import canvas"),
    ),
    (
        rules.imports_across_areas,
        ("app/figures/a.py", "from ..code import write"),
        ("app/figures/a.py", "from ..images import canvas"),
    ),
    (
        rules.misplaced_imports,
        ("app/images/a.py", "import starlette.types"),
        ("app/terminal/cli.py", "import uvicorn"),
    ),
    (rules.files_opened, ("app/web/routes.py", "open('x')"), ("app/images/store/store.py", "open('x')")),
    (
        rules.files_opened,
        ("app/core/a.py", "Path('x').read_text()"),
        ("app/core/a.py", "webbrowser.open('x')"),
    ),
    (rules.files_opened, ("app/main.py", "io.open('x')"), ("app/web/assets/assets.py", "path.read_bytes()")),
    (
        rules.modules_without_docstring,
        ("app/core/a.py", "# a comment\nx = 1"),
        ("app/core/a.py", "'''What.'''"),
    ),
    (rules.modules_without_docstring, ("app/__init__.py", "x = 1"), ("tests/__init__.py", "")),
]


@pytest.mark.parametrize("rule", APP_RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps_the_rule(rule: Rule) -> None:
    found = list(programs("app", endings=(".py",)))
    assert found
    assert rule(found) == []


def test_every_test_and_benchmark_says_what_it_is() -> None:
    assert rules.modules_without_docstring(programs("tests", "benchmarks", endings=(".py",))) == []


@pytest.mark.parametrize(("rule", "offence", "allowed"), CASES)
def test_the_rule_notices_an_offence(rule: Rule, offence: rules.Program, allowed: rules.Program) -> None:
    assert len(rule([offence])) == 1
    assert offence[0] in rule([offence])[0]
    assert rule([allowed]) == []
