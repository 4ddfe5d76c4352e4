"""What became of every submission that was sent or expected: the table `submissions` of the protected store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb
import polars as pl

from catalogue.reference import labels
from pipelines.ingest.register import Submission
from pipelines.protect import HIDDEN_UNDER, rounded
from pipelines.quality.gate import SetAside
from pipelines.quality.profile import due_on
from pipelines.timeliness import month_of, stale_months

KEY = ("extract", "submitter", "period")
STATES = ("loaded", "late", "missing", "stale", "set_aside")
_SCHEMA = {"extract": pl.String, "submitter": pl.String, "period": pl.Date}


def submission_rows(
    con: duckdb.DuckDBPyConnection,
    in_use: Sequence[Submission],
    ever_sent: Sequence[Submission],
    left_out: Sequence[SetAside],
) -> pl.DataFrame:
    """One row an extract, submitter and period sent or expected: `label` (the submitter's name), `state`, `version` in
    use, `first_extracted_on`, `due_on`, `rows_loaded`, `rows_returned`, `typical_rows`, `reason` in a sentence.

    con: the warehouse with `dq_submissions`, `stg_returned` and `mart_turnaround`. The state is the first that holds of
    set aside, missing, stale (its open requests were not sent again) and late; else it is loaded. Rows that the build
    returned count as returned; counts under 10 are left out.
    """
    newest = max(s.extracted_on for s in in_use if s.extracted_on)
    sent: pl.DataFrame = con.sql("SELECT * FROM dq_submissions").pl()
    return (
        sent.join(_left_out(left_out), on=KEY, how="full", coalesce=True)
        .join(_versions(in_use), on="submission_id", how="left")
        .join(_returned_by_the_build(con), on="submission_id", how="left")
        .join(_stale(con), on=KEY, how="left")
        .join(_refused(ever_sent), on=KEY, how="left")
        .with_columns(
            pl.col("due_on").fill_null(due_on(pl.col("period"))),
            pl.col("rows_loaded") - pl.col("moved").fill_null(0),
            pl.col("rows_returned") + pl.col("moved").fill_null(0),
            label=pl.col("submitter").replace(labels("organisations")),
            state=_state(),
        )
        .with_columns(reason=_reason(pl.lit(newest)))
        .select(
            *("extract", "submitter", "label", "period", "state", "version", "first_extracted_on", "due_on"),
            *(_shown(name) for name in ("rows_loaded", "rows_returned", "typical_rows")),
            "reason",
        )
        .sort(KEY)
    )


def _state() -> pl.Expr:
    missing = pl.col("submission_id").is_null()
    return (
        pl.when(pl.col("set_aside").is_not_null())
        .then(pl.lit("set_aside"))
        .when(missing)
        .then(pl.lit("missing"))
        .when(pl.col("is_stale"))
        .then(pl.lit("stale"))
        .when(pl.col("is_late"))
        .then(pl.lit("late"))
        .otherwise(pl.lit("loaded"))
    )


def _reason(newest: pl.Expr) -> pl.Expr:
    """The state in a sentence; empty where loaded. newest: the day of the newest extract of all."""
    due = pl.col("due_on").dt.strftime("%-d %B %Y")
    unsent = pl.when(pl.col("due_on") > newest).then(pl.lit("Not sent yet; due on ")).otherwise(
        pl.when(pl.col("is_refused")).then(pl.lit("What was sent was refused; due on ")).otherwise(
            pl.lit("Nothing has been sent; due on ")
        )
    )  # fmt: skip
    late = pl.lit("First sent on ") + pl.col("first_extracted_on").dt.strftime("%-d %B %Y") + ", after it was due on "
    return (
        pl.when(pl.col("state") == "set_aside")
        .then(pl.col("set_aside"))
        .when(pl.col("state") == "missing")
        .then(unsent + due + ".")
        .when(pl.col("state") == "stale")
        .then(pl.lit("Requests of this month are still open, and it was not sent again with the newest extract."))
        .when(pl.col("state") == "late")
        .then(late + due + ".")
        .otherwise(pl.lit(""))
    )


def _left_out(left_out: Sequence[SetAside]) -> pl.DataFrame:
    """Why a submission was set aside, and what is used; one row an extract, submitter and period."""
    chains: dict[tuple[str | None, str | None, dt.date], list[SetAside]] = {}
    for one in left_out:
        sent = one.submission
        chains.setdefault((sent.extract, sent.submitter, month_of(str(sent.period))), []).append(one)
    rows = []
    for key, chain in chains.items():
        said = [f"Version {one.submission.version} was set aside. {one.because}" for one in chain]
        last = chain[-1].instead
        used = f"Version {last.version} is used instead." if last else "Nothing is used for this month."
        rows.append((*key, " ".join([*said, used])))
    return pl.DataFrame(rows, schema={**_SCHEMA, "set_aside": pl.String}, orient="row")


def _versions(in_use: Sequence[Submission]) -> pl.DataFrame:
    rows = [(s.submission_id, s.version) for s in in_use]
    return pl.DataFrame(rows, schema={"submission_id": pl.String, "version": pl.Int64}, orient="row")


def _returned_by_the_build(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    found: pl.DataFrame = con.sql("SELECT submission_id, count(*) AS moved FROM stg_returned GROUP BY ALL").pl()
    return found


def _stale(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return stale_months(con).select(
        pl.lit("turnaround").alias("extract"), "submitter", "period", pl.lit(True).alias("is_stale")
    )


def _refused(ever_sent: Sequence[Submission]) -> pl.DataFrame:
    rows = {
        (s.extract, s.submitter, month_of(s.period))
        for s in ever_sent
        if s.state == "refused" and s.extract and s.period
    }
    found = pl.DataFrame(sorted(rows, key=str), schema=_SCHEMA, orient="row")
    return found.with_columns(is_refused=pl.lit(True))


def _shown(name: str) -> pl.Expr:
    count = pl.col(name).round().cast(pl.Int64)
    return pl.when(count == 0).then(0).when(count >= HIDDEN_UNDER).then(rounded(count)).alias(name)
