"""Puts questions to a release and gives the figures that screens show."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache

import polars as pl

from catalogue.cited_files import GRADED
from catalogue.dimensions import dimensions, in_order
from catalogue.indicators import Grain, Indicator
from catalogue.reference import reference_rows
from ui.data import Snapshot
from ui.figure import Figure, Quality, Query, Release, State, newest, statistics_of
from ui.made_once import made_once

#: A series has a point a month where points average at least this many requests or people, otherwise a point a quarter.
MONTHLY_NEEDS = 100

#: Where less than this share of a series' points is shown, or the newest is not, a longer period is drawn instead.
MOSTLY = 0.5

FROM_SHORT_TO_LONG: tuple[Grain, ...] = ("month", "quarter", "year")

#: What a hidden count stands for when points are averaged: the middle of 1 to 9.
HIDDEN_STANDS_FOR = 5


def ask(snapshot: Snapshot, query: Query, place: str = "Scotland") -> Figure | None:
    """The figure that answers a query, made once for a release; None where the release has no such indicator."""
    return _asked(snapshot.key, query, place, snapshot)


@made_once(600)
def _asked(key: str, query: Query, place: str, _snapshot: Snapshot) -> Figure | None:  # noqa: ARG001 - key: the release
    return _answer(_snapshot, query, place)


def _answer(snapshot: Snapshot, query: Query, place: str) -> Figure | None:
    entry = snapshot.indicator(query.indicator)
    if entry is None:
        return None
    query, place = _together(snapshot, query, place)
    if not entry.has_cube(query.dimensions) or query.grain not in entry.grains:
        quality = snapshot.facts.quality.get(entry.id)
        return Figure(entry, query, _no_cells(), _no_cells(), "not_published", snapshot.release, quality, place)
    cells = snapshot.cells(entry.id, query.grain, dict(query.fixed), query.spread)
    cells = _complete_only(cells, snapshot.release)
    cells = snapshot.in_order(_without_holes(cells, _periods(snapshot, entry.id, query.grain)), query.spread)
    history, cells = cells, _within(cells, query)
    quality = quality_of(snapshot, entry, query, cells)
    return Figure(entry, query, cells, history, _state(cells), snapshot.release, quality, place)


def merged(fixed: tuple[tuple[str, str], ...], spread: str | None = None) -> tuple[tuple[str, str], ...]:
    """The held codes as cubes have them: where several dimensions cross, a merged code stands with its merge."""
    if len(fixed) + (spread is not None) < 2:
        return fixed
    return tuple((name, dimensions()[name].merged_into.get(code, code)) for name, code in fixed)


def _together(snapshot: Snapshot, query: Query, place: str) -> tuple[Query, str]:
    """The query as cubes can answer it, and its place by the name of what is shown: the island boards together."""
    fixed = merged(query.fixed, query.spread)
    for (name, code), (_, shown) in zip(query.fixed, fixed, strict=True):
        if shown != code:
            place = place.replace(snapshot.label(name, code), snapshot.label(name, shown))
    return replace(query, fixed=fixed), place


def quality_of(snapshot: Snapshot, entry: Indicator, query: Query, cells: pl.DataFrame) -> Quality | None:
    """The quality of the data behind a figure: of its own place, in the period of its headline.

    Without a headline it is that of the newest period. Where it is not graded, the quality of the indicator as a whole,
    as the release gives it. Poor periods are counted among those of the newest 12 months shown: many checks look at
    these only, so that an older period without a poor grade need not be better.
    """
    overall = snapshot.facts.quality.get(entry.id)
    own = next(((name, code) for name, code in query.fixed if name in GRADED), ("", ""))
    headline = newest(cells.filter(statistic=statistics_of(entry)[0]))
    at: dt.date | None = headline["period_start"] if headline else cells["period_start"].max()  # type: ignore[assignment]
    series = snapshot.grades_of(entry.id, query.grain, *own)
    found = series.filter(pl.col("period_start") == pl.lit(at, pl.Date))
    if overall is None or found.is_empty():
        return overall
    own_grade = found.row(0, named=True)
    groups = _grades_of_groups(snapshot, query, cells, at)
    year = cells.filter(pl.col("period_start") > pl.col("period_end").max().dt.offset_by("-12mo"))["period_start"]
    recent = series.filter(pl.col("period_start").is_in(year.unique().implode()))["grade"]
    return replace(
        overall,
        grade=own_grade["grade"],
        reasons=tuple(own_grade["reasons"]),
        to_do=tuple(own_grade["to_do"]),
        start=at,
        periods=len(recent),
        poor_periods=int((recent == "poor").sum()),
        groups=len(groups),
        poor_groups=groups.count("poor"),
    )


def _grades_of_groups(snapshot: Snapshot, query: Query, cells: pl.DataFrame, at: dt.date | None) -> list[str]:
    """The grades of what stands side by side, in the period of the headline; none where nothing does."""
    if query.spread is None:
        return []
    graded = snapshot.grades_by(query.indicator, query.grain, query.spread)
    groups = graded.filter(pl.col("code").is_in(cells["code"].unique().implode()), period_start=at)
    return groups["grade"].to_list()


def choose_grain(snapshot: Snapshot, indicator: str, fixed: tuple[tuple[str, str], ...]) -> Grain:
    """Months where points average MONTHLY_NEEDS or more, otherwise quarters, or years where most quarters are hidden.

    Judged on the whole series, not on the range asked for, once for a release.
    """
    return _grain(snapshot.key, indicator, fixed, snapshot)


@made_once(600)
def _grain(key: str, indicator: str, fixed: tuple[tuple[str, str], ...], _snapshot: Snapshot) -> Grain:  # noqa: ARG001 - key: the release
    entry = _snapshot.indicator(indicator)
    if entry is None:
        return "month"
    fixed = merged(fixed)
    grains = [grain for grain in FROM_SHORT_TO_LONG if grain in entry.grains]
    if len(grains) == 1 or not entry.has_cube(in_order(name for name, _ in fixed)):
        return grains[0]
    series = {grain: _first_statistic(_snapshot, entry, grain, fixed) for grain in grains}
    if "month" in grains and _average(series["month"], entry) < MONTHLY_NEEDS:
        grains.remove("month")
    return next((grain for grain in grains if _mostly_shown(series[grain])), grains[0])


def _first_statistic(
    snapshot: Snapshot, entry: Indicator, grain: Grain, fixed: tuple[tuple[str, str], ...]
) -> pl.DataFrame:
    cells = snapshot.cells(entry.id, grain, dict(fixed)).filter(pl.col("statistic") == statistics_of(entry)[0])
    return _complete_only(cells, snapshot.release).filter(pl.col("period_status") != "incomplete")


def _average(cells: pl.DataFrame, entry: Indicator) -> float:
    size = pl.col("value") if entry.kind == "count" else pl.col("denominator")
    average = cells.select(size.cast(pl.Float64).fill_null(HIDDEN_STANDS_FOR).mean()).item()
    return 0.0 if average is None else float(average)


def _mostly_shown(cells: pl.DataFrame) -> bool:
    shown = cells["state"] == "shown"
    return cells.height > 0 and bool(shown[-1]) and shown.sum() >= MOSTLY * cells.height


def latest_year(snapshot: Snapshot, indicator: str, end: dt.date | None) -> dt.date | None:
    """The first day of the newest 12 months that end in or before a month; None where there are none."""
    entry = snapshot.indicator(indicator)
    if entry is None or "year" not in entry.grains:
        return None
    periods = _periods(snapshot, indicator, "year")
    if end is not None:
        periods = periods.filter(pl.col("period_end").dt.month_start() <= end)
    return periods["period_start"].max() if periods.height else None  # type: ignore[return-value]


def _periods(snapshot: Snapshot, indicator: str, grain: str) -> pl.DataFrame:
    """Every period that Scotland has at a grain, whatever was asked of it."""
    return _periods_of(snapshot.key, indicator, grain, snapshot)


@made_once(300)
def _periods_of(key: str, indicator: str, grain: str, _snapshot: Snapshot) -> pl.DataFrame:  # noqa: ARG001 - the release
    cells = _snapshot.cells(indicator, grain, {})
    entry = _snapshot.indicator(indicator)
    if cells.is_empty() and entry is not None and entry.formula is not None:
        # A share within a margin has no cell of Scotland as a whole: its periods are those of what it is a share of.
        cells = _snapshot.cells(entry.formula.of, grain, {})
    cells = _complete_only(cells, _snapshot.release)
    return cells.select("period_start", "period_end", "period_status").unique("period_start").sort("period_start")


def _complete_only(cells: pl.DataFrame, release: Release) -> pl.DataFrame:
    """A period that ends after the data do is incomplete, whatever else it is."""
    if release.data_to is None:
        return cells
    unfinished = pl.col("period_end") > release.data_to
    return cells.with_columns(
        pl.when(unfinished).then(pl.lit("incomplete")).otherwise("period_status").alias("period_status")
    )


def _without_holes(cells: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """A row for every period, group and statistic, so that a line is never drawn across a period without a figure.

    What is missing from a period that is held is confidential: shown otherwise, it would tell zero from 1 to 9.
    """
    if cells.is_empty():
        return cells
    group = ["d1", "d2", "d3", "code", "grain", "statistic"]
    spine = periods.lazy().join(cells.lazy().select(group).unique(), how="cross")
    joined = spine.join(
        cells.lazy().drop("period_end"), on=["period_start", *group], how="left", nulls_equal=True, suffix="_own"
    )
    return (
        joined.with_columns(
            pl.coalesce("period_status_own", "period_status").alias("period_status"),
            pl.col("state").fill_null("confidential"),
        )
        .select(cells.columns)
        .collect()
    )


@cache
def of_scotland(dimension: str) -> frozenset[str] | None:
    """The codes of the territorial health boards or of the Scottish laboratories; None where a dimension has no others.

    Places outside Scotland may be chosen, but no sentence counts them among the boards or laboratories.
    """
    if dimension in ("requesting_board", "residence_board"):
        return frozenset(row["code"] for row in reference_rows("boards") if row["is_territorial"] == "yes")
    if dimension == "performing_lab":
        return frozenset(row["code"] for row in reference_rows("laboratories") if row["is_scottish"] == "yes")
    return None


def _within(cells: pl.DataFrame, query: Query) -> pl.DataFrame:
    if query.start is not None:
        cells = cells.filter(pl.col("period_start") >= query.start)
    if query.end is not None:
        cells = cells.filter(pl.col("period_end").dt.month_start() <= query.end)
    if query.newest_only and cells.height:
        cells = cells.filter(pl.col("period_start") == pl.col("period_start").max())
    return cells


def _state(cells: pl.DataFrame) -> State:
    states = set(cells["state"].unique())
    for state in ("shown", "confidential", "not_available"):
        if state in states:
            return "hidden" if state == "confidential" else state  # type: ignore[return-value]
    return "empty"


def _no_cells() -> pl.DataFrame:
    texts = ("d1", "d2", "d3", "grain", "period_status", "statistic", "state", "code")
    return pl.DataFrame(
        schema=dict.fromkeys(texts, pl.String)
        | {"period_start": pl.Date, "period_end": pl.Date}
        | dict.fromkeys(("value", "lower", "upper"), pl.Float64)
        | dict.fromkeys(("numerator", "denominator"), pl.Int64)
    )
