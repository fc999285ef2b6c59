"""The registry: every module of this package is one operation, found by its file. Knows no operation by name."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from ..core.operation import FAMILIES, Operation


@functools.cache
def registry() -> Mapping[str, Operation]:
    """All operations by name, family by family; each module offers one ``OPERATION``."""
    found: dict[str, Operation] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        operation = importlib.import_module(f".{module}", __name__).OPERATION
        if operation.name != module:
            raise ImportError(f"operations/{module}.py offers an operation named {operation.name}")
        found[operation.name] = operation
    ordered = sorted(found.values(), key=lambda operation: (FAMILIES.index(operation.family), operation.name))
    return MappingProxyType({operation.name: operation for operation in ordered})
