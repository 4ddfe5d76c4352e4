"""Signal or noise: monthly figures as XmR or run charts, judged by a named set of rules, with stated rebases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from catalogue.dimensions import dimensions
from catalogue.indicators import Grain
from methods.carried_over import carried_over_causes, carried_over_limits
from methods.run_charts import run_chart
from methods.spc_icons import spc_icons
from methods.special_causes import RULES, special_causes
from methods.xmr import xmr_limits
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import HIDDEN_STANDS_FOR, MONTHLY_NEEDS, MOSTLY, ask
from ui.made_once import made_once
from ui.signals_presets import BY_NAME, Preset
from ui.turnaround_measures import WAITS, WITHIN, target_of

#: Columns that judging adds to a point.
LIMITS = ("lower", "upper", "lower_near", "upper_near", "lower_inner", "upper_inner", "mean_range", "carried_over")
MARKS = (*RULES, "special_cause", "direction", "rules")

#: Limits from fewer points than this are not to be trusted yet.
ENOUGH = 13

#: Where a set allows for months that carry over, so many of the newest points do not enter the limits that judge them:
#: of 3, 6, 9 and 12 months the longest by which these points of a steady chart are marked no more often than the set
#: states (docs/decisions/0016).
NOT_IN_LIMITS = {"month": 6, "quarter": 2}

#: Where more of a section's points than this are signals, its limits describe a time of change, and no steady process.
UNSTEADY = 0.5


@dataclass(frozen=True)
class Measure:
    """One measure that charts may show: its name in the address, its indicator and statistic, and what a point is."""

    key: str
    label: str
    indicator: str
    statistic: str
    what: str
    dated: str


#: Labels are part of the address of the page, so they are never renamed.
MEASURES = (
    Measure("share", "Share within standard", WITHIN, "share", "the share within standard", "due"),
    Measure("median", "Median days to report", WAITS, "median", "the median of days to report", "received"),
)
BY_KEY = {measure.key: measure for measure in MEASURES}


@dataclass(frozen=True)
class Charts:
    """Every chart of one measure along one dimension.

    points: a row a point and code, in order, with limits and marks. icons: a row a code that has points, as
    `methods.spc_icons.spc_icons` gives it. without: code and why it has no chart. target: share aimed at, or None.
    """

    measure: Measure
    dimension: str | None
    preset: Preset
    points: pl.DataFrame
    icons: Mapping[str, Mapping[str, Any]]
    without: Mapping[str, str]
    target: float | None
    better: str

    @property
    def codes(self) -> list[str]:
        """Codes with a chart, in the order of their list."""
        return list(self.icons)

    def of(self, code: str) -> pl.DataFrame:
        """The points of one chart."""
        return self.points.filter(pl.col("code") == code)

    def grain(self, code: str) -> Grain:
        """Whether the points of a chart are months or quarters."""
        found: Grain = self.of(code)["grain"].item(0)
        return found


def judge(points: pl.DataFrame, preset: Preset) -> pl.DataFrame:
    """The points with centre, limits and marks; those that are not final keep the newest limits and no mark.

    points: `code`, `period`, `value` (null where hidden), `grain`, `is_final`, `rebase`, `is_settling`, and whatever
    else belongs to a point. All charts of one kind together, for they tell how much of a month carries over.
    Adds `section`, `centre`, LIMITS (null on a run chart), `reason`, `method`, MARKS, and `caution`: what the chart
    gives, too_few_points for a median of few points, unsteady where over half of the section's points are signals, or
    settling. Points that settle have neither lines nor marks, and enter no limits.
    """
    final = points.filter("is_final", ~pl.col("is_settling")).select("code", "period", "value", "grain", "rebase")
    chart = pl.concat([_chart(rows.drop("grain"), str(grain), preset) for (grain,), rows in _by_grain(final)])
    marked = (pl.col("direction") != 0).filter(pl.col("value").is_not_null()).mean().over("code", "section")
    unsteady = pl.when(marked > UNSTEADY).then(pl.lit("unsteady"))
    caution = pl.coalesce(pl.col("caution").cast(pl.String), unsteady)
    kept = chart.select("code", "period", "section", "centre", *LIMITS, "method", "reason", *MARKS, caution=caution)
    joined = points.join(kept, on=["code", "period"], how="left", maintain_order="left").sort("code", "period")
    carried = ["section", "centre", *LIMITS]
    stretch = (pl.col("rebase") | (pl.col("is_settling") != pl.col("is_settling").shift())).fill_null(False).cum_sum()
    settling = pl.when(pl.col("is_settling") & pl.col("is_final")).then(pl.lit("settling"))
    return (
        joined.with_columns(stretch=stretch.over("code"))
        .with_columns(pl.col(carried).forward_fill().over("code", "stretch"), caution=pl.coalesce("caution", settling))
        .drop("stretch")
    )


def _by_grain(final: pl.DataFrame) -> list[tuple[tuple[object, ...], pl.DataFrame]]:
    """The points of months and those of quarters; without any, none of months."""
    return list(final.group_by("grain", maintain_order=True)) or [(("month",), final)]


def _chart(final: pl.DataFrame, grain: str, preset: Preset) -> pl.DataFrame:
    """The charts of points of one length, judged."""
    if preset.is_run_chart:
        return run_chart(final, ["code"], preset.rules).with_columns(
            *(pl.lit(None, pl.Float64).alias(name) for name in LIMITS),
            # A median of few points moves as limits do.
            caution=pl.when(pl.col("value").count().over("code", "section") < ENOUGH).then(pl.lit("too_few_points")),
        )
    if preset.allows:
        return mark_again(carried_over_limits(final, ["code"], newest=NOT_IN_LIMITS[grain]), preset)
    return mark_again(xmr_limits(final, ["code"]).with_columns(carried_over=pl.lit(0.0)), preset)


def mark_again(points: pl.DataFrame, preset: Preset) -> pl.DataFrame:
    """The points with MARKS by the set, read off the lines that they have."""
    if preset.allows:
        return carried_over_causes(points, preset.rules, ["code"])
    return special_causes(points, preset.rules, ["code"])


def rebased(points: pl.DataFrame, baselines: pl.DataFrame) -> pl.DataFrame:
    """The points with `rebase`, true at the first point from which the limits of a code start again, and `is_settling`.

    baselines: `code` (empty for every code), `starts`, and `judged_from`: null, or the day from which points are judged
    again; those from `starts` until then settle, and limits start at the first after them.
    """
    before = pl.col("period").shift().over("code", order_by="period")
    flag, settling = pl.lit(False), pl.lit(False)
    for code, starts, judged_from in baselines.select("code", "starts", "judged_from").iter_rows():
        mine = pl.col("code") == code if code else pl.lit(True)
        first = judged_from or starts
        flag = flag | ((pl.col("period") >= first) & (before < first) & mine)
        settling = settling | ((pl.col("period") >= starts) & (pl.col("period") < first) & mine)
    return points.with_columns(rebase=flag.fill_null(False), is_settling=settling)


def baselines_of(snapshot: Snapshot, measure: Measure, dimension: str | None) -> pl.DataFrame:
    """The rebases that the release has for a measure along a dimension; none there means Scotland as a whole."""
    rows = snapshot.facts.baselines.with_columns(pl.col("dimension", "code").fill_null(""))
    return rows.filter(indicator=measure.indicator, dimension=dimension or "")


def charts(snapshot: Snapshot, measure: str, dimension: str | None, preset: str) -> Charts | None:
    """The charts of a measure along a dimension, None for Scotland; None where the release lacks the measure."""
    return _charts(snapshot.key, measure, dimension, preset, snapshot)


@made_once(100)
def _charts(key: str, measure: str, dimension: str | None, preset: str, _snapshot: Snapshot) -> Charts | None:  # noqa: ARG001 - key: the release
    chosen = BY_KEY[measure]
    figures = {grain: ask(_snapshot, Query(chosen.indicator, grain, spread=dimension)) for grain in _GRAINS}
    held = {grain: figure for grain, figure in figures.items() if figure is not None}
    return charts_of(_snapshot, chosen, dimension, BY_NAME[preset], held)


def charts_of(
    snapshot: Snapshot, chosen: Measure, dimension: str | None, rules: Preset, held: Mapping[Grain, Figure]
) -> Charts | None:
    """The charts of any measure, worked anew from its figures by month and by quarter; None without any of these."""
    if not held:
        return None
    entry = next(iter(held.values())).entry
    target = target_of(next(iter(held.values()))) if entry.target and chosen.statistic == "share" else None
    known = dimensions().get(dimension or "")
    labels = snapshot.facts.labels.get(dimension or "", {}) if known else {"": "Scotland"}
    of_a_year = _of_a_year(snapshot, chosen, dimension) if known else {""}
    places = [code for code in labels if code in of_a_year]
    points, without = _points(held, chosen, places, known.merged_into if known else {})
    if points.is_empty():
        return Charts(chosen, dimension, rules, points, {}, without, target, entry.better)
    judged = judge(rebased(points, baselines_of(snapshot, chosen, dimension)), rules)
    icons = icons_of(judged, "neither" if entry.better == "context" else entry.better, target)
    shown = {code: icons[code] for code in labels if code in icons}
    return Charts(chosen, dimension, rules, judged, shown, without, target, entry.better)


def _of_a_year(snapshot: Snapshot, measure: Measure, dimension: str | None) -> set[str]:
    """Codes of which the release has figures of any kind, be it of 12 months only."""
    figure = ask(snapshot, Query(measure.indicator, "year", spread=dimension))
    return set() if figure is None else set(figure.cells["code"].fill_null("").to_list())


def icons_of(judged: pl.DataFrame, better: str, target: float | None) -> dict[str, dict[str, Any]]:
    """What each chart says of its newest final point, by code.

    A run chart has no limits, so the icons say nothing where none of its rules holds; with enough points that is no
    real change.
    """
    found = spc_icons(judged.filter("is_final"), ["code"], better=better, target=target)
    quiet = (
        (pl.col("method") == "Run chart")
        & pl.col("variation").is_null()
        & pl.col("value").is_not_null()
        & (pl.col("caution").fill_null("") != "too_few_points")
    )
    variation = pl.when(quiet).then(pl.lit("common_cause")).otherwise(pl.col("variation").cast(pl.String))
    return {row["code"]: row for row in found.with_columns(variation=variation).to_dicts()}


#: Points may be of these lengths, the shorter first: five years of quarters still make a chart, years never do.
_GRAINS: tuple[Grain, ...] = ("month", "quarter")


def _points(
    figures: Mapping[Grain, Figure], measure: Measure, codes: list[str], merged: Mapping[str, str]
) -> tuple[pl.DataFrame, dict[str, str]]:
    """The points of each code at the shortest grain that shows most of them, and why the others have none.

    merged: code to the code of the merge that it belongs to; a merge has a chart where those in it have none.
    """
    frames, found = [], set[str]()
    for grain, figure in figures.items():
        cells = figure.cells.filter(statistic=measure.statistic).with_columns(pl.col("code").fill_null(""))
        size = pl.col("denominator").cast(pl.Float64).fill_null(HIDDEN_STANDS_FOR).mean()
        is_final = pl.col("period_status") == "final"
        is_shown = pl.col("state") == "shown"
        series = cells.filter(is_final).sort("period_start").group_by("code", maintain_order=True)
        shares = series.agg(shown=is_shown.mean(), newest=is_shown.last(), size=size)
        good = shares.filter(pl.col("shown") >= MOSTLY)
        if grain == "month":
            good = good.filter("newest", pl.col("size") >= MONTHLY_NEEDS)
        apart = {into for own, into in merged.items() if own in good["code"]}
        fresh = [code for code in good["code"] if code not in found and code not in apart]
        found |= {*fresh}
        frames.append(cells.filter(pl.col("code").is_in(fresh)).with_columns(is_final=is_final))
    together = pl.concat(frames).select(
        "code", pl.col("period_start").alias("period"), "period_end", "period_status", "grain", "state",
        pl.when(pl.col("state") == "shown").then("value").alias("value"), "numerator", "denominator", "is_final",
    )  # fmt: skip
    return together, {
        code: "Too few requests for a point a quarter."
        for code in codes
        if code not in found and merged.get(code) not in found and code not in set(merged.values())
    }
