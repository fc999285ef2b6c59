"""Tables as text: what spreadsheets export is read, what was guessed is told, the rest is refused by its line."""

from __future__ import annotations

import contextlib
import csv
import io
import math
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Unfit
from app.data import table
from app.data.bundle import Bundle, parsed, safetensors_bytes
from app.data.table import MOST_BYTES, Reading, bundled_table, number_of, read_table, table_in

SALES = (120.5, 98.25, 1340.0, 87.0, 1021.75)
DAYS = tuple(f"2024-03-{day:02d}" for day in range(11, 16))


def german_excel() -> bytes:
    """Semicolons, decimal commas, points between thousands, day first, Windows line ends, a byte-order mark."""
    rows = (
        f"{day[8:]}.{day[5:7]}.{day[:4]};{value:,.2f}".replace(",", " ").replace(".", ",", 9)
        for day, value in zip(DAYS, SALES, strict=True)
    )
    cells = [row.replace(",", ".", 2).replace(" ", ".") for row in rows]
    return ("\ufeffDatum;Umsatz in €\r\n" + "\r\n".join(cells) + "\r\n").encode()


def libreoffice() -> bytes:
    """Commas, text in quotes, points, thousands in quotes."""
    rows = (
        f'{day},"{value:,.2f}","North, {place}"'
        for place, (day, value) in enumerate(zip(DAYS, SALES, strict=True))
    )
    return ('"Day","Sales","Place"\n' + "\n".join(rows) + "\n").encode()


def unicode_text() -> bytes:
    """A spreadsheet's "Unicode text": tabs, UTF-16, month first."""
    rows = (
        f"{int(day[5:7])}/{int(day[8:])}/{day[:4]}\t{value}" for day, value in zip(DAYS, SALES, strict=True)
    )
    return ("Date\tSales\r\n" + "\r\n".join(rows) + "\r\n").encode("utf-16")


EXPORTS = {
    "semicolon with decimal commas": (german_excel(), "semicolon", "comma", "Umsatz in €", "UTF-8"),
    "comma": (libreoffice(), "comma", "point", "Sales", "UTF-8"),
    "tabs": (unicode_text(), "tab", "point", "Sales", "UTF-16"),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_the_exports_of_three_spreadsheets_are_read(name: str) -> None:
    data, separator, decimal, column, encoding = EXPORTS[name]
    table = read_table(data)
    answer = table.to_json()
    assert (answer["separator"], answer["decimal"], answer["encoding"]) == (separator, decimal, encoding)
    assert answer["header"] is True
    assert table.columns[0].name == column
    np.testing.assert_array_equal(table.columns[0].values, SALES)
    assert answer["dates"]["first"] == "2024-03-11T00:00:00"
    assert answer["dates"]["every"] == "1 day"


names = st.text(st.characters(min_codepoint=65, max_codepoint=122), min_size=1, max_size=8).filter(
    lambda name: name.strip().lower() not in ("na", "nan", "null", "none")
)
numbers = st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 4)) | st.just(math.nan)


