"""How long until something happens, when for some it has not happened yet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from methods.estimates import FIELDS, normal_quantile
from methods.groundwork.day_counts import (
    RESERVED,
    TOLERANCE,
    Numbers,
    Steps,
    answers_within,
    count_steps,
    curve_answers,
    greenwood_terms,
    group_answers,
    running_total,
    steps_in_time,
    surviving_share,
)
from methods.groundwork.frames import as_number, number_groups, require_columns
from methods.reasons import reason


def count_days(rows: pl.DataFrame, time: str, is_event: str, by: Sequence[str] = ()) -> pl.DataFrame:
    """How many had the event, and how many were last seen without it, after each time.

    rows: one row a person or request, with columns `by`, time (any number, such as whole days) and is_event (true or 1
    where the event ended the wait). Rows in which either is missing are left out.
    Returns the counts that the other functions here take: `by`, `time`, `events`, `censored`; in no fixed order.

    Source: Kaplan and Meier 1958, Journal of the American Statistical Association 53:457.
    """
    if absent := [name for name in (*by, time, is_event) if name not in rows.columns]:
        raise ValueError(f"columns {absent} are missing; there are {rows.columns}")
    length, happened = pl.col(time), pl.col(is_event)
    known = [pl.col(name).is_not_null() for name in (time, is_event)]
    known += [pl.col(name).is_not_nan() for name in (time, is_event) if rows.schema[name].is_float()]
    return (
        rows.filter(*known)
        .group_by([*by, length.alias("time")])
        .agg(happened.cast(pl.Boolean).sum().cast(pl.Int64).alias("events"), pl.len().cast(pl.Int64).alias("left_"))
        .select(*by, "time", "events", censored=pl.col("left_") - pl.col("events"))
    )


def survival_curve(counts: pl.DataFrame, by: Sequence[str] = (), confidence: float = 0.95) -> pl.DataFrame:
    """Product-limit share still waiting after each time.

    counts: one row a group and time, with columns `by`, `time` (any number), `events` and `censored` (counts; at equal
    times events come before censorings). Rows of one time are added up; times that only rounding sets apart are one.
    Returns one row a group and time at which somebody left: `by`, `time`, `at_risk`, `value`, `lower`, `upper`,
    `method` and `reason`. Limits are of log(-log), from Greenwood's variance. A group with a fault has one row.

    Reasons: missing, not_finite, negative_count, total_not_positive (of the group); no_limits (the curve is at 1 or 0).
    Source: Kaplan and Meier 1958, Journal of the American Statistical Association 53:457; Kalbfleisch and Prentice
    1980, The Statistical Analysis of Failure Time Data; R survival 3.5-3.
    """
    steps = steps_in_time(counts, by)
    surviving, lower, upper = _curve(steps, confidence)
    return curve_answers(steps, surviving, lower, upper, "Kaplan-Meier, log-log limits")


def time_quantiles(
    counts: pl.DataFrame, probabilities: Sequence[float], by: Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """Time by which a share of a group has had the event, those still waiting counted as censored.

    counts: as in `survival_curve`. probabilities: shares strictly between 0 and 1.
    Returns one row a group and probability: `by`, `probability`, `value`, `lower`, `upper` in the unit of `time`,
    `method` and `reason`. The limits are read off the limits of the curve. Where the curve is flat exactly at the
    share, the middle of the flat piece is taken, for value and limits alike, as R does; lifelines takes its start.

    Reasons: missing, not_finite, negative_count, total_not_positive; not_reached (a limit may stand none the less);
    no_limits (the curve has none, as where all leave at one time); limit_not_reached.
    Source: Brookmeyer and Crowley 1982, Biometrics 38:29; R survival 3.5-3.
    """
    _require_shares(probabilities)
    steps = steps_in_time(counts, by)
    bands = _curve(steps, confidence)
    has_limits = (count_steps(~np.isnan(bands[1]), steps) > 0).astype(float)

    def at(probability: float) -> dict[str, Numbers]:
        found = (_first_time(steps, band, probability) for band in bands)
        return dict(zip(("value", "lower", "upper"), found, strict=True)) | {"has_limits_": has_limits}

    short = reason(
        (pl.col("value").is_null(), "not_reached"),
        (pl.col("has_limits_") == 0, "no_limits"),
        (pl.col("lower").is_null() | pl.col("upper").is_null(), "limit_not_reached"),
    )
    answers = group_answers(steps, "probability", probabilities, at, "Kaplan-Meier, log-log limits", short)
    return answers.select(*by, "probability", *FIELDS)


def share_within(
    counts: pl.DataFrame, times: Sequence[float], by: Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """Share of a group that has had the event within each time, those still waiting counted as censored.

    counts: as in `survival_curve`. times: in the unit of `time`; a time includes itself.
    Returns one row a group and time: `by`, `time`, `at_risk` (still watched, not yet had the event, just before it),
    `value`, `lower`, `upper`, `method` and `reason`. It is one less the survival curve, with the limits of that.

    Reasons: missing, not_finite, negative_count, total_not_positive; beyond_follow_up (the last one watched left
    earlier, without the event: R carries the curve on); no_limits (the share is 0 or 1).
    Source: Kaplan and Meier 1958, Journal of the American Statistical Association 53:457; R survival 3.5-3.
    """
    steps = steps_in_time(counts, by)
    surviving, lower, upper = _curve(steps, confidence)
    fallen = (1 - surviving, 1 - upper, 1 - lower)
    answers = answers_within(steps, times, fallen, surviving, "Kaplan-Meier, log-log limits")
    return answers.select(*by, "time", "at_risk", *FIELDS)


def restricted_mean(
    counts: pl.DataFrame, horizon: float, by: Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """Mean time to the event, each time cut at the horizon: the area under the survival curve up to it.

    counts: as in `survival_curve`, with times not below 0. horizon: above 0, in the unit of `time`.
    Returns one row a group: `by`, `value`, `lower`, `upper`, `standard_error`, `method` and `reason`. The variance is
    the sum over times of (area still to come)^2 events / (at_risk (at_risk - events)); limits are normal, cut at 0 and
    at the horizon.

    Reasons: missing, not_finite, negative_count, total_not_positive; outside_range (a time below 0); beyond_follow_up
    (the horizon is later than anyone was watched: R carries the curve on); no_limits (no spread to estimate from).
    Source: Klein and Moeschberger 2003, Survival Analysis, section 4.5; R survival 3.5-3 (print with rmean).
    """
    if not (horizon > 0 and np.isfinite(horizon)):
        raise ValueError(f"the horizon is a finite time above 0, not {horizon}")
    z = normal_quantile(confidence)
    steps = steps_in_time(counts, by)
    surviving = surviving_share(steps.leaving["events"], steps)
    until = np.clip(steps.time, 0, horizon)
    after = np.append(until[1:], horizon)[: until.size]
    after[steps.last] = horizon
    area = surviving * (after - until)
    so_far = running_total(area, steps)
    to_come = so_far[steps.last][steps.own] - so_far + area
    error = np.sqrt(running_total(to_come**2 * greenwood_terms(steps.leaving["events"], steps), steps)[steps.last])
    is_watched = (steps.time[steps.last] >= horizon) | (surviving[steps.last] < TOLERANCE)
    is_early = steps.time[steps.first] < 0
    is_watched &= ~is_early
    mean = np.where(is_watched, until[steps.first] + so_far[steps.last], np.nan)

    def answer(_: float) -> dict[str, Numbers]:
        reach = np.where(is_watched & (error > 0), z * error, np.nan)
        lower, upper = np.maximum(mean - reach, 0), np.minimum(mean + reach, horizon)
        found = {"value": mean, "lower": lower, "upper": upper, "standard_error": reach / z}
        return found | {"is_early": is_early.astype(float)}

    short = reason(
        (pl.col("is_early") == 1, "outside_range"),
        (pl.col("value").is_null(), "beyond_follow_up"),
        (pl.col("lower").is_null(), "no_limits"),
    )
    answers = group_answers(steps, "horizon", [horizon], answer, "Restricted mean, normal limits", short)
    return answers.select(*by, "value", "lower", "upper", "standard_error", "method", "reason")


def median_difference(
    counts: pl.DataFrame, other: pl.DataFrame, by: Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """Difference of two median times, first less other, of independent groups.

    counts, other: as in `survival_curve`; groups of the same `by` are compared.
    Returns one row a group of either: `by`, `value`, `lower`, `upper`, `method` and `reason`. The limits recover a
    variance from the limits of each median: lower = d - sqrt((m - l)^2 + (U - M)^2), upper = d + sqrt((u - m)^2 +
    (M - L)^2), the other's in capitals.

    Reasons: those of `time_quantiles`, of the first median before the other; missing (the group is in one of the two
    only).
    Source: Zou and Donner 2008, Statistics in Medicine 27:1693 (MOVER).
    """
    here = time_quantiles(counts, [0.5], by, confidence).drop("probability", "method")
    there = time_quantiles(other, [0.5], by, confidence).drop("probability", "method")
    if by:
        both = here.join(there, on=list(by), how="full", nulls_equal=True, coalesce=True, suffix="_other").sort(by)
    else:
        both = pl.concat([here, there.rename(lambda name: f"{name}_other")], how="horizontal")
    names = ("value", "lower", "upper")
    m, low, high, m_other, low_other, high_other = (pl.col(n + end) for end in ("", "_other") for n in names)
    either = pl.coalesce("reason", "reason_other", reason((m.is_null() | m_other.is_null(), "missing")))
    return (
        both.with_columns(
            value=m - m_other,
            lower=m - m_other - ((m - low) ** 2 + (high_other - m_other) ** 2).sqrt(),
            upper=m - m_other + ((high - m) ** 2 + (m_other - low_other) ** 2).sqrt(),
            method=pl.lit("Difference of Kaplan-Meier medians, MOVER"),
        )
        .with_columns(reason=pl.when(pl.any_horizontal(pl.col(names).is_null())).then(either))
        .select(*by, *FIELDS)
    )


def median_follow_up(counts: pl.DataFrame, by: Sequence[str] = (), confidence: float = 0.95) -> pl.DataFrame:
    """How long people were watched, or would have been but for the event: the median by reverse Kaplan-Meier.

    counts: as in `survival_curve`. Events and censorings change places; at equal times the censorings come first then.
    Returns one row a group: `by`, `value`, `lower`, `upper`, `method` and `reason`.

    Reasons: those of `time_quantiles`.
    Source: Schemper and Smith 1996, Controlled Clinical Trials 17:343.
    """
    turned = counts.rename({"events": "censored", "censored": "events"})
    found = time_quantiles(turned, [0.5], by, confidence)
    return found.with_columns(method=pl.lit("Reverse Kaplan-Meier, log-log limits")).select(*by, *FIELDS)


def grouped_percentiles(
    bands: pl.DataFrame, probabilities: Sequence[float], by: Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """Percentiles of times that were published as counts in bands, by linear interpolation within the band.

    bands: one row a group and band, with columns `by`, `start`, `end` and `count`; a band holds start <= time < end, so
    that whole days 0 to 14 are 0 and 15, and the last band may be open, with a null end. probabilities: shares strictly
    between 0 and 1.
    Returns one row a group and probability: `by`, `probability`, `value`, `lower`, `upper`, `method` and `reason`. The
    limits are the same percentiles at shares p -/+ z sqrt(p (1 - p) / n), cut at 0 and 1. All are as if times were
    spread evenly over their band.

    Reasons: missing, not_finite, negative_count, limits_in_conflict (a band that ends before it starts, or two that
    overlap), total_not_positive, in_open_band (value or limit).
    Source: Campbell and Gardner 1988, British Medical Journal 296:1454 (limits); NHS England, Consultant-led referral
    to treatment waiting times (medians from weeks).
    """
    _require_shares(probabilities)
    z = normal_quantile(confidence)
    require_columns(bands, by, ("start", "end", "count"), RESERVED)
    start, end, count = (pl.col(name) for name in ("start", "end", "count"))
    tidy = bands.select(*by, *(as_number(name) for name in ("start", "end", "count"))).sort([*by, "start", "end"])
    group = number_groups(tidy, list(by))
    tidy = tidy.with_columns(
        group_=group, before_=count.cum_sum().over(group) - count, next_=start.shift(-1).over(group)
    )
    fault = reason(
        ((start.is_null() | count.is_null()).any(), "missing"),
        (pl.any_horizontal(pl.col("start", "end", "count").is_infinite().any()), "not_finite"),
        ((count < 0).any(), "negative_count"),
        (((end <= start) | (end.fill_null(float("inf")) > pl.col("next_"))).any(), "limits_in_conflict"),
        (count.sum() <= 0, "total_not_positive"),
    )
    n = count.sum()

    def percentile(share: pl.Expr, name: str) -> pl.Expr:
        wanted = share.clip(0.0, 1.0) * n
        # The first band that gets there; rounding must not push a share of all into a band that does not exist.
        holds = (count > 0) & (pl.col("before_") + count >= wanted * (1 - 1e-12))
        return (start + (end - start) * (wanted - pl.col("before_")) / count).filter(holds).first().alias(name)

    found = []
    for p in probabilities:
        reach = z * (p * (1 - p) / n).sqrt()
        shares = (("value", pl.lit(p)), ("lower", p - reach), ("upper", p + reach))
        answers = tidy.group_by("group_", *by).agg(*(percentile(share, name) for name, share in shares), fault_=fault)
        found.append(answers.with_columns(probability=pl.lit(float(p))))
    open_ = reason((pl.any_horizontal(pl.col("value", "lower", "upper").is_null()), "in_open_band"))
    sound = pl.col("fault_").is_null()
    return (
        pl.concat(found)
        .sort("group_", "probability")
        .with_columns(
            *(pl.when(sound).then(name).alias(name) for name in ("value", "lower", "upper")),
            method=pl.lit("Linear interpolation in bands"),
            reason=pl.coalesce("fault_", open_),
        )
        .select(*by, "probability", *FIELDS)
    )


def _curve(steps: Steps, confidence: float) -> tuple[Numbers, Numbers, Numbers]:
    """The survival curve and its limits, which are NaN where it is at 1 or 0."""
    z = normal_quantile(confidence)
    surviving = surviving_share(steps.leaving["events"], steps)
    variance = running_total(greenwood_terms(steps.leaving["events"], steps), steps)
    inside = (surviving > TOLERANCE) & (surviving < 1 - TOLERANCE)
    log_surviving = np.log(np.where(inside, surviving, 0.5))
    spread = np.exp(z * np.sqrt(variance) / np.abs(log_surviving))
    lower, upper = np.exp(log_surviving * spread), np.exp(log_surviving / spread)
    return surviving, np.where(inside, lower, np.nan), np.where(inside, upper, np.nan)


def _first_time(steps: Steps, surviving: Numbers, probability: float) -> Numbers:
    """Each group's first time at which the share surviving has fallen so far; the middle of a piece flat at that."""
    fallen = 1 - surviving
    reached = _first_where(fallen >= probability - TOLERANCE, steps)
    passed = _first_where(fallen >= probability + TOLERANCE, steps)
    # A curve that ends at the share is flat there until its last time.
    known = np.where(np.isnan(fallen), -1, np.arange(fallen.size))
    end = np.maximum.reduceat(known, steps.first) if fallen.size else known
    ends_there = np.abs(fallen[end] - probability) < TOLERANCE
    passed = np.where(np.isnan(passed) & ends_there, steps.time[steps.last], passed)
    middle: Numbers = (reached + passed) / 2
    return middle


def _first_where(condition: NDArray[np.bool_], steps: Steps) -> Numbers:
    """Each group's first time at which the condition holds, NaN where it never does."""
    if not steps.first.size:
        return np.empty(0)
    found = np.minimum.reduceat(np.where(condition, steps.time, np.inf), steps.first)
    return np.where(np.isinf(found), np.nan, found)


def _require_shares(probabilities: Sequence[float]) -> None:
    if not probabilities or not all(0 < p < 1 for p in probabilities):
        raise ValueError(f"probabilities are shares strictly between 0 and 1, at least one, not {list(probabilities)}")
