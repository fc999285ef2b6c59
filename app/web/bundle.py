"""Joins the modules that the page needs at once into one, so that a first view takes few requests.

The modules stay the source and are served unjoined as well: what a page loads later imports from the joined one
by rewritten imports, so that no module is ever evaluated twice. Knows the page's own style of modules (named
imports and exports, which a formatter lays out) and refuses any other; knows no file and no HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_IMPORT = re.compile(r'^import\s*\{([^{}]*)\}\s*from\s*"\./([\w-]+)\.js";\n?', re.MULTILINE)
_PASSED_ON = re.compile(r'^export\s*\{([^{}]*)\}\s*from\s*"\./([\w-]+)\.js";\n?', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async function\*?|function\*?|const|class) (\w+))", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)

JOINED = "joined"  # the name of the joined module


class Unjoinable(Exception):
    """A module that is written otherwise than this can join."""


def imports_of(source: str) -> list[str]:
    """The modules that a module imports or passes on at once, by name."""
    return [name for _, name in [*_IMPORT.findall(source), *_PASSED_ON.findall(source)]]


def in_order(entry: str, sources: Mapping[str, str]) -> list[str]:
    """All that ``entry`` needs at once, each after what it imports and ``entry`` last; raises for a circle."""
    order: list[str] = []
    above: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        if name in above:
            raise Unjoinable(f"{' imports '.join([*above[above.index(name) :], name])}: a circle")
        above.append(name)
        for needed in imports_of(sources[name]):
            visit(needed)
        above.pop()
        order.append(name)

    visit(entry)
    return order


def joined(names: list[str], sources: Mapping[str, str]) -> str:
    """The modules ``names``, in order, as one that exports an object ``$name`` for each."""
    return "".join(_scoped(name, sources[name]) for name in names)


def _scoped(name: str, source: str) -> str:
    exported: list[str] = []

    def keep(match: re.Match[str]) -> str:
        exported.append(match[2])
        return match[1]

    passed = [
        f"{_pair(one, ': ', f'{_object(module)}.')}"
        for names, module in _PASSED_ON.findall(source)
        for one in _listed(names)
    ]
    body = _EXPORT.sub(keep, _PASSED_ON.sub("", _IMPORT.sub(_taken, source)))
    left = _LEFT_OVER.search(body)
    if left is not None:
        raise Unjoinable(f"{name}.js: {left[0]!r} is no import or export that can be joined")
    given = ", ".join([*exported, *passed])
    return f"export const {_object(name)} = (() => {{\n{body}return {{ {given} }};\n}})();\n"


def _taken(match: re.Match[str]) -> str:
    """An import from a joined module, within the joined module."""
    names = ", ".join(_renamed(one) for one in _listed(match[1]))
    return f"const {{ {names} }} = {_object(match[2])};\n"


def importing(source: str, inside: set[str]) -> str:
    """A module that stays outside, with its imports from joined modules taken from the joined one."""
    used = {name for _, name in _IMPORT.findall(source) if name in inside}

    def take(match: re.Match[str]) -> str:
        return _taken(match) if match[2] in inside else match[0]

    body = _IMPORT.sub(take, source)
    if not used:
        return body
    objects = ", ".join(_object(name) for name in sorted(used))
    return f'import {{ {objects} }} from "./{JOINED}.js";\n{body}'


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _renamed(name: str) -> str:
    """``a as b`` as destructuring has it."""
    return re.sub(r"^(\w+) as (\w+)$", r"\1: \2", name)


def _pair(name: str, between: str, owner: str) -> str:
    """``a as b`` as a property: ``b: owner.a``."""
    own, _, other = name.partition(" as ")
    return f"{other or own}{between}{owner}{own}"


def _object(name: str) -> str:
    return "$" + name.replace("-", "_")