@given(
    st.lists(st.tuples(st.integers(0, 99), numbers), min_size=2, max_size=12),
    st.sampled_from([(",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ",")]),
    st.lists(names, min_size=2, max_size=2, unique=True),
)
def test_numbers_that_are_written_are_read_back(
    rows: list[tuple[int, float]], signs: tuple[str, Literal[".", ","]], heads: list[str]
) -> None:
    separator, decimal = signs
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator)
    writer.writerow(heads)
    for count, number in rows:
        cell = "" if math.isnan(number) else f"{number:.4f}".replace(".", decimal)
        writer.writerow([count, cell])
    table = read_table(file.getvalue().encode(), Reading(separator, decimal))
    assert table.columns[0].values.tolist() == [count for count, _ in rows]
    if not all(math.isnan(number) for _, number in rows):  # a column of gaps alone is none of numbers
        np.testing.assert_array_equal(table.columns[1].values, [number for _, number in rows])


@pytest.mark.parametrize(
    ("cell", "decimal", "number"),
    [
        ("1.234,5", ",", 1234.5),
        ("1,234.5", ".", 1234.5),
        ("−3", ".", -3),
        ("12 %", ".", 12),
        ("€1 200", ".", 1200),
        ("1'000.25", ".", 1000.25),
        (".5", ".", 0.5),
        ("1e3", ".", 1000),
        ("1,23,4", ".", None),
        ("12a", ".", None),
        ("1e999", ".", None),
    ],
)
def test_a_cell_holds_the_number_that_a_person_reads(cell: str, decimal: Any, number: float | None) -> None:
    assert number_of(cell, decimal) == number


@pytest.mark.parametrize("cell", ["", "NA", "n/a", "NaN", "-", "#N/A"])
def test_a_gap_is_told_and_kept(cell: str) -> None:
    table = read_table(f"day,sales\n1,2\n2,{cell}\n3,4\n".encode())
    assert table.column("sales").gaps == 1
    assert np.isnan(table.column("sales").values[1])


def test_a_table_without_a_header_numbers_its_columns() -> None:
    table = read_table(b"1,10\n2,20\n3,30\n")
    assert [one.name for one in table.columns] == ["column 1", "column 2"]
    assert len(table.columns[0].values) == 3


def test_a_single_column_needs_no_separator() -> None:
    table = read_table(b"value\n1.5\n2.5\n")
    assert table.columns[0].values.tolist() == [1.5, 2.5]
    commas = read_table(b"1,5\n2,5\n", Reading(decimal=","))
    assert commas.columns[0].values.tolist() == [1.5, 2.5]


def test_the_newest_row_first_is_turned_round_and_told() -> None:
    table = read_table(b"date,value\n2024-01-03,3\n2024-01-02,2\n2024-01-01,1\n")
    assert table.columns[0].values.tolist() == [1, 2, 3]
    assert any("turned round" in note for note in table.about["notes"])


def test_months_are_evenly_apart_and_a_missing_day_is_told() -> None:
    months = "".join(f"2023-{month:02d}-01;{month}\n" for month in range(1, 13))
    assert read_table(f"m;v\n{months}".encode()).about["dates"]["every"] == "1 month"
    days = read_table(b"d;v\n2024-01-01;1\n2024-01-02;2\n2024-01-05;3\n2024-01-06;4\n")
    assert any("2024-01-02" in note and "not evenly" in note for note in days.about["notes"])


def test_days_that_may_be_months_are_told() -> None:
    table = read_table(b"d,v\n01/02/2024,1\n02/02/2024,2\n")
    assert table.about["dates"]["first"] == "2024-02-01T00:00:00"
    assert any("day first" in note for note in table.about["notes"])
    sure = read_table(b"d,v\n" + "".join(f"03/{day:02d}/2024,1\n" for day in range(1, 16)).encode())
    assert sure.about["dates"]["last"] == "2024-03-15T00:00:00"
    assert not sure.about["notes"]


REFUSED = [
    (b"", "line 1", "empty"),
    (b"PK\x03\x04rest", "line 1", "workbook"),
    (b"a,b\n1,2\n3,\0\n", "line 3", "zero byte"),
    (b"a,b\n1,2\n3,x\n4,5\n5,6\n", "line 3, column b", "is not a number"),
    (b"a,b\n1,2\n3,4,5\n4,5\n", "line 3", "has 3 cells"),
    (b'a,b\n1,2\n"3,4\n', "line 3", "quotes"),
    (b"a,b\nx,y\nz,w\n", "line 2", "no column holds numbers"),
    (b"a,b\n1,2\n", "line 2", "too few rows"),
    (b"d,v\n2024-01-01,1\n2024-13-01,2\n2024-01-03,3\n", "line 3, column d", "not a"),
]


@pytest.mark.parametrize(("data", "place", "reason"), REFUSED)
def test_a_text_that_cannot_be_read_is_refused_with_its_line_and_a_remedy(
    data: bytes, place: str, reason: str
) -> None:
    with pytest.raises(Unfit) as refused:
        read_table(data)
    assert refused.value.value == place
    assert reason in refused.value.reason
    assert refused.value.remedy


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Unfit):
        assert read_table(data).columns


def test_a_table_is_kept_as_a_bundle_and_read_back() -> None:
    table = read_table(german_excel())
    again = table_in(parsed(safetensors_bytes(bundled_table(table))))
    assert again.to_json() == table.to_json()
    with pytest.raises(Unfit, match="no table"):
        table_in(Bundle({"x": np.zeros(3)}))
    with pytest.raises(Unfit, match="no such column"):
        again.column("Gewinn")


HOSTILE = {
    "quotes": (b'"' * MOST_BYTES, "quotes"),
    "a quote that is never closed": (b'"a\n' + b"1;2\n" * 2_000_000, "quotes"),
    "a million columns": (b",".join([b"1"] * 1_000_000) + b"\n", "may have 256"),
    "one cell": (b"a\n" + b"1" * (MOST_BYTES - 4) + b"\n2\n", "quotes or cells"),
    "zero bytes": (b"\0" * MOST_BYTES, "zero byte"),
    "a zero byte behind much": (b"1\n" * 4_000_000 + b"\0", "zero byte"),
    "separators": (b";" * MOST_BYTES, "may have 256"),
    "blank lines": (b"\n" * MOST_BYTES, "200,000 rows"),
    "five million rows": (b"v\n" + b"1\n" * 4_999_000, "200,000 rows"),
    "two encodings": ("ä;b\n1;2\n".encode() + "ö;1\n".encode("latin-1") * 2_000_000, "200,000 rows"),
    "UTF-16 that breaks off": ("a;b\n1;2\n".encode("utf-16") + b"\x00\xd8\x00", "UTF-16"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_table_is_refused_within_a_bounded_number_of_lines(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of lines that are split bounds the time: 400,000 of 10 MB take some two seconds of a thread."""
    data, reason = HOSTILE[name]
    numbers = 0

    def counted_number(cell: str, decimal: table.Decimal) -> float | None:
        nonlocal numbers
        numbers += 1
        return number_of(cell, decimal)

    monkeypatch.setattr(table, "number_of", counted_number)
    with pytest.raises(Unfit, match=reason) as refusal:
        read_table(data)
    assert refusal.value.remedy
    assert numbers < 10 * table.LOOKED_AT, "nothing is read as numbers before the refusal"
