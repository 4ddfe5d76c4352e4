"""Points of charts put in order of time and cut into the sections that are judged together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from methods.estimates import FIELDS
from methods.groundwork.frames import require_columns
from methods.reasons import reason

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
#: Flags, each with the code of `methods.reasons` for those that are up.
Faults = list[tuple[Flags, str]]

#: The lines of a chart and where they stand, in standard deviations of the process from its centre.
LINES = {"lower": -3, "lower_near": -2, "lower_inner": -1, "centre": 0, "upper_inner": 1, "upper_near": 2, "upper": 3}

#: The columns that every chart reads or makes.
CHART_COLUMNS = ("period", "section", "rebase", "misplaced", *FIELDS, *LINES, "mean_range", "caution")

#: A difference below this share of the largest value of a section is rounding: the two numbers are taken as equal.
ROUNDING = 1e-12

#: Limits from fewer points than this are given with a caution; they move much with each further point.
FEW_POINTS = 13


@dataclass(frozen=True)
class Sections:
    """Where each section starts among points in order, and the section that each point is in, counted from 0."""

    start: Whole
    of: Whole

    @classmethod
    def cut_at(cls, first: Flags) -> Sections:
        return cls(np.flatnonzero(first), np.cumsum(first) - 1)

    def place(self) -> Whole:
        """The place of each point in its section, from 0."""
        return np.arange(self.of.size) - self.start[self.of]

    def count(self, use: Flags) -> Whole:
        """Points to use, a section."""
        return np.add.reduceat(use.astype(np.int64), self.start)

    def sum(self, numbers: Numbers, use: Flags) -> Numbers:
        """Sum of the points to use, a section."""
        return np.add.reduceat(np.where(use, numbers, 0.0), self.start)

    def mean(self, numbers: Numbers, use: Flags) -> Numbers:
        """Mean of the points to use, a section; NaN where there is none."""
        counted = self.count(use)
        return np.where(counted > 0, self.sum(numbers, use) / np.maximum(counted, 1), np.nan)

    def any(self, flags: Flags) -> Flags:
        return np.logical_or.reduceat(flags, self.start)

    def rounding(self, numbers: Numbers) -> Numbers:
        """The largest difference that counts as none, a point."""
        largest = np.maximum.reduceat(np.where(np.isfinite(numbers), np.abs(numbers), 0.0), self.start)
        return ROUNDING * largest[self.of]


def arrange(
    points: pl.DataFrame,
    by: Sequence[str],
    needed: Sequence[str],
    cut: pl.Expr | None = None,
    made: Collection[str] = (),
) -> tuple[pl.DataFrame, Sections]:
    """Points in order, and the sections that they make.

    points: columns `by`, `period` (a date, or anything that sorts) and those needed. cut: where a section starts, on
    points in order; by default where a boolean column `rebase` says so, if there is one. A series starts with a
    section; null counts as False. Points without a period come last, in a section of their own. made: columns that the
    method gives beside those of a chart. ValueError where `by` has one of these, or one that a chart reads or makes.
    Returns the points sorted by `by` and `period`, with `misplaced` (why the place of a point is not known: `missing`
    without a period, `repeated_key` for a series that has two points of one period, else null) and, unless `cut` is
    given, `section` (numbered from 1 in each series); and the sections.

    Reasons: missing, repeated_key.
    Source: sections as the phases of Provost and Murray 2011, The Health Care Data Guide.
    """
    by = list(by)
    if clash := sorted({*CHART_COLUMNS, *needed, *made} & set(by)):
        raise ValueError(f"by names series, not the columns {', '.join(clash)} that a chart reads or makes")
    require_columns(points, by, ["period", *needed])
    if "rebase" in points.columns and points["rebase"].dtype not in (pl.Boolean, pl.Null):
        raise ValueError(f"column rebase holds {points['rebase'].dtype}, not true and false")
    if points["period"].dtype.is_float():
        points = points.with_columns(pl.col("period").fill_nan(None))
    chart = points.sort([*by, "period"], nulls_last=True, maintain_order=True)
    rebase = pl.col("rebase") if "rebase" in points.columns else pl.lit(False)
    period = pl.col("period")
    marks = chart.select(
        pl.any_horizontal(pl.int_range(pl.len()) == 0, *(pl.col(name).ne_missing(pl.col(name).shift()) for name in by))
        .fill_null(True)
        .alias("series"),
        (period == period.shift()).fill_null(False).alias("again"),
        (period.is_null() & period.shift().is_not_null()).alias("dateless"),
        (rebase if cut is None else cut).fill_null(False).alias("cut"),
    )
    first = marks["series"].to_numpy()
    series = Sections.cut_at(first)
    sections = Sections.cut_at(first | marks["cut"].to_numpy() | marks["dateless"].to_numpy())
    repeated = series.any(marks["again"].to_numpy() & ~first)[series.of]
    number = sections.of - sections.of[series.start][series.of] + 1
    why = reason((period.is_null(), "missing"), (pl.col("misplaced"), "repeated_key"))
    chart = chart.with_columns(misplaced=pl.Series(repeated, dtype=pl.Boolean)).with_columns(misplaced=why)
    return (chart if cut is not None else chart.with_columns(section=pl.Series(number, dtype=pl.Int64))), sections


def numbers(chart: pl.DataFrame, column: str) -> Numbers:
    """A column as floating point numbers, NaN where it is null or the place of its point is not known.

    chart: from `arrange`. ValueError where the column does not hold numbers.
    """
    if not (chart[column].dtype.is_numeric() or chart[column].dtype == pl.Null):
        raise ValueError(f"column {column} holds {chart[column].dtype}, not numbers")
    placed = pl.when(pl.col("misplaced").is_null()).then(pl.col(column).cast(pl.Float64))
    return np.array(chart.select(placed.fill_null(np.nan).alias("x"))["x"].to_numpy(), dtype=np.float64)


def baseline_points(sections: Sections, present: Flags, baseline: int | None, least: int) -> Flags:
    """The points that centre and limits are worked out from: those present, or those among the first of a section.

    baseline: how many points of each section, missing ones counted, for a baseline is a stretch of time; None for all.
    least: the smallest baseline that may be asked for; ValueError for a smaller one.
    Source: Provost and Murray 2011, The Health Care Data Guide; at least 12 as in NHSRplotthedots 0.2.2.
    """
    if baseline is None:
        return present
    if baseline < least:
        raise ValueError(f"a baseline takes at least {least} points, not {baseline}")
    return present & (sections.place() < baseline)


def newest_points(chart: pl.DataFrame, sections: Sections, by: Sequence[str], newest: int) -> Flags:
    """The newest so many points of each series that lie in its last section, its first FEW_POINTS never among them.

    chart, sections: from `arrange`; missing points are counted, for a baseline is a stretch of time.
    ValueError below 0.
    Source: baseline and later points apart, as the phases of Shewhart 1939, Statistical Method from the Viewpoint of
    Quality Control.
    """
    if newest < 0:
        raise ValueError(f"newest is a number of points, not {newest}")
    size = np.diff([*sections.start, sections.of.size])
    is_last = np.ones(sections.start.size, dtype=np.bool_)
    first = (
        chart.select(pl.struct(by).rle_id() if by else pl.repeat(0, pl.len())).to_series().to_numpy()[sections.start]
    )
    is_last[:-1] = first[1:] != first[:-1]
    place = sections.place()
    held_back: Flags = is_last[sections.of] & (place >= np.maximum(size - newest, FEW_POINTS)[sections.of])
    return held_back


def runs(state: Whole, of: Whole, skipped: Flags) -> tuple[Whole, Whole]:
    """State and length of the run that each point is in; a run is neighbours of one state in one section.

    state: a whole number a point. of: the section of each point. skipped: points that neither break a run nor count in
    its length; one that lies inside a run is given the run's state, one between runs state 0.
    Source: Perla, Provost and Murray 2011, BMJ Quality and Safety 20:46.
    """
    kept = np.flatnonzero(~skipped)
    begins = np.ones(kept.size, dtype=np.bool_)
    begins[1:] = (np.diff(state[kept]) != 0) | (np.diff(of[kept]) != 0)
    run = np.cumsum(begins) - 1
    # The run of the last point kept at or before each point, and of the first at or after it; the ends have none.
    around = np.concatenate([[-1], run, [-2]])
    place = np.cumsum(~skipped)
    inside = around[place] == around[place + skipped]
    mine = np.where(inside, around[place], 0)
    if not kept.size:
        return np.zeros_like(state), np.zeros_like(state)
    return np.where(inside, state[kept][begins][mine], 0), np.where(inside, np.bincount(run)[mine], 0)


def draw(
    chart: pl.DataFrame,
    by: Sequence[str],
    sections: Sections,
    value: Numbers,
    line: Callable[[int], Numbers],
    faults: Faults,
    section_faults: Faults,
    method: str | pl.Series,
    unchanged: Flags | None = None,
    **extras: Numbers,
) -> pl.DataFrame:
    """The answer of a chart: one row a point, with its value and the chart's lines at that point.

    chart, sections: from `arrange`. value: what is drawn at each point, NaN where it has a fault. line: the lines at so
    many standard deviations from the centre, at each point. faults: flags of points that have no value, with their
    codes. section_faults: flags of sections that have no limits. unchanged: flags of sections most of whose points
    equal the one before. extras: further numbers a point.
    Returns `by`, `period`, `section`, `value`, `lower`, `upper`, `method`, `reason`, the other LINES, the extras and
    `caution`.

    Reasons: those of `arrange`, and the codes of the faults, the gravest first; in `caution`, too_few_points and
    too_many_unchanged.
    Source: lines at one, two and three standard deviations, Western Electric 1956, Statistical Quality Control
    Handbook; a caution under 13 points, NHS England, Making Data Count.
    """
    misplaced = chart["misplaced"].is_not_null().to_numpy()
    limitless = misplaced.copy()
    for flags, _ in section_faults:
        limitless |= flags[sections.of]
    with np.errstate(all="ignore"):
        lines = {n: np.where(limitless if s else misplaced, np.nan, line(s)) for n, s in LINES.items()}
    few = sections.count(~np.isnan(value)) < FEW_POINTS
    warnings = [(few, "too_few_points"), *([(unchanged, "too_many_unchanged")] if unchanged is not None else [])]
    codes = pl.coalesce(chart["misplaced"], _codes([*faults, *((f[sections.of], c) for f, c in section_faults)]))
    columns = {"value": value} | lines | extras
    drawn = chart.select(*by, "period", "section").with_columns(
        *(pl.Series(name, found, dtype=pl.Float64, nan_to_null=True) for name, found in columns.items()),
        pl.lit(method).alias("method"),
        codes.alias("reason"),
        _codes([(flags[sections.of], code) for flags, code in warnings]).alias("caution"),
    )
    others = [name for name in LINES if name not in ("lower", "upper")]
    return drawn.select(*by, "period", "section", *FIELDS, *others, *extras, "caution")


def _codes(faults: Faults) -> pl.Series:
    """The code of the first flag that is up, a point."""
    table = pl.DataFrame({str(place): pl.Series(up, dtype=pl.Boolean) for place, (up, _) in enumerate(faults)})
    return table.select(reason(*((pl.col(str(place)), code) for place, (_, code) in enumerate(faults)))).to_series()
