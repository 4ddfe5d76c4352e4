"""Return files."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from catalogue.contracts import Column
from pipelines.ingest.returns import count_reasons, harmless, returned_rows, write_returns
from pipelines.ingest.row_rules import Rule

RULES = [
    Rule("bad_date", ("a",), pl.lit(True)),
    Rule("date_order", ("a", "b"), pl.lit(True)),
    Rule("bad_date", ("b",), pl.lit(True)),
]

COLUMNS = [Column(name=name, type="date", meaning="A day") for name in ("a", "b")]


def test_fields_and_reasons_correspond_and_advice_stands_once() -> None:
    flags = pl.DataFrame({"0": [True, False], "1": [False, True], "2": [True, False]})
    rows = returned_rows(pl.DataFrame({"a": ["x", "y"], "b": ["u", "v"]}), flags, RULES, pl.Series([5, 9]), COLUMNS)
    assert rows["row_number"].to_list() == [5, 9]
    assert rows["fields"].to_list() == ["a; b", "a, b"]
    assert rows["reasons"].to_list() == ["bad_date; bad_date", "date_order"]
    assert rows["what_to_do"][0].count("YYYY") == 1
    day = "a day as YYYY-MM-DD from 1990-01-01 to 2100-12-31"
    assert rows["expected"].to_list() == [f"a: {day}; b: {day}", "a: a day no later than b"]
    assert rows.columns[5:] == ["a", "b"]


def test_a_row_counts_once_a_reason() -> None:
    flags = pl.DataFrame({"0": [True, True], "1": [False, True], "2": [True, False]})
    assert count_reasons(flags, RULES) == {"bad_date": 2, "date_order": 1}


def test_formulas_are_made_harmless_and_numbers_stay() -> None:
    sent = ["=1+1", "+A1", "-A1", "@x", "\tx", "-5", "+5.5", "plain", None]
    kept = pl.DataFrame({"a": sent}).select(a=harmless(pl.col("a")))["a"].to_list()
    assert kept == ["'=1+1", "'+A1", "'-A1", "'@x", "'\tx", "-5", "+5.5", "plain", None]


def test_a_returns_file_reads_back(tmp_path: Path) -> None:
    rows = pl.DataFrame({"row_number": [2], "a": ['x, "y"\nz']})
    write_returns(tmp_path / "EDI" / "a.csv", rows)
    assert pl.read_csv(tmp_path / "EDI" / "a.csv").rows() == rows.rows()
    assert [path.name for path in (tmp_path / "EDI").iterdir()] == ["a.csv"]
