"""One health board's own requests, exact, part by part: side, category, specialty, test, and the oldest open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from methods.proportions import wilson_interval
from ui.data import OwnBoard
from ui.my_board import OPEN, SIDES, View, months, work

#: Months that shares of parts cover, since a month of one category has few requests.
YEAR_MONTHS = 12

#: A specialty or test is told to differ from the whole board where this interval lies apart: of 25 that differ by
#: chance alone, one is then told to in 20 looks.
CLEARLY = 0.998

#: As many of the oldest open requests are listed.
OLDEST = 10


@dataclass(frozen=True)
class Side:
    """One side of a board: how its open requests stand, and how many of the newest 12 months were within standard."""

    side: str
    open: int
    overdue: int
    soon: int
    due: int
    within_standard: int
    lower: float | None
    upper: float | None


def year_of(board: OwnBoard) -> tuple[dt.date, dt.date] | None:
    """First and last month of the newest 12 that were sent whole and for which requests due are known."""
    whole = board.months.filter(pl.col("period_status") != "incomplete", measure="reported_within_standard")["month"]
    newest = whole.sort().tail(YEAR_MONTHS).to_list()
    return (newest[0], newest[-1]) if newest else None


def is_provisional(board: OwnBoard) -> bool:
    """Whether a month of that year may still change."""
    year = year_of(board)
    held = board.months.filter(pl.col("period_status") == "provisional", measure="reported_within_standard")["month"]
    return year is not None and bool(held.is_between(*year).any())


def both_sides(board: OwnBoard, view: View) -> list[Side]:
    """Requests asked for by the board and those of its residents, each whole; most requests are of both."""
    return [_side(board, View(side, view.category, view.lab)) for side in SIDES]


def _side(board: OwnBoard, view: View) -> Side:
    counts = dict(work(board, view).group_by("standing").len().iter_rows())
    monthly, year = months(board, view), year_of(board)
    newest = monthly.filter(pl.col("month").is_between(*year)) if year else monthly.clear()
    due, within = int(newest["due"].sum()), int(newest["within_standard"].sum())
    share = _with_shares(pl.DataFrame({"due": [due], "within_standard": [within]}), "within_standard", "due")
    lower, upper = share.select("lower", "upper").row(0)
    return Side(
        view.side, sum(counts.get(name, 0) for name in OPEN), counts.get("overdue", 0), counts.get("soon", 0),
        due, within, lower, upper,
    )  # fmt: skip


def by_category(board: OwnBoard, view: View) -> pl.DataFrame:
    """Every turnaround category of a side: what fell due in the newest 12 months, how much in time, what is open now.

    Columns `code, due, within_standard, value, lower, upper, state, open, overdue`; the category of the view is passed
    over, so that there is something to compare.
    """
    year = year_of(board)
    own = board.monthly.filter(
        pl.col("side") == view.side,
        pl.col("turnaround_category").is_not_null(),
        pl.col("performing_lab").eq_missing(pl.lit(view.lab)),
        pl.col("month").is_between(*year) if year else pl.lit(value=False),
    )
    due = own.group_by(pl.col("turnaround_category").alias("code")).agg(pl.col("due", "within_standard").sum())
    rows = work(board, View(view.side, None, view.lab)).filter(status="open")
    now = rows.group_by(pl.col("turnaround_category").alias("code")).agg(
        pl.len().cast(pl.Int64).alias("open"), (pl.col("standing") == "overdue").sum().cast(pl.Int64).alias("overdue")
    )
    joined = due.filter(pl.col("due") > 0).join(now, on="code", how="full", coalesce=True)
    counts = joined.with_columns(pl.col("due", "within_standard", "open", "overdue").fill_null(0)).sort("code")
    return _with_shares(counts, "within_standard", "due")


def by_group(frame: pl.DataFrame, view: View, column: str, numerator: str, denominator: str) -> pl.DataFrame:
    """The specialties or tests of a side with a share and its interval, and how each stands to the whole.

    column: its values as `code`, null for all others together. Adds `standing`: `higher`, `lower` or `alike`.
    """
    own = frame.filter(side=view.side).rename({column: "code"})
    whole = own.select(pl.col(numerator).sum() / pl.col(denominator).sum()).item() if own[denominator].sum() else None
    sure = wilson_interval(pl.col(numerator), pl.col(denominator), CLEARLY)
    standing = (
        pl.when(pl.col("code").is_not_null() & (sure.struct.field("lower") > pl.lit(whole, pl.Float64)))
        .then(pl.lit("higher"))
        .when(pl.col("code").is_not_null() & (sure.struct.field("upper") < pl.lit(whole, pl.Float64)))
        .then(pl.lit("lower"))
        .otherwise(pl.lit("alike"))
    )
    last = pl.col("code").is_null()
    return _with_shares(own.with_columns(standing=standing), numerator, denominator).sort(
        last, denominator, "code", descending=[False, True, False]
    )


def _with_shares(counts: pl.DataFrame, numerator: str, denominator: str) -> pl.DataFrame:
    """Adds `value`, `lower` and `upper` (Wilson, 95%) and `state`; a share of nothing is not available."""
    interval = wilson_interval(pl.col(numerator), pl.col(denominator))
    return counts.with_columns(
        value=interval.struct.field("value"),
        lower=interval.struct.field("lower"),
        upper=interval.struct.field("upper"),
        state=pl.when(pl.col(denominator) > 0).then(pl.lit("shown")).otherwise(pl.lit("not_available")),
    )


def oldest(rows: pl.DataFrame) -> pl.DataFrame:
    """The open requests of `my_board.work` that were received first, with `open_days` since receipt."""
    since = (pl.col("judged_on") - pl.col("received_date")).dt.total_days().alias("open_days")
    return rows.filter(status="open").with_columns(since).sort("received_date", "request_id").head(OLDEST)
