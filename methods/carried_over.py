"""Control charts of points that carry over: limits and run rules that allow for each point resembling the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from methods.estimates import normal_quantile
from methods.groundwork.chart_sections import LINES, arrange, newest_points, numbers
from methods.groundwork.frames import require_columns
from methods.reasons import reason
from methods.special_causes import RuleSet, special_causes
from methods.xmr import xmr_limits

#: Correlations are taken up to the next of these steps where the length of a rule is looked up.
STEP = 0.05

#: The most that is allowed for: beyond it points wander, and no limits describe them.
MOST = 0.7

#: A section of fewer points than this says too little of a correlation.
LEAST_POINTS = 12

#: Points that a rule takes, by rule and its length where nothing carries over, at correlations of 0, 0.05 and so on:
#: the fewest by which it marks no larger share of the points of steady series of 60 than where nothing carries over.
#: Simulated once; the tests simulate them anew.
LENGTHS: dict[tuple[str, int], tuple[int, ...]] = {
    ("shift", 6): (6, 7, 7, 7, 8, 8, 8, 9, 9, 10, 10, 11, 12, 13, 14),
    ("shift", 7): (7, 8, 8, 8, 9, 9, 10, 10, 11, 11, 12, 13, 14, 15, 17),
    ("shift", 8): (8, 9, 9, 10, 10, 10, 11, 11, 12, 13, 14, 15, 16, 17, 19),
    ("trend", 6): (6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8),
    ("trend", 7): (7, 8, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 10),
    ("inner_third", 15): (15, 16, 16, 16, 16, 16, 17, 17, 18, 18, 19, 20, 21, 22, 24),
}

#: Where the near lines stand, in standard deviations, at the same correlations: two of three points lie beyond them no
#: more often than beyond two standard deviations where nothing carries over. Simulated alike.
NEAR = (2.0, 2.1, 2.15, 2.2, 2.25, 2.3, 2.35, 2.4, 2.45, 2.5, 2.5, 2.55, 2.6, 2.6, 2.65)


def lag_one_correlation(points: pl.DataFrame, by: Sequence[str] = (), newest: int = 0) -> pl.DataFrame:
    """How much of its distance from the average a point of each series carries over into the next one.

    points, newest: as `methods.xmr.xmr_limits` takes them; the series are of one kind, and tell of each
    other.
    Returns one row a series, sorted by `by`: `by`, `value` (the correlation to allow for, from 0 to 0.7: its own, drawn
    towards those of all the more, the less it says itself), `lower`, `upper` (95% limits of its own), `method`,
    `reason`, `own` (corrected for bias), `pooled` (that of all) and `n` (points it rests on).

    Deviations are those from the mean of each section of 12 points or more. The bias of the correlation is taken off,
    (1 + 4r)/n for each section. A series alone keeps its own. What lasts, be it a trouble or a trend, looks like
    carrying over, and the charts of one kind may share it; `newest` keeps new troubles out.

    Reasons: too_few_points, no_variation (the series' own is not known, so there are no limits; that of all is taken,
    and 0 where that is not known either).
    Source: Marriott and Pope 1954, Biometrika 41:390 (bias); Bartlett 1946, JRSS Supplement 8:27 (variance);
    DerSimonian and Laird 1986, Controlled Clinical Trials 7:177 (pooling); Efron and Morris 1975, JASA 70:311 (drawing
    towards it).
    """
    chart, sections = arrange(points, by, ["value"])
    value = numbers(chart, "value")
    present = np.isfinite(value) & ~newest_points(chart, sections, by, newest)
    long = present & (sections.count(present) >= LEAST_POINTS)[sections.of]
    value = np.where(long, value, np.nan)
    off = value - sections.mean(value, long)[sections.of]
    off = np.where(np.abs(off) <= sections.rounding(value), 0.0, off)
    before = np.concatenate([[np.nan], off[:-1]]) if off.size else off
    before[sections.start] = np.nan
    parts = chart.select(*by, series=pl.struct(by).rle_id() if by else pl.repeat(0, pl.len())).with_columns(
        product=pl.Series(off * before, nan_to_null=True),
        square=pl.Series(off * off, nan_to_null=True),
        section=pl.Series(sections.of),
    )
    square = pl.col("square")
    series = parts.group_by("series", maintain_order=True).agg(
        *(pl.col(name).first() for name in by),
        square.count().cast(pl.Float64).alias("n"),
        pl.when(square.sum() > 0).then(pl.col("product").sum() / square.sum()).alias("raw"),
        pl.col("section").filter(square.is_not_null()).n_unique().alias("means"),
    )
    corrected = pl.col("raw") + pl.col("means") * (1 + 4 * pl.col("raw")) / pl.col("n")
    drawn = _drawn(series.with_columns(own=corrected.clip(-1, 1)))
    width = normal_quantile(0.95) * pl.col("variance").sqrt()
    return drawn.select(
        *by,
        value=pl.coalesce("drawn", "pooled", pl.lit(0.0)).clip(0, MOST),
        lower=pl.col("own") - width,
        upper=pl.col("own") + width,
        method=pl.lit("Lag-one correlation, drawn towards those of its kind"),
        reason=reason(
            (pl.col("n") == 0, "too_few_points"),
            (pl.col("own").is_null(), "no_variation"),
        ),
        own="own",
        pooled="pooled",
        n=pl.col("n").cast(pl.Int64),
    )


def _drawn(series: pl.DataFrame) -> pl.DataFrame:
    """The series with `variance` of their own correlation, `pooled` of all of them, and the own `drawn` towards it."""
    own, n, variance, weight = (pl.col(name) for name in ("own", "n", "variance", "weight"))
    # One variance for all, from their mean: an own one would weigh the more correlated series more.
    first = (own * n).sum() / n.filter(own.is_not_null()).sum()
    known = series.with_columns(variance=pl.when(own.is_not_null()).then((1 - first.clip(-MOST, MOST) ** 2) / n))
    varied = known.with_columns(weight=1 / variance)
    mean = (weight * own).sum() / weight.sum()
    excess = (weight * (own - mean) ** 2).sum() - (weight.count() - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    # Of a single series nothing is known to draw it towards.
    between = pl.when(weight.count() > 1).then((excess / scale).clip(0)).otherwise(0.0)
    pooled = pl.when(weight.count() > 0).then((own / (variance + between)).sum() / (1 / (variance + between)).sum())
    return varied.with_columns(pooled=pooled, drawn=pooled + between / (between + variance) * (own - pooled))


def carried_over_limits(
    points: pl.DataFrame, by: Sequence[str] = (), screen: bool = True, newest: int = 0
) -> pl.DataFrame:
    """Mean and limits of each point of an XmR chart that allows for points that carry over.

    points, by, screen, newest: as `methods.xmr.xmr_limits`; the series are of one kind, as in `lag_one_correlation`.
    Returns what `xmr_limits` does, and `carried_over`, the correlation r allowed for. Moving ranges of points that
    carry over are short: their mean is 1.128 sigma sqrt(1 - r), so each line stands 1 / sqrt(1 - r) times as far from
    the mean, three standard deviations of the points themselves. The near lines stand at NEAR of these. With r = 0 all
    are those of `xmr_limits`, exactly.

    Reasons: those of `xmr_limits`.
    Source: Vasilopoulos and Stamboulis 1978, Journal of Quality Technology 10:20; moving ranges, Wheeler 1995, Advanced
    Topics in Statistical Process Control, on autocorrelated data.
    """
    found = lag_one_correlation(points, by, newest)
    limits = xmr_limits(points, by, screen, newest=newest)
    if by:
        given = limits.join(
            found.select(*by, carried_over="value"), on=list(by), how="left", maintain_order="left", nulls_equal=True
        )
    else:
        given = limits.with_columns(carried_over=pl.lit(found["value"].item()))
    wider = 1 / (1 - pl.col("carried_over")).sqrt()
    near = _step(pl.col("carried_over")).replace_strict(dict(enumerate(NEAR)), return_dtype=pl.Float64) / 2
    lines = {name: wider * near if name.endswith("near") else wider for name, at in LINES.items() if at}
    off = {name: pl.col("centre") + (pl.col(name) - pl.col("centre")) * times for name, times in lines.items()}
    return given.with_columns(
        pl.when(pl.col("carried_over") > 0).then(line).otherwise(name).alias(name) for name, line in off.items()
    )


def lengthened(rules: RuleSet, correlation: float) -> RuleSet:
    """The rules with as many more points as keep their false alarms where points carry over.

    correlation: as `lag_one_correlation` gives it, from 0 to 0.7; ValueError for another, and for a rule of a length
    that LENGTHS does not have. Limits are to be those of `carried_over_limits`. With 0 the rules are as they were.

    Source: lengths by simulation, LENGTHS; that runs lengthen with the correlation, Alwan and Roberts 1988, Journal of
    Business and Economic Statistics 6:87.
    """
    if not 0 <= correlation <= MOST:
        raise ValueError(f"a correlation to allow for lies between 0 and {MOST}, not {correlation}")
    step = int(pl.select(_step(pl.lit(correlation))).item())
    return _of_step(rules, step)


def carried_over_causes(points: pl.DataFrame, rules: RuleSet, by: Sequence[str] = ()) -> pl.DataFrame:
    """The points of a chart at which the process shows more than chance, by rules lengthened for what carries over.

    points: as `carried_over_limits` gives them. rules: as where nothing carries over.
    Returns what `methods.special_causes.special_causes` does, each series judged by rules of its own lengths.

    Source: as `lengthened`.
    """
    require_columns(points, by, ["carried_over"])
    parts = points.with_columns(step=_step(pl.col("carried_over"))).partition_by("step", maintain_order=True)
    marked = [
        special_causes(part.drop("step"), _of_step(rules, part["step"].item(0)), by)
        for part in parts or [points.with_columns(step=pl.lit(0))]
    ]
    return pl.concat(marked).sort([*by, "period"], nulls_last=True, maintain_order=True)


def _of_step(rules: RuleSet, step: int) -> RuleSet:
    return replace(
        rules,
        shift=_length("shift", rules.shift, step),
        trend=_length("trend", rules.trend, step),
        inner_third=_length("inner_third", rules.inner_third, step),
    )


def _length(rule: str, length: int | None, step: int) -> int | None:
    if length is None:
        return None
    if (rule, length) not in LENGTHS:
        raise ValueError(f"no lengths were simulated for {rule} of {length}")
    return LENGTHS[rule, length][step]


def _step(correlation: pl.Expr) -> pl.Expr:
    """The place in LENGTHS and NEAR of a correlation: that of the next step up."""
    return (correlation / STEP - 1e-9).ceil().cast(pl.Int64)
