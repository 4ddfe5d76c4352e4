"""How long until something happens, when for some it has not happened yet."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from methods.proportions import normal_quantile

#: Shares closer than this are taken as equal, as the reference package does.
TOLERANCE = 1.5e-8


def survival_curve(counts: pl.DataFrame, by: Sequence[str] = (), confidence: float = 0.95) -> pl.DataFrame:
    """Product-limit share still waiting after each time (Kaplan and Meier 1958, JASA 53:457).

    counts: one row a group and time, with columns `by`, `time` (any number), `events` and `censored` (counts; at equal
    times events come before censorings).
    Returns `by`, `time`, `at_risk`, `surviving`, and log-log limits `lower` and `upper` of it from Greenwood's variance
    (Kalbfleisch and Prentice 1980), null where the curve is 1 or 0.
    """
    by = list(by)
    z = normal_quantile(confidence)
    leaving = pl.col("events") + pl.col("censored")
    steps = (
        counts.group_by([*by, "time"])
        .agg(pl.col("events").sum(), pl.col("censored").sum())
        .sort([*by, "time"])
        .with_columns(at_risk=_within(leaving.sum(), by) - _within(leaving.cum_sum(), by) + leaving)
    )
    dying = pl.col("events") / pl.col("at_risk")
    # The variance term divides by zero where the last at risk has the event; the curve is 0 there and has no limits.
    greenwood = pl.col("events") / (pl.col("at_risk") * (pl.col("at_risk") - pl.col("events")))
    steps = steps.with_columns(
        surviving=_within((1 - dying).cum_prod(), by),
        variance=_within(pl.when(pl.col("events") > 0).then(greenwood).otherwise(0.0).cum_sum(), by),
    )
    log_surviving = pl.col("surviving").log()
    spread = z * pl.col("variance").sqrt() / log_surviving.abs()
    inside = (pl.col("surviving") > TOLERANCE) & (pl.col("surviving") < 1 - TOLERANCE)
    return steps.with_columns(
        lower=pl.when(inside).then((log_surviving * spread.exp()).exp()),
        upper=pl.when(inside).then((log_surviving * (-spread).exp()).exp()),
    ).select(*by, "time", "at_risk", "surviving", "lower", "upper")


def time_quantiles(
    counts: pl.DataFrame, probabilities: Sequence[float], by: Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """Time by which a share of a group has had the event, those still waiting counted as censored.

    counts: as in `survival_curve`. probabilities: shares strictly between 0 and 1.
    Returns one row a group and probability: `by`, `probability`, `value`, `lower`, `upper`, in the unit of `time`; null
    where the share is not reached. Where the curve is flat exactly at the share, the middle of the flat piece is
    taken, for value and limits alike, as R's survival package does (checked against it; lifelines differs).
    """
    if wrong := [p for p in probabilities if not 0 < p < 1]:
        raise ValueError(f"probabilities lie strictly between 0 and 1, not {wrong}")
    by = list(by)
    curve = survival_curve(counts, by, confidence)
    found = []
    for probability in probabilities:
        columns = [
            _first_time(pl.col(band), probability).alias(name)
            for name, band in (("value", "surviving"), ("lower", "lower"), ("upper", "upper"))
        ]
        rows = curve.group_by(by).agg(columns) if by else curve.select(columns)
        found.append(rows.with_columns(probability=pl.lit(probability)))
    return pl.concat(found).select(*by, "probability", "value", "lower", "upper").sort([*by, "probability"])


def _within(expression: pl.Expr, by: list[str]) -> pl.Expr:
    """The expression within each group, or over all rows where there are no groups."""
    return expression.over(by) if by else expression


def _first_time(surviving: pl.Expr, probability: float) -> pl.Expr:
    """First time at which the share surviving has fallen by `probability`; the middle of a piece flat at that share."""
    time, fallen = pl.col("time"), 1 - surviving
    reached = time.filter(fallen >= probability - TOLERANCE).min()
    passed = time.filter(fallen >= probability + TOLERANCE).min()
    ends_there = (fallen.drop_nulls().last() - probability).abs() < TOLERANCE
    end = pl.when(ends_there).then(time.max())
    return (reached + pl.coalesce(passed, end)) / 2
