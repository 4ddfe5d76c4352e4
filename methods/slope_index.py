"""Slope and relative index of inequality: how far a value falls or rises from the most to the least deprived."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import polars as pl
from scipy.special import stdtrit

from methods.estimates import normal_quantile
from methods.groundwork.groups import GROUP, measure, measured, numbered_groups
from methods.groundwork.scales import Scale, error_columns, error_of_value, from_scale, to_scale
from methods.reasons import reason

Limits = Literal["from_standard_errors", "from_residuals"]
Difference = Literal["most_less_least", "least_less_most"]
#: What a group says of itself beside its answers.
ABOUT = ("quantiles_present", "values_missing", "fitted_most_deprived", "fitted_least_deprived")


def rank_quantiles(rows: pl.DataFrame) -> pl.DataFrame:
    """Share of each quantile in the population and its rank: the middle of its place from 0, most deprived, to 1.

    rows: as `methods.groundwork.groups.numbered_groups` gives them, with `quantile` (the lowest is the most deprived)
    and `population`. Returns them with `share`, `rank`, and `fault` of the group. A quantile in which nobody lives has
    the share 0: ranks are those of the population that lives there.

    Reasons: missing, not_finite, population_not_positive (below nought), repeated_key.
    Source: ridits, Bross 1958, Biometrics 14:18; Low and Low 2004, Journal of Public Health 26:388.
    """
    population, quantile = pl.col("population"), pl.col("quantile")
    fault = reason(
        ((population.is_null() | quantile.is_null()).any().over(GROUP), "missing"),
        ((population.is_infinite() | quantile.is_infinite()).any().over(GROUP), "not_finite"),
        ((population < 0).any().over(GROUP), "population_not_positive"),
        (quantile.is_duplicated().any().over(GROUP), "repeated_key"),
    )
    share = population / population.sum().over(GROUP)
    shares = rows.with_columns(fault.alias("fault"), pl.when(population > 0).then(share).otherwise(0.0).alias("share"))
    return shares.with_columns(rank=pl.col("share").cum_sum().over(GROUP) - pl.col("share") / 2)


def slope_index(
    quantiles: pl.DataFrame,
    by: Sequence[str] = (),
    *,
    limits: Limits,
    difference: Difference,
    scale: Scale = "natural",
    errors_on: Scale = "natural",
    fewest: int = 5,
    confidence: float = 0.95,
    given_confidence: float = 0.95,
) -> pl.DataFrame:
    """Slope index of inequality and the relative index in its two definitions, for many areas at once.

    quantiles: one row a group and quantile, with columns `by`, `quantile` (a number, the lowest the most deprived;
    text is refused, since "10" would stand after "1"), `population`, `value` in any unit; for limits from standard
    errors `standard_error`, or `lower` and `upper`; and optionally `overall`, the group's own overall value, the same
    on each of its rows (else the mean of the values by population stands in).
    limits: "from_standard_errors" asks how far sampling error of the values moves the slope (as in England),
    "from_residuals" how far the values lie from a straight line (t limits, as in Scotland). They answer different
    questions and differ widely; every answer names its own.
    difference: "most_less_least" is positive where the most deprived have the higher value (as in Scotland),
    "least_less_most" where they have the lower (as in England). The ratio of fitted ends is taken the same way round.
    scale: where the line is fitted; on "log" (rates) and "logit" (shares) the ends are put back on the natural scale.
    errors_on: the scale of `standard_error`, or the one on which `lower` and `upper` stand even about the value.
    fewest: the fewest quantiles with a population that will do, 2 or more. Islands often have three or four.
    given_confidence: that of `lower` and `upper`; confidence: that of the answer.

    Returns `by`, `measure`, value, lower, upper, method, reason, and of the group `quantiles_present` (with a
    population), `values_missing` (they keep their rank and are left out of the fit), `fitted_most_deprived` and
    `fitted_least_deprived` (the two ends of the line). Three rows a group: `sii`; `rii_of_fitted_ends`, a ratio, 1
    where all are equal; `rii_over_overall_rate`, the slope index as a share of the overall value, which is held fixed,
    0 where all are equal.

    The line is fitted by least squares with the population as weight. Limits of `sii` are exact for independent normal
    values; limits of the ratio of ends are Fieller's, that is the percentiles of the ratio. On "log" and "logit" only
    the slope varies, about a fixed centre, as in the package. The package draws 100,000 random values instead, so that
    its answers change from run to run; ours are what it tends to, but that errors on another scale than the fit's are
    carried over to first order. Then the package's limits, which hold the skew too, lie apart from ours by some 3% of
    half their distance where rates have errors of 5% of their value, 5% where of 10% and 12% where of 20%.

    Reasons: missing (also two overall values), not_finite, population_not_positive, repeated_key, too_few_groups,
    outside_range (a value or limit that has no log or logit), error_not_usable (below nought, or limits crossed),
    no_limits (two points have no residual; a denominator that may be nought), denominator_is_zero.
    Source: Low and Low 2004, Journal of Public Health 26:388; PHEindicatormethods 2.1.1 phe_sii; ScotPHO
    calculate_inequality_measures (e7ee723); Fieller 1954, JRSS B 16:175.
    """
    for given, allowed in ((limits, Limits), (difference, Difference)):
        if given not in get_args(allowed):
            raise ValueError(f"{given!r} is not one of {get_args(allowed)}")
    if fewest < 2:
        raise ValueError(f"a slope needs 2 quantiles or more; fewest is {fewest}")
    normal_quantile(confidence)
    columns = error_columns(quantiles.columns) if limits == "from_standard_errors" else []
    overall = ["overall"] if "overall" in quantiles.columns else []
    fitted = (pl.col("share") > 0) & pl.col("value").is_not_null()
    error = error_of_value(columns, scale, errors_on, given_confidence) if columns else pl.lit(0.0)
    keys, rows = numbered_groups(quantiles, by, ["quantile", "population", "value", *columns, *overall])
    points = rank_quantiles(rows).with_columns(
        weight=pl.when(fitted).then(pl.col("share")).otherwise(0.0),
        y=pl.when(fitted).then(to_scale(pl.col("value"), scale)),
        error=pl.when(fitted).then(error),
    )
    fits = _fit_lines(points, _single("overall") if overall else _mean("value"))
    fits = fits.with_columns(_unfit(fewest).alias("fault"))
    fits = _errors_of_values(fits, confidence) if columns else _errors_of_residuals(fits, confidence)
    return _answers(keys, fits, scale, difference, limits)


def _fit_lines(points: pl.DataFrame, overall: pl.Expr) -> pl.DataFrame:
    """One row a group: the line through its points, as slope and centre, and the sums that its errors are made of."""
    weight, error, dx, dy = (pl.col(name) for name in ("weight", "error", "dx", "dy"))
    present, spread = pl.col("share") > 0, (weight * dx**2).sum()
    slope = (weight * dx * dy).sum() / spread
    centred = points.with_columns(x_mean=_mean("rank").over(GROUP), y_mean=_mean("y").over(GROUP)).with_columns(
        dx=pl.col("rank") - pl.col("x_mean"), dy=pl.col("y") - pl.col("y_mean")
    )
    return centred.group_by(GROUP, maintain_order=True).agg(
        pl.col("fault", "x_mean", "y_mean").first(),
        present.sum().alias("quantiles_present"),
        (present & pl.col("value").is_null()).sum().alias("values_missing"),
        (weight > 0).sum().alias("points"),
        pl.col("value").is_infinite().any().alias("is_infinite"),
        (~pl.col("y").is_finite()).any().alias("is_outside"),
        ((weight > 0) & error.is_null()).any().alias("is_error_missing"),
        (~error.is_finite()).any().alias("is_error_outside"),
        (error < 0).any().alias("is_error_negative"),
        overall.alias("overall"),
        slope.alias("slope"),
        weight.sum().alias("weight"),
        spread.alias("spread"),
        (weight * (dy - slope * dx) ** 2).sum().alias("residual"),
        # Of the centre, of the slope, and of both together.
        ((weight * error) ** 2).sum().alias("centre_variance"),
        ((weight * error * dx) ** 2).sum().alias("slope_variance"),
        ((weight * error) ** 2 * dx).sum().alias("covariance"),
    )


def _unfit(fewest: int) -> pl.Expr:
    """Why a group has no line."""
    worked = reason(
        (pl.col("is_infinite"), "not_finite"),
        (pl.col("is_outside"), "outside_range"),
        ((pl.col("quantiles_present") < fewest) | (pl.col("points") < 2), "too_few_groups"),
    )
    return pl.coalesce("fault", worked)


def _errors_of_values(fits: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Errors of the lines when each value has its own: the line is a weighted sum of the values."""
    weight, spread = pl.col("weight"), pl.col("spread")
    return fits.with_columns(
        pl.col("centre_variance") / weight**2,
        pl.col("slope_variance") / spread**2,
        pl.col("covariance") / (weight * spread),
        width=pl.lit(normal_quantile(confidence)),
        limit_fault=reason(
            (pl.col("is_error_missing"), "missing"),
            (pl.col("is_error_outside"), "outside_range"),
            (pl.col("is_error_negative"), "error_not_usable"),
        ),
    )


