"""A layer while it is read: what the text says, what its framework takes for granted, and notes for the person.

Knows no operation by name.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import Unreadable
from .bind import Call
from .known import Known
from .scan import unreadable
from .values import Shape, Value


@dataclass
class Draft:
    """Our settings as the text says them, and apart from those what the framework has where it says nothing.

    ``places`` are where each was said; ``foreign`` holds what is no parameter of ours.
    """

    text: str
    call: Call
    known: Known
    axes: int | None
    rules: str
    settings: dict[str, Any] = field(default_factory=dict)
    standing: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Value] = field(default_factory=dict)
    foreign: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    channels: int | None = None
    features: int | None = None
    weight: Shape | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The parameters that the operation has."""
        return self.known.operation.spec.model_fields

    def value(self, name: str) -> Any:
        """A setting as it will be: said, or the framework's default, or ours."""
        if name in self.settings:
            return self.settings[name]
        return self.standing.get(name, self.left_out(name))

    def left_out(self, name: str) -> Any:
        """The value of a parameter under these rules where it is left out."""
        spec = self.known.operation.spec
        theirs = spec.framework_defaults.get(self.rules, {})
        return theirs[name] if name in theirs else self.fields[name].default if name in self.fields else None

    def each(self, name: str) -> tuple[Any, ...] | None:
        """A setting as one entry per axis, where the number of axes is known."""
        value = self.value(name)
        if isinstance(value, tuple):
            axes = self.axes or len(value)
            return value * axes if len(value) == 1 else value if len(value) == axes else None
        return None if value is None else (value,) * (self.axes or 1)

    def taps(self) -> int | None:
        """Cells of a window."""
        kernel = self.value("kernel")
        if isinstance(kernel, int):
            return math.prod([kernel] * (self.axes or 2))
        return None if kernel is None else math.prod(self.each("kernel") or kernel)

    def refused(self, ours: str, reason: str, remedy: str) -> Unreadable:
        """A refusal of one of our parameters, at the argument that said it, or at the whole call."""
        place = self.places.get(ours)
        start, end = (self.call.start, self.call.end) if place is None else (place.start, place.end)
        return unreadable(self.text, start, end, reason, remedy)

    def data(self) -> dict[str, Any]:
        """The layer as it is asked for: what the text says, and defaults of the framework that are not the rules' own.

        A value that equals the default stays left out, so that other rules put their own in its place.
        """
        unlike = {
            name: value
            for name, value in self.standing.items()
            # 0 adds nothing, which is what a None of ours does under the framework's own rules.
            if value != (left_out := self.left_out(name)) and not (left_out is None and value == 0)
        }
        return {"operation": self.known.operation.name, "rules": self.rules, **unlike, **self.settings}
