"""The one shape of every refusal: field, value, reason, remedy. Knows nothing of HTTP but the status number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic_core import PydanticCustomError


def counted(count: int, one: str, several: str = "") -> str:
    """A number of things as a sentence says it: ``1 axis``, ``2 axes``, ``−1 cells``, ``1,234 steps``."""
    if not several:
        several = (
            f"{one[:-2]}es" if one.endswith("is") else f"{one[:-1]}ies" if one.endswith("ry") else f"{one}s"
        )
    number = f"{count:,}".replace("-", "−")
    return f"{number} {one if count == 1 else several}"


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a text something is: line and column from 1, and the range of characters [start, end) from 0."""

    line: int
    column: int
    start: int
    end: int

    def to_json(self) -> dict[str, int]:
        """As a problem carries it."""
        return {"line": self.line, "column": self.column, "start": self.start, "end": self.end}


class Problem(Exception):
    """Something that cannot be done, told so that a person can mend it.

    ``reason`` says why, ``remedy`` what would work. ``field`` and ``value`` name the setting at fault where
    there is one, ``position`` the place in a text that was read. ``status`` is the number that a web answer
    would carry. With ``retry_after_s`` nothing is wrong with the request: after so many seconds it may be done.
    ``excess`` is how many times as much was asked for as may be done.
    """

    title: ClassVar[str] = "This cannot be done"

    def __init__(
        self,
        *,
        code: str,
        status: int,
        title: str | None = None,
        reason: str,
        remedy: str,
        field: str | None = None,
        value: object = None,
        pointer: str | None = None,
        position: Position | None = None,
        retry_after_s: int | None = None,
        excess: float | None = None,
    ) -> None:
        self.code = code
        self.status = status
        self.heading = title or self.title
        self.reason = reason
        self.remedy = remedy
        self.field = field
        self.value = value
        self.pointer = pointer
        self.position = position
        self.retry_after_s = retry_after_s
        self.excess = excess
        super().__init__(self.detail)

    @property
    def detail(self) -> str:
        """The whole refusal as one line: ``stride = 0: a window must move. Use 1 or more.``"""
        sentence = f"{self.reason}. {self.remedy}"
        if self.field is None:
            return sentence[0].upper() + sentence[1:]
        return f"{self.field} = {shown(self.value)}: {sentence}"

    def to_json(self) -> dict[str, Any]:
        """The refusal as an RFC 9457 problem document."""
        document: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.heading,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.field is not None:
            document["field"] = self.field
            document["value"] = plain(self.value)
        document["reason"] = self.reason
        document["remedy"] = self.remedy
        if self.pointer is not None:
            document["pointer"] = self.pointer
        if self.position is not None:
            document["position"] = self.position.to_json()
        if self.retry_after_s is not None:
            document["retry_after_s"] = self.retry_after_s
        if self.excess is not None:
            document["excess"] = self.excess
        return document


class Unfit(Problem):
    """A setting that has no meaning, or that does not fit the input it is used on.

    ``case`` says which of a field's refusals it is, so that a framework's own words can be found for it.
    """

    title = "The setting does not fit"

    def __init__(
        self,
        field: str,
        value: object,
        reason: str,
        remedy: str,
        *,
        pointer: str | None = None,
        case: str | None = None,
    ) -> None:
        self.case = case
        super().__init__(
            code="unfit", status=422, field=field, value=value, reason=reason, remedy=remedy, pointer=pointer
        )


class Busy(Problem):
    """More is asked of this server than it can do now; later it can."""

    title = "The server is busy"

    def __init__(self, reason: str, retry_after_s: int = 1) -> None:
        super().__init__(
            code="busy",
            status=503,
            reason=reason,
            remedy=f"Try again in {retry_after_s} s.",
            retry_after_s=retry_after_s,
        )


class TooMany(Problem):
    """One client asks for more than its part; later it may go on."""

    title = "Too much at once"

    def __init__(self, reason: str, retry_after_s: int = 1) -> None:
        super().__init__(
            code="too_many",
            status=429,
            reason=reason,
            remedy=f"Try again in {retry_after_s} s.",
            retry_after_s=retry_after_s,
        )


class Unreadable(Problem):
    """Text that says no layer, or says one wrongly, and where."""

    title = "The text cannot be read"

    def __init__(self, value: object, reason: str, remedy: str, position: Position) -> None:
        super().__init__(
            code="unreadable",
            status=422,
            field="text",
            value=value,
            reason=reason,
            remedy=remedy,
            pointer="/text",
            position=position,
        )


class TooLarge(Problem):
    """More than this server computes, keeps or sends at once."""

    title = "Too large"

    def __init__(
        self,
        field: str,
        value: object,
        reason: str,
        remedy: str,
        excess: float | None = None,
        *,
        pointer: str | None = None,
    ) -> None:
        super().__init__(
            code="too_large",
            status=413,
            field=field,
            value=value,
            reason=reason,
            remedy=remedy,
            pointer=pointer,
            excess=excess,
        )


class NotFound(Problem):
    """Something named that is not here."""

    title = "Not found"

    def __init__(self, field: str, value: object, reason: str, remedy: str) -> None:
        super().__init__(code="not_found", status=404, field=field, value=value, reason=reason, remedy=remedy)


class Unsupported(Problem):
    """A body or an answer in a form that is not spoken here."""

    title = "Unsupported form"

    def __init__(self, field: str, value: object, reason: str, remedy: str) -> None:
        super().__init__(
            code="unsupported", status=415, field=field, value=value, reason=reason, remedy=remedy
        )


SHOWN_LENGTH = 80


DEEPEST = 4


def shown(value: object, depth: int = 0) -> str:
    """A value as a person would write it, cut to a readable length and depth."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        if depth == DEEPEST:
            return "[…]"
        text = (
            "["
            + ", ".join(shown(item, depth + 1) for item in value[:16])
            + (", …]" if len(value) > 16 else "]")
        )
    elif isinstance(value, dict):
        text = "an object"
    else:
        text = str(value)
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"


def plain(value: object, depth: int = 0) -> Any:
    """A value as strict JSON can carry it: non-finite numbers as words, anything large or odd as its text."""
    if value is None or isinstance(value, (bool, int)):
        return value if not isinstance(value, int) or abs(value) < 2**63 else shown(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, (tuple, list)) and len(value) <= 16 and depth < DEEPEST:
        return [plain(item, depth + 1) for item in value]
    return shown(value)


def malformed(reason: str, remedy: str) -> PydanticCustomError:
    """A type error in the one shape of refusals; the web edge reads the remedy out of its context."""
    return PydanticCustomError("malformed", "{reason}", {"reason": reason, "remedy": remedy})


MOST_POINTED = 64  # characters of a name that a pointer repeats


def pointer_to(base: str, name: str) -> str:
    """The pointer of a member that a client has named, or of what it is a member of where the name is a book."""
    if len(name) > MOST_POINTED:
        return base
    return f"{base}/{name.replace('~', '~0').replace('/', '~1')}"
