"""One health board's own requests, exact: what is open, overdue and due soon, where it waits, and how that changes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from methods.attribute_charts import p_chart, t_chart
from methods.special_causes import special_causes
from methods.xmr import xmr_limits
from ui.data import OwnBoard

#: Days ahead for which what falls due is counted as due soon.
SOON_DAYS = 14

#: The rule set by which a point is more than chance.
RULES = "making_data_count_7"

#: Sides of a board, by their place in the data.
SIDES = {"requesting": "Requested by us", "residence": "Our residents"}

#: The last thing that was done to a request, in the order of the work.
STAGES = {
    "received": "Received",
    "dna_extracted": "DNA extracted",
    "sequenced": "Sequenced",
    "analysed": "Analysed",
    "authorised": "Authorised",
    "reported": "Reported",
}

#: How an open request stands to its due date, and how one ended.
STANDINGS = {
    "overdue": "Overdue",
    "soon": f"Due within {SOON_DAYS} days",
    "later": "Due later",
    "no_due_date": "No due date",
    "reported": "Reported",
    "cancelled": "Cancelled",
}
OPEN = ("overdue", "soon", "later", "no_due_date")

#: Under so many due requests in a usual month, limits are read off the binomial itself.
FEW_DUE = 50

#: Breaches are rare where there are at most so many in the newest 24 months; from so many on, days between them say
#: something.
RARE_MONTHS, RARE_AT_MOST, RARE_FROM = 24, 24, 4


@dataclass(frozen=True)
class View:
    """Which of the board's requests: asked for by it or of its residents, of one category, of one laboratory."""

    side: str = "requesting"
    category: str | None = None
    lab: str | None = None


@dataclass(frozen=True)
class Now:
    """How the open requests of a view stand on the day of the laboratories' newest extracts.

    over_median, over_most: days past the due date of the overdue; None where none is overdue. judged: first and last
    day on which a laboratory's newest extract was taken; None where there is no request.
    """

    open: int
    overdue: int
    soon: int
    no_due_date: int
    over_median: float | None
    over_most: int | None
    judged: tuple[dt.date, dt.date] | None


def work(board: OwnBoard, view: View) -> pl.DataFrame:
    """The requests of a view with `standing`, a key of STANDINGS, the most pressing first."""
    due, judged = pl.col("due_date"), pl.col("judged_on")
    standing = (
        pl.when(pl.col("status") != "open")
        .then(pl.col("status"))
        .when(due.is_null())
        .then(pl.lit("no_due_date"))
        .when(due < judged)
        .then(pl.lit("overdue"))
        .when(due <= judged.dt.offset_by(f"{SOON_DAYS}d"))
        .then(pl.lit("soon"))
        .otherwise(pl.lit("later"))
    )
    rows = board.requests.filter(pl.col("side").is_in([view.side, "both"]))
    if view.category:
        rows = rows.filter(turnaround_category=view.category)
    if view.lab:
        rows = rows.filter(performing_lab=view.lab)
    order = {name: place for place, name in enumerate(STANDINGS)}
    return rows.with_columns(standing=standing).sort(
        pl.col("standing").replace_strict(order, return_dtype=pl.Int64),
        "due_date",
        "request_id",
        nulls_last=True,
    )


def now(rows: pl.DataFrame) -> Now:
    """How the open requests of `work` stand."""
    counts = dict(rows.group_by("standing").len().iter_rows())
    over = rows.filter(standing="overdue")["days_over"]
    first, last = rows["judged_on"].min(), rows["judged_on"].max()
    return Now(
        open=sum(counts.get(name, 0) for name in OPEN),
        overdue=over.len(),
        soon=counts.get("soon", 0),
        no_due_date=counts.get("no_due_date", 0),
        over_median=over.median() if over.len() else None,  # type: ignore[arg-type]
        over_most=over.max() if over.len() else None,  # type: ignore[arg-type]
        judged=(first, last) if isinstance(first, dt.date) and isinstance(last, dt.date) else None,
    )


