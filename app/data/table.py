"""A person's table as text (CSV) with its columns of numbers, and as a bundle; everything that was guessed is told.

Separator, decimal sign, header, dates and gaps are found in the text unless they are given; a cell that cannot be read
is refused with its line. Knows text and arrays, no store and no request.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.errors import Unfit, counted
from .bundle import Bundle
from .dates import GAPS, Dates, Line, broken, date_of, dated, dates_in

Float64 = NDArray[np.float64]
Json = dict[str, Any]
Decimal = Literal[".", ","]

MOST_BYTES = 10_000_000
MOST_COLUMNS = 256
MOST_ROWS = 200_000
LEAST_ROWS = 2
LOOKED_AT = 200  # lines that separator, decimal sign and kinds of columns are guessed from
SEPARATORS = ("\t", ";", ",", "|")
TITLES = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "bar", "": "none"}
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_AROUND = re.compile(r"^[€$£¥]|[€$£¥%]$")


class Reading(NamedTuple):
    """How a text is read; what is None is guessed."""

    separator: str | None = None
    decimal: Decimal | None = None
    header: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column of numbers; a gap is NaN."""

    name: str
    values: Float64

    @property
    def gaps(self) -> int:
        """How many cells hold no number."""
        return int(np.isnan(self.values).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of numbers, and what is told of how they were read."""

    columns: tuple[Column, ...]
    about: Json

    def column(self, name: str | None) -> Column:
        """The column of a name, or the first."""
        if name is None:
            return self.columns[0]
        found = next((one for one in self.columns if one.name == name), None)
        if found is None:
            names = ", ".join(one.name for one in self.columns[:8])
            raise Unfit(
                "column", name, "the table has no such column", f"Use one of {names}.", pointer="/data/column"
            )
        return found

    def to_json(self) -> Json:
        """As an answer tells it."""
        columns = []
        for one in self.columns:
            known = one.values[~np.isnan(one.values)]
            columns.append(
                {
                    "name": one.name,
                    "count": len(one.values),
                    "gaps": one.gaps,
                    "least": float(known.min()) if len(known) else None,
                    "most": float(known.max()) if len(known) else None,
                }
            )
        return {"count": len(self.columns[0].values), "columns": columns, **self.about}


def bundled_table(table: Table) -> Bundle:
    """The table as a bundle, which a store keeps."""
    values = np.stack([one.values for one in table.columns])
    record = {"names": [one.name for one in table.columns], "notes": table.about}
    return Bundle({"values": values}, {"table": json.dumps(record, ensure_ascii=False)})


def table_in(bundle: Bundle) -> Table:
    """The table of a bundle; raises Unfit for a bundle of something else."""
    try:
        record = json.loads(bundle.metadata.get("table", ""))
        names, notes = record["names"], record["notes"]
        values = bundle.arrays["values"]
    except (ValueError, KeyError, TypeError):
        raise _other() from None
    named = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not named or values.ndim != 2 or values.dtype.kind != "f" or not 0 < len(values) == len(names):
        raise _other()
    columns = zip(names, values.astype(np.float64), strict=True)
    return Table(tuple(Column(name, one) for name, one in columns), notes if isinstance(notes, dict) else {})


def _other() -> Unfit:
    return Unfit(
        "data",
        "another bundle",
        "this bundle is no table",
        "Send a table to POST data as text/csv, and use the id that it answers.",
        pointer="/data/id",
    )


# --- Reading --------------------------------------------------------------------------------------------------


def read_table(data: bytes, reading: Reading = Reading()) -> Table:  # noqa: B008 - frozen
    """The table of a text; raises Unfit with the line of what cannot be read."""
    text, encoding = _decoded(data)
    notes: list[str] = []
    if encoding == "Windows-1252":
        notes.append("The text is not UTF-8; it was read as Windows-1252.")
    if (
        first := re.match(r"sep=(.)\r?\n", text)
    ) is not None:  # a line that spreadsheets write for themselves
        reading = reading._replace(separator=reading.separator or first[1])
        text = "\n" + text[first.end() :]
    separator = reading.separator if reading.separator is not None else _separator(text, reading.decimal)
    lines = _lines(text, separator)
    decimal = reading.decimal or _decimal(lines, separator, notes)
    header = _has_header(lines, decimal) if reading.header is None else reading.header
    names = _names(lines[0].cells if header else (), max(len(line.cells) for line in lines))
    rows = lines[1:] if header else lines
    if len(rows) < LEAST_ROWS:
        raise broken(
            rows[-1].number if rows else 1, "there are too few rows of numbers", "Send a longer table."
        )
    for line in rows:
        if len(line.cells) > len(names) or (header and any(line.cells[len(lines[0].cells) :])):
            raise broken(
                line.number,
                f"it has {counted(len(line.cells), 'cell')}, and the first line {len(lines[0].cells)}",
                "Give every line as many cells, or put text with separators in quotes.",
            )
    columns, dates = _columns(rows, names, decimal, notes)
    if dates is not None and dates.descending:
        columns = tuple(Column(one.name, one.values[::-1].copy()) for one in columns)
        notes.append("The newest row came first; the rows were turned round.")
    about: Json = {
        "encoding": encoding,
        "separator": TITLES.get(separator, separator),
        "decimal": "comma" if decimal == "," else "point",
        "header": header,
        "dates": None if dates is None else dates.record,
        "notes": notes,
    }
    return Table(columns, about)


def _decoded(data: bytes) -> tuple[str, str]:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise broken(
            1, "this is a workbook, not text", "Save the sheet as CSV in your spreadsheet, and send that."
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError:
            raise broken(1, "its UTF-16 is damaged", "Save it as CSV in UTF-8.") from None
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise broken(line, "it holds a zero byte, as text never does", "Send a text file: CSV.")
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "Windows-1252"


def _separator(text: str, decimal: Decimal | None) -> str:
    """The separator that cuts most lines into equally many cells, at least two; nothing for a single column."""
    head = io.StringIO(text[: 1 << 16])
    sample = [line for line in (head.readline() for _ in range(LOOKED_AT)) if line.strip()]
    best, most = "", 0.0
    for separator in SEPARATORS:
        if separator == decimal:
            continue
        try:
            widths = Counter(len(row) for row in csv.reader(sample, delimiter=separator) if row)
        except csv.Error:
            continue
        if not widths:
            continue
        width, times = widths.most_common(1)[0]
        share = times / sum(widths.values())
        # A comma may stand in numbers; what comes earlier in the list is no part of one.
        if width > 1 and share > most + 0.2:
            best, most = separator, share
    return best


def _lines(text: str, separator: str) -> list[Line]:
    """The lines that are not blank, their cells without spaces around them."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator or "\x1f", strict=True)
    found: list[Line] = []
    try:
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            if any(cells):
                found.append(Line(reader.line_num, cells))
            if len(found) > MOST_ROWS or reader.line_num > 2 * MOST_ROWS:  # blank ones and a header included
                raise broken(
                    reader.line_num,
                    f"the table goes on behind it, and may have {counted(MOST_ROWS, 'row')}",
                    "Send a part of it, or the mean of each hour or day.",
                )
            if len(cells) > MOST_COLUMNS:
                raise broken(
                    reader.line_num,
                    f"it has {counted(len(cells), 'cell')}, and may have {MOST_COLUMNS}",
                    "Send fewer columns.",
                )
    except csv.Error as error:
        raise broken(
            reader.line_num,
            f"its quotes or cells cannot be told apart ({error})",
            "Close every quote, or leave quotes out.",
        ) from None
    if not found:
        raise broken(1, "the text is empty", "Send a table with at least one column of numbers.")
    return found


def _bare(cell: str) -> str:
    """A cell without what stands around a number: currency, per cent, spaces between thousands."""
    found = cell.replace("\u2212", "-")
    for space in ("\u00a0", "\u202f", "\u2009", "'", " "):
        found = found.replace(space, "")
    return _AROUND.sub("", found)


def number_of(cell: str, decimal: Decimal) -> float | None:
    """The number that a cell holds, NaN for a gap, None for anything else."""
    if cell.lower() in GAPS:
        return float("nan")
    bare = _bare(cell)
    thousands = "." if decimal == "," else ","
    if thousands in bare:
        first, *groups = bare.partition(decimal)[0].lstrip("+-").split(thousands)
        if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
            return None
        bare = bare.replace(thousands, "")
    bare = bare.replace(decimal, ".")
    if _PLAIN.fullmatch(bare) is None:
        return None
    found = float(bare)
    return found if abs(found) < 1e300 else None


def _decimal(lines: Sequence[Line], separator: str, notes: list[str]) -> Decimal:
    """The sign that more cells can be read with; where that says nothing, the point."""
    if separator == ",":
        quoted = any("," in cell for line in lines[:LOOKED_AT] for cell in line.cells)
        if not quoted:
            return "."
    cells = [cell for line in lines[:LOOKED_AT] for cell in line.cells if "," in cell or "." in cell]
    readable = {sign: sum(number_of(cell, sign) is not None for cell in cells) for sign in (".", ",")}
    commas = sum("," in cell for cell in cells if number_of(cell, ",") is not None)
    if readable[","] != readable["."]:
        return "," if readable[","] > readable["."] else "."
    if commas and separator in (";", "\t", ""):
        notes.append("Commas were read as decimal signs; they could also stand between thousands.")
        return ","
    return "."


def _has_header(lines: Sequence[Line], decimal: Decimal) -> bool:
    """Whether the first line has no number where lines below have some."""
    first, others = lines[0], lines[1:LOOKED_AT]
    numbers = [number_of(cell, decimal) for cell in first.cells]
    if any(one is not None and not math.isnan(one) for one in numbers):
        below = [
            any(_is_number(line, place, decimal) for line in others) for place in range(len(first.cells))
        ]
        named = [one is None for one in numbers]
        # Years may head columns: then some cell that is no number stands above numbers, and is no date.
        return any(
            name and under and date_of(first.cells[place]) is None
            for place, (name, under) in enumerate(zip(named, below, strict=True))
        )
    return len(others) > 0


def _is_number(line: Line, place: int, decimal: Decimal) -> bool:
    found = number_of(line.cells[place], decimal) if place < len(line.cells) else None
    return found is not None and not math.isnan(found)


def _names(given: Sequence[str], count: int) -> list[str]:
    """A name for each column, each once."""
    found: list[str] = []
    for place in range(count):
        name = given[place][:200] if place < len(given) and given[place] else f"column {place + 1}"
        again, own = 2, name
        while own in found:
            own, again = f"{name} {again}", again + 1
        found.append(own)
    return found


def _columns(
    rows: Sequence[Line], names: Sequence[str], decimal: Decimal, notes: list[str]
) -> tuple[tuple[Column, ...], Dates | None]:
    """The columns of numbers, and the first one of dates; what is neither is left out, and told."""
    columns: list[Column] = []
    dates: Dates | None = None
    left_out: list[str] = []
    for place, name in enumerate(names):
        cells = [line.cells[place] if place < len(line.cells) else "" for line in rows]
        some = [cell for cell in cells[:LOOKED_AT] if cell.lower() not in GAPS]
        numeric = sum(number_of(cell, decimal) is not None for cell in some)
        if dates is None and some and (read := dates_in(some, notes)) is not None:
            dates = dated(name, cells, rows, read, notes)
        elif some and numeric * 2 >= len(some):
            columns.append(_numbers(name, cells, rows, decimal))
        elif any(cells):
            left_out.append(name)
    if left_out:
        notes.append(f"Left out, since they hold text: {', '.join(left_out[:8])}.")
    if not columns:
        raise broken(
            rows[0].number,
            "no column holds numbers",
            "Send a table with a column of numbers, or say its separator and decimal sign.",
        )
    return tuple(columns), dates


def _numbers(name: str, cells: Sequence[str], rows: Sequence[Line], decimal: Decimal) -> Column:
    values = np.empty(len(cells))
    for place, cell in enumerate(cells):
        found = number_of(cell, decimal)
        if found is None:
            raise broken(
                rows[place].number,
                f"{cell[:40]!r} is not a number",
                "Correct the cell, or leave it empty: that is a gap.",
                name,
            )
        values[place] = found
    return Column(name, values)
