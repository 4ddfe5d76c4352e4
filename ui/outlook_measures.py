"""What the page Outlook reads of a release: forecasts with their scores, and work in hand from shown counts. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask, choose_grain
from ui.outlook_filters import Choice, places
from ui.sums import Rounding, stands_for

OPEN, OVERDUE, RECEIVED, REPORTED = "open_requests", "overdue_backlog", "requests_received", "requests_reported"
WITHIN = "reported_within_standard"

#: The share of those who arrived later is told of so many of the newest months, and of not fewer than half.
LATER_MONTHS = 12

#: Scotland among the places of a table.
SCOTLAND = ("", "Scotland")

Row = Mapping[str, Any]


def named_place(snapshot: Snapshot, choice: Choice) -> str:
    """The place chosen, by its name."""
    return snapshot.label(choice.kind, choice.code) if choice.code else "Scotland"


def row_of(frame: pl.DataFrame | None, choice: Choice) -> dict[str, Any] | None:
    """The row of the place and days chosen; None where there is none."""
    if frame is None:
        return None
    found = frame.filter(kind=choice.kind, code=choice.code, horizon=choice.days)
    return found.row(0, named=True) if found.height else None


def came_later(snapshot: Snapshot, days: int) -> float | None:
    """Of all in Scotland that passed their due date within so many days of a month's end, the share that had not
    arrived by then; None where too few months tell."""
    past = snapshot.built_table("breach_forecast_past")
    if past is None:
        return None
    rows = past.filter(pl.col("came_later").is_not_null(), horizon=days).sort("as_at").tail(LATER_MONTHS)
    if 2 * rows.height < LATER_MONTHS:
        return None
    later, queue = int(rows["came_later"].sum()), int(rows["happened"].sum())
    return later / (later + queue)


def older_queues(snapshot: Snapshot) -> list[tuple[str, dt.date | None]]:
    """Laboratories whose newest extract is older than the newest of all, or which left open months unsent."""
    rows = snapshot.facts.submitters.filter(extract="turnaround")
    if rows.is_empty():
        return []
    newest = rows["extracted_on"].max()
    late = rows.filter((pl.col("extracted_on") < pl.lit(newest, pl.Date)) | (pl.col("stale_periods") > 0))
    return [(row["label"], row["extracted_on"]) for row in late.to_dicts()]


def figure(snapshot: Snapshot, indicator: str, choice: Choice) -> Figure | None:
    """A series of the place chosen, by the shortest period that shows most of it."""
    query = Query(indicator, choose_grain(snapshot, indicator, choice.fixed), choice.fixed)
    return ask(snapshot, query, named_place(snapshot, choice))


def in_hand(snapshot: Snapshot, kind: str) -> list[dict[str, Any]]:
    """Weeks of work in hand of Scotland and each place of a kind: open at the newest month's end, divided by the
    reports a week of the newest whole quarter; `least` and `most` are what rounding leaves open.

    Rows: code, name, state, open, reported, weeks, least, most; the last three are None where either count is hidden.
    """
    rounding = Rounding(snapshot.release.rounded_to, snapshot.release.hidden_under)
    waiting, done = (
        _newest(snapshot, indicator, grain, kind) for indicator, grain in ((OPEN, "month"), (REPORTED, "quarter"))
    )
    listed = [SCOTLAND, *places(snapshot, kind).items()]
    return [_weeks(code, name, waiting.get(code), done.get(code), rounding) for code, name in listed]


def _newest(snapshot: Snapshot, indicator: str, grain: str, kind: str) -> dict[str, Row]:
    """The newest whole period's row of Scotland, under the empty code, and of each place of a kind."""
    if snapshot.indicator(indicator) is None:
        return {}
    whole = snapshot.cells(indicator, grain, {}).filter(pl.col("period_status") != "incomplete")
    if whole.is_empty():
        return {}
    newest = whole["period_start"].max()
    every = pl.concat([whole, snapshot.cells(indicator, grain, {}, kind)]).filter(
        pl.col("period_start") == pl.lit(newest, pl.Date)
    )
    return {row["code"] or "": row for row in every.to_dicts()}


def _weeks(code: str, name: str, waiting: Row | None, done: Row | None, rounding: Rounding) -> dict[str, Any]:
    """One row of `in_hand`."""
    counts = [int(row["numerator"]) if row and row["state"] == "shown" else None for row in (waiting, done)]
    row: dict[str, Any] = {"code": code, "name": name, "open": counts[0], "reported": counts[1]}
    hidden = dict.fromkeys(("weeks", "least", "most"))
    if waiting is None or done is None or counts[0] is None or counts[1] is None:
        return {**row, **hidden, "state": "confidential"}
    length = ((done["period_end"] - done["period_start"]).days + 1) / 7
    now, finished = (stands_for(count, rounding) for count in counts)
    if now.most is None or finished.most is None:
        return {**row, **hidden, "state": "confidential"}
    return {
        **row,
        "state": "shown",
        "weeks": counts[0] * length / counts[1],
        "least": now.least * length / finished.most,
        "most": now.most * length / finished.least,
    }


def both_shown(received: Figure, reported: Figure, newest: int) -> list[tuple[Row, Row]]:
    """Rows of the periods in which both counts are shown and whole, the newest last, so many at the most."""
    came = {row["period_start"]: row for row in _whole(received)}
    pairs = [(came[row["period_start"]], row) for row in _whole(reported) if row["period_start"] in came]
    return pairs[-newest:]


def _whole(figure: Figure) -> Sequence[Row]:
    rows = figure.cells.filter((pl.col("state") == "shown") & (pl.col("period_status") != "incomplete"))
    return rows.sort("period_start").to_dicts()
