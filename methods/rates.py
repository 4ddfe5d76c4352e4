"""Counts of events, and how two of them compare."""

from __future__ import annotations

import polars as pl

from methods.proportions import normal_quantile


def count_ratio_interval(later: pl.Expr, earlier: pl.Expr, confidence: float = 0.95, rounding: float = 0.0) -> pl.Expr:
    """Interval of the ratio of two independent Poisson counts, by the normal approximation of its logarithm.

    Rothman 2012, Epidemiology: An Introduction, chapter 9. later, earlier: counts above 0. rounding: the most by which
    each count may have been rounded; the ends are moved out by it, so that the interval holds for the counts before.
    Returns a struct of lower and upper, as ratios; both null where a count is null or not above the rounding.
    """
    x, y = later.cast(pl.Float64), earlier.cast(pl.Float64)
    sound = (x > rounding) & (y > rounding)
    reach = (normal_quantile(confidence) * (1 / x + 1 / y).sqrt()).exp()
    low, high = (x - rounding) / (y + rounding) / reach, (x + rounding) / (y - rounding) * reach
    return pl.struct(pl.when(sound).then(low).alias("lower"), pl.when(sound).then(high).alias("upper"))
