"""Every SQL file keeps to what DuckDB and Spark answer alike."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from pipelines.models import FOLDER

#: Functions that both engines answer alike, seen by running both; each further one needs that proof first.
ALLOWED = {
    "AND",
    "CASE",
    "CAST",
    "COALESCE",
    "COUNT",
    "DATEDIFF",
    "EXISTS",
    "GREATEST",
    "IF",
    "MAX",
    "MIN",
    "OR",
    "ROW_NUMBER",
    "SUM",
}
#: `date_diff` counts alike in days only; casts to whole numbers round in one engine and cut off in the other.
DAY = "DAY"

FILES = sorted(FOLDER.rglob("*.sql"))


def functions(path: Path) -> list[exp.Func]:
    return list(sqlglot.parse_one(path.read_text(), read="duckdb").find_all(exp.Func))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_functions_that_both_engines_answer_alike_are_used(path: Path) -> None:
    used = {
        (function.name if isinstance(function, exp.Anonymous) else function.sql_name()).upper()
        for function in functions(path)
    }
    assert used <= ALLOWED, f"{path.name}: {sorted(used - ALLOWED)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_differences_of_dates_are_counted_in_days(path: Path) -> None:
    for function in functions(path):
        if isinstance(function, exp.DateDiff):
            assert function.args["unit"].name.upper() == DAY


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_query_groups_by_all_or_steps_dates_by_intervals(path: Path) -> None:
    tree = sqlglot.parse_one(path.read_text(), read="duckdb")
    assert not list(tree.find_all(exp.Interval))
    assert all(not group.args.get("all") for group in tree.find_all(exp.Group))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_says_first_what_a_row_is(path: Path) -> None:
    assert path.read_text().startswith("-- One row ")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_becomes_spark_sql(path: Path) -> None:
    (text,) = sqlglot.transpile(
        path.read_text(), read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    assert text
