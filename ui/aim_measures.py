"""What one measure says of Scotland: newest value, which way it goes, its target, and the chance of standing on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl
import streamlit as st

from catalogue.indicators import Grain, Indicator
from methods.reaching_targets import chance_of_reaching
from ui import signals
from ui.aim_state import Measured, Variation
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask
from ui.signals import Charts, Measure
from ui.signals_presets import DEFAULT

#: The day on which the strategy ends.
ENDS = dt.date(2029, 12, 31)
#: How sure the range around where a measure will stand is.
CONFIDENCE = 0.8

#: Lengths of time in the order in which a value is told by them.
TOLD_BY: tuple[Grain, ...] = ("quarter", "year", "month")

#: What the variation icon of a control chart says, for the rule of an aim's state.
VARIATION: dict[str, Variation] = {
    "improvement_high": "improving",
    "improvement_low": "improving",
    "concern_high": "worsening",
    "concern_low": "worsening",
    "common_cause": "steady",
    "unusually_steady": "steady",
}

#: Why a measure has no figure that can be used.
Unusable = Literal["awaited", "by_group_only", "absent", "hidden", "poor"]


@dataclass(frozen=True)
class Outlook:
    """Where a share will stand at the end of 2029 if it goes on as it has: a point, its range, and the chance.

    points: how many final periods of a length the line rests on, the first ending on `since`.
    """

    value: float
    lower: float
    upper: float
    chance: float
    points: int
    grain: Grain
    since: dt.date


@dataclass(frozen=True)
class Told:
    """What one measure says of Scotland, or of one aim.

    row: the newest shown row of a complete period. drawn: its control chart, where it has one. points: final points
    of it. target: a share, or None. meets: None where the limits hold the target. outlook: None without a target, or
    where it cannot be told, and then `no_outlook` is the reason's code.
    """

    entry: Indicator
    figure: Figure | None
    row: Mapping[str, Any] | None
    drawn: Charts | None = None
    points: int = 0
    variation: Variation | None = None
    target: float | None = None
    meets: bool | None = None
    outlook: Outlook | None = None
    no_outlook: str = ""

    @property
    def unusable(self) -> Unusable | None:
        """Why its figure cannot be used for the state of an aim; None where it can."""
        if self.entry.kind == "awaited":
            return "awaited"
        if self.figure is None or self.row is None:
            state = self.figure.state if self.figure else "empty"
            if state == "not_published":
                return "by_group_only"
            return "hidden" if state in ("hidden", "not_available") else "absent"
        if self.figure.quality is not None and self.figure.quality.grade == "poor":
            return "poor"
        return None

    @property
    def measured(self) -> Measured:
        """What the rule of an aim's state asks of it."""
        chance = self.outlook.chance if self.outlook else None
        return Measured(self.entry.title, self.unusable is None, self.meets, chance, self.variation)

    @property
    def figure_id(self) -> str:
        """The id of the value that is told; empty without one."""
        if self.figure is None or self.row is None:
            return ""
        return self.figure.cited(self.row["period_start"], self.row["period_end"], (self.row["statistic"],))


def tell(snapshot: Snapshot, indicator: str, fixed: tuple[tuple[str, str], ...] = ()) -> Told | None:
    """What a measure says; None where the release has no such measure. fixed: dimensions held, for one aim's own."""
    return _tell(snapshot.key, indicator, fixed, snapshot)


@st.cache_resource(max_entries=400, show_spinner=False)
def _tell(key: str, indicator: str, fixed: tuple[tuple[str, str], ...], _snapshot: Snapshot) -> Told | None:  # noqa: ARG001 - key: the release
    entry = _snapshot.indicator(indicator)
    if entry is None:
        return None
    if entry.kind == "awaited":
        return Told(entry, None, None)
    figure = _newest_figure(_snapshot, entry, fixed)
    row = figure.headline if figure else None
    drawn = None if fixed or figure is None or row is None else chart_of(_snapshot, figure)
    variation, points = _variation(drawn, entry)
    target = entry.target.value / 100 if entry.target and entry.target.unit == "percent" else None
    if row is None or target is None:
        return Told(entry, figure, row, drawn, points, variation, target)
    outlook, reason = _outlook(_snapshot, entry, target)
    return Told(entry, figure, row, drawn, points, variation, target, meets(row, target, entry), outlook, reason)


