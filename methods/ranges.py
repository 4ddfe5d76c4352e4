"""How the most and the least deprived differ, and what share of all would not be if all fared as the least deprived."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from methods.estimates import normal_quantile
from methods.groundwork.groups import GROUP, measure, measured, numbered_groups
from methods.groundwork.scales import Scale, error_columns, error_of_value
from methods.reasons import reason
from methods.slope_index import rank_quantiles

PRESENT = pl.col("share") > 0
#: Which quantiles a group was judged by.
ABOUT = ("quantiles_present", "most_deprived", "least_deprived")


def deprivation_ranges(quantiles: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """Difference and ratio of the values of the most and the least deprived quantile in which anybody lives.

    quantiles: one row a group and quantile, with columns `by`, `quantile` (a number, the lowest the most deprived),
    `population`, `value`, and its limits `lower` and `upper`, of the confidence that the answer is to have.
    Returns `by`, `measure`, value, lower, upper, method, reason, `quantiles_present`, and in `most_deprived` and
    `least_deprived` the two quantiles compared. Two rows a group: `absolute_range`, most less least; `relative_range`,
    most over least, for values from nought up.

    Limits come from those of the two values by MOVER (the variance recovered at each limit), for the ratio on logs.
    The quantiles between are not looked at: a U shape is not seen.

    Reasons: missing (an end without a value or limits is not replaced by the next quantile), not_finite,
    population_not_positive, repeated_key, too_few_groups, outside_range (a ratio of values below nought),
    error_not_usable (a value outside its limits), denominator_is_zero, no_limits (an upper limit of the ratio that is
    infinite).
    Source: Zou and Donner 2008, Statistics in Medicine 27:1693; ScotPHO calculate_inequality_measures (e7ee723).
    """
    keys, rows = numbered_groups(quantiles, by, ["quantile", "population", "value", "lower", "upper"])
    groups = (
        rank_quantiles(rows)
        .group_by(GROUP, maintain_order=True)
        .agg(
            pl.col("fault").first(),
            *_compared(),
            pl.col("value", "lower", "upper").filter(PRESENT).first().name.prefix("most_"),
            pl.col("value", "lower", "upper").filter(PRESENT).last().name.prefix("least_"),
        )
    )
    most, least = pl.col("most_value"), pl.col("least_value")
    below_most, above_most = most - pl.col("most_lower"), pl.col("most_upper") - most
    below_least, above_least = least - pl.col("least_lower"), pl.col("least_upper") - least
    parts = (below_most, above_most, below_least, above_least)
    fault = pl.coalesce(
        "fault",
        reason(
            (pl.col("quantiles_present") < 2, "too_few_groups"),
            (most.is_null() | least.is_null(), "missing"),
            (most.is_infinite() | least.is_infinite(), "not_finite"),
        ),
    )
    limit_fault = reason(
        (pl.any_horizontal(part.is_null() for part in parts), "missing"),
        (pl.any_horizontal(part.is_infinite() for part in parts), "not_finite"),
        (pl.any_horizontal(part < 0 for part in parts), "error_not_usable"),
    )
    difference = most - least
    apart = [
        difference - (below_most**2 + above_least**2).sqrt(),
        difference + (above_most**2 + below_least**2).sqrt(),
    ]
    ratio, times, endless = _ratio(most, least)
    ratio_fault = reason(((most < 0) | (least < 0), "outside_range"), (least == 0, "denominator_is_zero"))
    measures = [
        measure("absolute_range", "most less least deprived, MOVER limits", difference, apart, fault, limit_fault),
        measure(
            *("relative_range", "most over least deprived, MOVER limits on logs", ratio, times),
            *(pl.coalesce(fault, ratio_fault), pl.coalesce(limit_fault, reason((endless, "no_limits")))),
        ),
    ]
    return measured(keys, groups, measures, ABOUT)


def attributable_share(
    quantiles: pl.DataFrame,
    by: Sequence[str] = (),
    *,
    errors_on: Scale = "natural",
    confidence: float = 0.95,
    given_confidence: float = 0.95,
) -> pl.DataFrame:
    """Population attributable share: what part of all would not be, had all quantiles the least deprived one's value.

    quantiles, errors_on, given_confidence: as in `methods.slope_index.slope_index`; values from nought up.
    Returns `by`, value, lower, upper, method, reason, and `quantiles_present`, `most_deprived`, `least_deprived`. The
    value is 1 less the least deprived value over the mean by population, a share at most 1. It is below nought where
    the least deprived fare worse than the mean, as in a U shape or where more is better.

    ScotPHO's formula, which is the same number in percent, has no limits. Ours come from the log of that quotient, to
    first order in the errors of all values, each of which moves the mean; so the upper limit stays below 1.

    Reasons: missing (a value of any quantile), not_finite, population_not_positive, repeated_key, too_few_groups,
    outside_range, error_not_usable, denominator_is_zero (the least deprived value is nought: no quotient to log).
    Source: ScotPHO calculate_inequality_measures (e7ee723); Oehlert 1992, American Statistician 46:27 (delta method).
    """
    columns = error_columns(quantiles.columns)
    keys, rows = numbered_groups(quantiles, by, ["quantile", "population", "value", *columns])
    rows = rank_quantiles(rows).with_columns(
        error=error_of_value(columns, "natural", errors_on, given_confidence),
        is_least=pl.col("quantile") == pl.col("quantile").filter(PRESENT).max().over(GROUP),
    )
    value, error, share, is_least = (pl.col(name).filter(PRESENT) for name in ("value", "error", "share", "is_least"))
    mean, least = (share * value).sum(), value.last()
    pull = is_least / least - share / mean
    groups = rows.group_by(GROUP, maintain_order=True).agg(
        pl.col("fault").first(),
        *_compared(),
        (least / mean).alias("quotient"),
        (pull * error).pow(2).sum().sqrt().alias("log_error"),
        value.is_null().any().alias("is_missing"),
        value.is_infinite().any().alias("is_infinite"),
        (value < 0).any().alias("is_negative"),
        (least == 0).alias("is_least_nought"),
        error.is_null().any().alias("is_error_missing"),
        (~error.is_finite()).any().alias("is_error_outside"),
        (error < 0).any().alias("is_error_negative"),
    )
    fault = pl.coalesce(
        "fault",
        reason(
            (pl.col("quantiles_present") < 2, "too_few_groups"),
            (pl.col("is_missing"), "missing"),
            (pl.col("is_infinite"), "not_finite"),
            (pl.col("is_negative"), "outside_range"),
            (pl.col("is_least_nought"), "denominator_is_zero"),
        ),
    )
    limit_fault = reason(
        (pl.col("is_error_missing"), "missing"),
        (pl.col("is_error_outside"), "outside_range"),
        (pl.col("is_error_negative"), "error_not_usable"),
    )
    reach = (normal_quantile(confidence) * pl.col("log_error")).exp()
    quotient = pl.col("quotient")
    limits = [1 - quotient * reach, 1 - quotient / reach]
    words = "1 less least deprived over mean, log delta limits"
    share_columns = measure("population_attributable_share", words, 1 - quotient, limits, fault, limit_fault)
    return measured(keys, groups, [share_columns], ABOUT)


def _compared() -> list[pl.Expr]:
    """How many quantiles a group has with a population, and which stand at its ends."""
    quantile = pl.col("quantile").filter(PRESENT)
    return [
        PRESENT.sum().alias("quantiles_present"),
        quantile.first().alias("most_deprived"),
        quantile.last().alias("least_deprived"),
    ]


def _ratio(most: pl.Expr, least: pl.Expr) -> tuple[pl.Expr, list[pl.Expr], pl.Expr]:
    """Ratio of two values from nought up, its limits, and whether the upper one is infinite."""
    # A lower limit below nought says no more than nought does; its log takes the limit to nought or to infinity.
    low_most, low_least = pl.col("most_lower").clip(0), pl.col("least_lower").clip(0)
    below, above = (most / low_most).log(), (pl.col("most_upper") / most).log()
    below_least, above_least = (least / low_least).log(), (pl.col("least_upper") / least).log()
    ratio = most / least
    lower = pl.when(most > 0).then(ratio * (-(below**2 + above_least**2).sqrt()).exp()).otherwise(0.0)
    upper = ratio * (above**2 + below_least**2).sqrt().exp()
    return ratio, [lower, upper], (most == 0) | (low_least == 0)
