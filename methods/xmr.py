"""Process limits of single measurements in order of time: the XmR chart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from methods.groundwork.chart_sections import (
    Flags,
    Numbers,
    Sections,
    arrange,
    baseline_points,
    draw,
    newest_points,
    numbers,
)

#: Limits stand this many mean moving ranges from the centre: 3 over 1.128, as it is always rounded.
LIMIT_RANGES = 2.66

#: A moving range is rogue from this many mean moving ranges: the upper limit of the chart of ranges.
ROGUE_RANGES = 3.267

#: The smallest baseline from which limits may be fixed.
LEAST_BASELINE = 12


def xmr_limits(
    points: pl.DataFrame,
    by: Sequence[str] = (),
    screen: bool = True,
    baseline: int | None = None,
    newest: int = 0,
) -> pl.DataFrame:
    """Mean and natural process limits of each point of an XmR (individuals) chart.

    points: one row a point, with columns `by`, `period` (a date, or anything that sorts), `value`, and where the
    process is known to have changed a boolean `rebase`, true at the first point of each new section. screen: leave out
    moving ranges of 3.267 times their mean or more, once, and take the mean again; False is as NHS England's Excel
    tool. baseline: work out mean and limits from the first so many points of each section (12 or more) and hold them.
    newest: leave so many of the newest points of each series out of mean and limits of its last section, as far as 13
    points stay, so that what is new is judged by what was before.
    Returns one row a point, sorted by `by` and `period`: `by`, `period`, `section` (1, 2, ...), `value` (the
    measurement), `lower`, `upper` (mean -/+ 2.66 mean moving ranges), `method`, `reason`, `lower_near`, `upper_near`
    (two thirds of the way to the limits), `lower_inner`, `upper_inner` (one third), `centre` (the mean),
    `mean_range` (the mean moving range used), and `caution`, null where the limits can be trusted:
    `too_few_points` where the section has fewer than 13 values, `too_many_unchanged` where more than half of the
    moving ranges are nought.

    A missing value is left out of the mean, and the two ranges on either side of it with it; its row keeps the limits.
    Ranges are not screened where more than half of them are nought: nearly every move would be taken as rogue, the
    limits would close in on the mean and, as in NHSRplotthedots, every point would lie outside. Differences below
    1e-12 of the largest value of a section count as none.

    Reasons: missing (a value or a period), not_finite, repeated_key (a series with two points of one period),
    too_few_points (no two neighbours), no_variation (all ranges nought; the reference gives NaN).
    Source: Shewhart 1931; Wheeler 1993, Understanding Variation; screening, Nelson 1982, Journal of Quality Technology
    14:172; as `ptd_spc` of NHSRplotthedots 0.2.2.
    """
    chart, sections = arrange(points, by, ["value"])
    given = numbers(chart, "value")
    faults = [(np.isinf(given), "not_finite"), (np.isnan(given), "missing")]
    value = np.where(np.isfinite(given), given, np.nan)
    used = baseline_points(sections, ~np.isnan(value), baseline, LEAST_BASELINE)
    used &= ~newest_points(chart, sections, by, newest)
    mean, mean_range, unchanged = individuals(value, sections, used, screen)
    method = np.where(unchanged | (not screen), "XmR", "XmR, moving ranges screened")[sections.of]
    return draw(
        chart,
        by,
        sections,
        value,
        lambda steps: (mean + steps * LIMIT_RANGES / 3 * mean_range if steps else mean)[sections.of],
        faults,
        [(np.isnan(mean_range), "too_few_points"), (mean_range == 0, "no_variation")],
        pl.Series(method, dtype=pl.String),
        unchanged,
        mean_range=mean_range[sections.of],
    )


def individuals(value: Numbers, sections: Sections, used: Flags, screen: bool) -> tuple[Numbers, Numbers, Flags]:
    """Mean, mean moving range and whether most ranges are nought, of each section: the arithmetic of `xmr_limits`.

    value: in order, NaN where there is none. used: the points to work from. screen: leave out rogue ranges.
    Returns arrays of one item a section; NaN where there is no point or no range.
    Source: as `xmr_limits`.
    """
    before = np.concatenate([[np.nan], value[:-1]]) if value.size else value
    moved = np.abs(value - before)
    moved[sections.start] = np.nan
    moved = np.where(moved <= sections.rounding(value), 0.0, moved)
    ranges = used & ~np.isnan(moved)
    mean_range = sections.mean(moved, ranges)
    unchanged = 2 * sections.count(ranges & (moved == 0)) > sections.count(ranges)
    if screen:
        kept = ranges & ((moved < ROGUE_RANGES * mean_range[sections.of]) | unchanged[sections.of])
        mean_range = np.where(sections.count(kept) > 0, sections.mean(moved, kept), mean_range)
    return sections.mean(value, used), mean_range, unchanged