def _newest_figure(snapshot: Snapshot, entry: Indicator, fixed: tuple[tuple[str, str], ...]) -> Figure | None:
    """The figure of the first length of time whose newest complete period is shown, otherwise of the first with any."""
    place = snapshot.label(*fixed[0]) if fixed else "Scotland"
    held = []
    for grain in TOLD_BY:
        figure = ask(snapshot, Query(entry.id, grain, fixed), place) if grain in entry.grains else None
        if figure is None:
            continue
        if figure.headline is not None and figure.unshown is None:
            return figure
        held.append(figure)
    return next((figure for figure in held if figure.headline is not None), next(iter(held), None))


def chart_of(snapshot: Snapshot, figure: Figure) -> Charts | None:
    """The control chart of a measure by the default rules of the page Signals; None where it can have none.

    Only shares, and only where points lie evenly: a return that came each quarter and then each month has none.
    """
    entry = figure.entry
    if figure.statistics != ("share",) or entry.kind == "derived" or entry.grains == ["year"]:
        return None
    if entry.grains == ["month"] and not evenly_spaced(figure.cells):
        return None
    measure = Measure(entry.id, entry.title, entry.id, "share", "the share", "counted")
    drawn = signals.charts_of(snapshot, measure, None, DEFAULT)
    if drawn is None or not drawn.icons or not evenly_spaced(drawn.of("").with_columns(period_start="period")):
        return None
    return drawn


def evenly_spaced(points: pl.DataFrame) -> bool:
    """Whether each point follows the one before by a month, or by a quarter: columns `grain` and `period_start`."""
    step = "1mo" if points["grain"].item(0) == "month" else "3mo"
    follows = points["period_start"].sort()
    return bool((follows.dt.offset_by(step).shift().drop_nulls() == follows[1:]).all())


def _variation(drawn: Charts | None, entry: Indicator) -> tuple[Variation | None, int]:
    """Which way a measure goes by its chart, and its final points; None with too few, or where neither is better."""
    if drawn is None:
        return None, 0
    icon, points = drawn.icons[""], drawn.of("").filter("is_final", pl.col("value").is_not_null()).height
    if entry.better == "context" or icon["caution"] == "too_few_points" or points < signals.ENOUGH:
        return None, points
    return VARIATION.get(icon["variation"] or ""), points


def meets(row: Mapping[str, Any], target: float, entry: Indicator) -> bool | None:
    """Whether a share lies on the right side of its target with all its interval; None where that holds the target."""
    if row["lower"] is None or row["upper"] is None:
        return None
    over, under = row["lower"] >= target, row["upper"] < target
    if entry.better == "lower":
        over, under = row["upper"] <= target, row["lower"] > target
    return True if over else False if under else None


def _outlook(snapshot: Snapshot, entry: Indicator, target: float) -> tuple[Outlook | None, str]:
    """Where it will stand at the end of 2029 by a line through its final quarters, or years without quarters."""
    grain: Grain = "quarter" if "quarter" in entry.grains else "year"
    if entry.better == "context" or grain not in entry.grains:
        return None, "too_few_points"
    figure = ask(snapshot, Query(entry.id, grain))
    if figure is None or figure.cells.is_empty():
        return None, "too_few_points"
    final = figure.cells.filter(pl.col("value").is_not_null(), period_status="final", statistic="share")
    final = final.filter(pl.col("period_start") >= _same_since(snapshot, entry)).sort("period_end")
    if final.is_empty():
        return None, "too_few_points"
    points = final.select("value", time=pl.col("period_end").map_elements(in_years, return_dtype=pl.Float64))
    found = chance_of_reaching(
        points, at=in_years(ENDS), target=target, better=entry.better, confidence=CONFIDENCE
    ).row(0, named=True)
    if found["value"] is None:
        return None, str(found["reason"])
    ends: dt.date = final["period_end"].item(0)
    outlook = Outlook(found["value"], found["lower"], found["upper"], found["chance"], points.height, grain, ends)
    return outlook, ""


def _same_since(snapshot: Snapshot, entry: Indicator) -> dt.date:
    """The day since when a measure is judged alike: points before its limits last started again are another series."""
    measure = Measure(entry.id, entry.title, entry.id, "share", "the share", "counted")
    rows = signals.baselines_of(snapshot, measure, None)
    newest: dt.date | None = rows.select(pl.coalesce("judged_from", "starts").max()).item() if rows.height else None
    return newest or dt.date(1900, 1, 1)


def in_years(day: dt.date) -> float:
    """A day as a number of years."""
    first = dt.date(day.year, 1, 1)
    return day.year + (day - first).days / ((dt.date(day.year + 1, 1, 1) - first).days)
