"""How two groups differ in a share within strata, pooled: like compared with like, and one answer for all."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from scipy.special import ndtr

from methods.estimates import normal_quantile
from methods.groundwork.groups import GROUP, measure, measured, numbered_groups
from methods.reasons import reason

_COUNTS = ("events", "people", "other_events", "other_people")


def stratified_gap(strata: pl.DataFrame, by: Sequence[str] = (), confidence: float = 0.95) -> pl.DataFrame:
    """Difference and odds ratio of a share between a group and another, within strata, by Mantel and Haenszel.

    strata: one row a stratum, with columns `by`, `events` and `people` of the group (those with the event are among
    the people), `other_events` and `other_people`. Strata in which only one of the two has people tell nothing and do
    not weigh; strata may be as small as they like.
    Returns two rows for each of `by`, sorted: `by`, `measure`, value, lower, upper, method, reason, `p` (two-sided, of
    no difference in any stratum, without continuity correction), `compared_people` and `compared_other_people` (those
    in strata with both). `risk_difference` is the group's share less the other's, each stratum weighing n m / (n + m);
    `odds_ratio` the group's odds over the other's. With 8 of 106 against 5 of 120 and 22 of 98 against 16 of 85 the
    difference is 3.5 points and the odds ratio 1.40.
    What is assumed: within a stratum people are alike but for their group and independent of each other, and for the
    odds ratio that it is the same in every stratum; the difference is an average where it is not.

    Reasons: missing, not_finite, negative_count, count_above_total, too_few_groups (no stratum with both),
    no_events_to_compare (nobody in the strata with both has the event, or everybody).
    Source: Mantel and Haenszel 1959, Journal of the National Cancer Institute 22:719; limits of the difference, Sato
    1989, Biometrics 45:1323; of the odds ratio, Robins, Breslow and Greenland 1986, Biometrics 42:311.
    """
    z = normal_quantile(confidence)
    keys, rows = numbered_groups(strata, by, _COUNTS)
    groups = _sums(rows).with_columns(_answers())
    fault = pl.col("fault")
    nobody = reason((pl.col("is_flat"), "no_events_to_compare"))
    difference, error = pl.col("difference"), pl.col("difference_error")
    ratio, log_error = pl.col("ratio"), pl.col("log_error")
    one_sided = reason((pl.col("r_sum") * pl.col("s_sum") == 0, "no_events_to_compare"))
    return measured(
        keys,
        groups,
        [
            measure(
                "risk_difference",
                "Mantel-Haenszel, Sato",
                difference,
                (difference - z * error, difference + z * error),
                fault,
                nobody,
            ),
            measure(
                "odds_ratio",
                "Mantel-Haenszel, Robins-Breslow-Greenland",
                ratio,
                (ratio * (-z * log_error).exp(), ratio * (z * log_error).exp()),
                pl.coalesce(fault, one_sided),
                nobody,
            ),
        ],
        about=("p", "compared_people", "compared_other_people"),
    )


def _sums(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a group: the sums over its strata that the estimates are made of, and what is wrong with it."""
    a, n, c, m = (pl.col(name) for name in _COUNTS)
    counts = [a, n, c, m]
    fault = reason(
        (pl.any_horizontal(*(count.is_null() for count in counts)).any().over(GROUP), "missing"),
        (pl.any_horizontal(*(count.is_infinite() for count in counts)).any().over(GROUP), "not_finite"),
        ((pl.min_horizontal(*counts) < 0).any().over(GROUP), "negative_count"),
        (((a > n) | (c > m)).any().over(GROUP), "count_above_total"),
    )
    both = (n > 0) & (m > 0)
    size, events = n + m, a + c
    b, d = n - a, m - c
    r, s = a * d / size, b * c / size
    p, q = (a + d) / size, (b + c) / size
    parts = {
        "weight": n * m / size,
        "gap": (a * m - c * n) / size,
        "p_sum": (n * n * c - m * m * a + n * m * (m - n) / 2) / (size * size),
        "q_sum": (a * d + c * b) / (2 * size),
        "r_sum": r,
        "s_sum": s,
        "pr": p * r,
        "psqr": p * s + q * r,
        "qs": q * s,
        "over_expected": a - n * events / size,
        "variance": pl.when(size > 1).then(n * m * events * (size - events) / (size * size * (size - 1))).otherwise(0),
        "compared_people": n,
        "compared_other_people": m,
    }
    marked = rows.with_columns(fault=fault, both=both)
    summed = marked.filter("both").group_by(GROUP).agg(value.sum().alias(name) for name, value in parts.items())
    every = marked.group_by(GROUP).agg(pl.col("fault").first()).sort(GROUP)
    return every.join(summed, on=GROUP, how="left", maintain_order="left").with_columns(
        pl.col("compared_people", "compared_other_people").fill_null(0),
        fault=pl.coalesce("fault", reason((pl.col("weight").is_null(), "too_few_groups"))),
    )


def _answers() -> list[pl.Expr]:
    weight, r, s = pl.col("weight"), pl.col("r_sum"), pl.col("s_sum")
    difference = pl.col("gap") / weight
    spread = (difference * pl.col("p_sum") + pl.col("q_sum")) / (weight * weight)
    log_spread = pl.col("pr") / (2 * r * r) + pl.col("psqr") / (2 * r * s) + pl.col("qs") / (2 * s * s)
    z = pl.col("over_expected").abs() / pl.col("variance").sqrt()
    is_flat = pl.col("variance") == 0
    return [
        difference.alias("difference"),
        spread.clip(lower_bound=0).sqrt().alias("difference_error"),
        (r / s).alias("ratio"),
        log_spread.sqrt().alias("log_error"),
        is_flat.alias("is_flat"),
        pl.when(is_flat).then(1.0).otherwise(z.map_batches(_two_sided, pl.Float64, is_elementwise=True)).alias("p"),
    ]


def _two_sided(z: pl.Series) -> pl.Series:
    """How often a standard normal number is as far from nought as z."""
    return pl.Series(2 * ndtr(-z.to_numpy()))
