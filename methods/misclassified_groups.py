"""What can be said of groups when everybody's group is recorded, but for some of them wrongly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from methods.estimates import FIELDS, estimate
from methods.proportions import wilson_interval
from methods.reasons import reason
from methods.unknown_groups import BAND_FIELDS, Share

Array = NDArray[np.float64]

#: A table of error rates is refused when it would make an error in the counts more than this many times as large.
MOST_AMPLIFIED = 100.0
#: How far the probabilities of a group may be from one in all, and a corrected share outside 0 to 1, by rounding.
ROUNDING = 1e-6
#: The column that numbers the samples of `by`.
SAMPLE = "_sample"


def corrected_shares(
    counts: pl.DataFrame, errors: pl.DataFrame, by: Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """Each group's true share of people, from recorded counts and known rates of recording groups wrongly.

    counts: one row a recorded group, with columns `by`, `group` and `count` (people); groups left out count nought.
    errors: one row a true group and recorded group, with columns `group`, `recorded` and `probability`, the chance that
    somebody of the group is recorded so; pairs left out have none, and those of a group add up to one. It applies to
    every sample of `by` alike and is taken as known: where it comes from a study, try the ends of the study's limits
    too (`misclassified_share_band`).
    With 90% of the one group and 80% of the other recorded rightly, 340 and 660 recorded of 1,000 are 200 and 800:
    200 * 0.9 + 800 * 0.2 = 340.
    Returns one row a group of `errors` for each of `by`: `by`, `group`, value, lower, upper, method, reason and
    `corrected` (people, not rounded), sorted. A group whose corrected count would be below nought or above the total
    has no answer, a sign that the rates do not fit or that few people were counted; the others' shares stand. The
    limits are Wilson's for the combination of recorded shares that the correction makes: with nobody recorded wrongly
    Wilson's own, with two groups those of Lang and Reiczigel.
    ValueError: errors that are no such table or that would make an error in the counts more than a hundred times as
    large (groups recorded nearly alike), and counts of groups that it does not know, those of unknown group among them.

    Reasons: missing, not_finite, negative_count, total_not_positive, repeated_key, correction_out_of_range.
    Source: Barron 1977, Biometrics 33:414, and Rogan and Gladen 1978, American Journal of Epidemiology 107:71; limits,
    Lang and Reiczigel 2014, Preventive Veterinary Medicine 113:13, for two groups; for more, their variance is scaled
    to its part of the largest that it could be (Bhatia and Davis 2000, American Mathematical Monthly 107:353).
    """
    groups, correction = _correction(errors)
    rows, (recorded,) = _grid(counts, by, ("count",), groups)
    total, lowest, highest = recorded.sum(axis=1, keepdims=True), correction.min(axis=0), correction.max(axis=0)
    # Whoever is recorded in a group adds so many people to each true group, and a true share is the mean of these
    # additions. Were they only the lowest and the highest, it would be a share on a stretched scale with Wilson's
    # limits; those between make it more certain, as more people would. Half a person more a group keeps this from
    # dividing nought by nought.
    smoothed = (recorded + 0.5) / (total + len(groups) / 2)
    mean = smoothed @ correction
    certainty = (highest - mean) * (mean - lowest) / (smoothed @ correction**2 - mean**2)
    columns = {
        "corrected": recorded @ correction,
        "total": total,
        "size": total * certainty,
        "lowest": lowest,
        "highest": highest,
    }
    rows = rows.with_columns(
        pl.Series(name, np.broadcast_to(array, recorded.shape).ravel()) for name, array in columns.items()
    )
    corrected, total_people, size = pl.col("corrected"), pl.col("total"), pl.col("size")
    value, start, width = corrected / total_people, pl.col("lowest"), pl.col("highest") - pl.col("lowest")
    limits = wilson_interval(((value - start) / width).clip(0, 1) * size, size, confidence).struct
    lower, upper = ((start + width * limits.field(name)).clip(0, 1) for name in ("lower", "upper"))
    fault = pl.coalesce(
        "fault",
        reason(
            (total_people <= 0, "total_not_positive"),
            ((value < -ROUNDING) | (value > 1 + ROUNDING), "correction_out_of_range"),
        ),
    )
    answer = estimate(value.clip(0, 1), lower, upper, "Matrix method, Wilson score", fault)
    people = pl.when(fault.is_null()).then(corrected.clip(lower_bound=0)).alias("corrected")
    return rows.select(*by, "group", answer.alias("answer"), people).unnest("answer")


def corrected_event_shares(
    counts: pl.DataFrame, errors: pl.DataFrame, by: Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """Share of each true group's people who have had an event, from recorded counts and known rates of recording.

    counts: one row a recorded group, with columns `by`, `group`, `events` and `people` (those with the event are among
    them). errors: as in `corrected_shares`, and the same whether people have had the event or not, an assumption that
    often fails: people who are seen more often are recorded better. Where it holds, wrong recording draws the groups'
    shares together, and the corrected gap is the wider.
    With 90% of the one group and 80% of the other recorded rightly, 122 of 340 (36%) and 138 of 660 (21%) recorded with
    the event are 100 of 200 (50%) and 160 of 800 (20%).
    Returns one row a group of `errors` for each of `by`: `by`, `group`, value, lower, upper, method, reason,
    `corrected_events` and `corrected_people`, sorted. A share that would lie outside 0 to 1 has no answer. The limits
    are Wilson's for as many people as, all recorded rightly, would have told as much; they are wide near 0 and 1.

    Reasons: missing, not_finite, negative_count, count_above_total, repeated_key, denominator_is_zero,
    correction_out_of_range.
    Source: as `corrected_shares`; limits by effective size, Dean and Pagano 2015, Journal of Survey Statistics and
    Methodology 3:484, with the variance of a ratio, Cochran 1977, Sampling Techniques, chapter 6.
    """
    groups, correction = _correction(errors)
    rows, (events, people) = _grid(counts, by, ("events", "people"), groups)
    # Half a person more with and without the event keeps the variance above nought where all or none have had it.
    with_event, without, everybody = events + 0.5, people - events + 0.5, (people + 1) @ correction
    with np.errstate(all="ignore"):
        share = (with_event @ correction / everybody).clip(ROUNDING, 1 - ROUNDING)
        variance = (with_event @ correction**2) * (1 - share) ** 2 + (without @ correction**2) * share**2
        size = share * (1 - share) * everybody * (people @ correction) / variance
    columns = {"corrected_events": events @ correction, "corrected_people": people @ correction, "size": size}
    rows = rows.with_columns(pl.Series(name, array.ravel()) for name, array in columns.items())
    corrected, size_ = pl.col("corrected_people"), pl.col("size")
    value = pl.col("corrected_events") / corrected
    outside = (corrected < 0) | (value < -ROUNDING) | (value > 1 + ROUNDING)
    fault = pl.coalesce(
        "fault", reason((corrected.abs() < ROUNDING, "denominator_is_zero"), (outside, "correction_out_of_range"))
    )
    limits = wilson_interval(value.clip(0, 1) * size_, size_, confidence).struct
    ends = limits.field("lower"), limits.field("upper")
    answer = estimate(value.clip(0, 1), *ends, "Matrix method, Wilson score of effective size", fault)
    numbers = pl.when(fault.is_null()).then(pl.col("corrected_events", "corrected_people"))
    return rows.select(*by, "group", answer.alias("answer"), numbers).unnest("answer")


def misclassified_share_band(
    count: pl.Expr,
    known: pl.Expr,
    least_sensitivity: Share,
    most_sensitivity: Share = 1.0,
    least_specificity: Share = 1.0,
    most_specificity: Share = 1.0,
    confidence: float = 0.95,
) -> pl.Expr:
    """A group's true share, when the rates at which it is recorded rightly are known only between limits.

    count: people recorded in the group; known: people of any recorded group. Sensitivity: the share of the group's
    people who are recorded in it; specificity: the share of all others who are not. With 100 of 1,000 recorded, a
    sensitivity of 50% to 80% and nobody else recorded in the group, between 12.5% and 20% are of it.
    Returns a struct of `methods.unknown_groups.BAND_FIELDS`; the value is the share at the middle of both ranges. Pairs
    of sensitivity and specificity that cannot give the recorded share are left aside. The limits are Wilson's,
    corrected likewise.

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total, share_out_of_range,
    limits_in_conflict (least above most), no_better_than_chance, correction_out_of_range (no pair within the ranges
    can give the recorded share).
    Source: Rogan and Gladen 1978, American Journal of Epidemiology 107:71; limits, Lang and Reiczigel 2014, Preventive
    Veterinary Medicine 113:13; bounds over a range, Manski 2003, Partial Identification of Probability Distributions.
    """
    given = (least_sensitivity, most_sensitivity, least_specificity, most_specificity)
    _refuse_rates([float(rate) for rate in given if not isinstance(rate, pl.Expr)])
    rates = [(rate if isinstance(rate, pl.Expr) else pl.lit(float(rate))).cast(pl.Float64) for rate in given]
    least_se, most_se, least_sp, most_sp = rates
    recorded = wilson_interval(count, known, confidence).struct
    share = recorded.field("value")

    def corrected(recorded_share: pl.Expr, sensitivity: pl.Expr, specificity: pl.Expr) -> pl.Expr:
        return ((recorded_share + specificity - 1) / (sensitivity + specificity - 1)).clip(0, 1)

    fault = pl.coalesce(
        recorded.field("reason"),
        reason(
            (pl.any_horizontal(rate.is_null() | rate.is_nan() for rate in rates), "missing"),
            (pl.any_horizontal((rate < 0) | (rate > 1) for rate in rates), "share_out_of_range"),
            ((least_se > most_se) | (least_sp > most_sp), "limits_in_conflict"),
            (least_se + least_sp <= 1, "no_better_than_chance"),
            ((share < 1 - most_sp) | (share > most_se), "correction_out_of_range"),
        ),
    )
    numbers = (
        corrected(share, (least_se + most_se) / 2, (least_sp + most_sp) / 2),
        corrected(share, most_se, least_sp),
        corrected(share, least_se, most_sp),
        corrected(recorded.field("lower"), most_se, least_sp),
        corrected(recorded.field("upper"), least_se, most_sp),
    )
    return pl.struct(
        *(pl.when(fault.is_null()).then(n).alias(name) for n, name in zip(numbers, BAND_FIELDS, strict=False)),
        pl.lit("Rogan-Gladen bounds, Wilson score").alias("method"),
        fault.alias("reason"),
    )


def _correction(errors: pl.DataFrame) -> tuple[pl.Series, Array]:
    """The groups, sorted, and the matrix that takes recorded counts, as a row, to true ones; ValueError without one."""
    if absent := [name for name in ("group", "recorded", "probability") if name not in errors.columns]:
        raise ValueError(f"columns {absent} of errors are missing; there are {errors.columns}")
    groups = errors["group"].unique().sort()
    if strange := errors.filter(~pl.col("recorded").is_in(groups.implode()))["recorded"].unique().to_list():
        raise ValueError(f"errors say that people are recorded as {strange}, which are no groups of theirs")
    if groups.null_count() or errors.null_count().sum_horizontal()[0]:
        raise ValueError("errors have no nulls: every true and recorded group has a name, and each pair a probability")
    if errors.select("group", "recorded").is_duplicated().any():
        raise ValueError("errors name a pair of true and recorded group more than once")
    if len(groups) < 2:
        raise ValueError("errors have at least two groups")
    pairs = groups.to_frame().join(groups.to_frame("recorded"), how="cross")
    pairs = pairs.join(errors, on=["group", "recorded"], how="left", maintain_order="left")
    recording = pairs["probability"].cast(pl.Float64).fill_null(0.0).to_numpy().reshape(len(groups), len(groups))
    if not (recording >= 0).all() or (abs(recording.sum(axis=1) - 1) > ROUNDING).any():
        raise ValueError("probabilities are not below 0, and those of each true group add up to 1")
    try:
        correction = np.linalg.inv(recording)
    except np.linalg.LinAlgError:
        correction = np.full_like(recording, np.inf)
    # The most people by which true counts change when one person is recorded in another group.
    if not (amplified := abs(correction).sum(axis=1).max()) <= MOST_AMPLIFIED:
        raise ValueError(f"groups are recorded too nearly alike to be told apart: errors grow {amplified:.3g} times")
    return groups, correction


def _grid(
    counts: pl.DataFrame, by: Sequence[str], names: Sequence[str], groups: pl.Series
) -> tuple[pl.DataFrame, list[Array]]:
    """Every sample with every group, sorted, with what is wrong with the sample; and its counts, a row a sample."""
    if clash := sorted(set(by) & {"group", *names, *FIELDS, SAMPLE}):
        raise ValueError(f"by names the samples, so it cannot be {clash}, which the method reads or gives")
    if absent := [name for name in [*by, "group", *names] if name not in counts.columns]:
        raise ValueError(f"columns {absent} of counts are missing; there are {counts.columns}")
    if strange := counts.filter(~pl.col("group").is_in(groups.implode(), nulls_equal=True))["group"].unique().to_list():
        raise ValueError(f"counts have groups {strange}, of which errors say nothing")
    numbers = pl.col(*names).cast(pl.Float64).fill_nan(None)
    given = counts.select(*by, "group", numbers).with_columns(pl.lit(0).alias(SAMPLE))
    key = [*by, SAMPLE]
    faults = reason(
        (pl.any_horizontal(pl.col(*names).is_null()).any(), "missing"),
        (pl.any_horizontal(pl.col(*names).is_infinite()).any(), "not_finite"),
        (pl.any_horizontal(pl.col(*names) < 0).any(), "negative_count"),
        ((pl.col(names[0]) > pl.col(names[-1])).any(), "count_above_total"),
        (pl.col("group").is_duplicated().any(), "repeated_key"),
    )
    rows = given.group_by(key).agg(fault=faults).sort(key).join(groups.to_frame("group"), how="cross")
    # Numbers that no sample is answered from are left out, so that the sums below are all in order.
    usable = [pl.col(name).filter(pl.col(name).is_between(0, np.inf, closed="left")).sum() for name in names]
    summed = given.group_by([*key, "group"]).agg(usable)
    rows = rows.join(summed, on=[*key, "group"], how="left", nulls_equal=True, maintain_order="left")
    arrays = [rows[name].fill_null(0.0).to_numpy().reshape(-1, len(groups)) for name in names]
    return rows.drop(SAMPLE, *names), arrays


def _refuse_rates(rates: list[float]) -> None:
    """ValueError where the four limits of sensitivity and specificity are all given as numbers, and wrongly."""
    if len(rates) == 4:
        least_se, most_se, least_sp, most_sp = rates
        if not (0 <= least_se <= most_se <= 1 and 0 <= least_sp <= most_sp <= 1 and least_se + least_sp > 1):
            raise ValueError(
                "limits of sensitivity and of specificity are shares, least not above most, and the least of both add "
                f"up to more than 1, not {least_se} to {most_se} and {least_sp} to {most_sp}"
            )
