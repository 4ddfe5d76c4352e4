"""How sure to be of a difference when many were looked for at once."""

from __future__ import annotations

import polars as pl
from scipy.special import ndtr

from methods.proportions import wilson_interval


def benjamini_hochberg(p: pl.Expr) -> pl.Expr:
    """p-values adjusted for all comparisons made together, so that of those called different few are called so wrongly.

    p: p-values, one row a comparison; for several families of comparisons use the result with `.over(family)`. Calling
    different all comparisons with an adjusted value of at most 5% makes one in twenty of the calls wrong on average, if
    the comparisons are independent or rise and fall together. With p-values 0.01, 0.02 and 0.03 all three become 0.03:
    the smallest of 3/3 * 0.03, 3/2 * 0.02 (and 3/1 * 0.01) from its place upwards.
    Returns the adjusted values, at most 1. Nulls, NaN and numbers outside 0 to 1 are no comparisons: they become null
    and do not count, so leave out no comparison that was looked at.

    Source: Benjamini and Hochberg 1995, Journal of the Royal Statistical Society B 57:289; as
    `scipy.stats.false_discovery_control`, which refuses nulls.
    """
    p = p.cast(pl.Float64)
    made = pl.when((p >= 0) & (p <= 1)).then(p)
    # Ties share the highest of their ranks, so that their order does not matter.
    scaled = made * (made.count() / made.rank("max"))
    downwards = scaled.sort_by(made, descending=True, nulls_last=True).cum_min()
    return downwards.gather(made.rank("ordinal", descending=True) - 1).clip(upper_bound=1)


def score_test(
    numerator: pl.Expr, denominator: pl.Expr, other_numerator: pl.Expr, other_denominator: pl.Expr
) -> pl.Expr:
    """Two-sided p-value of the difference of two independent shares: how often chance alone gives one as large.

    Counts as in `methods.proportions.wilson_interval`. Equal shares have p-value 1, also where nobody or everybody is
    counted. It is Pearson's chi-square without continuity correction, and rests on the normal distribution: with fewer
    than about five expected in some cell it is rough. With 15 of 50 against 5 of 50 the shares differ by 0.2, its
    standard error under no difference is sqrt(0.2 * 0.8 * 2/50) = 0.08, z is 2.5 and the p-value 0.0124.
    Returns a struct: value (the p-value), method, reason. Adjust many with `benjamini_hochberg`.

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total.
    Source: Pearson 1900, Philosophical Magazine 50:157; Farrington and Manning 1990, Statistics in Medicine 9:1447,
    where the difference to be tested is nought.
    """
    x, n, y, m = (part.cast(pl.Float64) for part in (numerator, denominator, other_numerator, other_denominator))
    pooled = (x + y) / (n + m)
    deviation = (pooled * (1 - pooled) * (1 / n + 1 / m)).sqrt()
    z = (x / n - y / m).abs() / deviation
    # The products are exact where the quotients are rounded, and 0/0 where nobody or everybody is counted.
    p = pl.when(x * m == y * n).then(1.0).otherwise(z.map_batches(_two_sided, pl.Float64, is_elementwise=True))
    fault = pl.coalesce(wilson_interval(*pair).struct.field("reason") for pair in ((x, n), (y, m)))
    return pl.struct(
        pl.when(fault.is_null()).then(p).alias("value"),
        pl.lit("Score test").alias("method"),
        fault.alias("reason"),
    )


def _two_sided(z: pl.Series) -> pl.Series:
    """How often a standard normal number is as far from nought as z."""
    return pl.Series(2 * ndtr(-z.to_numpy()))
