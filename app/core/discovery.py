"""How a closed set finds its members: one module each, checked while it loads. Knows no set and no member."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Protocol, TypeVar


class Named(Protocol):
    """A record that goes by a name."""

    @property
    def name(self) -> str:
        """The name, which is also that of its module."""


Record = TypeVar("Record", bound=Named)


class Misplaced(ImportError):
    """A member of a closed set that cannot be taken; the message names the file, the reason and the remedy."""

    def __init__(self, file: str, reason: str, remedy: str) -> None:
        super().__init__(f"{file}: {reason}. {remedy}")


def found_by_file(
    path: Iterable[str], package: str, kind: type[Record], constant: str, besides: Collection[str] = ()
) -> Mapping[str, Record]:
    """The records of a package by name, in the order of their names.

    Each module offers one ``constant`` of the type ``kind``, whose name is the module's; the modules ``besides``
    (full names) hold what they share. Raises Misplaced for a module that breaks this.
    """
    found: dict[str, Record] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(path)):
        full = f"{package}.{module}"
        if full in besides:
            continue
        file = f"{package.rpartition('.')[2]}/{module}.py"
        record = getattr(importlib.import_module(full), constant, None)
        if not isinstance(record, kind):
            raise Misplaced(
                file, f"it offers no {constant}", f"Define {constant} = {kind.__name__}(…) at its top level."
            )
        if record.name != module:
            remedy = f'Write name="{module}", or rename the file to {record.name}.py.'
            raise Misplaced(file, f"its {constant} is named {record.name}", remedy)
        found[record.name] = record
    return MappingProxyType(found)
