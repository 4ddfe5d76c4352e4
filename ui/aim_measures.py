"""What one measure says of Scotland: newest value, which way it goes, its target, and the chance of standing on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from catalogue.indicators import Grain, Indicator
from methods.reaching_targets import chance_of_reaching
from ui import signals
from ui.aim_state import Measured, Variation
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask
from ui.made_once import made_once
from ui.signals import Charts, Measure
from ui.signals_presets import DEFAULT

#: The day on which the strategy ends.
ENDS = dt.date(2029, 12, 31)
#: How sure the range around where a measure will stand is.
CONFIDENCE = 0.8

#: Lengths of time in the order in which a value is told by them.
TOLD_BY: tuple[Grain, ...] = ("quarter", "year", "month")

#: Lengths of the points of a control chart.
CHARTED_BY: tuple[Grain, ...] = ("month", "quarter")

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

    newest: the last of the final periods that the line rests on; points: how many; since: the day the first ends.
    """

    value: float
    lower: float
    upper: float
    chance: float
    newest: float
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


@made_once(400)
def _tell(key: str, indicator: str, fixed: tuple[tuple[str, str], ...], _snapshot: Snapshot) -> Told | None:  # noqa: ARG001 - key: the release
    entry = _snapshot.indicator(indicator)
    if entry is None:
        return None
    if entry.kind == "awaited":
        return Told(entry, None, None)
    asked = _Asked(_snapshot, entry, fixed)
    figure = asked.newest()
    row = figure.headline if figure else None
    drawn = None if fixed or figure is None or row is None else _chart(_snapshot, asked, figure)
    variation, points = _variation(drawn, entry)
    target = entry.target.value / 100 if entry.target and entry.target.unit == "percent" else None
    if row is None or target is None:
        return Told(entry, figure, row, drawn, points, variation, target)
    outlook, reason = _outlook(_snapshot, asked, target)
    if outlook is not None and contradicts(outlook, variation, entry):
        outlook, reason = None, "contradicted"
    return Told(entry, figure, row, drawn, points, variation, target, meets(row, target, entry), outlook, reason)


class _Asked:
    """The figures of one measure by length of time, each put to the release once."""

    def __init__(self, snapshot: Snapshot, entry: Indicator, fixed: tuple[tuple[str, str], ...]) -> None:
        self.snapshot, self.entry, self.fixed = snapshot, entry, fixed
        self._held: dict[Grain, Figure | None] = {}

    def of(self, grain: Grain) -> Figure | None:
        """The figure of a length of time; None where the measure has none of it."""
        if grain not in self.entry.grains:
            return None
        if grain not in self._held:
            place = self.snapshot.label(*self.fixed[0]) if self.fixed else "Scotland"
            self._held[grain] = ask(self.snapshot, Query(self.entry.id, grain, self.fixed), place)
        return self._held[grain]

    def newest(self) -> Figure | None:
        """The figure of the first length of time whose newest complete period is shown, else the first with any."""
        held = []
        for grain in TOLD_BY:
            figure = self.of(grain)
            if figure is None:
                continue
            if figure.headline is not None and figure.unshown is None:
                return figure
            held.append(figure)
        return next((figure for figure in held if figure.headline is not None), next(iter(held), None))


def _chart(snapshot: Snapshot, asked: _Asked, figure: Figure) -> Charts | None:
    """The control chart of a measure by the default rules of the page Signals; None where it can have none.

    Only shares, and only where points lie evenly: a return that came each quarter and then each month has none.
    """
    entry = asked.entry
    if figure.statistics != ("share",) or entry.kind == "derived" or entry.grains == ["year"]:
        return None
    if entry.grains == ["month"] and not evenly_spaced(figure.cells):
        return None
    held = {grain: found for grain in CHARTED_BY if (found := asked.of(grain)) is not None and found.cells.height}
    drawn = signals.charts_of(snapshot, _measure(entry), None, DEFAULT, held)
    if drawn is None or not drawn.icons or not evenly_spaced(drawn.of("").with_columns(period_start="period")):
        return None
    return drawn


def _measure(entry: Indicator) -> Measure:
    """A measure as control charts name theirs."""
    return Measure(entry.id, entry.title, entry.id, "share", "the share", "counted")


def evenly_spaced(points: pl.DataFrame) -> bool:
    """Whether each point follows the one before by a month, or by a quarter: columns `grain` and `period_start`."""
    step = "1mo" if points["grain"].item(0) == "month" else "3mo"
    follows = points["period_start"].sort()
    return bool((follows.dt.offset_by(step).shift().drop_nulls() == follows[1:]).all())


def _variation(drawn: Charts | None, entry: Indicator) -> tuple[Variation | None, int]:
    """Which way a measure goes by its chart, and its final points; None with too few, or where neither is better."""
    if drawn is None:
        return None, 0
    icon, points = drawn.icons[""], _points(drawn)
    if entry.better == "context" or icon["caution"] == "too_few_points" or points < signals.ENOUGH:
        return None, points
    return VARIATION.get(icon["variation"] or ""), points


def _points(drawn: Charts) -> int:
    """The final points that its newest limits rest on and judge: those since the limits last started again."""
    rows = drawn.of("").filter("is_final", ~pl.col("is_settling"), pl.col("value").is_not_null())
    return rows.filter(pl.col("section") == pl.col("section").max()).height


def meets(row: Mapping[str, Any], target: float, entry: Indicator) -> bool | None:
    """Whether a share lies on the right side of its target with all its interval; None where that holds the target."""
    if row["lower"] is None or row["upper"] is None:
        return None
    over, under = row["lower"] >= target, row["upper"] < target
    if entry.better == "lower":
        over, under = row["upper"] <= target, row["lower"] > target
    return True if over else False if under else None


def _outlook(snapshot: Snapshot, asked: _Asked, target: float) -> tuple[Outlook | None, str]:
    """Where it will stand at the end of 2029 by a line through its final quarters, or years without quarters."""
    entry = asked.entry
    grain: Grain = "quarter" if "quarter" in entry.grains else "year"
    figure = asked.of(grain)
    if entry.better == "context" or figure is None or figure.cells.is_empty():
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
    newest, (value, lower, upper) = points["value"].item(-1), (found[name] for name in ("value", "lower", "upper"))
    outlook = Outlook(value, lower, upper, found["chance"], newest, points.height, grain, ends)
    return outlook, ""


def contradicts(outlook: Outlook, variation: Variation | None, entry: Indicator) -> bool:
    """Whether the line leads the other way than the control chart finds: then a line is no picture of its course.

    A series that fell and has come back lies on no straight line, and what such a line foretells is not told.
    """
    if variation not in ("improving", "worsening"):
        return False
    leads_up = outlook.value > outlook.newest
    return leads_up != ((variation == "improving") == (entry.better == "higher"))


def _same_since(snapshot: Snapshot, entry: Indicator) -> dt.date:
    """The day since when a measure is judged alike: points before its limits last started again are another series."""
    rows = signals.baselines_of(snapshot, _measure(entry), None)
    newest: dt.date | None = rows.select(pl.coalesce("judged_from", "starts").max()).item() if rows.height else None
    return newest or dt.date(1900, 1, 1)


def in_years(day: dt.date) -> float:
    """A day as a number of years."""
    first = dt.date(day.year, 1, 1)
    return day.year + (day - first).days / ((dt.date(day.year + 1, 1, 1) - first).days)
