"""What the page Workforce is told by a release: staff by role, site and census, in posts and in hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from capacity.workload import full_time_hours
from catalogue.disclosure import rules
from ui.capacity_inputs import HALF_A_POST, posts_filled
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask, of_scotland

VACANCY, LONG, FUNDED = "vacancy_rate", "long_vacancies", "establishment_in_post"
TURNOVER, RETIRED, MOVED = "turnover", "leavers_retired", "leavers_to_nhs"
ABSENCE, OLDER = "absence_rate", "retirement_exposure"
INTAKE, REGISTERED, KEPT = "trainee_intake", "registered_on_time", "kept_in_nhs"
WITHIN = "reported_within_standard"

Row = Mapping[str, Any]

#: A comparison of quarters with more and with fewer posts vacant needs so many of each.
QUARTERS_NEEDED = 3


def figure(
    snapshot: Snapshot, indicator: str, fixed: tuple[tuple[str, str], ...] = (), spread: str | None = None
) -> Figure | None:
    """A measure of staff by quarter; None where the release has none or tells nothing of it."""
    found = ask(snapshot, Query(indicator, "quarter", fixed, spread))
    return found if found is not None and found.cells.height else None


def whole(found: Figure | None) -> pl.DataFrame:
    """The cells of whole quarters, with `in_post_wte`, `full_time_hours` and `hours_a_week` as for a vacancy rate."""
    if found is None:
        return pl.DataFrame(schema={"code": pl.String, "period_start": pl.Date, "period_end": pl.Date,
                                    "state": pl.String, "value": pl.Float64})  # fmt: skip
    cells = found.cells.filter(pl.col("period_status") != "incomplete")
    if not found.entry.counts_people and found.entry.id not in rules().staff.sensitive:
        # Nothing of posts is hidden, so a cell that is missing is of what was not there.
        absent = pl.col("state") == "confidential"
        cells = cells.with_columns(state=pl.when(absent).then(pl.lit("not_available")).otherwise("state"))
    hours = {day: full_time_hours(day) for day in cells["period_end"].unique()}
    week = pl.col("period_end").replace_strict(hours, return_dtype=pl.Float64)
    return cells.with_columns(in_post_wte=posts_filled(), full_time_hours=week).with_columns(
        hours_a_week=pl.col("in_post_wte") * week
    )


def newest(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells of the newest quarter."""
    return cells.filter(pl.col("period_start") == pl.col("period_start").max())


def a_year_before(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells of the quarter a year before the newest."""
    return cells.filter(pl.col("period_start") == pl.col("period_start").max().dt.offset_by("-1y"))


def one(cells: pl.DataFrame) -> Row | None:
    """The row of a series at its newest quarter, where it is shown."""
    rows = newest(cells).filter(state="shown").to_dicts()
    return rows[0] if rows else None


def values(cells: pl.DataFrame) -> dict[str, Row]:
    """Rows by their code."""
    return {row["code"]: row for row in cells.to_dicts()}


def sites() -> tuple[str, ...]:
    """The laboratories of Scotland, in their order."""
    return tuple(sorted(of_scotland("performing_lab") or ()))


def side_by_side(snapshot: Snapshot, role: str) -> pl.DataFrame:
    """Vacancy rate and share within standard by `site` and quarter, where both are shown: `vacancy`, `within`.

    role: the role whose posts are counted, empty for all. The share is of requests that fell due in the quarter at
    whose end posts were counted.
    """
    frames = []
    fixed = (("role", role),) if role else ()
    for site in sites():
        posts = whole(figure(snapshot, VACANCY, (("site", site), *fixed))).filter(state="shown")
        share = whole(figure(snapshot, WITHIN, (("performing_lab", site),))).filter(state="shown")
        frames.append(
            posts.select("period_start", "period_end", vacancy="value")
            .join(share.select("period_start", within="value"), on="period_start")
            .with_columns(site=pl.lit(site))
        )
    return pl.concat(frames).sort("site", "period_start")


def halves(rows: pl.DataFrame) -> pl.DataFrame:
    """By site, the mean share within standard in quarters with more posts vacant than its median, and in the others.

    rows: as `side_by_side`. Gives `site`, `more` and `fewer` (mean shares), `quarters_more`, `quarters_fewer`; without
    sites that have fewer than QUARTERS_NEEDED of either.
    """
    is_more = pl.col("vacancy") > pl.col("vacancy").median().over("site")
    return (
        rows.with_columns(is_more=is_more)
        .group_by("site", maintain_order=True)
        .agg(
            more=pl.col("within").filter("is_more").mean(),
            fewer=pl.col("within").filter(~pl.col("is_more")).mean(),
            quarters_more=pl.col("is_more").sum(),
            quarters_fewer=(~pl.col("is_more")).sum(),
        )
        .filter(pl.min_horizontal("quarters_more", "quarters_fewer") >= QUARTERS_NEEDED)
    )


def grown(first: Row, last: Row, name: str) -> tuple[float, float, float]:
    """Growth of `in_post_wte` or `hours_a_week` between two cells, with the least and the most that rounding leaves.

    Posts are known to the nearest whole one, so each number may be half a post off, less the share that is vacant.
    """
    now, then = (float(row[name]) for row in (last, first))
    off_now, off_then = (
        HALF_A_POST * (1 - row["value"]) * (row["full_time_hours"] if name == "hours_a_week" else 1)
        for row in (last, first)
    )
    least = (now - off_now) / (then + off_then) - 1
    most = (now + off_now) / (then - off_then) - 1 if then > off_then else float("inf")
    return now / then - 1, least, most


def census(cells: pl.DataFrame) -> dt.date | None:
    """The day of the newest census."""
    day: dt.date | None = cells["period_end"].max() if cells.height else None  # type: ignore[assignment]
    return day
