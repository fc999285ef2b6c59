"""Joins modules that come together into one file each, so that a view takes few requests and few bytes.

The modules stay the source. A file of joined modules keeps each in a scope of its own and hands out, as an array,
what modules of other files import from it; imports there are rewritten to that array, so that no module is ever
evaluated twice. Knows the page's own style of modules (named imports and exports, which a formatter lays out) and
refuses any other; knows no file and no HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_IMPORT = re.compile(r'^import\s*\{([^{}]*)\}\s*from\s*"\./([\w-]+)\.js";\n?', re.MULTILINE)
_PASSED_ON = re.compile(r'^export\s*\{([^{}]*)\}\s*from\s*"\./([\w-]+)\.js";\n?', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async function\*?|function\*?|const|class) (\w+))", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)
_LATER = re.compile(r'\bimport\("\./([\w-]+)\.js"\)')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class Unjoinable(Exception):
    """A module that is written otherwise than this can join."""


@dataclass(frozen=True, slots=True)
class Name:
    """``own`` of ``module``, which the module that imports it or passes it on calls ``here``."""

    module: str
    own: str
    here: str


def imports_of(source: str) -> list[str]:
    """The modules that a module imports or passes on at once, by name."""
    return [name for _, name in [*_IMPORT.findall(source), *_PASSED_ON.findall(source)]]


def later_of(source: str) -> set[str]:
    """The modules that a module imports when it needs them, by name."""
    return set(_LATER.findall(_COMMENT.sub("", source)))


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


def joined(entries: Sequence[str], sources: Mapping[str, str], stamp: str) -> dict[str, str]:
    """The modules as they are served: each entry with all that it needs and no earlier entry has, the others alone.

    ``stamp`` names the array between files. Files of two versions of the page have different ones, so that they
    refuse each other instead of taking one thing for another.
    """
    files: dict[str, list[str]] = {}
    home: dict[str, str] = {}
    for entry in entries:
        files[entry] = [name for name in in_order(entry, sources) if name not in home]
        home.update(dict.fromkeys(files[entry], entry))
    return _Joiner(sources, files, home, f"$_{stamp}").made()


class _Joiner:
    """One joining: which file has which module, and at which place of its array others find what they take."""

    def __init__(
        self, sources: Mapping[str, str], files: Mapping[str, list[str]], home: Mapping[str, str], array: str
    ) -> None:
        self.sources, self.files, self.home, self.array = sources, files, home, array
        self.imports = {name: _names(_IMPORT, source) for name, source in sources.items()}
        self.passed = {name: _names(_PASSED_ON, source) for name, source in sources.items()}
        self.own = {name: [own for _, own in _EXPORT.findall(source)] for name, source in sources.items()}
        # Modules of a file that something imports by name, when it needs them.
        later = {name for source in sources.values() for name in later_of(source)}
        self.facades = {name: self._exports(name) for name in later & set(home)}
        self.places = self._places()

    def made(self) -> dict[str, str]:
        """Every module by name, as it is served."""
        made = dict(self.sources)
        made |= {name: self._alone(name) for name in self.sources if name not in self.home}
        for name, given in self.facades.items():
            made[name] = self._arrays(given) + self._given(given)
        return made | {entry: self._file(entry) for entry in self.files}

    def _exports(self, name: str) -> list[Name]:
        return [*(Name(name, own, own) for own in self.own[name]), *self.passed[name]]

    def _owner(self, one: Name) -> tuple[str, str]:
        """The module in which a name is defined, and its name there: what is passed on is followed."""
        for passed in self.passed[one.module]:
            if passed.here == one.own:
                return self._owner(passed)
        return one.module, one.own

    def _places(self) -> dict[str, list[str]]:
        taken: dict[str, set[str]] = {entry: set() for entry in self.files}
        for name in self.sources:
            for one in [*self.imports[name], *self.passed[name], *self.facades.get(name, [])]:
                module, own = self._owner(one)
                if module in self.home and (name in self.facades or self.home[module] != self.home.get(name)):
                    taken[self.home[module]].add(_variable(module, own))
        return {entry: sorted(names) for entry, names in taken.items()}

    def _value(self, one: Name, file: str | None = None) -> str:
        """What a name is: a variable of the file that it is needed in, or a place in the array of another."""
        module, own = self._owner(one)
        home = self.home[module]
        return _variable(module, own) if home == file else self._place(one)

    def _place(self, one: Name, within: str | None = None) -> str:
        """A name as a place in the array that holds it, which within its own file goes by the array's name."""
        module, own = self._owner(one)
        home = self.home[module]
        array = self.array if home == within else _handle(home)
        return f"{array}[{self.places[home].index(_variable(module, own))}]"

    def _arrays(self, names: Iterable[Name], file: str | None = None) -> str:
        """Imports of the arrays that hold these names."""
        homes = {self.home[self._owner(one)[0]] for one in names} - {file}
        return "".join(
            f'import {{ {self.array} as {_handle(home)} }} from "./{home}.js";\n' for home in sorted(homes)
        )

    def _given(self, names: Iterable[Name], within: str | None = None) -> str:
        """Exports by name of what is defined in joined modules."""
        return "".join(f"export const {one.here} = {self._place(one, within)};\n" for one in names)

    def _file(self, entry: str) -> str:
        names = self.files[entry]
        imports = self._arrays((one for name in names for one in self.imports[name]), entry)
        scopes = "".join(self._scoped(name, entry) for name in names)
        given = ", ".join(self.places[entry])
        named = self._given(self.facades.get(entry, []), entry)
        return f"{imports}export const {self.array} = (() => {{\n{scopes}return [{given}];\n}})();\n{named}"

    def _scoped(self, name: str, file: str) -> str:
        """A module in a scope of its own, within the file."""
        body = _EXPORT.sub(r"\1", _PASSED_ON.sub("", _IMPORT.sub("", self.sources[name])))
        left = _LEFT_OVER.search(body)
        if left is not None:
            raise Unjoinable(f"{name}.js: {left[0]!r} is no import or export that can be joined")
        scope = f"(() => {{\n{self._taken(self.imports[name], file)}{body}"
        if not self.own[name]:
            return f"{scope}}})();\n"
        variables = ", ".join(_variable(name, own) for own in self.own[name])
        return f"const [{variables}] = {scope}return [{', '.join(self.own[name])}];\n}})();\n"

    def _taken(self, names: Iterable[Name], file: str | None = None) -> str:
        taken = ", ".join(f"{one.here} = {self._value(one, file)}" for one in names)
        return f"const {taken};\n" if taken else ""

    def _alone(self, name: str) -> str:
        """A module that stays by itself, with what it takes from joined modules taken from their files."""

        def keep(match: re.Match[str]) -> str:
            return "" if match[2] in self.home else match[0]

        imports = [one for one in self.imports[name] if one.module in self.home]
        passed = [one for one in self.passed[name] if one.module in self.home]
        body = _PASSED_ON.sub(keep, _IMPORT.sub(keep, self.sources[name]))
        return self._arrays([*imports, *passed]) + self._taken(imports) + body + self._given(passed)


def _names(pattern: re.Pattern[str], source: str) -> list[Name]:
    found = []
    for listed, module in pattern.findall(source):
        for one in filter(None, (one.strip() for one in listed.split(","))):
            own, _, here = one.partition(" as ")
            found.append(Name(module, own, here or own))
    return found


def _variable(module: str, name: str) -> str:
    return f"{module.replace('-', '_')}${name}"


def _handle(file: str) -> str:
    """An array of another file, by the file's name."""
    return f"$${file.replace('-', '_')}"
