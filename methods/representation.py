"""Whether those served are made up as the population is: group by group, and over all groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import polars as pl
from scipy.special import ndtr

from methods.estimates import FIELDS, estimate, normal_quantile
from methods.groundwork.groups import GROUP, numbered_groups
from methods.proportions import newcombe_difference, wilson_interval
from methods.reasons import reason

#: How well the population's make-up is known: "known" as from a census, without error; "sample" as from a survey of
#: that many people, drawn apart from those served.
Reference = Literal["known", "sample"]


def representation_ratio(
    served: pl.Expr,
    served_total: pl.Expr,
    population: pl.Expr,
    population_total: pl.Expr,
    confidence: float = 0.95,
    reference: Reference = "known",
    design_effect: float = 1.0,
) -> pl.Expr:
    """A group's share of those served over its share of the population: 1 where served as the population is made up.

    served, population: people of the group; served_total, population_total: people of all groups whose group is
    recorded (what the others could change: `methods.unknown_groups.share_band`). Those of 50 served of 1,000 in a group
    that is 10% of the population have a ratio of (50/1000)/0.1 = 0.5.
    Returns a struct of `methods.estimates.FIELDS`. With a known reference the limits are Wilson's over the known share;
    with a sample they are put together from the Wilson limits of both shares. Nobody served gives 0, lower limit 0 and
    a true upper limit, where the logarithm's usual interval has none.
    design_effect: how many people served tell as much as one who was served alone (`methods.design_effects`), as where
    relatives of one group are served together; it widens the limits and leaves the value.

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total (each of those served before the
    population); denominator_is_zero (nobody of the group in the population).
    Source: Wilson 1927, JASA 22:209; Donner and Zou 2012, Statistical Methods in Medical Research 21:347.
    """
    _refuse_unknown(reference)
    share = wilson_interval(served / design_effect, served_total / design_effect, confidence)
    of_all = wilson_interval(population, population_total, confidence)
    if reference == "sample":
        return ratio_from_limits(share, of_all, "Wilson score, put together as a ratio")
    known = of_all.struct.field("value")
    fault = pl.coalesce(
        share.struct.field("reason"), of_all.struct.field("reason"), reason((known == 0, "denominator_is_zero"))
    )
    value, lower, upper = (share.struct.field(name) / known for name in FIELDS[:3])
    return estimate(value, lower, upper, "Wilson score over a known share", fault)


def ratio_from_limits(estimated: pl.Expr, other: pl.Expr, method: str = "MOVER ratio") -> pl.Expr:
    """Ratio of two independent estimates, first over other, from the limits that each has by itself.

    estimated, other: structs of `methods.estimates.FIELDS`, not below 0 and with limits of the same confidence.
    Returns such a struct; only the upper limit is null where the other's lower limit is 0.

    Reasons: those of the estimates, the first's before the other's; denominator_is_zero, no_limits.
    Source: Donner and Zou 2012, Statistical Methods in Medical Research 21:347 (MOVER-R).
    """
    value, lower, upper = (estimated.struct.field(name) for name in FIELDS[:3])
    below, least, most = (other.struct.field(name) for name in FIELDS[:3])
    fault = pl.coalesce(
        estimated.struct.field("reason"), other.struct.field("reason"), reason((below == 0, "denominator_is_zero"))
    )
    product = value * below
    down, up = lower * (2 * value - lower), upper * (2 * value - upper)
    # The paper's lower limit with its square root moved below the line: most may be twice the estimate there.
    low = down / (product + (product**2 - down * most * (2 * below - most)).clip(0).sqrt())
    floor = least * (2 * below - least)
    high = (product + (product**2 - up * floor).clip(0).sqrt()) / floor
    sound, bounded = fault.is_null(), fault.is_null() & (least > 0)
    return pl.struct(
        pl.when(sound).then(value / below).alias("value"),
        pl.when(sound).then(pl.when(lower == 0).then(0.0).otherwise(low)).alias("lower"),
        pl.when(bounded).then(high).alias("upper"),
        pl.lit(method).alias("method"),
        pl.coalesce(fault, reason((least <= 0, "no_limits"))).alias("reason"),
    )


def difference_from_limits(estimated: pl.Expr, other: pl.Expr, method: str = "MOVER difference") -> pl.Expr:
    """Difference of two independent estimates, first less other, from the limits that each has by itself.

    estimated, other: structs of `methods.estimates.FIELDS` with limits of the same confidence.
    Returns such a struct. With 50 (40 to 60) and 30 (27 to 35) the difference is 20, its lower limit
    20 - sqrt(10^2 + 5^2) = 8.8 and its upper one 20 + sqrt(10^2 + 3^2) = 30.4.

    Reasons: those of the estimates, the first's before the other's; no_limits.
    Source: Zou and Donner 2008, Statistics in Medicine 27:1693 (MOVER).
    """
    value, lower, upper = (estimated.struct.field(name) for name in FIELDS[:3])
    below, least, most = (other.struct.field(name) for name in FIELDS[:3])
    unlimited = pl.any_horizontal(part.is_null() for part in (lower, upper, least, most))
    fault = pl.coalesce(
        estimated.struct.field("reason"), other.struct.field("reason"), reason((unlimited, "no_limits"))
    )
    gap = value - below
    low = gap - ((value - lower) ** 2 + (most - below) ** 2).sqrt()
    high = gap + ((upper - value) ** 2 + (below - least) ** 2).sqrt()
    return estimate(gap, low, high, method, fault)


def dissimilarity_index(
    counts: pl.DataFrame, by: Sequence[str] = (), confidence: float = 0.95, reference: Reference = "known"
) -> pl.DataFrame:
    """Share of those served who would have to be of other groups for them to be made up as the population is.

    counts: one row a group of people, with columns `by`, `served` and `population` (counts; the population's may be
    shares). The index is half the sum of |share of served - share of population|: 0 alike, 1 wholly apart. With 60 and
    40 served of two groups that are half the population each it is (0.1 + 0.1)/2 = 0.1.
    Returns one row for each of `by`: `by`, value, lower, upper, method, reason, `corrected`, `by_chance`; sorted.

    The plain index cannot fall below nought and so is too high on average, the more the fewer are served and the more
    groups there are. `by_chance` is what it would be on average if those served were drawn from the population at
    random: an index near it shows nothing. `corrected` takes off the excess expected at the shares seen, which removes
    most of the bias but not all of it near nought. The index is the difference of two shares, of the groups that have
    more than their part taken together; the limits are that difference's (Wilson's, or Newcombe's with a sample), the
    lower one less the excess, and 0 where chance alone reaches it. They held the true index in at least nine of ten
    simulated samples of 30 to 1,000 people in 2 to 20 groups; mostly they are wider than they need be.

    Reasons: missing, not_finite, negative_count, total_not_positive.
    Source: Duncan and Duncan 1955, American Sociological Review 20:210; Winship 1977, Social Forces 55:1058, value by
    chance; Allen, Burgess, Davidson and Windmeijer 2015, Econometrics Journal 18:40, and Mazza and Punzo 2015,
    Sociological Methods and Research 44:80, the correction (in closed form, with normal shares, without resampling).
    """
    _refuse_unknown(reference)
    normal_quantile(confidence)
    names = ("served", "population")
    keys, rows = numbered_groups(counts, by, names)
    rows = rows.with_columns(pl.col(name).sum().over(GROUP).alias(f"all_{name}") for name in names)
    served, population, all_served, all_population = (pl.col(n) for n in (*names, "all_served", "all_population"))
    share, of_all = served / all_served, population / all_population
    more = (served * all_population > population * all_served).cast(pl.Float64)
    variance = share * (1 - share) / all_served
    mixed, factor = of_all, 1 / all_served
    if reference == "sample":
        variance = variance + of_all * (1 - of_all) / all_population
        mixed, factor = (served + population) / (all_served + all_population), 1 / all_served + 1 / all_population
    indices = rows.group_by(GROUP).agg(
        missing=(served.is_null() | population.is_null()).any(),
        negative=((served < 0) | (population < 0)).any(),
        all_served=all_served.first(),
        all_population=all_population.first(),
        value=(share - of_all).abs().sum() / 2,
        expected=pl.map_batches([share - of_all, variance], _mean_size, pl.Float64).sum() / 2,
        by_chance=(2 / math.pi * mixed * (1 - mixed) * factor).sqrt().sum() / 2,
        more_served=(served * more).sum(),
        more_population=(population * more).sum(),
    )
    fault = reason(
        (pl.col("missing"), "missing"),
        (~(all_served + all_population).is_finite(), "not_finite"),
        (pl.col("negative"), "negative_count"),
        ((all_served <= 0) | (all_population <= 0), "total_not_positive"),
    )
    value, excess = pl.col("value"), pl.col("expected") - pl.col("value")
    ends = _limits_of_difference(reference, confidence)
    lower = pl.when(ends.struct.field("lower") > pl.col("by_chance")).then(ends.struct.field("lower") - excess)
    answer = estimate(
        value,
        lower.clip(0).fill_null(0.0),
        pl.max_horizontal(value, ends.struct.field("upper")),
        "Share of the groups with more than their part, less excess",
        fault,
    )
    extras = (value - excess).clip(0).alias("corrected"), pl.col("by_chance")
    answers = indices.select(
        GROUP, answer.alias("answer"), pl.when(fault.is_null()).then(pl.struct(extras)).alias("more")
    )
    answers = keys.join(answers, on=GROUP, how="left", maintain_order="left").drop(GROUP)
    return answers.unnest("answer", "more")


def _limits_of_difference(reference: Reference, confidence: float) -> pl.Expr:
    """Limits of the index as a difference of two shares: of those served and of the population."""
    counts = pl.col("more_served"), pl.col("all_served")
    others = pl.col("more_population"), pl.col("all_population")
    if reference == "sample":
        return newcombe_difference(*counts, *others, confidence)
    share, known = wilson_interval(*counts, confidence), others[0] / others[1]
    return pl.struct((share.struct.field(name) - known).alias(name) for name in ("lower", "upper"))


def _mean_size(columns: Sequence[pl.Series]) -> pl.Series:
    """Mean of the absolute value of normal numbers of given means and variances (the folded normal)."""
    mean, variance = (column.to_numpy() for column in columns)
    size = np.abs(mean)
    with np.errstate(all="ignore"):
        deviation = np.sqrt(variance)
        steps = np.where(deviation > 0, size / deviation, np.inf)
        folded = deviation * math.sqrt(2 / math.pi) * np.exp(-(steps**2) / 2) + size * (1 - 2 * ndtr(-steps))
    return pl.Series(folded)


def _refuse_unknown(reference: str) -> None:
    if reference not in get_args(Reference):
        raise ValueError(f"reference is one of {get_args(Reference)}, not {reference!r}")
