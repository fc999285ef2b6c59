"""Columns of dates in a table: how they are written, how far apart they are, and in which order. Knows text only."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ..core.errors import Unfit, counted

Json = dict[str, Any]

GAPS = frozenset(("", "na", "n/a", "#n/a", "nan", "null", "none", "-", "–", "?"))
# Day first or month first is decided by a number above 12; where none is, day first, and it is told.
DATES: tuple[tuple[str, str], ...] = (
    ("%d.%m.%Y", "day first"),
    ("%d.%m.%y", "day first"),
    ("%m/%d/%Y", "month first"),
    ("%d/%m/%Y", "day first"),
    ("%Y/%m/%d", ""),
    ("%d-%m-%Y", "day first"),
    ("%b %Y", ""),
    ("%Y-%m", ""),
    ("%m/%Y", ""),
)
MOSTLY = 0.6  # of the cells: a column with as many dates is one of dates, and what is none in it a mistake
TIMES = ("", " %H:%M", " %H:%M:%S")


class Line(NamedTuple):
    """One line of a text and its cells."""

    number: int
    cells: tuple[str, ...]


def broken(line: int, reason: str, remedy: str, column: str | None = None) -> Unfit:
    """A refusal that names the line."""
    place = f"line {line}" if column is None else f"line {line}, column {column}"
    return Unfit("table", place, reason, remedy)


class Dates(NamedTuple):
    """A sentence about a column of dates, and whether the newest stands first."""

    record: Json
    descending: bool


Read = Callable[[str], datetime | None]


def _iso(cell: str) -> datetime | None:
    if len(cell) < 8 or not cell[:4].isdigit() or cell.isdigit():
        return None
    try:
        return datetime.fromisoformat(cell).replace(tzinfo=None)
    except ValueError:
        return None


def _formed(form: str) -> Read:
    def read(cell: str) -> datetime | None:
        try:
            return datetime.strptime(cell, form)  # noqa: DTZ007 - a table says no zone
        except ValueError:
            return None

    return read


def date_of(cell: str) -> datetime | None:
    """A cell as a date in any of the forms."""
    for read in (_iso, *(_formed(form + time) for form, _ in DATES for time in TIMES)):
        if (found := read(cell)) is not None:
            return found
    return None


def dates_in(some: Sequence[str], notes: list[str]) -> Read | None:
    """How to read cells of which nearly all are dates; None where they are not."""

    forms = [(how, _formed(form + time)) for form, how in DATES for time in TIMES]
    counts = [(sum(read(cell) is not None for cell in some), how, read) for how, read in (("", _iso), *forms)]
    most = max(count for count, _, _ in counts)
    if most < MOSTLY * len(some):
        return None
    fitting = [(how, read) for count, how, read in counts if count == most]
    read = next((read for how, read in fitting if how == "day first"), fitting[0][1])
    if len({how for how, _ in fitting}) > 1:
        notes.append(
            f"Dates such as {some[0]} were read with the day first; no day above 12 says which it is."
        )
    return read


def dated(name: str, cells: Sequence[str], rows: Sequence[Line], read: Read, notes: list[str]) -> Dates:
    """First and last date, and how far apart they usually are."""
    found: list[datetime] = []
    for place, cell in enumerate(cells):
        if cell.lower() in GAPS:
            continue
        date = read(cell)
        if date is None:
            raise broken(
                rows[place].number,
                f"{cell[:40]!r} is not a date like {cells[0][:40]!r}",
                "Write all dates alike.",
                name,
            )
        found.append(date)
    apart = [after - before for before, after in itertools.pairwise(found)]
    descending = bool(apart) and all(one < timedelta() for one in apart)
    if descending:
        found, apart = found[::-1], [-one for one in apart[::-1]]
    elif any(one < timedelta() for one in apart):
        place = next(place for place, one in enumerate(apart) if one < timedelta())
        notes.append(
            f"Dates go back after {found[place].isoformat(' ')}; rows are taken in the order they stand in."
        )
    usual, times = Counter(apart).most_common(1)[0] if apart else (timedelta(), 0)
    if months := _monthly(found):
        every = "1 month" if months == 1 else f"{months} months"
    else:
        every = _span(usual)
        if times < len(apart):
            place = next(place for place, one in enumerate(apart) if one != usual)
            notes.append(
                f"Dates are not evenly apart: {found[place].isoformat(' ')} is followed by "
                f"{found[place + 1].isoformat(' ')}. Steps count rows, not time."
            )
    found_dates = {"name": name, "first": found[0].isoformat(), "last": found[-1].isoformat(), "every": every}
    return Dates(found_dates, descending)


def _monthly(dates: Sequence[datetime]) -> int:
    """Months from each date to the next where they are the same day of evenly spaced months; otherwise 0."""
    months = [12 * one.year + one.month for one in dates]
    apart = {after - before for before, after in itertools.pairwise(months)}
    days = {(one.day, one.hour, one.minute) for one in dates}
    return max(0, apart.pop()) if len(apart) == 1 and len(days) == 1 else 0


def _span(apart: timedelta) -> str:
    """A length of time in its largest whole unit."""
    seconds = round(apart.total_seconds())
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds and seconds % size == 0:
            return counted(seconds // size, unit)
    return counted(seconds, "second")
