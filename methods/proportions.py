"""Shares and differences of shares, with their intervals."""

from __future__ import annotations

from functools import cache

import polars as pl
from scipy.stats import norm


@cache
def normal_quantile(confidence: float) -> float:
    """The two-sided standard normal quantile of a confidence level: 1.96 for 0.95.

    confidence: a share strictly between 0 and 1; ValueError otherwise.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is a share strictly between 0 and 1, not {confidence}")
    return float(norm.ppf(1 - (1 - confidence) / 2))


def wilson_interval(numerator: pl.Expr, denominator: pl.Expr, confidence: float = 0.95) -> pl.Expr:
    """Wilson score interval of a share (Wilson 1927, JASA 22:209).

    numerator, denominator: counts, 0 <= numerator <= denominator, denominator > 0.
    Returns a struct of lower and upper, shares in [0, 1]; both null where a count is null or outside those bounds.
    """
    z = normal_quantile(confidence)
    x, n = numerator.cast(pl.Float64), denominator.cast(pl.Float64)
    sound = (n > 0) & (x >= 0) & (x <= n)
    middle = 2 * x + z**2
    spread = z * (z**2 + 4 * x * (1 - x / n)).sqrt()
    scale = 2 * (n + z**2)
    lower = pl.when(x == 0).then(0.0).otherwise((middle - spread) / scale)
    upper = pl.when(x == n).then(1.0).otherwise((middle + spread) / scale)
    return pl.struct(pl.when(sound).then(lower).alias("lower"), pl.when(sound).then(upper).alias("upper"))


def newcombe_difference(
    numerator: pl.Expr,
    denominator: pl.Expr,
    other_numerator: pl.Expr,
    other_denominator: pl.Expr,
    confidence: float = 0.95,
) -> pl.Expr:
    """Difference of two independent shares, first less other, with its hybrid score interval.

    Newcombe 1998, Statistics in Medicine 17:873, method 10. Counts as in `wilson_interval`.
    Returns a struct of difference, lower and upper in [-1, 1]; all null where either share is undefined.
    """
    here = wilson_interval(numerator, denominator, confidence)
    there = wilson_interval(other_numerator, other_denominator, confidence)
    defined = here.struct.field("lower").is_not_null() & there.struct.field("lower").is_not_null()
    p, q = numerator / denominator, other_numerator / other_denominator
    below = ((p - here.struct.field("lower")) ** 2 + (there.struct.field("upper") - q) ** 2).sqrt()
    above = ((here.struct.field("upper") - p) ** 2 + (q - there.struct.field("lower")) ** 2).sqrt()
    return pl.struct(
        pl.when(defined).then(p - q).alias("difference"),
        pl.when(defined).then(p - q - below).alias("lower"),
        pl.when(defined).then(p - q + above).alias("upper"),
    )
