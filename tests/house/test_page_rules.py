"""Rules of what a module of the page may touch; and that each rule notices an offence."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from tests.house import counts
from tests.house import page_rules as rules
from tests.house.files import programs, without_comments

Rule = Callable[[Iterable[rules.Program]], list[str]]

PAGE_RULES: list[Rule] = [
    rules.canvases_touched,
    rules.connections_opened,
    rules.foreign_imports,
    rules.foreign_addresses,
    rules.modules_without_comment,
    rules.words_unused,
    rules.words_elsewhere,
    counts.counts_in_the_page,
    counts.one_in_the_plural,
]

# Rule, an offence, and something alike that is allowed.
CASES: list[tuple[Rule, rules.Program, rules.Program]] = [
    (
        counts.counts_in_the_page,
        ("a.js", "`${level.length} values do not fill`"),
        ("a.js", "`${many(level.length, 'value')} of ${MOST} values, ${name} adds`"),
    ),
    (
        counts.one_in_the_plural,
        ("a.js", "say('1 steps a second')"),
        ("a.js", "say('1 step, 11 steps')"),
    ),
    (rules.canvases_touched, ("a.js", "c.getContext('2d')"), (rules.DRAWS, "c.getContext('2d')")),
    (rules.canvases_touched, ("a.js", "ctx.fillStyle = red;"), ("a.js", "cells.fill(0); // ctx.fillRect()")),
    (rules.connections_opened, ("a.js", "await fetch(url)"), (rules.CONNECTS, "await fetch(url)")),
    (rules.connections_opened, ("a.js", "new WebSocket(url)"), ("a.js", "connection.fetch(job)")),
    (rules.connections_opened, ("a.js", "globalThis.fetch"), ("a.js", "/* fetch(url) */ prefetch(url)")),
    (rules.foreign_imports, ("a.js", "import { x } from 'lodash';"), ("a.js", "import { x } from './x.js';")),
    (
        rules.foreign_imports,
        ("a.js", "export {\n  x,\n  y\n} from './x.mjs';"),
        ("a.js", "const range = `from ${a}, ${b ? `${c}` : 1}`;"),
    ),
    (
        rules.foreign_imports,
        ("a.js", "import 'https:other.js';"),
        ("a.js", "import {\n  x\n} from '../x.js';"),
    ),
    (rules.foreign_imports, ("a.js", "await import('./help')"), ("a.js", "await import('./help.js')")),
    (
        rules.foreign_addresses,
        ("a.js", "const host = 'https://example.org/x';"),
        ("a.js", "createElementNS('http://www.w3.org/1998/Math/MathML', name)"),
    ),
    (
        rules.words_elsewhere,
        ("a.js", 'el("p", { text: `… ${more} more` })'),
        ("a.js", "el('p', { text: say.more(more) })"),
    ),
    (
        rules.words_elsewhere,
        ("a.js", '"aria-label": "Formula"'),
        ("static/js/words/stage.js", 'text: "Formula"'),
    ),
    (
        rules.words_unused,
        ("static/js/words/stage.js", "x = {\n  gone: 1\n}"),
        ("a.js", "x = {\n  gone: 1\n}"),
    ),
    (rules.modules_without_comment, ("a.js", "const x = 1;"), ("a.js", "// Knows nothing.\nconst x = 1;")),
]


@pytest.mark.parametrize("rule", PAGE_RULES, ids=lambda rule: rule.__name__)
def test_the_page_keeps_the_rule(rule: Rule) -> None:
    found = list(programs("static/js", endings=(".js",)))
    assert found
    assert rule(found) == []


def test_the_style_sheets_name_no_other_host_and_say_what_they_are() -> None:
    found = list(programs("static/css", endings=(".css",)))
    assert found
    assert rules.foreign_addresses(found) == []
    assert rules.modules_without_comment(found) == []


def test_the_templates_name_no_other_host() -> None:
    assert rules.foreign_addresses(programs("templates", endings=(".html", ".svg"))) == []


def test_the_tests_of_the_page_say_what_they_are() -> None:
    assert rules.modules_without_comment(programs("tests/js", endings=(".js",))) == []


@pytest.mark.parametrize(("rule", "offence", "allowed"), CASES)
def test_the_rule_notices_an_offence(rule: Rule, offence: rules.Program, allowed: rules.Program) -> None:
    assert len(rule([offence])) == 1
    assert rule([allowed]) == []


def test_a_string_that_looks_like_a_comment_is_kept() -> None:
    program = "a('//b'); /* c\n d */ e(`/*`); // f"
    assert without_comments(program) == "a('//b'); \n e(`/*`); "
