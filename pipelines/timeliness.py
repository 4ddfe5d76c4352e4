"""Who has sent what: months missing, late or stale, judged from the submissions in use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb
import polars as pl

from catalogue.contracts import extract_contracts
from catalogue.reference import labels, reference_rows
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


def submitters(in_use: Sequence[Submission], stale: pl.DataFrame) -> pl.DataFrame:
    """One row a monthly extract and laboratory: what it has sent so far, as the protected store shows it.

    in_use: submissions in use. stale: columns `submitter`, `stale_periods`, months with open requests that were not
    sent again with the newest extract.
    """
    laboratories = [row["code"] for row in reference_rows("laboratories") if row["is_scottish"] == "yes"]
    rows = [
        _row(extract, laboratory, [s for s in in_use if s.extract == extract])
        for extract in MONTHLY
        for laboratory in laboratories
    ]
    schema = {
        "extract": pl.String,
        "submitter": pl.String,
        "label": pl.String,
        "newest_period": pl.String,
        "extracted_on": pl.Date,
        "periods_missing": pl.Int64,
        "is_late": pl.Boolean,
    }
    counted = pl.when(pl.col("extract") == "turnaround").then(pl.col("stale_periods")).fill_null(0)
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        .join(stale, on="submitter", how="left")
        .with_columns(stale_periods=counted.fill_null(0))
    )


def stale_months(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """`submitter` and `period` of the months of receipt that still have open requests and were not in their submitter's
    newest extract."""
    found: pl.DataFrame = con.sql("""
        SELECT DISTINCT receiving_lab AS submitter, ref_days.month_start AS period
        FROM mart_turnaround
        INNER JOIN ref_days ON mart_turnaround.received_date = ref_days.day
        WHERE NOT is_reported AND extracted_on < judged_on
        ORDER BY ALL""").pl()
    return found


def stale_periods(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """How many such months each submitter has: `submitter`, `stale_periods`."""
    return stale_months(con).group_by("submitter", maintain_order=True).agg(stale_periods=pl.len().cast(pl.Int64))


def _row(extract: str, laboratory: str, sent: list[Submission]) -> tuple[object, ...]:
    periods = {str(s.period) for s in sent}
    own = [s for s in sent if s.submitter == laboratory]
    newest = max((str(s.period) for s in own), default=None)
    missing = periods - {str(s.period) for s in own}
    extracted = max((s.extracted_on for s in own if s.extracted_on), default=None)
    is_late = newest is None or newest < max(periods)
    return extract, laboratory, labels("laboratories")[laboratory], newest, extracted, len(missing), is_late
