"""What became of every submission that was sent or expected: the table `submissions` of the protected store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb
import polars as pl

from catalogue.reference import labels
from pipelines.ingest.register import Submission
from pipelines.quality.gate import SetAside
from pipelines.quality.profile import due_on
from pipelines.timeliness import month_of

KEY = ("extract", "submitter", "period")
STATES = ("loaded", "late", "not_due", "missing", "stale", "unusable", "set_aside")
_SCHEMA = {"extract": pl.String, "submitter": pl.String, "period": pl.Date}


def submission_rows(
    con: duckdb.DuckDBPyConnection,
    in_use: Sequence[Submission],
    ever_sent: Sequence[Submission],
    left_out: Sequence[SetAside],
) -> pl.DataFrame:
    """One row an extract, submitter and period sent or expected: `label` (the submitter's name), `state`, `version` in
    use, `first_extracted_on`, `due_on`, `rows_loaded`, `rows_returned`, `typical_rows`, `rows_moved`, `reason` in a
    sentence. Counts are exact, for the build side: `pipelines.quality.rows_shown` says what may be shown of them.

    con: the warehouse with `dq_submissions` and `stg_returned`. The state is the first that holds of set aside, not due
    (nothing usable came, and it is not due yet) or missing, unusable (no row is in use), stale (its open requests were
    not sent again) and late; else it is loaded. `rows_moved` are those that the build returned; they count as
    returned.
    """
    sent: pl.DataFrame = con.sql("SELECT * FROM dq_submissions").pl()
    return (
        sent.join(_left_out(left_out), on=KEY, how="full", coalesce=True)
        .join(_versions(in_use), on="submission_id", how="left")
        .join(_returned_by_the_build(con), on="submission_id", how="left")
        .join(_testing(sent), on=["submitter", "period"], how="left")
        .join(_refused(ever_sent), on=KEY, how="left")
        .with_columns(
            pl.col("due_on").fill_null(due_on(pl.col("period"))),
            pl.col("rows_in_use").alias("rows_loaded"),
            pl.col("rows_returned") + pl.col("moved").fill_null(0),
            pl.col("moved").fill_null(0).alias("rows_moved"),
            pl.col("typical_rows").round().cast(pl.Int64),
            label=pl.col("submitter").replace(labels("organisations")),
            state=_state(),
        )
        .with_columns(reason=_reason())
        .select(
            *("extract", "submitter", "label", "period", "state", "version", "first_extracted_on", "due_on"),
            *("rows_loaded", "rows_returned", "typical_rows", "rows_moved", "reason"),
        )
        .sort(KEY)
    )


def _state() -> pl.Expr:
    missing = pl.col("submission_id").is_null()
    return (
        pl.when(pl.col("set_aside").is_not_null())
        .then(pl.lit("set_aside"))
        .when(missing & ~pl.col("is_refused").fill_null(value=False) & (pl.col("due_on") >= pl.col("known_on")))
        .then(pl.lit("not_due"))
        .when(missing)
        .then(pl.lit("missing"))
        .when(pl.col("rows_in_use") == 0)
        .then(pl.lit("unusable"))
        .when(pl.col("is_stale"))
        .then(pl.lit("stale"))
        .when(pl.col("is_late"))
        .then(pl.lit("late"))
        .otherwise(pl.lit("loaded"))
    )


def _reason() -> pl.Expr:
    """The state in a sentence; empty where loaded in time."""
    due = pl.col("due_on").dt.strftime("%-d %B %Y")
    refused = pl.col("is_refused").fill_null(value=False)
    unsent = pl.when(refused).then(pl.lit("What was sent was refused; due on ")).otherwise(
        pl.lit("Nothing has been sent; due on ")
    )  # fmt: skip
    unusable = pl.when((pl.col("extract") != "testing") & ~pl.col("testing_is_used").fill_null(value=False)).then(
        pl.lit("Every row was returned: no row of the testing extract of its month is in use.")
    ).otherwise(pl.lit("Every row was returned, so nothing of it is in use."))  # fmt: skip
    late = pl.lit("First sent on ") + pl.col("first_extracted_on").dt.strftime("%-d %B %Y") + ", after it was due on "
    return (
        pl.when(pl.col("state") == "set_aside")
        .then(pl.col("set_aside"))
        .when(pl.col("state") == "missing")
        .then(unsent + due + ".")
        .when(pl.col("state") == "not_due")
        .then(pl.lit("Not sent yet; due on ") + due + ".")
        .when(pl.col("state") == "unusable")
        .then(unusable)
        .when(pl.col("state") == "stale")
        .then(pl.lit("Requests of this month are still open, and it was not sent again with the newest extract."))
        .when(pl.col("state") == "late")
        .then(late + due + ".")
        .when(pl.col("is_backfill"))
        .then(pl.lit("Due before its sender began to send, so lateness is not judged."))
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


def _testing(sent: pl.DataFrame) -> pl.DataFrame:
    """`testing_is_used`: whether any row of a submitter's testing extract of a month is in use."""
    return sent.filter(extract="testing").select("submitter", "period", testing_is_used=pl.col("rows_in_use") > 0)


def _refused(ever_sent: Sequence[Submission]) -> pl.DataFrame:
    rows = {
        (s.extract, s.submitter, month_of(s.period))
        for s in ever_sent
        if s.state == "refused" and s.extract and s.period
    }
    found = pl.DataFrame(sorted(rows, key=str), schema=_SCHEMA, orient="row")
    return found.with_columns(is_refused=pl.lit(True))
