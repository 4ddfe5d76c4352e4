"""Who has sent what: months missing, late or stale, and up to when an extract is whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb
import polars as pl

from catalogue.contracts import extract_contracts
from catalogue.reference import labels
from pipelines import settings
from pipelines.ingest.register import Submission

MONTHLY = tuple(name for name, contract in extract_contracts().items() if contract.submitters == "laboratories")


def month_of(period: str) -> dt.date:
    """The first day of a period YYYY-MM."""
    return dt.date.fromisoformat(f"{period}-01")


def next_due(newest_month: dt.date) -> dt.date:
    """The day by which the month after the newest is to be submitted."""
    months_on = newest_month.year * 12 + newest_month.month + 1
    return dt.date(months_on // 12, months_on % 12 + 1, settings.SUBMISSION_DUE_DAY)


def submitters(con: duckdb.DuckDBPyConnection, in_use: Sequence[Submission]) -> pl.DataFrame:
    """One row a monthly extract and laboratory: what it has sent so far, as the protected store shows it.

    con: the warehouse with `dq_submissions`. `is_late`: its newest month is not the newest that is expected;
    `stale_periods`: months that still have open requests, and were not sent again about when its newest extract was
    taken.
    """
    counted: pl.DataFrame = con.sql(
        """
        SELECT
            extract,
            submitter,
            strftime(max(period) FILTER (WHERE NOT is_missing), '%Y-%m') AS newest_period,
            count(*) FILTER (WHERE is_missing) AS periods_missing,
            NOT arg_max(NOT is_missing, period) AS is_late,
            count(*) FILTER (WHERE is_stale) AS stale_periods
        FROM dq_submissions
        WHERE list_contains($extracts, extract)
        GROUP BY extract, submitter
        ORDER BY list_position($extracts, extract), submitter""",
        params={"extracts": list(MONTHLY)},
    ).pl()
    rows = [(s.extract, s.submitter, s.extracted_on) for s in in_use]
    schema = {"extract": pl.String, "submitter": pl.String, "extracted_on": pl.Date}
    newest = pl.DataFrame(rows, schema=schema, orient="row").group_by("extract", "submitter").max()
    return counted.join(newest, on=["extract", "submitter"], how="left", maintain_order="left").select(
        "extract",
        "submitter",
        pl.col("submitter").replace(labels("laboratories")).alias("label"),
        "newest_period",
        "extracted_on",
        "periods_missing",
        "is_late",
        "stale_periods",
    )


def whole_to(con: duckdb.DuckDBPyConnection) -> dict[str, dt.date]:
    """The last day of the newest period that everybody expected has sent, by extract; the first day of time where
    somebody has sent none of it. con: the warehouse with `dq_submissions`."""
    found = con.execute("""
        WITH newest AS (
            SELECT extract, submitter, max(period) FILTER (WHERE NOT is_missing) AS period
            FROM dq_submissions GROUP BY extract, submitter
        )
        SELECT extract, CASE WHEN count(*) = count(period) THEN last_day(min(period)) END
        FROM newest GROUP BY extract""").fetchall()
    return {extract: day or dt.date.min for extract, day in found}
