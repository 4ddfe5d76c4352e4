"""How much less people tell who go together, as families do, than as many who are alone."""

from __future__ import annotations

import polars as pl

from methods.reasons import reason


def cluster_effect(sizes: pl.Expr, correlation: float = 1.0) -> pl.Expr:
    """By how much clusters of people that are alike widen the variance of a share, against as many drawn one by one.

    sizes: people of each cluster, one row a cluster, above nought; a column is summed up, so use `.over` or a group.
    correlation: how alike two people of a cluster are, from 0, no more than any two, to 1, the same, as ethnic group is
    within most families. Three alone, one pair and one family of four: nine people, of whom 3 + 2 * 2 + 4 * 4 = 23, so
    that at a correlation of 1 they tell as much as 9 / (23/9) = 3.5 people who are alone.
    Returns a struct of value, method and reason. Divide counts by the value before their limits are worked out.

    Reasons: missing, not_positive.
    Source: Kish 1965, Survey Sampling, section 5.4, with clusters of unequal size.
    """
    if not 0 <= correlation <= 1:
        raise ValueError(f"correlation lies between 0 and 1, not {correlation}")
    size = sizes.cast(pl.Float64)
    fault = reason((size.is_null().any(), "missing"), ((size <= 0).any(), "not_positive"))
    value = 1 + ((size * size).sum() / size.sum() - 1) * correlation
    return pl.struct(
        pl.when(fault.is_null()).then(value).alias("value"), pl.lit("Kish").alias("method"), fault.alias("reason")
    )
