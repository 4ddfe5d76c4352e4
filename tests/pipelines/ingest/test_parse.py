"""From text to typed columns."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from catalogue.contracts import Column, Kind
from pipelines.ingest.file_check import check_records, read_header
from pipelines.ingest.parse import as_typed, csv_text, with_typed


def column(kind: Kind) -> Column:
    return Column(name="x", type=kind, meaning="a test", unit="things" if kind in ("integer", "decimal") else None)


def typed(kind: Kind, values: list[str | None]) -> list[object]:
    rows = pl.DataFrame({"x": values}, schema={"x": pl.String})
    return as_typed(with_typed(rows, [column(kind)]), [column(kind)])["x"].to_list()


@pytest.mark.parametrize(
    "text",
    [
        "2026-3-4",
        "2026-02-30",
        " 2026-03-04",
        "+2026-03-04",
        "26-03-04",
        "12026-03-04",
        "2026-03-04T00:00",
        "04/03/2026",
        "",
    ],
)
def test_only_iso_days_are_dates(text: str) -> None:
    assert typed("date", ["2026-03-04", text, None]) == [date(2026, 3, 4), None, None]


@pytest.mark.parametrize("text", ["+5", " 5", "5.0", "1e3", "1_0", "0x10", "9" * 20, "٣", "5-"])
def test_only_plain_whole_numbers_are_integers(text: str) -> None:
    assert typed("integer", ["5", "-5", "05", text, None]) == [5, -5, 5, None, None]


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-infinity", "1e400", ".5", "5.", "+1", "1,5"])
def test_only_finite_numbers_are_decimals(text: str) -> None:
    assert typed("decimal", ["1.5", "-2", "1e-05", text, None]) == [1.5, -2.0, 1e-05, None, None]


def test_empty_fields_are_null_quoted_or_not() -> None:
    content = b'a,b\n,""\n"x ",\n'
    rows = csv_text(content, ["a", "b"], check_records(content, read_header(content)))
    assert rows.rows() == [(None, None), ("x ", None)]


def test_quoted_fields_keep_commas_quotes_and_line_ends() -> None:
    content = b'a,b\r\n"1,""2""\r\n3",4\r\n'
    rows = csv_text(content, ["a", "b"], check_records(content, read_header(content)))
    assert rows.rows() == [('1,"2"\r\n3', "4")]
