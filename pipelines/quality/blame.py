"""Whose the failing rows of a check are: counted by submission, or by laboratory, month and board, never looked at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

#: What a column of a checked table tells of the one who sent the row. The first column that is there is used.
SUBMITTER = {
    "submitter": "{}",
    "submission_id": "split_part({}, '__', 2)",
    "receiving_lab": "{}",
}
PERIOD = {
    "period": "{}",
    "submission_id": "CAST(split_part({}, '__', 3) || '-01' AS DATE)",
    "received_month": "{}",
    "received_date": "CAST(date_trunc('month', {}) AS DATE)",
}
EXTRACT = {"extract": "{}", "submission_id": "split_part({}, '__', 1)"}
BOARD = {"residence_board": "{}", "requesting_board": "{}", "board_code": "{}"}
FIELD = {"field": "{}"}


@dataclass(frozen=True)
class Part:
    """What fails of one check with the same extract, submitter, month of receipt, board and field; None: not told.

    A board is told only by a check of groups that are boards. failing: rows that fail; where the check counts groups,
    the failing rows behind them, None where it does not tell. groups: failing groups, None where it counts rows. of:
    rows of these groups, failing or not, where it tells.
    """

    extract: str | None
    submitter: str | None
    period: dt.date | None
    board: str | None
    failing: int | None
    field: str | None = None
    groups: int | None = None
    of: int | None = None


def parts_of(con: duckdb.DuckDBPyConnection, table: str, expectation: Any) -> tuple[Part, ...]:
    """The failing rows of an expectation, counted by whom they belong to; empty where nothing in the table tells."""
    query = failing_rows(table, expectation)
    if query is None:
        return ()
    columns = {row[0] for row in con.cursor().execute(f"DESCRIBE {query}").fetchall()}
    are_groups = getattr(expectation, "unit", "rows") == "groups"
    told = [_first(choices, columns) for choices in (EXTRACT, SUBMITTER, PERIOD, BOARD if are_groups else {})]
    if all(part == "NULL" for part in told[1:]):
        return ()
    counts = ["count(*)", "NULL", "NULL"]
    if are_groups:
        behind = (f"sum({name})" if name in columns else "NULL" for name in ("rows_failing", "rows_checked"))
        counts = [next(behind), "count(*)", next(behind)]
    asked = [*told, _first(FIELD, columns), *counts]
    rows = con.cursor().execute(f"SELECT {', '.join(asked)} FROM ({query}) GROUP BY ALL ORDER BY ALL").fetchall()
    return tuple(
        Part(extract, submitter, _day(period), board, _whole(failing), field, _whole(groups), _whole(of))
        for extract, submitter, period, board, field, failing, groups, of in rows
    )


def rows_by_submitter_and_month(con: duckdb.DuckDBPyConnection, table: str, among: str = "TRUE") -> pl.DataFrame:
    """`submitter`, `period` (a month's first day) and `rows` of a table that meet a condition; empty where its columns
    do not tell both."""
    columns = {row[0] for row in con.cursor().execute(f'DESCRIBE "{table}"').fetchall()}
    submitter, period = _first(SUBMITTER, columns), _first(PERIOD, columns)
    told = "FALSE" if "NULL" in (submitter, period) else "TRUE"
    condition = among.format(batch=f'"{table}"')
    rows = (
        con.cursor()
        .execute(
            f"SELECT ({submitter})::VARCHAR AS submitter, ({period})::DATE AS period, count(*) AS rows "
            f'FROM "{table}" WHERE {told} AND ({condition}) GROUP BY 1, 2 HAVING submitter IS NOT NULL '
            "AND period IS NOT NULL ORDER BY 1, 2"
        )
        .fetchall()
    )
    return pl.DataFrame(rows, schema={"submitter": pl.String, "period": pl.Date, "rows": pl.Int64}, orient="row")


def failing_rows(table: str, expectation: Any) -> str | None:
    """The query for the rows that fail an expectation, ours or the library's; None where no row can be named."""
    if hasattr(expectation, "failing_rows"):
        values = expectation.filled(dict(expectation))
        return str(expectation.failing_rows(values)).format(batch=f'"{table}"')
    column = getattr(expectation, "column", None)
    if expectation.expectation_type == "expect_column_values_to_not_be_null":
        return f'SELECT * FROM "{table}" WHERE {column} IS NULL'
    if expectation.expectation_type == "expect_column_values_to_be_in_set":
        allowed = ", ".join(f"'{value}'" for value in expectation.value_set)
        return f'SELECT * FROM "{table}" WHERE {column} NOT IN ({allowed})'
    return None


def _first(choices: dict[str, str], columns: set[str]) -> str:
    return next((template.format(name) for name, template in choices.items() if name in columns), "NULL")


def _whole(count: Any) -> int | None:
    return None if count is None else int(count)


def _day(period: Any) -> dt.date | None:
    return period.date() if isinstance(period, dt.datetime) else period
