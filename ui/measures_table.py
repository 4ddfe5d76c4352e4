"""Several measures of one place under each other: the newest 12 months, the 12 before, and whether that is a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ui import words
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask, latest_year

Row = Mapping[str, Any]
Fixed = tuple[tuple[str, str], ...]


def year_of(snapshot: Snapshot, name: str, fixed: Fixed, place: str, end: Any = None) -> Figure | None:
    """A measure of one place by 12 months, up to a month; None where the release does not have it."""
    newest = latest_year(snapshot, name, end)
    query = Query(name, "year", fixed, None, None, end)
    return ask(snapshot, query, place) if newest else None


def rows(figures: Sequence[Figure]) -> pl.DataFrame:
    """A row a measure: the newest 12 months that are complete, its interval, a year before, and the change."""
    return pl.DataFrame([_row(figure) for figure in figures], schema=dict.fromkeys(HEADINGS, pl.String))


HEADINGS = ("Measure", "Newest 12 months", "95% interval", "Change on a year before")


def _row(figure: Figure) -> dict[str, str]:
    measure = f"{figure.entry.number} {figure.entry.title}"
    if figure.entry.kind == "time_to_event":
        measure += ", median"
    now = figure.headline
    if figure.state == "not_published":
        return dict(zip(HEADINGS, (measure, "Not published for this view", "", ""), strict=True))
    if now is None or figure.unshown is not None:
        mark = words.MARK.get(figure.unshown["state"], words.NOT_AVAILABLE) if figure.unshown else words.NOT_AVAILABLE
        return dict(zip(HEADINGS, (measure, mark, mark, ""), strict=True))
    change = words.change(figure.entry, now, figure.a_year_before)
    return dict(zip(HEADINGS, (measure, words.amount(now), interval(now), change), strict=True))


def interval(row: Row) -> str:
    """The 95% interval of a share or of days; the shorthand where it is not shown."""
    if row["state"] != "shown" or row["lower"] is None or row["upper"] is None:
        return words.MARK.get(row["state"], words.NOT_AVAILABLE)
    if row["statistic"] == "share":
        return f"{100 * row['lower']:.1f}% to {100 * row['upper']:.1f}%"
    return f"{row['lower']:,.0f} to {row['upper']:,.0f} days"
