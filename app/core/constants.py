"""The numbers among a layer's settings: what its combine needs besides the window, and the ends that each must keep.

Knows no array and no operation by name.
"""

from __future__ import annotations

import functools
from typing import Any

from .combines.combine import Constants
from .errors import Unfit
from .operation import Operation
from .spec import LayerSpec


def constants_of(operation: Operation, spec: LayerSpec) -> Constants:
    """The numbers that the combine needs besides the window: fixed by the operation, or as the spec says."""
    fixed, divides = operation.constants, operation.combination.finish == "divide"
    if fixed is not None:
        return fixed
    if divides:
        return Constants(_divisor(spec))
    return Constants("elements" if _is_scaled(operation, spec) else None, _exponent(spec))


def _is_scaled(operation: Operation, spec: LayerSpec) -> bool:
    """Whether the rules asked for scale what ceil mode clips up to a whole window."""
    framework = operation.frameworks.get(spec.rules)
    return framework is not None and framework.scales_clipped and bool(getattr(spec, "ceil_mode", False))


def _exponent(spec: LayerSpec) -> float | None:
    """The p of a norm, where there is one."""
    p: float | None = getattr(spec, "p", None)
    if p is not None and p <= 0:
        raise Unfit(
            "p", p, "the exponent of a norm is above 0", "Use a number such as 2 or 0.5.", case="least"
        )
    return p


def check_numbers(spec: LayerSpec) -> None:
    """Refuse a number beyond the ends that its parameter has."""
    for name, least, most in _ended(type(spec)):
        value = getattr(spec, name)
        if not least <= value <= most:
            reason = f"it lies between {least} and {most}"
            raise Unfit(name, value, reason, f"Use a number from {least} to {most}.", case="ends")


@functools.cache
def _ended(spec: type[LayerSpec]) -> list[tuple[str, int, int]]:
    """The parameters that are numbers with two ends."""
    controls: dict[str, Any] = {
        name: extra["x-control"]
        for name, info in spec.model_fields.items()
        if isinstance(extra := info.json_schema_extra, dict) and "x-control" in extra
    }
    return [
        (name, control["minimum"], control["maximum"])
        for name, control in controls.items()
        if control["kind"] == "number" and control["minimum"] is not None
    ]


def _divisor(spec: LayerSpec) -> str | int:
    """The divisor of a mean: a number given, or a count of cells."""
    given: int | None = getattr(spec, "divisor", None)
    if given is not None:
        if given == 0:
            raise Unfit(
                "divisor", given, "nothing can be divided by 0", "Use another number, or null.", case="least"
            )
        return given
    return "padded" if getattr(spec, "count_include_pad", False) else "elements"
