"""Limits of shares, rates and gaps between rare events in order of time: P, U, G and T charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl
from scipy.stats import binom, norm, poisson

from methods.groundwork.chart_sections import Faults, Numbers, arrange, baseline_points, draw, numbers
from methods.xmr import LEAST_BASELINE, LIMIT_RANGES, individuals

#: Times between events, to this power, are spread about as a normal distribution.
NELSON_POWER = 1 / 3.6

#: The mean moving range of numbers from a normal distribution, in standard deviations.
RANGE_SIGMAS = 1.128

WORDS = {"three_sigma": "three sigma", "laney": "Laney", "exact": "exact geometric"}
EXACT = {"P": "exact binomial", "U": "exact Poisson"}


def p_chart(
    points: pl.DataFrame,
    by: Sequence[str] = (),
    limits: Literal["three_sigma", "exact", "laney"] = "three_sigma",
    baseline: int | None = None,
) -> pl.DataFrame:
    """Shares around their average, with limits at each point's own size: the P chart.

    points: one row a point, with columns `by`, `period`, `numerator`, `denominator` (counts) and optionally `rebase`
    (true at the first point of each new section). limits: three_sigma, the average -/+ 3 sqrt(p (1 - p) / n), kept
    within 0 and 1; exact, the binomial counts that 0.135% lie below and above; laney, three_sigma times the spread
    between points over that within them (the P' chart), for large counts that vary more than chance, or less. baseline:
    work out the average from the first so many points of each section (12 or more) and hold it.
    Returns one row a point, in the form of `methods.xmr.xmr_limits` without `mean_range`; `value` is the share,
    `centre` the average share, sum of numerators over sum of denominators. Lines at one and two standard deviations
    are the exact counts at those of a normal distribution where limits are exact. `caution` is `too_few_points` where
    the section has fewer than 13 shares, and under laney `too_many_unchanged` as in `xmr_limits`.

    A faulty point is left out of the average and keeps the section's centre. Moving ranges are not screened.

    Reasons: missing, not_finite, repeated_key, total_not_positive, negative_count, count_above_total, not_whole_counts
    (exact limits of counts that are not whole), too_few_points (fewer than two shares), average_at_edge (the average is
    0 or 1), no_variation (laney: no spread between points).
    Source: Shewhart 1931; Benneyan, Lloyd and Plsek 2003, Quality and Safety in Health Care 12:458; Laney 2002, Quality
    Engineering 14:531.
    """
    return _ratio_chart(points, by, limits, baseline, "P")


def u_chart(
    points: pl.DataFrame,
    by: Sequence[str] = (),
    limits: Literal["three_sigma", "exact", "laney"] = "three_sigma",
    baseline: int | None = None,
) -> pl.DataFrame:
    """Rates around their average, with limits at each point's own exposure: the U chart.

    points, limits, baseline and what comes back: as in `p_chart`, with counts of events over an exposure of any unit in
    place of shares; the exact limits are Poisson and three_sigma is the average -/+ 3 sqrt(u / n), kept above 0. With
    exposures all 1 it is the C chart.

    Reasons: missing, not_finite, repeated_key, total_not_positive, negative_count, too_few_points (fewer than two
    rates), average_at_edge (no events at all), no_variation (laney: no spread between points).
    Source: Shewhart 1931; Benneyan, Lloyd and Plsek 2003, Quality and Safety in Health Care 12:458; Laney 2002, Quality
    Engineering 14:531.
    """
    return _ratio_chart(points, by, limits, baseline, "U")


def g_chart(
    points: pl.DataFrame,
    by: Sequence[str] = (),
    limits: Literal["three_sigma", "exact"] = "exact",
    baseline: int | None = None,
) -> pl.DataFrame:
    """Numbers of cases, or whole days, between rare events, around their middle: the G chart.

    points: one row an event, with columns `by`, `period`, `value` (the whole number of cases without the event since
    the last: 0, 1, ...) and optionally `rebase`. limits: exact, the numbers that 0.135% of a geometric distribution of
    the same mean lie below and above, and its median as the centre; three_sigma, the mean m -/+ 3 sqrt(m (m + 1)), not
    below 0, around the mean. A geometric distribution is so skewed that about 63% lie below the mean, so shifts are to
    be read around the median. baseline: as in `p_chart`.
    Returns one row an event, in the form of `methods.xmr.xmr_limits` without `mean_range`. A point above the upper
    limit is good news: the event has become rarer. The lower limit is 0 unless events are very rare. qicharts2 draws
    three_sigma around the observed median.

    Reasons: missing, not_finite, repeated_key, negative_count, too_few_points (fewer than two), no_variation (all 0).
    Source: Kaminsky, Benneyan, Davis and Burke 1992, Journal of Quality Technology 24:63; Benneyan 2001, Health Care
    Management Science 4:305.
    """
    _check(limits, ("three_sigma", "exact"))
    chart, sections = arrange(points, by, ["value"])
    given = numbers(chart, "value")
    faults = [*_unfit(given), (given < 0, "negative_count")]
    value = _fit(given, faults)
    used = baseline_points(sections, ~np.isnan(value), baseline, LEAST_BASELINE)
    means = sections.mean(value, used)
    section_faults = [(sections.count(used) < 2, "too_few_points"), (means == 0, "no_variation")]
    mean = means[sections.of]

    def line(steps: int) -> Numbers:
        if limits == "three_sigma":
            found: Numbers = mean + steps * np.sqrt(mean * (mean + 1))
        else:
            # The smallest number with the wanted share at or below it; the chance of the event is 1 / (mean + 1).
            found = np.ceil(norm.logsf(steps) / np.log1p(-1 / (mean + 1))) - 1
        return np.maximum(found, 0)

    return draw(chart, by, sections, value, line, faults, section_faults, f"G chart, {WORDS[limits]}")


def t_chart(
    points: pl.DataFrame, by: Sequence[str] = (), screen: bool = False, baseline: int | None = None
) -> pl.DataFrame:
    """Times between rare events, around their middle: the T chart.

    points: one row an event, with columns `by`, `period`, `value` (the time since the last event, above 0, in any unit
    fine enough that few are equal) and optionally `rebase`. screen, baseline: as in `methods.xmr.xmr_limits`.
    Returns one row an event, in the form of `methods.xmr.xmr_limits` without `mean_range`: its lines are worked out on
    times to the power 1/3.6 and turned back; a lower line below 0 is 0. A point above the upper limit is good news: the
    event has become rarer.

    Reasons: those of `xmr_limits`, and not_positive (a time of 0 or below; it is left out).
    Source: Nelson 1994, Journal of Quality Technology 26:239; Provost and Murray 2011, The Health Care Data Guide.
    """
    chart, sections = arrange(points, by, ["value"])
    given = numbers(chart, "value")
    faults = [*_unfit(given), (given <= 0, "not_positive")]
    value = _fit(given, faults)
    used = baseline_points(sections, ~np.isnan(value), baseline, LEAST_BASELINE)
    means, ranges, unchanged = individuals(value**NELSON_POWER, sections, used, screen)
    mean, spread = means[sections.of], LIMIT_RANGES / 3 * ranges[sections.of]
    section_faults = [(np.isnan(ranges), "too_few_points"), (ranges == 0, "no_variation")]

    def line(steps: int) -> Numbers:
        found: Numbers = np.maximum(mean + steps * spread if steps else mean, 0) ** (1 / NELSON_POWER)
        return found

    return draw(chart, by, sections, value, line, faults, section_faults, "T chart", unchanged)


def _ratio_chart(
    points: pl.DataFrame, by: Sequence[str], limits: str, baseline: int | None, kind: Literal["P", "U"]
) -> pl.DataFrame:
    """What P and U charts have in common: a ratio of sums, and limits by the denominator of each point."""
    _check(limits, ("three_sigma", "exact", "laney"))
    chart, sections = arrange(points, by, ["numerator", "denominator"])
    x, n = numbers(chart, "numerator"), numbers(chart, "denominator")
    faults = [*_unfit(x, n), (n <= 0, "total_not_positive"), (x < 0, "negative_count")]
    if kind == "P":
        faults.append((x > n, "count_above_total"))
        if limits == "exact":
            faults.append(((x != np.rint(x)) | (n != np.rint(n)), "not_whole_counts"))
    with np.errstate(all="ignore"):
        value = _fit(x / n, faults)
    used = baseline_points(sections, ~np.isnan(value), baseline, LEAST_BASELINE)
    with np.errstate(all="ignore"):
        average = sections.sum(x, used) / sections.sum(n, used)
        edges = (average == 0) | ((average == 1) & (kind == "P"))
        section_faults = [(sections.count(used) < 2, "too_few_points"), (edges, "average_at_edge")]
        mean = average[sections.of]
        sigma, unchanged = np.sqrt(mean * (1 - mean if kind == "P" else 1) / n), None
        if limits == "laney":
            _, ranges, unchanged = individuals((value - mean) / sigma, sections, used, screen=False)
            sigma *= ranges[sections.of] / RANGE_SIGMAS
            section_faults += [(np.isnan(ranges), "too_few_points"), (ranges == 0, "no_variation")]

    def line(steps: int) -> Numbers:
        if not steps:
            return mean
        if limits == "exact":
            below = norm.cdf(steps)
            found: Numbers = (binom.ppf(below, n, mean) if kind == "P" else poisson.ppf(below, n * mean)) / n
        else:
            found = np.clip(mean + steps * sigma, 0, 1 if kind == "P" else np.inf)
        return found

    prime = "'" if limits == "laney" else ""
    method = f"{kind}{prime} chart, {WORDS[limits] if limits != 'exact' else EXACT[kind]}"
    return draw(chart, by, sections, value, line, faults, section_faults, method, unchanged)


def _check(limits: str, known: Sequence[str]) -> None:
    if limits not in known:
        raise ValueError(f"limits are {', '.join(known)}, not {limits}")


def _unfit(*given: Numbers) -> Faults:
    """Points with a number that is missing or not finite."""
    missing, infinite = (np.logical_or.reduce([test(x) for x in given]) for test in (np.isnan, np.isinf))
    return [(missing, "missing"), (infinite, "not_finite")]


def _fit(value: Numbers, faults: Faults) -> Numbers:
    """The values of points without a fault."""
    return np.where(np.logical_or.reduce([flags for flags, _ in faults]), np.nan, value)