def waiting(rows: pl.DataFrame) -> pl.DataFrame:
    """Open requests by performing laboratory and stage, of `work`: a column for each of OPEN, `open`, `longest_days`.

    longest_days: most days since the stage was reached.
    """
    since = (pl.col("judged_on") - pl.col("stage_date")).dt.total_days()
    return (
        rows.filter(status="open")
        .group_by("performing_lab", "stage")
        .agg(
            *((pl.col("standing") == name).sum().cast(pl.Int64).alias(name) for name in OPEN),
            pl.len().cast(pl.Int64).alias("open"),
            since.max().alias("longest_days"),
        )
        .sort("overdue", "open", "performing_lab", "stage", descending=[True, True, False, False])
    )


def months(board: OwnBoard, view: View) -> pl.DataFrame:
    """The monthly counts of a view, oldest first: every month of the record, with nought where nothing was.

    A count is null in months in which its measure is not whole yet; percentiles are null where they are not reached.
    Adds `period_status`.
    """
    own = board.monthly.filter(
        pl.col("side") == view.side,
        pl.col("turnaround_category").eq_missing(pl.lit(view.category)),
        pl.col("performing_lab").eq_missing(pl.lit(view.lab)),
    ).drop("side", "turnaround_category", "performing_lab")
    status = board.months.filter(measure="requests_received").select("month", "period_status")
    frame = status.join(own, on="month", how="left").sort("month")
    columns = {
        "requests_received": ["received"],
        "reported_within_standard": ["due", "within_standard"],
        "overdue_backlog": ["open_at_end", "overdue_at_end"],
        "turnaround_days": ["still_open"],
    }
    whole = {name: board.months.filter(measure=name)["month"].implode() for name in columns}
    return frame.with_columns(
        pl.when(pl.col("month").is_in(whole[measure])).then(pl.col(name).fill_null(0)).alias(name)
        for measure, names in columns.items()
        for name in names
    )


def within_chart(monthly: pl.DataFrame) -> pl.DataFrame:
    """Share of due requests reported within standard by month, with limits and special causes; whole months only.

    Adds `numerator`, `denominator` and `period_status`. A month in which nothing fell due has no value.
    """
    points = _whole(monthly, "due").select(
        pl.col("month").alias("period"), "period_status", numerator="within_standard", denominator="due"
    )
    usual = points["denominator"].median()
    few = not isinstance(usual, float) or usual < FEW_DUE
    chart = p_chart(points.drop("period_status"), limits="exact" if few else "laney")
    return special_causes(chart, RULES).join(points, on="period", how="left", maintain_order="left")


def overdue_chart(monthly: pl.DataFrame) -> pl.DataFrame:
    """Requests open past their due date at each month's end, with limits and special causes; whole months only.

    A lower limit below nought is nought, since no count lies there.
    """
    points = _whole(monthly, "overdue_at_end").select(
        pl.col("month").alias("period"), "period_status", "open_at_end", value="overdue_at_end"
    )
    chart = special_causes(xmr_limits(points.select("period", "value")), RULES)
    chart = chart.with_columns(pl.col("lower").clip(lower_bound=0))
    return chart.join(points.drop("value"), on="period", how="left", maintain_order="left")


def _whole(monthly: pl.DataFrame, column: str) -> pl.DataFrame:
    return monthly.filter(pl.col("period_status") != "incomplete", pl.col(column).is_not_null())


def breach_days(board: OwnBoard, view: View) -> pl.DataFrame:
    """Due dates that were missed and how many requests missed each, oldest first: `period`, `breaches`."""
    rows = board.breaches.filter(side=view.side)
    if view.category:
        rows = rows.filter(turnaround_category=view.category)
    if view.lab:
        rows = rows.filter(performing_lab=view.lab)
    return rows.group_by(pl.col("due_date").alias("period")).agg(pl.col("breaches").sum()).sort("period")


def newest_breaches(days: pl.DataFrame, monthly: pl.DataFrame) -> int:
    """Breaches in the newest months, by which they are rare or not."""
    newest = monthly["month"].max()
    if newest is None:
        return 0
    since = pl.lit(newest).dt.offset_by(f"-{RARE_MONTHS - 1}mo")
    return int(days.filter(pl.col("period") >= since)["breaches"].sum())


def between_breaches(days: pl.DataFrame) -> pl.DataFrame:
    """Days from one missed due date to the next, with limits and special causes (T chart)."""
    gaps = days.select("period", value=(pl.col("period") - pl.col("period").shift()).dt.total_days().cast(pl.Float64))
    return special_causes(t_chart(gaps.drop_nulls("value")), RULES)
