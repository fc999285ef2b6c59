"""The registry: every module of this package is one operation, found by its file. Knows no operation by name."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

from pydantic import ValidationError

from ..core.combines import COMBINES
from ..core.discovery import Misplaced, found_by_file
from ..core.geometry import SIZE_RULES
from ..core.operation import FAMILIES, Operation


@functools.cache
def registry() -> Mapping[str, Operation]:
    """All operations by name, family by family; each module offers one ``OPERATION``.

    Raises Misplaced, which names the file and the remedy, for an operation that is made of pieces that do not exist.
    """
    found = found_by_file(__path__, __name__, Operation, "OPERATION")
    for operation in found.values():
        _check(operation)
    ordered = sorted(found.values(), key=lambda operation: (FAMILIES.index(operation.family), operation.name))
    return MappingProxyType({operation.name: operation for operation in ordered})


def _check(operation: Operation) -> None:
    file = f"operations/{operation.name}.py"
    for field, value, known in (
        ("family", operation.family, FAMILIES),
        ("geometry", operation.geometry, SIZE_RULES),
        ("combine", operation.combine, COMBINES),
    ):
        if value not in known:
            raise Misplaced(file, f"{field}={value!r} does not exist", f"Use one of {', '.join(known)}.")
    said = operation.spec.model_fields["operation"].annotation
    if getattr(said, "__args__", ()) != (operation.name,):
        remedy = f'Write operation: Literal["{operation.name}"].'
        raise Misplaced(file, "its spec has no field that says this operation", remedy)
    if operation.channels == "filters" and not operation.combination.weighted:
        remedy = 'Use channels="each", or a combine with weights.'
        raise Misplaced(file, "filters have weights, and its combine has none", remedy)
    for example in operation.examples:
        try:
            operation.spec.model_validate(example["layers"][0])
        except ValidationError as problem:
            raise Misplaced(
                file, f"its example {example['title']!r} is refused", str(problem.errors()[0]["msg"])
            ) from None
