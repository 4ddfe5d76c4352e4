"""A figure: one question put to one release, with its entry, cells, period, quality and citable id. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import polars as pl

from catalogue.citations import Citation
from catalogue.dimensions import cube_name, in_order
from catalogue.indicators import NOT_A_SHARE, Grain, Indicator

State = Literal["shown", "hidden", "not_available", "empty", "not_published"]

STATISTICS = {
    "share": ("share",),
    "snapshot": ("share",),
    "count": ("count",),
    "time_to_event": ("median", "p90", "p95"),
}


#: How counts are protected in a release that does not say.
ROUNDED_TO, HIDDEN_UNDER = 5, 10


@dataclass(frozen=True)
class Release:
    """What is known of the release being shown.

    `how_graded`: how its grades were made, a paragraph. `gaps_need_recorded`: share of people with a recorded ethnic
    group under which it shows no gap; a release that names none shows none. `rounded_to`, `hidden_under`: every count
    is rounded up or down to a multiple of the one, and hidden where it stands for fewer people than the other.
    """

    id: str
    created_at: dt.datetime | None
    data_to: dt.date | None
    extracted_on: dt.date | None
    next_due: str
    is_synthetic: bool
    how_graded: str = ""
    gaps_need_recorded: float = 1.0
    rounded_to: int = ROUNDED_TO
    hidden_under: int = HIDDEN_UNDER


@dataclass(frozen=True)
class Quality:
    """The quality of the data behind a figure: grade, reasons in words, rows behind it (rounded) and of what.

    `to_do`: what to do, in words. `start`: first day of the period that is graded, None where it is the newest of all.
    `poor_periods` of the `periods` of the newest 12 months are poor; so are `poor_groups` of the `groups` side by side.
    """

    grade: str
    reasons: tuple[str, ...]
    accepted_rows: int | None
    returned_rows: int | None
    extracts: tuple[str, ...] = ()
    to_do: tuple[str, ...] = ()
    start: dt.date | None = None
    periods: int = 0
    poor_periods: int = 0
    groups: int = 0
    poor_groups: int = 0


@dataclass(frozen=True)
class Query:
    """What is asked of a release: an indicator, held dimensions, at most one side by side, grain and months."""

    indicator: str
    grain: Grain
    fixed: tuple[tuple[str, str], ...] = ()
    spread: str | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    newest_only: bool = False

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions of the cube asked for, in canonical order."""
        return in_order([name for name, _ in self.fixed] + ([self.spread] if self.spread else []))

    @property
    def cube(self) -> str:
        """The name of the cube asked for."""
        return cube_name(self.dimensions)


@dataclass(frozen=True)
class Figure:
    """What is shown of one query. `cells` has a row a period, code and statistic, with gaps filled as `confidential`.

    `history` is the same without the limits of the months asked for, so that a comparison with the year before stays.
    """

    entry: Indicator
    query: Query
    cells: pl.DataFrame
    history: pl.DataFrame
    state: State
    release: Release
    quality: Quality | None
    place: str

    @cached_property
    def id(self) -> str:
        """The citable id: release, indicator, cube, codes, grain and months; the same view always has the same id.

        Empty where there is no cell to cite.
        """
        return self.cited(self.first, self.last)

    def cited(self, first: dt.date | None, last: dt.date | None, statistics: tuple[str, ...] = ()) -> str:
        """The id of a part of the figure: the periods from a first to a last day, and some of its statistics."""
        if first is None or last is None:
            return ""
        held, names = dict(self.query.fixed), self.query.dimensions
        codes = tuple(held.get(name) for name in names)
        return Citation(
            self.release.id, self.entry.id, names, codes, self.query.grain, first, last, tuple(sorted(statistics))
        ).id

    @cached_property
    def first(self) -> dt.date | None:
        """The first day covered."""
        return None if self.cells.is_empty() else self.cells["period_start"].min()  # type: ignore[return-value]

    @cached_property
    def last(self) -> dt.date | None:
        """The last day covered."""
        return None if self.cells.is_empty() else self.cells["period_end"].max()  # type: ignore[return-value]

    @property
    def grade(self) -> str | None:
        """The name of the grade of its data; None where it has none."""
        return self.quality.grade if self.quality else None

    @cached_property
    def graded_until(self) -> dt.date | None:
        """The last day of the period that the grade is of; None where it is of none that is shown."""
        if self.quality is None or self.quality.start is None:
            return None
        ends = self.cells.filter(pl.col("period_start") == self.quality.start)["period_end"]
        return ends[0] if ends.len() else None

    def statistic(self, name: str) -> pl.DataFrame:
        """The rows of one statistic."""
        found = self._by_statistic.get((name,))
        return self.cells.clear() if found is None else found

    @cached_property
    def _by_statistic(self) -> dict[tuple[object, ...], pl.DataFrame]:
        """The rows apart: titles, sentences, tables and charts of a figure each ask for those of one statistic."""
        return self.cells.partition_by("statistic", as_dict=True, maintain_order=True)

    @cached_property
    def headline(self) -> dict[str, Any] | None:
        """The newest row worth quoting: of the first statistic, shown, its period complete; None without one."""
        return newest(self.statistic(self.statistics[0]))

    @cached_property
    def unshown(self) -> dict[str, Any] | None:
        """The row of the newest complete period where it is not shown, so that the headline is an older one."""
        rows = self.statistic(self.statistics[0]).filter(pl.col("period_status") != "incomplete")
        if rows.is_empty():
            return None
        row = rows.sort("period_start").row(-1, named=True)
        return None if row["state"] == "shown" else row

    @property
    def statistics(self) -> tuple[str, ...]:
        """The statistics that the kind of indicator has."""
        return statistics_of(self.entry)

    @cached_property
    def a_year_before(self) -> dict[str, Any] | None:
        """The row of the same period a year before the headline, where shown."""
        now = self.headline
        if now is None:
            return None
        wanted = _year_before(now["period_start"])
        rows = self.history.filter(
            (pl.col("statistic") == self.statistics[0])
            & (pl.col("period_start") == wanted)
            & (pl.col("state") == "shown")
        )
        return rows.row(0, named=True) if rows.height else None


def statistics_of(entry: Indicator) -> tuple[str, ...]:
    """The statistics of an indicator; a derived one has a share or a growth, a value a share or a number."""
    if entry.formula:
        return ("growth",) if entry.formula.kind == "growth_on_year" else ("share",)
    if entry.kind == "time_to_event" and not entry.counts_people:
        return ("median", "p90")
    if entry.kind == "value":
        return ("count",) if entry.denominator == NOT_A_SHARE else ("share",)
    return STATISTICS[entry.kind]


def newest(rows: pl.DataFrame) -> dict[str, Any] | None:
    """The newest shown row whose period is complete; None where there is none."""
    sound = rows.filter((pl.col("state") == "shown") & (pl.col("period_status") != "incomplete"))
    return sound.sort("period_start").row(-1, named=True) if sound.height else None


def _year_before(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1)