def _errors_of_residuals(fits: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Errors of the lines when all that is known is how far the values lie from them."""
    freedom = pl.col("points").cast(pl.Float64) - 2
    tail = 1 - (1 - confidence) / 2
    width = pl.Series("width", stdtrit(fits.select(freedom).to_series().to_numpy(), tail))
    return fits.with_columns(width).with_columns(
        centre_variance=pl.col("residual") / freedom / pl.col("weight"),
        slope_variance=pl.col("residual") / freedom / pl.col("spread"),
        covariance=pl.lit(0.0),
        limit_fault=reason((freedom < 1, "no_limits")),
    )


def _answers(
    keys: pl.DataFrame, fits: pl.DataFrame, scale: Scale, difference: Difference, limits: Limits
) -> pl.DataFrame:
    """The three measures of every line, group by group."""
    most_first = difference == "most_less_least"
    reach = pl.col("width") * pl.col("slope_variance").sqrt()
    tilts = [pl.col("slope"), pl.col("slope") - reach, pl.col("slope") + reach]
    most, least = ([_end(tilt, most_deprived, scale) for tilt in tilts] for most_deprived in (True, False))
    first, second = (most, least) if most_first else (least, most)
    index, *index_limits = (one - other for one, other in zip(first, second, strict=True))
    ratio, *ratio_limits = (one / other for one, other in zip(first, second, strict=True))
    unbounded, how = pl.lit(False), ""
    if scale == "natural":
        ratio_limits, unbounded, how = *_fieller_limits(first[0], second[0], most_first), " by Fieller"
    overall = pl.col("overall")
    words = f"{difference} deprived, limits {limits}".replace("_", " ")
    fault, limit_fault = pl.col("fault"), pl.col("limit_fault")
    ratio_fault = pl.coalesce(fault, reason((second[0] == 0, "denominator_is_zero")))
    ratio_limit_fault = pl.coalesce(limit_fault, reason((unbounded, "no_limits")))
    overall_fault = reason((overall.is_null(), "missing"), (overall == 0, "denominator_is_zero"))
    ratio_words = f"ratio of fitted ends, {words}{how}".replace(" less ", " over ")
    overall_words = f"slope index over overall rate, {words}"
    shares = [limit / overall for limit in index_limits]
    measures = [
        measure("sii", f"slope index, {words}", index, index_limits, fault, limit_fault),
        measure("rii_of_fitted_ends", ratio_words, ratio, ratio_limits, ratio_fault, ratio_limit_fault),
        measure(
            *("rii_over_overall_rate", overall_words, index / overall, shares),
            *(pl.coalesce(fault, overall_fault), limit_fault),
        ),
    ]
    sound = fault.is_null()
    ends = fits.with_columns(
        fitted_most_deprived=pl.when(sound).then(most[0]), fitted_least_deprived=pl.when(sound).then(least[0])
    )
    return measured(keys, ends, measures, ABOUT)


def _end(tilt: pl.Expr, most_deprived: bool, scale: Scale) -> pl.Expr:
    """An end, on the natural scale, of the line that passes the centre with this slope."""
    away = -pl.col("x_mean") if most_deprived else 1 - pl.col("x_mean")
    return from_scale(pl.col("y_mean") + tilt * away, scale)


def _fieller_limits(first: pl.Expr, second: pl.Expr, most_first: bool) -> tuple[list[pl.Expr], pl.Expr]:
    """Limits of the ratio of the ends of a line, and whether they are unbounded: where the second may be nought."""
    most, least = -pl.col("x_mean"), 1 - pl.col("x_mean")
    one, other = (most, least) if most_first else (least, most)
    square = pl.col("width") ** 2

    def shared(a: pl.Expr, b: pl.Expr) -> pl.Expr:
        """Covariance of the line at two distances from its centre, in squares of the width."""
        return square * (pl.col("centre_variance") + (a + b) * pl.col("covariance") + a * b * pl.col("slope_variance"))

    a = second**2 - shared(other, other)
    b = first * second - shared(one, other)
    c = first**2 - shared(one, one)
    root = (b**2 - a * c).clip(0).sqrt()
    return [(b - root) / a, (b + root) / a], a <= 0


def _mean(name: str) -> pl.Expr:
    """Mean of a column by weight."""
    return (pl.col("weight") * pl.col(name)).sum() / pl.col("weight").sum()


def _single(name: str) -> pl.Expr:
    """The one number that a column holds in a group, null where it holds several or none."""
    number = pl.col(name)
    return pl.when(number.min() == number.max()).then(number.first(ignore_nulls=True))
