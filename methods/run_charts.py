"""Run charts: points around their median, and whether they cross it as often as chance would."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.stats import binom

from methods.groundwork.chart_sections import Flags, Numbers, Sections, Whole, arrange, baseline_points, numbers, runs
from methods.reasons import reason
from methods.special_causes import RuleSet, special_causes

#: What the Anhoej rules count in a section, and the signal they give.
COUNTED = ("n_useful", "longest_run", "longest_run_limit", "crossings", "crossings_limit", "is_signal")


def run_chart(
    points: pl.DataFrame,
    by: Sequence[str] = (),
    rules: str | RuleSet = "scottish_run_chart",
    baseline: int | None = None,
) -> pl.DataFrame:
    """Median of each point's section, and the shifts and trends around it.

    points: one row a point, with columns `by`, `period`, `value`, optionally `rebase` (true at the first point of each
    new section) and `centre` (medians given; then none is worked out). rules: as in `special_causes`, without those
    that need limits. baseline: take the median of the first so many points of each section.
    Returns one row a point, sorted by `by` and `period`: `by`, `period`, `section`, `value`, `centre`, `method`,
    `reason` (set where value or centre is null; a run chart has no limits), and the marks of
    `methods.special_causes.special_causes`.

    Reasons: missing, not_finite, repeated_key (a series with two points of one period), too_few_points (a section
    without a point to take a median of).
    Source: Perla, Provost and Murray 2011, BMJ Quality and Safety 20:46.
    """
    chart, sections = arrange(points, by, ["value"])
    given = numbers(chart, "value")
    used = baseline_points(sections, np.isfinite(given), baseline, 1)
    centre = numbers(chart, "centre") if "centre" in points.columns else _medians(given, sections, used)[sections.of]
    value = np.where(np.isfinite(given), given, np.nan)
    drawn = chart.with_columns(
        value=pl.Series(value, nan_to_null=True),
        centre=pl.Series(centre, nan_to_null=True),
        infinite=pl.Series(np.isinf(given), dtype=pl.Boolean),
    )
    why = reason(
        (pl.col("misplaced") == "missing", "missing"),
        (pl.col("misplaced") == "repeated_key", "repeated_key"),
        (pl.col("infinite"), "not_finite"),
        (pl.col("value").is_null(), "missing"),
        (pl.col("centre").is_null(), "too_few_points"),
    )
    kept = drawn.select(*by, "period", "section", "value", "centre", method=pl.lit("Run chart"), reason=why)
    return special_causes(kept, rules, by)


def anhoej_signals(points: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """Whether the points of each section keep to one side of their centre for too long, or cross it too seldom.

    points: one row a point, as `run_chart` returns it: columns `by`, `period`, `value`, `centre`, and `section` if
    there are several.
    Returns one row a section: `by`, `section`, `n_useful` (points off the centre), `longest_run` (of points on one
    side; those on the centre and missing ones are passed over), `longest_run_limit` (log2(n_useful) + 3, rounded),
    `crossings`, `crossings_limit` (the 5% point of a binomial of n_useful - 1 even chances), `is_signal` (a run longer
    than its limit or fewer crossings than theirs), `method`, `reason`. It judges the section as a whole and no point.

    Reasons: too_few_points (no point is off the centre; then there are no limits and no signal).
    Source: Anhoej and Olesen 2014, PLoS One 9:e113825; as qicharts2 0.8.1.
    """
    named = points if "section" in points.columns else points.with_columns(section=pl.lit(1, pl.Int64))
    chart, sections = arrange(
        named, by, ["value", "centre"], pl.col("section").ne_missing(pl.col("section").shift()), COUNTED
    )
    value, centre = numbers(chart, "value"), numbers(chart, "centre")
    useful, side = _useful(value, centre, sections)
    _, length = runs(side, sections.of, ~useful)
    n = sections.count(useful)
    longest = np.maximum.reduceat(length, sections.start) if n.size else n
    crossings = _crossings(side, useful, sections)
    some = np.maximum(n, 1)
    longest_limit = np.rint(np.log2(some) + 3).astype(np.int64)
    # Without a chance to cross there is no quantile to look up.
    crossings_limit = np.where(some > 1, binom.ppf(0.05, np.maximum(some - 1, 1), 0.5), 0).astype(np.int64)
    numbered = {"n_useful": n, "longest_run": longest, "longest_run_limit": longest_limit}
    numbered |= {"crossings": crossings, "crossings_limit": crossings_limit}
    found = chart.select(*by, "section", "misplaced")[sections.start].with_columns(
        *(pl.Series(name, counted, dtype=pl.Int64) for name, counted in numbered.items()),
        is_signal=pl.Series((longest > longest_limit) | (crossings < crossings_limit), dtype=pl.Boolean),
    )
    # A series whose points cannot be put in order has said so; else no point off the centre is the fault.
    why = pl.coalesce(pl.col("misplaced"), reason((pl.col("n_useful") == 0, "too_few_points")))
    faulty = pl.col("n_useful") == 0
    return (
        found.with_columns(
            pl.when(~faulty).then(pl.col("longest_run_limit", "crossings_limit", "is_signal")),
            method=pl.lit("Anhoej rules"),
        )
        .with_columns(reason=pl.when(faulty).then(why))
        .drop("misplaced")
    )


def rephase_medians(points: pl.DataFrame, by: Sequence[str] = (), baseline: int = 13, run: int = 9) -> pl.DataFrame:
    """The points, with a median that moves on by itself each time that the process has plainly moved.

    points: one row a point, with columns `by`, `period`, `value`. baseline: the median is that of the first so many
    points, missing ones counted. run: after so many points in a row on one side of it, those on it passed over, it
    becomes the median of these, from the first of them on, and the search goes on after them.
    Returns the points sorted by `by` and `period`, with `centre` (the median at each point, null without a value to
    take it of) and `rebase` (true where it moves): what `run_chart` takes.

    Source: MacKintosh, runcharter 0.2.0, with both directions; a run of 9 as the Institute for Healthcare Improvement.
    """
    if run < 2:
        raise ValueError(f"a run takes at least 2 points, not {run}")
    chart, series = arrange(points, by, ["value"], pl.lit(False))
    value = numbers(chart, "value")
    present, index = np.isfinite(value), np.arange(value.size)
    centre = _medians(value, series, baseline_points(series, present, baseline, 1))[series.of]
    moves, search = np.zeros(value.size, dtype=np.bool_), series.place() >= baseline
    while True:
        useful, side = _useful(value, centre, series)
        state, length = runs(np.where(search, side, 0), series.of, search & present & ~useful)
        long = np.flatnonzero((state != 0) & (length >= run))
        if not long.size:
            break
        # Of each series the first such run: from its first point to the last that it takes to make a run.
        hit, places = np.unique(series.of[long], return_index=True)
        counted = np.cumsum(useful & search)
        start = np.full(series.start.size, value.size)
        end = np.full(series.start.size, -1)
        start[hit] = long[places]
        end[hit] = np.searchsorted(counted, counted[long[places]] + run - 1)
        inside = (index >= start[series.of]) & (index <= end[series.of])
        centre = np.where(index >= start[series.of], _medians(value, series, useful & inside)[series.of], centre)
        moves[long[places]] = True
        search &= index > end[series.of]
    return chart.drop("misplaced").with_columns(
        centre=pl.Series(centre, nan_to_null=True), rebase=pl.Series(moves, dtype=pl.Boolean)
    )


def _medians(value: Numbers, sections: Sections, used: Flags) -> Numbers:
    """Median of the points to use, a section; NaN where there is none."""
    found = np.full(sections.start.size, np.nan)
    table = pl.DataFrame({"section": sections.of[used], "value": value[used]})
    medians = table.group_by("section").agg(pl.col("value").median())
    found[medians["section"].to_numpy()] = medians["value"].to_numpy()
    return found


def _useful(value: Numbers, centre: Numbers, sections: Sections) -> tuple[Flags, Whole]:
    """Whether a point is off the centre, and its side: 1 above, -1 below, 0 on it or not known."""
    off = value - centre
    off = np.where(np.isfinite(off) & (np.abs(off) > sections.rounding(value)), off, 0.0)
    return off != 0, np.sign(off).astype(np.int64)


def _crossings(side: Whole, useful: Flags, sections: Sections) -> Whole:
    """How often one useful point of a section lies on the other side than the last."""
    kept = np.flatnonzero(useful)
    crossed = (np.diff(side[kept]) != 0) & (np.diff(sections.of[kept]) == 0)
    return np.bincount(sections.of[kept][1:][crossed], minlength=sections.start.size)
