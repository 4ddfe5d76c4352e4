"""Whether a figure that is known with a different error each year rises or falls over the years."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from scipy.special import stdtr, stdtrit

from methods.estimates import estimate, normal_quantile
from methods.groundwork.groups import GROUP, numbered_groups
from methods.reasons import reason


def weighted_trend(
    points: pl.DataFrame, by: Sequence[str] = (), confidence: float = 0.95, fewest: int = 4
) -> pl.DataFrame:
    """Change a unit of time of figures whose errors are known: a line weighted by one over the error squared.

    points: one row a group and time, with columns `by`, `time` (a number, such as the year), `value` and
    `standard_error`; a point without a value or an error is left out. fewest: with fewer points there is no answer, 3
    at the least. A ratio is best given as its logarithm; the change is then in logarithms too.
    Returns one row for each of `by`: `by`, value, lower, upper, method, reason, `points`, `p` (two-sided, of no change)
    and `inflation`; sorted. Values of 1.0, 1.2, 1.4 and 1.6 in four years running rise by 0.2 a year.
    Where the points lie further from the line than their errors explain, `inflation` (their mean squared distance in
    errors, never under 1) widens the limits, which are of Student's t. With a handful of points and honest errors they
    are wider than they need be: a trend that they show is there, one that they do not show may be there all the same.

    Reasons: not_finite, error_not_usable (nought or below), repeated_key (a time twice), too_few_points.
    Source: weighted least squares as meta-regression, Thompson and Sharp 1999, Statistics in Medicine 18:2693; limits,
    Knapp and Hartung 2003, Statistics in Medicine 22:2693, with the factor not under 1.
    """
    normal_quantile(confidence)  # Refuses what is no level of confidence.
    if fewest < 3:
        raise ValueError(f"a line with an error needs 3 points or more; fewest is {fewest}")
    keys, rows = numbered_groups(points, by, ["time", "value", "standard_error"])
    known = rows.drop_nulls(["time", "value", "standard_error"])
    x, y, error = pl.col("time"), pl.col("value"), pl.col("standard_error")
    weight = 1 / (error * error)

    def mean(part: pl.Expr) -> pl.Expr:
        return (weight * part).sum() / weight.sum()

    sums = known.group_by(GROUP).agg(
        points=pl.len(),
        is_infinite=(x.is_infinite() | y.is_infinite() | error.is_infinite()).any(),
        is_error_wrong=(error <= 0).any(),
        is_repeated=x.is_duplicated().any(),
        spread=(weight * (x - mean(x)) ** 2).sum(),
        slope=(weight * (x - mean(x)) * (y - mean(y))).sum() / (weight * (x - mean(x)) ** 2).sum(),
        total=(weight * (y - mean(y)) ** 2).sum(),
    )
    fits = keys.select(GROUP).join(sums, on=GROUP, how="left", maintain_order="left").with_columns(
        pl.col("points").fill_null(0)
    )  # fmt: skip
    freedom = pl.col("points").cast(pl.Float64) - 2
    fits = fits.with_columns(
        fault=reason(
            (pl.col("is_infinite"), "not_finite"),
            (pl.col("is_error_wrong"), "error_not_usable"),
            (pl.col("is_repeated"), "repeated_key"),
            (pl.col("points") < fewest, "too_few_points"),
        ),
        inflation=((pl.col("total") - pl.col("slope") ** 2 * pl.col("spread")) / freedom).clip(lower_bound=1),
    )
    counted = fits["points"].cast(pl.Float64).to_numpy() - 2
    width = pl.Series("width", stdtrit(counted, 1 - (1 - confidence) / 2))
    fits = fits.with_columns(width, error=(pl.col("inflation") / pl.col("spread")).sqrt())
    steps = -(fits["slope"] / fits["error"]).abs().to_numpy()
    sound, slope, reach = pl.col("fault").is_null(), pl.col("slope"), pl.col("width") * pl.col("error")
    answers = fits.with_columns(p=pl.Series(2 * stdtr(counted, steps))).select(
        GROUP,
        estimate(slope, slope - reach, slope + reach, "Weighted line, t limits", pl.col("fault")).alias("answer"),
        "points",
        pl.when(sound).then("p").alias("p"),
        pl.when(sound).then("inflation").alias("inflation"),
    )
    return keys.join(answers, on=GROUP, how="left", maintain_order="left").drop(GROUP).unnest("answer")
