"""Concentration indices: how far a good or an ill is gathered among the better or the worse off."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Literal

import polars as pl

from methods.estimates import normal_quantile
from methods.groundwork.groups import GROUP, measure, measured, numbered_groups
from methods.reasons import reason
from methods.slope_index import rank_quantiles

#: The lowest and the highest value that can be, or that there are.
Bounds = tuple[float, float] | Literal["range_of_data"]


def concentration_index(
    people: pl.DataFrame, by: Sequence[str] = (), *, bounds: Bounds | None = None, confidence: float = 0.95
) -> pl.DataFrame:
    """Concentration indices of an outcome over the order of people by how well off they are.

    people: one row a person, with columns `by`, `standing` (a number, the lowest the worst off; only its order counts,
    and people of the same standing share the middle of their ranks, so that the order of rows does not matter),
    `outcome` (from nought up), and optionally `weight`, a sampling weight. Rows without one of these are left out.
    bounds: of the outcome, (0, 1) for yes and no; "range_of_data" takes them from the data, group by group, which makes
    groups hard to compare. Without bounds the last two indices are not given.
    Returns `by`, `measure`, value, lower, upper, method, reason, `standard_error`, `people_used`, `people_left_out` and
    `mean`. All indices are below nought where the outcome is gathered among the worst off. Rows a group: `relative`,
    twice the covariance of outcome and rank over the mean; `generalised`, the same times the mean; `erreygers`, four
    times the generalised over the range of the bounds; `wagstaff`, the relative as a share of the most it could be.

    Limits are normal, from the influence of each person on the index: on the order of the others, on the mean, and by
    their own outcome. For the relative index without weights the variance is that of Kakwani and others, the same as
    the package's. The package holds the mean fixed for the other three, breaks ties by the order of rows, and with
    weights gives a variance that can fall below nought; here none of that.

    Reasons: not_finite, weight_not_usable, too_few_points (fewer than two people), no_variation (all have the same
    standing), outside_range (an outcome outside the bounds), denominator_is_zero.
    Source: Kakwani, Wagstaff and van Doorslaer 1997, J Econometrics 77:87; Erreygers 2009, J Health Economics 28:504;
    Wagstaff 2005, Health Economics 14:429; rineq 0.2.3 ci, method "direct".
    """
    standing, outcome, weight = pl.col("standing"), pl.col("outcome"), pl.col("weight")
    keys, rows = numbered_groups(people, by, ["standing", "outcome"], ["weight"])
    if "weight" not in people.columns:
        rows = rows.with_columns(weight=pl.lit(1.0))
    whole = standing.is_not_null() & outcome.is_not_null() & weight.is_not_null()
    rows = rows.with_columns(
        share=pl.when(whole & (weight > 0)).then(weight).otherwise(0.0), y=pl.when(whole & (weight > 0)).then(outcome)
    ).with_columns(pl.col("share") / pl.col("share").sum().over(GROUP))
    present = pl.col("share") > 0
    groups = _sums(
        _influences(rows, "standing"),
        *(bounds, pl.col("share") ** 2, pl.lit(0.0)),
        present.sum().alias("people_used"),
        (~whole).sum().alias("people_left_out"),
        standing.filter(present).n_unique().alias("standings"),
        pl.any_horizontal(column.is_infinite() for column in (standing, outcome, weight)).any().alias("is_infinite"),
        (weight < 0).any().alias("is_weight_negative"),
    )
    fault = reason(
        (pl.col("is_infinite"), "not_finite"),
        (pl.col("is_weight_negative"), "weight_not_usable"),
        (pl.col("people_used") < 2, "too_few_points"),
        (pl.col("standings") < 2, "no_variation"),
    )
    never = reason((pl.lit(False), "no_limits"))
    about = ("people_used", "people_left_out", "mean")
    return _answers(keys, groups, bounds, fault, never, about, confidence)


def concentration_index_of_groups(
    groups: pl.DataFrame, by: Sequence[str] = (), *, bounds: Bounds | None = None, confidence: float = 0.95
) -> pl.DataFrame:
    """Concentration indices from the values of quantiles, or other groups of people in the order of how well off.

    groups: one row a group of people, with columns `by`, `quantile` (a number, the lowest the worst off), `population`,
    `value` and its `standard_error`. bounds and what comes back: as in `concentration_index`, with `groups_present`
    (with a population) in place of the two counts of people. What differs within a group of people is not seen, so
    the index lies a little nearer nought than that of the people themselves.

    Limits are normal: the order of the groups as from a sample of that population, and each value with its own error,
    as Kakwani and others have it for groups whose errors are known.

    Reasons: missing, not_finite, population_not_positive, repeated_key, too_few_groups (fewer than two), outside_range
    (a value outside the bounds), error_not_usable, denominator_is_zero.
    Source: Kakwani, Wagstaff and van Doorslaer 1997, J Econometrics 77:87; O'Donnell and others 2008, Analyzing Health
    Equity Using Household Survey Data, World Bank, chapter 8.
    """
    present, error = pl.col("share") > 0, pl.col("e")
    keys, rows = numbered_groups(groups, by, ["quantile", "population", "value", "standard_error"])
    rows = rank_quantiles(rows).with_columns(
        y=pl.when(present).then("value"), e=pl.when(present).then("standard_error")
    )
    people = pl.col("population").sum()
    found = _sums(
        _influences(rows, "quantile"),
        *(bounds, pl.col("share") / people, (pl.col("share") * error) ** 2),
        pl.col("fault").first(),
        present.sum().alias("groups_present"),
        (present & pl.col("y").is_null()).any().alias("is_missing"),
        pl.col("y").is_infinite().any().alias("is_infinite"),
        (present & error.is_null()).any().alias("is_error_missing"),
        error.is_infinite().any().alias("is_error_infinite"),
        (error < 0).any().alias("is_error_negative"),
    )
    fault = reason(
        (pl.col("groups_present") < 2, "too_few_groups"),
        (pl.col("is_missing"), "missing"),
        (pl.col("is_infinite"), "not_finite"),
    )
    limit_fault = reason(
        (pl.col("is_error_missing"), "missing"),
        (pl.col("is_error_infinite"), "not_finite"),
        (pl.col("is_error_negative"), "error_not_usable"),
    )
    about = ("groups_present", "mean")
    return _answers(keys, found, bounds, pl.coalesce("fault", fault), limit_fault, about, confidence)


def _influences(rows: pl.DataFrame, place: str) -> pl.DataFrame:
    """Rows in the order of `place` with what each adds to the generalised index: its `influence` on it.

    Rows have a `share` and a value `y`. `tilt` runs from -1, worst off, to 1: twice the rank, less 1. The concentration
    curve is the part of the mean that those up to a place hold; rows of one place are one step of it.
    """
    share, part = pl.col("share"), (pl.col("share") * pl.col("y")).fill_null(0)
    step = [GROUP, place]
    return (
        rows.with_columns(
            *(share.cum_sum().over(GROUP).alias("reach"), part.cum_sum().over(GROUP).alias("curve")),
            *(share.sum().over(step).alias("width"), part.sum().over(step).alias("rise")),
            mean=part.sum().over(GROUP),
        )
        .with_columns(
            tilt=2 * pl.col("reach").last().over(step) - pl.col("width") - 1,
            ordinates=2 * pl.col("curve").last().over(step) - pl.col("rise"),
            distance=pl.col("y") - pl.col("mean"),
        )
        .with_columns(generalised=(share * pl.col("distance") * pl.col("tilt")).sum().over(GROUP))
        .with_columns(
            influence=pl.col("y") * pl.col("tilt") + pl.col("mean") - pl.col("ordinates") - 2 * pl.col("generalised")
        )
    )


def _sums(rows: pl.DataFrame, bounds: Bounds | None, each: pl.Expr, own: pl.Expr, *checks: pl.Expr) -> pl.DataFrame:
    """One row a group: mean, generalised index, bounds, and the variances of both that all other indices are made of.

    each: what a row's squared influence counts for; own: the variance that its value brings by itself.
    """
    y, influence, distance, tilt = (pl.col(name) for name in ("y", "influence", "distance", "tilt"))
    low, high = (y.min(), y.max()) if bounds == "range_of_data" else _stated(bounds)
    return rows.group_by(GROUP, maintain_order=True).agg(
        pl.col("mean", "generalised").first(),
        *(low.alias("low"), high.alias("high")),
        ((y < low) | (y > high)).any().alias("is_outside"),
        (each * influence**2 + own * tilt**2).sum().alias("index_variance"),
        (each * influence * distance + own * tilt).sum().alias("covariance"),
        (each * distance**2 + own).sum().alias("mean_variance"),
        *checks,
    )


def _stated(bounds: Bounds | None) -> tuple[pl.Expr, pl.Expr]:
    """Bounds as expressions, null where there are none; ValueError where they bound nothing."""
    if bounds is None:
        return pl.lit(None, pl.Float64), pl.lit(None, pl.Float64)
    if isinstance(bounds, str) or len(bounds) != 2 or not (all(map(isfinite, bounds)) and bounds[0] < bounds[1]):
        raise ValueError(f"bounds are two numbers, the lower first, or 'range_of_data', not {bounds!r}")
    return pl.lit(float(bounds[0])), pl.lit(float(bounds[1]))


def _answers(
    keys: pl.DataFrame,
    groups: pl.DataFrame,
    bounds: Bounds | None,
    fault: pl.Expr,
    limit_fault: pl.Expr,
    about: Sequence[str],
    confidence: float,
) -> pl.DataFrame:
    """The indices, each a multiple of the generalised one that itself moves with the mean."""
    z = normal_quantile(confidence)
    index, mean, low, high = (pl.col(name) for name in ("generalised", "mean", "low", "high"))
    room = (high - mean) * (mean - low)
    # Name, factor, how fast the factor times the index moves with the mean, and what it divides by.
    kinds = [("relative", 1 / mean, -index / mean**2, mean), ("generalised", pl.lit(1.0), pl.lit(0.0), pl.lit(1.0))]
    if bounds is not None:
        wagstaff = (high - low) / room
        drift = -wagstaff * index * (high + low - 2 * mean) / room
        kinds += [("erreygers", 4 / (high - low), pl.lit(0.0), high - low), ("wagstaff", wagstaff, drift, room)]
    measures = []
    for name, factor, drift, divisor in kinds:
        variance = (
            factor**2 * pl.col("index_variance")
            + 2 * factor * drift * pl.col("covariance")
            + drift**2 * pl.col("mean_variance")
        )
        own = reason((divisor == 0, "denominator_is_zero"))
        if bounds is not None and name in ("erreygers", "wagstaff"):
            own = reason((pl.col("is_outside"), "outside_range"), (divisor == 0, "denominator_is_zero"))
        unfit, error = pl.coalesce(fault, own), variance.clip(0).sqrt()
        limits = [factor * index - z * error, factor * index + z * error]
        words = f"{name} concentration index, normal limits by influence"
        answer = measure(name, words, factor * index, limits, unfit, limit_fault)
        measures.append(
            [*answer, pl.when(pl.coalesce(unfit, limit_fault).is_null()).then(error).alias("standard_error")]
        )
    groups = groups.with_columns(pl.when(fault.is_null()).then("mean").alias("mean"))
    return measured(keys, groups, measures, about)
